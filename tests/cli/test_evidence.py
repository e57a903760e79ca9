"""Proofs by themselves: verified offline, with public keys alone, on a machine that has nothing else."""

from __future__ import annotations

import hashlib
import json
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from asterisk_gdpr.cli.console import Console
from asterisk_gdpr.cli.main import run
from asterisk_gdpr.ports import CallRow, Evidence
from asterisk_gdpr.seal.container import Header, Writer
from asterisk_gdpr.service.call.sampling import Sampling, seed_of
from asterisk_gdpr.service.proof.choice_evidence import digest_of
from tests.cli.house import RECORDING, HandClock, House
from tests.seal.samples import manifest as manifest_of

CALL = f"c{RECORDING[1:]}"


def offline(tmp_path: Path, *arguments: str | Path) -> int:
    """Run a command where there is no installation at all."""
    return run([str(each) for each in arguments], Console(tmp_path / "nowhere/config.yaml"))


def verify_key(house: House) -> Path:
    """The public key that an auditor has."""
    (key,) = (house.folder / "state/keys").glob("verify-*.pub")
    return key


def test_the_evidence_of_a_choice_stands_by_itself(full_house: House, tmp_path: Path) -> None:
    """It verifies without the register, is bound to the ledger, and outlives the recording."""
    house, file = full_house, tmp_path / "choice.json"
    assert house("calls", "evidence", CALL, "--to", file) == 0, house.err
    assert offline(tmp_path, "certificate", "verify", file, "--key", verify_key(house)) == 0

    body = json.loads(file.read_bytes())["body"]
    assert body["facts_sha256"] == digest_of(body["facts"])
    with closing(house.open()) as installation:
        (made,) = [e for e in installation.register().entries() if e.kind == "choice-made"]
    assert made.payload and made.payload["evidence_sha256"] == body["facts_sha256"]

    assert house("erase", "--recording", RECORDING, "--reason", "requested") == 0
    assert house("calls", "evidence", CALL, "--to", tmp_path / "later.json") == 0
    assert json.loads((tmp_path / "later.json").read_bytes())["body"]["facts"] == body["facts"]


@pytest.mark.parametrize("what", ["change", "cut", "other-key"])
def test_forged_evidence_fails(full_house: House, tmp_path: Path, what: str) -> None:
    """Evidence that was changed, cut or signed by another is refused."""
    house, file = full_house, tmp_path / "choice.json"
    assert house("calls", "evidence", CALL, "--to", file) == 0
    key = verify_key(house)
    data = file.read_bytes()
    if what == "change":
        file.write_bytes(data.replace(b'"agreed"', b'"refusd"'))
    elif what == "cut":
        file.write_bytes(data[:-2])
    else:
        key = tmp_path / "other.pub"
        key.write_text("asterisk-gdpr verify-key " + "11" * 32 + "\n")

    assert offline(tmp_path, "certificate", "verify", file, "--key", key) == 1


def test_a_container_verifies_offline(
    full_house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A container by itself verifies with the public key alone; changed, cut or longer it is told where."""
    (container,) = (full_house.folder / "state/vault").rglob("*.agdpr")
    file, key = tmp_path / "copy.agdpr", verify_key(full_house)
    whole = container.read_bytes()
    file.write_bytes(whole)
    assert offline(tmp_path, "recordings", "verify", "--file", file, "--key", key) == 0

    other = tmp_path / "other.pub"
    other.write_text("asterisk-gdpr verify-key " + "11" * 32 + "\n")
    changed = bytearray(whole)
    changed[len(whole) // 2] ^= 1
    for data, by, told in (
        (bytes(changed), key, "at byte"),
        (whole[:-1], key, "at byte"),
        (whole + b"x", key, "at byte"),
        (whole, other, "not among those given"),
    ):
        file.write_bytes(data)
        capsys.readouterr()
        assert offline(tmp_path, "recordings", "verify", "--file", file, "--key", by) == 1
        assert told in capsys.readouterr().out
    assert offline(tmp_path, "recordings", "verify", "--file", file) == 2
    assert offline(tmp_path, "recordings", "verify", "--file", tmp_path / "none", "--key", key) == 1


def test_the_ledger_has_the_hash_of_manifest_and_container(
    full_house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who has data key and signing key seals and signs another container; the ledger's export shows it."""
    (container,) = (full_house.folder / "state/vault").rglob("*.agdpr")
    export, key, file = tmp_path / "ledger", verify_key(full_house), tmp_path / "copy.agdpr"
    assert full_house("ledger", "export", export) == 0
    told = ("recordings", "verify", "--file", file, "--key", key, "--ledger", export)
    file.write_bytes(container.read_bytes())
    assert offline(tmp_path, *told) == 0
    passphrase = ("--passphrase-file", full_house.passphrase, "--reason", "dispute")
    assert full_house("recordings", "export", RECORDING, "--to", tmp_path / "d", *passphrase) == 0
    manifest = (tmp_path / "d/manifest.json").read_bytes().removesuffix(b"\n")
    assert f'"manifest_sha256":"{hashlib.sha256(manifest).hexdigest()}"' in export.read_text()

    with closing(full_house.open()) as installation:
        signer = installation.signing_key()
    data, writer = Writer.start(Header(RECORDING, "2026-11-23T10:00:00Z", 8000, "0123456789abcdef"))
    step, writer = writer.begin_generation(1, bytes(32))
    data += step
    step, writer, entry = writer.segment(1000, b"what was never said")
    forged = manifest_of(RECORDING, [entry])
    file.write_bytes(data + step + writer.finish(forged, signer, "2026-11-23T10:00:01Z").data)
    assert offline(tmp_path, *told[:-2]) == 0
    capsys.readouterr()
    assert offline(tmp_path, *told) == 1
    assert "the ledger names another container" in " ".join(capsys.readouterr().out.split())


def test_the_ledger_verifies_offline_and_against_heads(full_house: House, tmp_path: Path) -> None:
    """An export verifies with the public key alone; against a later head a cut one fails with the place."""
    house, export, heads = full_house, tmp_path / "ledger", tmp_path / "heads"
    key = verify_key(house)
    assert house("ledger", "export", export) == 0
    assert offline(tmp_path, "ledger", "verify", export, "--key", key) == 0

    with closing(house.open()) as installation:
        installation.register().record("listened", {}, house.clock.now())
        assert installation.anchors().tick()
        (file,) = installation.config.ledger.heads
    heads.write_bytes(file.read_bytes())
    assert house("ledger", "verify", "--heads", heads) == 0
    assert house("ledger", "verify", export, "--heads", heads, "--key", key) == 1
    assert "DAMAGED at entry" in house.out


def test_a_certificate_says_until_when_what_remains_remains(full_house: House, tmp_path: Path) -> None:
    """An erasure's certificate names each epoch that could still open an old copy, and when it should end."""
    house, file = full_house, tmp_path / "proof"
    assert house("erase", "--recording", RECORDING, "--reason", "requested") == 0
    assert house("certificate", "show", RECORDING, "--to", file) == 0
    assert offline(tmp_path, "certificate", "verify", file, "--key", verify_key(house)) == 0

    copies = json.loads(file.read_bytes())["body"]["remains"][0]
    with closing(house.open()) as installation:
        (epoch,) = installation.register().epochs()
        expected = epoch.began_at + installation.epoch_life
    assert copies["epochs"] == [epoch.id]
    assert copies["expected_by"] == expected.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def test_the_vault_is_verified_from_the_command_line(full_house: House) -> None:
    """vault verify passes for a whole vault, and its exit status says when it is not."""
    house = full_house
    assert house.json("vault", "verify")["faults"] == []
    (container,) = (house.folder / "state/vault").rglob("*.agdpr")
    data = bytearray(container.read_bytes())
    data[-100] ^= 1
    container.write_bytes(bytes(data))

    assert house.json("vault", "verify", status=1)["faults"][0]["wrong"] == "damaged"
    container.unlink()
    assert house.json("vault", "verify", status=1)["faults"][0]["wrong"] == "missing"
    assert "vault-verified" in house.kinds()


def test_the_draws_of_a_day_are_checked_when_it_is_over(full_house: House) -> None:
    """`ledger draws` shows the seed of a day that is over, and that each call was offered or not by it."""
    house, day = full_house, "2026-11-22"
    with closing(house.open()) as installation:
        register, node = installation.register(), installation.config.node
        derive = partial(installation.index_key().blind, "sampling")
        clock = HandClock(datetime(2026, 11, 22, 9, 0, tzinfo=UTC))
        sampling = Sampling(derive, register, clock, node)
        sampling.commit_day()
        for number in range(24):
            call, at = f"c{number:016d}", clock.now()
            register.add_call(CallRow(call, f"x{number}", f"x{number}", "sales", "en", node, "p", at))
            draw = sampling.draw(call, 50)
            assert draw is not None
            outcome = "refused" if draw.is_in else "sampled_out"
            register.commit_choice(Evidence(call, at, outcome, {"draw": draw.facts()}))
    told = house.json("ledger", "draws", day)
    assert told["ok"] and len(told["calls"]) == 24
    assert told["seed"] == seed_of(derive, node, day).hex()

    assert house("ledger", "draws", "2026-11-23") == 1 and "not over" in house.err
    with closing(house.open()) as installation:
        picked = next(call["call"] for call in told["calls"] if not call["offered"])
        facts = {"draw": {"day": day, "share": 50, "offered": True}}
        installation.register().commit_choice(Evidence(picked, clock.now(), "agreed", facts))
    assert house("ledger", "draws", day) == 1 and picked in house.out
