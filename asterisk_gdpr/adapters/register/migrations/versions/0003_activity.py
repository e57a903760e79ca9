"""The ledger by what it is about, and alarms that somebody has seen."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("alarms", sa.Column("acknowledged_at", sa.String(length=27)))
    op.add_column("alarms", sa.Column("acknowledged_by", sa.Text()))
    op.add_column("ledger", sa.Column("about", sa.String(length=32)))
    _fill()
    op.create_index("ix_ledger_about_seq", "ledger", ["about", "seq"])
    op.create_index("ix_ledger_kind_seq", "ledger", ["kind", "seq"])
    op.create_index("ix_ledger_at", "ledger", ["at"])


def _fill() -> None:
    """What earlier entries are about stands in their payloads."""
    ledger = sa.table("ledger", sa.column("seq"), sa.column("payload"), sa.column("about"))
    connection = op.get_bind()
    after = 0
    while rows := connection.execute(
        sa.select(ledger.c.seq, ledger.c.payload)
        .where(ledger.c.seq > after)
        .order_by(ledger.c.seq)
        .limit(5000)
    ).all():
        after = rows[-1].seq
        known = [(row.seq, json.loads(row.payload)) for row in rows if row.payload and any(row.payload)]
        told = [(seq, payload.get("recording") or payload.get("call")) for seq, payload in known]
        values = [{"its": seq, "id": about} for seq, about in told if about]
        if values:
            connection.execute(
                sa.update(ledger).where(ledger.c.seq == sa.bindparam("its")).values(about=sa.bindparam("id")),
                values,
            )
