"""The schema's versions: brought up to date before the register is opened, never behind its back."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from asterisk_gdpr.adapters.register.database import Database
from asterisk_gdpr.errors import Refused


def upgrade(url: str) -> None:
    """Make the register's file if there is none, and bring its schema up to date, in one transaction."""
    database = Database(url)
    try:
        config = _config()
        with database.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        database.close()


def require_current(database: Database) -> None:
    """Refuse a schema that this program was not written for, be it older or newer."""
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    with database.reading() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    if found != newest:
        raise Refused(
            f"The register's schema is {found or 'missing'}, and this program needs {newest}.",
            hint="Stop every part of asterisk-gdpr, then start it again: it brings the schema up to date.",
            id="register-outdated",
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
