"""A PostgreSQL server of its own, from Debian's package, run from the cache, with a folder of its own.

It listens on a socket in that folder alone. Its programs refuse to be root, so a bench that runs as root
starts them in a user namespace, where it is somebody else.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType

from asterisk_gdpr.errors import Unreachable
from asterisk_gdpr.rig.debian import cache_folder
from asterisk_gdpr.rig.tree import libraries_of, unpacked, wrapper

USER = "gdpr"
_VERSION = 17
_PROGRAMS = f"lib/postgresql/{_VERSION}/bin"
_SECONDS = 20.0
# What is written to the disk is never read after a power cut here.
_SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "jit=off")


class Postgres:
    """`with Postgres() as server:`; `server.make("name")` gives the address of a new, empty database."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="asterisk-gdpr-postgres-"))
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Postgres:
        try:
            self._run("initdb", "-D", str(self._data), "-U", USER, "--no-locale", "-E", "UTF8", "-A", "trust")
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    @property
    def folder(self) -> Path:
        """Where its data and its socket are."""
        return self._folder

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = [f"-c{setting}" for setting in (*_SETTINGS, "listen_addresses=", "timezone=UTC")]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*_command("postgres"), "-D", str(self._data), "-k", str(self._folder), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            if "ready to accept connections" in self._log():
                return
            time.sleep(0.02)
        raise Unreachable(f"PostgreSQL does not start: {self._log()}")

    def stop(self) -> None:
        """End it at once, whoever is connected; it recovers at the next start."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGQUIT)
            process.wait(_SECONDS)
            (self._folder / "log").unlink()

    def make(self, name: str, *options: str) -> str:
        """A new database, by `createdb` with these options; its address, as a register's."""
        self._run("createdb", "-h", str(self._folder), "-U", USER, *options, name)
        return f"postgresql:///{name}?host={self._folder}&user={USER}"

    def rename(self, name: str, to: str) -> None:
        """Call a database otherwise; nobody may be connected to it."""
        statement = f'ALTER DATABASE "{name}" RENAME TO "{to}"'
        self._run("psql", "-h", str(self._folder), "-U", USER, "-c", statement, "postgres")

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _log(self) -> str:
        return (self._folder / "log").read_text(errors="replace")

    def _run(self, *arguments: str) -> None:
        done = subprocess.run(
            [*_command(arguments[0]), *arguments[1:]], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise Unreachable(f"{arguments[0]} fails: {done.stderr.strip()}")


def _command(program: str) -> list[str]:
    packages = [f"postgresql-{_VERSION}"]
    tree = unpacked(cache_folder(), "postgres", packages, suite="trixie", program=_wrappers)
    somebody = ["unshare", "--user", "--map-user=1000", "--map-group=1000"] if os.geteuid() == 0 else []
    return [*somebody, str(tree / "root/usr" / _PROGRAMS / program)]


def _wrappers(tree: Path, triplet: str) -> None:
    """Put scripts in the programs' places: they look for each other, and for their data, from there."""
    root = tree / "root"
    loader = next(libraries_of(root).glob("ld-linux*.so.*")).name
    for program in ("initdb", "postgres", "createdb", "psql"):
        place = root / "usr" / _PROGRAMS / program
        place.rename(place.with_name(f"{program}.real"))
        place.write_text(wrapper(f"{_PROGRAMS}/{program}.real", triplet, loader, up="../../../../.."))
        place.chmod(0o755)
    for needless in root.glob("usr/lib/*/libLLVM*"):  # half of it all, to compile queries
        needless.unlink()
