"""What an administrator uploads: it needs nothing of the machine, and a whole walk goes through it."""

import asyncio
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import venv
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from plugin.demo import DemoError, demo
from plugin.manifest import VERSION
from plugin.runtime.process import COOKIE
from plugin.settings import Settings
from tests.people import API, log_in

ROOT = Path(__file__).resolve().parents[2]
PATH = os.environ["PATH"]  # noqa: TID251 - where the tools are
HANDSHAKE_S = 3
UPLOAD_LIMIT = 50 * 1024 * 1024

_LINUX = (sys.platform, platform.machine(), platform.libc_ver()[0]) == ("linux", "x86_64", "glibc")

pytestmark = pytest.mark.skipif(
    not _LINUX or not shutil.which("gcc") or not shutil.which("objdump"),
    reason="bundles are built on Linux, x86-64, with glibc, gcc and objdump",
)


@pytest.fixture(scope="module")
def built() -> Path:
    """The folder of the bundles."""
    subprocess.run([sys.executable, "-m", "bundle.build"], cwd=ROOT, check=True)
    return ROOT / "dist"


@pytest.fixture(scope="module")
def whole(built: Path) -> Path:
    return built / f"incident-response-{VERSION}-linux-amd64.tar.gz"


@pytest.fixture
def half(whole: Path, tmp_path: Path) -> Path:
    """A download that broke off."""
    file = tmp_path / "half.tar.gz"
    file.write_bytes(whole.read_bytes()[:100_000])
    return file


@pytest.fixture
def thin(built: Path, tmp_path: Path) -> Path:
    """The executable of the thin bundle."""
    with tarfile.open(built / f"incident-response-{VERSION}-python.tar.gz") as tar:
        tar.extractall(tmp_path, filter="data")
    return tmp_path / "incident-response" / "server" / "incident-response"


@pytest.fixture
def manifest_of_thin(thin: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((thin.parents[1] / "plugin.json").read_text())
    return manifest


def test_what_is_in_it(whole: Path) -> None:
    """Folders and files, for Mattermost leaves links out; its page of settings, the icon, the web bundle."""
    assert whole.stat().st_size < UPLOAD_LIMIT
    with tarfile.open(whole) as tar:
        entries = {entry.name: entry for entry in tar}
        assert all(entry.isreg() or entry.isdir() for entry in entries.values())
        assert not [name for name in entries if "__pycache__" in name or not name.startswith("incident-response")]
        file = tar.extractfile("incident-response/plugin.json")
        assert file is not None
        manifest = json.load(file)
    assert (manifest["id"], manifest["version"]) == ("incident-response", VERSION)
    executable = entries[f"incident-response/{manifest['server']['executables']['linux-amd64']}"]
    assert executable.mode & 0o111
    assert f"incident-response/{manifest['webapp']['bundle_path']}" in entries
    assert f"incident-response/{manifest['icon_path']}" in entries
    assert manifest["settings_schema"]["settings"]


async def _first_line(*command: str | Path, **environment: str) -> tuple[str, str]:
    """Of stdout, and all of stderr if there is no such line."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env={"PATH": PATH, **environment}
    )
    assert process.stdout
    assert process.stderr
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), HANDSHAKE_S)).decode()
        return line, "" if line else (await process.stderr.read()).decode()
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_it_needs_nothing_of_the_machine(whole: Path, tmp_path: Path) -> None:
    """In a root folder that holds the bundle and nothing else: no C library, no shell, no Python."""
    if os.getuid() != 0 or not shutil.which("unshare"):
        pytest.skip("only root may change the root folder")
    with tarfile.open(whole) as tar:
        tar.extractall(tmp_path, filter="data")
    for name in ("proc", "tmp"):
        (tmp_path / name).mkdir()
    enter = "mount -t proc proc $0/proc && exec chroot $0 /incident-response/server/incident-response"
    inside = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", enter, tmp_path)
    line, said = await _first_line(*inside, **dict([COOKIE]))
    assert line.startswith("1|1|unix|/tmp/"), said


async def test_the_thin_one_runs_on_the_machines_python(thin: Path, manifest_of_thin: dict[str, Any]) -> None:
    """Whatever processor that has."""
    assert manifest_of_thin["server"] == {"executable": "server/incident-response"}
    line, said = await _first_line(thin, INCIDENT_RESPONSE_PYTHON=sys.executable, **dict([COOKIE]))
    assert line.startswith("1|1|unix|"), said


async def test_the_thin_one_says_what_it_lacks(thin: Path, tmp_path: Path) -> None:
    """In Mattermost's log, as an error: another Python, or the packages and how to get them."""
    _, said = await _first_line(thin, INCIDENT_RESPONSE_PYTHON="/no/python")
    assert said.startswith("[ERROR]")
    assert "older than 3.11" in said
    venv.create(tmp_path / "empty")
    python = str(tmp_path / "empty" / "bin" / "python")
    _, said = await _first_line(thin, INCIDENT_RESPONSE_PYTHON=python)
    assert "requirements.txt" in said


async def test_a_walk_and_an_upgrade(whole: Path, tmp_path: Path, http: aiohttp.ClientSession) -> None:
    """The sandbox unpacks it and starts it as Mattermost does; unpacked anew, the data are still there."""
    async with demo(Settings(), host="127.0.0.1", port=0, data=tmp_path, bundle=whole) as base:
        alice = await log_in(http, base, "alice")
        incident = await alice.start("From the bundle")
        await alice.put(f"{API}/incidents/{incident['id']}/checklists/0/item/0/state", {"new_state": "closed"})
        await alice.until_posted(incident["channel_id"], lambda post: "was started" in post["message"])
    async with demo(Settings(), host="127.0.0.1", port=0, data=tmp_path, bundle=whole) as base:
        alice = await log_in(http, base, "alice")
        there = await alice.get(f"{API}/incidents/{incident['id']}")
        assert there["checklists"][0]["items"][0]["state"] == "closed"
        ended = await alice.put(f"{API}/incidents/{incident['id']}/end")
        assert not ended["is_active"]


async def test_a_file_that_is_no_bundle_is_refused(tmp_path: Path, half: Path) -> None:
    with pytest.raises(DemoError, match=r"half\.tar\.gz"):
        async with demo(Settings(), host="127.0.0.1", port=0, data=tmp_path / "data", bundle=half):
            pass
