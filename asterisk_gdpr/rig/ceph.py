"""An S3 server of its own that is a real object store: Ceph and its RADOS gateway, from Debian's packages.

One monitor, one store that keeps everything in memory, one gateway; no manager, which nothing here needs.
They know each other by their ports on loopback, without keys; whoever speaks S3 needs the one pair of ours.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType

from asterisk_gdpr.errors import Unreachable
from asterisk_gdpr.rig.debian import cache_folder
from asterisk_gdpr.rig.instance import free_port
from asterisk_gdpr.rig.tree import libraries_of, unpacked

KEY_ID, SECRET = "its-id", "its-secret"
_PACKAGES = ("ceph-mon", "ceph-osd", "ceph-common", "radosgw")
_PROGRAMS = ("ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin")
_SECONDS = 60.0


class Ceph:
    """`with Ceph() as ceph:`; what it holds is gone when it stops, but not while it is frozen."""

    def __init__(self) -> None:
        self.port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="asterisk-gdpr-ceph-"))
        self._tree = unpacked(cache_folder(), "ceph", _PACKAGES, suite="bookworm", program=_wrappers)
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Ceph:
        try:
            self._start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in reversed(self._processes):
            process.kill()
            process.wait(_SECONDS)
        shutil.rmtree(self._folder)

    def freeze(self) -> None:
        """Take every connection, and answer none: a bucket behind a dead network."""
        gateway = self._processes[-1]
        gateway.send_signal(signal.SIGSTOP)
        os.waitpid(gateway.pid, os.WUNTRACED)  # until the last of its threads stands still

    def thaw(self) -> None:
        """Answer again."""
        self._processes[-1].send_signal(signal.SIGCONT)

    def _start(self) -> None:
        cluster, store, monitor = str(uuid.uuid4()), str(uuid.uuid4()), free_port()
        (self._folder / "conf").write_text(self._settings(cluster, monitor))
        known = str(self._folder / "monmap")
        address = f"[v1:127.0.0.1:{monitor}]"
        self._run("monmaptool", "--create", "--addv", "a", address, "--fsid", cluster, known)
        self._run("ceph-mon", "--mkfs", "-i", "a", "--monmap", known)
        self._begin("ceph-mon", "-i", "a")
        self._run("ceph", "--connect-timeout", str(int(_SECONDS)), "osd", "new", store, "0")
        self._run("ceph", "osd", "require-osd-release", "pacific")
        self._run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", store)
        self._begin("ceph-osd", "-i", "0")
        self._wait("ceph-osd", self._store_is_up)
        self._begin("radosgw", "-n", "client.rgw")
        self._wait("radosgw", self._gateway_answers)
        owner = ("--uid=owner", "--display-name=owner", f"--access-key={KEY_ID}", f"--secret-key={SECRET}")
        self._run("radosgw-admin", "-n", "client.rgw", "user", "create", *owner)

    def _settings(self, cluster: str, monitor: int) -> str:
        libraries = libraries_of(self._tree / "root").name
        of_ceph = self._tree / "root/usr/lib" / libraries
        settings = {
            "fsid": cluster,
            "mon_host": f"v1:127.0.0.1:{monitor}",
            "mon_initial_members": "a",
            "public_addr": "127.0.0.1",
            "cluster_addr": "127.0.0.1",
            **{f"auth_{whom}_required": "none" for whom in ("cluster", "service", "client")},
            # Without keys nothing can be encrypted, and the default would demand it, without a word.
            **{f"ms_{whom}_mode": "crc" for whom in ("mon_client", "cluster", "service", "client")},
            "mon_allow_pool_size_one": "true",
            "mon_data_avail_crit": "0",
            "osd_pool_default_size": "1",
            "osd_pool_default_min_size": "1",
            "osd_pool_default_pg_num": "4",
            "osd_pool_default_pg_autoscale_mode": "off",
            "osd_crush_chooseleaf_type": "0",
            "osd_objectstore": "memstore",
            "memstore_device_bytes": str(1 << 30),
            "plugin_dir": f"{of_ceph}/ceph",
            "erasure_code_dir": f"{of_ceph}/ceph/erasure-code",
            "osd_class_dir": f"{of_ceph}/rados-classes",
            "mon_data": f"{self._folder}/mon",
            "osd_data": f"{self._folder}/osd",
            "rgw_data": f"{self._folder}/rgw",
            "rgw_frontends": f"beast endpoint=127.0.0.1:{self.port}",
            "run_dir": str(self._folder),
            "log_to_file": "false",
            "mon_cluster_log_to_file": "false",
            "log_to_stderr": "true",
        }
        for folder in ("mon", "osd", "rgw"):
            (self._folder / folder).mkdir()
        return "[global]\n" + "".join(f"{name} = {value}\n" for name, value in settings.items())

    def _begin(self, program: str, *arguments: str) -> None:
        with (self._folder / f"{program}.log").open("ab") as log:
            self._processes.append(
                subprocess.Popen(
                    [*self._command(program), *arguments, "-f"],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )

    def _wait(self, program: str, there: Callable[[], bool]) -> None:
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until and self._processes[-1].poll() is None:
            if there():
                return
            time.sleep(0.1)
        log = (self._folder / f"{program}.log").read_text(errors="replace")
        raise Unreachable(f"{program} does not start: {log[-2000:]}")

    def _store_is_up(self) -> bool:
        return bool(json.loads(self._run("ceph", "osd", "stat", "--format=json"))["num_up_osds"])

    def _gateway_answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_SECONDS)
        with closing(connection), suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/")
            return connection.getresponse().status == 200
        return False

    def _run(self, program: str, *arguments: str) -> str:
        command = [*self._command(program), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_SECONDS)
        if done.returncode != 0:
            raise Unreachable(f"{program} fails: {done.stderr.strip()[-2000:]}")
        return done.stdout

    def _command(self, program: str) -> list[str]:
        return [str(self._tree / "bin" / program), "-c", str(self._folder / "conf")]


def _wrappers(tree: Path, triplet: str) -> None:
    """Scripts that run its programs; `ceph` itself is Python, and is run by the one that it came with."""
    root = tree / "root"
    loader = next(libraries_of(root).glob("ld-linux*.so.*")).relative_to(root)
    start = f"""#!/bin/sh
root=$(CDPATH= cd -- "$(dirname -- "$0")/../root" && pwd -P)
lib=$root/usr/lib/{triplet}
"""
    begin = (
        f'exec "$root/{loader}" --argv0 "$0" --library-path "$root/{loader.parent}:$lib:$lib/ceph:$lib/nss"'
    )
    for program in (*_PROGRAMS, "ceph"):
        script = tree / "bin" / program
        if program == "ceph":
            python = "export PYTHONHOME=$root/usr PYTHONPATH=$root/usr/lib/python3/dist-packages\n"
            text = f'{start}{python}{begin} "$root/usr/bin/python3" -B "$root/usr/bin/ceph" "$@"\n'
        else:
            text = f'{start}{begin} "$root/usr/bin/{program}" "$@"\n'
        script.write_text(text)
        script.chmod(0o755)
