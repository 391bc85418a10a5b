"""What goes wrong in streams, as boto3 sees it."""

from botocore.eventstream import ChecksumMismatch
from botocore.exceptions import EventStreamError

import checks as common
from checks import raised
from session import checks, runtime, says


def events(model):
    return list(runtime.converse_stream(modelId=model, messages=says("hello"))["stream"])


@checks
def bad_checksum():
    return str(raised(ChecksumMismatch, lambda: events(common.BAD_CHECKSUM)))


@checks
def unknown_event():
    names = [next(iter(event)) for event in events(common.UNKNOWN_EVENT)]
    assert names[-2:] == ["messageStop", "metadata"], names
    return f"{names[2]} among {len(names)} events"


@checks
def cut_stream():
    # It ends without an error; only the missing event tells.
    names = [next(iter(event)) for event in events(common.CUT_BEFORE_STOP)]
    assert names[0] == "messageStart" and "messageStop" not in names, names


@checks
def one_byte_chunks():
    said = events(common.ONE_BYTE_CHUNKS)
    deltas = [event.get("contentBlockDelta", {"delta": {}})["delta"] for event in said]
    assert "hello" in "".join(delta.get("text", "") for delta in deltas), said
    assert "metadata" in said[-1], said


@checks
def throttled_stream():
    error = raised(EventStreamError, lambda: events(common.THROTTLED_MID_STREAM))
    assert error.response["Error"]["Code"] == "throttlingException", error.response
    return str(error)
