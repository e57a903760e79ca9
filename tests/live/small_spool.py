"""A house in a mount namespace of its own, whose memory for the spool is small enough to be filled.

python -m tests.live.small_spool     (as `unshare --user --map-root-user --mount` runs it)

It prints what was seen, as JSON; `test_spool` asserts on it.
"""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

from asterisk_gdpr.rig.debian import programs
from asterisk_gdpr.rig.house import MEMORY
from asterisk_gdpr.rig.phone_call import PhoneCall
from asterisk_gdpr.rig.sound import seconds_of
from tests.live.house import House, within
from tests.live.listening import listen, overlap

SIZE = 4
"""Megabytes: enough for the bench's calls, and little to be filled."""


def main() -> None:
    """Fill the spool in a talk, call once more, give the room back, and call again."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "small", str(MEMORY)], check=True)
    with House(programs()) as house:
        print(json.dumps(_told(house)))


def _told(house: House) -> dict[str, Any]:
    first, agent = _call(house, "+4915112345801", 11)
    agent.wait_answered()
    running = house.last_call()
    time.sleep(2)
    filler = MEMORY / "filler"
    filler.write_bytes(bytes(round(SIZE * 0.93 * 2**20) - _used()))
    within(lambda: "spool-nearly-full" in _alarms(house) or None, 5)
    status = house.run_command("status").returncode
    second, other = _call(house, "+4915112345802", 3.5)
    for call in (second, other):
        call.wait_ended()
    refused = house.wait_ended(house.last_call())
    for call in (first, agent):
        call.wait_ended()
    told = house.wait_sealed(running)
    left, _ = listen(house, told["recording"])
    filler.unlink()
    within(lambda: None if "spool-nearly-full" in _alarms(house) else True, 5)
    third, last = _call(house, "+4915112345803", 3.5)
    for call in (third, last):
        call.wait_ended()
    return {
        "status": status,
        "heard": seconds_of(left, 400),
        "talked": overlap(first, agent),
        "connected": other.answered_at is not None,
        "choice": refused["choice"],
        "recording": refused["recording"],
        "again": house.wait_sealed(house.last_call())["choice"],
    }


def _call(house: House, number: str, seconds: float) -> tuple[PhoneCall, PhoneCall]:
    anna = house.phones.agent("anna", tone=1000, answer_after=0.2)
    count = len(anna.calls) + 1
    call = house.phones.call("support", number=number, script=f"tone 400; wait {seconds}; hangup")
    return call, anna.wait_call(20, count=count)


def _alarms(house: House) -> list[str]:
    return [alarm.id for alarm in house.register.alarms()]


def _used() -> int:
    return sum(path.stat().st_blocks * 512 for path in Path(MEMORY).rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
