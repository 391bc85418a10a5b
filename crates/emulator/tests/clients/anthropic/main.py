"""The Anthropic SDK's client for Bedrock, which speaks Claude's own format."""

import os

import anthropic

import checks as common
from checks import Checks, Spread, raised

checks = Checks()


def client(**options):
    keys = {
        "aws_access_key": os.environ["AWS_ACCESS_KEY_ID"],
        "aws_secret_key": os.environ["AWS_SECRET_ACCESS_KEY"],
    }
    place = {"aws_region": common.REGION, "base_url": common.ENDPOINT}
    return anthropic.AnthropicBedrock(**{**keys, **place, **options})


def request(text, **options):
    messages = [{"role": "user", "content": text}]
    return {"model": common.CLAUDE, "max_tokens": 500, "messages": messages, **options}


def streamed(model):
    with client().messages.stream(**request("hello", model=model)) as events:
        return events.get_final_message()


TOOL = {"name": "get_weather", "input_schema": common.WEATHER_SCHEMA}


@checks
def invoke():
    reply = client().messages.create(**request("hello", system="Be brief."))
    assert reply.type == "message" and "hello" in reply.content[0].text, reply
    assert reply.stop_reason == "end_turn", reply
    assert reply.usage.input_tokens > 0 and reply.usage.output_tokens > 0, reply
    short = client().messages.create(**request(common.LONG, max_tokens=3))
    assert short.stop_reason == "max_tokens", short
    assert short.usage.output_tokens == 3, short


@checks
def stream():
    spread = Spread()
    with client().messages.stream(**request(common.LONG)) as events:
        kinds = [event.type for event in spread.over(events)]
        message = events.get_final_message()
    assert common.LONG in message.content[0].text, message
    assert message.stop_reason == "end_turn" and message.usage.output_tokens > 10, message
    assert kinds[0] == "message_start" and kinds[-1] == "message_stop", kinds
    return spread.assert_spread()


@checks
def tool_call():
    with client().messages.stream(**request(common.WEATHER, tools=[TOOL])) as events:
        message = events.get_final_message()
    call = message.content[-1]
    assert (call.type, call.name, call.input) == ("tool_use", "get_weather", {"city": "Paris"})
    assert message.stop_reason == "tool_use", message
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "18 degrees"}
    messages = [
        {"role": "user", "content": common.WEATHER},
        {"role": "assistant", "content": [block.to_dict() for block in message.content]},
        {"role": "user", "content": [result]},
    ]
    reply = client().messages.create(**request("", tools=[TOOL], messages=messages))
    assert reply.stop_reason == "end_turn", reply


@checks
def reasoning():
    thinking = {"type": "enabled", "budget_tokens": 1024}
    with client().messages.stream(
        **request("hello", thinking=thinking, max_tokens=2048)
    ) as events:
        message = events.get_final_message()
    first, last = message.content[0], message.content[-1]
    assert first.type == "thinking" and first.thinking and first.signature, first
    assert last.type == "text" and "hello" in last.text, last


@checks
def cut_stream():
    # It ends without an error; only the missing reason tells.
    message = streamed(common.CLAUDE_CUT)
    assert "hello" in message.content[0].text and message.stop_reason is None, message


@checks
def throttled_stream():
    error = raised(anthropic.APIStatusError, lambda: streamed(common.CLAUDE_THROTTLED))
    assert "throttling" in repr(error.body) + str(error), error
    return f"{type(error).__name__}: {error}"


@checks
def bearer_token():
    key = os.environ["AWS_SECRET_ACCESS_KEY"]
    place = {"aws_region": common.REGION, "base_url": common.ENDPOINT}
    reply = anthropic.AnthropicBedrock(api_key=key, **place).messages.create(**request("hello"))
    assert "hello" in reply.content[0].text, reply
    other = anthropic.AnthropicBedrock(api_key="another key", **place)
    raised(anthropic.PermissionDeniedError, lambda: other.messages.create(**request("hello")))


@checks
def wrong_credentials():
    error = raised(
        anthropic.PermissionDeniedError,
        lambda: client(aws_secret_key="wrong").messages.create(**request("hello")),
    )
    return str(error).splitlines()[0]


@checks
def throttle():
    def call():
        return client(max_retries=0).messages.create(
            **request("hello", model=common.CLAUDE_ONE_A_MINUTE)
        )

    call()
    return str(raised(anthropic.RateLimitError, call))


@checks
def retry():
    patient = client(max_retries=10)
    return common.assert_retried(
        common.CLAUDE_ONE_A_SECOND,
        lambda: patient.messages.create(**request("hello", model=common.CLAUDE_ONE_A_SECOND)),
    )


@checks
def validation():
    error = raised(
        anthropic.BadRequestError,
        lambda: client(timeout=60).messages.create(**request("hello", max_tokens=10**8)),
    )
    turns = [{"role": "assistant", "content": "first"}]
    raised(
        anthropic.BadRequestError,
        lambda: client().messages.create(**request("", messages=turns, extra_body={"x": 1})),
    )
    return str(error)


checks.run()
