"""The installation: where this machine's Asterisk, files, register and page are.

Secrets stand in files of their own, which this file only names.
Paths that are not absolute begin at the folder of the file that names them.
The field's text below is its documentation: `docs/policy.md` is compared with it by a test.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, model_validator
from pydantic.dataclasses import dataclass

from asterisk_gdpr.config.bucket import BucketAt, EarlierBucket, HeadsBucket
from asterisk_gdpr.config.kinds import (
    Count,
    Country,
    File,
    Flag,
    Language,
    Seconds,
    Share,
    Text,
    Word,
    Zone,
    fault,
)
from asterisk_gdpr.config.token import TokenAt

_VOICES = {
    "en": "en-gb",
    "de": "de",
    "fr": "fr-fr",
    "es": "es",
    "it": "it",
    "nl": "nl",
    "pl": "pl",
    "pt": "pt",
}
"""espeak-ng's voices for the languages that have a wording."""

_STRICT = ConfigDict(extra="forbid", use_attribute_docstrings=True)


def _listen(value: str) -> str:
    match = re.fullmatch(r"(\[[0-9a-f:]+\]|[0-9a-z.-]+):([0-9]{1,5})", value)
    if match is None or not 0 < int(match[2]) < 65536:
        raise fault("bad-listen", "this must be an address and a port", "write `127.0.0.1:8470`")
    return value


def _ari(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/@]+(/[^\s?#]*)?", value):
        raise fault(
            "bad-url",
            "this must be the address of ARI without user or password",
            "write `http://127.0.0.1:8088/ari`",
        )
    return value.rstrip("/")


def _issuer(value: str) -> str:
    here = r"http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?"
    if not re.fullmatch(rf"(https://[^\s/@?#]+|{here})(/[^\s?#]*)?", value) or value.endswith("/.well-known"):
        raise fault(
            "bad-url",
            "this must be the provider's issuer, by https",
            "write `https://login.example.com/realms/staff`",
        )
    return value


def _prefix(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*", value):
        raise fault(
            "bad-topic",
            "this must be the beginning of a topic, without `+`, `#` and a `/` at its ends",
            "write `asterisk-gdpr`",
        )
    return value


def _register(value: str) -> str:
    if "@" in value or re.search(r"[?&]password=", value):
        raise fault(
            "secret-in-file",
            "a register's address must not bear user and password",
            "use sqlite:///, or postgresql://HOST/NAME?user=USER&passfile=FILE",
        )
    scheme, found, rest = value.partition("://")
    if not found or scheme not in ("sqlite", "postgresql") or not rest.partition("/")[2]:
        raise fault(
            "bad-url",
            "this must be the address of an SQLite file or a PostgreSQL database",
            "write `sqlite:////var/lib/.../register.db` or `postgresql:///NAME`",
        )
    return value


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Paths:
    """Folders of this software."""

    state: File = Path("/var/lib/asterisk-gdpr")
    """What must outlive a restart and is in no other folder; owned by this software's user alone."""
    keys: File = Path("/var/lib/asterisk-gdpr/keys")
    """Signing key, index key, the vault's public key and its private key under a passphrase; mode 0700."""
    vault: File = Path("/var/lib/asterisk-gdpr/vault")
    """Where containers lie; only sealed data is in it."""
    earlier_vaults: tuple[File, ...] = ()
    """Folders that were the vault before: still read and erased from, and emptied by `vault move`."""
    spool: File = Path("/run/asterisk-gdpr-spool")
    """Plaintext of the last seconds: a tmpfs of its own with a size limit, which Asterisk may enter."""
    run: File = Path("/run/asterisk-gdpr")
    """Sockets and locks of the running processes."""
    prompts: File = Path("/var/lib/asterisk-gdpr/prompts")
    """The notice as sound; Asterisk reads it."""


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Ari:
    """Asterisk's REST interface: calls and prompts."""

    url: Annotated[str, AfterValidator(_ari)] = "http://127.0.0.1:8088/ari"
    """Its address; user and password do not stand in it."""
    user: Text = "asterisk-gdpr"
    """The user of ari.conf."""
    password_file: File
    """A file that holds the user's password and is readable by this software alone."""
    app: Word = "asterisk-gdpr"
    """The name that the dialplan gives to Stasis()."""


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Ami:
    """Asterisk's manager interface: MixMonitor, and who is in a call."""

    host: Text = "127.0.0.1"
    """Where it listens; anything but this machine itself is a fault that `check` finds."""
    port: Annotated[Count, Field(ge=1, le=65535)] = 5038
    """Its TCP port."""
    user: Text = "asterisk-gdpr"
    """The user of manager.conf."""
    secret_file: File
    """A file that holds the user's secret and is readable by this software alone."""


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Asterisk:
    """The PBX."""

    ari: Ari
    """Its REST interface."""
    ami: Ami
    """Its manager interface."""
    group: Text = "asterisk"
    """The Unix group that Asterisk runs as: the spool's leg files belong to it, so that it can write them."""


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class RegisterAt:
    """The database."""

    url: Annotated[str, AfterValidator(_register)] = "sqlite:////var/lib/asterisk-gdpr/register.db"
    """Its address: of an SQLite file (four slashes before an absolute path; it is made with mode 0600), or of
    a PostgreSQL database, with libpq's parameters behind a `?` (`host`, `user`, `passfile`, `sslmode`, …)."""


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class OpenIdBy:
    """The organisation's own sign-in, beside passwords; people are still added here, with their roles."""

    issuer: Annotated[str, AfterValidator(_issuer)]
    """The provider's issuer address, exactly as it calls itself; by https, unless it is this machine."""
    client: Text
    """Our client's id there; the address that it returns to is the page's own with `/sign-in/openid/back`."""
    secret_file: File
    """A file that holds the client's secret and is readable by this software alone."""
    claim: Text = "email"
    """The claim whose value is a person's name here; an `email` counts only if the provider verified it."""
    label: Text = "OpenID"
    """What the sign-in page calls it."""
    ca_file: File | None = None
    """The certificates that the provider's is verified by, instead of those that are generally trusted."""


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Web:
    """The page."""

    listen: Annotated[str, AfterValidator(_listen)] = "127.0.0.1:8470"
    """Address and port; a proxy with TLS stands before it, so the default is this machine alone."""
    hosts: Annotated[tuple[Text, ...], Field(min_length=1)] = ("localhost", "127.0.0.1")
    """The host names under which people may call the page; any other is refused."""
    https: Flag = False
    """Whether people reach the page by https: its cookies then go by https alone, and browsers keep to it."""
    proxies: Annotated[Count, Field(ge=0, le=8)] = 0
    """How many reverse proxies stand before the page; their X-Forwarded headers are believed, no others."""
    credential: Text | None = None
    """A systemd credential that holds the vault's passphrase; the page then unlocks itself at its start."""
    session: Annotated[Seconds, Field(ge=60)] = Field(default="30 min", validate_default=True)
    """How long a sign-in lasts without activity; short, because the page opens recordings."""

    openid: OpenIdBy | None = None
    """The organisation's own sign-in; passwords alone, if left out."""

    @property
    def host(self) -> str:
        """The address that the page listens on."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port that the page listens on."""
        return int(self.listen.rpartition(":")[2])


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class PolicyAt:
    """The controller's policy and what it refers to."""

    path: File
    """The policy's file."""
    packs: File | None = None
    """A folder of packs instead of those that come with this software."""
    notices: File | None = None
    """A folder of wordings instead of those that come with this software."""
    documents: File | None = None
    """A folder of document templates instead of those that come with this software."""
    letters: File | None = None
    """A folder of letters (answers to requests) instead of those that come with this software."""


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class SpeechBy:
    """The voice for notices that nobody has read in a studio."""

    command: Annotated[tuple[Text, ...], Field(min_length=1)] = ("espeak-ng",)
    """The espeak-ng program, with arguments that it always needs."""
    voices: dict[Language, Text] = Field(default_factory=lambda: dict(_VOICES))
    """The voice of each language, as espeak-ng names it; one for each shipped wording when left out."""
    speed: Annotated[Count, Field(ge=80, le=260)] = 175
    """Words a minute: espeak-ng's own pace, at which a notice still fits into twelve seconds."""


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Retention:
    """The erasing of what is due."""

    tick: Annotated[Seconds, Field(ge=1, le=86400)] = Field(default="60 s", validate_default=True)
    """How often what is due is looked for; a recording outlives its period by little more than this."""
    ask_above: Annotated[Share, Field(ge=0, le=1)] = 0.2
    """Erasing a larger share of all recordings at once waits for a person: a clock may be wrong."""


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class JournalIn:
    """The erasure journal, by which a restored register learns what may not come back."""

    folders: Annotated[tuple[File, ...], Field(min_length=2)] = (
        Path("/var/lib/asterisk-gdpr/journal"),
        Path("/etc/asterisk-gdpr/journal"),
    )
    """Its copies, at least two, at least one of them on another disk than the register's."""


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class BackupTo:
    """Backups of the register."""

    recipients: tuple[Text, ...] = ()
    """Who can open them: public keys of the age format, `age1…`, made by `age-keygen` and kept elsewhere."""


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class LedgerTo:
    """Where the ledger's signed heads go, by which a cut end or a ledger written anew is found out."""

    every: Annotated[Seconds, Field(ge=10, le=86400)] = Field(default="5 min", validate_default=True)
    """How often the head is signed, when it has moved on."""
    heads: tuple[File, ...] = ()
    """Files that it is appended to, best on another machine's disk."""
    hook: tuple[Text, ...] = ()
    """A command that is handed it on standard input, for a time stamp (RFC 3161) say; none when empty."""
    bucket: HeadsBucket | None = None
    """An S3 bucket in which each head is an object of its own; none, if left out."""


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class EpochsOf:
    """The lives of the vault's key pairs."""

    life: Annotated[Seconds, Field(ge=86400)] = Field(default="30 days", validate_default=True)
    """How long one lives; then what is sealed to it is sealed anew, and its private key is destroyed."""
    escrow: Annotated[tuple[File, ...], Field(min_length=1)] = (Path("/etc/asterisk-gdpr/escrow"),)
    """Folders for the escrow copies of each epoch's private key, best on another machine's disk."""


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class SelfTestAt:
    """The nightly proof that everything still works."""

    nightly: Flag = True
    """Whether the daemon tests itself every night: three calls on the PBX, without a telephone."""
    hour: Annotated[Count, Field(ge=0, le=23)] = 3
    """The hour of the night, in this installation's time zone."""
    line: Word | None = None
    """The line that is tested; the first that can be, when left out."""


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Mqtt:
    """A broker that is told how calls change, and by which they can be steered."""

    host: Text
    """The broker's name or address."""
    port: Annotated[Count, Field(ge=1, le=65535)] = 8883
    """Its TCP port."""
    tls: Flag = True
    """Whether the connection is encrypted; without it only a broker on this machine itself is allowed."""
    ca_file: File | None = None
    """The certificates that the broker's is verified by, instead of those that this machine trusts."""
    certificate_file: File | None = None
    """A certificate that we show, for brokers that ask for one."""
    key_file: File | None = None
    """The private key of that certificate."""
    user: Text | None = None
    """Our user at the broker."""
    password_file: File | None = None
    """A file that holds that user's password and is readable by this software alone."""
    prefix: Annotated[str, AfterValidator(_prefix)] = "asterisk-gdpr"
    """What every topic begins with."""
    keep: Annotated[Seconds, Field(ge=60)] = Field(default="7 days", validate_default=True)
    """How long what could not be sent waits for the broker; after that it is dropped, with an alarm."""

    @model_validator(mode="after")
    def _encrypted_or_here(self) -> Mqtt:
        if not self.tls and self.host not in ("localhost", "127.0.0.1", "::1"):
            raise fault(
                "mqtt-in-the-clear", "a broker on another machine is reached by TLS only", "set tls: true"
            )
        return self


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Config:
    """One installation."""

    node: Word
    """The name of this machine among those that share a register."""
    time_zone: Zone = "UTC"
    """Where calendar days and months begin and end; inside, times are UTC."""
    default_country: Country = "DE"
    """The country in whose notation Asterisk gives numbers that bear no `+`."""
    paths: Paths = Field(default_factory=Paths)
    """Folders of this software."""
    token: TokenAt | None = None
    """A PKCS#11 token under which the page's private key lies; under a passphrase, if left out."""
    bucket: BucketAt | None = None
    """An S3 bucket for closed containers; they stay in `paths.vault`, if left out."""
    earlier_buckets: tuple[EarlierBucket, ...] = ()
    """Buckets that were in use before: read and erased from, until `vault move` has emptied them."""
    asterisk: Asterisk
    """The PBX."""
    register: RegisterAt = Field(default_factory=RegisterAt)
    """The database."""
    web: Web = Field(default_factory=Web)
    """The page."""
    policy: PolicyAt
    """The controller's policy."""
    speech: SpeechBy = Field(default_factory=SpeechBy)
    """The voice for notices."""
    mqtt: Mqtt | None = None
    """A broker that is told how calls change, and by which they can be steered; nobody is, if left out."""
    retention: Retention = Field(default_factory=Retention)
    """The erasing of what is due."""
    self_test: SelfTestAt = Field(default_factory=SelfTestAt)
    """The nightly proof that everything still works."""
    epochs: EpochsOf = Field(default_factory=EpochsOf)
    """The lives of the vault's key pairs."""
    journal: JournalIn = Field(default_factory=JournalIn)
    """The erasure journal."""
    backup: BackupTo = Field(default_factory=BackupTo)
    """Backups of the register."""
    ledger: LedgerTo = Field(default_factory=LedgerTo)
    """The ledger's signed heads."""
