"""Files that are made once, by whomever."""

from __future__ import annotations

import os
from pathlib import Path

from asterisk_gdpr.service.new_files import belong_to_folder, make_folder, write_new


def test_what_root_makes_belongs_to_whose_folder_it_is(tmp_path: Path) -> None:
    """Root's command leaves nothing behind that the daemon's own user could not go on with."""
    owner = 4343 if os.geteuid() == 0 else os.geteuid()
    os.chown(tmp_path, owner, os.getegid())
    folder = tmp_path / "reports"
    make_folder(folder, 0o700)
    belong_to_folder(folder)
    write_new(folder / "report.json", b"{}", 0o600)
    belong_to_folder(folder / "report.json")

    assert [path.stat().st_uid for path in (folder, folder / "report.json")] == [owner, owner]
