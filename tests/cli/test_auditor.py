"""An auditor's machine: the wheel and what it depends on, files that were handed over, and public keys."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from asterisk_gdpr.seal.canonical import canonical
from asterisk_gdpr.seal.evidence import sign_document
from asterisk_gdpr.seal.signing import SigningKey
from asterisk_gdpr.service.keys.key_files import Kind, key_text
from tests.cli.house import RECORDING, House
from tests.seal.samples import SIGNING, frames_of, sample

pytestmark = pytest.mark.thorough

CHECKOUT = Path(__file__).parents[2]
CALL = f"c{RECORDING[1:]}"
RUN = """
import contextlib, io, json, sys
import asterisk_gdpr
from asterisk_gdpr.cli.main import run
from asterisk_gdpr.cli.console import Console
from pathlib import Path
told = []
for arguments in json.load(sys.stdin):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = run(arguments, Console(Path("/nowhere/config.yaml")))
    told.append([status, out.getvalue() + err.getvalue()])
print(json.dumps({"from": asterisk_gdpr.__file__, "told": told}))
"""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel in it, beside the packages that it depends on; its Python."""
    folder = tmp_path_factory.mktemp("machine")
    build = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", build, str(folder)], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    wheel = folder / done.stdout.split()[-1]
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")], check=True)
    (site,) = (folder / "venv/lib").glob("python*/site-packages")
    for each in Path(sysconfig.get_path("purelib")).iterdir():
        if "asterisk_gdpr" not in each.name:
            (site / each.name).symlink_to(each)
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(site)
    return folder / "venv/bin/python"


def ran(machine: Path, folder: Path, commands: Sequence[Sequence[str | Path]]) -> list[tuple[int, str]]:
    """What each command answered on that machine, in a process that knows nothing of this checkout."""
    (folder / "home").mkdir(exist_ok=True)
    done = subprocess.run(
        [str(machine), "-I", "-c", RUN],
        input=json.dumps([[str(part) for part in each] for each in commands]),
        cwd=folder / "home",
        env={"HOME": str(folder / "home"), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=True,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    assert Path(told["from"]).is_relative_to(machine.parents[1])
    assert list((folder / "home").iterdir()) == []
    return [(status, said) for status, said in told["told"]]


@pytest.fixture
def handed(full_house: House, tmp_path: Path) -> Path:
    """What an auditor is given: an export, heads, certificates of each kind, evidence, containers, keys."""
    house, folder = full_house, tmp_path / "handed"
    folder.mkdir()
    by = ("--passphrase-file", house.passphrase)
    assert house("calls", "evidence", CALL, "--to", folder / "choice.json") == 0, house.err
    (container,) = (house.folder / "state/vault").rglob("*.agdpr")
    shutil.copy(container, folder / "recording.agdpr")
    with closing(house.open()) as installation:
        (epoch,) = installation.register().epochs()
        assert installation.anchors().tick()
        shutil.copy(installation.config.ledger.heads[0], folder / "heads")
    house.clock.time += timedelta(days=30)
    assert house("keys", "rotate", *by) == 0, house.err
    assert house("keys", "certificate", epoch.id, "--to", folder / "epoch.json") == 0
    assert house("erase", "--recording", RECORDING, "--reason", "requested") == 0
    assert house("certificate", "show", RECORDING, "--to", folder / "erasure.json") == 0
    assert house("ledger", "export", folder / "ledger") == 0
    (key,) = (house.folder / "state/keys").glob("verify-*.pub")
    shutil.copy(key, folder / "key.pub")
    (folder / "long.agdpr").write_bytes(sample("r9", (2, 2)).data)
    (folder / "long.pub").write_bytes(key_text(Kind.VERIFY, SIGNING.verify_key.to_bytes()))
    return folder


def test_what_was_handed_over_verifies_with_nothing_but_the_package(machine: Path, handed: Path) -> None:
    """Recordings, ledger and certificates pass on a machine that has the wheel and public keys alone."""
    by = ("--key", handed / "key.pub")
    commands: list[tuple[str | Path, ...]] = [
        ("recordings", "verify", "--file", handed / "recording.agdpr", *by),
        ("recordings", "verify", "--file", handed / "long.agdpr", "--key", handed / "long.pub"),
        ("ledger", "verify", handed / "ledger", *by),
        ("ledger", "verify", handed / "ledger", "--heads", handed / "heads", *by),
        *(("certificate", "verify", handed / f"{name}.json", *by) for name in ("choice", "epoch", "erasure")),
    ]

    assert [status for status, _ in ran(machine, handed, commands)] == [0] * len(commands)


def _resigned(document: bytes, signer: SigningKey, **change: object) -> bytes:
    read = json.loads(document)
    return sign_document(read["kind"], read["body"] | change, signer)


def _claimed(document: bytes, key_id: str) -> bytes:
    return canonical(json.loads(document) | {"key_id": key_id}) + b"\n"


def _forgeries(handed: Path) -> Mapping[str, tuple[bytes, str]]:
    """Files that something is wrong with, and what must be told of each: the place, or whose key it is."""
    thief = SigningKey.generate()
    lines = (handed / "ledger").read_bytes().splitlines(keepends=True)
    count, head = len(lines) - 1, lines[-1]
    mine = json.loads(head)["key_id"]
    payload = re.sub(rb'("payload":\{".*?":")', rb"\1x", lines[2])
    changed = lines[2].replace(b'"seq":3', b'"seq":4')
    claimed = _claimed(_resigned(head, thief), mine)
    ledger = {
        "changed": ([*lines[:2], changed, *lines[3:]], r"at entry 3"),
        "another payload": ([*lines[:2], payload, *lines[3:]], r"at entry 3"),
        "swapped": ([lines[0], lines[2], lines[1], *lines[3:]], r"at entry 2"),
        "repeated": ([*lines[:3], *lines[2:]], r"at entry 4"),
        "an entry less": ([*lines[:2], *lines[3:]], r"at entry 3"),
        "the last less": ([*lines[:-2], head], rf"at entry {count}"),
        "no head": (lines[:-1], rf"Line {count} "),
        "half a head": ([*lines[:-1], head[:-9]], rf"Line {count + 1} "),
        "head claimed": ([*lines[:-1], claimed], rf"Line {count + 1} .*signature"),
        "head by another": ([*lines[:-1], _resigned(head, thief)], thief.verify_key.id),
    }
    whole = (handed / "long.agdpr").read_bytes()
    frames = frames_of(whole)
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1

    def order(*places: int) -> bytes:
        return whole[:16] + b"".join(frames[place] for place in places)

    foreign = frames_of(sample("r8", (2, 2)).data)
    containers = {
        "flipped": (bytes(flipped), r"at byte \d+"),
        "cut": (whole[:-1], r"at byte \d+"),
        "longer": (whole + b"\0", rf"at byte {len(whole)}"),
        "swapped": (order(0, 1, 3, 2, 4, 5, 6, 7, 8), r"at byte \d+"),
        "repeated": (order(0, 1, 2, 2, 3, 4, 5, 6, 7, 8), r"at byte \d+"),
        "dropped": (order(0, 1, 2, 4, 5, 6, 7, 8), r"at byte \d+"),
        "a foreign segment": (whole[:16] + b"".join([*frames[:2], foreign[2], *frames[3:]]), r"at byte \d+"),
        "another's manifest": (whole[:16] + b"".join([*frames[:7], foreign[7], frames[8]]), r"at byte \d+"),
        "without its end": (order(0, 1, 2, 3, 4, 5, 6), r"no end"),
    }
    forged: dict[str, tuple[bytes, str]] = {
        f"ledger {name}": (b"".join(data), told) for name, (data, told) in ledger.items()
    }
    forged |= {f"container {name}": each for name, each in containers.items()}
    for name in ("choice", "epoch", "erasure"):
        document = (handed / f"{name}.json").read_bytes()
        forged |= {
            f"{name} changed": (document.replace(b'Z"', b'z"', 1), r"\[damaged-document\].*|signature"),
            f"{name} shorter": (document[:-1], r"newline"),
            f"{name} signed anew": (_resigned(document, thief), thief.verify_key.id),
            f"{name} claimed": (
                _claimed(_resigned(document, thief, more=1), mine),
                f"signature of the key {mine}",
            ),
        }
    return forged


def test_what_was_forged_fails_with_the_place(machine: Path, handed: Path) -> None:
    """Changed, reordered, shortened, mixed and re-signed: each exits with 1 and says where, or by whom."""
    forged = _forgeries(handed)
    commands: list[tuple[str | Path, ...]] = []
    for number, (name, (data, _)) in enumerate(forged.items()):
        file, what = handed / f"forged-{number}", name.split()[0]
        file.write_bytes(data)
        key = ("--key", handed / ("long.pub" if what == "container" else "key.pub"))
        commands.append(
            ("recordings", "verify", "--file", file, *key)
            if what == "container"
            else ("ledger", "verify", file, *key)
            if what == "ledger"
            else ("certificate", "verify", file, *key)
        )
    answers = dict(zip(forged, ran(machine, handed, commands), strict=True))

    assert {name: status for name, (status, _) in answers.items()} == dict.fromkeys(forged, 1)
    unsaid = {name: said for name, (_, said) in answers.items() if not re.search(forged[name][1], said)}
    assert unsaid == {}
    assert not any("Traceback" in said for _, said in answers.values())


def test_a_ledger_written_anew_fails_against_the_heads(machine: Path, handed: Path) -> None:
    """Who has the signing key too, and shortens the ledger behind a new head, is found by an earlier head."""
    lines = (handed / "ledger").read_bytes().splitlines(keepends=True)
    heads = (handed / "heads").read_bytes()
    thief = SigningKey.generate()
    stolen = handed / "stolen.pub"
    stolen.write_bytes(key_text(Kind.VERIFY, thief.verify_key.to_bytes()))
    last = json.loads(lines[1])
    at = json.loads(heads)["body"]["signed_at"]
    short = sign_document("ledger_head", {"seq": 2, "hash": last["hash"], "signed_at": at}, thief)
    (handed / "short").write_bytes(b"".join(lines[:2]) + short)
    by = ("--key", handed / "key.pub", "--key", stolen)
    alone, against = ran(
        machine,
        handed,
        [
            ("ledger", "verify", handed / "short", *by),
            ("ledger", "verify", handed / "short", "--heads", handed / "heads", *by),
        ],
    )

    assert alone[0] == 0
    assert against[0] == 1 and "DAMAGED at entry 3" in against[1]
