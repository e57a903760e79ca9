"""Recordings made of others: what is silenced or cut out, what is destroyed, and what proves all of it."""

from __future__ import annotations

import copy
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from asterisk_gdpr.adapters.spool import FileSpool
from asterisk_gdpr.config import load_letters, shipped
from asterisk_gdpr.core.holds import HoldGround
from asterisk_gdpr.core.policy import Asking, Audio, Basis
from asterisk_gdpr.core.recording import Occasion, Reason, State
from asterisk_gdpr.core.requests import Identity, Right
from asterisk_gdpr.core.rights import Remark, RemarkKind, RestrictionGround
from asterisk_gdpr.errors import Damaged, GdprError, Refused, Unreachable
from asterisk_gdpr.seal.derived import check_derived, earlier
from asterisk_gdpr.seal.errors import DamagedContainer
from asterisk_gdpr.seal.manifest import Manifest
from asterisk_gdpr.seal.reader import open_manifest, scan
from asterisk_gdpr.service.erasing.destruction import Destruction
from asterisk_gdpr.service.erasing.erasure import Erasure
from asterisk_gdpr.service.erasing.holds import Holds
from asterisk_gdpr.service.listening.playback import Listener, Review
from asterisk_gdpr.service.listening.sound import HEADER_LENGTH
from asterisk_gdpr.service.proof.certificates import read_any_certificate, read_certificate
from asterisk_gdpr.service.proof.derivation_records import fits
from asterisk_gdpr.service.proof.recordings import verify_recording
from asterisk_gdpr.service.rights.receipt_desk import lock
from asterisk_gdpr.service.rights.requests import Requests
from asterisk_gdpr.service.rights.rights import Rights
from asterisk_gdpr.service.sealing.deriving import GIVEN_UP, Deriving, sweep_up
from tests.erasure.stage import Fuse, Killed
from tests.fakes.register import MemoryRegister
from tests.playback.world import INDEX, NUMBER, PRIVATE, World
from tests.seal.samples import SIGNING

KEYS = [SIGNING.verify_key]
LISTENER = Listener("quinn", frozenset({"quality", "compliance"}), "s1")


class Hesitant(MemoryRegister):
    """A register that takes the end of a making, and then cannot say so."""

    mute = False

    def add_tombstone(self, tombstone: Any) -> bool:
        done = super().add_tombstone(tombstone)
        if self.mute:
            self.mute = False
            raise Unreachable("The register does not answer.", id="register-unreachable")
        return done


@dataclass
class House(World):
    """A world in which recordings are made of others."""

    folder: Path = field(default_factory=Path)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.spool = FileSpool(self.folder)

    def erasure(self, fuse: Fuse | None = None) -> Erasure:
        register, vault = (
            (fuse.lay(self.register), fuse.lay(self.vault)) if fuse else (self.register, self.vault)
        )
        destruction = Destruction(register, vault, self.spool, SIGNING, self.clock, lambda _: True)
        return Erasure(register, destruction, self.clock)

    def deriving(self, fuse: Fuse | None = None) -> Deriving:
        """A process that makes recordings of others, with the vault unlocked."""
        register, vault = (
            (fuse.lay(self.register), fuse.lay(self.vault)) if fuse else (self.register, self.vault)
        )
        return Deriving(
            register,
            vault,
            self.keeper,
            SIGNING,
            lambda: PRIVATE.public,
            self.erasure(fuse).carry_out_one,
            lambda: self.policy,
            self.clock,
            ZoneInfo("Europe/Berlin"),
        )

    def sealed(self, id: str = "1", **more: Any) -> tuple[str, np.ndarray]:
        """A recording of 1.125 s, and its frames."""
        sound = self.seal(id, **more)
        self.register.end_call(f"c{id}", self.clock.now(), "ended_after_talk")
        return f"r{id}", np.frombuffer(sound, "<i2").reshape(-1, 2)

    def manifest(self, recording: str) -> Manifest:
        read, size = partial(self.vault.read, recording), self.vault.size(recording)
        assert size is not None
        found = scan(read, size)
        assert found.manifest is not None
        return open_manifest(read, found, self.keeper.data_key(recording, found.manifest.generation))

    def heard(self, recording: str, purpose: str = "quality") -> np.ndarray:
        """What a listener hears of it."""
        sound = self.listening.open(recording, LISTENER, Review(purpose, Occasion.QUALITY_REVIEW))
        wav = sound.read(0, sound.size)
        return np.frombuffer(wav[HEADER_LENGTH:], "<i2").reshape(-1, 2)

    def proven(self, recording: str) -> bool:
        return verify_recording(self.register, self.vault, KEYS, recording, self.keeper).ok


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house whose vault is unlocked."""
    made = House(folder=tmp_path)
    made.unlock()
    return made


# --- redaction


def test_a_span_is_silent_on_both_sides_and_all_else_is_as_it_was(house: House) -> None:
    """Exactly the frames of the span are silence, across segments and generations; no time moves."""
    recording, sound = house.sealed(plan=((4000, 4000), (1000,)))
    made = house.deriving().redact(recording, [(0.4, 0.6), (1.05, 1.1)], "anna", "a card number")

    expected = sound.copy()
    expected[3200:4800] = 0
    expected[8400:8800] = 0
    assert made.waits_for == ""
    assert np.array_equal(house.heard(made.recording), expected)
    assert house.proven(made.recording)
    after = house.manifest(made.recording)
    assert after["derived"][0]["spans"] == [[3200, 4800], [8400, 8800]]


def test_of_a_redaction_the_old_key_and_container_are_destroyed(house: House) -> None:
    """The old one is erased with a certificate that says why; nothing of it is left in the vault."""
    recording, _ = house.sealed()
    made = house.deriving().redact(recording, [(0, 0.5)], "anna", "a card number")

    assert house.register.recording(recording).state is State.ERASED
    assert house.register.keys(recording) == []
    assert list(house.vault.names()) == [made.recording]
    body = cast(Any, read_certificate(house.register.certificate(recording) or b"", KEYS))
    assert body["reason"] == "redacted"
    assert body["remains"][0]["recordings"] == [made.recording]
    assert not any("number of its call" in each for each in body["verified"])


def test_a_redacted_recording_keeps_its_purposes_dates_and_number(house: House) -> None:
    """It is found by the caller's number, and ends when the old one would have ended."""
    recording, _ = house.sealed(purposes=("quality", "disputes"))
    before = house.register.terms(recording)
    made = house.deriving().redact(recording, [(0, 0.5)], "anna", "a card number")

    after = house.register.terms(made.recording)
    assert [(t.purpose, t.expires_at) for t in after] == [(t.purpose, t.expires_at) for t in before]
    assert [r.id for r in house.register.of_caller(INDEX.blind("calls.caller", NUMBER))] == [made.recording]
    found = house.register.found(made.recording)
    assert found.call.recording == made.recording
    assert house.keeper.open_caller(found.call) == NUMBER
    house.clock.pass_by(days=100)
    house.erasure().tick()
    assert house.register.recording(made.recording).state is State.ERASED
    assert house.register.call("c1").caller_sealed is None
    assert list(house.vault.names()) == []


def test_what_stands_beside_the_sound_is_carried_over(house: House) -> None:
    """A correction stands beside the redacted recording as well."""
    recording, _ = house.sealed()
    house.register.add_remark(
        Remark("k1", recording, RemarkKind.CORRECTION, "it was 40", "anna", house.clock.now(), "")
    )
    made = house.deriving().redact(recording, [(0, 0.5)], "anna", "a card number")

    assert [remark.text for remark in house.register.remarks(made.recording)] == ["it was 40"]


# --- the proof


def test_the_evidence_hangs_together_from_the_call_to_the_last_redaction(house: House) -> None:
    """Each manifest carries the one before it and its signed end, and none changes the evidence."""
    recording, _ = house.sealed()
    first = house.manifest(recording)
    second = house.deriving().redact(recording, [(0, 0.2)], "anna", "a card number")
    third = house.deriving().redact(second.recording, [(0.5, 0.6)], "anna", "a name")

    last = house.manifest(third.recording)
    check_derived(last, KEYS)
    assert earlier(last)[0] == first
    assert [each["recording"] for each in earlier(last)] == [recording, second.recording]
    assert {name: last[name] for name in ("notice", "choice", "call")} == {  # type: ignore[literal-required]
        name: first[name]
        for name in ("notice", "choice", "call")  # type: ignore[literal-required]
    }
    assert np.count_nonzero(house.heard(third.recording)[:1600]) == 0


def forgeries(whole: Manifest) -> list[Manifest]:
    """Derived manifests that something is wrong with, each in another place."""
    made = []

    def forge() -> Any:
        made.append(copy.deepcopy(cast(Any, whole)))
        return made[-1]

    forge()["choice"]["outcome"] = "not_objected"
    forge()["derived"][0]["manifest"]["choice"]["outcome"] = "not_objected"
    forge()["derived"][0]["manifest"]["policy"] = "another"
    forge()["derived"][0]["end"]["chain"] = "ab" * 32
    forge()["derived"][0]["end"]["recording"] = "r9"
    forge()["derived"][0]["manifest_sha256"] = "ab" * 32
    broken = forge()["derived"][0]["end"]
    broken["signature"] = broken["signature"][:-2] + ("00" if broken["signature"][-2:] != "00" else "01")
    return made


def test_a_forged_step_is_found(house: House) -> None:
    """Evidence that was changed at any step, another end, or a broken signature does not pass."""
    recording, _ = house.sealed()
    made = house.deriving().redact(recording, [(0, 0.2)], "anna", "a card number")
    whole = house.manifest(made.recording)
    check_derived(whole, KEYS)

    for forged in forgeries(whole):
        with pytest.raises(DamagedContainer):
            check_derived(forged, KEYS)


def test_the_account_says_what_who_and_why_and_is_signed(house: House) -> None:
    """It verifies offline, names both manifests, and one changed bit is found."""
    recording, _ = house.sealed()
    made = house.deriving().redact(recording, [(0.5, 0.75)], "anna", "a card number")

    body = read_any_certificate(made.record, KEYS)
    assert (body["of"], body["recording"], body["kind"]) == (recording, made.recording, "redacted")
    assert (body["spans"], body["by"], body["why"]) == ([[4000, 6000]], "anna", "a card number")
    assert fits(body, house.manifest(made.recording))
    assert [each.record for each in house.register.derivations(made.recording)] == [made.record]
    for place in range(0, len(made.record), 7):
        forged = bytearray(made.record)
        forged[place] ^= 1
        with pytest.raises(GdprError):
            read_any_certificate(bytes(forged), KEYS)


def test_the_account_goes_with_its_recording(house: House) -> None:
    """Who redacted it and why is overwritten with its keys."""
    recording, _ = house.sealed()
    made = house.deriving().redact(recording, [(0, 0.5)], "anna", "a card number")
    house.erasure().erase(made.recording, Reason.REQUESTED)

    assert [each.record for each in house.register.derivations(made.recording)] == [None]


# --- marked parts


def with_contract(house: House) -> None:
    """Give the policy a purpose that nobody is asked for and that lives longer."""
    trade = house.policy.purposes["orders"]
    longer = {**house.policy.purposes, "contract": copy.copy(trade)}
    house.policy = copy.copy(house.policy)
    object.__setattr__(house.policy, "purposes", longer)


def test_a_marked_part_lives_longer_than_its_recording(house: House) -> None:
    """A part by itself, under its own key and purpose; the recording ends when it would have ended."""
    with_contract(house)
    contract = house.policy.purposes["contract"]
    object.__setattr__(contract, "keep", type(contract.keep)(3, type(contract.keep.unit).YEARS))
    recording, sound = house.sealed(plan=((4000, 4000), (1000,)))
    made = house.deriving().mark_part(recording, (0.25, 1.05), "contract", "anna", "it was concluded here")

    assert np.array_equal(house.heard(recording), sound)
    assert np.array_equal(house.heard(made.recording, "contract"), sound[2000:8400])
    assert house.proven(made.recording)
    assert house.register.call("c1").recording == recording
    house.clock.pass_by(days=100)
    house.erasure().tick()
    assert house.register.recording(recording).state is State.ERASED
    assert list(house.vault.names()) == [made.recording]
    assert house.register.call("c1").recording == made.recording
    assert house.register.call("c1").caller_sealed is not None
    check_derived(house.manifest(made.recording), KEYS)
    house.clock.pass_by(days=1200)
    house.erasure().tick()
    assert house.register.recording(made.recording).state is State.ERASED
    assert house.register.call("c1").caller_sealed is None
    assert not any(alarm for alarm in house.register.alarms())


def test_a_part_says_when_it_was_spoken(house: House) -> None:
    """Its times are those of the call, not of the cutting."""
    recording, _ = house.sealed(purposes=("quality",))
    whole = house.manifest(recording)
    made = house.deriving().mark_part(recording, (0.5, 1.0), "quality", "anna", "training")

    part = house.manifest(made.recording)
    assert part["frames"] == 4000
    assert part["started_at"] == part["time_map"]["points"][0][1]
    begun, ended = (datetime.fromisoformat(part[name]) for name in ("started_at", "ended_at"))  # type: ignore[literal-required]
    assert begun - datetime.fromisoformat(whole["started_at"]) == timedelta(seconds=0.5)
    assert ended - begun == timedelta(seconds=0.5)
    assert house.register.recording(made.recording).started_at == begun
    assert part["derived"][0]["kind"] == "part"


@pytest.mark.parametrize("purpose", ["disputes", "nonsense"])
def test_a_part_does_not_widen_a_choice(house: House, purpose: str) -> None:
    """A purpose that the caller did not agree to, or that the policy does not have, is refused."""
    recording, _ = house.sealed(purposes=("quality",))
    before = house.kinds()
    with pytest.raises(Refused) as refused:
        house.deriving().mark_part(recording, (0, 1), purpose, "anna", "why not")

    assert refused.value.id == ("unknown-purpose" if purpose == "nonsense" else "not-chosen")
    assert house.kinds() == before
    assert house.policy.purposes["disputes"].choice is Asking.OPT_IN
    assert house.policy.purposes["disputes"].basis is Basis.CONSENT


# --- what is refused, and changes nothing


@pytest.mark.parametrize("span", [(1.0, 0.5), (0.5, 0.5), (-1.0, 0.5), (2.0, 3.0), (0.0, 60.0)])
def test_a_span_that_is_none(house: House, span: tuple[float, float]) -> None:
    """A span that is empty, turned round, or outside of the recording is refused."""
    recording, _ = house.sealed()
    before = house.kinds()
    with pytest.raises(Refused) as refused:
        house.deriving().redact(recording, [span], "anna", "why")

    assert refused.value.id == "bad-span"
    assert house.kinds() == before


def test_what_may_not_be_touched(house: House) -> None:
    """What is restricted, held, erased or still growing is refused, and so is everything while locked."""
    recording, _ = house.sealed("1")
    other, _ = house.sealed("2")
    house.seal("3")
    rights = Rights(house.register, house.erasure(), house.clock)
    rights.restrict(recording, RestrictionGround.OBJECTION, "")
    holds = Holds(house.register, lambda: house.policy, house.clock)
    until = house.clock.now() + timedelta(days=5)
    case = {"case": "C-1", "ground": HoldGround.LEGAL_CLAIMS, "why": "a claim", "by": "anna", "until": until}
    holds.place([other], listeners=frozenset({"manager"}), **case)  # type: ignore[arg-type]
    wrong = {}
    for name in (recording, other, "r3"):
        with pytest.raises(Refused) as refused:
            house.deriving().redact(name, [(0, 0.5)], "anna", "why")
        wrong[name] = refused.value.id
    house.keeper.lock(by="anna")
    fresh, _ = house.sealed("4")
    with pytest.raises(Refused) as refused:
        house.deriving().redact(fresh, [(0, 0.5)], "anna", "why")

    assert wrong == {recording: "restricted", other: "held", "r3": "not-sealed"}
    assert refused.value.id == "vault-locked"
    assert house.told("derivation-begun") == []


def test_what_does_not_open_whole_is_not_redacted(house: House) -> None:
    """Of a damaged recording nothing is made and nothing is destroyed: the rest of it would be lost."""
    recording, _ = house.sealed()
    sealed = bytearray(house.vault.held[recording])
    sealed[2000] ^= 1
    house.vault.held[recording] = bytes(sealed)
    with pytest.raises(Damaged):
        house.deriving().redact(recording, [(0, 0.5)], "anna", "why")

    assert house.register.recording(recording).state is State.SEALED
    assert list(house.vault.names()) == [recording]
    assert house.register.derivations_begun(house.clock.now() + timedelta(1)) == []


# --- killed anywhere


@pytest.mark.thorough
def test_killed_anywhere_in_a_redaction(tmp_path: Path) -> None:
    """Either nothing has changed, or the new one stands and the old is destroyed; nothing in between."""
    stood = 0
    for step in count(1):
        house = House(folder=tmp_path)
        house.unlock()
        recording, sound = house.sealed()
        try:
            house.deriving(Fuse(step)).redact(recording, [(0, 0.5)], "anna", "a card number")
            break
        except Killed:
            house.clock.time += GIVEN_UP + timedelta(seconds=1)
            house.erasure().tick()
            sweep_up(house.register, house.vault, house.clock)
        (left,) = house.vault.names()
        made = house.register.derivations(left)
        assert house.proven(left)
        expected = sound.copy()
        if made:
            stood += 1
            expected[:4000] = 0
            assert house.register.keys(recording) == []
            assert house.register.recording(recording).state is State.ERASED
        else:
            assert left == recording
        assert np.array_equal(house.heard(left), expected)
        assert house.register.derivations_begun(house.clock.now()) == []
    assert step > 40 and stood > 15


def test_a_commit_that_could_not_be_confirmed_stands(tmp_path: Path) -> None:
    """When the register took it and could not say so, the new container is not thrown away."""
    house = House(folder=tmp_path, register=Hesitant(ZoneInfo("Europe/Berlin")))
    house.unlock()
    recording, _ = house.sealed()
    register = cast(Hesitant, house.register)
    transaction = register.transaction
    register.transaction = nullcontext  # type: ignore[method-assign, assignment]
    register.mute = True
    with pytest.raises(Unreachable):
        house.deriving().redact(recording, [(0, 0.5)], "anna", "a card number")
    register.transaction = transaction  # type: ignore[method-assign]
    house.erasure().tick()

    (left,) = house.vault.names()
    assert left != recording
    assert house.proven(left)


def test_a_request_reaches_what_was_made_since(house: House) -> None:
    """Who asked for the erasure of one recording gets that of the ones that were made of it."""
    recording, _ = house.sealed()
    made = house.deriving().redact(recording, [(0, 0.5)], "anna", "a card number")
    again = house.deriving().redact(made.recording, [(0.5, 0.6)], "anna", "a name")

    requests = Requests(
        house.register,
        house.erasure(),
        load_letters(shipped() / "letters"),
        lambda: house.policy.controller,
        lambda _: None,
        house.clock,
        ZoneInfo("Europe/Berlin"),
    )
    request = requests.open(Right.ERASURE, by="anna", recordings=[recording])
    requests.identify(request.id, Identity.CALLBACK, "anna")
    answer = requests.fulfil(request.id, "anna")

    assert {each.recording: each.result for each in answer.request.results} == {
        recording: "missing",
        made.recording: "missing",
        again.recording: "erased",
    }
    assert list(house.vault.names()) == []


def test_a_receipt_locks_the_parts_too(house: House) -> None:
    """Who locks the recording of their call locks what was made of it."""
    recording, _ = house.sealed()
    made = house.deriving().mark_part(recording, (0.5, 1.0), "quality", "anna", "training")
    rights = Rights(house.register, house.erasure(), house.clock)

    class Asked:
        """Takes requests, and does nothing else."""

        def open(self, right: Right, **_: Any) -> Any:
            assert right is Right.ERASURE
            return type("Request", (), {"id": "q1"})

    lock(recording, by="x", language="en", book=house.register, requests=Asked(), rights=rights)

    assert house.register.recording(recording).restricted
    assert house.register.recording(made.recording).restricted


# --- Opus


def does_without(house: House, *names: str) -> None:
    """These purposes do without the last bit from now on."""
    purposes = {
        name: replace(purpose, audio=Audio.OPUS if name in names else Audio.LOSSLESS)
        for name, purpose in house.policy.purposes.items()
    }
    house.policy = replace(house.policy, purposes=purposes)


def codecs(house: House, recording: str) -> tuple[str, str, str]:
    """What container, manifest and register say of how it is encoded."""
    read, size = partial(house.vault.read, recording), house.vault.size(recording)
    assert size is not None
    manifest = house.manifest(recording)
    return (
        scan(read, size).header.codec,
        manifest.get("codec", "flac"),
        house.register.recording(recording).codec,
    )


def test_a_redaction_of_opus_loses_nothing_but_the_span(house: House) -> None:
    """The span is silence, not nearly; everything else is heard as before, to the last bit."""
    does_without(house, "quality")
    recording, _ = house.sealed(plan=((4000, 4000), (1000,)))
    before = house.heard(recording).copy()
    made = house.deriving().redact(recording, [(0.55, 0.65)], "anna", "a card number")
    again = house.deriving().redact(made.recording, [(0.1, 0.2)], "anna", "a name")

    before[800:1600] = 0
    before[4400:5200] = 0
    assert np.array_equal(house.heard(again.recording), before)
    assert house.proven(again.recording)
    assert codecs(house, again.recording) == ("opus", "opus", "opus")
    check_derived(house.manifest(again.recording), KEYS)


def test_a_part_is_an_opus_copy_where_its_purpose_does_without_the_last_bit(house: House) -> None:
    """Of a lossless recording a smaller copy lives on for such a purpose; the recording is as it was."""
    recording, sound = house.sealed(purposes=("quality", "disputes"))
    does_without(house, "disputes")
    made = house.deriving().mark_part(recording, (0, 1.125), "disputes", "anna", "kept longer")

    assert codecs(house, recording) == ("flac", "flac", "flac")
    assert codecs(house, made.recording) == ("opus", "opus", "opus")
    assert house.proven(made.recording)
    heard = _heard_by_manager(house, made.recording)
    assert len(heard) == len(sound) and not np.array_equal(heard, sound)
    assert np.corrcoef(heard[:, 0], sound[:, 0])[0, 1] > 0.99
    check_derived(house.manifest(made.recording), KEYS)


def test_a_part_of_opus_is_not_encoded_once_more(house: House) -> None:
    """Whatever its purpose wants, a part of an Opus recording sounds as that did, to the last bit."""
    does_without(house, "quality", "disputes")
    recording, _ = house.sealed(purposes=("quality", "disputes"), plan=((4000, 4000, 4000),))
    before = house.heard(recording)
    does_without(house, "quality")
    made = house.deriving().mark_part(recording, (0.25, 1.25), "disputes", "anna", "a contract")

    assert np.array_equal(_heard_by_manager(house, made.recording), before[2000:10_000])
    assert codecs(house, made.recording) == ("opus", "opus", "opus")


def _heard_by_manager(house: House, recording: str) -> np.ndarray:
    who = Listener("mara", frozenset({"manager"}), "s2")
    sound = house.listening.open(recording, who, Review("disputes", Occasion.DISPUTE))
    return np.frombuffer(sound.read(0, sound.size)[HEADER_LENGTH:], "<i2").reshape(-1, 2)
