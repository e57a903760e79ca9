"""`vault`: whether everything that was sealed is there, and as it was."""

from __future__ import annotations

from typing import Annotated

import typer

from asterisk_gdpr.cli.console import console_of, who
from asterisk_gdpr.cli.output import AsJson, print_json, print_table
from asterisk_gdpr.errors import Refused

app = typer.Typer(no_args_is_help=True, help="Where containers lie.")


@app.callback()
def vault() -> None:
    """Where containers lie."""


@app.command("verify")
def verify(
    context: typer.Context,
    rate: Annotated[float, typer.Option(min=0.001, help="Megabytes a second that may be read.")] = 50.0,
    anew: Annotated[
        bool, typer.Option("--anew", help="From the start, not from where the last one was interrupted.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read every container: find what is missing, damaged, orphaned or unregistered; exit 1 if any is.

    It changes nothing and opens nothing; interrupted, it goes on where it was.
    """
    from asterisk_gdpr.service.proof.vault_check import VaultCheck  # with all that reads containers

    with console_of(context).installation() as installation:
        check = VaultCheck(
            installation.register(),
            installation.vault(),
            installation.verify_keys(),
            installation.clock,
            installation.config.paths.state / "vault-verify.json",
            bytes_a_second=rate * 1e6,
        )
        looked = list(check.walk(anew=anew))
        faults = [each.fault for each in looked if each.fault is not None]
        told = {"user": who(), "containers": len(looked), "faults": len(faults)}
        installation.register().record("vault-verified", told, installation.clock.now())
    if as_json:
        print_json({"looked_at": len(looked), "faults": faults})
    else:
        rows = [(fault.recording, fault.wrong, fault.reason) for fault in faults]
        print_table(
            ("RECORDING", "WRONG", "REASON"), rows, f"All {len(looked)} containers are as they were sealed."
        )
    if faults:
        raise typer.Exit(1)


@app.command("move")
def move(context: typer.Context, as_json: AsJson = False) -> None:
    """Bring what lies in vaults of earlier days to where containers stay now; exit 1 if not all.

    Those are `paths.earlier_vaults`, `earlier_buckets`, and a bucket that is to take nothing more.
    Each container is read back and compared before it goes from where it was.
    Interrupted, the move goes on where it was.
    """
    with console_of(context).installation() as installation:
        brought, stays = 0, []
        for each in installation.settling().move():
            brought += not each.why
            stays += [(each.recording, each.why)] if each.why else []
        told = {"user": who(), "containers": brought, "left": len(stays)}
        installation.register().record("vault-moved", told, installation.clock.now())
    if as_json:
        print_json({"moved": brought, "left": dict(stays)})
    else:
        print_table(
            ("RECORDING", "STAYS, SINCE"), stays, f"{brought} containers were moved, and none is left."
        )
    if stays:
        raise typer.Exit(1)


@app.command("lay-out")
def lay_out(context: typer.Context) -> None:
    """Mark the bucket of the configuration as a vault, once, and say whether it enforces locks.

    Without the mark nothing in it counts as gone: it may be another bucket.
    """
    from asterisk_gdpr.bootstrap.stores import bucket_of

    with console_of(context).installation() as installation:
        at = installation.config.bucket
        if at is None:
            raise Refused(
                "The configuration has no bucket.", hint="Write `bucket:` into it first.", id="no-bucket"
            )
        bucket = bucket_of(at)
        bucket.lay_out()
        enforced = bucket.prove_lock()
    print(f"The bucket is marked. It {'enforces' if enforced else 'does not enforce'} Object Lock.")
