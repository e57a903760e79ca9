"""`ledger` and `certificate`: proofs, and checking them; files verify anywhere with the verify key alone."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from asterisk_gdpr.cli.console import Console, console_of
from asterisk_gdpr.cli.inputs import new_file, write_for_person
from asterisk_gdpr.cli.output import AsJson, print_facts, print_json, print_table
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.seal.signing import VerifyKey
from asterisk_gdpr.service.call.sampling import draws_of, seed_of
from asterisk_gdpr.service.keys.key_files import read_verify_key
from asterisk_gdpr.service.proof import ledger as ledgers
from asterisk_gdpr.service.proof.anchors import read_heads
from asterisk_gdpr.service.proof.certificates import read_any_certificate

ledger = typer.Typer(no_args_is_help=True, help="The account of what was done.")
certificate = typer.Typer(no_args_is_help=True, help="Certificates of erasures, and of the ends of keys.")

Keys = Annotated[
    list[Path] | None,
    typer.Option(
        "--key", metavar="FILE", help="A verify key, repeatable; the installation's, if none is named."
    ),
]


@ledger.command("verify")
def verify_ledger(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="An export, instead of the register's ledger.")] = None,
    key: Keys = None,
    heads: Annotated[
        Path | None,
        typer.Option(help="A file of signed heads, kept elsewhere: a cut end shows against them."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check every link of the ledger's chain; exit 1 if one does not fit.

    A payload may be erased when its period has ended, and the chain holds: how many are, it says by kind.
    """
    console = console_of(context)
    signed = [] if heads is None else read_heads(_read(heads), _keys(console, key))
    if file is None:
        with console.installation() as installation:
            verdict = ledgers.verify_book(installation.register(), signed)
    else:
        verdict = ledgers.verify_export(_read(file).splitlines(keepends=True), _keys(console, key), signed)
    if as_json:
        print_json(verdict)
    elif verdict.ok:
        typer.echo(f"The ledger is whole: {verdict.seq} entries.")
        if verdict.erased:
            gone = ", ".join(f"{count} {kind}" for kind, count in verdict.erased.items())
            typer.echo(f"Of some only the link is left, their payload was erased: {gone}.")
    else:
        typer.echo(f"The ledger is DAMAGED at entry {verdict.seq}: {verdict.reason}.")
    if not verdict.ok:
        raise typer.Exit(1)


@ledger.command("export")
def export_ledger(
    context: typer.Context, to: Annotated[Path, typer.Argument(metavar="FILE", help="A new file.")]
) -> None:
    """Write the whole ledger with a signed head, for an auditor or to be kept elsewhere."""
    new_file(to)
    with console_of(context).installation() as installation:
        entries = ledgers.all_entries(installation.register())
        lines = ledgers.export(entries, installation.clock.now(), installation.signing_key())
        write_for_person(to, b"".join(lines))
    typer.echo(f"Wrote {to}.")


@ledger.command("draws")
def draws(
    context: typer.Context,
    day: Annotated[str, typer.Argument(metavar="DAY", help="A day that is over (UTC): 2026-11-23.")],
    node: Annotated[str, typer.Option(help="Whose draws; this installation's, if none is named.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show the seed of a day, and check every draw of lines with a share by it; exit 1 if one does not fit.

    The ledger has the hash of the seed from before the first of them: nobody was picked, and nobody left out.
    """
    try:
        of = date.fromisoformat(day)
    except ValueError:
        raise Refused(f"{day!r} is no day.", hint="Write it as 2026-11-23.", id="bad-time") from None
    with console_of(context).installation() as installation:
        if of >= installation.clock.now().date():
            raise Refused("The day is not over: its seed is not shown yet.", id="day-not-over")
        whose = node or installation.config.node
        seed = seed_of(partial(installation.index_key().blind, "sampling"), whose, of.isoformat())
        register = installation.register()
        found = draws_of(of, whose, seed, ledgers.all_entries(register), register.evidence)
    if as_json:
        print_json({**asdict(found), "ok": found.ok})
    else:
        print_facts({"day": found.day, "seed": found.seed, "committed_at": found.committed_at or "never"})
        rows = [
            (one.call, f"{one.drawn:.4f}", one.share, one.offered, one.choice, one.fits)
            for one in found.calls
        ]
        print_table(("CALL", "DRAWN", "SHARE", "OFFERED", "CHOICE", "FITS"), rows, "No call was drawn.")
        first = "before the first draw" if found.committed_first else "NOT before the first draw, or another"
        typer.echo(f"The ledger has this seed's hash: {first}.")
    if not found.ok:
        raise typer.Exit(1)


@certificate.command("show")
def show_certificate(
    context: typer.Context,
    recording: Annotated[str, typer.Argument(metavar="RECORDING", help="The recording that was erased.")],
    to: Annotated[Path | None, typer.Option(help="A new file instead of the screen.")] = None,
) -> None:
    """Hand out the certificate of an erasure."""
    with console_of(context).installation() as installation:
        installation.register().recording(recording)
        document = installation.register().certificate(recording)
    if document is None:
        raise Refused(f"The recording {recording} has not been erased.", id="no-certificate")
    if to is None:
        typer.echo(document.decode(), nl=False)
    else:
        write_for_person(to, document)
        typer.echo(f"Wrote {to}.")


@certificate.command("verify")
def verify_certificate(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The certificate.")],
    key: Keys = None,
    as_json: AsJson = False,
) -> None:
    """Check that a certificate, or the evidence of a choice, is what was signed; exit 1 if it is not."""
    body = read_any_certificate(_read(file), _keys(console_of(context), key))
    if as_json:
        print_json(body)
    else:
        shown = (
            "recording",
            "of",
            "kind",
            "by",
            "why",
            "call",
            "line",
            "outcome",
            "reason",
            "ordered_at",
            "erased_at",
            "epoch",
            "began_at",
            "destroyed_at",
        )
        print_facts({name: body[name] for name in shown if name in body})
        typer.echo("The certificate is what was signed.")


def _keys(console: Console, files: list[Path] | None) -> list[VerifyKey]:
    if files:
        return [read_verify_key(file) for file in files]
    return console.load().verify_keys()


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}.", id="no-file") from None
