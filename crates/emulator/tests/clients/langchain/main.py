"""langchain-aws: chat models by way of Converse and of Claude's own format, and embeddings."""

from botocore.config import Config
from botocore.eventstream import ChecksumMismatch
from botocore.exceptions import ClientError, EventStreamError
from langchain_aws import BedrockEmbeddings, ChatBedrock, ChatBedrockConverse
from langchain_core.messages import ToolMessage
from langchain_core.tools import tool

import checks as common
from checks import Checks, Spread, raised

checks = Checks()


@tool
def get_weather(city: str) -> str:
    """The weather in a city."""
    return f"18 degrees in {city}"


def conversing(model=common.NOVA, attempts=1, **options):
    config = Config(retries={"total_max_attempts": attempts})
    return ChatBedrockConverse(model=model, config=config, **options)


@checks
def invoke():
    reply = ChatBedrock(model=common.CLAUDE).invoke("hello")
    assert "hello" in reply.content, reply
    assert reply.usage_metadata["output_tokens"] > 0, reply


@checks
def stream():
    spread = Spread()
    chunks = list(spread.over(ChatBedrock(model=common.CLAUDE).stream(common.LONG)))
    assert common.LONG in "".join(chunk.text for chunk in chunks), chunks
    return spread.assert_spread()


@checks
def converse():
    reply = conversing().invoke("hello")
    assert "hello" in reply.text, reply
    assert reply.response_metadata["stopReason"] == "end_turn", reply
    assert reply.usage_metadata["total_tokens"] > 0, reply


@checks
def converse_stream():
    spread = Spread()
    chunks = list(spread.over(conversing().stream(common.LONG)))
    assert common.LONG in "".join(chunk.text for chunk in chunks), chunks
    return spread.assert_spread()


@checks
def tool_call():
    model = conversing(common.CLAUDE).bind_tools([get_weather])
    whole = None
    for chunk in model.stream(common.WEATHER):
        whole = chunk if whole is None else whole + chunk
    call = whole.tool_calls[0]
    assert (call["name"], call["args"]) == ("get_weather", {"city": "Paris"}), whole
    result = get_weather.invoke(call)
    assert isinstance(result, ToolMessage), result
    reply = model.invoke([("human", common.WEATHER), whole, result])
    assert not reply.tool_calls and reply.text, reply


@checks
def bad_checksum():
    return str(raised(ChecksumMismatch, lambda: streamed(common.BAD_CHECKSUM)))


@checks
def unknown_event():
    assert "hello" in streamed(common.UNKNOWN_EVENT)


@checks
def cut_stream():
    # It alone among these clients says that the message has no end.
    error = raised(Exception, lambda: streamed(common.CUT_BEFORE_STOP))
    assert "messageStop" in str(error), error
    return str(error)


@checks
def one_byte_chunks():
    assert "hello" in streamed(common.ONE_BYTE_CHUNKS)


@checks
def throttled_stream():
    error = raised(EventStreamError, lambda: streamed(common.THROTTLED_MID_STREAM))
    assert error.response["Error"]["Code"] == "throttlingException", error.response
    return str(error)


@checks
def throttle():
    model = conversing(common.NOVA_ONE_A_MINUTE)
    model.invoke("hello")
    return code("ThrottlingException", lambda: model.invoke("hello"))


@checks
def retry():
    model = conversing(common.NOVA_ONE_A_SECOND, attempts=10)
    return common.assert_retried(common.NOVA_ONE_A_SECOND, lambda: model.invoke("hello"))


@checks
def validation():
    return code("ValidationException", lambda: conversing(max_tokens=10**8).invoke("hello"))


@checks
def embeddings():
    model = BedrockEmbeddings(model_id="amazon.titan-embed-text-v2:0")
    vectors = model.embed_documents(["one red brick", "two red bricks"])
    assert [len(vector) for vector in vectors] == [1024, 1024], [len(v) for v in vectors]
    assert len(model.embed_query("one")) == 1024


def streamed(model):
    """The text of a stream."""
    return "".join(chunk.text for chunk in conversing(model).stream("hello"))


def code(expected, call):
    """The words of an error of this code."""
    error = raised(ClientError, call)
    assert error.response["Error"]["Code"] == expected, error.response
    return error.response["Error"]["Message"]


checks.run()
