"""What a person's rights and the periods need: when things were said, whose conversations and photos they are.

What is there already counts from now on. The words that tickets were searched by stood beside them in the clear.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_DATED = {"conversations": "said_at", "turns": "said_at", "outbox": "said_at", "photos": "at"}
# States and turns in which something was proven or shown.
_STATES = sa.text('SELECT key, state FROM conversations WHERE state LIKE \'%"verified":["%\'')
_TURNS = sa.text(
    "SELECT seq, key, turn FROM turns WHERE seq > :after AND"
    ' (turn LIKE \'%"photos":[{%\' OR turn LIKE \'%"grants":["%\') ORDER BY seq LIMIT :page'
)
_PAGE = 500


def upgrade() -> None:
    for table, column in _DATED.items():
        op.add_column(table, sa.Column(column, sa.Float, nullable=False, server_default="0"))
        op.execute(sa.text(f"UPDATE {table} SET {column} = :now").bindparams(now=time.time()))  # noqa: S608 (names of ours)
        op.create_index(f"{table}_{column}", table, [column])
    op.create_table(
        "proven",
        sa.Column("proof", sa.String(128), primary_key=True),
        sa.Column("key", sa.String(512), primary_key=True),
    )
    op.create_index("proven_key", "proven", ["key"])
    op.create_table(
        "photo_uses",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("key", sa.String(512), primary_key=True),
    )
    op.create_index("photo_uses_key", "photo_uses", ["key"])
    _find_owners(op.get_bind())
    op.drop_column("tickets", "words")


def downgrade() -> None:
    op.add_column("tickets", sa.Column("words", sa.Text, nullable=False, server_default=""))
    op.drop_index("photo_uses_key", "photo_uses")
    op.drop_table("photo_uses")
    op.drop_index("proven_key", "proven")
    op.drop_table("proven")
    for table, column in reversed(_DATED.items()):
        op.drop_index(f"{table}_{column}", table)
        op.drop_column(table, column)


def _find_owners(connection: sa.Connection) -> None:
    """Note what was proven and which photos were sent in the conversations that there are."""
    proofs: set[tuple[str, str]] = set()
    photos: set[tuple[str, str]] = set()
    for key, state in connection.execute(_STATES):
        proofs |= {(proof, key) for proof in json.loads(state)["verified"]}
    for key, turn in _turns(connection):
        photos |= {(photo["digest"], key) for photo in turn["message"]["photos"]}
        proofs |= {(proof, key) for outcome in turn["outcomes"] for proof in outcome["grants"]}
    for table, column, rows in (("proven", "proof", proofs), ("photo_uses", "digest", photos)):
        insert = sa.text(f"INSERT INTO {table} ({column}, key) VALUES (:value, :key)")  # noqa: S608 (names of ours)
        if rows:
            connection.execute(insert, [{"value": value, "key": key} for value, key in sorted(rows)])


def _turns(connection: sa.Connection) -> Iterator[tuple[str, Any]]:
    after = 0
    while rows := connection.execute(_TURNS, {"after": after, "page": _PAGE}).all():
        after = rows[-1].seq
        yield from ((row.key, json.loads(row.turn)) for row in rows)
