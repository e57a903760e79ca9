"""The copies that a data subject is given, handed out at the page."""

from __future__ import annotations

import io
import json
import zipfile

import pyrage
import pytest

from asterisk_gdpr.core.requests import Identity, Right, Status
from tests.playback.world import NUMBER
from tests.web.house import House

SAID = "correct horse battery"


def asked(house: House, right: Right = Right.ACCESS, *, known: bool = True) -> str:
    """A request of the caller's, who was called back."""
    requests = house.app.extensions["asterisk-gdpr"].services.office.requests
    request = requests.open(right, by="officer", number=NUMBER)
    if known:
        requests.identify(request.id, Identity.CALLBACK, "officer")
    return str(request.id)


def form(**more: str) -> dict[str, str]:
    """The form as it is filled in."""
    return {"do": "package", "voices": "both", "passphrase": SAID, **more}


def by_passphrase(sealed: bytes) -> bytes:
    """Open it; on a busy machine age may reckon its own file too costly, and is asked again."""
    for _ in range(5):
        try:
            opened: bytes = pyrage.passphrase.decrypt(sealed, SAID)
        except pyrage.DecryptError as refused:
            if "Excessive" not in str(refused):
                raise
        else:
            return opened
    raise AssertionError("age finds its own file too costly")


@pytest.mark.thorough
def test_the_officer_takes_the_file_and_closes_the_request(house: House) -> None:
    """The file opens by its passphrase alone, with sound and facts; then the request closes with a letter."""
    request, officer = asked(house), house.person("officer")
    answer = officer.post(f"/requests/{request}", **form())
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{request}.zip.age"'
    assert answer.headers["Cache-Control"] == "no-store"
    with pytest.raises(pyrage.DecryptError):
        pyrage.passphrase.decrypt(answer.data, "another passphrase")
    with zipfile.ZipFile(io.BytesIO(by_passphrase(answer.data))) as package:
        assert set(package.namelist()) == {"index.html", "data.json", "audio/rsales001.flac"}
        told = json.loads(package.read("data.json"))
    assert told["request"] == request and told["voices"] == "both"
    assert house.told("given") == [{"user": "officer", "recording": "rsales001", "request": request}]

    closed = officer.post(f"/requests/{request}", do="fulfil")
    assert closed.status_code == 200
    assert "Example Energy" in closed.text
    assert house.register.request(request).status is Status.FULFILLED


@pytest.mark.thorough
def test_a_request_is_not_closed_without_its_copies(house: House) -> None:
    """Who closes a request for copies before the file was taken, or after another's, is told so."""
    request, other, officer = asked(house), asked(house), house.person("officer")
    for taken in ("", other):
        if taken:
            assert officer.post(f"/requests/{taken}", **form()).status_code == 200
        answer = officer.post(f"/requests/{request}", do="fulfil")
        assert answer.status_code == 400
        assert "Take the file" in answer.text
        assert house.register.request(request).status is Status.OPEN


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"passphrase": "short"}, "at least twelve"),
        ({"passphrase": ""}, "at least twelve"),
        ({"recipient": "age1nothing"}, "age1"),
        ({"voices": "nobody"}, "Say why"),
    ],
)
def test_what_cannot_be_sealed_is_told_first(house: House, wrong: dict[str, str], says: str) -> None:
    """A weak passphrase, no key and no choice are told, and nothing was opened."""
    request = asked(house)
    answer = house.person("officer").post(f"/requests/{request}", **form(**wrong))
    assert answer.status_code == 400
    assert says in answer.text
    assert house.told("given") == []


def test_nothing_is_handed_out_to_who_is_not_known(house: House) -> None:
    """Before it is made sure who asks, and for a request of another kind, there is no file."""
    officer = house.person("officer")
    for request in (asked(house, known=False), asked(house, Right.ERASURE)):
        assert officer.post(f"/requests/{request}", **form()).status_code == 400
    assert house.told("given") == []


def test_a_locked_vault_hands_out_nothing(house: House) -> None:
    """While the vault is locked nothing is opened."""
    request = asked(house)
    officer = house.person("officer")
    house.keeper.lock(by="officer")
    assert officer.post(f"/requests/{request}", **form()).status_code == 423
    assert house.register.request(request).status is Status.OPEN
