"""The product moved in: an installation beside a bench's PBX, by the commands that an admin would use.

It is driven from outside, as `python -m asterisk_gdpr ...` in processes of their own: the daemon here is
started, frozen and killed like any other process.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from asterisk_gdpr.errors import Misuse, Unreachable
from asterisk_gdpr.rig.bench import Bench
from asterisk_gdpr.rig.debian import Programs
from asterisk_gdpr.rig.instance import free_port
from asterisk_gdpr.rig.pbx import AGENTS

MEMORY = Path("/dev/shm")  # noqa: S108  # a tmpfs, which the spool must be in
"""Where the bench's spool lies; an installation has a tmpfs of its own, with a limit."""

DIALPLAN = """#include "{folder}/asterisk/asterisk_gdpr.conf"
[from-trunk]
{lines}
"""

LINE = """exten => {extension},1,Gosub(asterisk-gdpr,notice,1({line}))
 same => n,Dial(PJSIP/{agent},25)
 same => n,Hangup()
"""


class House:
    """An installation in a folder of its own; `with House(...) as house:` runs PBX, phones and daemon.

    `lines` maps an extension to (line, agent); `files` adds to Asterisk's other files, by name.
    `prepare` is called when the installation has been made and nothing runs yet: policy, prompts and agents
    are its to see to.
    """

    def __init__(
        self,
        programs: Programs,
        lines: Mapping[str, tuple[str, str]],
        prepare: Callable[[House], None],
        *,
        agents: Sequence[str] = AGENTS,
        codec: str = "ulaw",
        agents_codec: str = "",
        extra: str = "",
        files: Mapping[str, str] | None = None,
    ) -> None:
        self.programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="asterisk-gdpr-house-"))
        self.folder.chmod(0o755)  # Asterisk must reach the prompts
        self.spool_folder = Path(tempfile.mkdtemp(prefix="asterisk-gdpr-spool-", dir=MEMORY))
        self.spool_folder.chmod(0o2710)
        self.web_port = free_port()
        self.passphrase = secrets.token_hex(16)
        self.installation = self.folder / "installation"
        text = "".join(
            LINE.format(extension=extension, line=line, agent=agent)
            for extension, (line, agent) in lines.items()
        )
        dialplan = DIALPLAN.format(folder=self.installation, lines=text) + extra
        features = f'#include "{self.installation}/asterisk/features.conf"'
        own = {"extensions.conf": dialplan, "features.conf": features}
        more = files or {}
        texts = {name: f"{own.get(name, '')}\n{more.get(name, '')}" for name in {**own, **more}}
        self.bench = Bench(programs, agents=agents, codec=codec, agents_codec=agents_codec, extra=texts)
        self.phones, self.pbx = self.bench.phones, self.bench.pbx
        self._prepare = prepare
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    # --- moving in ----------------------------------------------------------------------------

    def __enter__(self) -> House:
        try:
            self.furnish()
            self.bench.__enter__()
            self.start("run")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def furnish(self) -> None:
        """`init`, with the addresses and secrets of the bench, and whatever `prepare` does."""
        passphrase, escrow = self.folder / "passphrase", self.folder / "escrow-passphrase"
        for file, text in ((passphrase, self.passphrase), (escrow, secrets.token_hex(16))):
            file.touch(mode=0o600)
            file.write_text(text)
        address = self.pbx.address
        self.command(
            "init",
            str(self.installation),
            *("--passphrase-file", str(passphrase), "--escrow-passphrase-file", str(escrow)),
            *("--spool", str(self.spool_folder), "--run-dir", str(self.folder / "run")),
            *("--ari-url", self.pbx.ari_url, "--ami-port", str(address.ami)),
            *("--listen", f"127.0.0.1:{self.web_port}"),
            *self.wishes(),
        )
        for name in ("ari", "ami"):
            (self.installation / "secrets" / name).write_text(address.secret)
        config = self.config.read_text()
        self.config.write_text(config.replace("nightly: true", "nightly: false"))  # no test meets another
        self._prepare(self)

    def wishes(self) -> Sequence[str]:
        """More options for `init`."""
        return ()

    def close(self) -> None:
        """Stop everything and leave nothing behind."""
        for name in list(self._processes):
            self.stop(name)
        self.bench.close()
        shutil.rmtree(self.spool_folder, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- commands -----------------------------------------------------------------------------

    @property
    def config(self) -> Path:
        """The installation's configuration."""
        return self.installation / "config.yaml"

    def run_command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, whatever comes of it."""
        return subprocess.run(
            self._words(*words),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env=self._environment,
        )

    def command(self, *words: str) -> str:
        """Run a command that must succeed; what it prints."""
        done = self.run_command(*words)
        if done.returncode:
            told = f"{done.stdout}{done.stderr}".strip()
            raise Misuse(f"asterisk-gdpr {words[0]} ended with {done.returncode}: {told}")
        return done.stdout

    def ask(self, *words: str) -> Any:
        """What a command reports with --json."""
        return json.loads(self.command(*words, "--json"))

    def _words(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "asterisk_gdpr", "--config", str(self.config), *words]

    @property
    def _environment(self) -> dict[str, str]:
        """espeak-ng is found where the bench has it; what is temporary lies with everything else."""
        path = f"{self.programs.espeak.parent}:{os.environ.get('PATH', '')}"
        return {**os.environ, "PATH": path, "TMPDIR": str(self.folder)}

    # --- processes ----------------------------------------------------------------------------

    def start(self, name: str) -> None:
        """Start `run` (the daemon) or `web` (the page), and wait until it serves."""
        log = (self.folder / f"{name}.log").open("ab")
        self._processes[name] = subprocess.Popen(
            self._words(name),
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env=self._environment,
        )
        log.close()
        self._wait(name, self._daemon_serves if name == "run" else self._page_serves)

    def _wait(self, name: str, serves: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 30
        while not serves():
            if self._processes[name].poll() is not None or time.monotonic() > deadline:
                raise Unreachable(f"`{name}` does not serve: {self.log(name)[-2000:]}")
            time.sleep(0.05)

    def _daemon_serves(self) -> bool:
        """Asterisk knows the app once its events are listened to, and AMI is logged in by then or soon."""
        said = self.pbx.rx("ari show apps"), self.pbx.rx("manager show connected")
        return "asterisk-gdpr" in said[0] and "asterisk-gdpr" in said[1]

    def _page_serves(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.page}/healthz", timeout=1) as answer:  # noqa: S310  # http
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    @property
    def page(self) -> str:
        """The page's address."""
        return f"http://127.0.0.1:{self.web_port}"

    def log(self, name: str) -> str:
        """What a process has printed."""
        file = self.folder / f"{name}.log"
        return file.read_text(errors="replace") if file.exists() else ""

    def pid(self, name: str) -> int:
        """The process id of `run` or `web`."""
        return self._processes[name].pid

    def stop(self, name: str) -> None:
        """End a process in good order."""
        if process := self._processes.pop(name, None):
            process.send_signal(signal.SIGCONT)
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def kill(self, name: str) -> None:
        """End a process as a power cut would."""
        process = self._processes.pop(name)
        process.kill()
        process.wait()

    def freeze(self, name: str) -> None:
        """Let a process stand still; it is still when this returns."""
        process = self._processes[name]
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)

    def thaw(self, name: str) -> None:
        """Let it go on."""
        self._processes[name].send_signal(signal.SIGCONT)
