"""The register: SQLite by SQLAlchemy Core, its schema by Alembic.

upgrade("sqlite:////var/lib/asterisk-gdpr/register.db")
register = open_register("sqlite:////var/lib/asterisk-gdpr/register.db", zone)
"""

from asterisk_gdpr.adapters.register.migrate import upgrade
from asterisk_gdpr.adapters.register.register import SqlRegister, open_register

__all__ = ["SqlRegister", "open_register", "upgrade"]
