"""`recordings`: what is kept, until when, and why. No number is ever shown."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from asterisk_gdpr.cli import deriving
from asterisk_gdpr.cli.console import console_of, secret, who
from asterisk_gdpr.cli.erasure import eraser
from asterisk_gdpr.cli.inputs import (
    Limit,
    index_of_caller,
    known_line,
    text_from,
    time_of,
    typed,
)
from asterisk_gdpr.cli.output import AsJson, local, print_facts, print_json, print_table
from asterisk_gdpr.core.recording import Recording, State, Term
from asterisk_gdpr.core.rights import RestrictionGround
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Search
from asterisk_gdpr.service.rights.naming import Said

if TYPE_CHECKING:
    from asterisk_gdpr.bootstrap.installation import Installation
    from asterisk_gdpr.service.keys.keeper import Keeper
    from asterisk_gdpr.service.proof.recordings import Verified

app = typer.Typer(no_args_is_help=True, help="What is kept, until when, and why; no number is ever shown.")

Id = Annotated[str, typer.Argument(metavar="ID", help="The recording, as `recordings list` names it.")]
PassphraseFile = Annotated[
    Path | None, typer.Option(help="The vault's passphrase, instead of asking at the terminal.")
]


class Kept(StrEnum):
    """Which recordings are listed."""

    SEALED = "sealed"
    CAPTURING = "capturing"
    ERASING = "erasing"
    ERASED = "erased"
    ALL = "all"


_STATES = {
    Kept.SEALED: frozenset({State.SEALED}),
    Kept.CAPTURING: frozenset({State.PREPARED, State.CAPTURING}),
    Kept.ERASING: frozenset({State.ERASING}),
    Kept.ERASED: frozenset({State.ERASED}),
    Kept.ALL: frozenset(State),
}


@app.command("list")
def list_newest(
    context: typer.Context,
    line: Annotated[str | None, typer.Option(help="Only calls to this line.")] = None,
    caller: Annotated[
        str | None, typer.Option(help="Only this caller's number; - reads it from standard input.")
    ] = None,
    agent: Annotated[
        str | None, typer.Option(help="Only with this agent (id or endpoint); needs the staff agreement.")
    ] = None,
    receipt: Annotated[str, typer.Option(help="Only of the call with this receipt; - likewise.")] = "",
    reference: Annotated[
        str, typer.Option(help="Only of calls that another system calls so; - likewise.")
    ] = "",
    queue: Annotated[str, typer.Option(help="Only of calls that came through this queue.")] = "",
    since: Annotated[str | None, typer.Option(help="Only from this time on.")] = None,
    until: Annotated[str | None, typer.Option(help="Only before this time.")] = None,
    state: Annotated[Kept, typer.Option(help="Only in this state.")] = Kept.ALL,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List recordings, newest first."""
    with console_of(context).installation() as installation:
        zone = installation.zone
        index = None if caller is None else index_of_caller(installation, caller)
        said = Said(
            receipt=typed(receipt),
            reference=typed(reference),
            agent=agent or "",
            line="" if line is None else known_line(installation, line),
            since=None if since is None else time_of(since, zone),
            until=None if until is None else time_of(until, zone),
        )
        search = installation.naming().search(said)
        search = replace(search, caller_index=index, queue=queue, states=_STATES[state], limit=limit)
        found = installation.register().search(search)
        if as_json:
            print_json([_fields(each.recording, each.terms) for each in found])
            return
        rows = [
            (
                each.recording.id,
                local(installation, each.recording.created_at),
                each.recording.line,
                each.recording.state,
                f"{_seconds(each.recording):.0f} s",
                [term.purpose for term in each.terms if term.ended_at is None],
                local(installation, _last(each.terms)),
            )
            for each in found
        ]
    head = ("RECORDING", "MADE", "LINE", "STATE", "LENGTH", "PURPOSES", "UNTIL")
    print_table(head, rows, "There are no recordings.")


@app.command("show")
def show(context: typer.Context, id: Id, as_json: AsJson = False) -> None:
    """Show a recording: its purposes, its keys, its container, its end."""
    with console_of(context).installation() as installation:
        told = _told(installation, id)
        if as_json:
            print_json(told)
            return
        times = ("created_at", "started_at", "ended_at", "erased_at")
        facts = {name: local(installation, told[name]) if name in times else told[name] for name in told}
        facts["purposes"] = [_term(installation, term) for term in told["purposes"]]
        facts["keys"] = [f"{key['generation']} under {key['epoch']}" for key in told["keys"]]
        facts["restrictions"] = [f"{each['restriction']} ({each['ground']})" for each in told["restrictions"]]
        facts["remarks"] = [f"{each['remark']} ({each['kind']})" for each in told["remarks"]]
        facts["holds"] = [f"{hold['hold']} ({hold['ground']})" for hold in told["holds"]]
        facts["tombstone"] = _tombstone(installation, told["tombstone"])
    print_facts(facts)


@app.command("restrict")
def restrict(
    context: typer.Context,
    id: Id,
    ground: Annotated[RestrictionGround, typer.Option(help="Why the person may ask for it (Art. 18(1)).")],
) -> None:
    """Restrict a recording at a person's word: nobody listens, and no period ends it."""
    with console_of(context).installation() as installation:
        restriction = installation.rights(eraser(installation)).restrict(id, ground, by=who())
    typer.echo(f"Restriction {restriction.id} stands over {id}.")


@app.command("lift")
def lift(
    context: typer.Context,
    restriction: Annotated[str, typer.Argument(metavar="RESTRICTION", help="As `recordings show` names it.")],
    told: Annotated[str | None, typer.Option(help="When the person was told of it (Art. 18(3)).")] = None,
) -> None:
    """Lift a restriction, of which the person must have been told before."""
    with console_of(context).installation() as installation:
        told_at = None if told is None else time_of(told, installation.zone)
        installation.rights(eraser(installation)).lift(restriction, told_at, who())
    typer.echo(f"Restriction {restriction} is lifted.")


@app.command("correct")
def correct(
    context: typer.Context,
    id: Id,
    text_file: Annotated[Path, typer.Option(help="What the person says is so; - reads standard input.")],
) -> None:
    """Put a person's correction beside a recording (Art. 16); the audio stays what it is."""
    text = text_from(text_file)
    with console_of(context).installation() as installation:
        remark = installation.rights(eraser(installation)).correct(id, text, who())
    typer.echo(f"Remark {remark.id} stands beside {id}.")


@app.command("verify")
def verify(
    context: typer.Context,
    id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="One recording; all, if none is named.")
    ] = None,
    open_manifest: Annotated[
        bool, typer.Option("--open", help="Open the manifests too; this needs the vault's passphrase.")
    ] = False,
    passphrase_file: PassphraseFile = None,
    file: Annotated[
        list[Path] | None,
        typer.Option(help="A container by itself, repeatable, offline: nothing is needed but --key."),
    ] = None,
    key: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="A verify key for --file, repeatable.")
    ] = None,
    ledger: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="An export of the ledger, which must name what --file proves."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Prove that containers are what was sealed; exit 1 if one is not.

    With `--file` and `--key` it needs no installation, and looks at nothing but those files.
    With `--ledger` too, a container that somebody has signed anew since is found out.
    """
    from asterisk_gdpr.service.keys.key_files import read_verify_key
    from asterisk_gdpr.service.proof.ledger import sealed_containers
    from asterisk_gdpr.service.proof.recordings import require_kept, verify_file, verify_recording

    if file:
        if not key:
            raise typer.BadParameter("name the verify key of who sealed it", param_hint="--key")
        verify_keys = [read_verify_key(each) for each in key]
        sealed = None if ledger is None else sealed_containers(_lines(ledger), verify_keys)
        _print_verified([verify_file(each, verify_keys, sealed) for each in file], as_json=as_json)
        return
    with console_of(context).installation() as installation:
        ids = _all_kept(installation) if id is None else [require_kept(installation.register(), id).id]
        keeper: Keeper | None = None
        if open_manifest or passphrase_file is not None:
            keeper = installation.keeper()
            keeper.unlock(secret("passphrase of the vault", passphrase_file), by=who())
        register, vault, keys = installation.register(), installation.vault(), installation.verify_keys()
        verified = [verify_recording(register, vault, keys, each, keeper) for each in ids]
    _print_verified(verified, as_json=as_json)


def _lines(file: Path) -> list[bytes]:
    try:
        return file.read_bytes().splitlines(keepends=True)
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}.", id="no-file") from None


def _print_verified(verified: list[Verified], *, as_json: bool) -> None:
    if as_json:
        print_json(verified)
    else:
        rows = [(each.recording, _verdict(each), each.segments) for each in verified]
        print_table(("RECORDING", "VERDICT", "SEGMENTS"), rows, "There are no recordings.")
    if not all(each.ok for each in verified):
        raise typer.Exit(1)


def _all_kept(installation: Installation) -> list[str]:
    """Every recording that has a container, page by page."""
    states = _STATES[Kept.SEALED] | _STATES[Kept.CAPTURING]
    search, found = Search(states=states, limit=500), []
    register = installation.register()
    while page := register.search(search):
        found += [each.recording.id for each in page]
        last = page[-1].recording
        search = Search(states=states, limit=500, before=(last.created_at, last.id))
    return found


def _verdict(verified: Verified) -> str:
    if not verified.ok:
        return f"DAMAGED: {verified.reason}"
    whole = "signed and whole" if verified.complete else "as committed; not closed yet"
    return f"{whole}, manifest compared" if verified.opened else whole


def _fields(recording: Recording, terms: tuple[Term, ...]) -> dict[str, Any]:
    return {
        "id": recording.id,
        "call": recording.call,
        "line": recording.line,
        "state": recording.state,
        "policy": recording.policy,
        "node": recording.node,
        "created_at": recording.created_at,
        "started_at": recording.started_at,
        "ended_at": recording.ended_at,
        "seconds": _seconds(recording),
        "restricted": recording.restricted,
        "purposes": [
            {
                "purpose": term.purpose,
                "basis": term.basis,
                "keep": str(term.keep),
                "expires_at": term.expires_at,
                "ended_at": term.ended_at,
                "ended_by": term.ended_by or None,
            }
            for term in terms
        ],
    }


def _told(installation: Installation, id: str) -> dict[str, Any]:
    register = installation.register()
    found = register.found(id)
    tombstone = register.tombstone(id)
    return {
        **_fields(found.recording, found.terms),
        "rate": found.recording.rate,
        "codec": found.recording.codec.value,
        "choice": found.call.choice,
        "queues": register.queues_of(found.call.id),
        "container_size": installation.vault().size(id),
        "keys": [{"generation": key.generation, "epoch": key.epoch} for key in register.keys(id)],
        "tombstone": None
        if tombstone is None
        else {
            "reason": tombstone.reason,
            "created_at": tombstone.created_at,
            "due_at": tombstone.due_at,
            "done_at": tombstone.done_at,
        },
        "certificate": register.certificate(id) is not None,
        "restrictions": [
            {"restriction": each.id, "ground": each.ground, "at": each.at}
            for each in register.restrictions(id)
        ],
        "remarks": [{"remark": each.id, "kind": each.kind, "at": each.at} for each in register.remarks(id)],
        "holds": [
            {"hold": hold.id, "ground": hold.ground, "until": hold.until} for hold in register.holds_of(id)
        ],
    }


def _term(installation: Installation, term: dict[str, Any]) -> str:
    if term["ended_at"] is not None:
        return f"{term['purpose']} (ended {local(installation, term['ended_at'])}: {term['ended_by']})"
    until = local(installation, term["expires_at"]) if term["expires_at"] else "the call is going on"
    return f"{term['purpose']} ({term['basis']}, {term['keep']}, until {until})"


def _tombstone(installation: Installation, tombstone: dict[str, Any] | None) -> str:
    if tombstone is None:
        return "none"
    done = tombstone["done_at"]
    when = f"done {local(installation, done)}" if done else f"due {local(installation, tombstone['due_at'])}"
    return f"{tombstone['reason']}, {when}"


def _seconds(recording: Recording) -> float:
    return round(recording.frames / recording.rate, 3)


def _last(terms: tuple[Term, ...]) -> Any:
    """When the last purpose ends; None while the call is going on, and when all have ended before."""
    ends = [term.expires_at for term in terms if term.ended_at is None]
    return max((end for end in ends if end is not None), default=None) if None not in ends else None


app.command("redact")(deriving.redact)
app.command("mark-part")(deriving.mark_part)
app.command("account")(deriving.account)
