"""The operations of the runtime, by requests that have the emulator send all that it can.

Native bodies of InvokeModel and its stream are the models' own, and no part of the service model.
"""

import json

import checks as common
from services import agents, checks, held, runtime, says

WORDS = "Tell me about the weather in the mountains. " * 40


def conversations():
    """Requests that between them have the emulator send all that it can."""
    tool = {"name": "get_weather", "inputSchema": {"json": common.WEATHER_SCHEMA}}
    tools = {"tools": [{"toolSpec": tool}]}
    guardrail = {"guardrailIdentifier": "g1", "guardrailVersion": "1", "trace": "enabled"}
    point = {"cachePoint": {"type": "default"}}
    thinking = {"thinking": {"type": "enabled", "budget_tokens": 1024}}
    limit = {"maxTokens": 2048}
    claude, nova = common.CLAUDE, common.NOVA
    yield {"modelId": nova, "messages": says("hello"), "system": [{"text": "Be brief."}]}
    yield {"modelId": nova, "messages": says(WORDS), "inferenceConfig": {"maxTokens": 3}}
    stop = {"stopSequences": ["three"]}
    yield {"modelId": nova, "messages": says("one two three four"), "inferenceConfig": stop}
    yield {
        "modelId": claude,
        "messages": says("one two three four"),
        "inferenceConfig": stop,
        "additionalModelResponseFieldPaths": ["/stop_sequence"],
    }
    yield {"modelId": claude, "messages": says(common.WEATHER), "toolConfig": tools}
    yield {
        "modelId": claude,
        "messages": says("hello"),
        "additionalModelRequestFields": thinking,
        "inferenceConfig": limit,
    }
    for _ in range(2):
        question = says(WORDS, point, "And the sea?")
        yield {"modelId": claude, "messages": question, "inferenceConfig": {"maxTokens": 9}}
    for text in ("a mild word", "a forbidden word"):
        yield {"modelId": nova, "messages": says(text), "guardrailConfig": guardrail}
    yield {
        "modelId": claude,
        "messages": says("hello"),
        "performanceConfig": {"latency": "standard"},
        "serviceTier": {"type": "default"},
        "requestMetadata": {"of": "this suite"},
    }


def refusals(service, operation, **request):
    """The errors that a runtime operation can be brought to."""
    expected = "ValidationException"
    code = service.refused(operation, **{**request, "modelId": "nobody.no-model-v1:0"})
    assert code in (expected, "ResourceNotFoundException"), code
    limited = {**request, "modelId": common.NOVA_ONE_A_MINUTE}
    try:
        service.call(operation, **limited)
    except service.client.exceptions.ThrottlingException:
        return
    code = service.refused(operation, **limited)
    assert code == "ThrottlingException", code


@checks
def converse():
    for request in conversations():
        runtime.call("converse", **request)
    refusals(runtime, "converse", messages=says("hello"))
    return held("Converse")


@checks
def converse_stream():
    for request in conversations():
        request.get("guardrailConfig", {}).update(streamProcessingMode="sync")
        runtime.call("converse_stream", **request)
    refusals(runtime, "converse_stream", messages=says("hello"))
    return held("ConverseStream")


@checks
def invoke():
    request = {"contentType": "application/json", "accept": "application/json"}
    nova = json.dumps({"messages": says("hello")})
    claude = json.dumps(
        {
            "anthropic_version": "bedrock-2023-05-31",
            "max_tokens": 50,
            "messages": [{"role": "user", "content": "hello"}],
        }
    )
    for operation in ("invoke_model", "invoke_model_with_response_stream"):
        runtime.call(operation, modelId=common.NOVA, body=nova, **request)
        runtime.call(operation, modelId=common.CLAUDE, body=claude, **request)
        latency = {"performanceConfigLatency": "standard", "serviceTier": "default"}
        runtime.call(operation, modelId=common.CLAUDE, body=claude, **request, **latency)
        refusals(runtime, operation, body=nova)
    return held("InvokeModel", "InvokeModelWithResponseStream")


@checks
def beside_chat():
    request = {"converse": {"messages": says("one two three")}}
    model = common.CLAUDE.removeprefix("us.")
    runtime.call("count_tokens", modelId=model, input=request)
    runtime.refused("count_tokens", modelId="nobody.no-model-v1:0", input=request)
    for text in ("a mild word", "a forbidden word"):
        for source in ("INPUT", "OUTPUT"):
            for scope in ("INTERVENTIONS", "FULL"):
                runtime.call(
                    "apply_guardrail",
                    guardrailIdentifier="g1",
                    guardrailVersion="1",
                    source=source,
                    outputScope=scope,
                    content=[{"text": {"text": text}}],
                )
    document = {"type": "TEXT", "textDocument": {"text": "a red brick"}}
    sources = [{"type": "INLINE", "inlineDocumentSource": document}] * 3
    model = f"arn:aws:bedrock:{common.REGION}::foundation-model/cohere.rerank-v3-5:0"
    reranking = {"modelConfiguration": {"modelArn": model}, "numberOfResults": 2}
    agents.call(
        "rerank",
        queries=[{"type": "TEXT", "textQuery": {"text": "bricks"}}],
        sources=sources,
        rerankingConfiguration={
            "type": "BEDROCK_RERANKING_MODEL",
            "bedrockRerankingConfiguration": reranking,
        },
    )
    return held("CountTokens", "ApplyGuardrail", "Rerank")
