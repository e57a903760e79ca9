"""Today: what goes on, what callers chose, and what somebody must see to."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from asterisk_gdpr.core.alarms import LOUDEST
from asterisk_gdpr.core.requests import Right
from asterisk_gdpr.ports import Alarm, CallRow, Evidence, Tally
from asterisk_gdpr_web import chart
from asterisk_gdpr_web.language import choose, grouped, say
from asterisk_gdpr_web.settings import EXTENSION
from tests.playback.world import NOON, NUMBER
from tests.web.house import House


def call(house: House, id: str, choice: str = "", *, line: str = "sales", days_ago: int = 0) -> None:
    """A call, and what the caller chose."""
    at = NOON - timedelta(days=days_ago)
    house.register.add_call(
        CallRow(
            id=id, channel=id, linkedid=id, line=line, language="de", node="pbx1", policy="p", arrived_at=at
        )
    )
    if choice:
        house.register.commit_choice(Evidence(id, at, choice, {}))


def beat(house: House, *going: dict[str, str]) -> None:
    """The daemon says how it goes."""
    facts = {"calls": len(going), "asterisk": True, "spool_room": 90, "now": list(going)}
    house.register.beat("pbx1", house.clock.now(), facts)


def test_a_call_is_shown_while_it_goes_on(house: House) -> None:
    """Phase, line, and whether it is recorded with the reason; gone when the daemon tells of it no more."""
    call(house, "c1", "agreed")
    beat(house, {"call": "c1", "phase": "passed", "light": "muted", "because": "hold"})
    visitor = house.person("supervisor")

    for path in ("/today", "/today/now"):
        text = visitor.get(path).text
        assert "Connected" in text
        assert "Muted" in text
        assert "on hold" in text

    beat(house)
    assert "Nobody is calling" in visitor.get("/today/now").text


def test_what_a_silent_daemon_said_is_not_shown_as_now(house: House) -> None:
    """Of a daemon that gives no sign of life nothing is shown as going on, and it is called silent."""
    call(house, "c1", "agreed")
    beat(house, {"call": "c1", "phase": "passed", "light": "on", "because": ""})
    house.clock.pass_by(seconds=16)

    text = house.person("supervisor").get("/today").text
    assert "Nobody is calling" in text
    assert "silent" in text


def test_choices_are_counted_over_days_by_line(house: House) -> None:
    """The share that agreed is of those who were asked; a line narrows it; earlier days are left out."""
    for n, (choice, line) in enumerate(
        [
            ("agreed", "sales"),
            ("refused", "sales"),
            ("refused", "sales"),
            ("agreed", "support"),
            ("exempt", "x"),
        ]
    ):
        call(house, f"n{n}", choice, line=line, days_ago=n)
    call(house, "old", "agreed", days_ago=20)
    visitor = house.person("manager")

    # The house's own recording belongs to a call of today that agreed on `sales`.
    assert "<strong>60 %</strong>" in visitor.get("/today?days=7").text
    assert "<strong>50 %</strong>" in visitor.get("/today?days=7&line=sales").text
    assert "<strong>60 %</strong>" in visitor.get("/today?days=30&language=de").text


def test_the_share_is_of_those_who_were_asked() -> None:
    """Agreeing to a part is agreeing; who was not asked, or could not say no, does not count."""
    counts = chart.Counter(agreed=2, partial=1, refused=1, not_objected=4, mandatory=9, unavailable=9)

    assert chart.share_of(counts) == round(100 * 3 / 8)
    assert chart.share_of(chart.Counter(mandatory=3)) is None


def test_a_day_is_a_local_day_in_the_chart() -> None:
    """A call at 23:30 UTC belongs to the next day in Berlin."""
    tally = Tally(NOON.replace(hour=23), "sales", "de", "agreed", 4)
    drawn = chart.draw([tally], date(2026, 11, 23), 2, ZoneInfo("Europe/Berlin"))

    assert [bar.calls for bar in drawn.bars] == [0, 4]
    assert drawn.bars[1].parts[0].height == chart.HEIGHT


def test_a_refused_call_that_is_recorded_comes_first(house: House) -> None:
    """Before every other alarm stands that somebody else records a caller who has refused."""
    house.register.raise_alarm(Alarm("disk-full", "vault", NOON, "The vault is full."))
    despite = Alarm(LOUDEST, "csales001", NOON, "Call csales001 on line sales: it is recorded.")
    house.register.raise_alarm(despite)
    text = house.person("officer").get("/today").text

    assert 0 < text.index("csales001") < text.index("The vault is full.")


def test_who_sees_to_an_alarm_is_written_down(house: House) -> None:
    """An alarm can be taken on once, by those whose office it is; it goes on to stand."""
    house.register.raise_alarm(Alarm("disk-full", "vault", NOON, "The vault is full."))
    visitor = house.person("officer")
    assert "The vault is full." in visitor.get("/today").text

    assert visitor.post("/today/alarms", id="disk-full", about="vault").status_code == 303
    text = visitor.get("/today").text
    assert "officer sees to it" in text
    assert "I see to it" not in text
    assert house.told("alarm-seen-to") == [{"user": "officer", "alarm": "disk-full", "about": "vault"}]

    house.register.clear_alarm("disk-full", "vault", NOON)
    assert visitor.post("/today/alarms", id="disk-full", about="vault").status_code == 400
    assert house.person("quality").post("/today/alarms", id="disk-full", about="vault").status_code == 403


def test_what_is_overdue_is_shown_in_red(house: House) -> None:
    """What should have been erased and is not stands on the first page; what ends within a week too."""
    visitor = house.person("officer")
    assert "0 end within a week" in visitor.get("/today").text
    assert "Should be erased" not in visitor.get("/today").text

    house.clock.pass_by(days=86)
    visitor = house.person("officer")
    assert "1 ends within a week" in visitor.get("/today").text
    house.clock.pass_by(days=6)
    assert "Should be erased by now, and is not: 1" in house.person("officer").get("/today").text


@pytest.mark.parametrize("role", ["admin", "manager", "auditor"])
def test_no_number_stands_on_the_first_page(house: House, role: str) -> None:
    """Who only looks after the system, and everybody else, sees no number and no recording there."""
    text = house.person(role).get("/today").text

    assert NUMBER[4:] not in re.sub(r"\D", "", text)
    assert "rsales001" not in text


def test_requests_with_their_clocks_stand_on_the_first_page(house: House) -> None:
    """Whose office they are sees those that must be answered first, with the days left; nobody else does."""
    requests = house.app.extensions[EXTENSION].services.office.requests
    requests.open(Right.ERASURE, by="officer", number=NUMBER)
    assert "Erasure (Art. 17)" in house.person("auditor").get("/today").text
    assert ">30 days left<" in house.person("officer").get("/today").text
    assert "Erasure (Art. 17)" not in house.person("manager").get("/today").text
    house.clock.pass_by(days=40)
    assert "overdue by 10 days" in house.person("officer").get("/today").text


def test_the_last_self_test_stands_on_the_first_page(house: House) -> None:
    """Whether it passed, when, and of which line; one that is some nights old is called that."""
    visitor = house.person("supervisor")
    assert "None has run yet." in visitor.get("/today").text
    for passed in (True, False):
        house.register.record(
            "self-test", {"node": "pbx1", "line": "sales", "passed": passed}, house.clock.now()
        )
        text = house.person("supervisor").get("/today").text
        assert (">passed<" in text, ">failed<" in text) == (passed, not passed)
    assert "two days ago" not in text
    house.clock.pass_by(days=3)
    assert "longer than two days ago" in house.person("supervisor").get("/today").text


def test_the_vaults_key_stands_on_the_first_page(house: House) -> None:
    """Since when its pair is in use, and whether an earlier private key should be gone and is not."""
    house.register.add_epoch("e1", "MLKEM768_X25519", b"public", NOON)
    text = house.person("officer").get("/today").text
    assert "Key pair since 23 Nov 2026" in text
    assert "Earlier private keys" not in text
    house.clock.pass_by(days=30)
    house.register.add_epoch("e2", "MLKEM768_X25519", b"public", house.clock.now())
    text = house.person("officer").get("/today").text
    assert "Key pair since 23 Dec 2026" in text
    assert "Earlier private keys that still exist: 1" in text


def test_the_share_that_agreed_is_drawn_over_the_days() -> None:
    """A line from day to day, broken on a day on which nobody was asked."""
    days = [date(2026, 11, 23) + timedelta(days=n) for n in range(4)]
    tallies = [
        Tally(datetime(day.year, day.month, day.day, 12, tzinfo=UTC), "sales", "de", choice, calls)
        for day, choice, calls in [
            (days[0], "agreed", 1),
            (days[1], "agreed", 1),
            (days[1], "refused", 3),
            (days[2], "exempt", 5),
            (days[3], "refused", 2),
        ]
    ]
    drawn = chart.draw(tallies, days[0], 4, ZoneInfo("Europe/Berlin"))
    assert [bar.share for bar in drawn.bars] == [100, 25, None, 0]
    assert drawn.path == "M90.0 0.0L90.0 0.0L270.0 135.0M630.0 180.0L630.0 180.0"


def test_one_of_something_is_one_and_a_million_is_read_at_a_glance(house: House) -> None:
    """Counts take their form and the separators of the page's language."""
    with house.app.test_request_context(headers={"Accept-Language": "en"}):
        choose()
        assert say("requests.in-time", count=1) == "1 day left"
        assert say("requests.in-time", count=0) == "0 days left"
        assert say("storage.kept", count=1_204_000) == "1,204,000 sealed recordings are kept."
    with house.app.test_request_context(headers={"Accept-Language": "de"}):
        choose()
        assert say("requests.overdue", count=1) == "seit 1 Tag überfällig"
        assert grouped(1_204_000) == "1.204.000"


def test_the_count_of_calls_follows_with_the_calls(house: House) -> None:
    """What is loaded anew brings the number at the top along, and nothing where nothing has changed."""
    visitor = house.person("supervisor")
    page = visitor.get("/today").text
    (shown,) = re.findall(r'hx-get="(/today/now[^"]*)"', page)
    assert visitor.get(shown).status_code == 204
    assert 'id="tile-calls" hx-swap-oob' not in page

    call(house, "c1", "agreed")
    beat(house, {"call": "c1", "phase": "passed", "light": "on", "because": ""})
    anew = visitor.get(shown).text
    assert re.search(r'<li id="tile-calls" hx-swap-oob="true">.*<strong>1</strong>', anew)
    assert visitor.get(re.findall(r'hx-get="(/today/now[^"]*)"', anew)[0]).status_code == 204


def test_the_chart_is_there_in_numbers_too(house: House) -> None:
    """Each day of the picture has its row, for whoever cannot see it."""
    call(house, "c1", "agreed")
    beat(house, {"call": "c1", "phase": "passed", "light": "on", "because": ""})
    text = house.person("officer").get("/today?days=7").text
    rows = text[text.index("Day by day") : text.index("By line and language")]
    assert rows.count('<th scope="row"') == 7
    assert "<td" in rows and "23 Nov 2026" in rows
