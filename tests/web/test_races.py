"""Erasing while somebody listens: at every single step of the one and of the other."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable

import pytest

from asterisk_gdpr.core.recording import Reason, State
from asterisk_gdpr_web.settings import EXTENSION
from tests.web.house import House

PATH = "/recordings/rsales001/audio"
LONG = ((4000,) * 30,)
"""Many small segments, so that a listening has many steps."""


def erase(house: House) -> None:
    """As a person does it at the page."""
    services = house.app.extensions[EXTENSION].services
    services.erase("rsales001", Reason.REQUESTED, False)


def at_read(house: House, number: int, then: Callable[[], None]) -> list[int]:
    """Let something happen just before the so-manyth read of the vault; returns a counter of reads."""
    reads, read = [0], house.vault.read

    def counted(name: str, offset: int, length: int) -> bytes:
        reads[0] += 1
        if reads[0] == number:
            then()
        return read(name, offset, length)

    house.vault.read = counted  # type: ignore[method-assign]  # this house's own
    return reads


@pytest.mark.thorough
@pytest.mark.parametrize("later", [0, 2])
def test_an_erasure_at_any_step_of_a_listening(later: int) -> None:
    """What was sent is a true beginning of the sound, nothing is sent any more, and no answer is a bug."""
    house = House()
    whole = house.seal("sales001", purposes=("quality", "disputes"), plan=LONG)
    house.unlock()
    full = house.reviewer().get(PATH).data
    assert len(full) > len(whole)
    total = at_read(house, 0, lambda: None)
    house.reviewer().get(PATH)

    for number in itertools.chain(range(1, total[0] + 1, max(1, total[0] // 12)), [total[0]]):
        house = House()
        house.seal("sales001", purposes=("quality", "disputes"), plan=LONG)
        house.unlock()
        visitor = house.reviewer()

        def now(house: House = house) -> None:
            erase(house)
            house.clock.pass_by(seconds=later)

        at_read(house, number, now)
        try:
            answer = visitor.get(PATH)
        except Exception as bug:
            pytest.fail(f"at read {number}: {bug!r}")
        assert answer.status_code in (200, 404, 409, 410), number
        if answer.status_code == 200:
            assert full.startswith(answer.data), number
            assert "listened" in house.kinds()
        assert house.register.recording("rsales001").state is State.ERASED
        assert visitor.get(PATH).status_code in (404, 410)
        assert house.register.keys("rsales001") == []


def test_many_listen_while_it_is_erased() -> None:
    """However the threads fall, whoever asks after the erasure gets nothing, and before it the true sound."""
    house = House()
    house.seal("sales001", purposes=("quality", "disputes"), plan=LONG)
    house.unlock()
    people = [house.reviewer() for _ in range(4)]
    full = people[0].get(PATH).data
    start, gone = threading.Barrier(5), threading.Event()
    wrong: list[object] = []

    def listen(place: int) -> None:
        start.wait()
        for _ in range(20):
            after = gone.is_set()
            answer = people[place].get(PATH, Range="bytes=0-9999")
            if answer.status_code == 206 and (after or not full.startswith(answer.data)):
                wrong.append((after, answer.status_code))
            if answer.status_code not in (206, 404, 409, 410):
                wrong.append(answer.status_code)

    threads = [threading.Thread(target=listen, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    start.wait()
    erase(house)
    gone.set()
    for thread in threads:
        thread.join()
    assert wrong == []
