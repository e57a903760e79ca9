"""Where packages come from: the host's own mirror, and nothing of its other sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_gdpr.errors import Unreachable
from asterisk_gdpr.rig.apt import Source, debian_source, host_sources

DEB822 = """# the archive
Types: deb deb-src
URIs: http://mirror.invalid/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc
 -----END PGP PUBLIC KEY BLOCK-----

Enabled: no
Types: deb
URIs: http://off.invalid/debian
Suites: bookworm
Components: main
"""


def etc(folder: Path, **files: str) -> Path:
    """An /etc/apt with these files below it; `__` in a name stands for a dot."""
    (folder / "sources.list.d").mkdir()
    for name, text in files.items():
        path = folder / ("" if name == "sources__list" else "sources.list.d") / name.replace("__", ".")
        path.write_text(text)
    return folder


def test_a_mirror_is_read_from_deb822(tmp_path: Path) -> None:
    """A mirror in a .sources file is taken with its keys, and one that is switched off is not."""
    sources = host_sources(etc(tmp_path, debian__sources=DEB822))

    assert [source.uri for source in sources] == ["http://mirror.invalid/debian"]
    assert sources[0].suites == ("bookworm", "bookworm-updates")
    assert sources[0].signed_by.splitlines()[1] == " -----BEGIN PGP PUBLIC KEY BLOCK-----"


def test_a_mirror_is_read_from_one_line(tmp_path: Path) -> None:
    """A mirror in a .list file is taken with its keyrings; comments and deb-src are not."""
    text = (
        "# deb http://comment.invalid/debian bookworm main\n"
        "deb-src http://mirror.invalid/debian bookworm main\n"
        "deb [arch=amd64 signed-by=/a.gpg,/b.gpg] http://mirror.invalid/debian bookworm main contrib # x\n"
    )

    sources = host_sources(etc(tmp_path, sources__list=text))

    assert sources == [
        Source("http://mirror.invalid/debian", ("bookworm",), ("main", "contrib"), "/a.gpg /b.gpg")
    ]


def test_disabled_files_are_not_read(tmp_path: Path) -> None:
    """A file that apt itself does not read is not read here."""
    assert (
        host_sources(etc(tmp_path, x__list__disabled="deb http://mirror.invalid/debian bookworm main")) == []
    )


def test_the_mirror_of_the_own_release_is_chosen() -> None:
    """The mirror chosen is the one that the host's own release comes from."""
    security = Source("http://security.invalid", ("bookworm-security",), ("main",))
    stranger = Source("http://stranger.invalid", ("nodistro",), ("main",))
    mirror = Source("http://mirror.invalid/debian", ("bookworm", "bookworm-updates"), ("main",), "/a.gpg")

    chosen = debian_source([security, stranger, mirror], "bookworm")

    assert chosen.stanza("forky") == (
        "Types: deb\nURIs: http://mirror.invalid/debian\nSuites: forky\nComponents: main\nSigned-By: /a.gpg\n"
    )


def test_a_host_without_a_mirror_is_told_what_to_do() -> None:
    """Without a mirror the error names the way out."""
    with pytest.raises(Unreachable, match="ASTERISK=/path"):
        debian_source([], "bookworm")
