"""`recordings redact | mark-part | account`: recordings that are made of others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asterisk_gdpr.cli.console import console_of, secret, who
from asterisk_gdpr.cli.erasure import eraser
from asterisk_gdpr.cli.inputs import new_file, text_from, write_for_person
from asterisk_gdpr.errors import Misuse, Refused

if TYPE_CHECKING:
    from asterisk_gdpr.service.sealing.deriving import Deriving

Id = Annotated[str, typer.Argument(metavar="ID", help="The recording, as `recordings list` names it.")]
Begin = Annotated[str, typer.Option("--from", help="Where it begins: seconds, or m:ss.")]
End = Annotated[str, typer.Option("--to", help="Where it ends, likewise.")]
Why = Annotated[str, typer.Option(help="Why; - reads it from standard input. The signed account has it.")]
PassphraseFile = Annotated[
    Path | None, typer.Option(help="The vault's passphrase, instead of asking at the terminal.")
]


def redact(
    context: typer.Context,
    id: Id,
    begin: Annotated[
        list[str], typer.Option("--from", help="Where a span begins: seconds, or m:ss; repeatable.")
    ],
    end: Annotated[list[str], typer.Option("--to", help="Where it ends, likewise; repeatable.")],
    why: Why,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Silence spans of a recording on both sides, for good; the times of everything else stay.

    The recording goes on under another id and a new key, with its purposes and their dates; the old key is
    destroyed, with a certificate.
    Exit 1 if the old one is not destroyed yet.
    """
    if len(begin) != len(end):
        raise Misuse("Each --from needs its --to.", id="bad-span")
    spans = [(_seconds(first), _seconds(last)) for first, last in zip(begin, end, strict=True)]
    words = _words(why)
    with _deriving(context) as (deriving, unlock):
        deriving.check_redact(id, spans)
        unlock(passphrase_file)
        made = deriving.redact(id, spans, who(), words)
    typer.echo(f"Recording {made.recording} stands in the place of {id}.")
    if made.waits_for:
        typer.echo(f"The old one is destroyed later; it waits for: {made.waits_for}")
        raise typer.Exit(1)


def mark_part(
    context: typer.Context,
    id: Id,
    begin: Begin,
    end: End,
    purpose: Annotated[str, typer.Option(help="The policy's purpose that the part is kept for.")],
    why: Why,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Let a part of a recording live by itself, for a purpose with a period of its own.

    The recording goes on to its own end, and the part is not touched by that.
    A purpose that is asked for must be one that the caller agreed to.
    """
    span, words = (_seconds(begin), _seconds(end)), _words(why)
    with _deriving(context) as (deriving, unlock):
        deriving.check_part(id, span, purpose)
        unlock(passphrase_file)
        made = deriving.mark_part(id, span, purpose, who(), words)
    typer.echo(f"Recording {made.recording} holds that part of {id}.")


def account(
    context: typer.Context,
    id: Id,
    to: Annotated[Path | None, typer.Option(help="A new file instead of the screen.")] = None,
) -> None:
    """Hand out the signed account of how a recording was made of another one: what, by whom and why."""
    if to is not None:
        new_file(to)
    with console_of(context).installation() as installation:
        made = [each for each in installation.register().derivations(id) if each.recording == id]
        record = made[0].record if made else None
    if record is None:
        raise Refused(f"The recording {id} was not made of another one.", id="not-derived")
    if to is None:
        typer.echo(record.decode("ascii"), nl=False)
    else:
        write_for_person(to, record)


@contextmanager
def _deriving(context: typer.Context) -> Iterator[tuple[Deriving, Callable[[Path | None], None]]]:
    """The service, and what unlocks the vault for it: what is refused anyhow unlocks nothing."""
    with console_of(context).installation() as installation:
        keeper = installation.keeper()

        def unlock(passphrase_file: Path | None) -> None:
            keeper.unlock(secret("passphrase of the vault", passphrase_file), by=who())

        yield installation.deriving(keeper, eraser(installation)), unlock


def _words(why: str) -> str:
    words = " ".join((text_from(Path("-")) if why == "-" else why).split())
    if not words:
        raise Misuse("Say why, in a few words.", id="no-reason")
    return words


def _seconds(text: str) -> float:
    """`12.5` or `1:02.5` as seconds."""
    match = re.fullmatch(r"(?:([0-9]{1,4}):)?([0-9]{1,6}(?:\.[0-9]{1,3})?)", text)
    if match is None or (match[1] and float(match[2]) >= 60):
        raise Misuse(f"{text!r} is no place in a recording.", hint="Write 12.5 or 1:02.", id="bad-span")
    return 60 * int(match[1] or 0) + float(match[2])
