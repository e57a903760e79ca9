"""Heads of the ledger stamped with the time (RFC 3161): a real authority, by OpenSSL, on this machine."""

from __future__ import annotations

import http.server
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from asterisk_gdpr.adapters.hook import CommandHook
from asterisk_gdpr.config import shipped
from asterisk_gdpr.service.proof.anchors import FAILED, read_heads
from tests.erasure.stage import signer
from tests.evidence.test_anchors import anchors, told
from tests.fakes.register import MemoryRegister

pytestmark = pytest.mark.thorough

HOOK = str(shipped() / "hooks/rfc3161")
SETTINGS = """\
[tsa]
default_tsa = here
[here]
dir = {folder}
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
certs = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
"""


def openssl(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    """Run OpenSSL; whether it was content, the caller looks."""
    return subprocess.run(["openssl", *map(str, arguments)], capture_output=True, check=False)


@dataclass
class Authority:
    """A time stamping authority: `answers` says what it sends back instead of a stamp, if not empty."""

    folder: Path
    url: str = ""
    answers: bytes = b""

    def found(self) -> None:
        """Make its key and its certificate."""
        (self.folder / "serial").write_text("01\n")
        (self.folder / "tsa.cnf").write_text(SETTINGS.format(folder=self.folder))
        made = openssl(
            *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=An authority", "-addext", "extendedKeyUsage=critical,timeStamping"),
            *("-keyout", self.folder / "tsa.key", "-out", self.folder / "tsa.pem"),
        )
        assert made.returncode == 0, made.stderr

    def stamp(self, query: bytes) -> bytes:
        """Its answer to a query."""
        if self.answers:
            return self.answers
        (self.folder / "query").write_bytes(query)
        where = ("-config", self.folder / "tsa.cnf", "-queryfile", self.folder / "query")
        done = openssl("ts", "-reply", *where, "-out", self.folder / "reply")
        assert done.returncode == 0, done.stderr
        return (self.folder / "reply").read_bytes()


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[Authority]:
    """An authority that answers by HTTP."""
    (tmp_path / "tsa").mkdir()
    tsa = Authority(tmp_path / "tsa")
    tsa.found()

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            reply = tsa.stamp(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Answer)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    tsa.url = f"http://127.0.0.1:{server.server_port}/tsr"
    yield tsa
    server.shutdown()
    serving.join()
    server.server_close()


def test_each_head_gets_a_stamp_that_verifies_offline(authority: Authority, tmp_path: Path) -> None:
    """The stamp is of that very head, by that authority, and a changed head does not fit it."""
    register, stamps = MemoryRegister(), tmp_path / "stamps"
    anchor = anchors(register, [], CommandHook([HOOK, authority.url, str(stamps)]))
    for _ in range(2):
        told(register, 1)
        assert anchor.tick()

    heads = sorted(stamps.glob("*.head"))
    assert sorted(read_heads(head.read_bytes(), [signer.verify_key])[0].seq for head in heads) == [1, 2]
    assert len(list(stamps.iterdir())) == 4
    for head in heads:
        trusted = ("-in", head.with_suffix(".tsr"), "-CAfile", authority.folder / "tsa.pem")
        assert openssl("ts", "-verify", "-data", head, *trusted).returncode == 0
        changed = tmp_path / "changed"
        changed.write_bytes(head.read_bytes().replace(b'"seq":', b'"sep":'))
        assert openssl("ts", "-verify", "-data", changed, *trusted).returncode != 0


@pytest.mark.parametrize("answer", [b"not a stamp", b"<html>down for maintenance</html>"])
def test_what_is_no_stamp_is_an_alarm(authority: Authority, tmp_path: Path, answer: bytes) -> None:
    """An authority that is away or answers something else leaves no stamp, and an alarm until it is right."""
    register, stamps = MemoryRegister(), tmp_path / "stamps"
    anchor = anchors(register, [], CommandHook([HOOK, authority.url, str(stamps)]))
    told(register, 1)
    authority.answers = answer
    assert not anchor.tick()
    assert [alarm.id for alarm in register.alarms()] == [FAILED]
    assert list(stamps.iterdir()) == []
    assert not anchors(register, [], CommandHook([HOOK, "http://127.0.0.1:1/", str(stamps)])).tick()

    authority.answers = b""
    assert anchor.tick()
    assert register.alarms() == []
    assert len(list(stamps.glob("*.tsr"))) == 1
