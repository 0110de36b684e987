"""Events can hold nothing that people wrote, and each is defined."""

import dataclasses
import enum
import inspect
import typing

import pytest

from telemetry import events
from telemetry.events import Event, IncidentEvent, Kind, PlaybookEvent, Property, TaskEvent, TaskStateEvent, declared
from telemetry.switch import Collected, Switch

FAMILIES = (IncidentEvent, TaskEvent, TaskStateEvent, PlaybookEvent)
WHAT_IT_MAY_BE = {
    Kind.ID: (str,),
    Kind.IDS: (str,),
    Kind.FLAG: (bool,),
    Kind.COUNT: (int,),
    Kind.PLACE: (int,),
    Kind.MILLISECONDS: (int,),
}


def test_these_are_all_the_families() -> None:
    found = {one for _, one in inspect.getmembers(events, inspect.isclass) if issubclass(one, Event)}
    assert found - {Event} == set(FAMILIES)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_field_is_an_id_a_number_a_flag_or_one_of_a_list(family: type[Event]) -> None:
    """Text is allowed as an id, by the name of its field, or as a choice that names all its values."""
    hints = typing.get_type_hints(family)
    properties = declared(family)
    assert set(properties) == {field.name for field in dataclasses.fields(family)} - {"message_id", "at"}
    for field, one in properties.items():
        kind = hints[field]
        if one.kind is Kind.CHOICE:
            assert one.values
            if isinstance(kind, type) and issubclass(kind, enum.Enum):
                assert list(one.values) == [value.value for value in kind]
        else:
            assert kind in WHAT_IT_MAY_BE[one.kind], field
        assert (one.kind in (Kind.ID, Kind.IDS)) == field.endswith("_id"), field
        assert one.meaning.endswith(".")


def test_forbidden_property_names_are_not_used() -> None:
    """`ID` and `UserID` are columns of the warehouse with another meaning."""
    names = {one.name for family in FAMILIES for one in declared(family).values()}
    assert not {"ID", "UserID"} & names


def test_off_keeps_nothing() -> None:
    switch = Switch()
    assert switch.tracker(Collected()) is switch.noop


def test_a_field_says_what_it_is_on_the_wire() -> None:
    @dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
    class Loose(Event):
        title: str

    with pytest.raises(TypeError, match=r"Loose\.title: declare what it is"):
        declared(Loose)


def test_choices_have_values() -> None:
    @dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
    class Open(Event):
        mood: typing.Annotated[str, Property("Mood", Kind.CHOICE, "How they feel.")]

    with pytest.raises(TypeError, match=r"Open\.mood: choices"):
        declared(Open)
