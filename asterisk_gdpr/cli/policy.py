"""`policy`: its faults, its versions, what a change of it changes, and shorter periods for what exists."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asterisk_gdpr.cli.console import console_of
from asterisk_gdpr.cli.output import AsJson, local, print_json, print_table
from asterisk_gdpr.core.lawfulness import broken, how, texts_of
from asterisk_gdpr.core.policy import Audio
from asterisk_gdpr.core.policy_diff import Change, compare
from asterisk_gdpr.errors import ConfigFaults
from asterisk_gdpr.service.erasing.policy_stock import stock

if TYPE_CHECKING:
    from asterisk_gdpr.config.installation import PolicyAt

app = typer.Typer(no_args_is_help=True, help="The controller's policy.")


@app.command("check")
def check(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="Another policy than that of the installation.")] = None,
    as_json: AsJson = False,
) -> None:
    """Name every fault of the policy at once, by file and line; exit 1 if there is any.

    One without faults is told with the rules of its pack: which it keeps, which stand broken by a decision
    of the controller, which are for the controller to weigh, and how far each is confirmed. What callers
    hear in each language is told by a hash, which `approved.texts` may name: other words are a fault then.
    A purpose with `audio: opus` is told where no Opus can be made, since sound is lossless then.
    """
    from asterisk_gdpr.config import check_policy

    with console_of(context).installation() as installation:
        at = installation.config.policy
        path = file or at.path
        today = installation.clock.now().astimezone(installation.zone).date()
        faults = check_policy(path, at.packs, at.notices, today)
        rules = [] if faults else _rules(path, at)
        texts = {} if faults else _texts(path, at)
        warnings = [] if faults else _warnings(path, at)
    if as_json:
        print_json({"ok": not faults, "faults": faults, "rules": rules, "texts": texts, "warnings": warnings})
    elif faults:
        raise ConfigFaults(faults)
    else:
        typer.echo(f"{path} has no faults.")
        for warning in warnings:
            typer.echo(warning)
        rows = [tuple(rule[name] for name in ("rule", "standing", "how", "cites")) for rule in rules]
        print_table(("RULE", "STANDING", "HOW", "CITES"), rows, "Its pack has no rules.")
        print_table(("LANGUAGE", "WORDS"), [*texts.items()], "No line has a notice.")
    if faults:
        raise typer.Exit(1)


def _rules(path: Path, at: PolicyAt) -> list[dict[str, str]]:
    """Every rule of the policy's pack and overlays, and how it stands."""
    from asterisk_gdpr.config import load_policy, load_rules

    policy = load_policy(path, at.packs, at.notices)
    pack = load_rules(policy.pack, policy.overlays, at.packs)
    breaks = broken(policy, pack)
    return [
        {
            "rule": rule.id,
            "standing": rule.standing,
            "how": how(rule, policy, breaks),
            "says": rule.says,
            "cites": rule.cites,
            "source": rule.source,
        }
        for rule in pack.rules
    ]


def _warnings(path: Path, at: PolicyAt) -> list[str]:
    """What of the policy this machine cannot do as it is meant."""
    from asterisk_gdpr.config import load_policy
    from asterisk_gdpr.service.checks.machine import opus
    from asterisk_gdpr.service.sealing.opus import available

    purposes = load_policy(path, at.packs, at.notices).purposes.values()
    wanted_by = sorted(each.name for each in purposes if each.audio is Audio.OPUS)
    return [f"{found.message} {found.hint}" for found in opus(wanted_by, available=available())]


def _texts(path: Path, at: PolicyAt) -> dict[str, str]:
    """What callers hear, by language, as an approval may name it."""
    from asterisk_gdpr.config import load_policy, load_wordings, shipped

    policy = load_policy(path, at.packs, at.notices)
    return texts_of(policy, load_wordings(at.notices or shipped() / "notices"))


@app.command("list")
def list_versions(context: typer.Context, as_json: AsJson = False) -> None:
    """List every version that was ever in force, with the number of recordings that it made."""
    with console_of(context).installation() as installation:
        register = installation.register()
        now, made = installation.policy().version, register.count_by_policy()
        versions = [
            {
                "version": version,
                "since": since,
                "recordings": made.get(version, 0),
                "in_file": version == now,
            }
            for version, since in register.policy_versions()
        ]
        if as_json:
            print_json(versions)
            return
        rows = [
            (
                each["version"],
                local(installation, since),
                each["recordings"],
                "yes" if each["in_file"] else "",
            )
            for each, (_, since) in zip(versions, register.policy_versions(), strict=True)
        ]
    head = ("VERSION", "FIRST IN FORCE", "RECORDINGS", "IN THE FILE NOW")
    print_table(head, rows, "No policy was in force yet: no daemon has run.")


@app.command("diff")
def diff(
    context: typer.Context,
    old: Annotated[str, typer.Argument(metavar="OLD", help="A file, or the beginning of a version.")],
    new: Annotated[str | None, typer.Argument(metavar="NEW", help="The same; the policy's file now.")] = None,
    as_json: AsJson = False,
) -> None:
    """Tell what a changed policy changes for callers, for listeners, and for what is stored.

    Each is a file, or the beginning of a version that `policy list` names; without NEW it is the policy's
    file. A file may lack its approval. It is told how much each change is about, as it is now: the line's
    calls of the last 30 days, the people of the page with the role, recordings, and data of another kind.
    """
    from asterisk_gdpr.bootstrap.earlier_policies import named_policy

    with console_of(context).installation() as installation:
        register, at = installation.register(), installation.config.policy
        before = named_policy(old, register, at)
        after = named_policy(new if new is not None else str(at.path), register, at)
        changes = compare(before, after, stock(register, register.users(), installation.clock.now()))
    if as_json:
        print_json({"old": before.version, "new": after.version, "changes": changes})
        return
    rows = [(change.concerns, change.about, change.says, _how_much(change)) for change in changes]
    print_table(("CONCERNS", "ABOUT", "CHANGE", "HOW MUCH"), rows, "Nothing changes.")


def _how_much(change: Change) -> str:
    counts = {
        "calls in 30 days": change.calls,
        "people": change.people,
        "recordings": change.recordings,
        "kept": change.data,
    }
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count is not None)


@app.command("shorten")
def shorten(
    context: typer.Context,
    removed: Annotated[
        bool, typer.Option("--removed", help="End purposes, too, that the policy has no more.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would end earlier.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let what exists already, recordings and all other data, end by the shorter periods of the policy.

    A changed policy alone never does that, and nothing ever lengthens what exists. The ledger has each.
    What is due then is erased at the next tick, or asks first when it is much at once.
    """
    from asterisk_gdpr.service.erasing.policy_change import Shortening

    with console_of(context).installation() as installation:
        policy = installation.policy()
        shortening = Shortening(installation.register(), installation.zone, installation.clock)
        data = installation.data_shortening()
        act = shortening.plan if dry_run else shortening.apply
        done = act(policy, removed=removed)
        others = data.plan(policy.keep) if dry_run else data.apply(policy.keep, policy.version)
        if as_json:
            print_json({"dry_run": dry_run, "purposes": done, "data": others})
            return
        rows = [
            (each.recording, each.purpose, local(installation, each.before), local(installation, each.until))
            for each in done
        ]
    print_table(
        ("RECORDING", "PURPOSE", "WAS", "IS" if not dry_run else "WOULD BE"), rows, "Nothing ends earlier."
    )
    if others:
        typer.echo()
        kinds = [(each.kind, each.keep, each.count, each.waiting) for each in others]
        print_table(("DATA", "KEPT FOR", "ENDS EARLIER", "WILL, WHEN ITS CLOCK BEGINS"), kinds, "")
