"""Places of tasks stay dense and in order, whatever is added, moved and removed."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from incidents.model import Head, Incident, Phase, Stage, Task
from plugin.storage.incident_rows import SqlIncidentRows
from tests.databases import opened

STEP = st.tuples(
    st.sampled_from(["add", "remove", "move"]),
    st.integers(0, 1),
    st.integers(0, 9),
    st.integers(0, 1),
    st.integers(0, 9),
)


def incident(stages: list[list[str]]) -> Incident:
    head = Head(
        id="i" * 26, team_id="t", channel_id="", channel_name="n", name="n", description="", phase=Phase.ACTIVE,
        is_public=True, commander_id="c", reporter_id="c", playbook_id="", playbook_version=0, post_id="", create_at=1,
        end_at=0, active_since=1, active_ms=0, active_stage_id="s0", version=0,
    )  # fmt: skip
    return Incident(
        head=head,
        stages=tuple(
            Stage(id=f"s{place}", title="s", tasks=tuple(Task(id=name, title=name) for name in names))
            for place, names in enumerate(stages)
        ),
    )


class _EnoughSeen(Exception):
    """Undoes what an example has done."""


def test_the_rows_are_those_of_two_lists(store: dict[str, Any], tmp_path: Path) -> None:
    database = opened(store, tmp_path)

    @settings(max_examples=30, deadline=None)
    @given(steps=st.lists(STEP, max_size=20))
    def for_any_steps(steps: list[tuple[str, int, int, int, int]]) -> None:
        def work(connection: Connection) -> None:
            _walk(SqlIncidentRows(connection), [["a", "b", "c"], ["d"]], steps)
            raise _EnoughSeen

        with pytest.raises(_EnoughSeen):
            asyncio.run(database.write(work))

    for_any_steps()
    database.close()


def _walk(rows: SqlIncidentRows, model: list[list[str]], steps: list[tuple[str, int, int, int, int]]) -> None:
    rows.claim(incident(model), lease_until=0)
    owner = "i" * 26
    for number, (what, stage, place, to_stage, to_place) in enumerate(steps):
        names = model[stage]
        if what == "add":
            name = f"n{number}"
            rows.add_task(owner, f"s{stage}", len(names), Task(id=name, title=name))
            names.append(name)
        elif names:
            found = rows.find_task(owner, str(stage), str(place % len(names)))
            names.remove(found.task.id)
            if what == "remove":
                rows.remove_task(owner, found)
            else:
                target = to_place % (len(model[to_stage]) + 1)
                rows.move_task(owner, found, f"s{to_stage}", target)
                model[to_stage].insert(target, found.task.id)
        stored = rows.get(owner)
        assert stored
        assert [[task.id for task in stage.tasks] for stage in stored.stages] == model
        for s, ids in enumerate(model):
            for t, task_id in enumerate(ids):
                assert rows.find_task(owner, str(s), str(t)).task.id == task_id
