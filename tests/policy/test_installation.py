"""The installation's file."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_gdpr.config import load_config, read_secret, shipped
from asterisk_gdpr.errors import ConfigFaults, Refused

LEAST = """\
node: pbx1
asterisk:
  ari: {password_file: secrets/ari}
  ami: {secret_file: /etc/ami}
policy: {path: policy.yaml}
"""


def faults_of(folder: Path, text: str) -> list[tuple[str, int]]:
    """What a file is at fault for, as ids and lines."""
    path = folder / "config.yaml"
    path.write_text(text)
    with pytest.raises(ConfigFaults) as caught:
        load_config(path)
    return [(fault.id, fault.line) for fault in caught.value.faults]


def test_the_sample_is_what_the_defaults_are(tmp_path: Path) -> None:
    """The shipped file says what holds anyway, but for what every installation must give itself."""
    path = tmp_path / "config.yaml"
    path.write_text(LEAST.replace("/etc/ami", "secrets/ami") + "time_zone: Europe/Berlin\n")
    sample = tmp_path / "sample.yaml"
    sample.write_bytes((shipped() / "config.yaml").read_bytes())

    assert load_config(sample) == load_config(path)


def test_relative_paths_begin_at_the_file(tmp_path: Path) -> None:
    """A relative path is one beside the file that names it, an absolute one stays what it is."""
    path = tmp_path / "config.yaml"
    path.write_text(LEAST)

    config = load_config(path)

    assert config.asterisk.ari.password_file == tmp_path / "secrets" / "ari"
    assert config.asterisk.ami.secret_file == Path("/etc/ami")
    assert (config.web.host, config.web.port, config.web.session) == ("127.0.0.1", 8470, 1800)


def test_every_fault_comes_at_once(tmp_path: Path) -> None:
    """Wrong addresses, ports, zones, countries and words are all named in one run."""
    text = LEAST.replace("node: pbx1", "node: PBX 1\ntime_zone: Mars/Base\ndefault_country: de") + (
        "web: {listen: 8470, sessions: 30 min}\n"
        "register: {url: 'postgresql://me:pw@db/x'}\n"
        "retention: {tick: 60, ask_above: 2.5}\n"
        "speech: {speed: fast}\n"
    )

    assert faults_of(tmp_path, text) == [
        ("bad-name", 1),
        ("unknown-zone", 2),
        ("unknown-country", 3),
        ("wrong-type", 8),
        ("unknown-word", 8),
        ("secret-in-file", 9),
        ("bad-duration", 10),
        ("out-of-range", 10),
        ("wrong-type", 11),
    ]


def test_secrets_do_not_stand_in_the_file(tmp_path: Path) -> None:
    """A password in the file is refused without repeating it, and the word for its file is named."""
    path = tmp_path / "config.yaml"
    path.write_text(LEAST.replace("{password_file: secrets/ari}", "{password: hunter2}"))

    with pytest.raises(ConfigFaults) as caught:
        load_config(path)

    fault = next(fault for fault in caught.value.faults if fault.id == "secret-in-file")
    assert "password_file" in fault.hint
    assert "hunter2" not in str(caught.value)


def test_a_secret_is_one_line_of_a_file(tmp_path: Path) -> None:
    """A secret is read without its line's end; none, or none that can be read, is an error with a way out."""
    secret = tmp_path / "ari"
    secret.write_text("s3cret\n")

    assert read_secret(secret) == "s3cret"
    secret.write_text("\n")
    for path in (secret, tmp_path / "none", tmp_path):
        with pytest.raises(Refused) as caught:
            read_secret(path)
        assert caught.value.id == "no-secret" and caught.value.hint


@pytest.mark.parametrize(
    ("mqtt", "id"),
    [
        ("{host: broker.example.com, tls: false}", "mqtt-in-the-clear"),
        ("{host: localhost, tls: false, prefix: 'a/#'}", "bad-topic"),
        ("{host: localhost, password: x}", "secret-in-file"),
    ],
)
def test_a_broker_that_cannot_be_meant(tmp_path: Path, mqtt: str, id: str) -> None:
    """A broker elsewhere without TLS, a topic with a wildcard and a password in the file are refused."""
    path = tmp_path / "config.yaml"
    path.write_text(f"{LEAST}\nmqtt: {mqtt}\n")

    with pytest.raises(ConfigFaults) as caught:
        load_config(path)

    assert id in [fault.id for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("openid", "id"),
    [
        ("{issuer: 'http://login.example.com', client: page, secret_file: s}", "bad-url"),
        ("{issuer: 'https://user@login.example.com', client: page, secret_file: s}", "bad-url"),
        ("{issuer: 'https://login.example.com', client: page, secret: x}", "secret-in-file"),
    ],
)
def test_a_provider_that_cannot_be_meant(tmp_path: Path, openid: str, id: str) -> None:
    """A provider elsewhere without TLS, or with a secret in the file, is refused."""
    path = tmp_path / "config.yaml"
    path.write_text(f"{LEAST}\nweb: {{openid: {openid}}}\n")

    with pytest.raises(ConfigFaults) as caught:
        load_config(path)

    assert id in [fault.id for fault in caught.value.faults]


def test_a_provider_on_this_machine_or_by_tls_is_taken(tmp_path: Path) -> None:
    """A provider by https, with its path and port, is taken as it stands, and so is one of this machine."""
    path = tmp_path / "config.yaml"
    for issuer in ("https://login.example.com:8443/realms/staff", "http://127.0.0.1:4593/api/oidc"):
        path.write_text(f"{LEAST}\nweb: {{openid: {{issuer: '{issuer}', client: page, secret_file: s}}}}\n")
        taken = load_config(path).web.openid
        assert taken is not None and taken.issuer == issuer


@pytest.mark.parametrize(
    ("field", "id"),
    [
        ("endpoint: http://s3.example.com", "bucket-in-the-clear"),
        ("endpoint: http://localhost.example.com", "bucket-in-the-clear"),
        ("endpoint: https://id:secret@s3.example.com", "bad-url"),
        ("name: Calls/2026", "bad-bucket"),
        ("prefix: /calls", "bad-prefix"),
    ],
)
def test_a_bucket_is_named_well_and_reached_by_tls(tmp_path: Path, field: str, id: str) -> None:
    """A bucket on another machine is reached by https only, and no secret stands in its address."""
    fields = {"endpoint": "https://s3.example.com", "name": "calls", "key_file": "key"}
    name, _, value = field.partition(": ")
    text = LEAST + "bucket:\n" + "".join(f"  {k}: {v}\n" for k, v in {**fields, name: value}.items())
    assert id in [fault for fault, _ in faults_of(tmp_path, text)]
