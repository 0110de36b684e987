"""What a new playbook can begin with."""

from dataclasses import dataclass

from playbooks.editing import NewStage, NewTask


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A playbook that belongs to nobody yet; `id` is a word of its own, not an id of 26 characters."""

    id: str
    title: str
    description: str
    stages: tuple[NewStage, ...]


def _tasks(*tasks: tuple[str, str] | tuple[str, str, str]) -> tuple[NewTask, ...]:
    return tuple(NewTask(title=t[0], description=t[1], command=t[2] if len(t) > 2 else "") for t in tasks)


TEMPLATES = (
    Template(id="blank", title="Blank", description="", stages=()),
    Template(
        id="incident-management",
        title="Incident management",
        description="From the first alarm to the last lesson, for anything that customers notice.",
        stages=(
            NewStage(
                title="Triage",
                tasks=_tasks(
                    ("Say what is broken", "One sentence: who can not do what, and since when."),
                    (
                        "Agree on who commands",
                        "One person decides; `/incident commander @name` hands over.",
                        "/incident commander",
                    ),
                    ("Judge how bad it is", "How many are affected? Is it getting worse?"),
                    ("Call in who is on call", "For every part that may be involved: `/invite @name`."),
                    ("Set the channel's header", "So that newcomers see where to look.", "/header See the sidebar"),
                    ("Name a scribe", "Somebody who writes down what is tried, and when."),
                    ("Tell other channels", "Where people will ask.", "/incident announce ~town-square"),
                    ("Tell support", "What is broken, and when you will write again."),
                ),
            ),
            NewStage(
                title="Mitigation",
                tasks=_tasks(
                    ("Look for a recent change", "Deploys, flags, certificates, configuration: the last two hours."),
                    ("Choose the quickest way back", "First make it stop; the cause can wait."),
                    ("Do one thing at a time", "Say in the channel what you are about to do, then do it."),
                    ("Watch whether it helps", "Wait for two quiet intervals before you believe it."),
                    ("Write an update for customers", "Every half an hour, also when there is nothing new."),
                ),
            ),
            NewStage(
                title="Follow-up",
                tasks=_tasks(
                    ("Check that all is well again", "On the same page where you saw it break."),
                    ("Say that it is over", "In the channels that heard of it.", "/incident announce ~town-square"),
                    ("Update the status page", "Say what works again, and what does not yet."),
                    ("Keep the channel's messages", "As a file, for the review.", "/incident export"),
                    ("Write down the timeline", "While everybody still remembers."),
                    ("Name the follow-up actions", "Each with a person and a date."),
                    ("Thank the responders", "By name."),
                ),
            ),
        ),
    ),
)
