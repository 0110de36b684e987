"""What lists know of channels follows what they are in Mattermost."""

from dataclasses import replace
from functools import partial

import pytest

from incidents import privacy as privacy_module
from incidents.model import Incident
from incidents.privacy import Privacy
from plugin.app import new_id, now_ms
from plugin.storage.database import Database
from plugin.storage.unit_of_work import SqlStore, SqlTransaction
from telemetry.switch import Switch
from tests.ports.test_incident_lists import TEAM, heads


class FakeAccess:
    """Some channels are public, some of those archived."""

    def __init__(self, public: set[str], archived: set[str]) -> None:
        self.public = public
        self.archived = archived

    async def public_channels(self, team_id: str) -> set[str]:
        return self.public - self.archived

    async def is_public(self, channel_id: str) -> bool:
        return channel_id in self.public


def _claim(incident: Incident, tx: SqlTransaction) -> None:
    tx.incidents.claim(incident, lease_until=0)


async def stored(database: Database) -> SqlStore:
    """Four incidents, the first of them private."""
    store = SqlStore(
        database=database,
        switch=Switch(),
        now=now_ms,
        new_id=new_id,
        on_posts=lambda: None,
        on_events=lambda _queued: None,
    )
    for head in heads()[:4]:
        incident = Incident(head=replace(head, team_id=TEAM), stages=())
        await store.run(partial(_claim, incident))
    return store


async def public(store: SqlStore) -> set[str]:
    known = await store.look(lambda tx: tx.incidents.publicity(TEAM))
    return {one.channel_id for one in known if one.is_public}


async def test_what_changed_is_noticed_both_ways(database: Database) -> None:
    store = await stored(database)
    access = FakeAccess(public={"c0", "c1", "c2"}, archived={"c2"})
    privacy = Privacy(store=store, access=access)  # type: ignore[arg-type]
    await privacy()
    assert await public(store) == {"c0", "c1", "c2"}
    access.public = {"c3"}
    await privacy()
    assert await public(store) == {"c3"}


async def test_archived_ones_all_have_their_turn(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are in no list, so they are asked for one by one, a few in each round: also those at the end."""
    monkeypatch.setattr(privacy_module, "_LOOKS", 1)
    store = await stored(database)
    everything = {"c0", "c1", "c2", "c3"}
    access = FakeAccess(public=set(everything), archived={"c1", "c2", "c3"})
    privacy = Privacy(store=store, access=access)  # type: ignore[arg-type]
    for _ in range(4):
        await privacy()
    access.public -= {"c3"}
    for _ in range(3):
        await privacy()
    assert await public(store) == {"c0", "c1", "c2"}
