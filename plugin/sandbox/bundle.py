"""A plugin's bundle, unpacked as Mattermost does it: regular files and folders only, their modes kept."""

import json
import shutil
import tarfile
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path

MOST_BYTES = 50 * 1024 * 1024
"""Mattermost takes no larger upload."""


class BundleRefused(Exception):
    """`str()` says why, in one line."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """Where the parts are."""

    executable: Path
    web: Path
    version: str


def unpack(bundle: Path, folder: Path, *, plugin_id: str) -> Unpacked:
    """Replace what `folder` holds of the plugin with the bundle's. Raises BundleRefused."""
    target = folder / plugin_id
    try:
        if bundle.stat().st_size > MOST_BYTES:
            raise BundleRefused(f"{bundle.name} is larger than Mattermost takes.")
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as aside:
            with tarfile.open(bundle) as tar:
                plain = [entry for entry in tar if entry.isreg() or entry.isdir()]
                tar.extractall(aside, members=plain, filter="data")
            manifest = json.loads((Path(aside) / plugin_id / "plugin.json").read_text())
            if manifest["id"] != plugin_id:
                raise BundleRefused(f"{bundle.name} is another plugin.")
            shutil.rmtree(target, ignore_errors=True)
            (Path(aside) / plugin_id).rename(target)
        return Unpacked(
            executable=target / manifest["server"]["executables"]["linux-amd64"],
            web=target / manifest["webapp"]["bundle_path"],
            version=str(manifest["version"]),
        )
    except (OSError, EOFError, zlib.error, tarfile.TarError, ValueError, LookupError, TypeError) as error:
        raise BundleRefused(f"{bundle} is no bundle of this plugin: {error}") from error
