"""A PBX and its phones, together in a folder that goes away with them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from asterisk_gdpr.rig.debian import Programs
from asterisk_gdpr.rig.pbx import AGENTS, Pbx
from asterisk_gdpr.rig.phones import Phones


class Bench:
    """`with Bench(programs()) as bench:` starts both (1.5 s) and ends both; for arguments see `Pbx`."""

    def __init__(
        self,
        programs: Programs,
        *,
        agents: Sequence[str] = AGENTS,
        codec: str = "ulaw",
        agents_codec: str = "",
        extra: Mapping[str, str] | None = None,
    ) -> None:
        # A short path of its own: Asterisk's control socket must fit into 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="asterisk-gdpr-"))
        pbx, phones = self.folder / "pbx", self.folder / "phones"
        self.pbx = Pbx(programs, pbx, agents=agents, codec=codec, agents_codec=agents_codec, extra=extra)
        address = self.pbx.address
        self.phones = Phones(programs, phones, address, agents=agents, codec=codec, agents_codec=agents_codec)

    def __enter__(self) -> Bench:
        try:
            self.pbx.start()
            self.phones.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop both and remove the folder."""
        self.phones.stop()
        self.pbx.stop()
        shutil.rmtree(self.folder)
