"""Playbooks from templates and files: what goes out comes in again, and what cannot come in says why."""

from typing import Any

import pytest

from tests.people import API, Answer, Person

YAML = """
title: Küche brennt
create_public_incident: true
checklists:
- title: Löschen
  items:
  - title: Decke holen
    command: /echo go
- title: Lüften
"""


async def bring_in(person: Person, text: str | bytes, kind: str = "application/yaml") -> Answer:
    team = (await person.team())["id"]
    body = text.encode() if isinstance(text, str) else text
    return await person.call("POST", f"{API}/playbooks/import?team_id={team}", body, Content_Type=kind)


def said(playbook: dict[str, Any]) -> Any:
    stages = [(s["title"], [(t["title"], t["command"]) for t in s["items"]]) for s in playbook["checklists"]]
    return playbook["title"], playbook["create_public_incident"], stages


async def test_a_file_comes_in_and_goes_out_the_same(alice: Person) -> None:
    answer = await bring_in(alice, YAML)
    assert answer.status == 201, answer.body
    playbook = await alice.get(f"{API}/playbooks/{answer.json['id']}")
    expected = ("Küche brennt", True, [("Löschen", [("Decke holen", "/echo go")]), ("Lüften", [])])
    assert said(playbook) == expected
    assert playbook["member_ids"] == [alice.id]
    for kind in ("yaml", "json"):
        file = await alice.call("GET", f"{API}/playbooks/{playbook['id']}/export?format={kind}")
        assert file.headers["Content-Type"].startswith(f"application/{kind}")
        assert file.headers["Content-Disposition"] == f'attachment; filename="playbook.{kind}"'
        again = await bring_in(alice, file.body, f"application/{kind}")
        assert said(await alice.get(f"{API}/playbooks/{again.json['id']}")) == expected
    assert "Küche" in (await alice.call("GET", f"{API}/playbooks/{playbook['id']}/export")).body.decode()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title: [", "line 1"),
        ("", "body"),
        ("- a list", "body"),
        ("title: true", "title"),
        ("description: without a title", "title"),
        ("title: x\nchecklists:\n- title: ''", "checklists[0].title: must not be blank"),
        ("title: &a x\ndescription: *a", "not allowed"),
        ("title: !!python/object:os.system x", "tags are not allowed"),
        ("[" * 5000, "nested"),
        (b"title: \xff\xfe", "body"),
        ("title: x\nchecklists: 2026-01-01", "checklists"),
        ('title: !!bool "secret title"', "tags are not allowed"),
        ('title: "\\ud800"', "title"),
        ('title: "\\UFFFFFFFF"', "body"),
        ("title: x\ndescription: " + "y" * 300_000, "bytes"),
    ],
)
async def test_what_is_no_playbook_says_why(alice: Person, text: str | bytes, told: str) -> None:
    answer = await bring_in(alice, text)
    assert answer.status == 400, answer.body
    assert told in answer.json["message"], answer.json


async def test_numbers_and_dates_are_texts(alice: Person) -> None:
    """As they are for people; to work out a number like the second would take a minute."""
    for title in ("2026-01-01", "1:" * 400 + "5", "5"):
        made = await bring_in(alice, f"title: {title}")
        assert (await alice.get(f"{API}/playbooks/{made.json['id']}"))["title"] == title
        again = await bring_in(alice, (await alice.call("GET", f"{API}/playbooks/{made.json['id']}/export")).body)
        assert again.status == 201


async def test_a_template_is_a_playbook_at_once(alice: Person) -> None:
    """Blank, and incident management with three stages and about twenty tasks."""
    templates = {template["id"]: template for template in await alice.get(f"{API}/playbooks/templates")}
    full = templates["incident-management"]
    assert (len(full["checklists"]), sum(len(stage["items"]) for stage in full["checklists"])) == (3, 20)
    assert templates["blank"]["checklists"] == []
    team = (await alice.team())["id"]
    made = await alice.post(f"{API}/playbooks", {**full, "id": "", "team_id": team})
    assert said(await alice.get(f"{API}/playbooks/{made['id']}")) == said(full)


async def test_an_incident_knows_its_playbooks_version(alice: Person) -> None:
    """A running incident is what the playbook was when it was started."""
    made = (await bring_in(alice, YAML)).json["id"]
    path = f"{API}/playbooks/{made}"
    first = await alice.start("First", playbook="", playbook_id=made)
    await alice.put(path, {**await alice.get(path), "checklists": []})
    second = await alice.start("Second", playbook="", playbook_id=made)
    assert (first["playbook_version"], second["playbook_version"]) == (1, 2)
    assert [len(one["checklists"]) for one in (first, second)] == [2, 0]
