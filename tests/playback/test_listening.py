"""Who hears what, when, and what the ledger knows of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from asterisk_gdpr.core.holds import HoldGround
from asterisk_gdpr.core.ledger import Entry
from asterisk_gdpr.core.recording import Occasion, Reason, Tombstone
from asterisk_gdpr.errors import Refused, Unreachable
from asterisk_gdpr.service.erasing.holds import Holds
from asterisk_gdpr.service.listening.playback import Listener, Review
from tests.fakes.register import MemoryRegister
from tests.playback.world import NOON, POLICY, World

ANNA = Listener("anna", frozenset({"quality"}), "s1")
REVIEW = Review("quality", Occasion.COMPLAINT)


def refused(world: World, listener: Listener = ANNA, review: Review = REVIEW) -> str:
    """The id of the refusal; no listening may have been told of."""
    with pytest.raises(Refused) as caught:
        world.listening.open("rsales001", listener, review)
    assert "listened" not in world.kinds()
    return caught.value.id


def test_the_ledger_is_told_before_the_first_byte(world: World) -> None:
    """Opening a recording writes who, which, under which purpose and why, and nothing of the caller."""
    world.listening.open("rsales001", ANNA, REVIEW)

    assert world.told("listened") == [
        {"user": "anna", "recording": "rsales001", "purpose": "quality", "reason": "complaint"}
    ]


def test_under_a_hold_only_those_listen_whom_it_names(world: World) -> None:
    """What is held may be heard by those whom the hold names, though withdrawn; by nobody else, nor after."""
    world.unlock()
    now = world.clock.now()
    world.register.end_terms("rsales001", ["quality"], now, "withdrawn")
    world.register.restrict("rsales001", now, "withdrawn")
    world.register.add_tombstone(Tombstone("rsales001", Reason.WITHDRAWN, now, now))
    holds = Holds(world.register, lambda: POLICY, world.clock)
    hold = holds.place(
        ["rsales001"],
        case="A 1",
        ground=HoldGround.LEGAL_CLAIMS,
        why="sued",
        by="cli:ben",
        until=now + timedelta(days=9),
        listeners=frozenset({"supervisor"}),
    )
    review = Review(hold.id, Occasion.DISPUTE)
    lawyer = Listener("lea", frozenset({"supervisor"}), "s2")
    assert refused(world) == "erased"
    assert refused(world, review=review) == "not-entitled"
    assert refused(world, replace(lawyer, roles=lawyer.roles | {"admin"}), review) == "not-entitled"

    world.listening.open("rsales001", lawyer, review)
    assert world.told("listened")[0]["purpose"] == hold.id
    holds.lift(hold.id, "cli:ben")
    with pytest.raises(Refused):
        world.listening.open("rsales001", replace(lawyer, session="s3"), review)


class FullRegister(MemoryRegister):
    """A register that answers and cannot write once it is full."""

    full = False

    def record(self, kind: str, payload: Mapping[str, Any], at: datetime) -> Entry:
        if self.full:
            raise Unreachable("The disk is full.")
        return super().record(kind, payload, at)


def test_without_the_ledger_nobody_listens() -> None:
    """When the ledger cannot be told, nothing is opened, and nothing stays open for the next try."""
    register = FullRegister()
    world = World(register=register)
    world.seal("sales001")
    world.unlock()
    register.full = True
    for _ in range(2):
        with pytest.raises(Unreachable):
            world.listening.open("rsales001", ANNA, REVIEW)


def test_one_listening_is_one_entry(world: World) -> None:
    """Reads within half an hour of one session are one listening; a later one, or another's, is another."""
    for _ in range(3):
        world.listening.open("rsales001", ANNA, REVIEW)
        world.clock.pass_by(minutes=9)
    assert len(world.told("listened")) == 1

    world.clock.pass_by(minutes=9)
    world.listening.open("rsales001", ANNA, REVIEW)
    world.listening.open("rsales001", replace(ANNA, session="s2"), REVIEW)
    world.listening.open("rsales001", ANNA, replace(REVIEW, reason=Occasion.TRAINING))
    assert len(world.told("listened")) == 4


def test_only_listeners_of_the_purpose_listen(world: World) -> None:
    """A role that the purpose does not name hears nothing."""
    assert refused(world, replace(ANNA, roles=frozenset({"manager"}))) == "not-entitled"
    assert refused(world, replace(ANNA, roles=frozenset({"officer"}))) == "not-entitled"
    assert refused(world, review=Review("disputes", Occasion.DISPUTE)) == "not-entitled"
    assert refused(world, review=Review("made-up", Occasion.DISPUTE)) == "not-entitled"


def test_the_admin_has_no_ear() -> None:
    """Whoever administers the system hears nothing, even where a policy names the role."""
    world = World()
    world.seal("sales001", purposes=("orders",))
    world.unlock()

    admin = Listener("root", frozenset({"admin", "compliance"}), "s1")

    assert refused(world, admin, Review("orders", Occasion.DISPUTE)) == "not-entitled"


def test_a_purpose_that_the_recording_never_had_opens_nothing() -> None:
    """A listener of one purpose does not hear what is kept for another."""
    world = World()
    world.seal("sales001", purposes=("disputes",))
    world.unlock()

    assert refused(world) == "purpose-ended"


def test_an_ended_purpose_opens_nothing(world: World) -> None:
    """A purpose that ran out, or was withdrawn, gives no right to listen while another one lives on."""
    world.register.end_terms("rsales001", ["quality"], NOON, "withdrawn")
    assert refused(world) == "purpose-ended"


def test_a_period_that_is_over_opens_nothing(world: World) -> None:
    """After its last day a purpose gives no right to listen, even before the sweep has come."""
    world.clock.pass_by(days=92)
    assert refused(world) == "purpose-ended"


def test_the_policy_in_force_decides(world: World) -> None:
    """A role that the controller took off the list hears older recordings no more."""
    narrowed = replace(POLICY.purposes["quality"], listeners=frozenset({"supervisor"}))
    world.policy = replace(POLICY, purposes={**POLICY.purposes, "quality": narrowed})

    assert refused(world) == "not-entitled"


def test_a_restriction_beats_every_listener(world: World) -> None:
    """A restricted recording is opened for nobody."""
    world.register.restrict("rsales001", NOON, "requested")
    assert refused(world) == "restricted"


def test_a_tombstone_beats_every_listener(world: World) -> None:
    """From the moment of the tombstone on nobody listens, though the keys live until it is due."""
    later = NOON + timedelta(days=3)
    world.register.add_tombstone(Tombstone("rsales001", Reason.WITHDRAWN, NOON, later))
    assert refused(world) == "erased"


def test_destroyed_keys_open_nothing(world: World) -> None:
    """Without its wrapped keys a recording is erased, whatever else is there."""
    world.register.add_tombstone(Tombstone("rsales001", Reason.WITHDRAWN, NOON, NOON))
    world.register.destroy_keys("rsales001", NOON)
    with pytest.raises(Refused, match="destroyed"):
        world.keeper.data_key("rsales001", 1)


def test_a_locked_vault_opens_nothing(world: World) -> None:
    """Locking ends all listening."""
    world.keeper.lock(by="officer")
    assert refused(world) == "vault-locked"


@pytest.mark.parametrize("act", ["restrict", "erase", "lock", "end"])
def test_a_listening_under_way_is_stopped(world: World, act: str) -> None:
    """A restriction, a tombstone, a lock and an ended purpose stop what is already being sent."""
    sound = world.listening.open("rsales001", ANNA, REVIEW)
    sound.read(0, 100)
    acts: dict[str, Callable[[], object]] = {
        "restrict": lambda: world.register.restrict("rsales001", NOON, "requested"),
        "erase": lambda: world.register.add_tombstone(Tombstone("rsales001", Reason.REQUESTED, NOON, NOON)),
        "lock": lambda: world.keeper.lock(by="officer"),
        "end": lambda: world.register.end_terms("rsales001", ["quality"], NOON, "withdrawn"),
    }
    acts[act]()
    world.clock.pass_by(seconds=1)

    with pytest.raises(Refused):
        sound.read(20_000, 100)


def test_a_vault_that_is_away_is_not_an_erasure(world: World) -> None:
    """A vault that does not answer is said to be unreachable, and the ledger has no listening."""
    world.vault.away = True
    with pytest.raises(Unreachable):
        world.listening.open("rsales001", ANNA, REVIEW)
    assert "listened" not in world.kinds()


def test_a_lost_container_is_said(world: World) -> None:
    """A sealed recording whose container is not there is refused with what is wrong."""
    world.vault.delete("rsales001")
    assert refused(world) == "container-missing"


def test_a_closed_session_keeps_nothing_open(world: World) -> None:
    """After signing out, the same session's next listening is a new one."""
    world.listening.open("rsales001", ANNA, REVIEW)
    world.listening.close("s1")
    world.listening.open("rsales001", ANNA, REVIEW)

    assert len(world.told("listened")) == 2
