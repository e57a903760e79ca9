"""The socket by which the command line unlocks the page."""

from __future__ import annotations

import socket
import stat
from collections.abc import Iterator
from contextlib import closing

import pytest

from asterisk_gdpr.errors import GdprError, Refused, Unreachable
from asterisk_gdpr.service.keys.control import SOCKET, ControlServer, ask
from asterisk_gdpr.service.keys.keeper import Keeper
from tests.cli.house import PASSPHRASE, House


def _no_reload() -> None:
    raise Refused("Nothing is to be taken here.", id="no-reload")


@pytest.fixture
def keeper(house: House) -> Iterator[Keeper]:
    """The page's keeper, with its socket in the run folder."""
    with closing(house.open()) as installation:
        keeper = installation.keeper()
        server = ControlServer(installation.config.paths.run / SOCKET, keeper, _no_reload)
        server.start()
        yield keeper
        server.stop()


def test_unlocked_and_locked_again(house: House, keeper: Keeper) -> None:
    """unlock opens the page's vault and lock closes it; the ledger names the user of the machine."""
    assert house("unlock", "--passphrase-file", house.passphrase) == 0
    assert keeper.unlocked
    assert house.json("status", status=3)["unlocked"] is True
    assert house("lock") == 0
    assert not keeper.unlocked

    with closing(house.open()) as installation:
        *_, opened, closed = installation.register().entries()
    assert [opened.kind, closed.kind] == ["unlocked", "locked"]
    assert opened.payload is not None
    assert str(opened.payload["user"]).startswith("cli:")


def test_a_wrong_passphrase_is_told_as_such(house: House, keeper: Keeper) -> None:
    """What the page refuses is refused at the command line with the same id, and stays locked."""
    house.passphrase.write_text("not the passphrase\n")

    assert house("unlock", "--passphrase-file", house.passphrase) == 1
    assert "[wrong-passphrase]" in house.err
    assert not keeper.unlocked


def test_the_socket_is_for_its_owner_alone(house: House, keeper: Keeper) -> None:
    """Nobody else may even connect."""
    assert stat.S_IMODE((house.folder.parent / "run" / SOCKET).stat().st_mode) == 0o600


def test_one_page_at_a_time(house: House, keeper: Keeper) -> None:
    """A second page does not take the socket of a living one away."""
    second = ControlServer(house.folder.parent / "run" / SOCKET, keeper, _no_reload)
    with pytest.raises(Refused) as refused:
        second.start()
    assert refused.value.id == "already-running"
    second.stop()
    assert ask(house.folder.parent / "run", {"do": "state"}) is False


@pytest.mark.parametrize("line", [b"nonsense\n", b"[]\n", b'{"do":"dance"}\n', b'{"do":"unlock"}\n', b"{"])
def test_nonsense_is_refused_and_survived(house: House, keeper: Keeper, line: bytes) -> None:
    """Whatever is sent, the page answers that it is no question, and goes on to answer others."""
    run = house.folder.parent / "run"
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(run / SOCKET))
        connection.sendall(line)
        connection.shutdown(socket.SHUT_WR)
        assert b'"id": "misuse"' in connection.recv(4096)

    assert ask(run, {"do": "state"}) is False


def test_no_page_no_answer(house: House) -> None:
    """Without a page, and after one that was killed, asking is unreachable, not a hang."""
    run = house.folder.parent / "run"
    with pytest.raises(Unreachable):
        ask(run, {"do": "state"})
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(run / SOCKET))
    with pytest.raises(Unreachable):
        ask(run, {"do": "state"})


def test_a_socket_that_was_left_is_taken_over(house: House) -> None:
    """After a kill the next page takes the place of the dead one's socket."""
    path = house.folder.parent / "run" / SOCKET
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    with closing(house.open()) as installation:
        server = ControlServer(path, installation.keeper(), _no_reload)
        server.start()
        assert ask(path.parent, {"do": "unlock", "passphrase": PASSPHRASE}) is True
        server.stop()
    assert not path.exists()


def test_the_page_takes_another_policy_when_it_is_told(house: House) -> None:
    """A policy comes into force at the page by a word, and one that is refused is told as such."""
    path = house.folder.parent / "run" / SOCKET
    with closing(house.open()) as installation:
        policy = installation.policy_in_force()
        server = ControlServer(path, installation.keeper(), policy.reload)
        server.start()
        before, file = policy(), house.folder / "policy.yaml"
        file.write_text(file.read_text().replace("keep: 90 days", "keep: 80 days"))
        assert policy() is before
        ask(path.parent, {"do": "reload"})
        assert policy().purposes["quality"].keep.count == 80
        file.write_text(file.read_text().replace("basis: consent", "basis: whim"))
        with pytest.raises(GdprError) as refused:
            ask(path.parent, {"do": "reload"})
        server.stop()

    assert refused.value.id == "config-faults"
    assert policy().purposes["quality"].keep.count == 80
