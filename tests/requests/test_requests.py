"""Requests of data subjects: their month, their results one by one, and letters that say what was done."""

from __future__ import annotations

import hashlib
import re
import string
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from asterisk_gdpr.config import load_letters, shipped
from asterisk_gdpr.core.letters import CODES, GROUNDS, RESULTS, SENTENCES, Line, compose
from asterisk_gdpr.core.never import NeverEntry
from asterisk_gdpr.core.policy import Basis, Controller
from asterisk_gdpr.core.recording import Reason, State
from asterisk_gdpr.core.requests import Identity, Refusal, Request, ResultOf, Right, Status, answer_by, merged
from asterisk_gdpr.core.rights import Handover, RestrictionGround
from asterisk_gdpr.errors import ConfigFaults, Refused
from asterisk_gdpr.ports import Register, User
from asterisk_gdpr.service.erasing.erasure import Erasure, Result
from asterisk_gdpr.service.rights.carrying_out import Wish
from asterisk_gdpr.service.rights.requests import Answer, Requests
from tests.erasure.stage import Fuse, House, Killed
from tests.holds.test_holds import place
from tests.register.samples import day, noon, number_index, term

BERLIN = ZoneInfo("Europe/Berlin")
LETTERS = load_letters(shipped() / "letters")
ANNA = "cli:anna"
NUMBER = "+49 30 901820"
CONTROLLER = Controller(
    "Example Energy", "privacy@example.com", "https://example.com/calls", "officer@example.com", "The DPA"
)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house without recordings."""
    return House(tmp_path)


def requests_in(
    house: House, controller: Controller = CONTROLLER, erasure: Erasure | None = None
) -> Requests:
    """The service of a house, in which there is one number."""

    def index_of(number: str) -> bytes | None:
        return number_index if number == NUMBER else None

    erasure = erasure or house.erasure()
    return Requests(house.register, erasure, LETTERS, lambda: controller, index_of, house.clock, BERLIN)


def opened(house: House, right: Right = Right.ERASURE, *, known: bool = True, **said: Any) -> str:
    """A request of the number's owner, who was called back unless said otherwise."""
    requests = requests_in(house)
    request = requests.open(right, by=ANNA, **{"number": NUMBER, **said})
    if known:
        requests.identify(request.id, Identity.CALLBACK, ANNA)
    return request.id


def refusal(act: Callable[[], object]) -> str:
    """The id of what a call refuses."""
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.id


# --- the register


def test_requests_come_back(register: Register, tmp_path: Path) -> None:
    """A request comes back as it was opened and changed; answered, it is changed no more."""
    house = House(tmp_path, register)
    made = house.sealed()
    requests = requests_in(house)
    later = requests.open(Right.OBJECTION, by=ANNA, recordings=[made], purposes=["quality"], language="de")
    first = requests.open(
        Right.ERASURE, by=ANNA, number=NUMBER, received_at=noon - day, contact="Ms Miller", asked="Erase me."
    )

    assert register.request(first.id) == first
    assert [each.id for each in register.requests()] == [first.id, later.id]
    changed = requests.identify(first.id, Identity.RECEIPT, ANNA)
    assert register.request(first.id) == changed
    answer = requests.refuse(first.id, Refusal.UNFOUNDED, ANNA)
    assert register.request(first.id) == answer.request
    assert [each.id for each in register.requests()] == [later.id]
    assert len(register.requests(closed=True)) == 2
    assert refusal(lambda: register.change_request(changed, noon, "x")) == "request-closed"
    assert refusal(lambda: register.request("q9")) == "unknown-request"
    told = [entry.kind for entry in register.entries() if entry.kind.startswith("request")]
    assert told == ["request-opened", "request-opened", "request-identified", "request-refused"]
    assert register.count_deadlines()["requests"] == 1


# --- the clock


@pytest.mark.parametrize(
    ("received", "by", "extended"),
    [
        ("2026-01-31T09:00", "2026-03-01", "2026-05-01"),
        ("2026-11-30T23:30", "2026-12-31", "2027-03-01"),
        ("2028-01-31T00:00", "2028-03-01", "2028-05-01"),
    ],
)
def test_a_month_is_that_of_union_law(received: str, by: str, extended: str) -> None:
    """The answer is due when the last day of the month, or of the third, has ended."""
    at = datetime.fromisoformat(received).replace(tzinfo=BERLIN)

    assert answer_by(at, BERLIN) == datetime.fromisoformat(by).replace(tzinfo=BERLIN)
    assert answer_by(at, BERLIN, extended=True) == datetime.fromisoformat(extended).replace(tzinfo=BERLIN)


def test_a_request_is_extended_once_and_in_time(house: House) -> None:
    """Two months more are taken once, with a reason, and only while the first month lasts."""
    requests, one, other = requests_in(house), opened(house), opened(house)
    assert refusal(lambda: requests.extend(one, " ")) == "no-reason"
    extended = requests.extend(one, "Many calls to look at")
    assert extended.answer_by == answer_by(noon, BERLIN, extended=True)
    assert refusal(lambda: requests.extend(one, "Once more")) == "too-late-to-extend"

    house.clock.time = answer_by(noon, BERLIN)
    assert refusal(lambda: requests.extend(other, "Too late")) == "too-late-to-extend"


def test_a_request_is_given_to_somebody_who_may_sign_in(house: House) -> None:
    """A request is given to a user who may sign in and to nobody else; the ledger has it, with who did it."""
    request, requests = opened(house), requests_in(house)
    for name, gone in (("quinn", None), ("sam", None), ("old", noon)):
        house.register.put_user(User(name, "hash", frozenset({"officer"}), noon, gone), noon)
    assert requests.assign(request, "quinn", ANNA).assigned_to == "quinn"
    assert requests.assign(request, "sam", ANNA).assigned_to == "sam"
    for nobody in ("old", "nobody", ""):
        assert refusal(lambda to=nobody: requests.assign(request, to, ANNA)) == "no-such-user"  # type: ignore[misc]

    assert house.register.request(request).assigned_to == "sam"
    told = [each.payload for each in house.register.entries() if each.kind == "request-assigned"]
    assert told == [{"request": request, "user": ANNA}] * 2
    requests.fulfil(request, ANNA)
    assert refusal(lambda: requests.assign(request, "quinn", ANNA)) == "request-closed"


def test_a_request_is_brought_to_mind(house: House) -> None:
    """A week before its last day an alarm stands about a request, after it another, until the answer."""
    request, requests = opened(house), requests_in(house)
    requests.tick()
    assert house.register.alarms() == []
    house.clock.time = answer_by(noon, BERLIN) - timedelta(days=7)
    requests.tick()
    assert [(alarm.id, alarm.about) for alarm in house.register.alarms()] == [("request-due", request)]
    house.clock.time = answer_by(noon, BERLIN)
    requests.tick()
    assert [alarm.id for alarm in house.register.alarms()] == ["request-overdue"]
    requests.fulfil(request, ANNA)
    assert house.register.alarms() == []


# --- erasure


def test_an_erasure_is_told_item_by_item(house: House) -> None:
    """Each recording has its own result and ground; a dry run has the same, with counts, and does nothing."""
    free = house.sealed("1")
    law = house.sealed("2", term("r2", "orders", Basis.LEGAL_OBLIGATION, days=1000))
    held = house.sealed("3")
    other = house.sealed("4", caller_index=b"somebody else's ")
    place(house, held)
    request, requests = opened(house), requests_in(house)

    dry = requests.plan(request)
    assert house.register.tombstone(free) is None
    answer = requests.fulfil(request, ANNA)
    assert answer.request.results == dry.request.results
    assert dict(answer.counts) == dict(dry.counts) == {"erased": 1, "refused": 1, "held": 1}
    assert {each.recording: each.result for each in answer.request.results} == {
        free: "erased",
        law: "refused",
        held: "held",
    }
    assert answer.request.status is Status.FULFILLED
    assert house.register.recording(other).state is State.SEALED
    assert refusal(lambda: requests.fulfil(request, ANNA)) == "request-closed"


def test_nothing_is_fulfilled_while_something_is_left(house: House) -> None:
    """While one recording is not erased the request stays open, without a letter; a further try ends it."""
    one, other = house.sealed("1"), house.sealed("2")
    request, requests = opened(house), requests_in(house)
    house.vault.away = True
    answer = requests.fulfil(request, ANNA)
    assert (answer.request.status, answer.letter) == (Status.OPEN, "")
    assert answer.counts["pending"] == 2

    house.vault.away = False
    house.erasure().tick()
    answer = requests.fulfil(request, ANNA)
    assert answer.request.status is Status.FULFILLED
    assert dict(answer.counts) == {"erased": 2}
    for recording in (one, other):
        house.assert_erased(recording)


@pytest.mark.thorough
@pytest.mark.parametrize("right", [Right.ERASURE, Right.OBJECTION, Right.WITHDRAWAL])
def test_killed_anywhere_the_letter_names_all_that_was_done(tmp_path: Path, right: Right) -> None:
    """However often carrying out is killed, the letter names what is gone or has lost a purpose."""
    basis = Basis.LEGITIMATE_INTERESTS if right is Right.OBJECTION else Basis.CONSENT
    other = Basis.CONSENT if right is Right.OBJECTION else Basis.LEGITIMATE_INTERESTS
    for burns_at in range(1, 1000):
        house = House(tmp_path / f"{burns_at}")
        house.folder.mkdir()
        one, two = (house.sealed(id, term(f"r{id}", "first", basis)) for id in "12")
        kept = house.sealed("3", term("r3", "first", basis), term("r3", "second", other))
        request, fuse = opened(house, right), Fuse(burns_at)
        try:
            requests_in(house, erasure=house.erasure(fuse)).fulfil(request, ANNA)
        except Killed:
            answer = requests_in(house).fulfil(request, ANNA)
        else:
            break
        result = "erased" if right is Right.ERASURE else "kept"
        assert {each.recording: each.result for each in answer.request.results} == {
            one: "erased",
            two: "erased",
            kept: result,
        }
        assert answer.request.status is Status.FULFILLED
        house.assert_erased(one)
    assert burns_at > 20


def test_what_is_begun_is_not_refused(house: House) -> None:
    """A request of which something was done already is carried out to its end, and not refused as a whole."""
    house.sealed()
    request, requests = opened(house), requests_in(house)
    house.vault.away = True
    requests.fulfil(request, ANNA)
    assert refusal(lambda: requests.refuse(request, Refusal.EXCESSIVE, ANNA)) == "request-begun"
    assert house.register.request(request).status is Status.OPEN

    house.vault.away = False
    assert requests.plan(request).counts == requests.fulfil(request, ANNA).counts == {"erased": 1}


def test_what_was_objected_to_stays_so_at_a_further_try(house: House) -> None:
    """An objection that ended a purpose at the first try is not called refused at the second."""
    interests = Basis.LEGITIMATE_INTERESTS
    kept = house.sealed("1", term("r1", "first", interests), term("r1", "second"))
    gone = house.sealed("2", term("r2", "first", interests))
    request, requests = opened(house, Right.OBJECTION), requests_in(house)
    house.vault.away = True
    assert requests.fulfil(request, ANNA).counts == {"kept": 1, "pending": 1}

    house.vault.away = False
    answer = requests.fulfil(request, ANNA)
    assert {each.recording: each.result for each in answer.request.results} == {kept: "kept", gone: "erased"}


def test_a_further_try_puts_nothing_beside_twice(house: House) -> None:
    """A correction and a restriction that a killed run has put there already are not put there again."""
    made = house.sealed()
    for right, wish in (
        (Right.RECTIFICATION, Wish(text="Not Miller.")),
        (Right.RESTRICTION, Wish(ground=RestrictionGround.ACCURACY)),
    ):
        request, requests = opened(house, right), requests_in(house)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(house.register), "close_request", _killed)
            with pytest.raises(Killed):
                requests.fulfil(request, ANNA, wish)
        assert requests.fulfil(request, ANNA, wish).request.status is Status.FULFILLED
    assert len(house.register.remarks(made)) == len(house.register.restrictions(made)) == 1


def _killed(*_: object, **__: object) -> None:
    raise Killed


def test_who_changes_a_request_meanwhile_takes_nothing_from_it(house: House) -> None:
    """What is noted of a request while it is carried out is kept, and so is what was done."""
    house.sealed()
    request, requests = opened(house), requests_in(house)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(house.vault, "delete", lambda _: requests.extend(request, "It takes longer"))
        answer = requests.fulfil(request, ANNA)
    assert (answer.request.extension, dict(answer.counts)) == ("It takes longer", {"pending": 1})


def test_what_is_withdrawn_and_held_can_be_restricted_and_corrected(house: House) -> None:
    """What a hold keeps is there, so nobody is told that it was erased before."""
    made = house.sealed()
    place(house, made)
    house.erasure().erase(made, Reason.WITHDRAWN)
    requests = requests_in(house)
    lock = requests.fulfil(opened(house, Right.RESTRICTION), ANNA, Wish(ground=RestrictionGround.UNLAWFUL))
    words = requests.fulfil(opened(house, Right.RECTIFICATION), ANNA, Wish(text="Not Miller."))
    assert (dict(lock.counts), dict(words.counts)) == ({"restricted": 1}, {"corrected": 1})
    assert [each.result for each in requests.plan(opened(house, Right.OBJECTION)).request.results] == ["held"]


def test_who_is_not_identified_gets_nothing(house: House) -> None:
    """Nothing is done at the word of somebody of whom it was not made sure who they are."""
    made = house.sealed()
    request, requests = opened(house, known=False), requests_in(house)

    assert refusal(lambda: requests.fulfil(request, ANNA)) == "not-identified"
    assert house.register.recording(made).state is State.SEALED
    requests.identify(request, Identity.RECEIPT, ANNA)
    assert requests.fulfil(request, ANNA).request.status is Status.FULFILLED


def test_the_answered_erasure_forgets_who_asked(house: House) -> None:
    """Once an erasure is answered, number and words of the person are gone from the request too."""
    house.sealed()
    request = opened(house, contact="Ms Miller", asked="Erase me.")
    requests_in(house).extend(request, "Ms Miller has called often")
    answer = requests_in(house).fulfil(request, ANNA)

    kept = house.register.request(request)
    assert (kept.subject, kept.contact, kept.asked, kept.extension) == (None, "", "", "")
    assert "Ms Miller has called often" in answer.letter
    again = requests_in(house).letter(request).split("\n\n")
    assert again == [part for part in answer.letter.split("\n\n") if "Ms Miller" not in part]
    assert refusal(lambda: requests_in(house).letter(opened(house))) == "request-open"
    assert kept.letter_sha256 == hashlib.sha256(answer.letter.encode()).hexdigest()


def test_an_erasure_forgets_the_earlier_requests_of_the_number(register: Register, tmp_path: Path) -> None:
    """What the same number asked before, and has its answer, is forgotten too; what is open stays."""
    house = House(tmp_path, register)
    house.sealed()
    requests = requests_in(house)
    answered = opened(house, Right.OBJECTION, contact="Ms Miller", asked="Stop.")
    requests.refuse(answered, Refusal.UNFOUNDED, ANNA)
    still_open = opened(house, Right.RECTIFICATION, contact="Ms Miller")
    others = requests.open(Right.ACCESS, by=ANNA, recordings=["r1"], contact="Mr Other")
    requests.refuse(others.id, Refusal.UNFOUNDED, ANNA)

    requests.fulfil(opened(house), ANNA)

    kept = register.request(answered)
    assert (kept.subject, kept.contact, kept.asked, kept.status) == (None, "", "", Status.REFUSED)
    assert register.request(still_open).contact == "Ms Miller"
    assert register.request(others.id).contact == "Mr Other"


# --- the other rights


def test_each_right_does_its_own(house: House) -> None:
    """A rectification puts words beside, a restriction locks, objection and withdrawal end purposes."""
    terms = (term("r1", "quality"), term("r1", "improvement", Basis.LEGITIMATE_INTERESTS))
    made = house.sealed("1", *terms)
    requests = requests_in(house)

    request = opened(house, Right.RECTIFICATION)
    assert refusal(lambda: requests.fulfil(request, ANNA)) == "no-text"
    assert requests.fulfil(request, ANNA, Wish(text="Not Miller.")).counts == {"corrected": 1}
    assert [(remark.text, remark.request) for remark in house.register.remarks(made)] == [
        ("Not Miller.", request)
    ]

    request = opened(house, Right.RESTRICTION)
    assert refusal(lambda: requests.fulfil(request, ANNA)) == "no-ground"
    assert requests.fulfil(request, ANNA, Wish(ground=RestrictionGround.ACCURACY)).counts == {"restricted": 1}
    assert house.register.restrictions(made)[0].request == request

    assert requests.fulfil(opened(house, Right.OBJECTION), ANNA).counts == {"kept": 1}
    assert requests.fulfil(opened(house, Right.OBJECTION), ANNA).counts == {"refused": 1}
    assert requests.fulfil(opened(house, Right.WITHDRAWAL, purposes=["quality"]), ANNA).counts == {
        "erased": 1
    }
    house.assert_erased(made)
    gone = requests.fulfil(opened(house, Right.RECTIFICATION, recordings=[made]), ANNA, Wish(text="Late."))
    assert gone.counts == {"missing": 1}


def test_copies_are_for_their_subject(house: House) -> None:
    """A copy is due of whatever is kept, also if held; to be taken along, of consent and contract alone."""
    mine = house.sealed("1")
    law = house.sealed("2", term("r2", "orders", Basis.LEGAL_OBLIGATION, days=1000))
    living = house.running("3")
    requests, handed = requests_in(house), []
    wish = Wish(hand_out=lambda request, recordings: handed.append((request.id, list(recordings))))
    place(house, mine)
    house.erasure().erase(mine, Reason.REQUESTED)

    request = opened(house, Right.ACCESS)
    assert requests.plan(request).counts == {"given": 2, "refused": 1}
    assert refusal(lambda: requests.fulfil(request, ANNA)) == "no-package"
    assert house.register.request(request).status is Status.OPEN
    answer = requests.fulfil(request, ANNA, wish)
    assert handed == [(request, [mine, law])]
    assert "you receive a copy" in answer.letter and "still going on" in answer.letter

    request = opened(house, Right.PORTABILITY)
    results = {each.recording: each.ground for each in requests.plan(request).request.results}
    assert results == {mine: "", law: "not-portable", living: "not-closed"}


# --- letters


def letter_of(house: House, **said: Any) -> str:
    """The letter about an erasure with one recording of each result."""
    house.sealed("1")
    house.sealed("2", term("r2", "orders", Basis.LEGAL_OBLIGATION, days=1000))
    place(house, house.sealed("3"))
    copy = Handover("o1", "r1", noon, ANNA, "Lawyers Ltd", "dispute")
    house.register.add_handover(copy)
    requests = requests_in(house)
    request = opened(house, **said)
    requests.extend(request, "Many calls to look at")
    return requests.fulfil(request, ANNA).letter


def test_the_letter_says_what_was_done(house: House) -> None:
    """The letter names each call with its result, ground and day, what survives, who is told, where to go."""
    letter = letter_of(house, contact="Ms Miller")
    erased, refused = letter.index("have been erased"), letter.index("may not or need not")

    assert letter.startswith("Ms Miller\n\nYour request for erasure (Art. 17 GDPR)\n\nDear Sir or Madam,")
    assert letter.count("the call of 23/11/2026 at 13:00") == 3
    assert erased < letter.index("as soon as the law lets us") < refused
    assert "a law obliges us to keep it (Art. 17(3)(b) GDPR), until 20/08/2029" in letter
    assert "needed for legal claims (Art. 17(3)(e) GDPR), until 23/11/2027" in letter
    for said in (
        "calling you back",
        "Many calls to look at",
        "proof of what you chose",
        "Lawyers Ltd",
        "The DPA",
    ):
        assert said in letter
    assert "privacy@example.com" in letter and letter.endswith("Yours faithfully\nExample Energy\n")


def test_a_letter_names_the_last_day(house: House) -> None:
    """What ends at midnight ends on the day before it, in a letter too: no day is named that is too late."""
    assert answer_by(noon, BERLIN, extended=True) == datetime(2027, 2, 24, tzinfo=BERLIN)
    assert "The last day of that longer time was 23/02/2027" in letter_of(house)

    request = house.register.request(opened(house))
    kept = Line("refused", noon, "sales", "legal-obligation", datetime(2031, 11, 26, tzinfo=BERLIN))
    assert ", until 25/11/2031" in compose(LETTERS["en"], request, [kept], [], CONTROLLER, BERLIN)


def test_the_letter_does_not_call_dead_what_a_backup_could_open(house: House) -> None:
    """Of copies that were made before the erasure the letter says that they open until their key is gone."""
    assert "once we have destroyed the key above those" in letter_of(house)


def test_the_letter_speaks_the_persons_language(house: House) -> None:
    """The same letter is written in German, with German dates."""
    letter = letter_of(house, language="de")

    for said in (
        "Art. 17 DSGVO",
        "23.11.2026 um 13:00 Uhr",
        "Aufsichtsbehörde",
        "Rückruf",
        "bis zum 20.08.2029",
    ):
        assert said in letter
    assert "GDPR" not in letter.replace("Lawyers Ltd", "")


def test_nothing_is_said_that_is_not_so(house: House) -> None:
    """Who has no recording is told so, and nothing of erasing, of recipients or of complaints."""
    letter = requests_in(house).fulfil(opened(house), ANNA).letter

    assert "hold none" in letter
    for unsaid in ("never recorded", "erased;", "These recipients", "complain", "proof of what"):
        assert unsaid not in letter


def test_who_is_never_recorded_is_told_that_this_stays(house: House) -> None:
    """Who stands on the never list is told that their number stays there, encrypted, and why."""
    entry = NeverEntry("n1", "", number_index, b"sealed", "epoch1", "caller", noon, noon + 365 * day)
    house.register.add_never(entry)
    house.sealed()
    letter = requests_in(house).fulfil(opened(house), ANNA).letter

    assert "never recorded" in letter and "proof of what" in letter


@pytest.mark.parametrize("language", LETTERS)
@pytest.mark.parametrize("reason", Refusal)
def test_a_refusal_bears_its_reason_and_the_right_to_complain(
    house: House, language: str, reason: Refusal
) -> None:
    """A refusal says why, and where to complain, with or without an authority that is named."""
    answer = requests_in(house).refuse(opened(house, language=language, known=False), reason, ANNA)
    assert LETTERS[language].words["refusals"][reason] in answer.letter
    assert "The DPA" in answer.letter
    nameless = requests_in(house, replace(CONTROLLER, authority=""))
    again = nameless.refuse(opened(house, language=language, known=False), reason, ANNA)
    assert LETTERS[language].sentences["no_authority"] in again.letter
    assert again.request.refusal is reason


def test_letters_know_every_code(tmp_path: Path) -> None:
    """A letter has words for every result and ground there is; a file that lacks one is refused."""
    done = {str(each) for each in Result} - {"pending"}
    assert set(RESULTS) == done | {"restricted", "corrected", "given"}
    assert set(GROUNDS) >= {"legal-claims", "legal-obligation", "authority", "not-objectable"}

    text = (shipped() / "letters/en.yaml").read_text()
    (tmp_path / "en.yaml").write_text(
        text.replace("  survives:", "  survive:").replace("{received}", "{day}")
    )
    with pytest.raises(ConfigFaults) as faults:
        load_letters(tmp_path)
    assert {fault.id for fault in faults.value.faults} == {"missing", "unknown-word", "unknown-field"}


SPOKEN = sorted(file.stem for file in (shipped() / "notices").glob("*.yaml"))
"""The languages that callers can hear."""

LAW = {
    "de": ("DSGVO", "Art. 17 Abs. 3 Buchst. b", "Einschränkung der Verarbeitung"),
    "en": ("GDPR", "Art. 17(3)(b)", "restriction of processing"),
    "es": ("RGPD", "art. 17(3)(b)", "limitación del tratamiento"),
    "fr": ("RGPD", "art. 17(3)(b)", "limitation du traitement"),
    "it": ("RGPD", "art. 17(3)(b)", "limitazione di trattamento"),
    "nl": ("AVG", "art. 17 lid 3 onder b", "beperking van de verwerking"),
    "pl": ("RODO", "art. 17 ust. 3 lit. b", "ograniczenia przetwarzania"),
    "pt": ("RGPD", "art. 17.º, n.º 3, alínea b),", "limitação do tratamento"),
}
"""What the GDPR, its Art. 17(3)(b) and the right of its Art. 18 are called."""


def fields(text: str) -> list[str]:
    """The fields of a sentence, as `str.format` finds them."""
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def cited(text: str) -> list[int]:
    """The numbers in a text, in order: those of articles and paragraphs."""
    return sorted(int(number) for number in re.findall(r"[0-9]+", text))


def tables(language: str) -> Mapping[str, Mapping[str, str]]:
    """Every table of a language's words, its sentences among them."""
    return {"sentences": LETTERS[language].sentences, **LETTERS[language].words}


def test_every_language_that_callers_hear_has_its_letter() -> None:
    """Whoever heard a notice in a language can be answered in it."""
    assert sorted(LETTERS) == SPOKEN == sorted(LAW)


@pytest.mark.parametrize("language", SPOKEN)
def test_a_letter_says_all_and_fills_every_field(language: str) -> None:
    """Each language says every sentence and code with all the fields that it may hold, and no other."""
    texts = LETTERS[language]
    assert {table: set(words) for table, words in texts.words.items()} == CODES
    assert {name: fields(text) for name, text in texts.sentences.items()} == {
        name: sorted(allowed) for name, allowed in SENTENCES.items()
    }
    assert not any(fields(text) for words in texts.words.values() for text in words.values())


@pytest.mark.parametrize("language", SPOKEN)
def test_every_language_cites_the_same_law(language: str) -> None:
    """Each language cites the articles that English does, under the name that its law has there."""
    law, erasure, restriction = LAW[language]
    for table, words in tables(language).items():
        for code, text in words.items():
            english = tables("en")[table][code]
            assert cited(text) == cited(english), (table, code)
            assert (law in text) == ("GDPR" in english), (table, code)
    assert f"{erasure} {law}" in LETTERS[language].words["grounds"]["legal-obligation"]
    assert restriction in LETTERS[language].words["rights"]["restriction"]


@pytest.mark.parametrize("language", SPOKEN)
def test_no_words_are_left_in_another_language(language: str) -> None:
    """No sentence of more than three words stands in a language as it stands in another."""
    for other in set(SPOKEN) - {language}:
        for table, words in tables(language).items():
            same = [code for code, text in words.items() if text == tables(other)[table][code]]
            assert [code for code in same if len(words[code].split()) > 3] == [], (other, table)


@pytest.mark.parametrize("language", SPOKEN)
@pytest.mark.parametrize("right", Right)
def test_every_letter_is_written_in_every_language(language: str, right: Right) -> None:
    """Each right is answered with every result, ground, way of knowing who asked, and refusal, to the end."""
    texts, at = LETTERS[language], datetime(2026, 11, 9, 12, 5, tzinfo=UTC)
    asked = Request(
        "q1", right, at, at, ANNA, at, language, extended_at=at, extension="Many calls", contact="Ms Miller"
    )
    lines = [Line(result, at, "sales", ground, at) for result in RESULTS for ground in ("", *GROUNDS)]
    kinds = [
        *((replace(asked, identity=each), lines) for each in Identity),
        *((replace(asked, refusal=each), []) for each in Refusal),
        (asked, []),
    ]
    for request, told in kinds:
        letter = compose(texts, request, told, ["Lawyers Ltd"], CONTROLLER, BERLIN, on_never_list=True)
        assert letter.startswith(f"Ms Miller\n\n{texts.words['rights'][right]}\n\n")
        assert letter.endswith("\nExample Energy\n") and not set("{}%") & set(letter)
        assert at.strftime(texts.date) in letter and "Lawyers Ltd" in letter and "q1" in letter
        assert letter.count(at.astimezone(BERLIN).strftime(texts.moment)) == len(told)
        said = [texts.words["results"][result] for result in RESULTS] if told else []
        said += [texts.words["grounds"][ground] for ground in GROUNDS] if told else []
        said += [texts.words["identities"][request.identity]] if request.identity else []
        said += [texts.words["refusals"][request.refusal]] if request.refusal else []
        said += [] if told or request.refusal else [texts.sentences["nothing_found"]]
        assert [words for words in said if words not in letter] == []


# --- bad input


def test_bad_requests_change_nothing(house: House) -> None:
    """A request about nobody, from the future, in no language of ours is refused, and none is opened."""
    made, requests = house.sealed(), requests_in(house)
    for said, id in (
        ({}, "nobody-named"),
        ({"number": "bananas"}, "not-a-number"),
        ({"recordings": ["r9"]}, "unknown-recording"),
        ({"number": NUMBER, "received_at": noon + day}, "received-later"),
        ({"number": NUMBER, "language": "tlh"}, "no-letter"),
        ({"number": NUMBER, "purposes": ["fun"]}, "no-such-purpose"),
    ):
        assert refusal(lambda said=said: requests.open(Right.ERASURE, by=ANNA, **said)) == id  # type: ignore[misc]
    assert house.register.requests(closed=True) == []
    request = opened(house, recordings=[made])
    assert refusal(lambda: requests.assign(request, "nobody")) == "no-such-user"
    house.register.put_user(User("dora", "hash", frozenset(), noon), noon)
    assert requests.assign(request, "dora").assigned_to == "dora"


results = some.builds(ResultOf, some.sampled_from("abc"), some.sampled_from(("erased", "pending", "missing")))


@given(some.lists(results, max_size=4), some.lists(results, max_size=4))
def test_what_an_earlier_run_erased_stays_erased(before: list[ResultOf], now: list[ResultOf]) -> None:
    """Results of several runs name each recording once, and none that was erased is called missing."""
    told = merged(before, now)
    names = [each.recording for each in told]

    assert names == sorted({each.recording for each in (*before, *now)})
    first = {each.recording: each.result for each in before}
    last = {each.recording: each.result for each in now}
    for each in told:
        if first.get(each.recording) in ("erased", "pending") and last.get(each.recording) == "missing":
            assert each.result == "erased"


def test_answers_count(house: House) -> None:
    """An answer counts its results."""
    request = house.register.request(opened(house))
    counted = Answer(replace(request, results=(ResultOf("r1", "erased"), ResultOf("r2", "erased"))))
    assert counted.counts == {"erased": 2}
    assert house.clock.time.tzinfo is UTC
