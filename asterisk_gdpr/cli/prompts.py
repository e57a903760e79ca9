"""`prompts`: the notice as sound."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from asterisk_gdpr.cli.console import console_of, who
from asterisk_gdpr.cli.inputs import write_for_person
from asterisk_gdpr.cli.output import AsJson, print_json, print_table

app = typer.Typer(no_args_is_help=True, help="The notice as sound.")


@app.command("build")
def build(context: typer.Context, as_json: AsJson = False) -> None:
    """Make every prompt that the policy needs; what a person has read is kept while its text holds."""
    from asterisk_gdpr.bootstrap.desks import changing_prompts

    with console_of(context).installation() as installation, changing_prompts(installation):
        built = installation.prompts().build(installation.policy(), installation.speech())
    if as_json:
        print_json(
            {
                "made": [_named(key) for key in built.made],
                "kept": [_named(key) for key in built.kept],
                "too_long": built.too_long,
            }
        )
        return
    typer.echo(f"{len(built.made)} prompts made, {len(built.kept)} kept.")
    for long in built.too_long:
        typer.echo(
            f"{long.line} in {long.language}: {long.seconds:.1f} s before the choice: too long. Cut a title."
        )


@app.command("list")
def list_all(context: typer.Context, as_json: AsJson = False) -> None:
    """List every prompt, and what is missing."""
    with console_of(context).installation() as installation:
        prompts = installation.prompts()
        entries, missing = prompts.entries(), prompts.missing(installation.policy())
    if as_json:
        print_json({"prompts": entries, "missing": [_named(key) for key in missing]})
        return
    rows = [(e.line, e.language, e.part, f"{e.seconds:.1f} s", e.origin, e.text) for e in entries]
    head = ("LINE", "LANGUAGE", "PART", "LENGTH", "BY", "TEXT")
    print_table(head, rows, "There are no prompts yet.")
    for line, language, part in missing:
        typer.echo(f"missing: {line} {language} {part}")


@app.command("import")
def import_voice(
    context: typer.Context,
    line: Annotated[str, typer.Argument(metavar="LINE")],
    language: Annotated[str, typer.Argument(metavar="LANGUAGE")],
    part: Annotated[str, typer.Argument(metavar="PART", help="As `prompts list` names it.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="WAV or FLAC.")],
) -> None:
    """Take what a person has read for one part of a notice.

    It serves every line that says the same text; a daemon that runs plays it within seconds.
    """
    from asterisk_gdpr.bootstrap.desks import prompt_desk

    with console_of(context).installation() as installation:
        desk = prompt_desk(installation, installation.policy)
        prompt = desk.take((line, language, part), file, who())
    typer.echo(f"Taken: {prompt.seconds:.1f} s for “{prompt.text}”")
    typer.echo("Every line that says this text has it; a daemon that runs has it within seconds.")


@app.command("script")
def script(
    context: typer.Context,
    to: Annotated[Path | None, typer.Option(help="A file instead of the screen.")] = None,
) -> None:
    """Print what a person must read in a studio."""
    with console_of(context).installation() as installation:
        text = installation.prompts().script(installation.policy())
    if to is None:
        typer.echo(text, nl=False)
    else:
        write_for_person(to, text.encode())


def _named(key: tuple[str, str, str]) -> dict[str, str]:
    line, language, part = key
    return {"line": line, "language": language, "part": part}
