"""What is happening: incidents, from start to end."""
