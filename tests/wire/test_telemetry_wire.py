"""Golden bytes: what leaves, in both dialects and both namings. Shapes from the published gateway and SDKs."""

import gzip
import json
from typing import Any

import pytest

from telemetry.destination import DataPlane, PhoneHome
from telemetry.events import IncidentAction, IncidentEvent, TaskAction
from telemetry.registry import DEFINITIONS
from telemetry.testing.judging import fault_of
from telemetry.wire import Dialect, Naming
from tests.plans import writer

AT, SENT_AT = 1_606_000_000_123, 1_606_000_060_000
EVENT = IncidentEvent(
    message_id="01a1feb9-aeb2-7c02-9bff-73bbf56e79aa",
    at=AT,
    user_id="u" * 26,
    action=IncidentAction.CREATE,
    incident_id="i" * 26,
    is_active=True,
    commander_user_id="u" * 26,
    team_id="t" * 26,
    create_at=AT,
    channel_id="c" * 26,
    post_id="",
    playbook_id="p" * 26,
    num_stages=3,
    num_tasks=11,
    active_stage=0,
    public=False,
)
_COMMON = (
    '"messageId":"01a1feb9-aeb2-7c02-9bff-73bbf56e79aa","userId":"dddddddddddddddddddddddddd",'
    '"anonymousId":"dddddddddddddddddddddddddd","properties":{"UserActualID":"uuuuuuuuuuuuuuuuuuuuuuuuuu",'
)
_FIRST = '"IncidentID":"iiiiiiiiiiiiiiiiiiiiiiiiii","IsActive":true,"CommanderUserID":"uuuuuuuuuuuuuuuuuuuuuuuuuu","TeamID":"tttttttttttttttttttttttttt",'  # noqa: E501
_REST = (
    '"PostID":"","PlaybookID":"pppppppppppppppppppppppppp","NumChecklists":3,"TotalChecklistItems":11,'
    '"ActiveStage":0,"Public":false,"PluginVersion":"0.1.0","ServerVersion":"5.35.4"},'
    '"timestamp":"2020-11-21T23:06:40.123Z",'
)
_LIBRARY = '"context":{"library":{"name":"mattermost-incident-response","version":"1.0.0"}}'
_GROUPED = f'{{"type":"track","event":"incident",{_COMMON}"Action":"create",{_FIRST}"CreateAt":1606000000123,{_REST}'
_FLAT = (
    f'{{"type":"track","event":"CreateIncident",{_COMMON}{_FIRST}"CreatedAt":1606000000123,'
    f'"ChannelIDs":["cccccccccccccccccccccccccc"],{_REST}'
)
_RUDDER = f'"originalTimestamp":"2020-11-21T23:06:40.123Z","integrations":null,"channel":"server",{_LIBRARY},"sentAt":"2020-11-21T23:07:40.000Z"}}'  # noqa: E501
_SEGMENT = f'"integrations":{{}},{_LIBRARY}}}'


@pytest.mark.parametrize(
    ("dialect", "naming", "event"),
    [
        (Dialect.RUDDER, Naming.GROUPED, _GROUPED + _RUDDER),
        (Dialect.RUDDER, Naming.FLAT, _FLAT + _RUDDER),
        (Dialect.SEGMENT, Naming.GROUPED, _GROUPED + _SEGMENT),
        (Dialect.SEGMENT, Naming.FLAT, _FLAT + _SEGMENT),
    ],
)
def test_golden_bytes(dialect: Dialect, naming: Naming, event: str) -> None:
    key, payload = writer(dialect=dialect, naming=naming).payload(EVENT)
    assert key == "incident/create"
    request = DataPlane(url="https://x.example/", write_key="k", dialect=dialect).request([payload, payload], SENT_AT)
    assert request.url == "https://x.example/v1/batch"
    assert (
        gzip.decompress(request.body).decode() == f'{{"batch":[{event},{event}],"sentAt":"2020-11-21T23:07:40.000Z"}}'
    )
    assert request.headers["Authorization"] == "Basic azo="
    assert (request.headers["Content-Encoding"], request.headers["Content-Type"]) == ("gzip", "application/json")


def test_an_attempt_changes_nothing_but_when_it_was_made() -> None:
    _key, payload = writer().payload(EVENT)
    first, second = (gzip.decompress(DataPlane(url="", write_key="k").request([payload], at).body) for at in (0, 1))
    assert first.replace(b"1970-01-01T00:00:00.000Z", b"T") == second.replace(b"1970-01-01T00:00:00.001Z", b"T")


@pytest.mark.parametrize("naming", Naming)
@pytest.mark.parametrize("dialect", Dialect)
def test_every_event_is_as_the_page_says(dialect: Dialect, naming: Naming) -> None:
    for one in DEFINITIONS:
        message: dict[str, Any] = json.loads(writer(dialect=dialect, naming=naming).payload(one.sample("m", AT))[1])
        assert fault_of(message) == ""
        assert not {"ID", "UserID"} & set(message["properties"])
        assert len(json.dumps(message)) < 16_000


def test_flat_names_are_those_of_the_older_pages() -> None:
    flat = writer(naming=Naming.FLAT)
    names = {str(one.action): json.loads(flat.payload(one.sample("m", AT))[1])["event"] for one in DEFINITIONS}
    assert names[TaskAction.MODIFY_STATE] == "ModifyStateChecklistItem"
    assert names["set_assignee_for_task"] == "SetAssignee"
    assert names["change_stage"] == "ChangeStage"


def test_phone_home_is_one_record_at_just_that_address() -> None:
    request = PhoneHome(url="https://x.example/home").request(['{"type":"phone_home"}'], SENT_AT)
    assert request.url == "https://x.example/home"
    assert json.loads(gzip.decompress(request.body)) == {"type": "phone_home", "sentAt": "2020-11-21T23:07:40.000Z"}
    assert "Authorization" not in request.headers
