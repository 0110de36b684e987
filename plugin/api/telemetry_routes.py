"""The part of the table of routes that is about what leaves."""

from plugin.api import telemetry
from plugin.api.openapi import Route
from plugin.schemas import telemetry as telemetry_wire

TELEMETRY_ROUTES = (
    Route(
        "GET",
        "/telemetry",
        telemetry.get_telemetry,
        "What may leave the server, who has decided that, and what became of it",
        answers={200: telemetry_wire.TelemetryOut},
        refusals=(403,),
    ),
    Route(
        "PUT",
        "/telemetry",
        telemetry.choose_level,
        "Decide what may leave; off also deletes what has not left",
        body=telemetry_wire.LevelIn,
        answers={200: telemetry_wire.TelemetryOut},
        refusals=(403, 409),
    ),
    Route(
        "GET",
        "/telemetry/preview",
        telemetry.preview_telemetry,
        "What would leave",
        query=(telemetry.LEVEL,),
        answers={200: telemetry_wire.PreviewOut},
        refusals=(403,),
    ),
    Route(
        "GET",
        "/telemetry/sent",
        telemetry.list_sent,
        "The last requests that have left, whole, oldest first; they are kept for seven days",
        query=(telemetry.AFTER, telemetry.LIMIT),
        answers={200: list[telemetry_wire.SentOut]},
        refusals=(403,),
    ),
    Route(
        "GET",
        "/telemetry/export",
        telemetry.export_telemetry,
        "All that has left, waits or was refused",
        answers={200: telemetry_wire.EverythingOut},
        refusals=(403,),
    ),
    Route(
        "POST",
        "/telemetry/reset",
        telemetry.reset_installation,
        "Be another installation from now on, as seen from outside",
        answers={200: telemetry_wire.TelemetryOut},
        refusals=(403,),
    ),
    Route(
        "GET",
        "/telemetry/notice",
        telemetry.get_notice,
        "Whether you are to be asked what may leave",
        answers={200: telemetry_wire.NoticeOut},
    ),
    Route(
        "POST",
        "/telemetry/notice/seen",
        telemetry.notice_seen,
        "You have been shown the notice",
        answers={200: telemetry_wire.NoticeOut},
        refusals=(403,),
    ),
)
