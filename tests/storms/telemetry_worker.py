"""A process that changes things, counts them, and sends what it counts, until it is killed.

`python -m tests.storms.telemetry_worker <database URL> <schema> <data plane's URL>`
"""

import asyncio
import sys

import aiohttp

from incidents.model import EntryKind, TimelineEntry
from plugin.app import new_event_id, new_id, now_ms
from plugin.storage.database import Database
from plugin.storage.event_queue import SqlEventQueue
from plugin.storage.outbox import TELEMETRY
from plugin.storage.unit_of_work import SqlStore, SqlTransaction
from telemetry.events import TaskAction, TaskEvent
from telemetry.sender import Sender
from telemetry.switch import Switch
from tests.plans import plan, turned_on

INCIDENT = "i" * 26


async def main(url: str, schema: str, collector: str) -> None:
    database = Database(url, schema=schema)
    database.open()
    switch = Switch()
    await turned_on(switch, database, plan(collector))
    store = SqlStore(
        database=database, switch=switch, now=now_ms, new_id=new_id, on_posts=lambda: None, on_events=lambda _: None
    )
    await store.take_over()  # what the killed one had leased
    async with aiohttp.ClientSession() as http:
        sender = Sender(
            queue=SqlEventQueue(database=database, kind=TELEMETRY, permit=lambda: switch.permit, now=now_ms),
            destination=lambda: switch.plan.data_plane if switch.plan else None,
            session=http,
            now=now_ms,
        )
        print("ready", flush=True)
        await asyncio.gather(_change(store), _send(sender))


async def _change(store: SqlStore) -> None:
    while True:
        ids = [new_event_id() for _ in range(3)]

        def work(tx: SqlTransaction, ids: list[str] = ids) -> None:
            for number, event_id in enumerate(ids):
                tx.timeline.add(
                    TimelineEntry(
                        id=event_id,
                        incident_id=INCIDENT,
                        version=number,
                        at=now_ms(),
                        person_id="",
                        kind=EntryKind.TASK_ADDED,
                    )
                )
                tx.tracker.track(
                    TaskEvent(message_id=event_id, at=now_ms(), user_id="", action=TaskAction.ADD, incident_id=INCIDENT)
                )

        await store.run(work)


async def _send(sender: Sender) -> None:
    while True:
        await sender.send_once()
        await asyncio.sleep(0.001)  # lets the changes have their turn


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
