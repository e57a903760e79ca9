"""The schema's versions: brought up to date before the register is opened, never behind its back."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import column, inspect, select, table

from asterisk_gdpr.adapters.register.database import Database, create
from asterisk_gdpr.errors import Refused

newest = "0031"
"""The schema that this program is written for: the last of `migrations/versions`."""

migrations = Path(__file__).parent / "migrations"


def upgrade(url: str) -> None:
    """Make the register's file if there is none, and bring its schema up to date, in one transaction.

    Raises Refused (`register-url`, `register-outdated`) or Unreachable.
    """
    # Alembic takes longer to import than most commands take to run, and only an upgrade needs it.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    create(url)
    database = Database(url)
    try:
        config = Config()
        config.set_main_option("script_location", str(migrations))
        with database.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, newest)
    except CommandError:  # written by a program that knows versions which this one does not
        require_current(database)
        raise
    finally:
        database.close()


def require_current(database: Database) -> None:
    """Refuse a schema that this program was not written for, be it older or newer."""
    found = _version(database)
    if found != newest:
        raise Refused(
            f"The register's schema is {found or 'missing'}, and this program needs {newest}.",
            hint="Stop every part of asterisk-gdpr, then start it again: it brings an older one up to date.",
            id="register-outdated",
        )


def _version(database: Database) -> str | None:
    versions = table("alembic_version", column("version_num"))
    with database.reading() as connection:
        if not inspect(connection).has_table(versions.name):
            return None
        found: str | None = connection.execute(select(versions.c.version_num)).scalar_one_or_none()
        return found
