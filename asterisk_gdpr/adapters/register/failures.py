"""What the errors of a database mean: each has an answer in our own tree, and none gets out as it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, OperationalError, TimeoutError

from asterisk_gdpr.adapters.register.group import Full, Undone
from asterisk_gdpr.errors import Damaged, Refused, Unreachable


@contextmanager
def translated() -> Iterator[None]:
    """Let no error of the database library out."""
    try:
        yield
    except (IntegrityError, DataError) as error:
        raise Refused(f"The register refuses this: {_first(error)}.", id="register-conflict") from error
    except OperationalError as error:
        raise unreachable(_first(error)) from error
    except Full as error:
        raise unreachable("another write holds it") from error
    except Undone as error:
        raise unreachable("the database has undone what was written") from error
    except TimeoutError as error:
        raise unreachable("too many threads use it") from error
    except DatabaseError as error:
        if type(error) is not DatabaseError:  # the others are bugs of ours and keep their traceback
            raise
        raise Damaged(f"The register cannot be read: {error.orig}.", id="register-damaged") from error


def unreachable(why: str) -> Unreachable:
    """The register cannot be used now."""
    return Unreachable(
        f"The register does not answer ({why}).",
        hint="Calls go on and are not recorded until it does: look at its file and its disk.",
        id="register-unreachable",
    )


def _first(error: DatabaseError) -> str:
    """The first line: PostgreSQL tells the values of a row that it refuses in those that follow."""
    return (str(error.orig).splitlines() or [""])[0].rstrip(".")
