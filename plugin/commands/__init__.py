"""The slash command: one module per verb."""
