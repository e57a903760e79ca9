"""A register in memory; `tests/register/test_contract.py` runs on it and on the real one alike.

`away = True` makes it unreachable, as a locked database is.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, tzinfo
from typing import Any

from asterisk_gdpr.core.clip import Clip
from asterisk_gdpr.core.epoch import Epoch, Recipient
from asterisk_gdpr.core.evaluation import Evaluation
from asterisk_gdpr.core.holds import Hold
from asterisk_gdpr.core.ledger import Entry, follow, names_somebody, told_by
from asterisk_gdpr.core.never import NeverEntry
from asterisk_gdpr.core.policy import Period
from asterisk_gdpr.core.policy_diff import Kept
from asterisk_gdpr.core.recording import (
    Derivation,
    DestroyedKey,
    Progress,
    Recording,
    State,
    Term,
    Tombstone,
    WrappedKey,
)
from asterisk_gdpr.core.requests import Request
from asterisk_gdpr.core.retention import expiry, is_living, living, shortened, start_clocks
from asterisk_gdpr.core.rights import Handover, Remark, Restriction
from asterisk_gdpr.errors import Misuse, Refused, Unreachable
from asterisk_gdpr.ports import (
    Agent,
    Alarm,
    Approval,
    CallRow,
    Command,
    Deadline,
    Evidence,
    Found,
    Mark,
    RecorderRow,
    SavedSearch,
    Search,
    Shortening,
    Token,
    User,
    Waiting,
    Watched,
)
from asterisk_gdpr.ports.publications import Publication
from tests.fakes.activity import MemoryActivity
from tests.fakes.approvals import MemoryApprovals
from tests.fakes.clips import MemoryClips
from tests.fakes.commands import MemoryCommands
from tests.fakes.derivations import MemoryDerivations
from tests.fakes.epochs import MemoryEpochs
from tests.fakes.evaluations import MemoryEvaluations
from tests.fakes.holds import MemoryHolds
from tests.fakes.marks import MemoryMarks
from tests.fakes.never import MemoryNevers
from tests.fakes.outbox import MemoryOutbox
from tests.fakes.periods import MemoryPeriods
from tests.fakes.publications import MemoryPublications
from tests.fakes.recorders import MemoryRecorders
from tests.fakes.requests import MemoryRequests
from tests.fakes.rights import MemoryRights
from tests.fakes.tokens import MemoryTokens

_alive = (State.PREPARED, State.CAPTURING)


@dataclass(frozen=True)
class _Session:
    user: str
    expires_at: datetime
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass
class _Tables:
    calls: dict[str, CallRow] = field(default_factory=dict)
    choices: list[Evidence] = field(default_factory=list)
    recordings: dict[str, Recording] = field(default_factory=dict)
    progress: dict[str, Progress] = field(default_factory=dict)
    keys: dict[tuple[str, int], WrappedKey] = field(default_factory=dict)
    destroyed: dict[tuple[str, int], DestroyedKey] = field(default_factory=dict)
    terms: dict[tuple[str, str], Term] = field(default_factory=dict)
    tombstones: dict[str, Tombstone] = field(default_factory=dict)
    certificates: dict[str, bytes] = field(default_factory=dict)
    ledger: list[Entry] = field(default_factory=list)
    agents: dict[str, Agent] = field(default_factory=dict)
    participants: list[tuple[str, str]] = field(default_factory=list)
    users: dict[str, User] = field(default_factory=dict)
    sessions: dict[bytes, _Session] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    approvals: dict[str, Approval] = field(default_factory=dict)
    clips: dict[str, Clip] = field(default_factory=dict)
    evaluations: dict[str, Evaluation] = field(default_factory=dict)
    marks: dict[str, Mark] = field(default_factory=dict)
    peaks: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    searches: dict[tuple[str, str], SavedSearch] = field(default_factory=dict)
    alarms: list[Alarm] = field(default_factory=list)
    switches: dict[str, bool] = field(default_factory=dict)
    publications: list[Publication] = field(default_factory=list)
    policies: dict[str, str] = field(default_factory=dict)
    kept_at: dict[str, datetime] = field(default_factory=dict)
    epochs: dict[str, Epoch] = field(default_factory=dict)
    recipients: dict[str, Recipient] = field(default_factory=dict)
    commands: dict[str, Command] = field(default_factory=dict)
    recorders: dict[str, RecorderRow] = field(default_factory=dict)
    beats: dict[str, tuple[datetime, Mapping[str, Any]]] = field(default_factory=dict)
    deadlines: dict[tuple[str, str], Deadline] = field(default_factory=dict)
    claims: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    clocks: dict[str, Watched] = field(default_factory=dict)
    restrictions: dict[str, Restriction] = field(default_factory=dict)
    remarks: dict[str, Remark] = field(default_factory=dict)
    handovers: dict[str, Handover] = field(default_factory=dict)
    requests: dict[str, Request] = field(default_factory=dict)
    derivations: dict[str, Derivation] = field(default_factory=dict)
    receipts: dict[str, bytes] = field(default_factory=dict)
    references: dict[str, bytes] = field(default_factory=dict)
    queues: dict[str, tuple[str, ...]] = field(default_factory=dict)
    shortenings: list[Shortening] = field(default_factory=list)
    nevers: dict[str, NeverEntry] = field(default_factory=dict)
    outbox: list[tuple[str, datetime, Waiting]] = field(default_factory=list)
    outbox_last: list[int] = field(default_factory=lambda: [0])
    holds: dict[str, tuple[Hold, frozenset[str]]] = field(default_factory=dict)

    def copy(self) -> _Tables:
        """Another set of tables with the same rows, which are values."""
        return _Tables(**{table.name: copy(getattr(self, table.name)) for table in fields(self)})


class MemoryRegister(
    MemoryEpochs,
    MemoryPeriods,
    MemoryHolds,
    MemoryNevers,
    MemoryRights,
    MemoryRequests,
    MemoryOutbox,
    MemoryActivity,
    MemoryCommands,
    MemoryRecorders,
    MemoryDerivations,
    MemoryMarks,
    MemoryPublications,
    MemoryApprovals,
    MemoryEvaluations,
    MemoryClips,
    MemoryTokens,
):
    """Plays `ports.Register` for one thread."""

    def __init__(self, zone: tzinfo = UTC) -> None:
        self.away = False
        self._zone = zone
        self._held = _Tables()

    @property
    def _tables(self) -> _Tables:
        if self.away:
            raise Unreachable("The register does not answer.", id="register-unreachable")
        return self._held

    @contextmanager
    def transaction(self) -> Iterator[None]:
        before = self._tables.copy()
        try:
            yield
        except BaseException:
            self._held = before
            raise

    def ready(self) -> bool:
        return not self.away

    def close(self) -> None:
        pass

    # --- calls

    def add_call(self, call: CallRow) -> None:
        if call.id in self._tables.calls:
            raise Refused("There is a call of this id.", id="register-conflict")
        if call.caller_sealed and call.caller_index:
            if call.caller_epoch is None:
                raise Misuse("A number that is sealed names the epoch that it is sealed to.")
            self._require_living_epoch(call.caller_epoch)
        self._tables.calls[call.id] = call
        self.record("call-taken", {"call": call.id, "line": call.line}, call.arrived_at)

    def call(self, call: str) -> CallRow:
        if call not in self._tables.calls:
            raise Refused(f"There is no call {call}.", id="unknown-call")
        return self._tables.calls[call]

    def call_by_channel(self, channel: str) -> CallRow | None:
        return next((call for call in self.calls(limit=10**9) if call.channel == channel), None)

    def calls(
        self, *, since: datetime | None = None, line: str = "", linkedid: str = "", limit: int = 50
    ) -> list[CallRow]:
        wanted = [
            call
            for call in self._tables.calls.values()
            if (since is None or call.arrived_at >= since)
            and line in ("", call.line)
            and linkedid in ("", call.linkedid)
        ]
        return sorted(wanted, key=lambda call: (call.arrived_at, call.id), reverse=True)[:limit]

    def calls_alive(self, node: str) -> list[CallRow]:
        alive = [c for c in self._tables.calls.values() if c.node == node and c.ended_at is None]
        return sorted(alive, key=lambda call: call.arrived_at)

    def commit_choice(self, evidence: Evidence) -> None:
        self._change_call(evidence.call, choice=evidence.outcome, chosen_at=evidence.at)
        self._tables.choices.append(evidence)
        self.record("choice-made", {"call": evidence.call, "outcome": evidence.outcome}, evidence.at)

    def add_receipt(self, call: str, code: bytes) -> None:
        self.call(call)
        self._tables.receipts[call] = code

    def call_of_receipt(self, code: bytes) -> CallRow | None:
        found = [call for call, known in self._tables.receipts.items() if known == code]
        return self.call(found[0]) if found else None

    def set_reference(self, call: str, code: bytes, at: datetime, by: str = "") -> None:
        row = self.call(call)
        state = self.recording(row.recording).state if row.recording else None
        if (state is None and row.ended_at is not None) or state in (State.ERASING, State.ERASED):
            raise Refused("Nothing could be found by it.", id="no-recording")
        self._tables.references[call] = code
        if row.ended_at is not None:
            self.begin("references", call, row.ended_at, row.policy, row.arrived_at)
        self.record("reference-set", {"call": call} | ({"user": by} if by else {}), at)

    def add_queue(self, call: str, queue: str) -> None:
        self.call(call)
        theirs = self._tables.queues.setdefault(call, ())
        if queue not in theirs:
            self._tables.queues[call] = (*theirs, queue)

    def queues_of(self, call: str) -> list[str]:
        return list(self._tables.queues.get(call, ()))

    def queues(self) -> list[str]:
        return sorted({queue for theirs in self._tables.queues.values() for queue in theirs})

    def calls_of_reference(self, code: bytes) -> list[CallRow]:
        found = [self.call(call) for call, known in self._tables.references.items() if known == code]
        return sorted(found, key=lambda call: (call.arrived_at, call.id), reverse=True)

    def evidence(self, call: str) -> Evidence | None:
        return next((e for e in reversed(self._tables.choices) if e.call == call), None)

    def note_capture(self, call: str, capture: str | None) -> None:
        self._change_call(call, capture=capture)

    def end_call(self, call: str, at: datetime, ending: str) -> None:
        self._change_call(call, ended_at=at, ending=ending, capture=None)
        recording = self.call(call).recording
        if recording is None:
            self._change_call(call, caller_sealed=None, caller_index=None)
            self._forget_names(call)
        else:
            row = self.call(call)
            for kind in ("receipts", "references"):
                if call in getattr(self._tables, kind):
                    self.begin(kind, call, at, row.policy, row.arrived_at)
        if recording is None or self.recording(recording).state is State.ERASED:
            self.settle_call(call, at)
        self.record("call-ended", {"call": call, "ending": ending}, at)

    def _forget_names(self, call: str) -> None:
        for kind in ("receipts", "references"):
            getattr(self._tables, kind).pop(call, None)
            self.stop(kind, call)

    def _change_call(self, call: str, **values: Any) -> None:
        self._tables.calls[call] = replace(self.call(call), **values)

    # --- recordings

    def add_recording(
        self, recording: Recording, key: WrappedKey, terms: Iterable[Term], progress: Progress
    ) -> None:
        purposes = {(term.recording, term.purpose): term for term in terms}
        if not purposes:
            raise Refused(f"Recording {recording.id} has no purpose.", id="no-purpose")
        self._require_living_epoch(key.epoch)
        if recording.id in self._tables.recordings:
            raise Refused("There is a recording of this id.", id="register-conflict")
        self._change_call(recording.call, recording=recording.id)
        self._tables.recordings[recording.id] = recording
        self._tables.progress[recording.id] = progress
        self._tables.terms.update(purposes)
        self._tables.keys[key.recording, key.generation] = key
        self.record("recording-prepared", {"recording": recording.id}, recording.created_at)

    def add_key(self, key: WrappedKey, progress: Progress) -> None:
        if self.recording(key.recording).state not in _alive:
            raise Refused(f"Recording {key.recording} takes no more audio.", id="recording-closed")
        if (key.recording, key.generation) in self._tables.keys:
            raise Refused("There is a key of this generation.", id="register-conflict")
        self._require_living_epoch(key.epoch)
        self._tables.keys[key.recording, key.generation] = key
        self._tables.progress[key.recording] = progress

    def recording(self, recording: str) -> Recording:
        if recording not in self._tables.recordings:
            raise Refused(f"There is no recording {recording}.", id="unknown-recording")
        return self._tables.recordings[recording]

    def progress(self, recording: str) -> Progress:
        self.recording(recording)
        return self._tables.progress[recording]

    def commit_progress(self, batch: Sequence[tuple[Progress, datetime]]) -> None:
        for progress, at in batch:
            old = self._tables.recordings.get(progress.recording)
            if old is None or old.state is State.ERASED:
                continue
            self._tables.progress[old.id] = progress
            self._tables.recordings[old.id] = replace(
                old,
                state=State.CAPTURING if old.state is State.PREPARED else old.state,
                started_at=old.started_at or (at if progress.frames else None),
                frames=progress.frames,
            )

    def peaks(self, recording: str) -> tuple[int, bytes] | None:
        return self._tables.peaks.get(recording)

    def seal_recording(
        self, progress: Progress, ended_at: datetime, peaks: bytes = b"", manifest: str = ""
    ) -> None:
        old = self.recording(progress.recording)
        if old.state in (State.SEALED, State.ERASED):
            return
        state = State.SEALED if old.state in _alive else old.state
        if peaks and state is State.SEALED:
            self._tables.peaks[old.id] = (progress.generation, peaks)
        self._tables.progress[old.id] = progress
        self._tables.recordings[old.id] = replace(old, state=state, ended_at=ended_at, frames=progress.frames)
        self._set_terms(start_clocks(self.terms(old.id), ended_at, self._zone))
        told = {"recording": old.id, "chain": progress.chain.hex(), "manifest_sha256": manifest}
        self.record("recording-sealed", told, ended_at)

    def end_terms(self, recording: str, purposes: Iterable[str], at: datetime, by: str) -> None:
        self.recording(recording)
        names = set(purposes)
        ended = [
            replace(term, ended_at=at, ended_by=by)
            for term in self.terms(recording)
            if term.purpose in names and term.ended_at is None
        ]
        self._set_terms(ended)
        if ended:
            entry = {"recording": recording, "purposes": [term.purpose for term in ended], "by": by}
            self.record("purposes-ended", entry, at)

    def _set_terms(self, terms: Iterable[Term]) -> None:
        self._tables.terms.update({(term.recording, term.purpose): term for term in terms})

    def shorten_terms(
        self, recording: str, keeps: Mapping[str, Period], at: datetime, policy: str
    ) -> list[Term]:
        old = self.recording(recording)
        if old.state is not State.SEALED or old.ended_at is None:
            return []
        changed = []
        for term in self.terms(recording):
            new = shortened(term, keeps.get(term.purpose, term.keep), old.ended_at, self._zone)
            if term.ended_at is None and new != term:
                changed.append(new)
        self._set_terms(changed)
        if changed:
            purposes = {term.purpose: str(term.keep) for term in changed}
            entry = {"recording": recording, "purposes": purposes, "policy": policy}
            self.record("periods-shortened", entry, at)
        return changed

    def restrict(self, recording: str, at: datetime, reason: str) -> None:
        old = self.recording(recording)
        if not old.restricted:
            self._tables.recordings[recording] = replace(old, restricted=True)
            self.record("recording-restricted", {"recording": recording, "reason": reason}, at)

    def keys(self, recording: str) -> list[WrappedKey]:
        return [key for _, key in sorted(self._tables.keys.items()) if key.recording == recording]

    def terms(self, recording: str) -> list[Term]:
        return [term for _, term in sorted(self._tables.terms.items()) if term.recording == recording]

    def unfinished(self, node: str) -> list[Recording]:
        mine = [r for r in self._tables.recordings.values() if r.node == node and r.state in _alive]
        return sorted(mine, key=lambda recording: recording.created_at)

    def count_recordings(self) -> Mapping[State, int]:
        return Counter(recording.state for recording in self._tables.recordings.values())

    def count_by_policy(self) -> Mapping[str, int]:
        return Counter(recording.policy for recording in self._tables.recordings.values())

    def count_kept(self, at: datetime) -> list[Kept]:
        counted = Counter(
            (term.purpose, term.basis, term.keep.count, term.keep.unit, term.keep)
            for term in self._tables.terms.values()
            if self.recording(term.recording).state in (*_alive, State.SEALED) and is_living(term, at)
        )
        return [
            Kept(of[0], of[1], of[4], count) for of, count in sorted(counted.items(), key=lambda i: i[0][:4])
        ]

    def of_caller(self, caller_index: bytes) -> list[Recording]:
        theirs = [
            recording
            for recording in self._tables.recordings.values()
            if self.call(recording.call).caller_index == caller_index and recording.state is not State.ERASED
        ]
        return sorted(theirs, key=lambda recording: recording.created_at)

    def found(self, recording: str) -> Found:
        found = self.recording(recording)
        return Found(found, self.call(found.call), tuple(self.terms(recording)))

    def search(self, search: Search) -> list[Found]:
        newest = sorted(self._tables.recordings.values(), key=lambda r: (r.created_at, r.id), reverse=True)
        found = [
            Found(r, self.call(r.call), self._counting(search, r)) for r in newest if self._fits(search, r)
        ]
        return [f for f in found if _serves(search, f.terms)][: search.limit]

    def _fits(self, search: Search, recording: Recording) -> bool:
        at = recording.created_at
        caller = self.call(recording.call).caller_index
        return (
            recording.state in search.states
            and search.caller_index in (None, caller)
            and search.line in ("", recording.line)
            and (search.recordings is None or recording.id in search.recordings)
            and (search.lines is None or recording.line in search.lines)
            and search.choice in ("", self.call(recording.call).choice)
            and search.queue in ("", *self.queues_of(recording.call))
            and (not search.agent or (recording.id, search.agent) in self._tables.participants)
            and (search.shortest is None or recording.frames >= search.shortest * recording.rate)
            and (search.longest is None or recording.frames <= search.longest * recording.rate)
            and search.restricted in (None, recording.restricted)
            and (search.since is None or at >= search.since)
            and (search.until is None or at < search.until)
            and (search.before is None or (at, recording.id) < search.before)
        )

    def _counting(self, search: Search, recording: Recording) -> tuple[Term, ...]:
        terms = self.terms(recording.id)
        if search.living_at is None:
            return tuple(term for term in terms if term.ended_at is None)
        return living(terms, search.living_at)

    # --- erasure

    def due(self, now: datetime, limit: int | None = None) -> list[Recording]:
        ends = {
            r.id: expiry(self.terms(r.id))
            for r in self._tables.recordings.values()
            if r.state is State.SEALED and not self.holds_of(r.id) and not self.restrictions(r.id)
        }
        due = sorted((end, id) for id, end in ends.items() if end is not None and end <= now)
        return [self.recording(id) for _, id in due[:limit]]

    def add_tombstone(self, tombstone: Tombstone) -> bool:
        old = self.recording(tombstone.recording)
        standing = self._tables.tombstones.get(old.id)
        entry = {"recording": old.id, "reason": str(tombstone.reason)}
        if standing is not None:
            if not standing.done_at and tombstone.due_at < standing.due_at:
                self._tables.tombstones[old.id] = replace(standing, due_at=tombstone.due_at)
                self.record("tombstone-moved", entry, tombstone.created_at)
            return False
        self._tables.tombstones[old.id] = tombstone
        self._tables.recordings[old.id] = replace(old, state=State.ERASING)
        self.record("tombstone-set", entry, tombstone.created_at)
        return True

    def tombstones(self, now: datetime) -> list[Tombstone]:
        due = [t for t in self._tables.tombstones.values() if t.done_at is None and t.due_at <= now]
        return sorted(due, key=lambda tombstone: tombstone.due_at)

    def tombstone(self, recording: str) -> Tombstone | None:
        return self._tables.tombstones.get(recording)

    def destroy_keys(self, recording: str, at: datetime) -> list[DestroyedKey]:
        if recording not in self._tables.tombstones:
            raise Refused(f"Recording {recording} bears no tombstone.", id="no-tombstone")
        if self.holds_of(recording):
            raise Refused(f"A hold stands over recording {recording}.", id="held")
        living_keys = self.keys(recording)
        for key in living_keys:
            digest = hashlib.sha256(key.wrapped).hexdigest()
            place = (recording, key.generation)
            self._tables.destroyed[place] = DestroyedKey(recording, key.generation, key.epoch, digest)
            del self._tables.keys[place]
        if not self._others(recording):
            index = self.call(self.recording(recording).call).caller_index
            self._change_call(self.recording(recording).call, caller_sealed=None, caller_index=None)
            self._forget_searches(index)
            self._forget_names(self.recording(recording).call)
        self.wipe_record(recording)
        self.wipe_remarks(recording)
        self._tables.participants = [one for one in self._tables.participants if one[0] != recording]
        self.wipe_marks(recording)
        self._tables.peaks.pop(recording, None)
        self.wipe_approvals(recording)
        self.wipe_clips(recording)
        if living_keys:
            self.record("keys-destroyed", {"recording": recording}, at)
        return [key for place, key in sorted(self._tables.destroyed.items()) if place[0] == recording]

    def _forget_searches(self, index: bytes | None) -> None:
        if index is None or any(call.caller_index == index for call in self._tables.calls.values()):
            return
        for token, session in self._tables.sessions.items():
            notes = {name: "00" if text == index.hex() else text for name, text in session.notes.items()}
            self._tables.sessions[token] = replace(session, notes=notes)

    wipes = True

    def checkpoint(self) -> bool:
        return not self.away

    def finish_erasure(self, recording: str, at: datetime, certificate: bytes) -> None:
        tombstone = self._tables.tombstones.get(recording)
        if tombstone is None:
            raise Refused(f"Recording {recording} bears no tombstone.", id="no-tombstone")
        if tombstone.done_at is not None:
            return
        self._tables.tombstones[recording] = replace(tombstone, done_at=at)
        self._tables.certificates[recording] = certificate
        self._tables.recordings[recording] = replace(self.recording(recording), state=State.ERASED)
        self.settle_handovers(recording, at)
        call, left = self.recording(recording).call, self._others(recording)
        if not left:
            self.settle_call(call, at)
        elif self.call(call).recording == recording:
            self._change_call(call, recording=left[0])
        self.record("recording-erased", {"recording": recording}, at)

    def certificate(self, recording: str) -> bytes | None:
        return self._tables.certificates.get(recording)

    # --- ledger

    def record(self, kind: str, payload: Mapping[str, Any], at: datetime) -> Entry:
        ledger = self._tables.ledger
        salt = hashlib.sha256(str(len(ledger)).encode()).digest()[:16]
        ledger.append(follow(ledger[-1] if ledger else None, at, kind, salt, payload))
        if names_somebody(payload):
            self.begin("listening_log", str(ledger[-1].seq), at)
        return ledger[-1]

    def entries(self, after: int = 0, limit: int = 1000) -> list[Entry]:
        return self._tables.ledger[after : after + limit]

    def head(self) -> Entry | None:
        return self._tables.ledger[-1] if self._tables.ledger else None

    def erase_payloads(self, seqs: Iterable[int]) -> None:
        for seq in seqs:
            self._tables.ledger[seq - 1] = replace(self._tables.ledger[seq - 1], salt=None, payload=None)

    # --- people

    def put_agent(self, agent: Agent, user: str = "") -> None:
        self._tables.agents[agent.id] = agent
        if agent.standing == "removed":
            self.begin("agents", agent.id, agent.withdrawn_at or agent.at)
        else:
            self.stop("agents", agent.id)
        entry = {"agent": agent.id, "standing": agent.standing, "version": agent.version}
        self.record("agent-put", entry, agent.withdrawn_at or agent.at)
        if user:
            who = {"user": user, "agent": agent.id}
            self.record("agent-written-down", who, agent.withdrawn_at or agent.at)

    def agent(self, id: str) -> Agent | None:
        return self._tables.agents.get(id)

    def agent_at(self, endpoint: str) -> Agent | None:
        there = [agent for agent in self._tables.agents.values() if agent.endpoint == endpoint]
        return max(there, key=lambda agent: agent.at, default=None)

    def agents(self) -> list[Agent]:
        named = [agent for agent in self._tables.agents.values() if agent.endpoint]
        return sorted(named, key=lambda agent: (agent.endpoint, agent.id))

    def note_participants(self, recording: str, endpoints: Iterable[str], at: datetime) -> None:
        if self.recording(recording).state in (State.ERASING, State.ERASED):
            return
        for endpoint in endpoints:
            agent = self.agent_at(endpoint)
            if agent is not None and (recording, agent.id) not in self._tables.participants:
                self._tables.participants.append((recording, agent.id))

    def recordings_of_agent(self, agent: str) -> list[str]:
        return [recording for recording, theirs in reversed(self._tables.participants) if theirs == agent]

    def agents_in(self, recordings: Collection[str]) -> Mapping[str, frozenset[str]]:
        pairs = [(one, agent) for one, agent in self._tables.participants if one in recordings]
        return {one: frozenset(agent for each, agent in pairs if each == one) for one, _ in pairs}

    def put_user(self, user: User, at: datetime, by: str = "") -> None:
        kind = "user-changed" if user.name in self._tables.users else "user-added"
        self._tables.users[user.name] = user
        if user.disabled_at is not None:
            kind = "user-disabled"
            self.end_sessions_of(user.name)
            self._tables.tokens = {k: t for k, t in self._tables.tokens.items() if t.user != user.name}
            for search in self.saved_searches(user.name):
                self.drop_search(user.name, search.name)
            self.begin("users", user.name, user.disabled_at)
        else:
            self.stop("users", user.name)
        self.record(kind, {"whose": user.name, "roles": sorted(user.roles), **told_by(by)}, at)

    def user(self, name: str) -> User | None:
        return self._tables.users.get(name)

    def users(self) -> list[User]:
        return [user for _, user in sorted(self._tables.users.items())]

    def add_session(self, token_hash: bytes, user: str, at: datetime, expires_at: datetime) -> None:
        if user not in self._tables.users:
            raise Refused("There is no such user.", id="register-conflict")
        self._tables.sessions[token_hash] = _Session(user, expires_at)

    def session(self, token_hash: bytes, now: datetime) -> tuple[str, Mapping[str, str]] | None:
        session = self._tables.sessions.get(token_hash)
        return (session.user, session.notes) if session and session.expires_at > now else None

    def note_session(self, token_hash: bytes, notes: Mapping[str, str]) -> None:
        if token_hash not in self._tables.sessions:
            raise Refused("The session is over.", id="unknown-session")
        self._tables.sessions[token_hash] = replace(self._tables.sessions[token_hash], notes=dict(notes))

    def end_session(self, token_hash: bytes) -> None:
        self._tables.sessions.pop(token_hash, None)

    def end_sessions_of(self, user: str) -> None:
        left = {token: session for token, session in self._tables.sessions.items() if session.user != user}
        self._tables.sessions = left

    # --- upkeep

    def raise_alarm(self, alarm: Alarm) -> None:
        for place, standing in enumerate(self._tables.alarms):
            if (standing.id, standing.about, standing.cleared_at) == (alarm.id, alarm.about, None):
                self._tables.alarms[place] = replace(standing, message=alarm.message)
                return
        self._tables.alarms.append(alarm)

    def clear_alarm(self, id: str, about: str, at: datetime) -> None:
        for number, a in enumerate(self._tables.alarms):
            if (a.id, a.about, a.cleared_at) == (id, about, None):
                self.begin("alarms", str(number), at)
        self._tables.alarms = [
            replace(a, cleared_at=at) if (a.id, a.about, a.cleared_at) == (id, about, None) else a
            for a in self._tables.alarms
        ]

    def alarms(self) -> list[Alarm]:
        standing = [alarm for alarm in self._tables.alarms if alarm.cleared_at is None]
        return sorted(standing, key=lambda alarm: alarm.since)

    def switch(self, line: str, on: bool, at: datetime, user: str = "") -> None:
        self._tables.switches[line] = on
        self.record("switched", {"line": line, "on": on, **told_by(user)}, at)

    def switched_off(self, line: str) -> bool:
        return not all(self._tables.switches.get(name, True) for name in ("*", line))

    def switches(self) -> Mapping[str, bool]:
        return dict(self._tables.switches)

    def keep_policy(self, version: str, text: str, at: datetime) -> None:
        if version not in self._tables.policies:
            self._tables.policies[version] = text
            self._tables.kept_at[version] = at
            self.record("policy-kept", {"policy": version}, at)

    def policy_text(self, version: str) -> str | None:
        return self._tables.policies.get(version)

    def policy_versions(self) -> list[tuple[str, datetime]]:
        return sorted(self._tables.kept_at.items(), key=lambda kept: (kept[1], kept[0]))

    def beat(self, node: str, at: datetime, facts: Mapping[str, Any]) -> None:
        self._tables.beats[node] = (at, dict(facts))

    def beats(self) -> Mapping[str, tuple[datetime, Mapping[str, Any]]]:
        return dict(self._tables.beats)


def _serves(search: Search, terms: Sequence[Term]) -> bool:
    return search.purposes is None or any(term.purpose in search.purposes for term in terms)
