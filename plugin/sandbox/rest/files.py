"""Small file uploads, so that posts can have attachments."""

import json
import mimetypes

from aiohttp import web

from plugin.sandbox.errors import AppError, invalid_param
from plugin.sandbox.rest import context
from plugin.sandbox.store import new_id, now_ms

MAX_BYTES = 5 * 1024 * 1024


async def upload(request: web.Request) -> web.Response:
    """Multipart with `channel_id` and `files`, or the bytes alone with both in the query."""
    context.me(request)
    if request.content_type.startswith("multipart/"):
        form = await request.post()
        channel_id = str(form.get("channel_id", ""))
        files = [(f.filename, f.file.read()) for f in form.getall("files", []) if isinstance(f, web.FileField)]
    else:
        channel_id = request.query.get("channel_id", "")
        files = [(request.query.get("filename", "file"), await request.read())]
    world, me = context.world(request), context.me(request)
    context.allow(world.permissions.channel(me["id"], channel_id, "upload_file"))
    if not files:
        raise invalid_param("files")
    infos = []
    for name, content in files:
        if len(content) > MAX_BYTES:
            raise AppError(
                "api.file.upload_file.too_large_detailed.app_error", 413, "Unable to upload file. Too large."
            )
        infos.append(_info(me["id"], str(name), len(content)))
        world.store.insert(
            "files", {"id": infos[-1]["id"], "user_id": me["id"], "info": json.dumps(infos[-1]), "content": content}
        )
    return context.answer({"file_infos": infos, "client_ids": []}, status=201)


async def download(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    row = world.store.one("SELECT * FROM files WHERE id = ?", context.id_of(request, "file_id"))
    if not row:
        raise AppError("app.file_info.get.app_error", 404)
    if row["post_id"]:
        context.allow(
            world.permissions.channel(me["id"], world.posts.get(row["post_id"])["channel_id"], "read_channel")
        )
    else:
        context.allow(row["user_id"] == me["id"])
    info = json.loads(row["info"])
    headers = {"Content-Disposition": f'attachment; filename="{info["name"]}"', "X-Content-Type-Options": "nosniff"}
    return web.Response(body=row["content"], headers={**headers, "Content-Type": info["mime_type"]})


def _info(user_id: str, name: str, size: int) -> dict[str, object]:
    safe = name.replace("/", "_").replace("\\", "_").replace('"', "_")
    mime = mimetypes.guess_type(safe)[0] or "application/octet-stream"
    now = now_ms()
    return {
        "id": new_id(),
        "user_id": user_id,
        "channel_id": "",
        "create_at": now,
        "update_at": now,
        "delete_at": 0,
        "name": safe,
        "extension": safe.rpartition(".")[2] if "." in safe else "",
        "size": size,
        "mime_type": f"{mime}; charset=utf-8" if mime.startswith("text/") else mime,
        "mini_preview": None,
        "remote_id": "",
    }


ROUTES = [web.post("/files", upload), web.get("/files/{file_id:[A-Za-z0-9]+}", download)]
