"""Every member that the emulator sends, held to the service model that botocore has.

Native bodies of InvokeModel and its stream are the models' own, and no part of the service model.
"""

import json
import time

from botocore import UNSIGNED

import checks as common
from checks import Checks
from wire import Service

checks = Checks()
runtime = Service("bedrock-runtime")
bedrock = Service("bedrock")
s3 = Service("s3")

REASONING = "us.anthropic.claude-sonnet-4-20250514-v1:0"
WORDS = "Tell me about the weather in the mountains. " * 40


def says(*content):
    return [{"role": "user", "content": [{"text": part} if isinstance(part, str) else part for part in content]}]


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
    yield {"modelId": claude, "messages": says("one END two"), "inferenceConfig": {"stopSequences": ["END"]}, "additionalModelResponseFieldPaths": ["/stop_sequence"]}
    yield {"modelId": claude, "messages": says(common.WEATHER), "toolConfig": tools}
    yield {
        "modelId": claude,
        "messages": says("hello"),
        "additionalModelRequestFields": thinking,
        "inferenceConfig": limit,
    }
    for _ in range(2):
        yield {"modelId": claude, "messages": says(WORDS, point, "And the sea?")}
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
    return held("CountTokens", "ApplyGuardrail")


@checks
def batch():
    arns = {}
    for bucket, records in (("members-good", 120), ("members-few", 1)):
        s3.client.create_bucket(Bucket=bucket)
        line = {"modelInput": {"messages": says("hello")}}
        lines = [json.dumps({"recordId": f"R{n:07}", **line}) for n in range(records)]
        s3.client.put_object(Bucket=bucket, Key="in.jsonl", Body="\n".join(lines).encode())
        arns[bucket] = create(bucket)
    arns["stopped"] = create("members-good")
    bedrock.call("stop_model_invocation_job", jobIdentifier=arns["stopped"])
    for arn in arns.values():
        job = {"status": "Submitted"}
        while job["status"] not in ("Completed", "Failed", "Stopped"):
            job = bedrock.call("get_model_invocation_job", jobIdentifier=arn)
            time.sleep(0.02)
    bedrock.call("list_model_invocation_jobs", maxResults=1)
    bedrock.call("list_model_invocation_jobs")
    nothing = arns["stopped"][:-12] + "abcdefghijkl"
    for operation in ("get_model_invocation_job", "stop_model_invocation_job"):
        bedrock.refused(operation, jobIdentifier=nothing)
    bedrock.refused("stop_model_invocation_job", jobIdentifier=arns["members-good"])
    return held(*(name for name in bedrock.coverage if "ModelInvocationJob" in name))


def create(bucket):
    request = {
        "jobName": f"members-{time.time_ns()}",
        "roleArn": "arn:aws:iam::123456789012:role/batch",
        "modelId": common.NOVA,
        "inputDataConfig": {
            "s3InputDataConfig": {"s3Uri": f"s3://{bucket}/in.jsonl", "s3InputFormat": "JSONL"}
        },
        "outputDataConfig": {"s3OutputDataConfig": {"s3Uri": f"s3://{bucket}/out/"}},
        "timeoutDurationInHours": 24,
        "tags": [{"key": "of", "value": "this-suite"}],
    }
    return bedrock.call("create_model_invocation_job", **request)["jobArn"]


def held(*operations):
    """Fails with what the answers of these operations have that the model has not."""
    coverages = [
        service.coverage[name] for service in SERVICES for name in operations if name in service.coverage
    ]
    assert len(coverages) == len(operations), f"no answers of all of {operations}"
    breaches = sorted({breach for coverage in coverages for breach in coverage.breaches})
    assert not breaches, "; ".join(breaches)
    return f"{sum(len(coverage.seen) for coverage in coverages)} members"


def table():
    """A line for each operation: what was seen of what there is."""
    yield "members sent, of those in the service model; errors seen, of those it may give; never sent"
    for service in SERVICES:
        for name, coverage in sorted(service.coverage.items()):
            errors = {shape.name for shape in coverage.operation.error_shapes}
            seen = f"{len(coverage.seen & coverage.all)}/{len(coverage.all)}"
            refused = f"{len(coverage.errors & errors)}/{len(errors)}"
            yield f"  {name:32} {seen:>7} {refused:>6}  {', '.join(coverage.never()) or '-'}"


SERVICES = (runtime, bedrock)
checks.run()
for line in table():
    print(json.dumps({"note": line}))
