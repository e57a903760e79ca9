"""`self-test`: a call on the living PBX that shows whether everything still works."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from asterisk_gdpr.cli.console import console_of, secret, who
from asterisk_gdpr.cli.inputs import known_line, new_file, write_for_person
from asterisk_gdpr.cli.output import AsJson, print_json, print_table
from asterisk_gdpr.errors import Unreachable


def self_test(
    context: typer.Context,
    line: Annotated[str, typer.Option(help="The line to be tested; the first that can be.")] = "",
    open_it: Annotated[
        bool, typer.Option("--open", help="Listen to what was recorded, too: needs the vault's passphrase.")
    ] = False,
    passphrase_file: Annotated[
        Path | None, typer.Option(help="The vault's passphrase, instead of asking at the terminal.")
    ] = None,
    to: Annotated[Path | None, typer.Option(help="A new file for the signed report.")] = None,
    verify: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Check the signature of a report, and test nothing.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Place calls on the living PBX that hear the notice, refuse, agree, withdraw, are sealed and erased.

    No telephone is needed: caller and agent are this software, on loopback. What is recorded is erased at
    the end. The report is signed, and an alarm stands until a test has passed. Exit 1 if it has not.
    """
    from asterisk_gdpr.bootstrap.checkup import daemon_runs
    from asterisk_gdpr.bootstrap.self_test import run_self_test
    from asterisk_gdpr.cli.erasure import eraser
    from asterisk_gdpr.service.self_test.report import read_report

    if to is not None:
        new_file(to)
    with console_of(context).installation() as installation:
        if verify is not None:
            print_json(read_report(_read(verify), installation.verify_keys()))
            return
        chosen = known_line(installation, line) if line else ""
        if not daemon_runs(installation.config):
            raise Unreachable(
                "No daemon is running here.", hint="Start it by `asterisk-gdpr run`.", id="not-running"
            )
        keeper = installation.keeper()
        if open_it or passphrase_file is not None:
            keeper.unlock(secret("passphrase of the vault", passphrase_file), by=who())
        erase = eraser(installation).erase
        report, signed = run_self_test(installation, erase, line=chosen, keeper=keeper, by=who())
    if to is not None:
        write_for_person(to, signed)
    if as_json:
        print_json({"passed": report.passed, "line": report.line, "claims": report.claims})
    else:
        words = {True: "yes", False: "NO", None: "not looked at"}
        rows = [(words[claim.held], claim.claim, claim.detail) for claim in report.claims]
        print_table(("HELD", "CLAIM", "DETAIL"), rows, "Nothing was tested.")
        typer.echo(f"The self-test of line {report.line} {'passed' if report.passed else 'FAILED'}.")
    if not report.passed:
        raise typer.Exit(1)


def _read(file: Path) -> bytes:
    from asterisk_gdpr.errors import Refused

    try:
        return file.read_bytes()
    except OSError:
        raise Refused(f"{file} cannot be read.", id="no-file") from None
