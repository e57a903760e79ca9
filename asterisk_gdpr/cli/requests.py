"""`requests`: what data subjects ask for, and the answers that they get."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from asterisk_gdpr.cli.calls import named
from asterisk_gdpr.cli.console import console_of, secret, who
from asterisk_gdpr.cli.erasure import eraser
from asterisk_gdpr.cli.inputs import known_line, new_file, text_from, time_of, typed, write_for_person
from asterisk_gdpr.cli.output import AsJson, local, print_facts, print_json, print_table
from asterisk_gdpr.core.requests import Identity, Refusal, Request, Right, Status, Voices
from asterisk_gdpr.core.rights import RestrictionGround
from asterisk_gdpr.errors import GdprError, Refused
from asterisk_gdpr.service.rights.naming import Said

if TYPE_CHECKING:
    from asterisk_gdpr.bootstrap.installation import Installation
    from asterisk_gdpr.service.rights.requests import Answer, Requests

app = typer.Typer(no_args_is_help=True, help="What data subjects ask for, and the answers that they get.")

Id = Annotated[str, typer.Argument(metavar="REQUEST", help="The request, as `requests list` names it.")]
Letter = Annotated[Path | None, typer.Option(help="A new file for the letter; the screen, if none is named.")]


@app.command("open")
def open_request(
    context: typer.Context,
    right: Annotated[Right, typer.Option(help="What the person asks for.")],
    caller: Annotated[str, typer.Option(help="Their number; - reads it from standard input.")] = "",
    recording: Annotated[list[str] | None, typer.Option(help="A recording; repeatable.")] = None,
    call: Annotated[
        list[str] | None, typer.Option(help="A call: our id, or Asterisk's uniqueid or linkedid; repeatable.")
    ] = None,
    receipt: Annotated[str, typer.Option(help="The receipt of their call; - likewise.")] = "",
    reference: Annotated[str, typer.Option(help="What another system calls their calls; - likewise.")] = "",
    agent: Annotated[
        str, typer.Option(help="Only with this agent (id or endpoint); needs the staff agreement.")
    ] = "",
    line: Annotated[str | None, typer.Option(help="Only calls to this line.")] = None,
    since: Annotated[str, typer.Option(help="Only recordings made from this time on.")] = "",
    until: Annotated[str, typer.Option(help="Only recordings made before this time.")] = "",
    purpose: Annotated[
        list[str] | None, typer.Option(help="A purpose objected to or withdrawn; all, if none is named.")
    ] = None,
    received: Annotated[str, typer.Option(help="When it reached us, wherever; now, if not said.")] = "",
    language: Annotated[str, typer.Option(help="The language of the answer.")] = "en",
    contact: Annotated[str, typer.Option(help="How the letter addresses them.")] = "",
    text_file: Annotated[Path | None, typer.Option(help="What they wrote; - reads standard input.")] = None,
) -> None:
    """Take a request; its month runs from the day on which it was received.

    A number alone stands for everything of it, to the day of the answer. With a receipt, a reference, an
    agent, a line or a time it names the recordings for which all of that is so now.
    """
    asked = "" if text_file is None else text_from(text_file)
    with console_of(context).installation() as installation:
        register = installation.register()
        calls = [one for each in call or () for one in named(register, each)]
        if call and not any(one.recording for one in calls):
            raise Refused("No recording belongs to this call.", id="nothing-found")
        number, zone = typed(caller), installation.zone
        said = Said(
            receipt=typed(receipt),
            reference=typed(reference),
            agent=agent,
            line="" if line is None else known_line(installation, line),
            since=time_of(since, zone) if since else None,
            until=time_of(until, zone) if until else None,
        )
        found: list[str] = []
        if said != Said():
            found, number = installation.naming().recordings(replace(said, number=number)), ""
        request = _requests(installation).open(
            right,
            by=who(),
            number=number,
            recordings=[*(recording or ()), *(one.recording for one in calls if one.recording), *found],
            purposes=purpose or (),
            received_at=time_of(received, installation.zone) if received else None,
            language=language,
            contact=contact,
            asked=asked,
        )
        typer.echo(f"Request {request.id}: answer it before {local(installation, request.answer_by)}.")


@app.command("list")
def list_requests(
    context: typer.Context,
    all_of_them: Annotated[bool, typer.Option("--all", help="Those too that have their answer.")] = False,
    as_json: AsJson = False,
) -> None:
    """List open requests; what must be answered first comes first."""
    with console_of(context).installation() as installation:
        found = installation.register().requests(closed=all_of_them)
        if as_json:
            print_json([_told(request) for request in found])
            return
        now = installation.clock.now()
        rows = [
            (
                each.id,
                each.right,
                local(installation, each.received_at),
                local(installation, each.answer_by),
                _state(each, late=now >= each.answer_by),
                each.assigned_to or "-",
            )
            for each in found
        ]
    head = ("REQUEST", "RIGHT", "RECEIVED", "ANSWER BEFORE", "STATE", "ASSIGNED TO")
    print_table(head, rows, "There are no requests.")


@app.command("show")
def show(context: typer.Context, id: Id, as_json: AsJson = False) -> None:
    """Show a request, and what became of each recording; never a number."""
    with console_of(context).installation() as installation:
        told = _told(installation.register().request(id))
        if as_json:
            print_json(told)
            return
        for name in ("received_at", "opened_at", "answer_by", "identified_at", "extended_at", "closed_at"):
            told[name] = local(installation, told[name])
        told["results"] = [f"{each['recording']} {each['result']}" for each in told["results"]]
    print_facts(told)


@app.command("identify")
def identify(
    context: typer.Context,
    id: Id,
    method: Annotated[Identity, typer.Option(help="How it was made sure who asks.")],
) -> None:
    """Note by which method it was made sure who asks; nothing that proves it is kept."""
    with console_of(context).installation() as installation:
        _requests(installation).identify(id, method, who())
    typer.echo(f"Request {id}: identified by {method.value}.")


@app.command("assign")
def assign(context: typer.Context, id: Id, to: Annotated[str, typer.Option(help="A user.")]) -> None:
    """Give a request to a user of the page."""
    with console_of(context).installation() as installation:
        _requests(installation).assign(id, to, who())
    typer.echo(f"Request {id} is with {to}.")


@app.command("extend")
def extend(
    context: typer.Context,
    id: Id,
    why: Annotated[str, typer.Option(help="Why it takes longer; the person must be told now.")],
) -> None:
    """Take two more months for an answer; only within the first (Art. 12(3))."""
    with console_of(context).installation() as installation:
        request = _requests(installation).extend(id, why, who())
        typer.echo(f"Request {id}: answer it before {local(installation, request.answer_by)}.")


@app.command("fulfil")
def fulfil(
    context: typer.Context,
    id: Id,
    letter: Letter = None,
    text_file: Annotated[
        Path | None, typer.Option(help="For a rectification: what is put beside; - reads standard input.")
    ] = None,
    ground: Annotated[
        RestrictionGround | None, typer.Option(help="For a restriction: its ground (Art. 18(1)).")
    ] = None,
    package: Annotated[
        Path | None, typer.Option(help="For access and portability: a new file; its name ends in .age.")
    ] = None,
    to: Annotated[
        str, typer.Option(help="The person's age recipient (age1…); else a passphrase is asked.")
    ] = "",
    package_passphrase_file: Annotated[
        Path | None, typer.Option(help="The passphrase of the package, instead of asking at the terminal.")
    ] = None,
    audio: Annotated[Voices, typer.Option(help="Whose voices the copies hold (Art. 15(4)).")] = Voices.MASKED,
    passphrase_file: Annotated[
        Path | None, typer.Option(help="The vault's passphrase, instead of asking at the terminal.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be done.")] = False,
    as_json: AsJson = False,
) -> None:
    """Carry a request out and write its letter; exit 1 while anything of it is left to be done.

    A copy for access or portability is one zip in an age file: a page to read, JSON, and the audio.
    """
    from asterisk_gdpr.service.rights.carrying_out import Wish

    if package is not None and package.suffix != ".age":
        raise typer.BadParameter("its name must end in .age", param_hint="--package")
    for path in (letter, package):
        if path is not None:
            new_file(path)
    with console_of(context).installation() as installation:
        hand_out = None
        if package is not None and not dry_run:
            seal = _seal(to, package_passphrase_file)
            hand_out = _hand_out(installation, package, seal, audio, passphrase_file)
        wish = Wish("" if text_file is None else text_from(text_file), ground, hand_out)
        requests = _requests(installation)
        answer = requests.plan(id, wish) if dry_run else requests.fulfil(id, who(), wish)
        _report(answer, letter, as_json=as_json)
    if not dry_run and answer.request.status is Status.OPEN:
        raise typer.Exit(1)


@app.command("refuse")
def refuse(
    context: typer.Context,
    id: Id,
    reason: Annotated[Refusal, typer.Option(help="Why; the letter says it.")],
    letter: Letter = None,
    as_json: AsJson = False,
) -> None:
    """Refuse a request, with its reason and the right to complain (Art. 12(4))."""
    if letter is not None:
        new_file(letter)
    with console_of(context).installation() as installation:
        _report(_requests(installation).refuse(id, reason, who()), letter, as_json=as_json)


@app.command("letter")
def letter_again(
    context: typer.Context,
    id: Id,
    to: Annotated[Path | None, typer.Option(help="A new file; the screen, if none is named.")] = None,
) -> None:
    """Write the letter of an answer once more; words that were forgotten with an erasure are not in it."""
    if to is not None:
        new_file(to)
    with console_of(context).installation() as installation:
        text = _requests(installation).letter(id)
    if to is None:
        typer.echo(text, nl=False)
    else:
        write_for_person(to, text.encode())


def _seal(to: str, file: Path | None) -> Callable[[bytes], bytes]:
    """How the package is sealed; a wrong recipient or passphrase is told before anything is done."""
    from asterisk_gdpr.seal.age import sealer

    return sealer(to, lambda: secret("passphrase of the package", file, new=file is None))


def _hand_out(
    installation: Installation,
    package: Path,
    seal: Callable[[bytes], bytes],
    voices: Voices,
    passphrase_file: Path | None,
) -> Callable[[Request, Sequence[str]], None]:
    """Opens the vault, puts the package together and writes it: in memory until it is sealed."""

    def hand_out(request: Request, recordings: Sequence[str]) -> None:
        keeper = installation.keeper()
        packages = installation.packages(keeper)
        packages.check(recordings)
        keeper.unlock(secret("passphrase of the vault", passphrase_file), by=who())
        write_for_person(package, seal(packages.zip(request, recordings, who(), voices)))

    return hand_out


def _requests(installation: Installation) -> Requests:
    return installation.requests(eraser(installation))


def _report(answer: Answer, letter: Path | None, *, as_json: bool) -> None:
    if letter is not None and answer.letter:
        try:
            write_for_person(letter, answer.letter.encode())
        except GdprError:  # the answer stands, and an erasure has forgotten whom it was for
            typer.echo(answer.letter, nl=False)
            raise
    if as_json:
        told = {**_told(answer.request), "counts": answer.counts}
        print_json(told if letter is not None else {**told, "letter": answer.letter or None})
        return
    rows = [(each.recording, each.result, each.ground or "-") for each in answer.request.results]
    print_table(("RECORDING", "RESULT", "GROUND"), rows, "No recording is concerned.")
    typer.echo(", ".join(f"{count} {result}" for result, count in sorted(answer.counts.items())) or "nothing")
    if letter is None and answer.letter:
        typer.echo(f"\n{answer.letter}", nl=False)


def _state(request: Request, *, late: bool) -> str:
    if request.status is not Status.OPEN:
        return request.status
    known = "identified" if request.identity else "not identified"
    return f"OVERDUE, {known}" if late else known


def _told(request: Request) -> dict[str, Any]:
    """Everything of it but the index of the number."""
    return {
        "id": request.id,
        "right": request.right,
        "status": request.status,
        "received_at": request.received_at,
        "opened_at": request.opened_at,
        "opened_by": request.opened_by,
        "answer_by": request.answer_by,
        "language": request.language,
        "recordings": request.recordings,
        "purposes": request.purposes,
        "contact": request.contact,
        "asked": request.asked,
        "identity": request.identity,
        "identified_at": request.identified_at,
        "assigned_to": request.assigned_to,
        "extended_at": request.extended_at,
        "extension": request.extension,
        "closed_at": request.closed_at,
        "closed_by": request.closed_by,
        "refusal": request.refusal,
        "results": [
            {"recording": each.recording, "result": each.result, "ground": each.ground, "until": each.until}
            for each in request.results
        ],
        "letter_sha256": request.letter_sha256,
    }
