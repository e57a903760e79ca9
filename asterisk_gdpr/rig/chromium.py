"""Chromium from Debian's packages, unpacked into the cache: the browser that the page's tests drive.

Of the host's own release: Chromium starts its children by its own path, so the loader must be the host's.
"""

from __future__ import annotations

from pathlib import Path

from asterisk_gdpr.rig.apt import host_codename
from asterisk_gdpr.rig.debian import cache_folder
from asterisk_gdpr.rig.tree import unpacked

_PACKAGES = ("chromium", "fonts-inter")


def chromium(cache: Path | None = None) -> Path:
    """The program, fetched first if need be."""
    tree = unpacked(cache or cache_folder(), "browser", _PACKAGES, suite=host_codename(), program=_wrapper)
    return tree / "bin" / "chromium"


def _wrapper(tree: Path, triplet: str) -> None:
    """A script that runs it with the host's libraries first, and the tree's where the host has none."""
    script = tree / "bin" / "chromium"
    script.write_text(
        f"""#!/bin/sh
root=$(CDPATH= cd -- "$(dirname -- "$0")/../root" && pwd -P)
host=/lib/{triplet}:/usr/lib/{triplet}
own=$root/usr/lib/{triplet}
LD_LIBRARY_PATH=$host:$own:$root/lib/{triplet}:$own/pulseaudio:$own/nss
FONTCONFIG_FILE=$root/../fonts.conf
export LD_LIBRARY_PATH FONTCONFIG_FILE
exec "$root/usr/lib/chromium/chromium" "$@"
"""
    )
    script.chmod(0o755)
    (tree / "fonts.conf").write_text(
        """<?xml version="1.0"?>
<fontconfig>
  <dir prefix="cwd">/usr/share/fonts</dir>
  <dir prefix="relative">root/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
  <alias binding="same"><family>system-ui</family><prefer><family>Inter</family></prefer></alias>
  <alias binding="same"><family>sans-serif</family><prefer><family>Inter</family></prefer></alias>
</fontconfig>
"""
    )
