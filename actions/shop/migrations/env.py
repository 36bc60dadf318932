"""Alembic's entry; the connection is handed in by `bot.database.migrate`."""

from bot.database import run_migrations

run_migrations()
