"""`metrics`: how it goes, for a monitoring that reads Prometheus's text."""

from __future__ import annotations

import sys

import typer

from asterisk_gdpr.cli.console import console_of


def metrics(context: typer.Context) -> None:
    """Print how it goes as Prometheus reads it: for a file that its node exporter collects, say."""
    from asterisk_gdpr.service.metrics import metrics as told  # with a library that nothing else needs

    with console_of(context).installation() as installation:
        text = told(installation.register(), installation.clock.now(), installation.zone)
    sys.stdout.write(text.decode())
