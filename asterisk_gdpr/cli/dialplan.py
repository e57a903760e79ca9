"""`dialplan`: what Asterisk must know of the policy by itself."""

from __future__ import annotations

from typing import Annotated

import typer

from asterisk_gdpr.cli.console import console_of
from asterisk_gdpr.core.dialplan import exempt_dialplan
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.service.new_files import replace_file


def dialplan(
    context: typer.Context,
    show: Annotated[bool, typer.Option("--print", help="Print it, and write nothing.")] = False,
) -> None:
    """Write the exempt lines and numbers for Asterisk; then `dialplan reload` in its console."""
    from asterisk_gdpr.service.setup.files import SHARED_MODE
    from asterisk_gdpr.service.setup.texts import EXEMPT

    with console_of(context).installation() as installation:
        text = exempt_dialplan(installation.policy(), installation.config.default_country)
        folder = installation.path.parent / "asterisk"
    if show:
        typer.echo(text, nl=False)
        return
    if not folder.is_dir():
        raise Refused(
            f"There is no folder {folder}, which Asterisk includes from.",
            hint="Run `asterisk-gdpr init`, or print it with --print and place it yourself.",
            id="no-snippets",
        )
    replace_file(folder / EXEMPT, text.encode(), SHARED_MODE)
    typer.echo(f"Wrote {folder / EXEMPT}. Now run `dialplan reload` in Asterisk's console.")
