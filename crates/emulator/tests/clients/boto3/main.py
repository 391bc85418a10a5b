"""boto3: the runtime, S3, and a whole batch job."""

import json
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

import checks as common
from checks import Checks, Spread, raised

checks = Checks()
runtime = boto3.client("bedrock-runtime")
bedrock = boto3.client("bedrock")
s3 = boto3.client("s3")
no_retries = Config(retries={"total_max_attempts": 1})


def says(text):
    return [{"role": "user", "content": [{"text": text}]}]


def tool_config():
    spec = {"name": "get_weather", "inputSchema": {"json": common.WEATHER_SCHEMA}}
    return {"tools": [{"toolSpec": spec}]}


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
    reply = runtime.converse_stream(
        modelId=common.CLAUDE, messages=says(common.WEATHER), toolConfig=tool_config()
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
        toolConfig=tool_config(),
    )
    assert reply["stopReason"] == "end_turn", reply


@checks
def throttle():
    client = boto3.client("bedrock-runtime", config=no_retries)

    def call():
        return client.converse(modelId=common.NOVA_ONE_A_MINUTE, messages=says("hello"))

    call()
    error = raised(client.exceptions.ThrottlingException, call)
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 429, error.response
    return error.response["Error"]["Message"]


@checks
def retry():
    client = boto3.client("bedrock-runtime", config=Config(retries={"total_max_attempts": 10}))
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


@checks
def objects():
    bucket = "boto3-objects"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="a/one.txt", Body=b"one", Metadata={"of": "this suite"})
    s3.put_object(Bucket=bucket, Key="a/two.txt", Body=b"two" * 1000)
    reply = s3.get_object(Bucket=bucket, Key="a/one.txt")
    assert reply["Body"].read() == b"one" and reply["Metadata"] == {"of": "this suite"}, reply
    listed = s3.list_objects_v2(Bucket=bucket, Prefix="a/")["Contents"]
    assert [item["Key"] for item in listed] == ["a/one.txt", "a/two.txt"], listed
    part = s3.get_object(Bucket=bucket, Key="a/two.txt", Range="bytes=3-5")["Body"].read()
    assert part == b"two", part
    s3.delete_object(Bucket=bucket, Key="a/one.txt")
    raised(s3.exceptions.NoSuchKey, lambda: s3.get_object(Bucket=bucket, Key="a/one.txt"))


@checks
def batch():
    bucket, key, count = "boto3-batch", "in/records.jsonl", 1000
    bad = set(range(13, count, 27))
    assert len(bad) == 37, len(bad)
    lines = []
    for number in range(count):
        messages = says(f"record {number}") if number not in bad else []
        record = {"recordId": f"R{number:08}", "modelInput": {"messages": messages}}
        lines.append(json.dumps(record))
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key=key, Body="\n".join(lines).encode())
    request = {
        "jobName": "a-thousand",
        "roleArn": "arn:aws:iam::123456789012:role/batch",
        "modelId": common.NOVA,
        "inputDataConfig": {"s3InputDataConfig": {"s3Uri": f"s3://{bucket}/{key}"}},
        "outputDataConfig": {"s3OutputDataConfig": {"s3Uri": f"s3://{bucket}/out/"}},
        "clientRequestToken": "the-same-token-for-one-job",
    }
    arn = bedrock.create_model_invocation_job(**request)["jobArn"]
    again = bedrock.create_model_invocation_job(**request)["jobArn"]
    assert again == arn, f"{again} for the same token as {arn}"
    states, job = [], {}
    while job.get("status") not in ("Completed", "PartiallyCompleted", "Failed", "Stopped"):
        job = bedrock.get_model_invocation_job(jobIdentifier=arn)
        states = states if job["status"] in states else [*states, job["status"]]
        time.sleep(0.02)
    assert job["status"] == "Completed", job
    folder = f"out/{arn.rsplit('/', 1)[1]}"
    body = s3.get_object(Bucket=bucket, Key=f"{folder}/records.jsonl.out")["Body"].read()
    results = [json.loads(line) for line in body.splitlines()]
    failed = {line["recordId"] for line in results if "error" in line}
    done = {line["recordId"] for line in results if "modelOutput" in line}
    assert failed == {f"R{number:08}" for number in bad}, sorted(failed)[:5]
    assert len(done) == count - 37 and not done & failed, len(done)
    manifest = s3.get_object(Bucket=bucket, Key=f"{folder}/manifest.json.out")["Body"].read()
    manifest = json.loads(manifest)
    assert manifest["totalRecordCount"] == count, manifest
    assert manifest["errorRecordCount"] == 37, manifest
    listed = bedrock.list_model_invocation_jobs(statusEquals="Completed", nameContains="thousand")
    assert [job["jobArn"] for job in listed["invocationJobSummaries"]] == [arn], listed
    return f"{len(done)} results and {len(failed)} errors, by way of {', '.join(states)}"


checks.run()
