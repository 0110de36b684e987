"""Interactive dialogs, built from domain values."""
