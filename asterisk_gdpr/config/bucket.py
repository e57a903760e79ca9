"""Where closed containers stay, if not in their folder."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, ConfigDict
from pydantic.dataclasses import dataclass

from asterisk_gdpr.config.kinds import File, Flag, Text, fault

_STRICT = ConfigDict(extra="forbid", use_attribute_docstrings=True)


def _endpoint(value: str) -> str:
    if not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?/?", value):
        raise fault(
            "bad-url",
            "this must be the address of an S3 service, without a path",
            "write `https://s3.example.com`",
        )
    if value.startswith("http://") and not re.match(r"http://(localhost|127\.0\.0\.1)([:/]|$)", value):
        raise fault(
            "bucket-in-the-clear", "a bucket on another machine is reached by https only", "write https://"
        )
    return value.rstrip("/")


def _bucket(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", value):
        raise fault("bad-bucket", "this is no name of a bucket", "write `calls-of-example`")
    return value


def _folder_in_bucket(value: str) -> str:
    if not re.fullmatch(r"([A-Za-z0-9_-]+/)*", value):
        raise fault("bad-prefix", "this must be names with a `/` after each", "write `recordings/`")
    return value


_Endpoint = Annotated[str, AfterValidator(_endpoint)]
_Bucket = Annotated[str, AfterValidator(_bucket)]
_Prefix = Annotated[str, AfterValidator(_folder_in_bucket)]


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class BucketAt:
    """An S3 bucket in which closed containers stay; they grow in `paths.vault` while calls go on."""

    endpoint: _Endpoint
    """The address of the S3 service; without TLS only one on this machine itself is allowed."""
    name: _Bucket
    """The bucket's name; it is addressed by path."""
    region: Text = "us-east-1"
    """The region that requests are signed for; services of one's own mostly take any."""
    prefix: _Prefix = ""
    """What every key in the bucket begins with: nothing, or names with a `/` after each."""
    key_file: File
    """A file of two lines, our key's id and its secret, that is readable by this software alone."""
    lock: Flag = False
    """Whether what the law demands to be kept is locked there (Object Lock), if the bucket enforces it."""
    take: Flag = True
    """Whether containers go there; with false it is read and erased from, and emptied by `vault move`."""


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class HeadsBucket:
    """An S3 bucket for the ledger's signed heads, best of somebody else, whose key may put and not delete."""

    endpoint: _Endpoint
    """The address of its service, as of `bucket`."""
    name: _Bucket
    """Its name."""
    region: Text = "us-east-1"
    """The region that requests are signed for."""
    prefix: _Prefix = ""
    """What every key in it begins with: nothing, or names with a `/` after each."""
    key_file: File
    """A file of two lines, as of `bucket`."""


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class EarlierBucket:
    """An S3 bucket of earlier days, which is read and erased from, and which `vault move` empties."""

    endpoint: _Endpoint
    """The address of its service, as of `bucket`."""
    name: _Bucket
    """Its name."""
    region: Text = "us-east-1"
    """The region that requests are signed for."""
    prefix: _Prefix = ""
    """What every key in it begins with."""
    key_file: File
    """A file of two lines, as of `bucket`."""
