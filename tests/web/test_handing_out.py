"""Copies that leave the page: a recording with its proof, and what is kept of somebody who takes calls."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import zipfile

import pyrage
import pytest
from pyrage import x25519

from asterisk_gdpr.core.recording import State
from asterisk_gdpr.service.people.tokens import Scope
from asterisk_gdpr_web.settings import EXTENSION
from tests.web.house import House
from tests.web.test_api_work import Program

ONE = "/recordings/rsales001/dossier"
HOLDER = x25519.Identity.generate()
KEY = str(HOLDER.to_public())
FORM = {"reason": "dispute", "voices": "both", "recipient": KEY, "kind": "flac"}
WHOLE = {
    "recording.flac",
    "container.agdpr",
    "data-keys.json",
    "manifest.json",
    "choice.json",
    "HOW-TO-CHECK.txt",
    "cover.html",
    "cover.pdf",
    "SHA256SUMS",
}


def opened(sealed: bytes) -> dict[str, bytes]:
    """The files of a copy, by the key of its holder."""
    with zipfile.ZipFile(io.BytesIO(pyrage.decrypt(sealed, [HOLDER]))) as package:
        return {name: package.read(name) for name in package.namelist()}


def test_a_recording_is_handed_out_with_its_proof(house: House) -> None:
    """One age file with sound, container, evidence, cover and note; the ledger has who and why."""
    answer = house.person("officer").post(ONE, **{**FORM, "for": "Court of Berlin"})
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="rsales001.zip.age"'
    assert answer.headers["Cache-Control"] == "no-store"
    files = opened(answer.data)
    assert {name for name in files if not name.startswith("verify-")} == WHOLE
    for line in files["SHA256SUMS"].decode().splitlines():
        digest, _, name = line.partition("  ")
        assert hashlib.sha256(files[name]).hexdigest() == digest
    assert files["container.agdpr"] == house.vault.read("rsales001", 0, house.vault.size("rsales001") or 0)
    assert house.told("exported") == [{"user": "officer", "recording": "rsales001", "reason": "dispute"}]
    assert [copy.recipient for copy in house.register.handovers("rsales001")] == ["Court of Berlin"]


def test_one_side_is_handed_out_without_the_container(house: House) -> None:
    """The caller's side alone holds neither the others' voice nor the container that has it."""
    answer = house.person("officer").post(ONE, **{**FORM, "voices": "caller", "kind": "wav"})
    files = opened(answer.data)
    assert "recording.wav" in files
    assert not {"container.agdpr", "data-keys.json"} & set(files)


def test_a_copy_for_a_recipient_opens_by_their_key_alone(house: House) -> None:
    """Sealed to an age key, it opens for its holder and for nobody else."""
    sealed = house.person("manager").post(ONE, **FORM).data
    assert set(opened(sealed)) >= WHOLE
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(sealed, [x25519.Identity.generate()])


@pytest.mark.thorough
def test_a_copy_under_a_passphrase_is_sealed_by_it(house: House) -> None:
    """Without a key the passphrase of the form seals the file, as the age format says of itself."""
    form = {**FORM, "recipient": "", "passphrase": "correct horse battery"}
    sealed = house.person("officer").post(ONE, **form).data
    assert sealed.startswith(b"age-encryption.org/v1\n-> scrypt ")


@pytest.mark.parametrize(
    "wrong",
    [
        {"recipient": "", "passphrase": "short"},
        {"recipient": ""},
        {"recipient": "age1x"},
        {"reason": "x"},
        {"voices": "x"},
    ],
)
def test_nothing_is_opened_for_what_cannot_be_sealed(house: House, wrong: dict[str, str]) -> None:
    """Without somebody to seal it for, a reason or voices nothing is opened and nothing told."""
    assert house.person("officer").post(ONE, **{**FORM, **wrong}).status_code == 400
    assert "exported" not in house.kinds()


def test_what_is_shut_is_not_handed_out(house: House) -> None:
    """A restriction, a locked vault, another's line and a missing second person stand before it too."""
    officer = house.person("officer")
    house.policy = dataclasses.replace(
        house.policy,
        purposes={
            name: dataclasses.replace(purpose, second_person=True)
            for name, purpose in house.policy.purposes.items()
        },
    )
    assert officer.post(ONE, **FORM).status_code == 403
    house.policy = dataclasses.replace(
        house.policy,
        purposes={
            name: dataclasses.replace(purpose, second_person=False)
            for name, purpose in house.policy.purposes.items()
        },
    )
    house.accounts.change("manager", ["manager"], ["support"])
    assert house.person("manager").post(ONE, **FORM).status_code == 404
    house.keeper.lock(by="officer")
    assert officer.post(ONE, **FORM).status_code == 423
    house.unlock()
    officer.post("/recordings/rsales001/restrict", reason="unlawful")
    assert officer.post(ONE, **FORM).status_code == 403
    assert "exported" not in house.kinds()


def test_a_program_hands_out_the_same(house: House) -> None:
    """By REST it is the same file under the same rights; a token that erases hands out nothing."""
    path = "/api/v1/recordings/rsales001/export"
    sent = {"reason": "dispute", "voices": "both", "recipient": KEY}
    assert Program(house, "officer", Scope.DISPOSE).post(path, **sent).status_code == 403
    answer = Program(house, "officer", Scope.EXPORT).post(path, **sent)
    assert answer.status_code == 200, answer.text
    files = opened(answer.data)
    assert set(files) >= WHOLE
    assert house.register.recording("rsales001").state is State.SEALED


# --- somebody who takes calls


@pytest.fixture
def anna(house: House) -> str:
    """An agent who took part in the recording, under the staff's agreement; returns their id."""
    house.policy = dataclasses.replace(
        house.policy, agents=dataclasses.replace(house.policy.agents, agreement="BV-1")
    )
    agents = house.app.extensions[EXTENSION].services.office.agents
    agent = agents.add("PJSIP/anna", "1")
    house.register.note_participants("rsales001", ["PJSIP/anna"], house.clock.now())
    return str(agent.id)


def test_an_officer_hands_an_agent_their_copy(house: House, anna: str) -> None:
    """A page, data, their notice and their side, sealed; the ledger has each recording that was opened."""
    form = {"agent": anna, "language": "en", "sound": "1", "recipient": KEY}
    answer = house.person("officer").post("/agents/copy", **form)
    assert answer.status_code == 200
    files = opened(answer.data)
    assert set(files) == {"index.html", "data.json", "notice.html", "audio/rsales001.flac"}
    assert json.loads(files["data.json"])["agent"]["endpoint"] == "PJSIP/anna"
    assert house.told("given") == [{"user": "officer", "recording": "rsales001", "agent": anna}]


def test_who_takes_no_more_calls_gets_their_copy_at_the_page_too(house: House, anna: str) -> None:
    """Somebody who was removed is offered for a copy as long as anything is kept of them."""
    officer = house.person("officer")
    officer.post("/agents", agent=anna, do="remove")
    assert f'<option value="{anna}">PJSIP/anna</option>' in officer.get("/agents").text
    form = {"agent": anna, "language": "en", "recipient": KEY}
    files = opened(officer.post("/agents/copy", **form).data)
    assert set(files) == {"index.html", "data.json", "notice.html"}
    assert house.told("agent-data-given") == [{"agent": anna, "user": "officer"}]


@pytest.mark.parametrize("wrong", [{"agent": "a"}, {"language": "xx"}, {"recipient": "age1x"}])
def test_a_copy_that_cannot_be_made_is_told(house: House, anna: str, wrong: dict[str, str]) -> None:
    """Nobody of that name, no words, no passphrase: it is said, and nothing was opened."""
    form = {"agent": anna, "language": "en", "sound": "1", "recipient": KEY, **wrong}
    answer = house.person("officer").post("/agents/copy", **form)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert "given" not in house.kinds()


def test_a_program_hands_an_agent_their_copy(house: House, anna: str) -> None:
    """By REST it is the same copy, for an officer's token of that scope alone."""
    path = f"/api/v1/agents/{anna}/copy"
    sent = {"language": "de", "sound": False, "recipient": KEY}
    assert Program(house, "manager").post(path, **sent).status_code == 403
    files = opened(Program(house, "officer", Scope.COPY_AGENTS).post(path, **sent).data)
    assert b'lang="de"' in files["index.html"]
