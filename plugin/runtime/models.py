"""Mattermost's models as they cross: Go's field names on the wire, the names of its REST API on our side.

Only the fields that a plugin uses are here: what more comes is ignored, what is not sent is zero. Names and kinds are
those of the public package `model` of Mattermost 5.35; they have not changed up to 11.
"""

import re
from collections.abc import Mapping
from typing import Any

from plugin.runtime.gob.schema import (
    ANY_MAP,
    BOOL,
    BYTES,
    FLOAT,
    INT,
    INTERFACE,
    REGISTERED,
    STRING,
    STRINGS,
    UINT,
    Basic,
    Map,
    Slice,
    Struct,
    Type,
)
from plugin.runtime.gob.values import Interface, plain

_ZEROS: dict[int, Any] = {BOOL.id: False, INT.id: 0, UINT.id: 0, FLOAT.id: 0.0, STRING.id: "", BYTES.id: None}


class Model(Struct):
    """A struct with the names of its fields on both sides."""

    __slots__ = ("json_names",)

    def __init__(self, name: str, fields: Mapping[str, Type], names: Mapping[str, str] | None = None) -> None:
        """`names` are the fields whose JSON name is not the Go name in snake case."""
        super().__init__(name, dict(fields))
        self.json_names = {go: (names or {}).get(go) or _snake(go) for go in fields}

    def add(self, name: str, kind: Type) -> None:
        """One more field, of the same name on both sides; for models that hold themselves."""
        self.fields[name] = kind
        self.json_names[name] = name


def _snake(name: str) -> str:
    """CreateAt -> create_at, IconURL -> icon_url."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def to_go(kind: Type, value: Any) -> Any:
    """A JSON value as the encoder takes it. What a model does not have is left out."""
    if value is None:
        return None
    if isinstance(kind, Model):
        given = {go: value.get(name) for go, name in kind.json_names.items()}
        return {go: to_go(kind.fields[go], item) for go, item in given.items() if item is not None}
    if isinstance(kind, Slice):
        return [to_go(kind.elem, item) for item in value]
    if isinstance(kind, Map) and kind.elem is not INTERFACE:
        return {key: to_go(kind.elem, item) for key, item in value.items()}
    if kind is BYTES and isinstance(value, str):
        return value.encode()
    return value


def from_go(kind: Type, value: Any) -> Any:
    """A decoded value as JSON, zeros filled in; a model that was not sent is None."""
    if isinstance(kind, Basic):
        if value is None:
            return _ZEROS.get(kind.id)
        return value.decode("utf-8", "replace") if kind is BYTES else plain(value)
    if value is None:
        return {} if isinstance(kind, Map) else [] if isinstance(kind, Slice) else None
    if isinstance(kind, Model):
        return {name: from_go(kind.fields[go], value.get(go)) for go, name in kind.json_names.items()}
    if isinstance(kind, Slice):
        return [from_go(kind.elem, item) for item in value]
    if isinstance(kind, Map):
        return {key: from_go(kind.elem, item) for key, item in value.items()}
    return plain(value)


def _model(name: str, names: Mapping[str, str] | None = None, /, **fields: Type) -> Model:
    return Model(name, fields, names)


def _as_in_go(name: str, **fields: Type) -> Model:
    """A model whose JSON has Go's own names."""
    return Model(name, fields, {field: field for field in fields})


TIMES: dict[str, Type] = {"CreateAt": INT, "UpdateAt": INT, "DeleteAt": INT}
TEXT_MAP = Map(STRING, STRING)

APP_ERROR = _model(
    "AppError", Id=STRING, Message=STRING, DetailedError=STRING, RequestId=STRING, StatusCode=INT, Where=STRING
)
ERROR_STRING = _model("ErrorString", Err=STRING)

USER = _model(
    "User", {"Timezone": "timezone"}, Id=STRING, **TIMES, Username=STRING, Email=STRING, Nickname=STRING,
    FirstName=STRING, LastName=STRING, Roles=STRING, Locale=STRING, Timezone=TEXT_MAP, IsBot=BOOL, AuthService=STRING,
)  # fmt: skip
USER_SEARCH = _model("UserSearch", Term=STRING, TeamId=STRING, InChannelId=STRING, AllowInactive=BOOL, Limit=INT)
USER_OPTIONS = _model("UserGetOptions", Active=BOOL, Role=STRING, Page=INT, PerPage=INT)
BOT = _model("Bot", UserId=STRING, Username=STRING, DisplayName=STRING, Description=STRING, OwnerId=STRING, **TIMES)
TEAM = _model("Team", Id=STRING, **TIMES, DisplayName=STRING, Name=STRING, Type=STRING, AllowOpenInvite=BOOL)
TEAM_MEMBER = _model(
    "TeamMember", TeamId=STRING, UserId=STRING, Roles=STRING, DeleteAt=INT, SchemeGuest=BOOL, SchemeUser=BOOL,
    SchemeAdmin=BOOL,
)  # fmt: skip
TEAM_STATS = _model("TeamStats", TeamId=STRING, TotalMemberCount=INT, ActiveMemberCount=INT)
CHANNEL = _model(
    "Channel", Id=STRING, **TIMES, TeamId=STRING, Type=STRING, DisplayName=STRING, Name=STRING, Header=STRING,
    Purpose=STRING, LastPostAt=INT, TotalMsgCount=INT, CreatorId=STRING,
)  # fmt: skip
CHANNEL_MEMBER = _model(
    "ChannelMember", ChannelId=STRING, UserId=STRING, Roles=STRING, LastViewedAt=INT, SchemeGuest=BOOL,
    SchemeUser=BOOL, SchemeAdmin=BOOL,
)  # fmt: skip
CHANNEL_STATS = _model("ChannelStats", ChannelId=STRING, MemberCount=INT, GuestCount=INT)
POST = _model(
    "Post", {"IsPinned": "is_pinned"}, Id=STRING, **TIMES, EditAt=INT, IsPinned=BOOL, UserId=STRING, ChannelId=STRING,
    RootId=STRING, Message=STRING, Type=STRING, Props=ANY_MAP, FileIds=STRINGS, PendingPostId=STRING,
)  # fmt: skip
POST_LIST = _model("PostList", Order=STRINGS, Posts=Map(STRING, POST), NextPostId=STRING, PrevPostId=STRING)
SESSION = _model(
    "Session", Id=STRING, CreateAt=INT, ExpiresAt=INT, UserId=STRING, DeviceId=STRING, Roles=STRING, Props=TEXT_MAP
)
PERMISSION = _model("Permission", Id=STRING)
BROADCAST = _model("WebsocketBroadcast", UserId=STRING, ChannelId=STRING, TeamId=STRING)
LICENSE = _model("License", Id=STRING, SkuName=STRING, SkuShortName=STRING)
CONFIG = _model(
    "Config",
    {"ServiceSettings": "ServiceSettings", "LogSettings": "LogSettings", "PrivacySettings": "PrivacySettings",
     "SqlSettings": "SqlSettings", "EmailSettings": "EmailSettings"},
    ServiceSettings=_model("ServiceSettings", {"SiteURL": "SiteURL"}, SiteURL=STRING),
    LogSettings=_model("LogSettings", {"EnableDiagnostics": "EnableDiagnostics"}, EnableDiagnostics=BOOL),
    PrivacySettings=_model("PrivacySettings", {"ShowEmailAddress": "ShowEmailAddress"}, ShowEmailAddress=BOOL),
    EmailSettings=_model(
        "EmailSettings", {"SendEmailNotifications": "SendEmailNotifications"}, SendEmailNotifications=BOOL
    ),
    SqlSettings=_model(
        "SqlSettings", {"DriverName": "DriverName", "DataSource": "DataSource"}, DriverName=STRING, DataSource=STRING
    ),
)  # fmt: skip

# -- slash commands and dialogs

LIST_ITEM = Struct("AutocompleteListItem", {"Item": STRING, "Hint": STRING, "HelpText": STRING})
ARGUMENT = _as_in_go("AutocompleteArg", Name=STRING, HelpText=STRING, Type=STRING, Required=BOOL, Data=INTERFACE)
AUTOCOMPLETE = _as_in_go("AutocompleteData", Trigger=STRING, Hint=STRING, HelpText=STRING, RoleID=STRING)
AUTOCOMPLETE.add("Arguments", Slice(ARGUMENT))
AUTOCOMPLETE.add("SubCommands", Slice(AUTOCOMPLETE))
_ARGUMENT_DATA = {
    "TextInput": "*model.AutocompleteTextArg",
    "StaticList": "*model.AutocompleteStaticListArg",
    "DynamicList": "*model.AutocompleteDynamicListArg",
}
COMMAND = _model(
    "Command", {"IconURL": "icon_url", "URL": "url", "AutocompleteData": "autocomplete_data"}, Trigger=STRING,
    DisplayName=STRING, Description=STRING, AutoComplete=BOOL, AutoCompleteDesc=STRING, AutoCompleteHint=STRING,
    TeamId=STRING, IconURL=STRING, AutocompleteData=AUTOCOMPLETE,
)  # fmt: skip
COMMAND_ARGS = _model(
    "CommandArgs", {"SiteURL": "site_url"}, UserId=STRING, ChannelId=STRING, TeamId=STRING, RootId=STRING,
    ParentId=STRING, TriggerId=STRING, Command=STRING, SiteURL=STRING,
)  # fmt: skip
COMMAND_RESPONSE = _model(
    "CommandResponse", {"GotoLocation": "goto_location"}, ResponseType=STRING, Text=STRING, Username=STRING,
    ChannelId=STRING, Type=STRING, GotoLocation=STRING, TriggerId=STRING, SkipSlackParsing=BOOL,
)  # fmt: skip
OPTION = _model("PostActionOptions", Text=STRING, Value=STRING)
ELEMENT = _model(
    "DialogElement", {"SubType": "subtype"}, DisplayName=STRING, Name=STRING, Type=STRING, SubType=STRING,
    Default=STRING, Placeholder=STRING, HelpText=STRING, Optional=BOOL, MinLength=INT, MaxLength=INT, DataSource=STRING,
    Options=Slice(OPTION),
)  # fmt: skip
DIALOG = _model(
    "Dialog", {"IconURL": "icon_url"}, CallbackId=STRING, Title=STRING, IntroductionText=STRING, IconURL=STRING,
    Elements=Slice(ELEMENT), SubmitLabel=STRING, NotifyOnCancel=BOOL, State=STRING,
)  # fmt: skip
OPEN_DIALOG = _model("OpenDialogRequest", {"URL": "url"}, TriggerId=STRING, URL=STRING, Dialog=DIALOG)
CONTEXT = _model("Context", SessionId=STRING, RequestId=STRING, UserAgent=STRING)

REGISTERED |= {
    "*plugin.ErrorString": ERROR_STRING,
    "*model.AppError": APP_ERROR,
    "*model.AutocompleteTextArg": Struct("AutocompleteTextArg", {"Hint": STRING, "Pattern": STRING}),
    "*model.AutocompleteStaticListArg": Struct("AutocompleteStaticListArg", {"PossibleArguments": Slice(LIST_ITEM)}),
    "*model.AutocompleteDynamicListArg": Struct("AutocompleteDynamicListArg", {"FetchURL": STRING}),
}


def typed_arguments(data: dict[str, Any]) -> dict[str, Any]:
    """Autocomplete data, in Go's names already, with the contents of its interfaces named."""
    arguments = [
        {**argument, "Data": Interface(_ARGUMENT_DATA[argument["Type"]], argument["Data"])}
        for argument in data.get("Arguments") or ()
    ]
    below = [typed_arguments(command) for command in data.get("SubCommands") or ()]
    return {**data, "Arguments": arguments, "SubCommands": below}


def error_of(value: Any) -> dict[str, Any] | None:
    """A Go `error`, or an AppError, as JSON; None if there is none."""
    if isinstance(value, Interface):
        if value.name == "*model.AppError":
            return error_of(value.value)
        text = value.value.get("Err", "") if isinstance(value.value, dict) else ""
        return {"id": "error", "message": text, "status_code": 500}
    converted: dict[str, Any] | None = from_go(APP_ERROR, value)
    return converted
