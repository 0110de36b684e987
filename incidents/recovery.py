"""Finishing what a process that died had begun: starts are completed, failed starts are undone."""

from collections.abc import Callable

from incidents.model import Head, Phase
from incidents.ports import Chat, ChatRefused, ChatUnavailable, Live, Store
from incidents.start import CLAIM_MS, StartIncident


class Recovery:
    """Run at start-up, and now and then: another node may have died."""

    def __init__(
        self,
        *,
        store: Store,
        chat: Chat,
        start: StartIncident,
        live: Live,
        now: Callable[[], int],
        failed: Callable[[str, Exception], None],
    ) -> None:
        """`failed` is told of an incident, by id, whose recovery broke."""
        self._store = store
        self._chat = chat
        self._start = start
        self._live = live
        self._now = now
        self._failed = failed

    async def __call__(self) -> int:
        """Take up everything unfinished; returns how many incidents are still unfinished afterwards."""
        began, left = self._now(), 0
        while head := await self._next(began):
            left += not await self._finished(head)
        return left

    async def _next(self, began: int) -> Head | None:
        """One at a time, so that each is leased for as long as its own finishing may take."""
        until = self._now() + CLAIM_MS
        return await self._store.run(lambda tx: tx.incidents.next_unfinished(free_at=began, lease_until=until))

    async def _finished(self, head: Head) -> bool:
        """One that cannot be finished, for whatever reason, must not keep the others from it."""
        try:
            return await self._finish(head)
        except Exception as error:  # noqa: BLE001 - told, and tried again
            self._failed(head.id, error)
            return False

    async def _finish(self, head: Head) -> bool:
        try:
            if head.phase is Phase.UNDOING:
                await self._start.undo(head)
                return True
            incident = await self._store.read(lambda tx: tx.incidents.get(head.id))
            if incident is None:
                return True
            quoted = await self._chat.read_post(head.reporter_id, head.post_id) if head.post_id else None
            started = await self._start.carry_out(incident, quoted=quoted, again=True)
        except ChatUnavailable:
            return False
        except ChatRefused:
            await self._start.undo(head)
            return True
        await self._live.created(started, person_id=head.reporter_id, client_id="")
        await self._live.changed(started.head)
        return True
