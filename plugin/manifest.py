"""What the plugin is called; the names in here are relied on by people and scripts."""

VERSION = "0.1.0"
PLUGIN_ID = "incident-response"
PLUGIN_NAME = "Incident Response"
MIN_SERVER_VERSION = "5.30.0"

BASE_PATH = f"/plugins/{PLUGIN_ID}"
API_ROOT = f"{BASE_PATH}/api/v0"

BOT_USERNAME = "incident"
BOT_DISPLAY_NAME = "Incident Bot"
TRIGGER = "incident"
