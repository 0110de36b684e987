"""SQLAlchemy Core: tables, transactions, outbox."""
