"""The one plugin that runs in here: its hooks, its HTTP, its web bundle."""

import hashlib
import json
from pathlib import Path
from typing import Any, Protocol

import aiohttp
from aiohttp import web
from yarl import URL

_NOT_FORWARDED = {"authorization", "cookie", "referer", "mattermost-user-id", "host", "connection", "transfer-encoding"}
_NOT_RETURNED = {
    "connection",
    "transfer-encoding",
    "keep-alive",
    "content-length",
    "content-encoding",
    "date",
    "server",
}


class RunningPlugin(Protocol):
    """A plugin, whatever the transport: hooks with JSON values, HTTP on a socket of its own."""

    @property
    def plugin_id(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def min_server_version(self) -> str: ...

    @property
    def http_socket(self) -> str:
        """Path of the unix socket that serves its HTTP, without the `/plugins/<id>` in front."""

    async def hook(self, name: str, args: list[Any]) -> list[Any]:
        """Call a hook."""


class PluginHost:
    """No plugin until `attach`."""

    def __init__(self) -> None:
        self._plugin: RunningPlugin | None = None
        self._session: aiohttp.ClientSession | None = None
        self._bundle: Path | None = None
        self.commands: dict[str, dict[str, Any]] = {}

    def attach(self, plugin: RunningPlugin, bundle: Path | None) -> None:
        """`bundle` is the file with the plugin's web client code."""
        self._plugin = plugin
        self._bundle = bundle if bundle and bundle.exists() else None
        self._session = aiohttp.ClientSession(
            connector=aiohttp.UnixConnector(plugin.http_socket, limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
        )

    async def close(self) -> None:
        if self._session:
            await self._session.close()
        self._session = self._plugin = None

    @property
    def plugin_id(self) -> str:
        return self._plugin.plugin_id if self._plugin else ""

    async def hook(self, name: str, *args: Any) -> list[Any]:
        """Everything crosses as JSON text, as it would cross to another process."""
        if not self._plugin:
            return []
        results = await self._plugin.hook(name, json.loads(json.dumps(args)))
        copied: list[Any] = json.loads(json.dumps(results))
        return copied

    # -- HTTP

    async def proxy(self, request: web.Request, user_id: str) -> web.StreamResponse:
        """Hand a browser's request on, bodies streamed both ways; `user_id` is empty without a valid session."""
        if not self._plugin or not self._session or request.match_info["plugin_id"] != self._plugin.plugin_id:
            raise web.HTTPNotFound
        headers = [
            (name, value)
            for name, value in request.headers.items()
            if name.lower().replace("_", "-") not in _NOT_FORWARDED
        ]
        if user_id:
            headers.append(("Mattermost-User-Id", user_id))
        path = request.rel_url.raw_path_qs.removeprefix(f"/plugins/{self._plugin.plugin_id}") or "/"
        body = request.content if request.body_exists else None
        try:
            answer = await self._session.request(
                request.method, self._url(path), headers=headers, data=body, allow_redirects=False
            )
        except aiohttp.ClientConnectionError:
            return web.Response(status=503, text="The plugin does not answer.\n")
        async with answer:
            return await _returned(request, answer)

    async def post_json(self, path: str, body: dict[str, Any], user_id: str, *, once: str = "") -> dict[str, Any]:
        """What a dialog or button calls below `/plugins/`: any answer that is a JSON object counts.

        `once` is sent as Idempotency-Key.
        """
        if not self._plugin or not self._session:
            return {}
        path = path.removeprefix(f"/plugins/{self._plugin.plugin_id}")
        headers = {"Mattermost-User-Id": user_id} | ({"Idempotency-Key": once} if once else {})
        async with self._session.post(self._url(path), json=body, headers=headers) as answer:
            try:
                parsed = json.loads(await answer.read())
            except ValueError:
                return {}
        return parsed if isinstance(parsed, dict) else {}

    async def get_json(self, path: str, query: dict[str, str], user_id: str) -> Any:
        """What autocomplete asks of the plugin; None when it has no answer. `path` is below the plugin's own."""
        if not self._session:
            return None
        url = self._url("/" + path.lstrip("/")).with_query(query)
        async with self._session.get(url, headers={"Mattermost-User-Id": user_id}) as answer:
            return json.loads(await answer.read()) if answer.status == 200 else None

    def _url(self, path: str) -> URL:
        return URL(f"http://plugin{path}", encoded=True)

    # -- web client

    def webapp(self) -> list[dict[str, Any]]:
        """As `GET /plugins/webapp` lists it."""
        if not self._plugin or not self._bundle:
            return []
        return [
            {
                "id": self._plugin.plugin_id,
                "name": "",
                "version": self._plugin.version,
                "min_server_version": self._plugin.min_server_version,
                "webapp": {"bundle_path": f"/static/{self._plugin.plugin_id}/{self.bundle_name()}"},
            }
        ]

    def bundle_name(self) -> str:
        """Changes with the contents, so that browsers may keep it."""
        digest = hashlib.sha256(self._bundle.read_bytes()).hexdigest()[:16] if self._bundle else ""
        return f"{self.plugin_id}_{digest}_bundle.js"

    def bundle(self) -> bytes | None:
        return self._bundle.read_bytes() if self._bundle else None


async def _returned(request: web.Request, answer: aiohttp.ClientResponse) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status)
    for name, value in answer.headers.items():
        if name.lower() not in _NOT_RETURNED:
            response.headers.add(name, value)
    if "Content-Encoding" in answer.headers:
        response.headers["Content-Encoding"] = answer.headers["Content-Encoding"]
    if "Content-Length" in answer.headers:
        response.content_length = int(answer.headers["Content-Length"])
    await response.prepare(request)
    async for chunk in answer.content.iter_any():
        await response.write(chunk)
    await response.write_eof()
    return response
