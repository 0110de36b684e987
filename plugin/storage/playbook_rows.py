"""Playbooks <-> rows."""

import json
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from playbooks.model import Playbook, PlaybookSummary, StageTemplate, TaskTemplate
from playbooks.ports import PlaybookPage, PlaybookQuery, PlaybookSort
from plugin.storage.tables import playbook_members, playbooks

_SORTS = {
    PlaybookSort.TITLE: playbooks.c.title_folded,
    PlaybookSort.STAGES: playbooks.c.num_stages,
    PlaybookSort.TASKS: playbooks.c.num_tasks,
}


_SUMMARY = [column for column in playbooks.c if column.name not in ("stages", "title_folded")]


class SqlPlaybookRows:
    """`playbooks.ports.PlaybookRows` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, playbook: Playbook) -> None:
        self._connection.execute(insert(playbooks).values(id=playbook.id, **_columns(playbook)))
        self._add_members(playbook)

    def replace(self, playbook: Playbook) -> None:
        self._connection.execute(update(playbooks).where(playbooks.c.id == playbook.id).values(_columns(playbook)))
        self._connection.execute(delete(playbook_members).where(playbook_members.c.playbook_id == playbook.id))
        self._add_members(playbook)

    def lock(self, playbook_id: str) -> Playbook | None:
        self._connection.execute(select(playbooks.c.id).where(playbooks.c.id == playbook_id).with_for_update())
        return self.get(playbook_id)

    def _add_members(self, playbook: Playbook) -> None:
        members = [
            {"playbook_id": playbook.id, "user_id": member, "position": place}
            for place, member in enumerate(playbook.member_ids)
        ]
        if members:
            self._connection.execute(insert(playbook_members), members)

    def get(self, playbook_id: str) -> Playbook | None:
        row = self._connection.execute(select(playbooks).where(playbooks.c.id == playbook_id)).one_or_none()
        if row is None:
            return None
        members = self._connection.execute(
            select(playbook_members.c.user_id)
            .where(playbook_members.c.playbook_id == playbook_id)
            .order_by(playbook_members.c.position)
        )
        return Playbook(
            id=row.id,
            team_id=row.team_id,
            title=row.title,
            description=row.description,
            create_public_incident=row.create_public_incident,
            create_at=row.create_at,
            delete_at=row.delete_at,
            version=row.version,
            stages=tuple(_stage(stage) for stage in json.loads(row.stages)),
            member_ids=tuple(members.scalars()),
        )

    def page(self, query: PlaybookQuery) -> PlaybookPage:
        where = [playbooks.c.team_id == query.team_id, playbooks.c.delete_at == 0]
        if query.member_id is not None:
            mine = select(playbook_members.c.playbook_id).where(playbook_members.c.user_id == query.member_id)
            where.append(playbooks.c.id.in_(mine))
        total = self._connection.execute(select(func.count()).select_from(playbooks).where(*where)).scalar_one()
        sort = _SORTS[query.sort]
        rows = self._connection.execute(
            select(*_SUMMARY)
            .where(*where)
            .order_by(sort.desc() if query.descending else sort.asc(), playbooks.c.id)
            .limit(query.per_page)
            .offset(query.page * query.per_page)
        )
        return PlaybookPage(total=total, items=tuple(_summary(row) for row in rows))


def _columns(playbook: Playbook) -> dict[str, Any]:
    return {
        "team_id": playbook.team_id,
        "title": playbook.title,
        "title_folded": playbook.title.casefold(),
        "description": playbook.description,
        "create_public_incident": playbook.create_public_incident,
        "create_at": playbook.create_at,
        "delete_at": playbook.delete_at,
        "version": playbook.version,
        "num_stages": len(playbook.stages),
        "num_tasks": playbook.num_tasks,
        "stages": json.dumps([asdict(stage) for stage in playbook.stages]),
    }


def _stage(stage: dict[str, Any]) -> StageTemplate:
    tasks = tuple(TaskTemplate(**task) for task in stage["tasks"])
    return StageTemplate(id=stage["id"], title=stage["title"], tasks=tasks)


def _summary(row: Row[Any]) -> PlaybookSummary:
    return PlaybookSummary(
        id=row.id,
        team_id=row.team_id,
        title=row.title,
        description=row.description,
        create_public_incident=row.create_public_incident,
        create_at=row.create_at,
        delete_at=row.delete_at,
        version=row.version,
        num_stages=row.num_stages,
        num_tasks=row.num_tasks,
    )
