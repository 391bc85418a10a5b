"""s3cmd: buckets and objects by another implementation of S3's signatures."""

import os
import pathlib
import urllib.parse

import checks as common
from checks import Checks

checks = Checks()
work = pathlib.Path("files")
work.mkdir(exist_ok=True)
host = urllib.parse.urlparse(common.ENDPOINT).netloc
config = work / "s3cmd.cfg"
config.write_text("[default]\n")


def s3cmd(*arguments, secret=os.environ["AWS_SECRET_ACCESS_KEY"]):
    return common.run(
        "s3cmd",
        f"--config={config}",
        f"--host={host}",
        f"--host-bucket={host}",
        f"--region={common.REGION}",
        "--no-ssl",
        f"--access_key={os.environ['AWS_ACCESS_KEY_ID']}",
        f"--secret_key={secret}",
        *arguments,
    )


def good(*arguments):
    done = s3cmd(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


@checks
def objects():
    source, copy = work / "source.bin", work / "copy.bin"
    source.write_bytes(bytes(range(256)) * 1000)
    copy.unlink(missing_ok=True)
    good("mb", "s3://s3cmd-objects")
    good("put", source, "s3://s3cmd-objects/a/b c+d.bin")
    assert "s3://s3cmd-objects/a/b c+d.bin" in good("ls", "--recursive", "s3://s3cmd-objects")
    good("get", "s3://s3cmd-objects/a/b c+d.bin", copy)
    assert copy.read_bytes() == source.read_bytes()
    good("rm", "s3://s3cmd-objects/a/b c+d.bin")
    assert good("ls", "--recursive", "s3://s3cmd-objects").strip() == ""
    assert "s3://s3cmd-objects" in good("ls")
    good("rb", "s3://s3cmd-objects")


@checks
def large_objects():
    source, copy = work / "large.bin", work / "large-copy.bin"
    source.write_bytes(bytes(range(256)) * 60_000)
    copy.unlink(missing_ok=True)
    good("mb", "s3://s3cmd-large")
    good("put", "--multipart-chunk-size-mb=5", source, "s3://s3cmd-large/large.bin")
    good("get", "s3://s3cmd-large/large.bin", copy)
    assert copy.read_bytes() == source.read_bytes()
    return f"{source.stat().st_size} bytes in parts of 5 MB"


@checks
def wrong_secret():
    done = s3cmd("ls", secret="wrong")
    assert done.returncode != 0 and "SignatureDoesNotMatch" in done.stderr, done.stderr
    return done.stderr.strip().splitlines()[-1]


checks.run()
