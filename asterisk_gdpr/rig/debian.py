"""Asterisk and espeak-ng from Debian packages, unpacked into the cache and run from there.

Nothing is installed, no root is needed, and the host's release does not matter: each program is started by
the loader and the libraries of its own release, through a wrapper script that any other program can execute.
`python3 -m asterisk_gdpr.rig.debian` fetches what is missing and prints what there is.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from asterisk_gdpr.errors import GdprError, Misuse
from asterisk_gdpr.rig.apt import Apt

SUITE = "forky"
OLDEST = 18
_STAMP = "stamp.json"
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
        espeak = shutil.which("espeak-ng")
        return _installed(
            Path(own).absolute(),
            Path(espeak) if espeak else _tree(cache, "speech", ["espeak-ng"]) / "bin/espeak-ng",
        )
    tree = _tree(cache, "asterisk", ["asterisk", "espeak-ng"])
    libraries = _libraries(tree / "root")
    asterisk = tree / "bin/asterisk"
    return Programs(
        asterisk=asterisk,
        modules=libraries / "asterisk/modules",
        data=tree / "root/usr/share/asterisk",
        espeak=tree / "bin/espeak-ng",
        version=_version(asterisk),
    )


def _installed(asterisk: Path, espeak: Path) -> Programs:
    """The parts of an Asterisk that somebody has installed: by its prefix, else where packages put them."""
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
    try:
        return Programs(
            asterisk=asterisk,
            modules=next(folder for folder in modules if (folder / "app_stasis.so").is_file()),
            data=next(folder for folder in data if (folder / "documentation").is_dir()),
            espeak=espeak,
            version=version,
        )
    except StopIteration:
        raise Misuse(
            f"Cannot find the modules and the data of {asterisk}.", id="asterisk-incomplete"
        ) from None


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


def _tree(cache: Path, name: str, packages: Sequence[str]) -> Path:
    """The unpacked packages; made first, by one run at a time, if missing, half-made or damaged."""
    cache.mkdir(parents=True, exist_ok=True)
    tree = cache / name
    with _locked(cache / f"{name}.lock"):
        if not _intact(tree, packages):
            _say(f"Fetching {' and '.join(packages)} of Debian {SUITE} into {cache} ...")
            partial, apt = cache / f"{name}.partial", cache / f"{name}.apt"
            for leftover in (partial, apt):
                shutil.rmtree(leftover, ignore_errors=True)
            _unpack(Apt(apt, SUITE).fetch(packages), partial)
            shutil.rmtree(apt)
            (partial / _STAMP).write_text(json.dumps(_stamp(partial, packages)))
            shutil.rmtree(tree, ignore_errors=True)
            partial.rename(tree)
    return tree


def _unpack(archives: Sequence[Path], tree: Path) -> None:
    root = tree / "root"
    root.mkdir(parents=True)

    def unpack(archive: Path) -> None:
        subprocess.run(["dpkg-deb", "-x", str(archive), str(root)], check=True)

    with ThreadPoolExecutor(os.cpu_count()) as workers:
        list(workers.map(unpack, archives))
    (tree / "bin").mkdir()
    triplet = _libraries(root).name
    loader = next(_libraries(root).glob("ld-linux*.so.*")).name
    for program in ("sbin/asterisk", "bin/espeak-ng"):
        if (root / "usr" / program).is_file():
            wrapper = tree / "bin" / Path(program).name
            wrapper.write_text(_wrapper(program, triplet, loader))
            wrapper.chmod(0o755)


def _libraries(root: Path) -> Path:
    """The folder of shared libraries, named after the machine (`x86_64-linux-gnu`)."""
    return next(root.glob("usr/lib/*/libc.so.6")).parent


def _wrapper(program: str, triplet: str, loader: str) -> str:
    """A script that runs a program of the tree with its own loader, wherever the tree has been moved to."""
    return f"""#!/bin/sh
root=$(CDPATH= cd -- "$(dirname -- "$0")/../root" && pwd -P)
lib=$root/usr/lib/{triplet}
ESPEAK_DATA_PATH=$lib
export ESPEAK_DATA_PATH
exec "$lib/{loader}" --argv0 "$0" --library-path "$lib:$lib/pulseaudio" "$root/usr/{program}" "$@"
"""


def _stamp(tree: Path, packages: Sequence[str]) -> dict[str, str]:
    """What tells an intact tree from another: packages, files with their sizes, the bytes of programs."""
    listing, contents = hashlib.sha256(), hashlib.sha256()
    for folder, subfolders, names in os.walk(tree):
        subfolders.sort()
        for name in sorted(names):
            path = Path(folder, name)
            if path.name != _STAMP and not path.is_symlink():
                listing.update(f"{path.relative_to(tree)} {path.stat().st_size}\n".encode())
    root = tree / "root/usr"
    for program in sorted(
        [*root.glob("sbin/asterisk"), *root.glob("bin/espeak-ng"), *root.glob("lib/*/libc.so.6")]
    ):
        contents.update(program.read_bytes())
    return {
        "suite": SUITE,
        "packages": " ".join(packages),
        "files": listing.hexdigest(),
        "programs": contents.hexdigest(),
    }


def _intact(tree: Path, packages: Sequence[str]) -> bool:
    try:
        written = json.loads((tree / _STAMP).read_text())
        return bool(written == _stamp(tree, packages))
    except (OSError, ValueError):
        return False


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock file; the kernel lets go of it when the process ends, however it ends."""
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    """Fetch what is missing and print the versions and places of what there is."""
    try:
        found = programs()
    except GdprError as error:
        _say(str(error))
        return error.exit_code
    print(f"Asterisk {found.version}: {found.asterisk}\nespeak-ng: {found.espeak}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
