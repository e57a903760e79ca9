"""A real S3 server as a process of its own: moto, by HTTP, with a bucket that can lock."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from types import TracebackType

import boto3

from asterisk_gdpr.adapters.s3_requests import S3Place
from asterisk_gdpr.rig.instance import free_port

_SECONDS = 20.0


class Moto:
    """`with Moto() as moto:`; what it holds is gone when it stops, but not while it is frozen."""

    def __init__(self) -> None:
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Moto:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return self
            time.sleep(0.05)
        raise AssertionError("moto does not start")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        self.thaw()
        self._process.terminate()
        self._process.wait(_SECONDS)

    def freeze(self) -> None:
        """Take every connection, and answer none: a bucket behind a dead network."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Answer again."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)

    def place(self, bucket: str) -> S3Place:
        """The place of a bucket here."""
        return S3Place(f"http://127.0.0.1:{self.port}", bucket, "us-east-1", "its-id", "its-secret")

    def bucket(self, name: str, *, lock: bool = False, versions: bool = False) -> S3Place:
        """Make a bucket, as its owner would."""
        owner = self.owner()
        owner.create_bucket(Bucket=name, ObjectLockEnabledForBucket=lock)
        if versions:
            owner.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return self.place(name)

    def owner(self):  # type: ignore[no-untyped-def]  # boto3 makes its clients as it runs
        """Another client of the same bucket, that shares no code with ours."""
        return boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{self.port}",
            aws_access_key_id="its-id",
            aws_secret_access_key="its-secret",
            region_name="us-east-1",
        )
