"""Live updates: what changed, told to open screens."""
