"""Which proxy stands between us and an address. Read from the environment, and from nothing else of the user's."""

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from telemetry.destination import is_this_machine


def proxy_for(url: str) -> str | None:
    """The one that `HTTPS_PROXY` and its like name, unless `NO_PROXY` has the host; never one to this machine."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_this_machine(host) or proxy_bypass(host):
        return None
    return getproxies().get(parts.scheme)
