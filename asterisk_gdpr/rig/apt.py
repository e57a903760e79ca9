"""Packages of any Debian suite, without root and without touching the host's own packages.

apt is given a state and a cache of its own, in which nothing is installed; the mirror, its keys and any proxy
are those the host's own apt is set up with.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from asterisk_gdpr.errors import Unreachable

_HINT = "Set ASTERISK=/path/to/asterisk (18 or newer) to use one that is already installed."


@dataclass(frozen=True)
class Source:
    """A package source of the host: its address, what it is used for, what checks its signatures."""

    uri: str
    suites: tuple[str, ...]
    components: tuple[str, ...]
    signed_by: str = ""

    def stanza(self, suite: str) -> str:
        """The same mirror for another suite, in the format of sources.list(5) called deb822."""
        signed_by = f"Signed-By: {self.signed_by}\n" if self.signed_by else ""
        return f"Types: deb\nURIs: {self.uri}\nSuites: {suite}\nComponents: main\n{signed_by}"


def parse_deb822(text: str) -> Iterator[Source]:
    """The enabled binary sources of a `.sources` file; a field may go on over indented lines."""
    for paragraph in re.split(r"\n\s*\n", text):
        fields: dict[str, str] = {}
        name = ""
        for line in paragraph.splitlines():
            if line.startswith("#"):
                continue
            if line[:1].isspace():
                fields[name] = fields.get(name, "") + "\n" + line.rstrip()
            elif ":" in line:
                name, _, value = line.partition(":")
                name = name.strip().lower()
                fields[name] = value.strip()
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").lower() in (
            "no",
            "false",
        ):
            continue
        for uri in fields.get("uris", "").split():
            yield Source(
                uri,
                tuple(fields.get("suites", "").split()),
                tuple(fields.get("components", "").split()),
                fields.get("signed-by", ""),
            )


def parse_one_line(text: str) -> Iterator[Source]:
    """The binary sources of a `.list` file: `deb [signed-by=FILE] URI SUITE COMPONENT...`."""
    for line in text.splitlines():
        match = re.match(r"\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]+)", line)
        if match is None:
            continue
        options = dict(option.partition("=")[::2] for option in (match[1] or "").split())
        # Several keyrings are separated by commas here and by blanks in deb822.
        signed_by = options.get("signed-by", "").replace(",", " ")
        yield Source(match[2], (match[3],), tuple(match[4].split()), signed_by)


def host_sources(etc: Path = Path("/etc/apt")) -> list[Source]:
    """Every package source that the host's apt reads, in its order."""
    found: list[Source] = []
    for path in [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*"))]:
        if path.suffix not in (".list", ".sources") or not path.is_file():
            continue
        parse = parse_deb822 if path.suffix == ".sources" else parse_one_line
        found.extend(parse(path.read_text(errors="replace")))
    return found


def host_codename(os_release: Path = Path("/etc/os-release")) -> str:
    """The host's Debian release (`bookworm`), or nothing if it does not say."""
    match = (
        re.search(r'^VERSION_CODENAME="?([a-z]+)', os_release.read_text(), re.MULTILINE)
        if os_release.is_file()
        else None
    )
    return match[1] if match else ""


def debian_source(sources: Sequence[Source], codename: str) -> Source:
    """The source that the host takes its own release's `main` from: Debian's archive, or a mirror of it."""
    for source in sources:
        if codename in source.suites and "main" in source.components:
            return source
    raise Unreachable(
        f"The host's apt has no source for 'main' of its own release ({codename or 'unknown'}).",
        hint=_HINT,
        id="no-debian-mirror",
    )


class Apt:
    """apt with a state of its own in `folder`, looking at one suite of the host's mirror."""

    def __init__(self, folder: Path, suite: str) -> None:
        self._folder = folder
        self._suite = suite

    def fetch(self, packages: Sequence[str], *, dependencies: bool = True) -> list[Path]:
        """Download the packages (and what they depend on); the paths of the `.deb` files."""
        configuration = self._set_up()
        self._run(configuration, "update")
        archives = self._folder / "cache" / "archives"
        if dependencies:
            self._run(configuration, "install", "--yes", "--download-only", *packages)
        else:
            self._run(configuration, "download", *packages, folder=archives)
        return sorted(archives.glob("*.deb"))

    def _set_up(self) -> Path:
        source = debian_source(host_sources(), host_codename())
        for name in ("lists/partial", "cache/archives/partial", "sources.list.d", "none"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        (self._folder / "status").touch()
        (self._folder / "sources.list.d" / "rig.sources").write_text(source.stanza(self._suite))
        configuration = self._folder / "apt.conf"
        configuration.write_text(_configuration(self._folder, _architecture()))
        return configuration

    def _run(self, configuration: Path, *arguments: str, folder: Path | None = None) -> None:
        command = ["apt-get", "-c", str(configuration), "-qq", *arguments]
        environment = {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
        try:
            done = subprocess.run(
                command, cwd=folder, env=environment, capture_output=True, text=True, check=False
            )
        except FileNotFoundError as error:
            raise Unreachable("apt-get is not installed.", hint=_HINT, id="no-apt") from error
        if done.returncode != 0:
            raise Unreachable(
                f"apt-get {arguments[0]} for the suite {self._suite} failed:\n{done.stderr.strip()}",
                hint=_HINT,
                id="apt-failed",
            )


def _architecture() -> str:
    done = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _configuration(folder: Path, architecture: str) -> str:
    """An apt.conf(5) that is read after the host's own and takes back what would reach outside `folder`."""
    settings: Mapping[str, str] = {
        "Dir::State": str(folder),
        "Dir::State::Lists": str(folder / "lists"),
        "Dir::State::Status": str(folder / "status"),
        "Dir::Cache": str(folder / "cache"),
        "Dir::Etc::SourceList": "/dev/null",
        "Dir::Etc::SourceParts": str(folder / "sources.list.d"),
        "Dir::Etc::Preferences": "/dev/null",
        "Dir::Etc::PreferencesParts": str(folder / "none"),
        "Dir::Log": str(folder / "none"),
        # The cache may lie where the user `_apt` cannot go, such as root's home.
        "APT::Sandbox::User": "root",
        "APT::Install-Recommends": "false",
        "APT::Architecture": architecture,
        "APT::Architectures::": architecture,
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
    }
    # The host's hooks tidy up the host's own cache; none of them is meant for this one.
    cleared = (
        "APT::Architectures",
        "APT::Update::Pre-Invoke",
        "APT::Update::Post-Invoke",
        "APT::Update::Post-Invoke-Success",
        "DPkg::Pre-Invoke",
        "DPkg::Post-Invoke",
        "DPkg::Pre-Install-Pkgs",
    )
    lines = [f"#clear {name};" for name in cleared]
    return "\n".join(lines + [f'{name} "{value}";' for name, value in settings.items()]) + "\n"
