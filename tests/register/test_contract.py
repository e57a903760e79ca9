"""What any register does: the fake and the real one alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from asterisk_gdpr.core.clip import Clip
from asterisk_gdpr.core.epoch import Recipient, Role
from asterisk_gdpr.core.evaluation import Evaluation
from asterisk_gdpr.core.ledger import verify
from asterisk_gdpr.core.policy import Basis, Period, Unit
from asterisk_gdpr.core.policy_diff import Kept
from asterisk_gdpr.core.recording import Codec, Reason, State, Tombstone
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import (
    Agent,
    Alarm,
    Approval,
    Evidence,
    Looked,
    Mark,
    Register,
    SavedSearch,
    Search,
    Token,
    User,
)
from tests.register.samples import (
    call,
    day,
    key,
    noon,
    number_index,
    number_sealed,
    prepare,
    progress,
    recording,
    seal,
    second,
    term,
)


def kinds(register: Register) -> list[str]:
    """What the ledger has been told, in order."""
    return [entry.kind for entry in register.entries()]


# --- calls


def test_call_comes_back(register: Register) -> None:
    """A call comes back as it was put in, by its id and by its channel."""
    register.add_call(call())

    assert register.call("c1") == call()
    assert register.call_by_channel("channel-of-c1") == call()
    assert register.call_by_channel("another") is None


def test_unknown_ids_are_refused(register: Register) -> None:
    """What is not there is refused by a stable id, whatever is asked of it."""
    of_a_call: list[Callable[[], object]] = [
        lambda: register.call("c9"),
        lambda: register.commit_choice(Evidence("c9", noon, "agreed", {})),
        lambda: register.note_capture("c9", "m1"),
        lambda: register.end_call("c9", noon, "hung_up"),
        lambda: register.add_recording(recording("r9", "c9"), key("r9"), [term("r9")], progress("r9")),
    ]
    of_a_recording: list[Callable[[], object]] = [
        lambda: register.recording("r9"),
        lambda: register.progress("r9"),
        lambda: register.found("r9"),
        lambda: register.add_key(key("r9"), progress("r9")),
        lambda: register.seal_recording(progress("r9"), noon),
        lambda: register.end_terms("r9", ["quality"], noon, "withdrawn"),
        lambda: register.restrict("r9", noon, "withdrawn"),
        lambda: register.add_tombstone(Tombstone("r9", Reason.TEST, noon, noon)),
    ]
    for id, asks in (("unknown-call", of_a_call), ("unknown-recording", of_a_recording)):
        for ask in asks:
            with pytest.raises(Refused) as refused:
                ask()
            assert refused.value.id == id
    assert register.head() is None


def test_id_is_used_once(register: Register) -> None:
    """An id that is taken is refused, and what bears it stays as it is."""
    register.add_call(call())

    with pytest.raises(Refused) as refused:
        register.add_call(call(line="support"))

    assert refused.value.id == "register-conflict"
    assert register.call("c1").line == "sales"


def test_calls_newest_first(register: Register) -> None:
    """Calls are listed newest first, narrowed by line and time."""
    for number in range(4):
        line = "sales" if number % 2 else "support"
        register.add_call(call(f"c{number}", noon + number * second, line=line))

    assert [c.id for c in register.calls()] == ["c3", "c2", "c1", "c0"]
    assert [c.id for c in register.calls(limit=1)] == ["c3"]
    assert [c.id for c in register.calls(line="sales")] == ["c3", "c1"]
    assert [c.id for c in register.calls(since=noon + 2 * second)] == ["c3", "c2"]


def test_calls_that_belong_together(register: Register) -> None:
    """The legs of one call are found by what Asterisk calls them together."""
    for id in ("c1", "c2", "c3"):
        register.add_call(call(id, linkedid="together" if id != "c2" else "alone"))

    assert {row.id for row in register.calls(linkedid="together")} == {"c1", "c3"}
    assert register.calls(linkedid="nothing") == []


def test_living_calls_of_a_node(register: Register) -> None:
    """A node that starts finds its own calls that have not ended, and no others."""
    register.add_call(call("c1"))
    register.add_call(call("c2"))
    register.add_call(call("c3", node="node2"))
    register.end_call("c2", noon, "hung_up")

    assert [c.id for c in register.calls_alive("node1")] == ["c1"]


def test_choice_with_evidence(register: Register) -> None:
    """A choice, its evidence and its ledger entry are there together."""
    register.add_call(call())
    facts = {"keys": [{"digit": "1", "at": "2026-11-23T12:00:01Z"}], "waited": 1.5}

    register.commit_choice(Evidence("c1", noon, "agreed", facts))

    assert register.evidence("c1") == Evidence("c1", noon, "agreed", facts)
    assert (register.call("c1").choice, register.call("c1").chosen_at) == ("agreed", noon)
    assert kinds(register)[-1] == "choice-made"


def test_later_choice_stands(register: Register) -> None:
    """A later choice stands, and both are in the ledger."""
    register.add_call(call())
    register.commit_choice(Evidence("c1", noon, "agreed", {}))
    register.commit_choice(Evidence("c1", noon + second, "refused", {}))

    later = register.evidence("c1")

    assert later and later.outcome == "refused"
    assert register.call("c1").choice == "refused"
    assert kinds(register).count("choice-made") == 2


def test_number_goes_with_an_unrecorded_call(register: Register) -> None:
    """The number of a caller who was not recorded goes when the call ends."""
    register.add_call(call())
    register.note_capture("c1", "m1")

    register.end_call("c1", noon, "refused")

    ended = register.call("c1")
    assert (ended.caller_sealed, ended.caller_index, ended.capture) == (None, None, None)
    assert (ended.ended_at, ended.ending) == (noon, "refused")


def test_number_stays_with_a_recording(register: Register) -> None:
    """The number of a caller who was recorded stays as long as the recording does."""
    prepare(register)

    register.end_call("c1", noon, "hung_up")

    assert register.call("c1").caller_sealed == number_sealed
    assert [r.id for r in register.of_caller(number_index)] == ["r1"]


# --- recordings


def test_recording_before_capture(register: Register) -> None:
    """Before any capture, recording, key, purposes and progress are there, and the call names them."""
    prepare(register, "1", term(purpose="quality"), term(purpose="disputes"))

    assert register.recording("r1") == recording()
    assert register.keys("r1") == [key()]
    assert register.progress("r1") == progress()
    assert [t.purpose for t in register.terms("r1")] == ["disputes", "quality"]
    assert register.call("c1").recording == "r1"
    assert [r.id for r in register.unfinished("node1")] == ["r1"]
    assert register.unfinished("node2") == []


def test_how_a_recording_is_encoded_is_known(register: Register) -> None:
    """What was said of its codec when it was prepared is said of it ever after."""
    register.add_call(call())
    small = replace(recording(), codec=Codec.OPUS)
    register.add_recording(small, key(), [term()], progress())

    assert register.recording("r1") == small
    assert register.found("r1").recording.codec is Codec.OPUS


def test_no_recording_without_purpose(register: Register) -> None:
    """A recording without a purpose is refused, and nothing of it is kept."""
    register.add_call(call())

    with pytest.raises(Refused) as refused:
        register.add_recording(recording(), key(), [], progress())

    assert refused.value.id == "no-purpose"
    assert register.call("c1").recording is None


def test_progress_of_many(register: Register) -> None:
    """One commit carries many recordings on; the first audio says when it began."""
    for id in ("1", "2"):
        prepare(register, id)

    register.commit_progress([(progress("r1"), noon), (progress("r2", 80), noon)])
    register.commit_progress([(progress("r1", 160), noon + second), (progress("r2", 160), noon + second)])
    register.commit_progress([])

    first, other = register.recording("r1"), register.recording("r2")
    assert (first.state, first.frames, first.started_at) == (State.CAPTURING, 160, noon + second)
    assert (other.state, other.frames, other.started_at) == (State.CAPTURING, 160, noon)
    assert register.progress("r2") == progress("r2", 160)


def test_new_generation(register: Register) -> None:
    """A restarted sealer's new key stands beside the old one, and a generation is never used twice."""
    prepare(register)

    register.add_key(key(generation=2), progress(generation=2))

    assert [k.generation for k in register.keys("r1")] == [1, 2]
    assert register.progress("r1").generation == 2
    with pytest.raises(Refused):
        register.add_key(key(generation=2), progress(generation=2))


def test_sealing_starts_the_clocks(register: Register) -> None:
    """Each purpose's clock starts when the recording is sealed, and only once."""
    prepare(register, "1", term(purpose="quality", days=90), term(purpose="disputes", days=180))

    assert [t.expires_at for t in register.terms("r1")] == [None, None]

    register.seal_recording(progress(frames=80), noon)
    sealed = register.terms("r1")
    register.seal_recording(progress(frames=80), noon + day)

    assert register.terms("r1") == sealed
    assert [t.expires_at for t in sealed if t.expires_at and t.expires_at > noon + 90 * day] != []
    assert register.recording("r1").state is State.SEALED
    assert register.recording("r1").ended_at == noon
    assert register.unfinished("node1") == []
    with pytest.raises(Refused, match="no more audio"):
        register.add_key(key(generation=2), progress())


def test_ended_purpose(register: Register) -> None:
    """A purpose that is ended stays ended as it was the first time."""
    seal(register, "1", term(purpose="quality"), term(purpose="disputes"))

    register.end_terms("r1", ["quality", "unheard of"], noon, "withdrawn")
    register.end_terms("r1", ["quality"], noon + day, "objected")

    disputes, quality = register.terms("r1")
    assert (quality.ended_at, quality.ended_by) == (noon, "withdrawn")
    assert disputes.ended_at is None
    assert kinds(register).count("purposes-ended") == 1


def test_restriction_stands(register: Register) -> None:
    """A restriction is set once and told once."""
    seal(register)

    register.restrict("r1", noon, "withdrawn")
    register.restrict("r1", noon + day, "objected")

    assert register.recording("r1").restricted
    assert kinds(register).count("recording-restricted") == 1


# --- searching


def test_recordings_are_counted_by_state(register: Register) -> None:
    """Each recording counts once, in the state that it is in."""
    assert dict(register.count_recordings()) == {}
    seal(register, "1")
    seal(register, "2")
    prepare(register, "3")

    assert dict(register.count_recordings()) == {State.SEALED: 2, State.PREPARED: 1}


def test_search_pages_by_key(register: Register) -> None:
    """Every recording is on exactly one page, newest first, also those of the same moment."""
    ids = [seal(register, str(number), at=noon + (number // 3) * second) for number in range(8)]
    seen: list[str] = []
    search = Search(limit=3)

    while page := register.search(search):
        seen += [found.recording.id for found in page]
        search = replace(search, before=(page[-1].recording.created_at, page[-1].recording.id))

    assert seen == ids[::-1]


def test_search_narrows(register: Register) -> None:
    """Line, time, caller and state narrow a search, each by itself and together."""
    seal(register, "1")
    seal(register, "2", at=noon + day, line="support")
    seal(register, "3", at=noon + 2 * day, caller_index=b"somebody else's ")
    prepare(register, "4", at=noon + 3 * day)

    def ids(search: Search) -> list[str]:
        return [found.recording.id for found in register.search(search)]

    assert ids(Search()) == ["r3", "r2", "r1"]
    assert ids(Search(line="support")) == ["r2"]
    assert ids(Search(since=noon + day)) == ["r3", "r2"]
    assert ids(Search(until=noon + day)) == ["r1"]
    assert ids(Search(caller_index=number_index)) == ["r2", "r1"]
    assert ids(Search(caller_index=number_index, line="sales")) == ["r1"]
    assert ids(Search(states=frozenset(State))) == ["r4", "r3", "r2", "r1"]


def test_search_by_living_purpose(register: Register) -> None:
    """Who acts under a purpose finds what exists for it still, and sees the purposes that are alive."""
    seal(register, "1", term("r1", "quality", days=30), term("r1", "disputes", days=90))
    seal(register, "2", term("r2", "quality", days=60))
    register.end_terms("r2", ["quality"], noon, "withdrawn")

    def found(purpose: str, days: int) -> list[tuple[str, list[str]]]:
        search = Search(purposes=frozenset({purpose}), living_at=noon + days * day)
        return [(f.recording.id, [t.purpose for t in f.terms]) for f in register.search(search)]

    assert found("quality", 1) == [("r1", ["disputes", "quality"])]
    assert found("quality", 40) == []
    assert found("disputes", 40) == [("r1", ["disputes"])]
    assert register.search(Search(purposes=frozenset())) == []


def test_found_has_the_call(register: Register) -> None:
    """A recording is found with its call and every purpose it ever had."""
    seal(register)

    found = register.found("r1")

    assert (found.recording, found.call) == (register.recording("r1"), register.call("c1"))
    assert found.terms == tuple(register.terms("r1"))


def test_a_period_is_only_ever_shortened(register: Register) -> None:
    """A shorter period ends a purpose earlier, from the recording's end; a longer one changes nothing."""
    seal(register, "1", term("r1", "quality", days=30), term("r1", "disputes", days=90))
    before = {t.purpose: t.expires_at for t in register.terms("r1")}
    longer = {
        "quality": Period(31, Unit.DAYS),
        "disputes": Period(90, Unit.DAYS),
        "other": Period(1, Unit.DAYS),
    }
    told = len(kinds(register))

    assert register.shorten_terms("r1", longer, noon, "version2") == []
    assert {t.purpose: t.expires_at for t in register.terms("r1")} == before
    assert len(kinds(register)) == told

    (changed,) = register.shorten_terms("r1", {"quality": Period(10, Unit.DAYS)}, noon, "version2")
    assert (changed.purpose, changed.keep) == ("quality", Period(10, Unit.DAYS))
    assert changed in register.terms("r1")
    assert kinds(register)[-1] == "periods-shortened"

    register.shorten_terms("r1", {"disputes": Period(10, Unit.DAYS)}, noon, "version2")
    assert changed.expires_at is not None
    assert register.due(changed.expires_at - second) == []
    assert [r.id for r in register.due(changed.expires_at)] == ["r1"]


def test_a_call_that_goes_on_keeps_what_its_caller_was_told(register: Register) -> None:
    """A recording that is not sealed is not shortened, and neither is a purpose that has ended."""
    prepare(register)
    assert register.shorten_terms("r1", {"quality": Period(1, Unit.DAYS)}, noon, "version2") == []

    seal(register, "2")
    register.end_terms("r2", ["quality"], noon, "withdrawn")
    assert register.shorten_terms("r2", {"quality": Period(1, Unit.DAYS)}, noon, "version2") == []
    with pytest.raises(Refused) as refused:
        register.shorten_terms("r9", {}, noon, "version2")
    assert refused.value.id == "unknown-recording"


def test_what_is_kept_is_counted_by_purpose_and_period(register: Register) -> None:
    """Living purposes are counted by basis and period; what has ended or is being erased is not."""
    seal(register, "1")
    seal(register, "2")
    prepare(register, "3", term("r3", days=30))
    seal(register, "4", term("r4", "orders", Basis.LEGAL_OBLIGATION, 400))
    seal(register, "5", term("r5", days=1))
    seal(register, "6")
    register.add_tombstone(Tombstone("r6", Reason.REQUESTED, noon, noon))

    assert register.count_kept(noon + 5 * day) == [
        Kept("orders", Basis.LEGAL_OBLIGATION, Period(400, Unit.DAYS), 1),
        Kept("quality", Basis.CONSENT, Period(30, Unit.DAYS), 1),
        Kept("quality", Basis.CONSENT, Period(90, Unit.DAYS), 2),
    ]
    assert register.count_by_policy() == {"version1": 6}


# --- erasure


def test_due_when_the_last_purpose_has_ended(register: Register) -> None:
    """A recording is due when its last purpose has ended, and not a moment before."""
    seal(register, "1", term("r1", "quality", days=30), term("r1", "disputes", days=90))
    end = max(t.expires_at for t in register.terms("r1") if t.expires_at)

    assert register.due(end - second, 10) == []
    assert [r.id for r in register.due(end, 10)] == ["r1"]


def test_withdrawal_makes_due(register: Register) -> None:
    """Ending the last living purpose makes a recording due at once."""
    seal(register)

    register.end_terms("r1", ["quality"], noon + day, "withdrawn")

    assert [r.id for r in register.due(noon + day)] == ["r1"]


def test_longest_due_first(register: Register) -> None:
    """What is due longest comes first, as many as are asked for; what is not sealed never."""
    for number, days in enumerate((30, 10, 20)):
        seal(register, str(number), term(f"r{number}", days=days))
    prepare(register, "9")

    assert [r.id for r in register.due(noon + 60 * day)] == ["r1", "r2", "r0"]
    assert [r.id for r in register.due(noon + 60 * day, 2)] == ["r1", "r2"]


def test_tombstone_is_set_once(register: Register) -> None:
    """A tombstone is set once; a second one can only bring it forward."""
    seal(register)
    later = Tombstone("r1", Reason.WITHDRAWN, noon, noon + day)

    assert register.add_tombstone(later)
    assert not register.add_tombstone(replace(later, due_at=noon + 2 * day))
    assert register.tombstone("r1") == later
    assert register.tombstones(noon) == []
    assert not register.add_tombstone(replace(later, reason=Reason.REQUESTED, due_at=noon))
    assert register.tombstones(noon) == [replace(later, due_at=noon)]


def test_tombstoned_recording_is_never_sealed_anew(register: Register) -> None:
    """Once a tombstone stands, no key is added, nothing seals it, and no restart takes it up."""
    prepare(register)
    register.add_tombstone(Tombstone("r1", Reason.WITHDRAWN, noon, noon + day))

    register.commit_progress([(progress("r1", 80), noon)])
    register.seal_recording(progress("r1", 80), noon)

    assert register.recording("r1").state is State.ERASING
    assert register.unfinished("node1") == []
    assert register.due(noon + 1000 * day) == []
    with pytest.raises(Refused):
        register.add_key(key(generation=2), progress())


def test_keys_go_and_their_hashes_stay(register: Register) -> None:
    """Keys and number are destroyed once; asked again, the same hashes come back."""
    seal(register)
    with pytest.raises(Refused):
        register.destroy_keys("r1", noon)
    register.add_tombstone(Tombstone("r1", Reason.REQUESTED, noon, noon))

    destroyed = register.destroy_keys("r1", noon)

    assert [(k.generation, k.epoch, len(k.sha256)) for k in destroyed] == [(1, "epoch1", 64)]
    assert register.destroy_keys("r1", noon) == destroyed
    assert register.keys("r1") == []
    assert register.call("c1").caller_sealed is None
    assert register.of_caller(number_index) == []
    assert kinds(register).count("keys-destroyed") == 1
    assert register.checkpoint()


def test_erasure_is_finished_once(register: Register) -> None:
    """An erasure is finished once, with one certificate."""
    seal(register)
    with pytest.raises(Refused):
        register.finish_erasure("r1", noon, b"early")
    register.add_tombstone(Tombstone("r1", Reason.REQUESTED, noon, noon))

    register.finish_erasure("r1", noon, b"first")
    register.finish_erasure("r1", noon + day, b"second")

    assert register.certificate("r1") == b"first"
    assert register.recording("r1").state is State.ERASED
    assert register.tombstone("r1") == Tombstone("r1", Reason.REQUESTED, noon, noon, noon)
    assert register.tombstones(noon) == []
    assert kinds(register).count("recording-erased") == 1
    register.commit_progress([(progress("r1", 80_000), noon)])
    register.seal_recording(progress("r1", 80_000), noon)
    assert register.recording("r1").state is State.ERASED


# --- the ledger


def test_ledger_chains(register: Register) -> None:
    """Entries come back in order and their chain verifies, also after payloads were erased."""
    for number in range(5):
        register.record("listened", {"recording": f"r{number}", "user": "jo"}, noon + number * second)

    register.erase_payloads([2, 4])
    register.erase_payloads([2])

    entries = register.entries()
    assert verify(entries).ok
    assert [entry.seq for entry in entries if entry.payload is None] == [2, 4]
    assert [entry.seq for entry in entries if entry.salt is None] == [2, 4]
    assert entries[0].payload == {"recording": "r0", "user": "jo"}
    assert register.entries(3, 1) == entries[3:4]
    assert register.head() == entries[-1]


# --- people


def test_agents(register: Register) -> None:
    """An agent is found by id and by endpoint; who was last registered there counts."""
    first = Agent("a1", "PJSIP/anna", "consented", "v1", noon)
    later = Agent("a2", "PJSIP/anna", "informed", "v1", noon + day)
    register.put_agent(first)
    register.put_agent(later)
    withdrawn = replace(first, standing="withdrawn", withdrawn_at=noon + day)
    register.put_agent(withdrawn)

    assert register.agent("a1") == withdrawn
    assert register.agent("a9") is None
    assert register.agent_at("PJSIP/anna") == later
    assert register.agent_at("PJSIP/none") is None
    assert register.agents() == [withdrawn, later]


def test_what_names_somebody_says_less_for_longer(register: Register) -> None:
    """Who wrote an agent's word down is an entry of its own, so that the word outlives the name."""
    register.put_agent(Agent("a1", "PJSIP/anna", "consented", "v1", noon), "officer")
    register.switch("sales", False, noon, "admin")
    told = {entry.kind: dict(entry.payload or {}) for entry in register.entries()}
    assert told["agent-put"] == {"agent": "a1", "standing": "consented", "version": "v1"}
    assert told["agent-written-down"] == {"agent": "a1", "user": "officer"}
    assert told["switched"] == {"line": "sales", "on": False, "user": "admin"}


def test_no_session_keeps_the_index_of_a_number_that_is_gone(register: Register) -> None:
    """Whoever had looked for a number looks for nobody, once the last recording of that number is erased."""
    first, second = seal(register, "1"), seal(register, "2")
    register.put_user(User("jo", "hash", frozenset({"officer"}), noon), noon)
    for token, index in ((b"t1", number_index), (b"t2", b"index of another")):
        register.add_session(token, "jo", noon, noon + day)
        register.note_session(token, {"number": index.hex(), "purpose": "quality"})
    for made, kept in ((first, number_index.hex()), (second, "00")):
        register.add_tombstone(Tombstone(made, Reason.REQUESTED, noon, noon))
        register.destroy_keys(made, noon)
        assert register.session(b"t1", noon) == ("jo", {"number": kept, "purpose": "quality"})
    assert register.session(b"t2", noon) == (
        "jo",
        {"number": b"index of another".hex(), "purpose": "quality"},
    )
    assert register.of_caller(bytes.fromhex("00")) == []


def test_users_and_sessions(register: Register) -> None:
    """A session lasts to its end, holds its notes, and ends for whoever is disabled."""
    jo = User("jo", "hash", frozenset({"quality", "manager"}), noon)
    register.put_user(jo, noon)
    for token in (b"t1", b"t2"):
        register.add_session(token, "jo", noon, noon + day)
    register.note_session(b"t1", {"purpose": "quality"})

    assert register.user("jo") == jo
    assert register.users() == [jo]
    assert register.user("al") is None
    assert register.session(b"t1", noon) == ("jo", {"purpose": "quality"})
    assert register.session(b"t1", noon + day) is None
    assert register.session(b"t9", noon) is None

    register.end_session(b"t1")
    with pytest.raises(Refused):
        register.note_session(b"t1", {})
    register.put_user(replace(jo, disabled_at=noon), noon)

    assert register.session(b"t1", noon) is None
    assert register.session(b"t2", noon) is None
    assert kinds(register) == ["user-added", "user-disabled"]


def test_session_of_nobody(register: Register) -> None:
    """Nobody but a known user has a session."""
    with pytest.raises(Refused):
        register.add_session(b"t1", "jo", noon, noon + day)


# --- upkeep


def test_alarm_stands_until_cleared(register: Register) -> None:
    """An alarm stands since it was first raised, once, with its latest message, until it is cleared."""
    register.raise_alarm(Alarm("erasure-failed", "r1", noon, "first"))
    register.raise_alarm(Alarm("erasure-failed", "r1", noon + day, "again"))
    register.raise_alarm(Alarm("erasure-failed", "r2", noon + day, "other"))

    assert [(a.about, a.since, a.message) for a in register.alarms()] == [
        ("r1", noon, "again"),
        ("r2", noon + day, "other"),
    ]

    register.clear_alarm("erasure-failed", "r1", noon + day)
    register.clear_alarm("erasure-failed", "r9", noon + day)
    assert [a.about for a in register.alarms()] == ["r2"]
    register.raise_alarm(Alarm("erasure-failed", "r1", noon + 2 * day, "anew"))
    assert [a.about for a in register.alarms()] == ["r2", "r1"]


def test_switches(register: Register) -> None:
    """A line is off when it was switched off or everything was."""
    assert not register.switched_off("sales")
    register.switch("sales", False, noon)
    assert register.switched_off("sales") and not register.switched_off("support")
    register.switch("sales", True, noon)
    register.switch("*", False, noon)
    assert register.switched_off("sales") and register.switched_off("support")
    assert dict(register.switches()) == {"*": False, "sales": True}


def test_keys_that_are_not_ours_are_taken_out(register: Register) -> None:
    """A recipient goes only as the key that was meant; an epoch only while nothing is sealed to it."""
    register.add_epoch("ours", "X", b"one", noon, b"a word")
    register.add_epoch("theirs", "X", b"two", noon + day)
    register.vouch_epoch("ours", b"another word")
    assert [(each.id, each.voucher) for each in register.epochs()] == [
        ("ours", b"another word"),
        ("theirs", None),
    ]
    register.add_call(call("c1", caller_sealed=b"x" * 40, caller_epoch="theirs"))
    assert not register.reject_epoch("theirs", "anna", noon)
    register.end_call("c1", noon, "refused")
    assert register.reject_epoch("theirs", "anna", noon)
    assert [each.id for each in register.epochs()] == ["ours"]
    for act in (
        lambda: register.reject_epoch("theirs", "anna", noon),
        lambda: register.vouch_epoch("theirs", b""),
    ):
        with pytest.raises(Refused):
            act()

    register.add_recipient(Recipient("escrow", Role.ESCROW, "X", "key", b"public", noon))
    register.reject_recipient("escrow", "another", "anna", noon)
    assert [each.key_id for each in register.recipients()] == ["key"]
    register.reject_recipient("escrow", "key", "anna", noon)
    register.reject_recipient("escrow", "key", "anna", noon)
    assert register.recipients() == []
    told = [each.kind for each in register.entries() if each.kind.endswith("-rejected")]
    assert told == ["epoch-rejected", "recipient-rejected"]


def test_policies_epochs_beats(register: Register) -> None:
    """Policies keep their first text, the latest epoch is the current one, each node has its last beat."""
    assert register.epoch() is None
    register.keep_policy("v1", "text", noon)
    register.keep_policy("v1", "other", noon)
    register.add_epoch("e1", "X", b"one", noon)
    register.add_epoch("e2", "X", b"two", noon + day)
    register.beat("node1", noon, {"calls": 1})
    register.beat("node1", noon + second, {"calls": 2})

    assert (register.policy_text("v1"), register.policy_text("v2")) == ("text", None)
    register.keep_policy("v0", "text", noon + second)
    assert register.policy_versions() == [("v1", noon), ("v0", noon + second)]
    assert register.epoch() == ("e2", b"two", noon + day)
    assert dict(register.beats()) == {"node1": (noon + second, {"calls": 2})}


# --- transactions


def test_transaction_is_all_or_nothing(register: Register) -> None:
    """What fails inside a transaction leaves nothing of it, in nested ones too."""
    with pytest.raises(RuntimeError), register.transaction():
        seal(register)
        with register.transaction():
            register.record("listened", {}, noon)
        raise RuntimeError

    assert (register.calls(), register.head()) == ([], None)


def test_failed_part_is_undone_alone(register: Register) -> None:
    """A part that fails is undone, and the transaction around it may go on."""
    with register.transaction():
        register.add_call(call())
        with pytest.raises(Refused), register.transaction():
            register.add_call(call("c2"))
            register.add_call(call("c1"))

    assert [c.id for c in register.calls()] == ["c1"]
    assert kinds(register) == ["call-taken"]


def test_basis_and_period_come_back(register: Register) -> None:
    """A purpose comes back with its basis and its period."""
    made = term(basis=Basis.LEGAL_OBLIGATION, days=7)

    prepare(register, "1", made)

    assert register.terms("r1") == [made]


# --- how the work goes


def test_calls_are_counted_by_hour_and_choice(register: Register) -> None:
    """What callers chose is counted by hour, line and language, within the span alone."""
    for id, minute, choice in (
        ("c1", 0, "agreed"),
        ("c2", 59, "agreed"),
        ("c3", 1, "refused"),
        ("c4", 2, None),
    ):
        register.add_call(replace(call(id), arrived_at=noon.replace(minute=minute)))
        if choice:
            register.commit_choice(Evidence(id, noon, choice, {}))
    register.add_call(replace(call("c5"), arrived_at=noon + 1 * day))

    found = register.tally(noon, noon + 1 * day)

    assert {(tally.choice, tally.calls) for tally in found} == {("agreed", 2), ("refused", 1), ("", 1)}
    assert {(tally.hour, tally.line) for tally in found} == {(noon.replace(microsecond=0), "sales")}


def test_the_ledger_is_looked_up_by_what_it_is_about(register: Register) -> None:
    """A recording's whole history comes back, newest first, page by page, and nothing of another's."""
    prepare(register, "1")
    prepare(register, "2")
    for n in range(5):
        register.record("viewed", {"recording": "r1", "user": "quinn"}, noon + n * second)

    first = register.look_up(Looked(about=("r1",), limit=3))
    rest = register.look_up(Looked(about=("r1",), before=first[-1].seq))
    told = register.look_up(
        Looked(about=("r1",), kind="viewed", since=noon + second, until=noon + 3 * second)
    )

    assert [entry.kind for entry in [*first, *rest]][:5] == ["viewed"] * 5
    assert rest[-1].kind == "recording-prepared"
    assert len(told) == 2
    assert set(register.kinds()) >= {"viewed", "recording-prepared", "call-taken"}
    assert register.kinds() == sorted(register.kinds())


def test_an_alarm_that_somebody_has_seen_goes_on_to_stand(register: Register) -> None:
    """Who sees to an alarm is written down; it ends with its cause, and comes back unseen."""
    alarm = Alarm("disk-full", "vault", noon, "The vault is full.")
    register.raise_alarm(alarm)
    register.see_to("disk-full", "vault", "ada", noon + second)
    register.raise_alarm(alarm)

    (standing,) = register.alarms()
    assert (standing.seen_to_by, standing.seen_to_at) == ("ada", noon + second)
    assert kinds(register)[-1] == "alarm-seen-to"

    register.clear_alarm("disk-full", "vault", noon + 2 * second)
    with pytest.raises(Refused):
        register.see_to("disk-full", "vault", "ada", noon + 3 * second)
    register.raise_alarm(alarm)
    assert register.alarms()[0].seen_to_by == ""


# --- what people note


def test_words_at_a_recording_go_with_its_keys(register: Register) -> None:
    """Marks come in the order of their moments; the ledger never has their words; erasing takes them."""
    id = seal(register)
    register.add_mark(Mark("m2", id, 9000, "quinn", noon, "says \u201cyes\u201d"))
    register.add_mark(Mark("m1", id, 1000, "ada", noon))

    assert [(mark.id, mark.text) for mark in register.marks(id)] == [
        ("m1", ""),
        ("m2", "says \u201cyes\u201d"),
    ]
    told = next(entry for entry in reversed(register.entries()) if entry.kind == "mark-added")
    assert "yes" not in str(told.payload)

    register.add_tombstone(Tombstone(id, Reason.REQUESTED, noon, noon))
    register.destroy_keys(id, noon)
    assert register.marks(id) == []
    with pytest.raises(Refused) as refusal:
        register.add_mark(Mark("m3", id, 0, "ada", noon))
    assert refusal.value.id == "erased"


def test_recordings_are_found_by_their_queue(register: Register) -> None:
    """Each queue of a call is kept once, in its order, and finds the recording; all are listed by name."""
    for id, queues in (("1", ["sales", "overflow", "sales"]), ("2", ["overflow"]), ("3", [])):
        seal(register, id)
        for queue in queues:
            register.add_queue(f"c{id}", queue)
    assert register.queues_of("c1") == ["sales", "overflow"]
    assert register.queues() == ["overflow", "sales"]

    def found(**narrowed: str) -> set[str]:
        return {each.recording.id for each in register.search(Search(**narrowed))}  # type: ignore[arg-type]

    assert found(queue="sales") == {"r1"}
    assert found(queue="overflow") == {"r1", "r2"}
    assert found(queue="overflow", line="another") == found(queue="nobody") == set()


def test_the_waveform_of_a_recording_goes_with_its_keys(register: Register) -> None:
    """It is kept when the recording is closed, under the generation of its key; of what must go none is."""
    for id, doomed in (("1", False), ("2", True)):
        made = prepare(register, id)
        register.commit_progress([(progress(made, 40_000), noon)])
        if doomed:
            register.add_tombstone(Tombstone(made, Reason.TEST, noon, noon))
        register.seal_recording(progress(made, 40_000, generation=3), noon, b"sealed waveform")
        register.seal_recording(progress(made, 40_000, generation=4), noon, b"another")
    assert register.peaks("r1") == (3, b"sealed waveform")
    assert register.peaks("r2") is None
    assert register.peaks(seal(register, "3")) is None

    register.add_tombstone(Tombstone("r1", Reason.TEST, noon, noon))
    register.destroy_keys("r1", noon)
    assert register.peaks("r1") is None


def test_a_mark_is_taken_back_by_whoever_made_it(register: Register) -> None:
    """Nobody drops what another wrote."""
    id = seal(register)
    register.add_mark(Mark("m1", id, 0, "ada", noon, "a word"))

    with pytest.raises(Refused):
        register.drop_mark("m1", "quinn", noon)
    register.drop_mark("m1", "ada", noon)
    assert register.marks(id) == []
    with pytest.raises(Refused):
        register.drop_mark("m1", "ada", noon)


def test_searches_are_kept_for_each_person(register: Register) -> None:
    """A search of the same name takes the place of the earlier; who is disabled keeps none."""
    for user, name, query in (("ada", "b", {"line": "x"}), ("ada", "a", {}), ("quinn", "a", {})):
        register.save_search(SavedSearch(user, name, query))
    register.save_search(SavedSearch("ada", "b", {"line": "sales"}))
    assert register.saved_searches("ada") == [
        SavedSearch("ada", "a", {}),
        SavedSearch("ada", "b", {"line": "sales"}),
    ]

    register.drop_search("ada", "a")
    register.drop_search("ada", "never")
    assert [search.name for search in register.saved_searches("ada")] == ["b"]
    register.put_user(User("ada", "hash", frozenset({"quality"}), noon, disabled_at=noon), noon)
    assert register.saved_searches("ada") == []
    assert len(register.saved_searches("quinn")) == 1


def test_a_search_narrows_by_choice_length_line_and_restriction(register: Register) -> None:
    """Each way of narrowing leaves out what does not fit, and together they leave what fits all."""
    for id, choice, line in (
        ("1", "agreed", "sales"),
        ("2", "not_objected", "sales"),
        ("3", "agreed", "support"),
    ):
        register.add_call(call(f"c{id}", line=line))
        register.commit_choice(Evidence(f"c{id}", noon, choice, {}))
        made = recording(f"r{id}", f"c{id}", line=line)
        register.add_recording(made, key(made.id), [term(made.id)], progress(made.id))
        register.commit_progress([(progress(made.id, 8000 * int(id)), noon)])
        register.seal_recording(progress(made.id, 8000 * int(id)), noon)
    register.restrict("r3", noon, "requested")

    def ids(**narrowed: object) -> set[str]:
        return {found.recording.id for found in register.search(Search(**narrowed))}  # type: ignore[arg-type]

    assert ids(choice="agreed") == {"r1", "r3"}
    assert ids(shortest=2) == {"r2", "r3"}
    assert ids(longest=2) == {"r1", "r2"}
    assert ids(lines=frozenset({"support"})) == {"r3"}
    assert ids(lines=frozenset()) == set()
    assert ids(restricted=True) == {"r3"}
    assert ids(restricted=False, choice="agreed", longest=1, line="sales") == {"r1"}


# --- a second person


def test_an_approval_is_decided_once_by_somebody_else(register: Register) -> None:
    """Who asked cannot answer; an answer stands; both are told; names go with the recording's keys."""
    id = seal(register)
    asked = Approval("q1", id, "quality", "quinn", "complaint", noon)
    register.ask_approval(asked)
    assert register.open_approvals() == [asked] == register.approvals(id, "quinn")
    with pytest.raises(Refused) as own:
        register.decide_approval("q1", "quinn", True, noon, noon + day)
    assert own.value.id == "own-approval"

    register.decide_approval("q1", "ada", True, noon, noon + day)
    with pytest.raises(Refused) as again:
        register.decide_approval("q1", "ada", False, noon, noon + day)
    assert again.value.id == "decided-already"
    decided = register.approval("q1")
    assert (decided.decided_by, decided.granted, decided.ends_at) == ("ada", True, noon + day)
    assert register.open_approvals() == []
    assert kinds(register)[-2:] == ["approval-asked", "approval-decided"]

    register.ask_approval(replace(asked, id="q2"))
    register.add_tombstone(Tombstone(id, Reason.REQUESTED, noon, noon))
    register.destroy_keys(id, noon)
    assert register.open_approvals() == register.approvals(id, "quinn") == []


def test_an_approval_that_nobody_gives_lapses(register: Register) -> None:
    """Once, told with who waited; then nobody answers it, and what was answered or is younger stays."""
    id = seal(register)
    for n, asked_at in enumerate((noon, noon + day, noon + day)):
        register.ask_approval(Approval(f"q{n}", id, "quality", "quinn", "complaint", asked_at))
    register.decide_approval("q1", "ada", True, noon + day, noon + 2 * day)

    assert register.lapse_approvals(noon - day, noon + 7 * day) == 0
    assert register.lapse_approvals(noon, noon + 7 * day) == 1
    assert register.lapse_approvals(noon, noon + 8 * day) == 0
    assert kinds(register).count("approval-lapsed") == 1
    lapsed = register.approval("q0")
    assert (lapsed.lapsed, lapsed.granted, lapsed.decided_at) == (True, False, noon + 7 * day)
    assert not register.approval("q1").lapsed and not register.approval("q2").lapsed
    assert [one.id for one in register.open_approvals()] == ["q2"]
    with pytest.raises(Refused) as late:
        register.decide_approval("q0", "ada", True, noon + 7 * day, noon + 8 * day)
    assert late.value.id == "approval-lapsed"
    assert {one.id for one in register.approvals_by("quinn", 9)} == {"q0", "q1", "q2"}
    assert register.approvals_by("quinn", 9)[-1] == lapsed and register.approvals_by("ada", 9) == []


def test_what_belongs_to_a_person_comes_back(register: Register) -> None:
    """Lines, the secret of one-time codes, its last step and what is left of the recovery codes."""
    user = User("ada", "hash", frozenset({"quality"}), noon, None, frozenset({"sales"}), "SECRET", 7, ("ab",))
    register.put_user(user, noon)
    assert register.user("ada") == user


def test_who_took_part_goes_with_the_recording(register: Register) -> None:
    """Which registered agents took part comes back, each once, and goes with the recording's keys."""
    one, other = seal(register, "1"), seal(register, "2")
    register.put_agent(Agent("a1", "PJSIP/anna", "consented", "v1", noon))
    for _ in range(2):
        register.note_participants(one, ["PJSIP/anna", "PJSIP/stranger"], noon)
    register.note_participants(other, ["PJSIP/anna"], noon)

    assert register.recordings_of_agent("a1") == [other, one]
    assert register.agents_in({one, other, "rnone"}) == {one: {"a1"}, other: {"a1"}}
    assert [f.recording.id for f in register.search(Search(recordings=frozenset({one})))] == [one]
    assert register.search(Search(recordings=frozenset())) == []
    register.add_tombstone(Tombstone(one, Reason.REQUESTED, noon, noon))
    register.destroy_keys(one, noon)
    register.note_participants(one, ["PJSIP/anna"], noon)
    assert register.recordings_of_agent("a1") == [other]
    assert register.agents_in({one, other}) == {other: {"a1"}}


# --- tokens


def test_a_token_is_known_by_its_digest_until_it_ends(register: Register) -> None:
    """Its person alone ends it, once; it goes when they are disabled; its name is not told."""
    made = Token("t1", b"digest", "ada", "nightly job", frozenset({"ledger:read"}), noon, noon + day)
    register.add_token(made)
    assert register.token(b"digest") == made == register.tokens("ada")[0]
    assert register.token(b"other") is None
    assert "nightly" not in str([entry.payload for entry in register.entries()])
    with pytest.raises(Refused):
        register.end_token("t1", "quinn", noon)
    register.end_token("t1", "ada", noon + second)
    assert register.tokens("ada")[0].ended_at == noon + second
    with pytest.raises(Refused):
        register.end_token("t1", "ada", noon)
    assert kinds(register)[-2:] == ["token-made", "token-ended"]
    register.put_user(User("ada", "hash", frozenset({"quality"}), noon, disabled_at=noon), noon)
    assert register.tokens("ada") == []


def test_a_receipt_names_its_call_until_the_number_goes(register: Register) -> None:
    """The last code that was heard counts, and goes at the end of a call that was not recorded."""
    row = call()
    register.add_call(row)
    register.add_receipt(row.id, b"first")
    register.add_receipt(row.id, b"second")
    found = register.call_of_receipt(b"second")
    assert found is not None and found.id == row.id
    assert register.call_of_receipt(b"first") is None
    register.end_call(row.id, noon + second, "ended_unanswered")

    assert register.call_of_receipt(b"second") is None


def test_a_clip_is_its_sharers_and_ends(register: Register) -> None:
    """Both find it as long as it lives, its sharer alone takes it back, and its names go with the keys."""
    id = seal(register, "1")
    clip = Clip("l1", id, 1000, 3000, "quality", "quinn", "ada", noon, noon + day)
    register.add_clip(clip)
    assert register.clip("l1") == clip
    assert register.clips_of("quinn", noon) == register.clips_of("ada", noon) == [clip]
    assert register.clips_of("quinn", noon + day) == []
    with pytest.raises(Refused):
        register.end_clip("l1", "ada", noon + second)

    register.end_clip("l1", "quinn", noon + second)
    assert register.clips_of("ada", noon + second) == []
    assert kinds(register)[-2:] == ["clip-shared", "clip-ended"]
    with pytest.raises(Refused):
        register.clip("l2")

    register.add_clip(replace(clip, id="l3"))
    register.add_tombstone(Tombstone(id, Reason.REQUESTED, noon, noon))
    register.destroy_keys(id, noon)
    assert register.clip("l3").user.strip("-") == register.clip("l3").coach.strip("-") == ""
    with pytest.raises(Refused):
        register.add_clip(replace(clip, id="l4"))


def test_an_evaluation_is_given_once_and_found_by_its_agent(register: Register) -> None:
    """One by each person and form; it outlives the recording's keys."""
    id = seal(register, "1")
    given = Evaluation("v1", id, "service", "quinn", noon, 80, {"greeting": 4}, "Good.", "a1")
    register.add_evaluation(given)
    with pytest.raises(Refused) as again:
        register.add_evaluation(replace(given, id="v2"))
    assert again.value.id == "evaluated-already"
    other = replace(given, id="v3", user="ada", agent="", at=noon + second)
    register.add_evaluation(other)

    assert list(register.evaluations(id)) == [given, other]
    assert list(register.evaluations_of_agent("a1")) == [given]
    register.add_tombstone(Tombstone(id, Reason.REQUESTED, noon, noon))
    register.destroy_keys(id, noon)
    assert list(register.evaluations(id)) == [given, other]
    with pytest.raises(Refused) as gone:
        register.add_evaluation(replace(given, id="v4", user="ben"))
    assert gone.value.id == "erased"
