"""The demo as a process: what stops it says so in one line, and its state survives."""

import asyncio
import sqlite3
import sys
from pathlib import Path

import aiohttp
import pytest

from tests.people import API, log_in
from tests.storms.harness import DemoProcess


async def run(*arguments: str, **environment: str) -> tuple[int, str]:
    """Exit code, and what was said on standard error."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "plugin", *arguments, stderr=asyncio.subprocess.PIPE, env=environment or None
    )
    async with asyncio.timeout(20):
        _, said = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


@pytest.fixture
async def running(tmp_path: Path) -> DemoProcess:
    demo = DemoProcess(tmp_path / "data", {})
    (tmp_path / "data").mkdir()
    await demo.start()
    return demo


async def test_a_port_in_use_is_said_in_a_line(running: DemoProcess, tmp_path: Path) -> None:
    code, said = await run("demo", "--port", str(running.port), "--data", str(tmp_path / "other"))
    assert (code, len(said.splitlines())) == (1, 1)
    assert f"127.0.0.1:{running.port} can't be used" in said
    await running.stop()


async def test_a_data_folder_in_use_is_said_in_a_line(running: DemoProcess) -> None:
    """Two processes on the same files would undo each other's work."""
    code, said = await run("demo", "--port", "0", "--data", str(running.data))
    assert (code, len(said.splitlines())) == (1, 1)
    assert "in use by another demo" in said
    await running.stop()


async def test_an_unwritable_data_folder_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, said = await run("demo", "--port", "0", "--data", str(tmp_path / "file" / "data"))
    assert (code, len(said.splitlines())) == (1, 1)
    assert "can't be written" in said


async def test_a_database_of_a_newer_version_is_said_in_a_line(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "incident-response.sqlite")
    connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    connection.execute("INSERT INTO alembic_version VALUES ('9999')")
    connection.commit()
    connection.close()
    code, said = await run("demo", "--port", "0", "--data", str(tmp_path))
    assert code == 1
    assert "9999, which a newer version of incident-response made" in said.splitlines()[-1]


async def test_a_file_that_is_no_database_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "incident-response.sqlite").write_text("something else entirely, and long enough to have a header")
    code, said = await run("demo", "--port", "0", "--data", str(tmp_path))
    assert code == 1
    assert "can't be used" in said.splitlines()[-1]
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("name", "value"),
    [("INCIDENT_RESPONSE_TELEMETRY", "loud"), ("INCIDENT_RESPONSE_MAX_BODY_BYTES", "7000000")],
)
async def test_a_bad_setting_is_named(name: str, value: str, tmp_path: Path) -> None:
    code, said = await run("demo", "--port", "0", "--data", str(tmp_path), **{name: value})
    assert (code, len(said.splitlines())) == (1, 1)
    assert name in said


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
    code, said = await run("demo", "--port", "0", "--data", str(tmp_path))
    assert (code, len(said.splitlines())) == (1, 1)
    assert "mattermost.sqlite in the data folder can't be used" in said


async def test_a_sandbox_file_of_a_newer_version_is_said_in_a_line(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "mattermost.sqlite")
    connection.execute("PRAGMA user_version=99")
    connection.commit()
    connection.close()
    code, said = await run("demo", "--port", "0", "--data", str(tmp_path))
    assert (code, len(said.splitlines())) == (1, 1)
    assert "newer version" in said


async def test_a_port_that_is_none_is_said_in_a_line(tmp_path: Path) -> None:
    code, said = await run("demo", "--port", "99999", "--data", str(tmp_path))
    assert (code, len(said.splitlines())) == (1, 1)
    assert "99999" in said
