"""Which field of a form a refusal is about: by the field that was looked at, else by the refusal's id."""

from __future__ import annotations

from asterisk_gdpr.errors import GdprError, Refused

FIELDS: dict[str, tuple[str, ...]] = {
    "admin-has-no-ear": ("role",),
    "agent-exists": ("agent",),
    "bad-case": ("case",),
    "bad-name": ("name",),
    "bad-span": ("from",),
    "costly-key": ("file",),
    "hold-ends-before-it-begins": ("until",),
    "incomplete": ("points.*",),
    "no-code": ("code",),
    "no-contact": ("contact",),
    "no-end": ("until", "days"),
    "no-file": ("file",),
    "no-ground": ("ground", "reason"),
    "no-how": ("how",),
    "no-letter": ("language",),
    "no-moment": ("at", "from"),
    "no-name": ("name",),
    "no-numbers": ("number",),
    "no-passphrase": ("passphrase",),
    "no-purpose": ("purpose",),
    "no-reason": ("reason", "why", "ground"),
    "no-right": ("right",),
    "no-scope": ("scope",),
    "no-sound": ("file",),
    "no-such-agent": ("agent",),
    "no-such-line": ("line",),
    "no-such-purpose": ("purpose",),
    "no-such-user": ("coach", "to"),
    "no-text": ("text",),
    "nobody-named": ("number",),
    "not-a-number": ("number", "caller"),
    "not-a-receipt": ("receipt", "code"),
    "not-a-recipient": ("recipient",),
    "not-a-reference": ("reference",),
    "not-a-version": ("version",),
    "not-an-endpoint": ("agent",),
    "not-chosen": ("purpose",),
    "not-entitled": ("purpose",),
    "not-signed-in": ("password",),
    "not-told": ("told",),
    "not-your-line": ("line",),
    "nothing-found": ("recordings",),
    "old-password": ("old",),
    "passwords-differ": ("again",),
    "purpose-ended": ("purpose",),
    "review-past": ("review",),
    "sound-silent": ("file",),
    "sound-too-long": ("file",),
    "too-long": ("text", "comment", "asked", "contact", "why"),
    "too-many-listeners": ("listener",),
    "unknown-purpose": ("purpose",),
    "unknown-recording": ("recordings",),
    "unknown-role": ("role",),
    "user-exists": ("name",),
    "weak-passphrase": ("passphrase",),
    "weak-password": ("new",),
    "withdrawn-needs-claims": ("ground",),
    "wrong-code": ("code",),
    "wrong-passphrase": ("passphrase",),
}
"""The fields that a refusal may be about; the first that the form has is the one. Others are about none."""


class Mistyped(Refused):
    """What stands in one field of a form is not what it takes."""

    def __init__(self, message: str, *, id: str, field: str) -> None:
        super().__init__(message, id=id)
        self.field = field


def about(error: GdprError) -> tuple[str, ...]:
    """Return the names of the fields that a refusal may be about, the likeliest first."""
    return (error.field,) if isinstance(error, Mistyped) else FIELDS.get(error.id, ())
