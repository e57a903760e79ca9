"""Which combinations the law does not carry."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from asterisk_gdpr.config import load_pack, load_policy, load_rules, pack_names, shipped
from asterisk_gdpr.config.pack_file import load_overlay, overlay_names
from asterisk_gdpr.core.lawfulness import broken
from asterisk_gdpr.core.pack import Standing
from asterisk_gdpr.core.policy import Period, Policy, Unit
from asterisk_gdpr.errors import ConfigFaults
from tests.policy.conftest import Check

QUALITY = "  quality:\n    basis: consent\n    choice: opt_in\n"
DISPUTES = "  disputes:\n    basis: consent\n    choice: opt_in\n"


@pytest.mark.parametrize(
    ("old", "new", "id", "article"),
    [
        (QUALITY, QUALITY.replace("opt_in", "opt_out"), "opt-out-called-consent", "Art. 4(11), 7 GDPR"),
        (QUALITY, QUALITY.replace("opt_in", "none"), "consent-without-choice", "Art. 4(11), 7 GDPR"),
        ("choice: opt_out", "choice: opt_in", "opt-in-without-consent", "Art. 7(3) GDPR"),
        ("choice: opt_out", "choice: none", "no-way-to-object", "Art. 21(1) GDPR"),
        ("choice: none", "choice: opt_out", "refusable-obligation", "17(3)(b) GDPR"),
        ("    assessment: LIA-2026-07\n", "", "no-assessment", "Art. 6(1)(f)"),
        ("    obligation: mifid2\n", "", "no-obligation", "Art. 6(1)(c)"),
        ("obligation: mifid2", "obligation: mifid3", "unknown-obligation", "Art. 6(3) GDPR"),
        ("keep: 5 years", "keep: 8 years", "period-too-long", "Art. 5(1)(e) GDPR"),
        ("keep: 5 years", "keep: 59 months", "period-too-short", "2017/565"),
        (
            "basis: legal_obligation\n    choice: none\n    obligation: mifid2",
            "basis: contract\n    choice: none",
            "no-decision",
            "Art. 6(1)",
        ),
        (
            "basis: consent",
            "basis: consent\n    obligation: mifid2",
            "obligation-without-basis",
            "Art. 6(1)(c)",
        ),
        ("permission: all_consent", "permission: statute", "statute-without-law", "Art. 6(3)"),
        ("[quality, disputes]", "[quality, disputs]", "unknown-purpose", "disputs"),
        ("[quality, disputes]", "[quality, quality]", "named-twice", "quality"),
        ("{exempt: true}", "{mode: live}", "no-purposes", "Art. 5(1)(b), 6(1) GDPR"),
        ("{exempt: true}", "{exempt: true, purposes: [quality]}", "exempt-with-purposes", "never recorded"),
        ('endpoints: ["PJSIP/2*"]', "line: colleagues", "unknown-line", "colleagues"),
        (", de: Streitfälle", "", "no-title", "Art. 12(1), 13(1)(c) GDPR"),
        ("ask: together", "ask: together, languages: [en, eo]", "no-wording", "Art. 12(1) GDPR"),
        (
            "[quality, disputes], ask: together",
            "[quality, disputes, improvement], ask: each",
            "ask-each-beside-opt-out",
            "Art. 7(2), 12(1) GDPR",
        ),
        (
            "purposes: [improvement],",
            "purposes: [improvement], early_media: true,",
            "early-media-without-agreement",
            "Art. 5(2), 13 GDPR",
        ),
        (
            "ask: together",
            "ask: together, early_media: true, direction: outbound",
            "early-media-outbound",
            "once they have answered",
        ),
    ],
)
def test_what_the_law_does_not_carry_is_refused(
    check: Check, old: str, new: str, id: str, article: str
) -> None:
    """A combination that the law does not carry is refused with its article, its line and a way out."""
    new_line = new.replace(", languages: [en, eo]", "")
    replacement = (
        (old, new)
        if new_line == new
        else ("languages: [en, de]}\n  # Opt-out", "languages: [en, eo]}\n  # Opt-out")
    )
    faults = [fault for fault in check(replacement) if fault.id == id]

    assert faults
    assert article in faults[0].message
    assert faults[0].hint
    assert faults[0].line > 1


def test_a_policy_that_nobody_approved_runs_no_line(check: Check) -> None:
    """Without the controller's approval a policy does not load."""
    approval = (shipped() / "policy.yaml").read_text().split("approved:\n")[1].split("\npurposes")[0]

    assert "not-approved" in [fault.id for fault in check(("approved:\n" + approval, ""))]


def test_a_decision_stands_for_a_duty_that_no_list_has(check: Check) -> None:
    """A duty outside the pack's list is carried by a named decision of the controller."""
    assert check(("obligation: mifid2", "decision: DEC-7"), ("overlays: [mifid]\n", "")) == []


def test_germany_wants_the_consent_of_all(check: Check) -> None:
    """Under pack `de`, a line that merely informs is refused, with the paragraph that says why."""
    faults = check(("pack: eu", "pack: de"))

    assert [(fault.id, "§ 201(1)" in fault.message) for fault in faults] == [
        ("no-decision", False),
        ("permission-not-allowed", True),
    ]


def test_germany_carries_a_reasoned_exception(check: Check) -> None:
    """Pack `de` carries legitimate interests only where the controller states why it is an exception."""
    faults = check(
        ("pack: eu", "pack: de"),
        ("assessment: LIA-2026-07", "assessment: LIA-2026-07\n    decision: DEC-1"),
        ("permission: all_informed", "permission: all_consent"),
    )

    assert faults == []


def test_a_period_above_the_packs_maximum_is_refused(check: Check) -> None:
    """Under pack `fr`, six months are the most, however they are written."""
    assert check(("pack: eu", "pack: fr")) == []
    assert [f.id for f in check(("pack: eu", "pack: fr"), ("keep: 6 months", "keep: 7 months"))] == [
        "period-too-long"
    ]
    assert [f.id for f in check(("pack: eu", "pack: fr"), ("keep: 6 months", "keep: 183 days"))] == [
        "period-too-long"
    ]
    assert check(("pack: eu", "pack: fr"), ("keep: 6 months", "keep: 26 weeks")) == []


@pytest.mark.parametrize("name", pack_names(shipped() / "packs"))
def test_every_rule_of_a_pack_has_a_source(name: str) -> None:
    """Each pack is dated, and each of its rules says what it rests on and whether that was confirmed."""
    pack = load_pack(name, shipped() / "packs")

    assert pack.dated.year >= 2026
    assert pack.rules
    assert all(
        rule.source.startswith("http") and rule.cites and rule.standing in Standing for rule in pack.rules
    )


@pytest.mark.parametrize("name", overlay_names(shipped() / "packs"))
def test_every_rule_of_an_overlay_has_a_source(name: str) -> None:
    """Each overlay is dated; its rules and duties say what they rest on and whether that was confirmed."""
    overlay = load_overlay(name, shipped() / "packs")

    assert overlay.dated.year >= 2026
    assert overlay.rules
    for each in (*overlay.rules, *overlay.obligations.values()):
        assert each.source.startswith("http") and each.cites and each.standing in Standing


AUTHORITIES = {"www.cnil.fr", "edpb.europa.eu", "www.esma.europa.eu", "www.pcisecuritystandards.org"}
TEXTS_OF_LAW = {"judict.eu"}


def test_what_is_confirmed_was_read_where_it_was_said() -> None:
    """A rule is confirmed by the law's own text or a page of the authority that made it, and by no other."""
    folder = shipped() / "packs"
    overlays = [load_overlay(name, folder) for name in overlay_names(folder)]
    stated = [(r.standing, r.source) for name in pack_names(folder) for r in load_pack(name, folder).rules]
    stated += [(rule.standing, rule.source) for overlay in overlays for rule in overlay.rules]
    stated += [(duty.standing, duty.source) for each in overlays for duty in each.obligations.values()]
    confirmed = {source for standing, source in stated if standing is Standing.CONFIRMED}

    assert 0 < len(confirmed) < len({source for _, source in stated})
    for source in confirmed:
        assert urlsplit(source).hostname in AUTHORITIES | TEXTS_OF_LAW, source


@pytest.mark.parametrize("lacking", ["says", "cites", "source", "standing"])
def test_a_rule_without_a_source_is_refused(tmp_path: Path, lacking: str) -> None:
    """A pack with a rule that lacks its source, or the word whether it was confirmed, does not load."""
    rule = {"says": "so", "cites": "Art. 1", "source": "https://example.com", "standing": "unconfirmed"}
    told = "\n".join(f"    {word}: {text}" for word, text in rule.items() if word != lacking)
    head = "pack: xx\ntitle: Nowhere\ndated: 2026-11-25\npermission: all_consent\n"
    (tmp_path / "xx.yaml").write_text(f"{head}rules:\n  xx-rule:\n{told}\n")

    with pytest.raises(ConfigFaults) as faults:
        load_pack("xx", tmp_path)
    assert [(fault.id, lacking in fault.message) for fault in faults.value.faults] == [("missing", True)]


@pytest.mark.parametrize(
    ("pack", "permission"),
    [("eu", "all_consent"), ("de", "all_consent"), ("fr", "all_informed"), ("uk", "all_informed")],
)
def test_a_line_that_says_nothing_asks_whom_its_pack_asks(tmp_path: Path, pack: str, permission: str) -> None:
    """Where a line does not say who must have permitted it, its country's pack does."""
    controller = "{name: X, contact: x, privacy_url: https://example.com}"
    quality = "{basis: consent, choice: opt_in, keep: 90 days, listeners: [quality], title: {en: learn}}"
    path = tmp_path / "policy.yaml"
    path.write_text(
        f"controller: {controller}\npack: {pack}\napproved: {{by: Y, date: 2026-11-01}}\n"
        f"purposes:\n  quality: {quality}\nlines:\n  sales: {{purposes: [quality]}}\n"
    )

    assert load_policy(path).lines["sales"].permission == permission


def test_a_pack_inherits_what_it_extends() -> None:
    """Pack `de` keeps the rules of `eu`."""
    rules = {rule.id for rule in load_pack("de", shipped() / "packs").rules}

    assert {"eu-withdrawal", "de-all-consent"} <= rules


def test_the_packs_are_those_that_are_promised() -> None:
    """There are packs for the Union, Germany, France and the United Kingdom, and overlays for two sectors."""
    assert pack_names(shipped() / "packs") == ["de", "eu", "fr", "uk"]
    assert overlay_names(shipped() / "packs") == ["mifid", "pci"]


def test_a_duty_is_known_where_its_overlay_lies(check: Check) -> None:
    """A duty of investment firms is carried only under the overlay `mifid`, which wants a purpose for it."""
    assert [fault.id for fault in check(("overlays: [mifid]\n", ""))] == ["unknown-obligation"]
    assert [fault.id for fault in check(("obligation: mifid2", "decision: DEC-7"))] == ["obligation-not-met"]


def test_an_overlay_goes_with_some_packs(check: Check) -> None:
    """The Union's rules on investments are not laid upon the United Kingdom's pack."""
    assert [fault.id for fault in check(("pack: eu", "pack: uk"))] == ["overlay-beside-pack"]


def test_an_unknown_overlay_is_refused(check: Check) -> None:
    """An overlay that there is not is named with its line, and with those that there are."""
    (fault,) = check(("overlays: [mifid]", "overlays: [mifid, hipaa]"))

    assert (fault.id, "`pci`" in fault.hint, fault.line > 1) == ("unknown-overlay", True, True)


def test_card_payments_want_a_decision(check: Check) -> None:
    """Under overlay `pci` the controller states how card data are kept out of the audio."""
    faults = check(("overlays: [mifid]", "overlays: [mifid, pci]"))
    assert [fault.id for fault in faults] == ["undecided"]
    assert "3.3.1" in faults[0].message

    decided = (
        "overlays: [mifid, pci]\ndecisions: {pci-keep-out: agents pause before a card is read out; PCI-3}"
    )
    assert check(("overlays: [mifid]", decided)) == []


def test_a_broken_rule_stands_with_the_controllers_decision(check: Check) -> None:
    """A rule of a pack that is broken stands with a reasoned decision on that rule, and on no other."""
    longer = ("keep: 6 months", "keep: 7 months")
    decision = "pack: fr\ndecisions: {RULE: proof of contracts is needed for longer; DEC-9}"

    assert check(("pack: eu", decision.replace("RULE", "fr-six-months")), longer) == []
    faults = check(("pack: eu", decision.replace("RULE", "fr-not-systematic")), longer)
    assert [fault.id for fault in faults] == ["period-too-long"]


def test_a_decision_names_a_rule_that_there_is(check: Check) -> None:
    """A decision on a rule that no pack has is a fault: it would let nothing stand."""
    (fault,) = check(("pack: eu\n", "pack: eu\ndecisions: {eu-consent: never mind}\n"))

    assert (fault.id, "`eu-consent`" in fault.message) == ("unknown-rule", True)


def test_no_decision_breaks_what_holds_everywhere(check: Check) -> None:
    """What the regulation itself asks stands whatever the controller decides."""
    decided = ("pack: eu\n", "pack: eu\ndecisions: {eu-withdrawal: consent by opt-out}\n")

    assert [f.id for f in check(decided, (QUALITY, QUALITY.replace("opt_in", "opt_out")))] == [
        "opt-out-called-consent"
    ]


@pytest.mark.parametrize(
    "word", ["transcript", "transcribe", "analysis", "emotions", "score", "speakers", "voiceprint", "model"]
)
def test_no_policy_can_ask_for_a_machines_judgement(check: Check, word: str) -> None:
    """No policy, purpose or line has a word by which a machine transcribes, scores or recognises anybody."""
    for old, new in (
        ("lines:\n", f"{word}: true\nlines:\n"),
        ("  quality:\n", f"  quality:\n    {word}: true\n"),
        ("  sales: {", f"  sales: {{{word}: true, "),
    ):
        (fault,) = check((old, new))
        assert (fault.id, word in fault.message) == ("unknown-word", True)


def test_what_a_policy_breaks_can_be_told(sample: Policy) -> None:
    """The rules that a policy breaks are named whether or not a decision lets them stand."""
    france = load_rules("fr", ())
    long = replace(sample.purposes["quality"], keep=Period(7, Unit.MONTHS))
    policy = replace(sample, purposes={**sample.purposes, "quality": long}, decisions={"fr-six-months": "x"})

    assert broken(policy, france) == {"fr-six-months"}
    assert broken(sample, france) == frozenset()


def test_a_pack_that_extends_itself_is_refused(tmp_path: Path) -> None:
    """A circle of packs is a fault, not a hang."""
    for name, other in (("a", "b"), ("b", "a")):
        (tmp_path / f"{name}.yaml").write_text(
            f"pack: {name}\ntitle: x\nextends: {other}\ndated: 2026-01-01\npermission: all_consent\n"
        )

    with pytest.raises(ConfigFaults) as caught:
        load_pack("a", tmp_path)

    assert [fault.id for fault in caught.value.faults] == ["circle"]
