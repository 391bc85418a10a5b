"""boto3's client for the runtime: answers, streams and errors."""

import json

import checks as common
from checks import Spread, raised
from session import checks, patient, runtime, says


@checks
def invoke():
    body = {"messages": says("hello"), "inferenceConfig": {"maxTokens": 50}}
    reply = runtime.invoke_model(modelId=common.NOVA, body=json.dumps(body))
    headers = reply["ResponseMetadata"]["HTTPHeaders"]
    answer = json.load(reply["body"])
    assert reply["contentType"] == "application/json", reply["contentType"]
    assert "hello" in answer["output"]["message"]["content"][0]["text"], answer
    usage = answer["usage"]
    assert int(headers["x-amzn-bedrock-input-token-count"]) == usage["inputTokens"], headers
    assert int(headers["x-amzn-bedrock-output-token-count"]) == usage["outputTokens"], headers
    assert reply["ResponseMetadata"]["RequestId"], reply["ResponseMetadata"]


@checks
def stream():
    spread = Spread()
    body = {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 500,
        "messages": [{"role": "user", "content": common.LONG}],
    }
    reply = runtime.invoke_model_with_response_stream(
        modelId=common.CLAUDE, body=json.dumps(body)
    )
    events = [json.loads(event["chunk"]["bytes"]) for event in spread.over(reply["body"])]
    assert events[0]["type"] == "message_start", events[0]
    assert events[-1]["type"] == "message_stop", events[-1]
    assert "amazon-bedrock-invocationMetrics" in events[-1], events[-1]
    deltas = [event["delta"] for event in events if event["type"] == "content_block_delta"]
    assert common.LONG in "".join(delta["text"] for delta in deltas), deltas
    return spread.assert_spread()


@checks
def converse():
    reply = runtime.converse(
        modelId=common.NOVA, system=[{"text": "Be brief."}], messages=says("hello")
    )
    assert "hello" in reply["output"]["message"]["content"][0]["text"], reply
    usage = reply["usage"]
    assert usage["inputTokens"] + usage["outputTokens"] == usage["totalTokens"] > 0, usage
    assert reply["stopReason"] == "end_turn" and reply["metrics"]["latencyMs"] > 0, reply
    by_arn = runtime.converse(
        modelId=f"arn:aws:bedrock:{common.REGION}::foundation-model/{common.NOVA}",
        messages=says("hello"),
    )
    assert by_arn["output"] == reply["output"], by_arn


@checks
def converse_stream():
    spread = Spread()
    reply = runtime.converse_stream(modelId=common.NOVA, messages=says(common.LONG))
    events = list(spread.over(reply["stream"]))
    text = "".join(
        event["contentBlockDelta"]["delta"]["text"]
        for event in events
        if "contentBlockDelta" in event
    )
    assert common.LONG in text, text
    names = [next(iter(event)) for event in events]
    # A block of text has no start, and what it cost comes after the end.
    assert "contentBlockStart" not in names, names
    assert names[0] == "messageStart" and names[-2:] == ["messageStop", "metadata"], names
    return spread.assert_spread()


@checks
def tool_call():
    spec = {"name": "get_weather", "inputSchema": {"json": common.WEATHER_SCHEMA}}
    tools = {"tools": [{"toolSpec": spec}]}
    reply = runtime.converse_stream(
        modelId=common.CLAUDE, messages=says(common.WEATHER), toolConfig=tools
    )
    call, arguments, stop = None, "", None
    for event in reply["stream"]:
        start = event.get("contentBlockStart", {}).get("start", {})
        call = start.get("toolUse", call)
        delta = event.get("contentBlockDelta", {}).get("delta", {})
        arguments += delta.get("toolUse", {}).get("input", "")
        stop = event.get("messageStop", {}).get("stopReason", stop)
    assert call["name"] == "get_weather" and call["toolUseId"], call
    assert json.loads(arguments) == {"city": "Paris"}, arguments
    assert stop == "tool_use", stop
    # The result of the call is answered in words.
    turn = {"toolUseId": call["toolUseId"], "name": call["name"], "input": {"city": "Paris"}}
    result = {"toolUseId": call["toolUseId"], "content": [{"text": "18 degrees"}]}
    reply = runtime.converse(
        modelId=common.CLAUDE,
        messages=[
            *says(common.WEATHER),
            {"role": "assistant", "content": [{"toolUse": turn}]},
            {"role": "user", "content": [{"toolResult": result}]},
        ],
        toolConfig=tools,
    )
    assert reply["stopReason"] == "end_turn", reply


@checks
def throttle():
    client = patient(1)

    def call():
        return client.converse(modelId=common.NOVA_ONE_A_MINUTE, messages=says("hello"))

    call()
    error = raised(client.exceptions.ThrottlingException, call)
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 429, error.response
    return error.response["Error"]["Message"]


@checks
def retry():
    client = patient(10)
    return common.assert_retried(
        common.NOVA_ONE_A_SECOND,
        lambda: client.converse(modelId=common.NOVA_ONE_A_SECOND, messages=says("hello")),
    )


@checks
def validation():
    invalid = runtime.exceptions.ValidationException
    error = raised(
        invalid,
        lambda: runtime.converse(
            modelId=common.NOVA, messages=says("hi"), inferenceConfig={"maxTokens": 10**8}
        ),
    )
    bare = common.CLAUDE.removeprefix("us.")
    other = raised(invalid, lambda: runtime.converse(modelId=bare, messages=says("hi")))
    assert "on-demand throughput" in str(other), other
    blank = raised(invalid, lambda: runtime.converse(modelId=common.NOVA, messages=says(" ")))
    assert "blank" in str(blank), blank
    return error.response["Error"]["Message"]


@checks
def count_tokens():
    request = {"converse": {"messages": says("one two three")}}
    reply = runtime.count_tokens(modelId=common.CLAUDE.removeprefix("us."), input=request)
    assert reply["inputTokens"] >= 3, reply
    return f"{reply['inputTokens']} tokens"


@checks
def guardrail():
    def apply(text):
        return runtime.apply_guardrail(
            guardrailIdentifier="g1",
            guardrailVersion="1",
            source="INPUT",
            content=[{"text": {"text": text}}],
        )

    assert apply("a mild word")["action"] == "NONE"
    reply = apply("a forbidden word")
    assert reply["action"] == "GUARDRAIL_INTERVENED", reply
