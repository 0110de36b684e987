"""All subcommands of `/incident`, in the order that help shows them."""

from plugin.commands.announce import announce
from plugin.commands.check import check
from plugin.commands.commander import commander
from plugin.commands.end import end
from plugin.commands.export import export
from plugin.commands.info import info
from plugin.commands.list import list_incidents
from plugin.commands.registry import Call, Command, help_text
from plugin.commands.restart import restart
from plugin.commands.stage import stage
from plugin.commands.start import start
from plugin.commands.telemetry import CHOICES, telemetry
from plugin.commands.timeline import timeline
from plugin.services import Services


async def show_help(_services: Services, _call: Call) -> str:
    """`/incident help`."""
    return help_text(COMMANDS)


COMMANDS = {
    command.name: command
    for command in (
        Command(name="start", hint="", help="Start an incident from a playbook.", handler=start),
        Command(name="end", hint="", help="End the incident of this channel.", handler=end),
        Command(name="restart", hint="", help="Take the ended incident of this channel up again.", handler=restart),
        Command(
            name="stage",
            hint="next|prev",
            help="Go to the next or the previous stage.",
            handler=stage,
            choices=(("next", "Go to the next stage."), ("prev", "Go back to the previous stage.")),
        ),
        Command(
            name="check",
            hint="<stage> <task>",
            help="Check or uncheck a task, counted from 0.",
            handler=check,
            fetch="api/v0/incidents/checklist-autocomplete",
        ),
        Command(
            name="commander",
            hint="[@user]",
            help="Tell who the commander is, or hand over.",
            handler=commander,
            fetch="api/v0/incidents/member-autocomplete",
        ),
        Command(
            name="announce",
            hint="~channel …",
            help="Tell other channels of this incident.",
            handler=announce,
            fetch="api/v0/incidents/channel-autocomplete",
        ),
        Command(name="list", hint="[page]", help="List your ongoing incidents.", handler=list_incidents),
        Command(name="info", hint="", help="Show this channel's incident with all its tasks.", handler=info),
        Command(
            name="timeline",
            hint="[tasks]",
            help="Show who did what, when.",
            handler=timeline,
            choices=(("tasks", "Show how long after the start each task was done."),),
        ),
        Command(name="export", hint="", help="Get this channel as a CSV file.", handler=export),
        Command(
            name="telemetry",
            hint="[preview|sent|off|base|statistics|usage]",
            help="For system administrators: what leaves this server, and deciding it.",
            handler=telemetry,
            for_admins=True,
            choices=CHOICES,
        ),
        Command(name="help", hint="", help="Show this list.", handler=show_help),
    )
}
