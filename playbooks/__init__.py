"""Templates of a response: stages and tasks that an incident is started from."""
