"""boto3's client for S3, and a whole batch job."""

import json
import time

import checks as common
from checks import raised
from session import bedrock, checks, s3, says


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
