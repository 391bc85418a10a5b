"""Catches what comes over the wire before botocore reads it, which drops what it does not know."""

import json

import boto3
from botocore.config import Config
from botocore.eventstream import EventStreamBuffer
from botocore.exceptions import ClientError

from shapes import Coverage


class Tee:
    """A body that keeps what is read from it."""

    def __init__(self, raw, kept):
        self.raw = raw
        self.kept = kept

    def stream(self, *arguments, **options):
        for chunk in self.raw.stream(*arguments, **options):
            self.kept.append(chunk)
            yield chunk

    def __getattr__(self, name):
        return getattr(self.raw, name)


class Service:
    """One service: calls go through boto3, and every answer is held to its model."""

    def __init__(self, name, **options):
        config = Config(retries={"total_max_attempts": 1})
        self.client = boto3.client(name, config=config, **options)
        self.coverage = {}
        self.streams = []
        self.client.meta.events.register(f"before-parse.{name}", self.catch)

    def call(self, operation, **arguments):
        """Makes a call, reads its stream to the end, and checks all of it."""
        answer = getattr(self.client, operation)(**arguments)
        for value in answer.values():
            if hasattr(value, "__iter__") and hasattr(value, "close"):
                list(value) if not hasattr(value, "read") else value.read()
        self.check_streams()
        return answer

    def operation(self, name):
        """The model of an operation that boto3 calls by this name."""
        client = self.client
        return client.meta.service_model.operation_model(client.meta.method_to_api_mapping[name])

    def refused(self, operation, **arguments):
        """Makes a call that has to fail, and gives the code of its error."""
        try:
            answer = self.call(operation, **arguments)
        except ClientError as error:
            self.check_streams()
            return error.response["Error"]["Code"]
        raise AssertionError(f"{operation} gave no error, but {answer!r:.200}")

    def catch(self, operation_model, response_dict, **_):
        coverage = self.coverage.setdefault(operation_model.name, Coverage(operation_model))
        headers = {name.lower(): value for name, value in response_dict["headers"].items()}
        if response_dict["status_code"] >= 300:
            self.error(coverage, response_dict["status_code"], headers, response_dict["body"])
            return
        output = operation_model.output_shape
        if output is None:
            return
        coverage.headers(headers, output)
        if operation_model.has_event_stream_output:
            kept = []
            response_dict["body"] = Tee(response_dict["body"], kept)
            coverage.seen.add(output.serialization["payload"])
            self.streams.append((coverage, kept))
        elif "payload" in output.serialization:
            # The body is the model's own, of which the service model says nothing.
            coverage.seen.add(output.serialization["payload"])
        else:
            body = response_dict["body"]
            coverage.value(json.loads(body) if body else {}, output)

    def error(self, coverage, status, headers, body):
        known = {shape.name: shape for shape in coverage.operation.error_shapes}
        body = json.loads(body)
        if coverage.operation.service_model.metadata["protocol"] == "json":
            kind = body.pop("__type").split("#")[-1]
        else:
            kind = headers["x-amzn-errortype"].split(":")[0]
        if not coverage.expect(kind in known, kind, f"no error of this operation, status {status}"):
            return
        coverage.errors.add(kind)
        shape = known[kind]
        expected = shape.metadata.get("error", {}).get("httpStatusCode", status)
        coverage.expect(status == expected, kind, f"status {status}, not {expected}")
        coverage.structure(body, shape, f"!{kind}")

    def check_streams(self):
        streams, self.streams = self.streams, []
        for coverage, kept in streams:
            output = coverage.operation.output_shape
            payload = output.serialization["payload"]
            buffer = EventStreamBuffer()
            for chunk in kept:
                buffer.add_data(chunk)
            for message in buffer:
                self.event(coverage, payload, output.members[payload], message)

    def event(self, coverage, payload, union, message):
        """Checks one message of a stream: an event, or an exception."""
        headers = message.headers
        is_event = headers[":message-type"] == "event"
        name = headers[":event-type" if is_event else ":exception-type"]
        if not coverage.expect(name in union.members, payload, f"no member {name!r}"):
            return
        kind = headers.get(":content-type")
        coverage.expect(kind == "application/json", f"{payload}.{name}", f"content type {kind}")
        shape = union.members[name]
        body = json.loads(message.payload)
        if not is_event:
            coverage.errors.add(shape.name)
            coverage.structure(body, shape, f"!{name}")
            return
        # The padding is not in the model, and the service sends it all the same.
        body.pop("p", None)
        coverage.seen.add(f"{payload}.{name}")
        coverage.structure(body, shape, f"{payload}.{name}")
