"""Makes what an administrator uploads to Mattermost."""
