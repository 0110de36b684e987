"""The use cases that the entrances share, typed; built in `plugin.app`."""

from collections.abc import Callable
from dataclasses import dataclass

from incidents.commander import Commander
from incidents.details import Details
from incidents.gate import Gate
from incidents.lifecycle import Lifecycle
from incidents.queries import IncidentQueries
from incidents.stages import Stages
from incidents.start import StartIncident
from incidents.task_editing import TaskEditing
from incidents.tasks import Tasks
from incidents.watching import Watching
from playbooks.editing import PlaybookEditing
from playbooks.queries import PlaybookQueries
from plugin.export.stream import ChannelExport
from plugin.host.access import HostAccess
from plugin.host.chat import HostChat
from plugin.reporting.desk import Desk
from telemetry.send import Telemetry


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What commands, dialogs and HTTP handlers may call."""

    gate: Gate
    start: StartIncident
    lifecycle: Lifecycle
    commander: Commander
    details: Details
    stages: Stages
    tasks: Tasks
    task_editing: TaskEditing
    incidents: IncidentQueries
    watching: Watching
    playbook_editing: PlaybookEditing
    playbooks: PlaybookQueries
    export: ChannelExport
    chat: HostChat
    access: HostAccess
    telemetry: Telemetry
    desk: Desk
    now: Callable[[], int]
