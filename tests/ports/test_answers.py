"""Idempotency keys: what a repetition finds, also after a crash or a refusal."""

import asyncio

from plugin.storage import answers
from plugin.storage.database import Database

WHO, KEY = "p" * 26, "key"


async def claim(database: Database, subject: str, *, now: int = 1000, asked: str = "hash") -> answers.Known:
    return await database.write(lambda c: answers.claim(c, WHO, KEY, asked, subject, now))


async def test_an_open_outcome_goes_on_with_the_same_subject(database: Database) -> None:
    """Otherwise "try again in a moment" would make a second incident."""
    assert (await claim(database, "first")).fresh
    assert not (await claim(database, "second")).fresh
    await database.write(lambda c: answers.give_back(c, WHO, KEY))
    again = await claim(database, "third")
    assert (again.fresh, again.subject_id) == (True, "first")


async def test_a_refusal_that_did_nothing_frees_the_key(database: Database) -> None:
    await claim(database, "first")
    await database.write(lambda c: answers.release(c, WHO, KEY))
    again = await claim(database, "second", asked="corrected")
    assert (again.fresh, again.subject_id) == (True, "second")


async def test_a_crashed_claim_is_taken_over_when_its_lease_ends(database: Database) -> None:
    await claim(database, "first")
    later = await claim(database, "second", now=1000 + answers.LEASE_MS)
    assert (later.fresh, later.subject_id) == (True, "first")


async def test_answers_are_kept_for_a_day(database: Database) -> None:
    await claim(database, "first")
    await database.write(lambda c: answers.keep(c, WHO, KEY, 201, {"Location": "/x"}, "{}"))
    known = await claim(database, "second")
    assert (known.status, known.headers, known.body, known.fresh) == (201, {"Location": "/x"}, "{}", False)
    assert (await claim(database, "third", now=1001 + answers.KEEP_MS)).subject_id == "third"


async def test_of_two_nodes_with_one_key_one_carries_it_out(database: Database) -> None:
    claims = await asyncio.gather(*(claim(database, f"subject {number}") for number in range(8)))
    assert sum(known.fresh for known in claims) == 1
    assert len({known.subject_id for known in claims}) == 1
