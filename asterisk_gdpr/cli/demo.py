"""`demo`: the whole product with a real Asterisk and real phones, in folders that go away again."""

from __future__ import annotations

from typing import Annotated

import typer

Once = Annotated[bool, typer.Option("--once", help="End by itself: 0 only if all that was claimed was so.")]


def demo(once: Once = False) -> None:
    """Show it: callers who agree, refuse, keep silent and change their mind."""
    from asterisk_gdpr.rig.demo import run  # brings numpy and a whole Asterisk, which nothing else needs

    raise typer.Exit(run(once=once, say=typer.echo))
