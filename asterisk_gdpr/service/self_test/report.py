"""What a self-test found, claim by claim, signed: a paper for whoever must show that it was looked after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.seal.evidence import sign_document, verify_document
from asterisk_gdpr.seal.signing import SigningKey, VerifyKey

_KIND = "self_test_report"


@dataclass(frozen=True)
class Claim:
    """One thing that must be so; `held` is None where it could not be looked at, and `detail` says why."""

    id: str
    claim: str
    held: bool | None
    detail: str = ""


@dataclass(frozen=True)
class Report:
    """A whole self-test; it passed when no claim failed."""

    node: str
    line: str
    policy: str
    began_at: datetime
    ended_at: datetime
    claims: tuple[Claim, ...]
    calls: tuple[str, ...]
    recordings: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing failed, and anything was looked at."""
        return bool(self.claims) and all(claim.held is not False for claim in self.claims)

    def signed(self, key: SigningKey) -> bytes:
        """The report as a signed document."""
        body: dict[str, object] = {
            "node": self.node,
            "line": self.line,
            "policy": self.policy,
            "began_at": to_text(self.began_at),
            "ended_at": to_text(self.ended_at),
            "passed": self.passed,
            "claims": [asdict(claim) for claim in self.claims],
            "calls": list(self.calls),
            "recordings": list(self.recordings),
        }
        return sign_document(_KIND, body, key)


def read_report(data: bytes, keys: Iterable[VerifyKey]) -> Mapping[str, Any]:
    """The body of a report that one of `keys` signed; raises Damaged or Refused otherwise."""
    return verify_document(_KIND, data, keys)
