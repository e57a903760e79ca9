"""A spool in memory; `tests/spool/test_contract.py` holds it and the real one to the same contract."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from asterisk_gdpr.adapters.spool import SUFFIX
from asterisk_gdpr.errors import Refused, Unreachable
from asterisk_gdpr.ports import Legs

PAGE = 4096


class MemorySpool:
    """Plays `ports.Spool`; what Asterisk would do to the legs is `grow`, what a power cut does is `lose`.

    `away = True` makes it unreachable; `free` is the share of it that is free.
    """

    def __init__(self) -> None:
        self.away = False
        self.free = 1.0
        self.legs: dict[str, bytearray] = {}
        self.noted: dict[str, bytes] = {}
        self.to_come: list[Callable[[], None]] = []
        """What Asterisk has still to write; each question whether all is there lets one of them happen."""

    def grow(self, legs: Legs, left: bytes, right: bytes) -> None:
        self.legs[legs.left] += left
        self.legs[legs.right] += right

    def lose(self) -> None:
        self.legs.clear()
        self.noted.clear()

    def prepare(self, recording: str, stretch: int, rate: int) -> Legs:
        self._answer()
        legs = _legs(recording, stretch, SUFFIX[rate])
        if legs.left in self.legs or legs.right in self.legs:
            raise Refused("The legs of this recording are there already.", id="legs-exist")
        self.legs[legs.left], self.legs[legs.right] = bytearray(), bytearray()
        return legs

    def length(self, legs: Legs) -> int | None:
        self._answer()
        if legs.left not in self.legs or legs.right not in self.legs:
            return None
        return min(len(self.legs[legs.left]), len(self.legs[legs.right]))

    def read(self, legs: Legs, offset: int, length: int) -> tuple[bytes, bytes]:
        left, right = self._both(legs)
        return bytes(left[offset : offset + length]), bytes(right[offset : offset + length])

    def is_whole(self, legs: Legs) -> bool:
        if self.to_come:
            self.to_come.pop(0)()
            return False
        return True

    def release(self, legs: Legs, upto: int) -> None:
        end = upto - upto % PAGE
        for leg in self._both(legs):
            end = min(end, len(leg))
            leg[:end] = bytes(end)

    def remove(self, recording: str) -> None:
        self._answer()
        self.legs = {name: leg for name, leg in self.legs.items() if _recording(name) != recording}
        self.noted.pop(recording, None)

    def keep_notes(self, recording: str, notes: bytes) -> None:
        self._answer()
        self.noted[recording] = notes

    def notes(self, recording: str) -> bytes | None:
        self._answer()
        return self.noted.get(recording)

    def find(self, recording: str) -> Sequence[tuple[int, Legs]]:
        self._answer()
        parts = [name.split(".") for name in self.legs if _recording(name) == recording]
        found = sorted({(int(stretch), kind) for _, stretch, _, kind in parts})
        return [(stretch, _legs(recording, stretch, kind)) for stretch, kind in found]

    def recordings(self) -> Sequence[str]:
        self._answer()
        return sorted({_recording(name) for name in self.legs} | set(self.noted))

    def room(self) -> float:
        self._answer()
        return self.free

    def _answer(self) -> None:
        if self.away:
            raise Unreachable("The spool does not answer.", id="spool-unreachable")

    def _both(self, legs: Legs) -> tuple[bytearray, bytearray]:
        self._answer()
        if legs.left not in self.legs or legs.right not in self.legs:
            raise Refused("The spool or a leg in it is gone.", id="spool-gone")
        return self.legs[legs.left], self.legs[legs.right]


def _legs(recording: str, stretch: int, kind: str) -> Legs:
    return Legs(f"{recording}.{stretch}.left.{kind}", f"{recording}.{stretch}.right.{kind}")


def _recording(name: str) -> str:
    return name.partition(".")[0]
