"""What lists know of channels follows what they are in Mattermost."""

from dataclasses import replace
from functools import partial

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


async def test_what_changed_is_noticed_both_ways(database: Database) -> None:
    store = SqlStore(
        database=database,
        switch=Switch(),
        now=now_ms,
        new_id=new_id,
        on_posts=lambda: None,
        on_events=lambda: None,
    )
    for head in heads()[:4]:
        incident = Incident(head=replace(head, team_id=TEAM), stages=())
        await store.run(partial(_claim, incident))
    access = FakeAccess(public={"c0", "c1", "c2"}, archived={"c2"})
    privacy = Privacy(store=store, access=access)  # type: ignore[arg-type]
    await privacy()
    known = await store.look(lambda tx: tx.incidents.publicity(TEAM))
    assert {one.channel_id: one.is_public for one in known} == {"c0": True, "c1": True, "c2": True, "c3": False}
    access.public = {"c3"}
    await privacy()
    known = await store.look(lambda tx: tx.incidents.publicity(TEAM))
    assert {one.channel_id for one in known if one.is_public} == {"c3"}
