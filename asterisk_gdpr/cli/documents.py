"""`documents`: what the controller owes to people and to the authority, from the live policy."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from asterisk_gdpr.cli.console import console_of
from asterisk_gdpr.cli.inputs import known_line, write_for_person
from asterisk_gdpr.service.documents.documents import Document, Documents, Form

app = typer.Typer(no_args_is_help=True, help="Documents from the live policy, to read, to print, to publish.")

Language = Annotated[str, typer.Option(help="The language, as `en`.")]
As = Annotated[Form, typer.Option("--as", help="Markdown, a page in HTML, or a PDF.")]
To = Annotated[Path | None, typer.Option(help="A new file instead of the screen; a PDF needs one.")]


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


def _hand_out(documents: Documents, document: Document, form: Form, to: Path | None) -> None:
    if to is None and form is Form.PDF:
        raise typer.BadParameter("a PDF is written to a file", param_hint="--to")
    written = documents.written_as(document, form)
    if to is None:
        typer.echo(written.decode(), nl=False)
        return
    write_for_person(to, written)
    typer.echo(f"Wrote {to}, version {document.version[:12]}.")
