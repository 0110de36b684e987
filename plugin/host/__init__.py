"""The domain's ports to Mattermost, over the plugin API."""
