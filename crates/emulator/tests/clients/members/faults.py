"""Every exception of the runtime, in place of an answer and inside a stream, as `faults.toml` says."""

import json

from services import checks, held, runtime, says

HELLO = json.dumps({"prompt": "hello"})
CONVERSING = {"messages": says("hello")}

# The operations with what each needs beside a model.
OPERATIONS = {
    "converse": CONVERSING,
    "converse_stream": CONVERSING,
    "invoke_model": {"body": HELLO},
    "invoke_model_with_response_stream": {"body": HELLO},
    "count_tokens": {"input": {"converse": CONVERSING}},
}

JAMBA = {"messages": [{"role": "user", "content": "hello"}], "max_tokens": 50}
MISTRAL = {"prompt": "<s>[INST] hello [/INST]", "max_tokens": 50}

# The models whose streams end in an exception, each with a body of its own format.
STREAMS = {
    "internalServerException": ("ai21.jamba-1-5-large-v1:0", JAMBA),
    "modelStreamErrorException": ("ai21.jamba-1-5-mini-v1:0", JAMBA),
    "modelTimeoutException": ("cohere.command-r-v1:0", {"message": "hello"}),
    "serviceUnavailableException": ("cohere.command-r-plus-v1:0", {"message": "hello"}),
    "throttlingException": ("mistral.mistral-large-2402-v1:0", MISTRAL),
    "validationException": ("mistral.mistral-small-2402-v1:0", MISTRAL),
}

@checks
def exceptions():
    count = 0
    for operation, request in OPERATIONS.items():
        model = runtime.operation(operation)
        for shape in model.error_shapes:
            code = runtime.refused(operation, modelId=f"fault.{shape.name}", **request)
            assert code == shape.name, f"{code} for {shape.name}"
            count += 1
    held(*(runtime.operation(operation).name for operation in OPERATIONS))
    return f"{count} exceptions of {len(OPERATIONS)} operations"

@checks
def stream_exceptions():
    count = 0
    for operation in ("converse_stream", "invoke_model_with_response_stream"):
        output = runtime.operation(operation).output_shape
        union = output.members[output.serialization["payload"]]
        for name, shape in union.members.items():
            if not shape.metadata.get("exception"):
                continue
            model, body = STREAMS[name]
            request = CONVERSING if operation == "converse_stream" else {"body": json.dumps(body)}
            code = runtime.refused(operation, modelId=model, **request)
            assert code == name, f"{code} for {name}"
            count += 1
    held("ConverseStream", "InvokeModelWithResponseStream")
    return f"{count} exceptions inside streams"
