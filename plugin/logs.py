"""structlog: readable lines on a terminal, JSON elsewhere. Ids, enums, numbers, flags; never what people wrote."""

import logging
import sys
from typing import Any

import structlog

from plugin.settings import LogFormat, Settings

_HCLOG_LEVELS = {"warning": "warn", "critical": "error", "exception": "error"}


def _hclog(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    """Mattermost takes a line into its own log if it is JSON as go-hclog writes it (plugin protocol, section 1)."""
    level = event.pop("level", "info")
    return {
        "@level": _HCLOG_LEVELS.get(level, level),
        "@message": event.pop("event", ""),
        "@timestamp": event.pop("timestamp"),
        **event,
    }


def configure(settings: Settings, *, for_mattermost: bool = False) -> None:
    """Set up structlog and the standard library's logging, once, at start-up.

    `for_mattermost`: stderr is read by Mattermost, unless the setting says otherwise.
    """
    hclog: list[Any] = [_hclog] if for_mattermost and settings.log_format is LogFormat.AUTO else []
    readable = settings.log_format is LogFormat.CONSOLE or (
        settings.log_format is LogFormat.AUTO and not hclog and sys.stderr.isatty()
    )
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="%Y-%m-%dT%H:%M:%S.%fZ", utc=True),
    ]
    renderer: list[Any] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if readable
        else [structlog.processors.format_exc_info, *hclog, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[*shared, *renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(level, logging.WARNING))
    # It would log a malformed request with the line at fault, which can hold a token; our own middleware logs failures.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL + 1)
