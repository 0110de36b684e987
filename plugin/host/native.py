"""`plugin.host.api.HostApi` over Mattermost's plugin protocol."""

import json

from plugin.host.api import HostGone, Json
from plugin.runtime.api import Api
from plugin.runtime.rpc import RpcError
from plugin.runtime.yamux import Ended


class NativeApi:
    """The calls of the connection that Mattermost has opened."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def call(self, name: str, *args: Json) -> list[Json]:
        try:
            results = await self._api.call(name, *args)
        except (Ended, RpcError) as error:
            raise HostGone(name) from error
        if name == "LoadPluginConfiguration":  # Go's client library makes of the text what it is asked for
            return [json.loads(results[0] or "{}"), None]
        return results
