"""What Asterisk answers to `mixmonitor list CHANNEL`, which alone names each MixMonitor and its files.

It needs the right `command`; files are told without what follows the last dot of their names.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Monitor:
    """One MixMonitor: its id, and what it writes of both sides, of what is sent and of what is received."""

    id: str
    file: str
    read_leg: str
    write_leg: str

    @property
    def files(self) -> str:
        """Everything that it writes, for people."""
        return " ".join(file for file in (self.file, self.read_leg, self.write_leg) if file)

    def is_ours(self, spool: str) -> bool:
        """Ours write two legs into the spool and no mixed file; an id is used again, and proves nothing."""
        return not self.file and self.read_leg.startswith(f"{spool.rstrip('/')}/")


def monitors(output: str) -> list[Monitor]:
    """The MixMonitors of an answer; a channel that is not there has none."""
    rows = (line.split("\t") for line in output.split("\n"))
    return [Monitor(*row) for row in rows if len(row) == len(_COLUMNS) and tuple(row) != _COLUMNS]


_COLUMNS = ("MixMonitor ID", "File", "Receive File", "Transmit File")
