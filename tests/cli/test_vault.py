"""`vault`: where containers lie, and how they get from one place to another."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_gdpr.adapters.vault_files import FileVault
from asterisk_gdpr.adapters.vault_names import place_of
from tests.cli.house import RECORDING, House
from tests.vault.moto import Moto

CALLS = "calls-of-example"


def with_bucket(house: House, moto: Moto, **more: str) -> None:
    """Let the configuration name a bucket of this server."""
    moto.bucket(CALLS, lock=True)
    key = house.folder / "secrets" / "bucket"
    key.write_text("its-id\nits-secret\n")
    key.chmod(0o600)
    fields = {
        "endpoint": f"http://127.0.0.1:{moto.port}",
        "name": CALLS,
        "key_file": "secrets/bucket",
        **more,
    }
    with house.config.open("a") as file:
        file.write("bucket:\n" + "".join(f"  {name}: {value}\n" for name, value in fields.items()))


@pytest.mark.thorough
def test_from_the_folder_to_a_bucket_to_another_and_back(full_house: House) -> None:
    """Containers go up, are verified there, go on to another bucket, and come back, by `vault move`."""
    house = full_house
    made = RECORDING
    with Moto() as moto:
        with_bucket(house, moto, lock="true")
        assert house("check") == 1 and "bucket-unmarked" in house.out
        assert house("vault", "lay-out") == 0
        assert house.out == "The bucket is marked. It enforces Object Lock.\n"
        house("check")
        assert "bucket" not in house.out
        with house.console().installation() as installation:
            installation.settling().tick()
        owner = moto.owner()
        keys = [each["Key"] for each in owner.list_objects_v2(Bucket=CALLS)["Contents"]]
        assert place_of(made) in keys
        assert not list(house.folder.rglob("*.agdpr"))

        assert house("recordings", "verify", made) == 0
        assert house("vault", "verify") == 0

        owner.create_bucket(Bucket="calls-anew")
        first = house.config.read_text()
        section = first[first.index("bucket:") :]
        earlier = "".join(f"  {line}\n" for line in section.splitlines()[1:] if "lock" not in line)
        second = section.replace(CALLS, "calls-anew").replace("lock: true", "lock: false")
        house.config.write_text(first.replace(section, f"{second}earlier_buckets:\n  -\n{earlier}"))
        assert house("check") == 1 and "bucket-unmarked" in house.out
        assert house("vault", "lay-out") == 0
        assert house("recordings", "verify", made) == 0
        assert house.json("vault", "move") == {"moved": 1, "left": {}}
        assert "Contents" in owner.list_objects_v2(Bucket="calls-anew", Prefix=place_of(made))
        assert "Contents" not in owner.list_objects_v2(Bucket=CALLS, Prefix=place_of(made))
        assert house("recordings", "verify", made) == 0

        house.config.write_text(
            house.config.read_text().replace("earlier_buckets:", "  take: false\nearlier_buckets:")
        )
        assert house.json("vault", "move") == {"moved": 1, "left": {}}
        assert list(house.folder.rglob("*.agdpr"))
        assert house("recordings", "verify", made) == 0
        assert "Contents" not in owner.list_objects_v2(Bucket="calls-anew", Prefix=place_of(made))


def test_from_one_folder_to_another(full_house: House, tmp_path: Path) -> None:
    """With the old folder named, what lies there plays as ever, and `vault move` empties it."""
    house = full_house
    made = RECORDING
    FileVault.lay_out(tmp_path / "new")
    text = house.config.read_text()
    old = house.open().config.paths.vault
    text = text.replace("paths:\n", f"paths:\n  earlier_vaults: [{old}]\n").replace(
        next(line for line in text.splitlines() if line.strip().startswith("vault:")),
        f"  vault: {tmp_path / 'new'}",
    )
    house.config.write_text(text)
    assert house("recordings", "verify", made) == 0

    assert house.json("vault", "move") == {"moved": 1, "left": {}}
    assert list((tmp_path / "new").rglob("*.agdpr")) and not list(old.rglob("*.agdpr"))
    assert house("recordings", "verify", made) == 0
    assert house.json("vault", "move") == {"moved": 0, "left": {}}


def test_laying_out_without_a_bucket(house: House) -> None:
    """There is one clear error, with what to write."""
    assert house("vault", "lay-out") == 1
    assert "bucket:" in house.err


@pytest.mark.parametrize("text", ["one-line", "its-id\nits\nsecret"])
def test_a_key_file_that_is_none(house: House, text: str) -> None:
    """A file that is no key of a bucket is told, without what stands in it, and nothing else is done."""
    key = house.folder / "secrets" / "bucket"
    key.write_text(text)
    key.chmod(0o600)
    with house.config.open("a") as file:
        file.write("bucket: {endpoint: 'https://s3.example.com', name: calls, key_file: secrets/bucket}\n")

    assert house("vault", "verify") == 1
    assert "first line" in house.err and text.split()[0] not in house.err
