"""HTTP handlers of playbooks."""

import asyncio
from dataclasses import replace

from aiohttp import web
from pydantic import ValidationError

from playbooks.model import Playbook
from playbooks.ports import PlaybookQuery, PlaybookSort
from playbooks.templates import TEMPLATES
from plugin.api import parse
from plugin.api.answers import created, ok, ok_list, tagged
from plugin.api.context import person_id, services, subject_id
from plugin.api.errors import BadRequest
from plugin.api.parameters import PAGE, PER_PAGE, TEAM_ID, Choice, direction
from plugin.api.passes import wanted_version
from plugin.manifest import API_ROOT
from plugin.schemas.playbook_files import FORMATS, PlaybookFile, TemplateOut, is_yaml
from plugin.schemas.playbooks import PlaybookCreatedOut, PlaybookIn, PlaybookListOut, PlaybookOut, PlaybookUpdateIn

SORT = Choice(name="sort", help="What to sort by.", choices=list(PlaybookSort), default=PlaybookSort.TITLE)
DIRECTION = direction("asc")
LIST = (TEAM_ID, SORT, DIRECTION, PAGE, PER_PAGE)


async def list_playbooks(request: web.Request) -> web.Response:
    number, per_page = PAGE.read(request), PER_PAGE.read(request)
    query = PlaybookQuery(
        team_id=TEAM_ID.read(request),
        member_id=None,
        sort=PlaybookSort(SORT.read(request)),
        descending=DIRECTION.read(request) == "desc",
        page=number,
        per_page=per_page,
    )
    page = await services(request).playbooks.page(person_id(request), query)
    return ok(PlaybookListOut.of(page, number=number, per_page=per_page))


async def create_playbook(request: web.Request) -> web.Response:
    asked = await parse.body(request, PlaybookIn)
    command = asked.to_command(person_id(request), subject_id(request))
    playbook = await services(request).playbook_editing.create(command)
    return created(PlaybookCreatedOut(id=playbook.id), f"{API_ROOT}/playbooks/{playbook.id}")


async def get_playbook(request: web.Request) -> web.Response:
    playbook = await services(request).playbooks.get(person_id(request), request.match_info["id"])
    return _shown(playbook)


async def update_playbook(request: web.Request) -> web.Response:
    """Existence and permission come before the body."""
    playbook_id = request.match_info["id"]
    await services(request).playbooks.get(person_id(request), playbook_id)
    asked = await parse.body(request, PlaybookUpdateIn)
    command = asked.to_command(person_id(request), playbook_id)
    wanted = replace(command, only_version=wanted_version(request))
    return _shown(await services(request).playbook_editing.update(wanted))


async def delete_playbook(request: web.Request) -> web.Response:
    playbook_id, wanted = request.match_info["id"], wanted_version(request)
    await services(request).playbook_editing.delete(person_id(request), playbook_id, only_version=wanted)
    return web.Response(status=204)


async def restore_playbook(request: web.Request) -> web.Response:
    playbook = await services(request).playbook_editing.restore(person_id(request), request.match_info["id"])
    return _shown(playbook)


FORMAT = Choice(name="format", help="Of the file.", choices=list(FORMATS), default="yaml")


async def list_templates(_request: web.Request) -> web.Response:
    return ok_list([TemplateOut.of_template(template) for template in TEMPLATES])


async def export_playbook(request: web.Request) -> web.Response:
    playbook = await services(request).playbooks.get(person_id(request), request.match_info["id"])
    kind = FORMAT.read(request)
    text = FORMATS[kind](PlaybookFile.of(playbook))
    headers = {"Content-Disposition": f'attachment; filename="playbook.{kind}"'}
    return web.Response(text=text, content_type=f"application/{kind}", headers=headers)


async def import_playbook(request: web.Request) -> web.Response:
    """YAML or JSON, by Content-Type. Whoever imports it is its member."""
    team_id = TEAM_ID.read(request)
    await services(request).playbook_editing.check_creator(person_id(request), team_id)
    if is_yaml(request.content_type):
        try:
            file = await asyncio.to_thread(PlaybookFile.read_yaml, await request.read())
        except ValidationError:
            raise
        except ValueError as error:
            raise BadRequest("body", str(error)) from error
    else:
        file = await parse.body(request, PlaybookFile)
    command = file.to_command(person_id(request), team_id, subject_id(request))
    playbook = await services(request).playbook_editing.create(command)
    return created(PlaybookCreatedOut(id=playbook.id), f"{API_ROOT}/playbooks/{playbook.id}")


def _shown(playbook: Playbook) -> web.Response:
    return tagged(ok(PlaybookOut.of(playbook)), playbook.version)
