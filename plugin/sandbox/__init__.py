"""A small Mattermost of our own, for the demo and the tests; a stranger to the plugin."""
