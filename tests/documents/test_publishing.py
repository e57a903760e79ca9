"""Publishing, the archive, and the alarm when what is said in public is not what is configured."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from asterisk_gdpr.config import load_wordings, shipped
from asterisk_gdpr.core.notice import notice
from asterisk_gdpr.core.policy import Period, Policy, Unit
from asterisk_gdpr.errors import ConfigFaults, Refused
from asterisk_gdpr.service.alarms import Alarms
from asterisk_gdpr.service.documents.documents import Documents
from asterisk_gdpr.service.documents.public_word import PublicWord
from asterisk_gdpr.service.documents.publishing import Publishing
from tests.documents.conftest import Write
from tests.fakes.register import MemoryRegister

pytestmark = pytest.mark.thorough

WORDINGS = load_wordings(shipped() / "notices")


@dataclass
class Press:
    """A controller whose policy changes while notices are published; `speaks` is what callers hear."""

    folder: Path
    policy: Policy
    write: Write
    register: MemoryRegister = field(default_factory=MemoryRegister)
    time: datetime = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)
    speaks: Policy | None = None
    faulty: bool = False

    def now(self) -> datetime:
        return self.time

    def publishing(self) -> Publishing:
        documents: Documents = self.write(self.policy)
        zone = ZoneInfo("Europe/Berlin")
        return Publishing(self.register, documents, lambda: self.policy.version, self, zone)

    def alarms(self) -> set[tuple[str, str]]:
        """What stands after a look."""
        PublicWord(self.load, WORDINGS, self.spoken, self.publishing(), Alarms(self.register, self)).tick()
        return {(alarm.id, alarm.about) for alarm in self.register.alarms()}

    def load(self) -> Policy:
        if self.faulty:
            raise ConfigFaults([])
        return self.policy

    def spoken(self) -> dict[tuple[str, str, str], str]:
        policy = self.speaks or self.policy
        return {
            (line.name, language, part.id): part.text
            for line in policy.lines.values()
            for language in line.languages
            for part in notice(policy, line, WORDINGS[language])
        }

    def shorten(self) -> None:
        """Change what the notice of the lines sales and billing says."""
        quality = replace(self.policy.purposes["quality"], keep=Period(60, Unit.DAYS))
        purposes = {**self.policy.purposes, "quality": quality}
        self.policy = replace(self.policy, purposes=purposes, version="0" * 64)


@pytest.fixture
def press(tmp_path: Path, sample: Policy, write: Write) -> Press:
    """A controller who has published nothing yet."""
    return Press(tmp_path / "public", sample, write)


def files(press: Press) -> set[str]:
    """The names of what lies in the published folder."""
    return {str(path.relative_to(press.folder)) for path in press.folder.rglob("*") if path.is_file()}


def test_every_line_and_language_is_published_in_every_form(press: Press) -> None:
    """Publishing writes a page, a text and a PDF for each line and language, and for the agents."""
    fresh = press.publishing().publish(press.folder)

    lines = ("sales", "support", "trading", "billing")
    names = [f"line-{line}.{language}" for line in lines for language in ("en", "de")]
    names += ["agents.en", "agents.de"]
    assert len(fresh) == len(names)
    assert {f"{name}.{form}" for name in names for form in ("html", "md", "pdf")} <= files(press)
    page = (press.folder / "line-sales.de.html").read_text()
    assert "veröffentlicht am 2026-11-26" in page  # the day in Berlin
    assert 'href="line-sales.en.html" lang="en" hreflang="en">English' in page
    assert 'href="line-sales.de.archive.html"' in page


def test_what_has_not_changed_keeps_its_version_and_day(press: Press) -> None:
    """Publishing again without a change makes no new version, and the page keeps the day of its own."""
    press.publishing().publish(press.folder)
    before = {name: (press.folder / name).read_bytes() for name in files(press) if not name.endswith(".pdf")}
    press.time += timedelta(days=30)

    assert press.publishing().publish(press.folder) == []
    assert {name: (press.folder / name).read_bytes() for name in before} == before


def test_every_earlier_version_can_be_read(press: Press) -> None:
    """The archive holds each version that was ever published, as it was, with its day."""
    press.publishing().publish(press.folder)
    first = (press.folder / "line-sales.en.md").read_text()
    press.time += timedelta(days=30)
    press.shorten()

    fresh = press.publishing().publish(press.folder)

    assert {document.line for document in fresh} == {"sales", "billing", ""}
    old = press.register.earlier("notice", "sales", "en")[1]
    assert old.text == first and "after 90 days" in first
    archived = (press.folder / f"archive/line-sales.en.{old.version[:12]}.html").read_text()
    assert "after 90 days" in archived and "published on 2026-11-26" in archived
    assert "after 60 days" in (press.folder / "line-sales.en.html").read_text()
    listed = (press.folder / "line-sales.en.archive.html").read_text()
    assert listed.count("archive/line-sales.en.") == 2


def test_a_folder_of_somebody_else_is_left_alone(press: Press) -> None:
    """A folder that holds anything else is refused, and nothing in it is touched."""
    press.folder.mkdir()
    (press.folder / "line-sales.en.html").write_text("not ours")

    with pytest.raises(Refused) as refused:
        press.publishing().publish(press.folder)

    assert refused.value.id == "not-ours"
    assert files(press) == {"line-sales.en.html"}
    assert press.register.published() == []


def test_a_crash_while_publishing_is_mended_by_publishing_again(press: Press) -> None:
    """When the register takes nothing, nothing counts as published; the next publishing makes it whole."""
    press.register.away = True
    with pytest.raises(Exception, match="does not answer"):
        press.publishing().publish(press.folder)
    press.register.away = False
    assert press.register.published() == []

    assert len(press.publishing().publish(press.folder)) == 10
    assert press.alarms() == set()


def test_an_alarm_stands_while_what_is_published_is_not_what_is_configured(press: Press) -> None:
    """A change of the policy is an alarm for each notice that it changes, until that is published."""
    assert press.alarms() == set()  # never published: `check` tells of that
    press.publishing().publish(press.folder)
    assert press.alarms() == set()

    press.shorten()
    changed = {("notice-outdated", about) for about in ("sales", "billing", "agents")}
    assert press.alarms() == changed
    press.faulty = True
    assert press.alarms() == changed
    press.faulty = False

    press.publishing().publish(press.folder)
    assert press.alarms() == set()


def test_a_line_that_is_gone_is_still_published(press: Press) -> None:
    """The notice of a line that the policy has no more is outdated as long as it is the last one."""
    press.publishing().publish(press.folder)
    lines = {name: line for name, line in press.policy.lines.items() if name != "support"}
    press.policy = replace(press.policy, lines=lines)

    assert ("notice-outdated", "support") in press.alarms()


def test_an_alarm_stands_while_callers_hear_something_else(press: Press) -> None:
    """While the prompts say what the policy's file does not, an alarm names each of those lines."""
    press.speaks = press.policy
    press.shorten()
    assert press.alarms() == {("spoken-differs", "sales"), ("spoken-differs", "billing")}

    press.speaks = None
    assert press.alarms() == set()
