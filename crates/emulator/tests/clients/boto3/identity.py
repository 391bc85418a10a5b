"""Who calls: signatures, API keys, and buckets in the name of the host."""

import datetime
import os
import socket
import urllib.parse
import urllib.request

import boto3
import botocore.auth
from botocore.config import Config
from botocore.exceptions import ClientError, InvalidEndpointConfigurationError

import checks as common
from checks import Skip, raised
from session import checks, s3, says

KEYS = {
    "aws_access_key_id": os.environ["AWS_ACCESS_KEY_ID"],
    "aws_secret_access_key": os.environ["AWS_SECRET_ACCESS_KEY"],
}


@checks
def bearer_token():
    os.environ["AWS_BEARER_TOKEN_BEDROCK"] = KEYS["aws_secret_access_key"]
    try:
        reply = converse(boto3.client("bedrock-runtime"))
        os.environ["AWS_BEARER_TOKEN_BEDROCK"] = "another key"
        client = boto3.client("bedrock-runtime")
        error = raised(client.exceptions.AccessDeniedException, lambda: converse(client))
    except InvalidEndpointConfigurationError as why:
        raise Skip(f"the emulator has no TLS: {why}")
    finally:
        del os.environ["AWS_BEARER_TOKEN_BEDROCK"]
    assert reply["stopReason"] == "end_turn", reply
    assert status(error) == 403, error.response
    return str(error)


@checks
def wrong_credentials():
    for wrong, code, code_of_s3 in [
        ("aws_secret_access_key", "InvalidSignatureException", "SignatureDoesNotMatch"),
        ("aws_access_key_id", "UnrecognizedClientException", "InvalidAccessKeyId"),
    ]:
        keys = {**KEYS, wrong: "wrong"}
        client = boto3.client("bedrock-runtime", **keys)
        refused(code, lambda: converse(client))
        refused(code, boto3.client("bedrock", **keys).list_foundation_models)
        refused(code, boto3.client("service-quotas", **keys).list_services, expected_status=400)
        refused(code_of_s3, boto3.client("s3", **keys).list_buckets)


@checks
def old_signature():
    now = botocore.auth.get_current_datetime
    botocore.auth.get_current_datetime = lambda *of: now(*of) - datetime.timedelta(hours=1)
    try:
        client = boto3.client("bedrock-runtime")
        error = refused("InvalidSignatureException", lambda: converse(client))
    finally:
        botocore.auth.get_current_datetime = now
    assert "expired" in str(error), error
    return str(error)


@checks
def changed_body():
    client = boto3.client("bedrock-runtime")

    def change(request, **_):
        assert b"hello" in request.body, request.body
        request.body = request.body.replace(b"hello", b"other")

    client.meta.events.register("before-send.bedrock-runtime", change)
    refused("InvalidSignatureException", lambda: converse(client))


@checks
def presigned_url():
    s3.create_bucket(Bucket="boto3-presigned")
    s3.put_object(Bucket="boto3-presigned", Key="a b.txt", Body=b"text")
    place = {"Bucket": "boto3-presigned", "Key": "a b.txt"}
    url = s3.generate_presigned_url("get_object", Params=place, ExpiresIn=60)
    with urllib.request.urlopen(url) as reply:
        assert reply.read() == b"text"


@checks
def virtual_host():
    port = urllib.parse.urlparse(common.ENDPOINT).port
    look_up = socket.getaddrinfo

    def loopback(host, *arguments, **options):
        # Names below localhost are this machine; not every resolver knows.
        return look_up("127.0.0.1" if host.endswith(".localhost") else host, *arguments, **options)

    socket.getaddrinfo = loopback
    try:
        client = boto3.client(
            "s3",
            endpoint_url=f"http://s3.localhost:{port}",
            config=Config(s3={"addressing_style": "virtual"}),
        )
        hosts = []
        client.meta.events.register("before-send.s3", lambda request, **_: hosts.append(request.url))
        client.create_bucket(Bucket="boto3-virtual")
        client.put_object(Bucket="boto3-virtual", Key="one.txt", Body=b"one")
        body = client.get_object(Bucket="boto3-virtual", Key="one.txt")["Body"].read()
    finally:
        socket.getaddrinfo = look_up
    assert body == b"one", body
    expected = f"http://boto3-virtual.s3.localhost:{port}/one.txt"
    assert expected in hosts, hosts
    assert s3.get_object(Bucket="boto3-virtual", Key="one.txt")["Body"].read() == b"one"
    return expected


def converse(client):
    return client.converse(modelId=common.NOVA, messages=says("hello"))


def refused(code, call, expected_status=403):
    error = raised(ClientError, call)
    assert error.response["Error"]["Code"] == code, error.response
    assert status(error) == expected_status, error.response
    return error


def status(error):
    return error.response["ResponseMetadata"]["HTTPStatusCode"]
