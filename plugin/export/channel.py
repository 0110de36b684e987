"""All posts of a channel, a page at a time: none is lost, none comes twice, and memory does not grow.

Mattermost's `before` and `after` compare times strictly, so posts of one millisecond vanish at the edge of a page, and
pages by number shift while people post (both measured on 5.35). So each page is asked for from a post inside the page
before, the last one that is not of its edge's millisecond; what was seen of that millisecond is left out.
"""

from collections.abc import AsyncIterator
from typing import Any

from plugin.host.api import HostApi, checked

PER_PAGE = 200

Post = dict[str, Any]


async def posts(api: HostApi, channel_id: str, *, newest_first: bool) -> AsyncIterator[list[Post]]:
    """Pages of posts that are not deleted, system messages too. Raises HostError, HostGone."""
    pages = _from_the_newest(api, channel_id) if newest_first else _from_the_oldest(api, channel_id)
    async for page in pages:
        yield page


async def _from_the_newest(api: HostApi, channel_id: str) -> AsyncIterator[list[Post]]:
    seen: set[str] = set()
    pivot, number, full = "", 0, True
    while full and not pivot:  # once, unless a whole page is of one millisecond
        page = await _page(api, "GetPostsForChannel", channel_id, number)
        yield [post for post in page if post["id"] not in seen]
        seen.update(post["id"] for post in page)
        pivot, number, full = _pivot(page), number + 1, len(page) == PER_PAGE
    if full:
        async for page in _beside(api, channel_id, pivot, before=True, seen=seen):
            yield page


async def _from_the_oldest(api: HostApi, channel_id: str) -> AsyncIterator[list[Post]]:
    oldest = await _page(api, "GetPostsForChannel", channel_id, await _last_page(api, channel_id))
    if not oldest:
        return
    anchor = oldest[0]
    older = await _all_before(api, channel_id, anchor["id"])
    if not older:  # the anchor is of the oldest millisecond: take another one, behind it
        younger = await _page(api, "GetPostsAfter", channel_id, anchor["id"], 0)
        if not younger:
            async for page in _from_the_newest(api, channel_id):
                yield page
            return
        older = await _all_before(api, channel_id, younger[-1]["id"])
    yield older[::-1]
    async for page in _beside(api, channel_id, older[0]["id"], before=False):
        yield page


async def _last_page(api: HostApi, channel_id: str) -> int:
    """By doubling and halving, for nothing tells it."""
    below, above = 0, 1
    while await _page(api, "GetPostsForChannel", channel_id, above):
        below, above = above, above * 2
    while above - below > 1:
        middle = (below + above) // 2
        found = await _page(api, "GetPostsForChannel", channel_id, middle)
        below, above = (middle, above) if found else (below, middle)
    return below


async def _all_before(api: HostApi, channel_id: str, post_id: str) -> list[Post]:
    return [post async for page in _beside(api, channel_id, post_id, before=True) for post in page]


async def _beside(
    api: HostApi, channel_id: str, pivot: str, *, before: bool, seen: set[str] | None = None
) -> AsyncIterator[list[Post]]:
    """Everything before or after a post, the nearest first, but what is of its own millisecond, or `seen`."""
    known = seen or set()
    number = 0
    while True:
        page = await _page(api, "GetPostsBefore" if before else "GetPostsAfter", channel_id, pivot, number)
        if not before:
            page.reverse()
        yield [post for post in page if post["id"] not in known]
        if len(page) < PER_PAGE:
            return
        inside = _pivot(page)
        if inside:
            edge = page[-1]["create_at"]
            pivot, number, known = inside, 0, {post["id"] for post in page if post["create_at"] == edge}
        else:
            number, known = number + 1, known | {post["id"] for post in page}


async def _page(api: HostApi, method: str, *args: Any) -> list[Post]:
    """Newest first, as Mattermost has them."""
    listed = await checked(api, method, *args, PER_PAGE)
    return [listed["posts"][post_id] for post_id in listed["order"]]


def _pivot(page: list[Post]) -> str:
    """The last post that is not of the millisecond of the page's last one; empty if there is none."""
    return next((str(post["id"]) for post in reversed(page) if post["create_at"] != page[-1]["create_at"]), "")
