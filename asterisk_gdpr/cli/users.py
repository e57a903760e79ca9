"""`users`: who may use the page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from asterisk_gdpr.cli.console import console_of, secret, who
from asterisk_gdpr.cli.output import AsJson, local, print_json, print_table

app = typer.Typer(no_args_is_help=True, help="Who may use the page.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The user's name.")]
PasswordFile = Annotated[Path | None, typer.Option(help="The password, instead of asking at the terminal.")]


@app.command("add")
def add(
    context: typer.Context,
    name: Name,
    role: Annotated[list[str], typer.Option(help="A role, as the policy's listeners name it; repeatable.")],
    password_file: PasswordFile = None,
) -> None:
    """Add a person; they sign in by name and password."""
    console = console_of(context)
    with console.installation() as installation:
        password = secret("password", password_file, new=True)
        user = installation.accounts(console.hasher).add(name, password, role, by=who())
    typer.echo(f"Added {user.name} as {', '.join(sorted(user.roles))}.")


@app.command("list")
def list_all(context: typer.Context, as_json: AsJson = False) -> None:
    """List everybody, the disabled too."""
    with console_of(context).installation() as installation:
        users = installation.register().users()
        if as_json:
            print_json(
                [
                    {
                        "name": user.name,
                        "roles": user.roles,
                        "created_at": user.created_at,
                        "disabled_at": user.disabled_at,
                    }
                    for user in users
                ]
            )
            return
        rows = [
            (u.name, sorted(u.roles), local(installation, u.created_at), bool(u.disabled_at)) for u in users
        ]
    print_table(("NAME", "ROLES", "SINCE", "DISABLED"), rows, "There are no users.")


@app.command("disable")
def disable(context: typer.Context, name: Name) -> None:
    """Shut a person out, from open sessions too."""
    console = console_of(context)
    with console.installation() as installation:
        installation.accounts(console.hasher).disable(name, who())
    typer.echo(f"{name} is shut out.")


@app.command("enable")
def enable(context: typer.Context, name: Name) -> None:
    """Let a person in again."""
    console = console_of(context)
    with console.installation() as installation:
        installation.accounts(console.hasher).enable(name, who())
    typer.echo(f"{name} may sign in again.")


@app.command("password")
def password(context: typer.Context, name: Name, password_file: PasswordFile = None) -> None:
    """Give a person a new password; their sessions end."""
    console = console_of(context)
    with console.installation() as installation:
        chosen = secret("password", password_file, new=True)
        installation.accounts(console.hasher).set_password(name, chosen, who())
    typer.echo(f"{name} has a new password.")
