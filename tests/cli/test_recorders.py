"""`calls recorders`: who else recorded a call, and where to, for who may know."""

from __future__ import annotations

from contextlib import closing

from asterisk_gdpr.ports import RecorderRow
from asterisk_gdpr.service.keys.keeper import seal_file
from tests.cli.house import RECORDING, House

FILE = "/var/spool/monitor/out-+4915112345678"


def test_where_another_recorder_writes_to_is_for_who_has_the_passphrase(house: House) -> None:
    """Without it the file is not shown; with it it is, and the ledger has who looked."""
    house.record(RECORDING)
    with closing(house.open()) as installation:
        register, now, key = (
            installation.register(),
            installation.clock.now(),
            installation.vault_public_key(),
        )
        call = register.recording(RECORDING).call
        register.add_recorder(RecorderRow("o1", call, "MixMonitor", now, seal_file(key, "o1", FILE), key.id))
        register.add_recorder(RecorderRow("o2", call, "ChanSpy", now))
        register.recorder_stopped("o2", now)

    (first, second) = house.json("calls", "recorders", call)
    assert first["by"] == "MixMonitor" and first["file"] is None and first["stopped_at"] is None
    assert second["by"] == "ChanSpy" and second["stopped_at"] is not None
    assert house("calls", "recorders", call) == 0
    assert FILE not in house.out
    assert house("calls", "recorders", call, "--files", "--passphrase-file", house.passphrase) == 0
    assert FILE in house.out
    assert "other-recorder-files-shown" in house.kinds()


def test_a_call_that_nobody_else_recorded(house: House) -> None:
    """It says so, in one sentence."""
    house.record(RECORDING)
    with closing(house.open()) as installation:
        call = installation.register().recording(RECORDING).call
    assert house("calls", "recorders", call) == 0

    assert house.out.strip() == "Nobody else recorded this call."
