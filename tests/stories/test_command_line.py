"""The demo as a process: what stops it says so in one line, and its state survives."""

import sqlite3
from pathlib import Path

import aiohttp
import pytest

from tests.command import run
from tests.people import API, log_in
from tests.storms.harness import DemoProcess


@pytest.fixture
async def running(tmp_path: Path) -> DemoProcess:
    demo = DemoProcess(tmp_path / "data", {})
    (tmp_path / "data").mkdir()
    await demo.start()
    return demo


async def test_a_port_in_use_is_said_in_a_line(running: DemoProcess, tmp_path: Path) -> None:
    ended = await run("demo", "--port", str(running.port), "--data", str(tmp_path / "other"))
    assert (ended.code, len(ended.said.splitlines())) == (1, 1)
    assert f"127.0.0.1:{running.port} can't be used" in ended.said
    await running.stop()


async def test_a_data_folder_in_use_is_said_in_a_line(running: DemoProcess) -> None:
    """Two processes on the same files would undo each other's work."""
    ended = await run("demo", "--port", "0", "--data", str(running.data))
    assert (ended.code, len(ended.said.splitlines())) == (1, 1)
    assert "in use by another demo" in ended.said
    await running.stop()


async def test_an_unwritable_data_folder_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = await run("demo", "--port", "0", "--data", str(tmp_path / "file" / "data"))
    assert (ended.code, len(ended.said.splitlines())) == (1, 1)
    assert "can't be written" in ended.said


async def test_a_database_of_a_newer_version_is_said_in_a_line(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "incident-response.sqlite")
    connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    connection.execute("INSERT INTO alembic_version VALUES ('9999')")
    connection.commit()
    connection.close()
    ended = await run("demo", "--port", "0", "--data", str(tmp_path))
    assert ended.code == 1
    assert "9999, which a newer version of incident-response made" in ended.said.splitlines()[-1]


async def test_a_file_that_is_no_database_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "incident-response.sqlite").write_text("something else entirely, and long enough to have a header")
    ended = await run("demo", "--port", "0", "--data", str(tmp_path))
    assert ended.code == 1
    assert "can't be used" in ended.said.splitlines()[-1]
    assert "Traceback" not in ended.said


@pytest.mark.parametrize(
    ("name", "value"),
    [("INCIDENT_RESPONSE_TELEMETRY", "loud"), ("INCIDENT_RESPONSE_MAX_BODY_BYTES", "7000000")],
)
async def test_a_bad_setting_is_named(name: str, value: str, tmp_path: Path) -> None:
    ended = await run("demo", "--port", "0", "--data", str(tmp_path), **{name: value})
    assert (ended.code, len(ended.said.splitlines())) == (1, 1)
    assert name in ended.said


async def test_the_state_survives_a_kill_on_the_same_port(running: DemoProcess, http: aiohttp.ClientSession) -> None:
    """Sessions, posts, incidents; no stale lock, no seed twice."""
    alice = await log_in(http, running.base, "alice")
    incident = await alice.start()
    await running.kill()
    await running.start()
    assert (await alice.get(f"{API}/incidents/{incident['id']}"))["name"] == incident["name"]
    announced = await alice.until_posted(incident["channel_id"], lambda post: "was started" in post["message"])
    assert announced
    team = (await alice.team())["id"]
    assert (await alice.get(f"{API}/playbooks?team_id={team}"))["total_count"] == 2
    await running.stop()


async def test_a_sandbox_file_that_is_none_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "mattermost.sqlite").write_text("something else entirely, and long enough to have a header")
    ended = await run("demo", "--port", "0", "--data", str(tmp_path))
    assert (ended.code, len(ended.said.splitlines())) == (1, 1)
    assert "mattermost.sqlite in the data folder can't be used" in ended.said


async def test_a_sandbox_file_of_a_newer_version_is_said_in_a_line(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "mattermost.sqlite")
    connection.execute("PRAGMA user_version=99")
    connection.commit()
    connection.close()
    ended = await run("demo", "--port", "0", "--data", str(tmp_path))
    assert (ended.code, len(ended.said.splitlines())) == (1, 1)
    assert "newer version" in ended.said


async def test_a_port_that_is_none_is_said_in_a_line(tmp_path: Path) -> None:
    ended = await run("demo", "--port", "99999", "--data", str(tmp_path))
    assert (ended.code, len(ended.said.splitlines())) == (1, 1)
    assert "99999" in ended.said
