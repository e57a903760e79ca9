"""Debian packages unpacked into the cache, whole or not at all, with scripts that run their programs."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from asterisk_gdpr.errors import Misuse
from asterisk_gdpr.rig.apt import Apt

SUITE = "forky"
PROGRAMS = ("sbin/asterisk", "bin/espeak-ng", "sbin/mosquitto", "bin/glewlwyd")
"""What is run of the packages, below `/usr`."""
_STAMP = "stamp.json"


def unpacked(
    cache: Path,
    name: str,
    packages: Sequence[str],
    *,
    suite: str = SUITE,
    program: Callable[[Path, str], None] | None = None,
) -> Path:
    """The unpacked packages; made first, by one run at a time, if missing, half-made or damaged.

    `program` writes scripts of its own into the tree, given the tree and the machine's triplet.
    """
    tree = cache / name
    if intact(tree, packages, suite):
        return tree
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with _locked(cache / f"{name}.lock"):
            # Another run may have made it while this one waited.
            if not intact(tree, packages, suite):
                _make(cache, name, packages, suite, program or _wrappers)
    except PermissionError as error:
        raise Misuse(
            f"The cache {cache} cannot be written.", hint="Set ASTERISK_GDPR_CACHE to a folder of your own."
        ) from error
    return tree


def _make(
    cache: Path, name: str, packages: Sequence[str], suite: str, program: Callable[[Path, str], None]
) -> None:
    print(f"Fetching {' and '.join(packages)} of Debian {suite} ...", file=sys.stderr, flush=True)
    tree, partial, apt = cache / name, cache / f"{name}.partial", cache / f"{name}.apt"
    for leftover in (partial, apt):
        shutil.rmtree(leftover, ignore_errors=True)
    _unpack(Apt(apt, suite).fetch(packages), partial)
    program(partial, libraries_of(partial / "root").name)
    shutil.rmtree(apt)
    seal(partial, packages, suite)
    shutil.rmtree(tree, ignore_errors=True)
    partial.rename(tree)


def _unpack(archives: Sequence[Path], tree: Path) -> None:
    root = tree / "root"
    root.mkdir(parents=True)

    def unpack(archive: Path) -> None:
        subprocess.run(["dpkg-deb", "-x", str(archive), str(root)], check=True)

    with ThreadPoolExecutor(os.cpu_count()) as workers:
        list(workers.map(unpack, archives))
    _link_versions(libraries_of(root))
    (tree / "bin").mkdir()


def _link_versions(libraries: Path) -> None:
    """What ldconfig does when a package is installed: `libx.so.1` leads to `libx.so.1.2`."""
    for file in sorted(libraries.glob("lib*.so.*.*")):
        name, _, version = file.name.partition(".so.")
        link = libraries / f"{name}.so.{version.split('.')[0]}"
        if not link.exists():
            link.symlink_to(file.name)


def _wrappers(tree: Path, triplet: str) -> None:
    root = tree / "root"
    loader = next(libraries_of(root).glob("ld-linux*.so.*")).name
    for program in PROGRAMS:
        if (root / "usr" / program).is_file():
            script = tree / "bin" / Path(program).name
            script.write_text(wrapper(program, triplet, loader))
            script.chmod(0o755)


def libraries_of(root: Path) -> Path:
    """The folder of shared libraries, named after the machine (`x86_64-linux-gnu`)."""
    # Before Debian 13 the C library lay in /lib.
    return next(path for folder in ("usr/lib", "lib") for path in root.glob(f"{folder}/*/libc.so.6")).parent


def wrapper(program: str, triplet: str, loader: str, up: str = "../root") -> str:
    """A script that runs a program of the tree with its own loader, wherever the tree has been moved to.

    `up` is the way from the script's folder to the tree's root.
    """
    return f"""#!/bin/sh
root=$(CDPATH= cd -- "$(dirname -- "$0")/{up}" && pwd -P)
lib=$root/usr/lib/{triplet}
ESPEAK_DATA_PATH=$lib
export ESPEAK_DATA_PATH
exec "$lib/{loader}" --argv0 "$0" --library-path "$lib:$lib/pulseaudio" "$root/usr/{program}" "$@"
"""


def _stamp(tree: Path, packages: Sequence[str], suite: str) -> dict[str, str]:
    """What tells an intact tree from another: packages, files with their sizes, the bytes of programs."""
    listing, contents = hashlib.sha256(), hashlib.sha256()
    for folder, subfolders, names in os.walk(tree):
        subfolders.sort()
        for name in sorted(names):
            path = Path(folder, name)
            if path.name != _STAMP and not path.is_symlink():
                listing.update(f"{path.relative_to(tree)} {path.stat().st_size}\n".encode())
    root = tree / "root/usr"
    run = [root / program for program in PROGRAMS if (root / program).is_file()]
    for program in sorted([*run, *root.glob("lib/*/libc.so.6")]):
        contents.update(program.read_bytes())
    return {
        "suite": suite,
        "packages": " ".join(packages),
        "files": listing.hexdigest(),
        "programs": contents.hexdigest(),
    }


def seal(tree: Path, packages: Sequence[str], suite: str = SUITE) -> None:
    """Declare a tree whole; the last thing that is done to it."""
    (tree / _STAMP).write_text(json.dumps(_stamp(tree, packages, suite)))


def intact(tree: Path, packages: Sequence[str], suite: str = SUITE) -> bool:
    """Whether a tree is whole, of these packages, and as it was when it was made."""
    try:
        written = json.loads((tree / _STAMP).read_text())
        return bool(written == _stamp(tree, packages, suite))
    except (OSError, ValueError):
        return False


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock file; the kernel lets go of it when the process ends, however it ends."""
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
