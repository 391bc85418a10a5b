"""What all clients in Python share: the protocol, the models to call, and what a stream must be."""

import json
import os
import subprocess
import sys
import time
import traceback
import urllib.request
from concurrent.futures import ThreadPoolExecutor

# The models of `limits.toml`, and one of each vendor without limits.
NOVA = "amazon.nova-lite-v1:0"
NOVA_ONE_A_MINUTE = "amazon.nova-micro-v1:0"
NOVA_ONE_A_SECOND = "amazon.nova-pro-v1:0"
CLAUDE = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
CLAUDE_ONE_A_MINUTE = "us.anthropic.claude-opus-4-5-20251101-v1:0"
CLAUDE_ONE_A_SECOND = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"

# The models of `faults.toml` whose streams go wrong.
BAD_CHECKSUM = "meta.llama3-8b-instruct-v1:0"
UNKNOWN_EVENT = "meta.llama3-70b-instruct-v1:0"
CUT_BEFORE_STOP = "mistral.mistral-7b-instruct-v0:2"
ONE_BYTE_CHUNKS = "mistral.mixtral-8x7b-instruct-v0:1"
THROTTLED_MID_STREAM = "mistral.mistral-large-2402-v1:0"
CLAUDE_CUT = "anthropic.claude-3-haiku-20240307-v1:0"
CLAUDE_THROTTLED = "anthropic.claude-3-sonnet-20240229-v1:0"

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
REGION = os.environ["AWS_REGION"]

# Long enough for its echo to be spread over half a second and more.
LONG = " ".join(f"word number {n} of a long prompt," for n in range(12))
WEATHER = "Use get_weather with city=Paris"
WEATHER_SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
}


# How often a check is tried that the machine may have spoiled by standing still for a moment.
TRIES = 5


class Skip(Exception):
    """The client cannot do what a check asks for."""


class HeldBack(Exception):
    """Frames came at once. They do so each time where client or server hold them back, and now and
    then where the machine stood still."""


class Checks:
    """The checks of a client, run in the order in which they are written."""

    def __init__(self):
        self.functions = []

    def __call__(self, function):
        self.functions.append(function)
        return function

    def run(self):
        for function in self.functions:
            check = function.__name__.replace("_", "-")
            try:
                detail = tried(function)
                line = {"check": check, "ok": True, "detail": str(detail or "")}
            except Skip as skip:
                line = {"check": check, "skipped": str(skip)}
            except Exception as error:
                traceback.print_exc()
                line = {"check": check, "ok": False, "detail": f"{type(error).__name__}: {error}"}
            print(json.dumps(line), flush=True)


def tried(check):
    """What a check gives, tried again where frames came at once."""
    for _ in range(TRIES - 1):
        try:
            return check()
        except HeldBack:
            traceback.print_exc()
    return check()


class Spread:
    """The times at which the frames of a stream arrive."""

    def __init__(self):
        self.start = time.perf_counter()
        self.times = []

    def over(self, frames):
        """The same frames, each noted as it comes."""
        for frame in frames:
            self.times.append(time.perf_counter() - self.start)
            yield frame

    def assert_spread(self):
        """The emulator speaks 100 tokens a second: many frames come a while after the last."""
        assert len(self.times) >= 10, f"{len(self.times)} frames"
        first, last = self.times[0], self.times[-1]
        gaps = sum(b - a >= 0.005 for a, b in zip(self.times, self.times[1:]))
        seen = f"{len(self.times)} frames from {first:.3f} s to {last:.3f} s, {gaps} after a gap"
        if last - first < 0.3 or gaps < 5:
            raise HeldBack(seen)
        return seen


def raised(kind, call):
    """The error of this type, or of one of these, that a call raises."""
    try:
        answer = call()
    except kind as error:
        return error
    raise AssertionError(f"no {kind}, but {answer!r:.200}")


def inspect(page):
    """A page of the emulator's own."""
    with urllib.request.urlopen(f"{ENDPOINT}/_outcrop/{page}") as reply:
        return json.load(reply)


def throttled(model):
    """How many calls to a model were throttled until now."""
    rows = inspect("metrics")["models"]
    name = model.removeprefix("us.")
    return sum(row["throttled"]["total"] for row in rows if row["model"] == name)


def assert_retried(model, call, calls=2):
    """Calls at the same time all get through, though some of them were throttled. On a machine that
    stands still, calls may miss each other; then more of them are made."""
    before = throttled(model)
    for tried in range(TRIES):
        count = calls * 2 ** (tried // 2)
        with ThreadPoolExecutor(count) as pool:
            for future in [pool.submit(call) for _ in range(count)]:
                future.result()
        refused = throttled(model) - before
        if refused >= 1:
            return f"{count} calls got through after {refused} throttles"
    raise AssertionError("nothing was throttled")


def run(program, *arguments, **options):
    """Runs a program that is installed beside this Python; gives its end and what it printed."""
    path = os.path.join(os.path.dirname(sys.executable), program)
    return subprocess.run(
        [path, *map(str, arguments)], capture_output=True, text=True, timeout=120, **options
    )
