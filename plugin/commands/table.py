"""All subcommands of `/incident`, in the order that help shows them."""

from plugin.commands.end import end
from plugin.commands.registry import Call, Command, help_text
from plugin.commands.restart import restart
from plugin.commands.start import start
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
        Command(name="help", hint="", help="Show this list.", handler=show_help),
    )
}
