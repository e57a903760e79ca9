"""`documents`: what the controller owes to people and to the authority, from the live policy."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from asterisk_gdpr.cli.console import console_of, secret, who
from asterisk_gdpr.cli.inputs import known_line, new_file, time_of, write_for_person
from asterisk_gdpr.cli.output import AsJson, local, plain, print_json, print_table
from asterisk_gdpr.core.breach import Exposed
from asterisk_gdpr.service.documents.documents import Document, Documents, Form, Kind
from asterisk_gdpr.service.documents.publishing import Standing

app = typer.Typer(no_args_is_help=True, help="Documents from the live policy, to read, to print, to publish.")

Language = Annotated[str, typer.Option(help="The language, as `en`.")]
As = Annotated[Form, typer.Option("--as", help="Markdown, a page in HTML, or a PDF.")]
To = Annotated[Path | None, typer.Option(help="A new file instead of the screen; a PDF needs one.")]
PassphraseFile = Annotated[
    Path | None, typer.Option(help="The vault's passphrase, instead of asking at the terminal.")
]


@app.command("notice")
def notice(
    context: typer.Context,
    line: Annotated[str, typer.Option(help="The line.")],
    language: Language = "en",
    form: As = Form.MARKDOWN,
    to: To = None,
) -> None:
    """Write the privacy notice of a line (Art. 13), with the spoken words and the right to object."""
    with console_of(context).installation() as installation:
        documents = installation.documents()
        _hand_out(documents, documents.notice(known_line(installation, line), language), form, to)


@app.command("agents")
def agents(
    context: typer.Context, language: Language = "en", form: As = Form.MARKDOWN, to: To = None
) -> None:
    """Write the notice for those who take calls (Art. 13)."""
    with console_of(context).installation() as installation:
        documents = installation.documents()
        _hand_out(documents, documents.agents(language), form, to)


@app.command("record")
def record(
    context: typer.Context, language: Language = "en", form: As = Form.MARKDOWN, to: To = None
) -> None:
    """Write the record of processing activities (Art. 30)."""
    with console_of(context).installation() as installation:
        documents = installation.documents()
        _hand_out(documents, documents.record(language), form, to)


@app.command("assessment")
def assessment(
    context: typer.Context, language: Language = "en", form: As = Form.MARKDOWN, to: To = None
) -> None:
    """Write a draft for the impact assessment (Art. 35); the judgement is the controller's."""
    with console_of(context).installation() as installation:
        documents = installation.documents()
        counts = {str(state): count for state, count in installation.register().count_recordings().items()}
        _hand_out(documents, documents.assessment(language, counts), form, to)


@app.command("breach")
def breach(
    context: typer.Context,
    noticed: Annotated[str, typer.Option(help="When it was noticed: the 72 hours begin.")],
    exposed: Annotated[list[Exposed], typer.Option(help="What somebody else has; repeatable.")],
    happened: Annotated[
        str, typer.Option(help="When it began, if that is known: what was erased since then is named, too.")
    ] = "",
    line: Annotated[str, typer.Option(help="Only calls to this line.")] = "",
    since: Annotated[str, typer.Option(help="Only recordings made from this time on.")] = "",
    until: Annotated[str, typer.Option(help="Only recordings made before this time.")] = "",
    people: Annotated[
        bool, typer.Option("--people", help="List whose numbers they are: needs the vault's passphrase.")
    ] = False,
    passphrase_file: PassphraseFile = None,
    language: Language = "en",
    form: As = Form.MARKDOWN,
    to: To = None,
) -> None:
    """Write the breach kit (Art. 33, 34): which calls, people and keys, what could be read, by when to tell.

    Numbers are only written to a file, for who has the passphrase, and the ledger has it.
    """
    from asterisk_gdpr.service.documents.breach import BreachKit, Scope

    if people and to is None:
        raise typer.BadParameter("numbers are written to a file only", param_hint="--to")
    if to is not None:
        new_file(to)
    with console_of(context).installation() as installation:
        zone, keeper = installation.zone, installation.keeper()
        scope = Scope(
            exposed=frozenset(exposed),
            noticed_at=time_of(noticed, zone),
            happened_at=time_of(happened, zone) if happened else None,
            line=known_line(installation, line) if line else "",
            since=time_of(since, zone) if since else None,
            until=time_of(until, zone) if until else None,
        )
        register, keys = installation.register(), installation.verify_keys()
        kit = BreachKit(register, installation.clock, partial(local, installation), keys)
        if people:
            keeper.unlock(secret("passphrase of the vault", passphrase_file), by=who())
        told = kit.facts(scope, open_caller=keeper.open_caller if people else None, by=who())
        documents = installation.documents()
        document = documents.write(Kind.BREACH, language, {**documents.common(language), **told})
        _hand_out(documents, document, form, to)


@app.command("publish")
def publish(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is new, empty or ours.")],
) -> None:
    """Write the notices of all lines and languages, and that for agents, into a folder for a web server.

    Each as HTML, Markdown and PDF, with its version and an archive of the earlier ones. The register keeps
    what was published, and an alarm stands while it is not what is configured.
    """
    with console_of(context).installation() as installation:
        publishing = installation.publishing()
        fresh = publishing.publish(folder)
        untold = publishing.untold()
    for document in fresh:
        of = f"line {document.line}" if document.line else str(document.kind)
        typer.echo(f"New: {of} in {document.language}, version {document.version[:12]}.")
    typer.echo(f"{folder} is up to date.")
    for line, language in untold:
        typer.echo(f"No template: line {line} in {language}. Write one, or name another folder of templates.")


@app.command("published")
def published(context: typer.Context, as_json: AsJson = False) -> None:
    """List what is published; exit 1 if any of it is not what is configured."""
    with console_of(context).installation() as installation:
        standings = installation.publishing().standings()
        if as_json:
            print_json([{**plain(each), "outdated": each.outdated} for each in standings])
        else:
            rows = [
                (
                    each.line or f"({each.document})",
                    each.language,
                    (each.published or "-")[:12],
                    local(installation, each.at),
                    _state(each),
                )
                for each in standings
            ]
            print_table(("LINE", "LANGUAGE", "VERSION", "PUBLISHED", "STATE"), rows, "There is no notice.")
    if any(each.outdated for each in standings):
        raise typer.Exit(1)


def _state(standing: Standing) -> str:
    if standing.published is None:
        return "never published"
    if standing.now is None:
        return "OUTDATED: there is no such notice any more"
    return f"OUTDATED: now {standing.now[:12]}" if standing.outdated else "as configured"


def _hand_out(documents: Documents, document: Document, form: Form, to: Path | None) -> None:
    if to is None and form is Form.PDF:
        raise typer.BadParameter("a PDF is written to a file", param_hint="--to")
    written = documents.written_as(document, form)
    if to is None:
        typer.echo(written.decode(), nl=False)
        return
    write_for_person(to, written)
    typer.echo(f"Wrote {to}, version {document.version[:12]}.")
