"""pip for a virtual environment, also on a Debian whose Python came without it.

`python3 -m asterisk_gdpr.rig.pip VENV ARGUMENT...` runs pip in that environment.
Debian keeps pip apart from Python; where it is not installed, its package is fetched into the cache and run
from there, as `python3 -m venv` itself would do if it could.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from asterisk_gdpr.errors import GdprError
from asterisk_gdpr.rig.apt import Apt, host_codename
from asterisk_gdpr.rig.debian import cache_folder

_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def run(venv: Path, arguments: Sequence[str]) -> int:
    """Run pip by the environment's own Python; its exit status."""
    python = str(venv / "bin/python")
    environment = dict(os.environ)
    if importlib.util.find_spec("ensurepip") is not None:
        subprocess.run([python, "-m", "ensurepip", "--default-pip"], stdout=subprocess.DEVNULL, check=True)
        pip = [python, "-m", "pip"]
    else:
        wheel, certificates = _from_debian(cache_folder() / "pip")
        pip = [python, f"{wheel}/pip"]
        if not _CERTIFICATES.exists():
            # Debian's pip trusts what the system trusts, and this one has been told nothing yet.
            environment.setdefault("PIP_CERT", str(certificates))
    command = [*pip, "--disable-pip-version-check", *arguments]
    return subprocess.run(command, env=environment, check=False).returncode


def _from_debian(folder: Path) -> tuple[Path, Path]:
    """pip's wheel, which runs as it is, and the certificates of Debian's own choice, as one file."""
    root, certificates = folder / "root", folder / "certificates.pem"
    if not certificates.is_file():
        shutil.rmtree(folder, ignore_errors=True)
        packages = ["python3-pip-whl", "ca-certificates"]
        for archive in Apt(folder / "apt", host_codename()).fetch(packages, dependencies=False):
            subprocess.run(["dpkg-deb", "-x", str(archive), str(root)], check=True)
        chosen = sorted(root.glob("usr/share/ca-certificates/mozilla/*.crt"))
        partial = certificates.with_suffix(".partial")
        partial.write_text("".join(path.read_text() for path in chosen))
        partial.rename(certificates)
    return next(root.glob("usr/share/python-wheels/pip-*.whl")), certificates


def main() -> int:
    """Run pip for the environment that is named first."""
    try:
        return run(Path(sys.argv[1]), sys.argv[2:])
    except GdprError as error:
        print(error, file=sys.stderr)
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
