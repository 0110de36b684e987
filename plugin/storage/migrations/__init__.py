"""Alembic migrations of the plugin's database."""
