"""The command line: `incident-response`, also `python -m plugin`."""

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from plugin.manifest import VERSION

if TYPE_CHECKING:
    from plugin.settings import Settings


def main(argv: list[str] | None = None) -> int:
    """Parse, run, and answer with an exit code: 0, or 1 with one line that says why."""
    if (argv or sys.argv[1:])[:1] == ["native"]:  # Mattermost waits 3 seconds for its first line
        from plugin.native import main as native

        return native()
    options = _parser().parse_args(argv)
    from plugin import docs, logs
    from plugin.settings import SettingsError, load

    if options.command == "telemetry":
        return _events(as_json=options.json)
    if options.command == "docs":
        return docs.write(Path(options.folder), check=options.check)
    try:
        settings = load()
    except SettingsError as error:
        return _failed(error)
    logs.configure(settings)
    return _export(settings, options) if options.command == "export" else _demo(settings, options)


def _events(*, as_json: bool) -> int:
    import json

    from telemetry.document import telemetry_page
    from telemetry.registry import as_data

    print(json.dumps(as_data(), indent=2) if as_json else telemetry_page(), end="\n" if as_json else "")
    return 0


def _demo(settings: "Settings", options: argparse.Namespace) -> int:
    from plugin.demo import DemoError, run
    from plugin.storage.errors import StorageError

    try:
        bundle = Path(options.bundle) if options.bundle else None
        where = {"host": options.host, "port": options.port, "data": Path(options.data)}
        asyncio.run(run(settings, **where, native=options.native, bundle=bundle))
    except (DemoError, StorageError) as error:
        return _failed(error)
    return 0


def _export(settings: "Settings", options: argparse.Namespace) -> int:
    from plugin.export.download import DownloadError, download

    try:
        asyncio.run(download(settings, options.incident, Path(options.output), newest_first=options.newest_first))
    except DownloadError as error:
        return _failed(error)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="incident-response", description="Incident response for Mattermost.")
    parser.add_argument("--version", action="version", version=VERSION)
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="run the plugin inside a small Mattermost of its own")
    demo.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    demo.add_argument("--port", type=int, default=8065, help="port to listen on (default: %(default)s)")
    demo.add_argument("--data", default=".demo", help="folder that keeps the state (default: %(default)s)")
    demo.add_argument("--native", action="store_true", help="start the plugin as Mattermost does, in its own process")
    demo.add_argument("--bundle", metavar="FILE", help="start this bundle of the plugin, as Mattermost does")
    commands.add_parser("native", help="the plugin itself; Mattermost starts it")
    export = commands.add_parser("export", help="write an incident's channel into a CSV file")
    export.add_argument("incident", help="the incident's id")
    export.add_argument("-o", "--output", required=True, help="the file; it appears when it is complete")
    export.add_argument("--newest-first", action="store_true", help="default: oldest first")
    telemetry = commands.add_parser("telemetry", help="what is counted").add_subparsers(dest="what", required=True)
    events = telemetry.add_parser("events", help="every event, with its properties")
    events.add_argument("--json", action="store_true", help="for programs")
    docs = commands.add_parser("docs", help="write the generated documentation")
    docs.add_argument("folder", nargs="?", default=".", help="the project's folder (default: %(default)s)")
    docs.add_argument("--check", action="store_true", help="only tell whether it is current")
    return parser


def _failed(error: Exception) -> int:
    print(f"incident-response: {error}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
