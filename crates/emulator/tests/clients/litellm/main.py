"""LiteLLM, by way of Converse and of Claude's own format."""

import os

# Its list of models is the one in the package, so that nothing is fetched.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import json

import litellm
from litellm.exceptions import MidStreamFallbackError

import checks as common
from checks import Checks, Spread, raised

checks = Checks()
litellm.telemetry = False
litellm.suppress_debug_info = True
TOOL = {
    "type": "function",
    "function": {"name": "get_weather", "parameters": common.WEATHER_SCHEMA},
}


def complete(model, text, **options):
    return litellm.completion(
        model=model,
        messages=[{"role": "user", "content": text}],
        aws_bedrock_runtime_endpoint=common.ENDPOINT,
        **{"num_retries": 0, **options},
    )


def collect(model, text):
    """The text of a stream, with what is said at its end."""
    spread = Spread()
    chunks = list(spread.over(complete(model, text, stream=True)))
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text in said, said
    assert chunks[-1].choices[0].finish_reason == "stop", chunks[-1]
    return spread.assert_spread()


def streamed(model):
    """The text of a stream, the reason of its end, and its usage."""
    options = {"stream": True, "stream_options": {"include_usage": True}}
    chunks = list(complete(f"bedrock/converse/{model}", "hello", **options))
    choices = [chunk.choices[0] for chunk in chunks if chunk.choices]
    text = "".join(choice.delta.content or "" for choice in choices)
    reasons = [choice.finish_reason for choice in choices if choice.finish_reason]
    usages = [chunk.usage for chunk in chunks if getattr(chunk, "usage", None)]
    return text, reasons[-1] if reasons else None, usages[-1] if usages else None


@checks
def invoke():
    reply = complete(f"bedrock/invoke/{common.CLAUDE}", "hello", max_tokens=100)
    assert "hello" in reply.choices[0].message.content, reply
    assert reply.usage.prompt_tokens > 0 and reply.usage.completion_tokens > 0, reply


@checks
def stream():
    return collect(f"bedrock/invoke/{common.CLAUDE}", common.LONG)


@checks
def converse():
    reply = complete(f"bedrock/converse/{common.NOVA}", "hello")
    assert "hello" in reply.choices[0].message.content, reply
    assert reply.choices[0].finish_reason == "stop", reply
    assert reply.usage.total_tokens > 0, reply


@checks
def converse_stream():
    return collect(f"bedrock/converse/{common.NOVA}", common.LONG)


@checks
def tool_call():
    model = f"bedrock/converse/{common.CLAUDE}"
    chunks = list(complete(model, common.WEATHER, tools=[TOOL], stream=True))
    reply = litellm.stream_chunk_builder(chunks)
    call = reply.choices[0].message.tool_calls[0].function
    assert call.name == "get_weather", call
    assert json.loads(call.arguments) == {"city": "Paris"}, call
    assert reply.choices[0].finish_reason == "tool_calls", reply


@checks
def bad_checksum():
    error = raised(MidStreamFallbackError, lambda: streamed(common.BAD_CHECKSUM))
    assert "Checksum mismatch" in str(error), error


@checks
def unknown_event():
    text, reason, usage = streamed(common.UNKNOWN_EVENT)
    assert "hello" in text and reason == "stop" and usage.total_tokens > 0, (text, reason, usage)


@checks
def cut_stream():
    # It makes up an end and a usage that nobody has sent.
    text, reason, usage = streamed(common.CUT_BEFORE_STOP)
    assert "hello" in text and reason == "stop", (text, reason)
    return f"{reason}, {usage.total_tokens} tokens"


@checks
def one_byte_chunks():
    text, reason, _usage = streamed(common.ONE_BYTE_CHUNKS)
    assert "hello" in text and reason == "stop", (text, reason)


@checks
def throttled_stream():
    error = raised(MidStreamFallbackError, lambda: streamed(common.THROTTLED_MID_STREAM))
    assert "RateLimitError" in str(error), error


@checks
def bearer_token():
    model, key = f"bedrock/converse/{common.NOVA}", os.environ["AWS_SECRET_ACCESS_KEY"]
    reply = complete(model, "hello", api_key=key)
    assert "hello" in reply.choices[0].message.content, reply
    denied = (litellm.AuthenticationError, litellm.PermissionDeniedError)
    return str(raised(denied, lambda: complete(model, "hello", api_key="another key")))


@checks
def throttle():
    model = f"bedrock/converse/{common.NOVA_ONE_A_MINUTE}"
    complete(model, "hello")
    return str(raised(litellm.RateLimitError, lambda: complete(model, "hello")))


@checks
def retry():
    model = f"bedrock/converse/{common.NOVA_ONE_A_SECOND}"
    waits = {"num_retries": 10, "retry_strategy": "exponential_backoff_retry"}
    return common.assert_retried(
        common.NOVA_ONE_A_SECOND, lambda: complete(model, "hello", **waits)
    )


@checks
def validation():
    model = f"bedrock/converse/{common.NOVA}"
    error = raised(litellm.BadRequestError, lambda: complete(model, "hello", max_tokens=10**8))
    return str(error)


@checks
def embeddings():
    reply = litellm.embedding(
        model="bedrock/amazon.titan-embed-text-v2:0",
        input=["one", "two"],
        aws_bedrock_runtime_endpoint=common.ENDPOINT,
    )
    lengths = [len(item["embedding"]) for item in reply.data]
    assert lengths == [1024, 1024], lengths


checks.run()
