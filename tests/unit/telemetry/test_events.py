"""Events can hold nothing that people wrote."""

import dataclasses
import enum
import typing

import pytest

from telemetry.events import WIRE_NAMES, Event, IncidentEvent, PlaybookEvent, TaskEvent, TaskStateEvent
from telemetry.switch import Switch

FAMILIES = (IncidentEvent, TaskEvent, TaskStateEvent, PlaybookEvent)


@pytest.mark.parametrize("family", FAMILIES)
def test_text_fields_are_ids_enums_or_a_closed_set(family: type[Event]) -> None:
    """A field of type str has to be an id by its name, or the one closed set."""
    hints = typing.get_type_hints(family)
    for field in dataclasses.fields(family):
        kind = hints[field.name]
        if kind in (int, bool) or (isinstance(kind, type) and issubclass(kind, enum.Enum)):
            continue
        assert field.name.endswith("_id") or field.name == "new_state", field.name


@pytest.mark.parametrize("family", FAMILIES)
def test_every_field_has_a_name_on_the_wire(family: type[Event]) -> None:
    own = {field.name for field in dataclasses.fields(family)} - {"message_id", "at"}
    assert own <= set(WIRE_NAMES)


def test_forbidden_property_names_are_not_used() -> None:
    """`ID` and `UserID` are columns of the warehouse with another meaning."""
    assert not {"ID", "UserID"} & set(WIRE_NAMES.values())


def test_off_keeps_nothing() -> None:
    kept: list[tuple[str, str]] = []
    switch = Switch()
    assert switch.tracker(kept) is switch.noop
    assert switch.destination is None
