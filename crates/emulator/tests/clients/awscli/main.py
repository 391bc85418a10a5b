"""The AWS CLI. It has no commands for Bedrock's streams."""

import json
import os
import pathlib

import checks as common
from checks import Checks

checks = Checks()
work = pathlib.Path("files")
work.mkdir(exist_ok=True)


def aws(*arguments, attempts=1):
    environment = {**os.environ, "AWS_MAX_ATTEMPTS": str(attempts), "AWS_PAGER": ""}
    return common.run("aws", *arguments, "--output", "json", env=environment)


def good(*arguments, **options):
    """What a command that succeeds prints, as JSON where it is that."""
    done = aws(*arguments, **options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout.lstrip().startswith("{") else done.stdout


def bad(code, *arguments):
    """What a command prints that fails with this error."""
    done = aws(*arguments)
    assert done.returncode != 0, done.stdout
    assert f"({code})" in done.stderr, done.stderr
    return done.stderr.strip()


def says(text):
    return json.dumps([{"role": "user", "content": [{"text": text}]}])


def command(model, text="hello"):
    return ["bedrock-runtime", "converse", "--model-id", model, "--messages", says(text)]


@checks
def invoke():
    body, out = work / "body.json", work / "out.json"
    body.write_text(json.dumps({"messages": json.loads(says("hello"))}))
    call = ["bedrock-runtime", "invoke-model", "--model-id", common.NOVA]
    reply = good(*call, "--body", f"fileb://{body}", out)
    assert reply["contentType"] == "application/json", reply
    assert "hello" in out.read_text(), out.read_text()


@checks
def converse():
    reply = good(*command(common.NOVA))
    assert "hello" in reply["output"]["message"]["content"][0]["text"], reply
    assert reply["stopReason"] == "end_turn", reply


@checks
def tool_call():
    spec = {"name": "get_weather", "inputSchema": {"json": common.WEATHER_SCHEMA}}
    tools = json.dumps({"tools": [{"toolSpec": spec}]})
    reply = good(*command(common.CLAUDE, common.WEATHER), "--tool-config", tools)
    call = reply["output"]["message"]["content"][-1]["toolUse"]
    assert (call["name"], call["input"]) == ("get_weather", {"city": "Paris"}), call


@checks
def throttle():
    good(*command(common.NOVA_ONE_A_MINUTE))
    return bad("ThrottlingException", *command(common.NOVA_ONE_A_MINUTE))


@checks
def retry():
    def call():
        good(*command(common.NOVA_ONE_A_SECOND), attempts=10)

    return common.assert_retried(common.NOVA_ONE_A_SECOND, call, calls=4)


@checks
def validation():
    limit = json.dumps({"maxTokens": 10**8})
    return bad("ValidationException", *command(common.NOVA), "--inference-config", limit)


@checks
def objects():
    source, copy = work / "source.bin", work / "copy.bin"
    # Large enough to be sent in parts.
    source.write_bytes(bytes(range(256)) * 40_000)
    good("s3", "mb", "s3://awscli-objects")
    good("s3", "cp", "--no-progress", source, "s3://awscli-objects/a/source.bin")
    listed = good("s3api", "list-objects-v2", "--bucket", "awscli-objects")["Contents"]
    assert [(item["Key"], item["Size"]) for item in listed] == [("a/source.bin", 10_240_000)]
    good("s3", "cp", "--no-progress", "s3://awscli-objects/a/source.bin", copy)
    assert copy.read_bytes() == source.read_bytes()
    good("s3", "rm", "s3://awscli-objects/a/source.bin")
    bad("404", "s3api", "head-object", "--bucket", "awscli-objects", "--key", "a/source.bin")


@checks
def listings():
    models = good("bedrock", "list-foundation-models")["modelSummaries"]
    assert common.NOVA in [model["modelId"] for model in models], models
    profiles = good("bedrock", "list-inference-profiles")["inferenceProfileSummaries"]
    assert common.CLAUDE in [profile["inferenceProfileId"] for profile in profiles], profiles
    quotas = good("service-quotas", "list-service-quotas", "--service-code", "bedrock")["Quotas"]
    assert quotas and all(quota["ServiceCode"] == "bedrock" for quota in quotas), quotas
    return f"{len(models)} models, {len(profiles)} profiles, {len(quotas)} quotas"


@checks
def batch_listing():
    reply = good("bedrock", "list-model-invocation-jobs")
    assert reply["invocationJobSummaries"] == [], reply
    arn = f"arn:aws:bedrock:{common.REGION}:123456789012:model-invocation-job/abcdefghijkl"
    get = ["bedrock", "get-model-invocation-job", "--job-identifier", arn]
    return bad("ResourceNotFoundException", *get)


checks.run()
