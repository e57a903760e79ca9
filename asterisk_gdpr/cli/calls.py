"""`calls`: what became of calls. No number is ever shown."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from asterisk_gdpr.cli.console import console_of, secret, who
from asterisk_gdpr.cli.inputs import Limit, known_line, time_of, typed, write_for_person
from asterisk_gdpr.cli.output import AsJson, local, plain, print_facts, print_json, print_table
from asterisk_gdpr.core.call.state import Verb
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import CallRow, Register
from asterisk_gdpr.service.call.commands import DONE, ask
from asterisk_gdpr.service.people.agents import Agents

app = typer.Typer(no_args_is_help=True, help="What became of calls; no number is ever shown.")

_Call = Annotated[str, typer.Argument(metavar="ID", help="Ours, or Asterisk's uniqueid or linkedid.")]

_FIELDS = (
    "id",
    "channel",
    "linkedid",
    "line",
    "language",
    "node",
    "policy",
    "arrived_at",
    "choice",
    "chosen_at",
    "recording",
    "ended_at",
    "ending",
)


@app.command("list")
def list_latest(
    context: typer.Context,
    line: Annotated[str | None, typer.Option(help="Only calls to this line.")] = None,
    since: Annotated[str | None, typer.Option(help="Only calls from this time on.")] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List the latest calls, newest first."""
    with console_of(context).installation() as installation:
        after = None if since is None else time_of(since, installation.zone)
        of = "" if line is None else known_line(installation, line)
        calls = installation.register().calls(since=after, line=of, limit=limit)
        if as_json:
            print_json([_fields(call) for call in calls])
            return
        rows = [
            (c.id, local(installation, c.arrived_at), c.line, c.choice, c.recording, c.ending) for c in calls
        ]
    print_table(("CALL", "ARRIVED", "LINE", "CHOICE", "RECORDING", "ENDING"), rows, "There are no calls.")


@app.command("show")
def show(
    context: typer.Context,
    id: Annotated[str, typer.Argument(metavar="ID", help="Ours, or Asterisk's uniqueid or linkedid.")],
    as_json: AsJson = False,
) -> None:
    """Show a call, and what proves its choice."""
    with console_of(context).installation() as installation:
        register = installation.register()
        found = [(call, register.evidence(call.id)) for call in named(register, id)]
        if as_json:
            print_json([{**_fields(call), "evidence": plain(proof)} for call, proof in found])
            return
        for number, (call, proof) in enumerate(found):
            if number:
                typer.echo()
            times = ("arrived_at", "chosen_at", "ended_at")
            facts = {
                name: local(installation, value) if name in times else value
                for name, value in _fields(call).items()
            }
            print_facts({**facts, "evidence": "none" if proof is None else plain(proof.facts)})


@app.command("pause")
def pause(context: typer.Context, id: _Call) -> None:
    """Pause the recording of a call for card data; it goes on by itself after the line's `pause_limit`."""
    _steer(context, id, Verb.PAUSE)


@app.command("resume")
def resume(context: typer.Context, id: _Call) -> None:
    """End a pause."""
    _steer(context, id, Verb.RESUME)


@app.command("stop")
def stop(context: typer.Context, id: _Call) -> None:
    """Stop and destroy the recording of a call for a caller who asks aloud; what the law demands remains."""
    _steer(context, id, Verb.STOP)


@app.command("withdraw")
def withdraw(context: typer.Context, id: _Call) -> None:
    """Withdraw for the caller, as `*9` does; the caller hears it confirmed."""
    _steer(context, id, Verb.WITHDRAW)


@app.command("swap")
def swap(
    context: typer.Context,
    id: _Call,
    agent: Annotated[str, typer.Argument(metavar="AGENT", help="Who takes over: our id, or the endpoint.")],
) -> None:
    """Have another agent take over a call that the app connected; the first one goes when they are there."""
    _steer(context, id, Verb.SWAP, agent)


@app.command("refer")
def refer(
    context: typer.Context,
    id: _Call,
    to: Annotated[str, typer.Option(help="What the other system calls it; - reads it from standard input.")],
) -> None:
    """Give a recorded call the name that another system has for it: a ticket, a case.

    It is kept as a keyed hash, by which `recordings list` and `requests open` find the call.
    """
    with console_of(context).installation() as installation:
        calls = [call for call in named(installation.register(), id) if call.recording]
        if not calls:
            raise Refused("No recording belongs to this call.", id="nothing-found")
        references = installation.references()
        for call in calls:
            references.set(call.id, typed(to), who())
    typer.echo(f"{'Call ' + calls[0].id if len(calls) == 1 else f'{len(calls)} calls'} can be found by it.")


def _steer(context: typer.Context, id: str, verb: Verb, agent: str = "") -> None:
    """Print what came of it; 1 when it was not done."""
    with console_of(context).installation() as installation:
        register = installation.register()
        alive = [call for call in named(register, id) if call.ended_at is None]
        if not alive:
            raise Refused(f"The call {id!r} is over.", id="call-over")
        by_id = Agents(register, installation.clock).found(agent).id if agent else ""
        outcome = ask(register, installation.clock, alive[-1].id, verb, who(), by_id)
    typer.echo(f"{outcome.replace('_', ' ')}.")
    if outcome not in DONE:
        raise typer.Exit(1)


def named(register: Register, id: str) -> list[CallRow]:
    """The calls that a person may mean; the legs of one call share Asterisk's linkedid."""
    found = {call.id: call for call in register.calls(linkedid=id)}
    by_channel = register.call_by_channel(id)
    if by_channel is not None:
        found[by_channel.id] = by_channel
    if found:
        return sorted(found.values(), key=lambda call: call.arrived_at)
    try:
        return [register.call(id)]
    except Refused:
        raise Refused(
            f"There is no call {id!r}.",
            hint="Give our id, or Asterisk's uniqueid or linkedid: `calls list` shows them.",
            id="unknown-call",
        ) from None


def _fields(call: CallRow) -> dict[str, Any]:
    return {name: getattr(call, name) for name in _FIELDS}


@app.command("evidence")
def evidence(
    context: typer.Context,
    id: Annotated[str, typer.Argument(metavar="ID", help="The call, as `calls list` names it.")],
    to: Annotated[Path | None, typer.Option(help="A new file instead of the screen.")] = None,
) -> None:
    """Hand out the signed evidence of a choice: what was heard, which keys were pressed, under which policy.

    It verifies by `certificate verify` without the register, and names no person.
    """
    from asterisk_gdpr.service.proof.choice_evidence import choice_document

    with console_of(context).installation() as installation:
        document = choice_document(installation.register(), id, installation.signing_key())
    if to is None:
        typer.echo(document.decode(), nl=False)
    else:
        write_for_person(to, document)
        typer.echo(f"Wrote {to}.")


@app.command("recorders")
def recorders(
    context: typer.Context,
    id: _Call,
    files: Annotated[
        bool, typer.Option("--files", help="Show where they write to: needs the vault's passphrase.")
    ] = False,
    passphrase_file: Annotated[
        Path | None, typer.Option(help="The vault's passphrase, instead of asking at the terminal.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show who else recorded a call or listened in, since when, and whether they were stopped.

    A file's name may hold a number: it is sealed, and shown to who has the passphrase; the ledger has that.
    """
    with console_of(context).installation() as installation:
        register, keeper = installation.register(), installation.keeper()
        rows = [row for call in named(register, id) for row in register.recorders_of(call.id)]
        if files:
            keeper.unlock(secret("passphrase of the vault", passphrase_file), by=who())
            for call in sorted({row.call for row in rows}):
                shown_to = {"call": call, "user": who()}
                register.record("other-recorder-files-shown", shown_to, installation.clock.now())
        told = [(row, keeper.open_file(row) if files else None) for row in rows]
        if as_json:
            names = ("id", "call", "by", "seen_at", "stopped_at")
            print_json([{**{n: getattr(row, n) for n in names}, "file": file} for row, file in told])
            return
        table = [
            (row.by, local(installation, row.seen_at), local(installation, row.stopped_at), file)
            for row, file in told
        ]
    print_table(("BY", "SEEN", "STOPPED", "FILE"), table, "Nobody else recorded this call.")
