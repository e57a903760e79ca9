"""The few requests to an S3 bucket that obstore has no words for: old versions, half uploads, retention.

They are signed as AWS Signature Version 4 says; a test holds the signature against AWS's own example and
against botocore's. No key, no secret and no address is in any error.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import http.client
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from asterisk_gdpr.errors import Unreachable

_RETAINED = "x-amz-object-lock-retain-until-date"
_AWAY = "The bucket does not answer."


@dataclass(frozen=True)
class S3Place:
    """A bucket, and who we are to it."""

    endpoint: str
    """`https://host[:port]`, without a path."""
    bucket: str
    region: str
    key_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Answer:
    """What the bucket said."""

    status: int
    headers: Mapping[str, str]
    """Their names in small letters."""
    text: str


class S3Requests:
    """Requests to one bucket, each on a connection of its own: they are rare."""

    def __init__(self, place: S3Place, seconds: float) -> None:
        self._place = place
        self._seconds = seconds

    def versions(self, key: str) -> list[str]:
        """The ids of every version of an object, and of the marks that say it is deleted."""
        query = {"versions": "", "prefix": key}
        found: list[str] = []
        while True:
            text = self._good("GET", "", query)
            found += [_of(part, "VersionId") for part in _parts(text, "Version|DeleteMarker", key)]
            if _of(text, "IsTruncated") != "true":
                return found
            query |= {
                "key-marker": _of(text, "NextKeyMarker"),
                "version-id-marker": _of(text, "NextVersionIdMarker"),
            }

    def delete_version(self, key: str, version: str) -> bool:
        """Delete one version for good; False when the bucket forbids it."""
        answer = self.ask("DELETE", key, {"versionId": version})
        if answer.status not in (200, 204, 403, 404):
            raise Unreachable(_AWAY, id="bucket-unreachable")
        return answer.status != 403

    def abort_uploads(self, key: str) -> None:
        """Throw away what was uploaded in parts and never completed."""
        text = self._good("GET", "", {"uploads": "", "prefix": key})
        for part in _parts(text, "Upload", key):
            self.ask("DELETE", key, {"uploadId": _of(part, "UploadId")})

    def lockable(self) -> bool:
        """Whether the bucket says that it has Object Lock."""
        answer = self.ask("GET", "", {"object-lock": ""})
        return answer.status == 200 and "Enabled" in answer.text

    def lock(self, key: str, version: str, until: datetime) -> bool:
        """Let nobody delete this version before a time (mode COMPLIANCE); False when the bucket will not."""
        body = (
            '<Retention xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Mode>COMPLIANCE</Mode>'
            f"<RetainUntilDate>{until.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</RetainUntilDate></Retention>"
        )
        return self.ask("PUT", key, {"retention": "", "versionId": version}, body.encode()).status == 200

    def locked_until(self, key: str, version: str) -> datetime | None:
        """Until when this version cannot be deleted; None when no date is known."""
        date = self.ask("HEAD", key, {"versionId": version}).headers.get(_RETAINED)
        return None if date is None else datetime.fromisoformat(date).astimezone(UTC)

    def ask(self, method: str, key: str, query: Mapping[str, str], body: bytes = b"") -> Answer:
        """One signed request; raises Unreachable when the bucket does not answer, or is in trouble."""
        at = urlsplit(self._place.endpoint)
        path = quote(f"/{self._place.bucket}/{key}" if key else f"/{self._place.bucket}")
        asked = "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in sorted(query.items()))
        headers = {"host": at.netloc}
        if body:
            headers["content-md5"] = base64.b64encode(_md5(body)).decode()
        headers = signed(self._place, method, path, asked, headers, body, datetime.now(UTC))
        kind = http.client.HTTPSConnection if at.scheme == "https" else http.client.HTTPConnection
        connection = kind(at.netloc, timeout=self._seconds)
        try:
            connection.request(method, f"{path}?{asked}" if asked else path, body or None, headers)
            response = connection.getresponse()
            told = {name.lower(): value for name, value in response.getheaders()}
            answer = Answer(response.status, told, response.read().decode("utf-8", "replace"))
        except (OSError, http.client.HTTPException):
            raise Unreachable(_AWAY, id="bucket-unreachable") from None
        finally:
            connection.close()
        if answer.status >= 500:
            raise Unreachable(_AWAY, id="bucket-unreachable")
        return answer

    def _good(self, method: str, key: str, query: Mapping[str, str]) -> str:
        answer = self.ask(method, key, query)
        if answer.status != 200:
            raise Unreachable(
                f"The bucket refuses what it is asked ({answer.status}).",
                hint="Look at the bucket's name, our key for it, and what that key may do.",
                id="bucket-refuses",
            )
        return answer.text


def signed(
    place: S3Place,
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    body: bytes,
    at: datetime,
) -> dict[str, str]:
    """The headers of a request with its signature; `path` and `query` are encoded, names of headers small."""
    stamp, day = at.strftime("%Y%m%dT%H%M%SZ"), at.strftime("%Y%m%d")
    digest = hashlib.sha256(body).hexdigest()
    every = {**headers, "x-amz-content-sha256": digest, "x-amz-date": stamp}
    names = ";".join(sorted(every))
    lines = "".join(f"{name}:{every[name].strip()}\n" for name in sorted(every))
    request = f"{method}\n{path}\n{query}\n{lines}\n{names}\n{digest}"
    scope = f"{day}/{place.region}/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{place.secret}".encode()
    for part in (day, place.region, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    credential = f"{place.key_id}/{scope}"
    return {
        **every,
        "authorization": f"AWS4-HMAC-SHA256 Credential={credential},"
        f"SignedHeaders={names},Signature={signature}",
    }


def _md5(body: bytes) -> bytes:
    """What S3 wants beside a lock, against a torn request; it protects nothing."""
    return hashlib.md5(body, usedforsecurity=False).digest()


def _parts(text: str, names: str, key: str) -> list[str]:
    """The elements of these names that are about exactly this key."""
    found = re.findall(rf"<({names})>(.*?)</\1>", text, re.DOTALL)
    return [part for _, part in found if _of(part, "Key") == key]


def _of(text: str, name: str) -> str:
    """The text of the first element of a name; empty when there is none."""
    match = re.search(rf"<{name}>([^<]*)</{name}>", text)
    return html.unescape(match[1]) if match else ""
