"""SoftHSM from Debian's package: a PKCS#11 token in a folder, run from the cache and not installed."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from asterisk_gdpr.rig.apt import host_codename
from asterisk_gdpr.rig.debian import cache_folder
from asterisk_gdpr.rig.tree import unpacked

LABEL = "calls"


@dataclass(frozen=True)
class SoftHsm:
    """The module, and the folder of its tokens."""

    module: Path
    folder: Path

    @classmethod
    def fetched(cls, folder: Path) -> SoftHsm:
        """Fetch it if need be; it is loaded into this process, so it is the one of this machine's release."""
        root = unpacked(cache_folder(), "softhsm", ["softhsm2"], suite=host_codename()) / "root"
        (folder / "tokens").mkdir()
        lines = (f"directories.tokendir = {folder}/tokens", "objectstore.backend = file", "log.level = ERROR")
        (folder / "softhsm2.conf").write_text("\n".join(lines) + "\n")
        os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
        return cls(root / "usr/lib/softhsm/libsofthsm2.so", folder)

    def make_token(self, pin: str, label: str = LABEL) -> None:
        """A new token, as its administrator would make it."""
        util = self.module.parents[2] / "bin/softhsm2-util"
        command = [str(util), "--module", str(self.module), "--init-token", "--free", "--label", label]
        subprocess.run([*command, "--pin", pin, "--so-pin", "so-pin-4711"], check=True, capture_output=True)
