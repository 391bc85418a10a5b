"""The clients of boto3, made once, and the list of checks."""

import boto3
from botocore.config import Config

from checks import Checks

checks = Checks()
runtime = boto3.client("bedrock-runtime")
bedrock = boto3.client("bedrock")
quotas = boto3.client("service-quotas")
s3 = boto3.client("s3")


def patient(attempts):
    """A client of the runtime that makes this many attempts at a call."""
    return boto3.client("bedrock-runtime", config=Config(retries={"total_max_attempts": attempts}))


def says(text):
    return [{"role": "user", "content": [{"text": text}]}]
