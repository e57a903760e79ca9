"""What `init` makes, and what it leaves alone."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from asterisk_gdpr.bootstrap.installation import Installation
from asterisk_gdpr.cli.console import secret
from asterisk_gdpr.errors import ConfigFaults, Refused
from asterisk_gdpr.service.keys.vault_keys import open_private_keys
from asterisk_gdpr.service.setup.texts import knows_noswap, unit_name
from asterisk_gdpr.service.setup.vault_key import Passphrases
from tests.cli.house import ESCROW, PASSPHRASE, House, set_up


def test_everything_loads(raw: House) -> None:
    """What init makes can be opened: keys, register, vault, and a key pair that the register knows."""
    installation = raw.open()

    public = installation.vault_public_key()
    opened = open_private_keys(installation.vault_documents(), PASSPHRASE)
    assert opened.keys[public.id].public.id == public.id
    assert [key.id for key in installation.verify_keys()] == [installation.signing_key().verify_key.id]
    assert len(installation.keys.page_key()) == 32
    installation.index_key()
    installation.close()


def test_escrow_copy_opens_by_its_own_passphrase(raw: House) -> None:
    """The escrow key opens the escrow copy of the epoch's key, and the page's passphrase opens neither."""
    copies = [path.read_bytes() for path in (raw.folder / "escrow").iterdir()]
    epoch = raw.open().vault_public_key().id

    assert open_private_keys(copies, ESCROW).keys[epoch].public.id == epoch
    assert not open_private_keys(copies, PASSPHRASE)


def test_secrets_are_for_their_owner_alone(raw: House) -> None:
    """No other user may read a secret, a key, the register or the escrow copy."""
    secret = [
        *(raw.folder / "secrets").iterdir(),
        *(raw.folder / "escrow").iterdir(),
        *(raw.folder / "state/keys").glob("*.key"),
        *(raw.folder / "state/keys").glob("*.json"),
        raw.folder / "state/register.db",
    ]

    assert len(secret) == 10
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in secret)
    for folder in ("secrets", "escrow", "state/keys", "state/vault"):
        assert stat.S_IMODE((raw.folder / folder).stat().st_mode) == 0o700


def test_no_line_runs_before_approval(raw: House) -> None:
    """The policy that init writes is whole but for the approval, which a person must give."""
    with pytest.raises(ConfigFaults) as refused:
        raw.open().policy()
    assert [fault.id for fault in refused.value.faults] == ["not-approved"]

    raw.approve()
    assert raw.open().policy().approval


def test_again_changes_nothing(raw: House) -> None:
    """A second run finds everything there, asks no passphrase, and leaves every byte as it was."""
    files = {path: path.read_bytes() for path in raw.folder.rglob("*") if path.is_file()}

    told = raw.json("init", raw.folder)

    assert [each["path"] for each in told["files"] if each["made"]] == []
    assert {p: p.read_bytes() for p in raw.folder.rglob("*") if p.is_file() and "register" not in p.name} == {
        path: data for path, data in files.items() if "register" not in path.name
    }


def test_what_is_missing_is_made_again(raw: House) -> None:
    """A run after an interruption makes what is not there, where the configuration says."""
    (raw.folder / "systemd/asterisk-gdpr.service").unlink()

    told = raw.json("init", raw.folder)

    assert [Path(each["path"]).name for each in told["files"] if each["made"]] == ["asterisk-gdpr.service"]


def test_other_wishes_are_refused(raw: House) -> None:
    """An installation that is there is not made anew elsewhere by an option."""
    assert raw("init", raw.folder, "--state", raw.folder.parent / "other") == 1
    assert "[already-set-up]" in raw.err
    assert not (raw.folder.parent / "other").exists()


def test_interrupted_before_the_epoch(raw: House, tmp_path: Path) -> None:
    """Recipients whose epoch was not begun are taken up, not replaced, and no passphrase is asked for."""
    before = [recipient.key_id for recipient in raw.open().register().recipients()]
    (raw.folder / "state/register.db").unlink()

    assert raw("init", raw.folder) == 0

    installation = raw.open()
    assert [recipient.key_id for recipient in installation.register().recipients()] == before
    opened = open_private_keys(installation.vault_documents(), PASSPHRASE)
    assert installation.vault_public_key().id in opened.keys


@pytest.mark.parametrize(
    ("passphrase", "escrow", "id"),
    [("short", ESCROW, "weak-passphrase"), (PASSPHRASE, PASSPHRASE, "same-passphrase")],
)
def test_weak_passphrases_are_refused(passphrase: str, escrow: str, id: str) -> None:
    """A pair of passphrases that protects little is refused."""
    with pytest.raises(Refused) as refused:
        Passphrases(passphrase, escrow).check()
    assert refused.value.id == id


def test_a_refused_passphrase_makes_no_key(raw: House) -> None:
    """With a passphrase that is refused there is no key of a recipient, and the next run makes one."""
    keys = raw.folder / "state/keys"
    for path in (raw.folder / "state/register.db", *keys.glob("recipient-*")):
        path.unlink()
    raw.passphrase.write_text("short\n")
    files = ("--passphrase-file", raw.passphrase, "--escrow-passphrase-file", raw.passphrase)

    assert raw("init", raw.folder, *files) == 1
    assert "[weak-passphrase]" in raw.err
    assert not list(keys.glob("recipient-*"))


def test_what_is_refused_at_first_makes_nothing(tmp_path: Path) -> None:
    """A new installation whose passphrases are refused leaves nothing for the next run to stumble over."""
    assert set_up(tmp_path / "house", "--escrow-passphrase-file", str(tmp_path / "passphrase")) == 1

    assert not (tmp_path / "house").exists()


@pytest.mark.parametrize("text", ["", "\n", "two\nlines\n"])
def test_a_file_of_a_secret_holds_one_line(tmp_path: Path, text: str) -> None:
    """A secret's file that holds nothing, or more than a line, is refused."""
    (tmp_path / "file").write_text(text)
    with pytest.raises(Refused):
        secret("passphrase", tmp_path / "file")


@pytest.mark.parametrize("folder", ["with space", "semi;colon", "new\nline", "per%cent"])
def test_odd_paths_are_refused(tmp_path: Path, folder: str) -> None:
    """A path that Asterisk's or systemd's files would misread is refused before anything is made."""
    assert set_up(tmp_path / folder) == 1
    assert not (tmp_path / folder).exists()


def test_a_place_that_cannot_be_written(raw: House) -> None:
    """A folder under a file is refused in one line."""
    escrow = raw.folder.parent / "escrow-passphrase"
    escrow.write_text(ESCROW)
    files = ("--passphrase-file", raw.passphrase, "--escrow-passphrase-file", escrow)

    assert raw("init", raw.config / "house", *files) == 1
    assert "[not-writable]" in raw.err


def test_unknown_people_are_refused(tmp_path: Path) -> None:
    """A user or a group that this machine does not have is refused before anything is made."""
    assert set_up(tmp_path / "house", "--user", "nobody-of-that-name") == 1
    assert set_up(tmp_path / "house", "--group", "no-such-group") == 1
    assert not (tmp_path / "house").exists()


def test_asterisk_is_told_our_secrets_and_paths(raw: House) -> None:
    """The snippets bear the secrets that our own files hold, and the dialplan its exempt file's path."""
    snippets = raw.folder / "asterisk"

    assert (raw.folder / "secrets/ari").read_text().strip() in (snippets / "ari.conf").read_text()
    assert (raw.folder / "secrets/ami").read_text().strip() in (snippets / "manager.conf").read_text()
    assert "/asterisk_gdpr_exempt.conf" in (snippets / "asterisk_gdpr.conf").read_text()
    units = [path.read_text() for path in (raw.folder / "systemd").iterdir()]
    assert units and not any(re.search(r"@[A-Z_]+@", unit) for unit in units)


def test_units_are_named_as_systemd_wants() -> None:
    """A mount unit bears its place in its name, escaped as systemd does."""
    assert unit_name(Path("/run/asterisk-gdpr-spool")) == "run-asterisk\\x2dgdpr\\x2dspool"
    assert unit_name(Path("/mnt/a_b.c")) == "mnt-a_b.c"


@pytest.mark.parametrize(
    ("release", "known"),
    [("6.4.0-1-amd64", True), ("6.18.44", True), ("6.1.0-27-amd64", False), ("5.10", False), ("odd", False)],
)
def test_noswap_only_where_the_kernel_knows_it(release: str, known: bool) -> None:
    """An older kernel would refuse to mount the spool with an option that it does not know."""
    assert knows_noswap(release) is known


def test_a_key_that_others_may_read_is_refused(raw: House) -> None:
    """A secret key that is open to other users is not used."""
    key = raw.folder / "state/keys/index.key"
    key.chmod(0o640)

    with pytest.raises(Refused, match="chmod 600") as refused:
        Installation.load(raw.config).index_key()
    assert refused.value.id == "key-open"


def test_a_key_in_another_ones_place_is_refused(raw: House) -> None:
    """A key file says what it is for, and is used for nothing else."""
    keys = raw.folder / "state/keys"
    (keys / "index.key").write_bytes((keys / "signing.key").read_bytes())

    with pytest.raises(Refused) as refused:
        Installation.load(raw.config).index_key()
    assert refused.value.id == "wrong-kind"
