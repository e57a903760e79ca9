"""Two nodes, each with an Asterisk and phones of its own, on one register in PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from asterisk_gdpr.ports import CallRow
from asterisk_gdpr.rig.debian import Programs
from asterisk_gdpr.rig.phone_call import PhoneCall
from asterisk_gdpr.rig.postgres import Postgres
from asterisk_gdpr.rig.sound import seconds_of
from asterisk_gdpr.service.proof.ledger import verify_book
from tests.live.house import House, within
from tests.live.listening import listen, overlap

pytestmark = pytest.mark.live


class Node(House):
    """A house whose register is in PostgreSQL; `keys` are those of the node that made it."""

    def __init__(self, programs: Programs, name: str, url: str, first: House | None = None) -> None:
        super().__init__(programs)
        self.name = name
        self._url = url
        self._first = first
        if first is not None:
            self.passphrase = first.passphrase

    def wishes(self) -> Sequence[str]:
        return ("--register", self._url, "--node", self.name)

    def furnish(self) -> None:
        if self._first is not None:
            place = Path("state/keys")
            (self.installation / place).parent.mkdir(parents=True)
            shutil.copytree(self._first.installation / place, self.installation / place)
        super().furnish()

    def newest(self) -> CallRow:
        """This node's newest call."""
        return next(row for row in self.register.calls(limit=20) if row.node == self.name)

    def talk(self, number: str, seconds: float) -> tuple[PhoneCall, PhoneCall]:
        """A caller who keeps silent at the notice, and talks with anna."""
        agent = self.phones.agent("anna", tone=1000, answer_after=0.2)
        count = len(agent.calls) + 1
        call = self.phones.call("support", number=number, script=f"tone 400; wait {seconds}; hangup")
        return call, agent.wait_call(20, count=count)


@dataclass
class Site:
    """A server and two nodes."""

    server: Postgres
    one: Node
    two: Node


@pytest.fixture(scope="module")
def site(programs: Programs) -> Iterator[Site]:
    """Both nodes up."""
    with Postgres() as server:
        url = server.make("site")
        with Node(programs, "pbx1", url) as one, Node(programs, "pbx2", url, one) as two:
            yield Site(server, one, two)


def test_each_node_keeps_its_own_calls(site: Site) -> None:
    """Two nodes record calls at once, each its own; a daemon that is killed takes up its own alone."""
    calls = [(node, *node.talk(f"+491511234590{n}", 8)) for n, node in enumerate((site.one, site.two))]
    for _, _, agent in calls:
        agent.wait_answered()
    rows = [node.newest() for node, _, _ in calls]
    site.one.kill("run")
    site.one.start("run")
    for node, call, agent in calls:
        call.wait_ended()
        agent.wait_ended()
        told = node.wait_sealed(node.newest().id)
        left, right = listen(node, told["recording"])
        lost = 3.5 if node is site.one else 0.3  # as long as nobody watched, and before it
        assert seconds_of(left, 400) == pytest.approx(overlap(call, agent), abs=lost)
        assert seconds_of(right, 1000) > 1.0
        assert node.register.recording(told["recording"]).node == node.name

    assert [row.node for row in rows] == ["pbx1", "pbx2"]
    assert not site.one.register.calls_alive("pbx1") and not site.one.register.calls_alive("pbx2")
    assert verify_book(site.two.register).ok


def test_a_server_that_dies_in_a_talk(site: Site) -> None:
    """While the database is down calls go on; what was recorded by then is sealed when it is back."""
    call, agent = site.two.talk("+4915112345910", 7)
    agent.wait_answered()
    running = site.two.newest()
    site.server.stop()
    second, other = site.two.talk("+4915112345911", 5)
    for each in (second, other, call, agent):
        each.wait_ended()
    site.server.start()
    told = site.two.wait_sealed(running.id)
    left, _ = listen(site.two, told["recording"])
    assert seconds_of(left, 400) == pytest.approx(overlap(call, agent), abs=0.3)
    assert second.started_at and other.started_at
    assert other.started_at - second.started_at < 8

    after, last = site.two.talk("+4915112345912", 5)
    after.wait_ended()
    last.wait_ended()
    row = within(lambda: row if (row := site.two.newest()).id != running.id else None, 5)
    assert site.two.wait_sealed(row.id)["recording"]
