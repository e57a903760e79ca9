"""The cache: what is whole is used again, what is not is made anew."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from asterisk_gdpr.errors import Misuse
from asterisk_gdpr.rig import debian, tree


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A tree as it is after unpacking, with a program that the host's shell stands in for."""
    folder = tmp_path / "asterisk"
    (folder / "root/usr/sbin").mkdir(parents=True)
    (folder / "root/usr/sbin/asterisk").write_text("program")
    tree.seal(folder, ["asterisk"])
    return folder


def test_a_whole_tree_is_used_again(made: Path) -> None:
    """A tree that is as it was when it was made is used without fetching anything."""
    assert tree.unpacked(made.parent, "asterisk", ["asterisk"]) == made


@pytest.mark.parametrize("damage", ["missing", "longer", "changed", "more", "stamp"])
def test_a_damaged_tree_is_not_whole(made: Path, damage: str) -> None:
    """A file that is missing, longer, changed or too many, or a spoilt stamp, is noticed."""
    program = made / "root/usr/sbin/asterisk"
    match damage:
        case "missing":
            program.unlink()
        case "longer":
            program.write_text("program and more")
        case "changed":
            program.write_text("PROGRAM")
        case "more":
            (made / "root/stray").write_text("")
        case "stamp":
            (made / "stamp.json").write_text("{")

    assert not tree.intact(made, ["asterisk"])


def test_other_packages_are_another_tree(made: Path) -> None:
    """A tree that was made of other packages is not used."""
    assert not tree.intact(made, ["asterisk", "espeak-ng"])


def program(folder: Path, version: str) -> Path:
    """An installed Asterisk that only knows its version."""
    for part in ("sbin", "lib/asterisk/modules", "share/asterisk/documentation"):
        (folder / part).mkdir(parents=True)
    (folder / "lib/asterisk/modules/app_stasis.so").touch()
    path = folder / "sbin/asterisk"
    path.write_text(f"#!/bin/sh\necho {version}\n")
    path.chmod(0o755)
    return path


def test_an_asterisk_of_ones_own_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ASTERISK names the Asterisk that is used, with the modules and data of its own prefix."""
    own = program(tmp_path / "own", "Asterisk certified/18.9-cert3")
    speech = program(tmp_path / "path", "eSpeak").rename(tmp_path / "espeak-ng")
    monkeypatch.setenv("ASTERISK", str(own))
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    found = debian.programs(tmp_path / "cache")

    assert found == debian.Programs(
        own, tmp_path / "own/lib/asterisk/modules", tmp_path / "own/share/asterisk", speech, "18.9-cert3"
    )


@pytest.mark.parametrize("version", ["Asterisk 16.28.0", "another program"])
def test_an_asterisk_that_cannot_be_used_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    """An Asterisk that is too old, or is none, is refused by name."""
    monkeypatch.setenv("ASTERISK", str(program(tmp_path / "own", version)))
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    program(tmp_path / "path", "eSpeak").rename(tmp_path / "espeak-ng")

    with pytest.raises(Misuse) as refusal:
        debian.programs(tmp_path / "cache")

    assert refusal.value.id in ("asterisk-too-old", "asterisk-not-runnable")


def test_a_wrapper_runs_its_program_from_wherever_it_is(tmp_path: Path) -> None:
    """A wrapper starts the loader, the libraries and the program of its own tree, with all arguments."""
    library = tmp_path / "moved here/root/usr/lib/x86_64-linux-gnu"
    library.mkdir(parents=True)
    loader = library / "ld-linux.so.2"
    loader.write_text('#!/bin/sh\nprintf "%s|" "$ESPEAK_DATA_PATH" "$@"\n')
    loader.chmod(0o755)
    wrapper = tmp_path / "moved here/bin/espeak-ng"
    wrapper.parent.mkdir()
    wrapper.write_text(tree.wrapper("bin/espeak-ng", "x86_64-linux-gnu", "ld-linux.so.2"))
    wrapper.chmod(0o755)

    done = subprocess.run([wrapper, "two words"], capture_output=True, text=True, check=True)

    assert done.stdout.split("|")[:-1] == [
        str(library),
        "--argv0",
        str(wrapper),
        "--library-path",
        f"{library}:{library}/pulseaudio",
        f"{tmp_path}/moved here/root/usr/bin/espeak-ng",
        "two words",
    ]
