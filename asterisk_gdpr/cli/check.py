"""`check`: is everything as it must be?"""

from __future__ import annotations

import typer

from asterisk_gdpr.cli.console import console_of
from asterisk_gdpr.cli.output import AsJson, print_json, shown
from asterisk_gdpr.service.checks.finding import Finding, Severity, bad

_SIGNS = {Severity.ERROR: "ERROR", Severity.WARNING: "warning", Severity.NOT_EXAMINED: "not examined"}


def check(context: typer.Context, as_json: AsJson = False) -> None:
    """Examine the whole installation; exit 1 if anything must be mended.

    Run it as the user who runs the daemon. What could not be looked at is told, too.
    """
    from asterisk_gdpr.bootstrap.checkup import examine

    with console_of(context).installation() as installation:
        findings = list(examine(installation))
    if as_json:
        print_json({"ok": not bad(findings), "findings": findings})
    else:
        for finding in findings:
            _print(finding)
        typer.echo(_summary(findings))
    if bad(findings):
        raise typer.Exit(1)


def _print(finding: Finding) -> None:
    typer.echo(f"{_SIGNS[finding.severity]}  {shown(finding.message)}  [{finding.id}]")
    if finding.hint:
        typer.echo(f"    {shown(finding.hint)}")


def _summary(findings: list[Finding]) -> str:
    counts = [sum(finding.severity is severity for finding in findings) for severity in Severity]
    if not any(counts):
        return "Everything is as it must be."
    errors, warnings, unexamined = counts
    return f"{errors} to be mended, {warnings} to be looked at, {unexamined} not examined."
