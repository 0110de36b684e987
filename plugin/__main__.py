"""The command line: `incident-response`, also `python -m plugin`."""

import argparse
import asyncio
import os
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

    if options.command == "telemetry" and options.what == "events":
        return _events(as_json=options.json)
    if options.command == "docs":
        return docs.write(Path(options.folder), check=options.check)
    try:
        settings = load()
    except SettingsError as error:
        return _failed(error)
    logs.configure(settings)
    if options.command == "telemetry":
        return _telemetry(settings, options)
    return _export(settings, options) if options.command == "export" else _demo(settings, options)


def _events(*, as_json: bool) -> int:
    import json

    from telemetry.document import telemetry_page
    from telemetry.registry import as_data

    print(json.dumps(as_data(), indent=2) if as_json else telemetry_page(), end="\n" if as_json else "")
    return 0


def _telemetry(settings: "Settings", options: argparse.Namespace) -> int:
    from plugin.telemetry_cli import TelemetryCommandError, run

    try:
        run(settings, options)
    except TelemetryCommandError as error:
        return _failed(error)
    except KeyboardInterrupt:
        pass  # how following ends
    except BrokenPipeError:  # whoever read has seen enough; nothing more can be said, also not at the exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
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
    _add_telemetry(commands.add_parser("telemetry", help="what leaves, and deciding it"))
    docs = commands.add_parser("docs", help="write the generated documentation")
    docs.add_argument("folder", nargs="?", default=".", help="the project's folder (default: %(default)s)")
    docs.add_argument("--check", action="store_true", help="only tell whether it is current")
    return parser


def _add_telemetry(parser: argparse.ArgumentParser) -> None:
    from telemetry.consent import Level

    what = parser.add_subparsers(dest="what", required=True)
    events = what.add_parser("events", help="every event and the nightly record, with their properties")
    events.add_argument("--json", action="store_true", help="for programs")
    status = what.add_parser("status", help="what may leave, who has decided that, what became of it")
    status.add_argument("--json", action="store_true", help="for programs")
    preview = what.add_parser("preview", help="what would leave, as JSON")
    levels = [str(level) for level in Level if level is not Level.UNDECIDED]
    preview.add_argument("--level", choices=levels, help="default: the one that holds, or usage")
    tail = what.add_parser("tail", help="the last requests that have left, a line of JSON each")
    tail.add_argument("-n", type=int, default=10, help="how many (default: %(default)s)")
    tail.add_argument("-f", "--follow", action="store_true", help="go on with those to come")
    export = what.add_parser("export", help="all that has left in seven days, waits, or was refused, as JSON")
    export.add_argument("-o", "--output", required=True, help="the file")
    choose = what.add_parser("level", help="decide what may leave; off also deletes what has not left")
    choose.add_argument("level", choices=[*levels, str(Level.UNDECIDED)], help="undecided takes your decision back")
    for level in levels:
        what.add_parser(level, help=f"the same as: level {level}").set_defaults(level=level)
    what.add_parser("reset", help="be another installation from now on, as seen from outside")


def _failed(error: Exception) -> int:
    print(f"incident-response: {error}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
