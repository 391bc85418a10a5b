"""The operations of batch jobs, through the states of their lives."""

import json
import time

import checks as common
from services import bedrock, checks, held, s3, says


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
