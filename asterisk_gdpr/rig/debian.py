"""Asterisk and espeak-ng from Debian packages, unpacked into the cache and run from there.

Nothing is installed, no root is needed, and the host's release does not matter: each program is started by
the loader and the libraries of its own release, through a wrapper script that any other program can execute.
`python3 -m asterisk_gdpr.rig.debian` fetches what is missing and prints what there is.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from asterisk_gdpr.errors import GdprError, Misuse
from asterisk_gdpr.rig.tree import libraries_of, unpacked

OLDEST = 18
_CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Programs:
    """The programs of the bench: what to execute, and where Asterisk finds its modules and its data."""

    asterisk: Path
    modules: Path
    data: Path
    espeak: Path
    version: str


def cache_folder() -> Path:
    """Where downloads are kept: `ASTERISK_GDPR_CACHE`, or `.cache` in the checkout."""
    chosen = os.environ.get("ASTERISK_GDPR_CACHE")
    if chosen:
        return Path(chosen).absolute()
    if (_CHECKOUT / "pyproject.toml").is_file():
        return _CHECKOUT / ".cache"
    return Path.home() / ".cache" / "asterisk-gdpr"


def programs(cache: Path | None = None) -> Programs:
    """What the bench runs, fetched first if need be; `ASTERISK` names an Asterisk to be used instead."""
    cache = cache or cache_folder()
    own = os.environ.get("ASTERISK")
    if own:
        return _installed(Path(own).absolute(), cache)
    tree = unpacked(cache, "asterisk", ["asterisk", "espeak-ng"])
    libraries = libraries_of(tree / "root")
    asterisk = tree / "bin/asterisk"
    return Programs(
        asterisk=asterisk,
        modules=libraries / "asterisk/modules",
        data=tree / "root/usr/share/asterisk",
        espeak=tree / "bin/espeak-ng",
        version=_version(asterisk),
    )


def _installed(asterisk: Path, cache: Path) -> Programs:
    """The parts of an Asterisk that somebody has installed: by its prefix, else where packages put them.

    It speaks by the host's espeak-ng, or by Debian's if the host has none.
    """
    version = _version(asterisk)
    if int(version.split(".")[0]) < OLDEST:
        raise Misuse(
            f"ASTERISK is version {version}; {OLDEST} is the oldest that can be used.", id="asterisk-too-old"
        )
    prefix = asterisk.resolve().parent.parent
    modules = [
        *prefix.glob("lib*/asterisk/modules"),
        *prefix.glob("lib/*/asterisk/modules"),
        *Path("/usr").glob("lib*/asterisk/modules"),
    ]
    data = [
        prefix / "share/asterisk",
        prefix / "var/lib/asterisk",
        Path("/var/lib/asterisk"),
        Path("/usr/share/asterisk"),
    ]
    found_modules = next((folder for folder in modules if (folder / "app_stasis.so").is_file()), None)
    found_data = next((folder for folder in data if (folder / "documentation").is_dir()), None)
    if found_modules is None or found_data is None:
        raise Misuse(f"Cannot find the modules and the data of {asterisk}.", id="asterisk-incomplete")
    espeak = shutil.which("espeak-ng")
    return Programs(
        asterisk=asterisk,
        modules=found_modules,
        data=found_data,
        espeak=Path(espeak) if espeak else unpacked(cache, "speech", ["espeak-ng"]) / "bin/espeak-ng",
        version=version,
    )


def _version(asterisk: Path) -> str:
    """What the binary says of itself, without the word before it: `22.10.1+dfsg...`."""
    try:
        done = subprocess.run([str(asterisk), "-V"], capture_output=True, text=True, check=False)
    except OSError as error:
        raise Misuse(f"ASTERISK cannot be run: {error}.", id="asterisk-not-runnable") from error
    match = re.match(r"Asterisk (?:certified[/-])?(\d\S*)", done.stdout)
    if done.returncode != 0 or match is None:
        raise Misuse(
            f"{asterisk} does not run as an Asterisk: {done.stderr.strip()}", id="asterisk-not-runnable"
        )
    return match[1]


def main() -> int:
    """Fetch what is missing and print the versions and places of what there is."""
    try:
        found = programs()
    except GdprError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(f"Asterisk {found.version}: {found.asterisk}\nespeak-ng: {found.espeak}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
