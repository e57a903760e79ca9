"""`check` against a real Asterisk, with each fault planted in turn, and the snippets that `init` writes."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from asterisk_gdpr.cli.console import Console
from asterisk_gdpr.cli.main import run
from asterisk_gdpr.rig.debian import Programs
from asterisk_gdpr.rig.pbx import Pbx
from tests.cli.house import APPROVED, CHEAP, HASHER, set_up

pytestmark = pytest.mark.live

BENCH = {
    *("spool-unlimited", "spool-shared", "clock-unsynchronised", "feature-key-default", "escrow-here"),
    "notice-unpublished",
}
"""What a bench cannot do better: it shares the memory of the machine, and its clock; it has no public."""


@dataclass
class Site:
    """A PBX with an installation beside it, included as its README says."""

    pbx: Pbx
    folder: Path
    capsys: pytest.CaptureFixture[str] | None = None

    def check(self) -> set[str]:
        """The ids of everything that `check` finds beyond what the bench must put up with."""
        assert self.capsys is not None
        self.capsys.readouterr()
        status = run(["check", "--json"], self.console())
        told = json.loads(self.capsys.readouterr().out)
        errors = [each for each in told["findings"] if each["severity"] == "error"]
        assert status == (1 if errors else 0)
        assert all(
            each["message"] and (each["hint"] or each["severity"] == "not_examined") for each in errors
        )
        return {each["id"] for each in told["findings"]} - BENCH

    def console(self) -> Console:
        return Console(self.folder / "config.yaml", None, CHEAP, HASHER)

    def change(self, name: str, old: str, new: str) -> Callable[[], object]:
        """Change a file of Asterisk's; returns what changes it back."""
        file = self.pbx.etc / name
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))
        return lambda: file.write_text(text)


@pytest.fixture(scope="module")
def built(programs: Programs) -> Iterator[Site]:
    """A PBX that includes what `init` wrote, and an installation with its prompts."""
    home = Path(tempfile.mkdtemp(prefix="asterisk-gdpr-check-"))
    spool = Path(tempfile.mkdtemp(prefix="asterisk-gdpr-spool-", dir="/dev/shm"))
    spool.chmod(0o2710)
    home.chmod(0o755)
    folder = home / "house"
    here = folder / "asterisk"
    included = {"extensions.conf": "asterisk_gdpr.conf", "features.conf": "features.conf"}
    extra = {name: f"#include {here}/{ours}" for name, ours in included.items()}
    pbx = Pbx(programs, home / "pbx", extra=extra)
    general = "[general]\nenabled = yes\n"
    pbx.files["ari.conf"] = f"{general}#include {here}/ari.conf\n"
    manager = f"bindaddr = 127.0.0.1\nport = {pbx.address.ami}\n#include {here}/manager.conf\n"
    pbx.files["manager.conf"] = general + manager
    options = [
        *("--ari-url", pbx.ari_url, "--ami-port", str(pbx.address.ami)),
        *("--espeak", str(programs.espeak), "--spool", str(spool)),
    ]
    try:
        assert set_up(folder, *options) == 0
        policy = folder / "policy.yaml"
        policy.write_text(policy.read_text() + APPROVED)
        site = Site(pbx, folder)
        for command in (["dialplan"], ["prompts", "build"]):
            assert run(command, site.console()) == 0
        pbx.start()
        yield site
    finally:
        pbx.stop()
        shutil.rmtree(home, ignore_errors=True)
        shutil.rmtree(spool, ignore_errors=True)


@pytest.fixture
def site(built: Site, capsys: pytest.CaptureFixture[str]) -> Site:
    """The same for each test; what a test changes it changes back."""
    built.capsys = capsys
    return built


def test_what_init_wrote_is_enough(site: Site) -> None:
    """With the snippets of init included and the prompts built, nothing is to be mended."""
    assert site.check() == set()


@pytest.mark.parametrize(
    ("file", "old", "new", "id"),
    [
        ("manager.conf", "bindaddr = 127.0.0.1", "bindaddr = 0.0.0.0", "ami-not-loopback"),
        ("http.conf", "bindaddr = 127.0.0.1", "bindaddr = 0.0.0.0", "ari-not-loopback"),
        ("asterisk.conf", "[options]", "[options]\ncache_record_files = yes", "cache-record-files"),
        ("features.conf", "[featuremap]", "[featuremap]\natxfer => *9", "feature-key-taken"),
        ("features.conf", "[applicationmap]", "[applicationmap]\nx => *9,self,NoOp", "feature-key-taken"),
    ],
)
def test_a_fault_in_a_file_is_found(site: Site, file: str, old: str, new: str, id: str) -> None:
    """What stands wrongly in Asterisk's files is found through Asterisk itself."""
    back = site.change(file, old, new)
    try:
        assert site.check() == {id}
    finally:
        back()


def test_a_user_without_acl_is_found(site: Site) -> None:
    """An AMI user who may come from anywhere is found, by its file and by trying."""
    snippet = site.folder / "asterisk/manager.conf"
    text = snippet.read_text()
    snippet.write_text(
        "\n".join(line for line in text.splitlines() if not line.startswith(("deny", "permit")))
    )
    site.pbx.rx("manager reload")
    try:
        assert site.check() == {"ami-no-acl"}
    finally:
        snippet.write_text(text)
        site.pbx.rx("manager reload")


def test_missing_rights_are_found(site: Site) -> None:
    """Without the right `system` there is no capture, and Asterisk's files are said to be unexamined."""
    snippet = site.folder / "asterisk/manager.conf"
    text = snippet.read_text()
    snippet.write_text(text.replace("write = system,call", "write = call"))
    site.pbx.rx("manager reload")
    try:
        assert site.check() == {"ami-rights", "asterisk-file"}
    finally:
        snippet.write_text(text)
        site.pbx.rx("manager reload")


@pytest.mark.parametrize(
    ("name", "found"), [("ari", {"ari-credentials"}), ("ami", {"ami-credentials", "asterisk"})]
)
def test_wrong_credentials_are_found(site: Site, name: str, found: set[str]) -> None:
    """A wrong secret is told apart from an Asterisk that does not answer."""
    secret = site.folder / "secrets" / name
    text = secret.read_text()
    secret.write_text("another\n")
    try:
        assert site.check() == found
    finally:
        secret.write_text(text)


def test_a_missing_module_is_found(site: Site) -> None:
    """A module that is not loaded is named."""
    site.pbx.rx("module unload app_mixmonitor.so")
    try:
        assert "module-missing" in site.check()
    finally:
        site.pbx.rx("module load app_mixmonitor.so")


def test_what_the_self_test_lacks_is_found(site: Site) -> None:
    """Without the module of its telephones the nightly self-test would fail: check says so by day."""
    site.pbx.rx("module unload chan_rtp.so")
    try:
        assert site.check() == {"self-test-module"}
    finally:
        site.pbx.rx("module load chan_rtp.so")


def test_a_dialplan_that_is_not_included_is_found(site: Site) -> None:
    """Without our context in the dialplan no call would ever reach us."""
    back = site.change("extensions.conf", "#include", "; include")
    site.pbx.rx("dialplan reload")
    try:
        assert site.check() == {"dialplan-missing"}
    finally:
        back()
        site.pbx.rx("dialplan reload")


def test_a_dialplan_that_is_not_the_policys_is_found(site: Site) -> None:
    """An exempt line that the dialplan does not know of is found, until it is written and reloaded."""
    policy = site.folder / "policy.yaml"
    text = policy.read_text()
    policy.write_text(
        text.replace("  outage: {exempt: true}", "  outage: {exempt: true}\n  help: {exempt: true}")
    )
    try:
        assert site.check() == {"dialplan-stale"}
        assert run(["dialplan"], site.console()) == 0
        site.pbx.rx("dialplan reload")
        assert site.check() == set()
    finally:
        policy.write_text(text)
        run(["dialplan"], site.console())
        site.pbx.rx("dialplan reload")


def test_an_asterisk_that_is_down_is_found(site: Site) -> None:
    """Both interfaces are told to be away, and what could not be looked at is said to be unexamined."""
    site.pbx.stop()
    try:
        assert site.check() == {"ari-unreachable", "ami-unreachable", "asterisk", "asterisk-user"}
    finally:
        site.pbx.start()
