"""All commands, in the order in which a person meets them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from asterisk_gdpr.cli import (
    agents,
    alarms,
    backup,
    calls,
    check,
    clock,
    demo,
    dialplan,
    documents,
    erasure,
    explain,
    exporting,
    holds,
    init,
    keys,
    ledger,
    metrics,
    never,
    page_key,
    policy,
    processes,
    prompts,
    recipients,
    recordings,
    reload,
    requests,
    self_test,
    status,
    strange_keys,
    unlock,
    users,
    vault,
)
from asterisk_gdpr.cli.console import DEFAULT, VARIABLE, console_of

app = typer.Typer(
    name="asterisk-gdpr",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def asterisk_gdpr(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=f"The installation. Default: ${VARIABLE}, else {DEFAULT}."),
    ] = None,
) -> None:
    """Call recording for Asterisk: notice, choice, sealed recording, retention, erasure with proof."""
    if config is not None:
        console_of(context).config = config


app.command("init")(init.init)
app.command("check")(check.check)
app.command("run")(processes.run)
app.command("web")(processes.web)
app.command("up")(processes.up)
app.command("unlock")(unlock.unlock)
app.command("lock")(unlock.lock)
app.command("status")(status.status)
app.command("metrics")(metrics.metrics)
app.add_typer(alarms.app, name="alarms")
app.command("off")(status.off)
app.command("on")(status.on)
app.command("reload")(reload.reload)
app.command("explain")(explain.explain)
app.add_typer(policy.app, name="policy")
app.add_typer(prompts.app, name="prompts")
app.add_typer(documents.app, name="documents")
app.command("dialplan")(dialplan.dialplan)
app.add_typer(calls.app, name="calls")
recordings.app.command("export")(exporting.export)
app.add_typer(recordings.app, name="recordings")
app.command("erase")(erasure.erase)
app.command("sweep")(erasure.sweep)
app.add_typer(clock.app, name="clock")
app.add_typer(holds.app, name="holds")
app.add_typer(never.app, name="never")
app.add_typer(recipients.app, name="recipients")
app.add_typer(requests.app, name="requests")
app.add_typer(agents.app, name="agents")
app.add_typer(users.app, name="users")
app.add_typer(ledger.ledger, name="ledger")
app.add_typer(ledger.certificate, name="certificate")
keys.app.command("to-token")(page_key.to_token)
keys.app.command("to-passphrase")(page_key.to_passphrase)
keys.app.command("reject")(strange_keys.reject)
app.add_typer(keys.app, name="keys")
app.add_typer(vault.app, name="vault")
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("self-test")(self_test.self_test)
app.command("demo")(demo.demo)
