"""`make bundle`: what an administrator uploads, dist/incident-response-<version>-linux-amd64.tar.gz and the thin one.

The first brings Python, every library and the C library, and asks nothing of the machine but a Linux kernel on x86-64;
the thin one uses the machine's Python. Same input, same bytes: what goes in is pinned (requirements.lock), entries are
sorted, and times, owners and hash seeds are fixed.
"""

import gzip
import hashlib
import io
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import venv
from collections.abc import Iterable
from pathlib import Path

from plugin.manifest import PLUGIN_ID, VERSION
from plugin.plugin_json import ICON, WEB_BUNDLE, plugin_json

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "bundle"
WORK = ROOT / "build" / "bundle"
DIST = ROOT / "dist"
TOOLS = ROOT / ".venv-bundle"
PACKAGES = ("incidents", "playbooks", "plugin", "telemetry")
C_LIBRARY = ("libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libresolv.so.2", "libutil.so.1")
LOADER = "ld-linux-x86-64.so.2"
MOST_BYTES = 50 * 1024 * 1024
"""Mattermost's own limit of an upload."""
_EPOCH = 315_532_800
"""1980: all times in the bundle, in seconds."""


class BuildError(Exception):
    """`str()` is a line for whoever typed the command."""


def main() -> int:
    """An exit code."""
    try:
        _check_machine()
        shutil.rmtree(WORK, ignore_errors=True)
        WORK.mkdir(parents=True)
        DIST.mkdir(exist_ok=True)
        _tools()
        web = ROOT / "webapp_stub" / "dist" / "plugin" / "main.js"
        for name, server in (("linux-amd64", _whole()), ("python", _thin())):
            folder = WORK / name / PLUGIN_ID
            shutil.move(server, folder / "server")
            _put(web, folder / WEB_BUNDLE)
            _put(HERE / "assets" / "icon.svg", folder / ICON)
            manifest = json.dumps(plugin_json(f"server/{PLUGIN_ID}", any_platform=name == "python"), indent=2)
            (folder / "plugin.json").write_text(f"{manifest}\n")
            _pack(folder, DIST / f"{PLUGIN_ID}-{VERSION}-{name}.tar.gz")
    except (BuildError, subprocess.CalledProcessError, OSError) as error:
        print(f"bundle: {error}", file=sys.stderr)
        return 1
    return 0


def _check_machine() -> None:
    if (sys.platform, platform.machine()) != ("linux", "x86_64") or platform.libc_ver()[0] != "glibc":
        raise BuildError("The bundle is built on Linux, x86-64, with glibc; it then runs with any C library.")
    if absent := [tool for tool in ("gcc", "objdump") if shutil.which(tool) is None]:
        raise BuildError(f"{' and '.join(absent)} must be installed (Debian: apt-get install gcc libc6-dev binutils).")


def _run(*command: str | Path, **environment: str) -> None:
    subprocess.run(command, check=True, env={**os.environ, **environment})  # noqa: TID251 - handed on


def _tools() -> None:
    """PyInstaller and the pinned dependencies, in an environment of their own; again only when the list has changed."""
    lock = HERE / "requirements.lock"
    wanted = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()
    stamp = TOOLS / ".installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    venv.create(TOOLS, with_pip=True, clear=True)
    _run(TOOLS / "bin/pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", lock)
    stamp.write_text(wanted)


def _whole() -> Path:
    """The server's folder with everything in it; the executable is a launcher without any dependency."""
    server = WORK / "whole"
    migrations = ROOT / "plugin" / "storage" / "migrations"
    _run(
        TOOLS / "bin" / "pyinstaller", HERE / "entry.py", "--name", PLUGIN_ID, "--noconfirm", "--log-level", "ERROR",
        "--onedir", "--strip", "--exclude-module", "tkinter", "--exclude-module", "setuptools",
        "--paths", ROOT, "--workpath", WORK / "work", "--distpath", WORK / "out", "--specpath", WORK,
        "--add-data", f"{migrations}:plugin/storage/migrations", "--collect-submodules", "plugin.storage",
        PYTHONHASHSEED="0", SOURCE_DATE_EPOCH=str(_EPOCH),
    )  # fmt: skip
    shutil.move(WORK / "out" / PLUGIN_ID, server / "python")
    inside = server / "python" / "_internal"
    _without_caches(inside)
    for path in [path for path in inside.rglob("*") if path.is_symlink()]:
        path.unlink()  # to libraries that are found without: Mattermost unpacks no links
    for name in (*C_LIBRARY, LOADER):
        shutil.copy(_of_the_machine(name), inside / name)
    _complete(server / "python")
    source, launcher = HERE / "launcher.c", server / PLUGIN_ID
    _run("gcc", "-static", "-Os", "-s", "-Wall", "-Werror", "-Wl,--build-id=none", "-o", launcher, source)
    return server


def _thin() -> Path:
    """The server's folder with our own code only."""
    server = WORK / "thin"
    for package in PACKAGES:
        shutil.copytree(ROOT / package, server / "lib" / package)
    _without_caches(server)
    _put(HERE / "entry.py", server / "lib" / "entry.py")
    _put(HERE / "requirements.lock", server / "requirements.txt")
    _put(HERE / "start-thin.sh", server / PLUGIN_ID, executable=True)
    return server


def _without_caches(folder: Path) -> None:
    for cache in list(folder.rglob("__pycache__")):
        shutil.rmtree(cache)


def _of_the_machine(name: str) -> Path:
    """Where the dynamic loader finds a library of the C library's."""
    told = subprocess.run(["gcc", f"-print-file-name={name}"], capture_output=True, text=True, check=True).stdout
    path = Path(told.strip())
    if not path.is_absolute():
        raise BuildError(f"{name} is not on this machine.")
    return path.resolve()


def _complete(folder: Path) -> None:
    """Every library that anything in the folder needs is in the folder."""
    files = [path for path in folder.rglob("*") if path.is_file() and (".so" in path.name or os.access(path, os.X_OK))]
    there = {path.name for path in files}
    needed = {name for path in files for name in _needed(path)}
    if missing := sorted(needed - there):
        raise BuildError(f"The bundle lacks {', '.join(missing)}.")


def _needed(path: Path) -> Iterable[str]:
    told = subprocess.run(["objdump", "-p", path], capture_output=True, text=True, check=False).stdout
    return (line.split()[1] for line in told.splitlines() if line.strip().startswith("NEEDED"))


def _put(source: Path, target: Path, *, executable: bool = False) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)
    target.chmod(0o755 if executable else 0o644)


def _pack(folder: Path, target: Path) -> None:
    """Regular files and folders only: Mattermost leaves links out."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path in sorted([folder, *folder.rglob("*")]):
            entry = tarfile.TarInfo(str(path.relative_to(folder.parent)))
            entry.mtime = _EPOCH
            if path.is_dir():
                entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(entry)
            else:
                entry.mode = 0o755 if os.access(path, os.X_OK) else 0o644
                entry.size = path.stat().st_size
                tar.addfile(entry, io.BytesIO(path.read_bytes()))
    packed = gzip.compress(raw.getvalue(), compresslevel=9, mtime=0)
    if len(packed) > MOST_BYTES:
        raise BuildError(f"{target.name} has {len(packed):,} bytes; Mattermost takes no more than {MOST_BYTES:,}.")
    target.write_bytes(packed)
    digest = hashlib.sha256(packed).hexdigest()
    print(f"{target.relative_to(ROOT)}  {len(packed) / 1e6:.1f} MB  sha256 {digest}")


if __name__ == "__main__":
    sys.exit(main())
