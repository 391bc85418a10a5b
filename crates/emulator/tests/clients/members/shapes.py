"""Holds what came over the wire to the service model that botocore has."""

import base64
import binascii
import re

from botocore.model import ListShape, MapShape, Shape, StructureShape


class Coverage:
    """The members of one operation's answers: those there are, and those that were seen."""

    def __init__(self, operation):
        self.operation = operation
        self.seen = set()
        self.errors = set()
        self.breaches = []
        self.all = set()
        output = operation.output_shape
        if output is not None:
            self.all = set(members(output))

    def expect(self, holds, path, what):
        if not holds:
            self.breaches.append(f"{self.operation.name} {path or 'body'}: {what}")
        return holds

    def value(self, value, shape: Shape, path=""):
        """Checks a value of the body against its shape, and notes its members."""
        if getattr(shape, "is_document_type", False):
            return
        if isinstance(shape, StructureShape):
            self.structure(value, shape, path)
        elif isinstance(shape, ListShape):
            if self.expect(isinstance(value, list), path, f"{value!r:.80} is no list"):
                for item in value:
                    self.value(item, shape.member, f"{path}[]")
        elif isinstance(shape, MapShape):
            if self.expect(isinstance(value, dict), path, f"{value!r:.80} is no map"):
                for item in value.values():
                    self.value(item, shape.value, f"{path}{{}}")
        else:
            why = SCALARS[shape.type_name](value, shape)
            self.expect(why is None, path, why)

    def structure(self, value, shape, path):
        if not self.expect(isinstance(value, dict), path, f"{value!r:.80} is no structure"):
            return
        names = {wire_name(name, member): name for name, member in in_body(shape).items()}
        for key in value:
            self.expect(key in names, path, f"no member {key!r} in {shape.name}")
        for name in shape.required_members:
            if name in names.values():
                key = wire_name(name, shape.members[name])
                self.expect(value.get(key) is not None, path, f"{key!r} is required and missing")
        if getattr(shape, "is_tagged_union", False):
            self.expect(len(value) == 1, path, f"{sorted(value)} in the union {shape.name}")
        for key, inner in value.items():
            if key in names and inner is not None:
                place = join(path, names[key])
                self.seen.add(place)
                self.value(inner, shape.members[names[key]], place)

    def headers(self, headers, shape):
        """Checks the members that are sent as headers."""
        for name, member in shape.members.items():
            if member.serialization.get("location") != "header":
                continue
            key = member.serialization.get("name", name)
            if key.lower() in headers:
                self.seen.add(name)
            else:
                self.expect(name not in shape.required_members, name, f"no header {key}")

    def never(self):
        """The outermost members that were never seen, each with how many it has inside."""
        missing = self.all - self.seen
        outermost = [
            path for path in sorted(missing) if not any(inside(path, other) for other in missing)
        ]
        told = []
        for path in outermost:
            more = sum(inside(other, path) for other in missing)
            told.append(f"{path} (+{more})" if more else path)
        return told


def members(shape, path="", above=()):
    """The paths of all members of a shape, those of members of its members too."""
    if getattr(shape, "is_document_type", False) or shape.name in above:
        return
    above = (*above, shape.name)
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            if member.metadata.get("exception"):
                continue
            yield join(path, name)
            yield from members(member, join(path, name), above)
    elif isinstance(shape, ListShape):
        yield from members(shape.member, f"{path}[]", above)
    elif isinstance(shape, MapShape):
        yield from members(shape.value, f"{path}{{}}", above)


def in_body(shape):
    return {
        name: member
        for name, member in shape.members.items()
        if "location" not in member.serialization
    }


def wire_name(name, member):
    return member.serialization.get("name", name)


def join(path, name):
    return f"{path}.{name}" if path else name


def inside(path, other):
    """Whether one path lies within another."""
    return path != other and re.match(re.escape(other) + r"[.\[{]", path) is not None


def text(value, shape):
    if not isinstance(value, str):
        return f"{value!r:.80} is no string"
    choices = getattr(shape, "enum", None)
    if choices and value not in choices and value not in OPEN.get(shape.name, ()):
        return f"{value!r} is none of {', '.join(choices)}"
    pattern = None if shape.name in LOOSE else shape.metadata.get("pattern")
    # Some patterns are of a dialect that Python does not read.
    if pattern and "\\p" not in pattern and not re.fullmatch(pattern, value, re.DOTALL):
        return f"{value!r:.80} does not match {pattern}"
    return None


def whole(value, shape):
    if isinstance(value, bool) or not isinstance(value, int):
        return f"{value!r:.80} is no integer"
    low = shape.metadata.get("min")
    return f"{value} is less than {low}" if low is not None and value < low else None


def number(value, _shape):
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return None if is_number else f"{value!r:.80} is no number"


def boolean(value, _shape):
    return None if isinstance(value, bool) else f"{value!r:.80} is no boolean"


def blob(value, _shape):
    try:
        base64.b64decode(value, validate=True)
    except (TypeError, binascii.Error):
        return f"{value!r:.80} is no base64"
    return None


def timestamp(value, shape):
    if shape.serialization.get("timestampFormat") == "iso8601":
        form = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"
        fits = isinstance(value, str) and re.fullmatch(form, value)
        return None if fits else f"{value!r} is no ISO 8601 time"
    return number(value, shape)


# Values that the service sends though its model does not list them.
OPEN = {
    "InferenceType": ("INFERENCE_PROFILE",),
    "ModelModality": ("VIDEO", "SPEECH"),
}

# Strings that the service itself sends in other forms: descriptions with commas, and the ARNs of a
# global profile's models, which name no region.
LOOSE = ("InferenceProfileDescription", "FoundationModelArn")

SCALARS = {
    "string": text,
    "character": text,
    "integer": whole,
    "long": whole,
    "float": number,
    "double": number,
    "boolean": boolean,
    "blob": blob,
    "timestamp": timestamp,
}
