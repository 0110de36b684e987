"""Mattermost's plugin API: calls by the names of its Go interface, with JSON values, over net/rpc.

Arguments and results are positional, fields A, B, C and so on of a struct.
"""

import string
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from plugin.runtime import models, rpc
from plugin.runtime.gob.schema import ANY_LIST, ANY_MAP, BOOL, BYTES, INT, STRING, Slice, Struct, Type
from plugin.runtime.models import from_go, to_go


class Fails(Enum):
    """How a method tells of a failure, as its last result."""

    NEVER = "never"
    APP_ERROR = "*AppError"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Method:
    arguments: Sequence[Type]
    results: Sequence[Type]
    fails: Fails = Fails.APP_ERROR


_S, _I = STRING, INT
METHODS: dict[str, Method] = {
    "AddChannelMember": Method((_S, _S), (models.CHANNEL_MEMBER,)),
    "AddUserToChannel": Method((_S, _S, _S), (models.CHANNEL_MEMBER,)),
    "CreateBot": Method((models.BOT,), (models.BOT,)),
    "CreateChannel": Method((models.CHANNEL,), (models.CHANNEL,)),
    "CreatePost": Method((models.POST,), (models.POST,)),
    "CreateTeamMember": Method((_S, _S), (models.TEAM_MEMBER,)),
    "DeleteChannel": Method((_S,), ()),
    "ExecuteSlashCommand": Method((models.COMMAND_ARGS,), (models.COMMAND_RESPONSE,), Fails.ERROR),
    "GetChannel": Method((_S,), (models.CHANNEL,)),
    "GetChannelByName": Method((_S, _S, BOOL), (models.CHANNEL,)),
    "GetChannelMember": Method((_S, _S), (models.CHANNEL_MEMBER,)),
    "GetChannelStats": Method((_S,), (models.CHANNEL_STATS,)),
    "GetChannelsForTeamForUser": Method((_S, _S, BOOL), (Slice(models.CHANNEL),)),
    "GetDirectChannel": Method((_S, _S), (models.CHANNEL,)),
    "GetConfig": Method((), (models.CONFIG,), Fails.NEVER),
    "GetDiagnosticId": Method((), (_S,), Fails.NEVER),
    "GetLicense": Method((), (models.LICENSE,), Fails.NEVER),
    "GetPost": Method((_S,), (models.POST,)),
    "GetPostsAfter": Method((_S, _S, _I, _I), (models.POST_LIST,)),
    "GetPostsBefore": Method((_S, _S, _I, _I), (models.POST_LIST,)),
    "GetPostsForChannel": Method((_S, _I, _I), (models.POST_LIST,)),
    "GetPublicChannelsForTeam": Method((_S, _I, _I), (Slice(models.CHANNEL),)),
    "GetServerVersion": Method((), (_S,), Fails.NEVER),
    "GetSession": Method((_S,), (models.SESSION,)),
    "GetTeam": Method((_S,), (models.TEAM,)),
    "GetTeamStats": Method((_S,), (models.TEAM_STATS,)),
    "GetTeamMember": Method((_S, _S), (models.TEAM_MEMBER,)),
    "GetUnsanitizedConfig": Method((), (models.CONFIG,), Fails.NEVER),
    "GetUser": Method((_S,), (models.USER,)),
    "GetUsers": Method((models.USER_OPTIONS,), (Slice(models.USER),)),
    "GetUserByUsername": Method((_S,), (models.USER,)),
    "HasPermissionTo": Method((_S, models.PERMISSION), (BOOL,), Fails.NEVER),
    "HasPermissionToChannel": Method((_S, _S, models.PERMISSION), (BOOL,), Fails.NEVER),
    "HasPermissionToTeam": Method((_S, _S, models.PERMISSION), (BOOL,), Fails.NEVER),
    "KVDelete": Method((_S,), ()),
    "KVGet": Method((_S,), (BYTES,)),
    "KVSet": Method((_S, BYTES), ()),
    "LoadPluginConfiguration": Method((), (BYTES,), Fails.NEVER),
    "LogDebug": Method((_S, ANY_LIST), (), Fails.NEVER),
    "LogError": Method((_S, ANY_LIST), (), Fails.NEVER),
    "LogInfo": Method((_S, ANY_LIST), (), Fails.NEVER),
    "LogWarn": Method((_S, ANY_LIST), (), Fails.NEVER),
    "OpenInteractiveDialog": Method((models.OPEN_DIALOG,), ()),
    "PublishWebSocketEvent": Method((_S, ANY_MAP, models.BROADCAST), (), Fails.NEVER),
    "RegisterCommand": Method((models.COMMAND,), (), Fails.ERROR),
    "SearchChannels": Method((_S, _S), (Slice(models.CHANNEL),)),
    "SearchUsers": Method((models.USER_SEARCH,), (Slice(models.USER),)),
    "SendEphemeralPost": Method((_S, models.POST), (models.POST,), Fails.NEVER),
    "UnregisterCommand": Method((_S, _S), (), Fails.ERROR),
}


def _arguments(name: str, method: Method) -> Struct:
    return Struct(f"Z_{name}Args", dict(zip(string.ascii_uppercase, method.arguments, strict=False)))


_ARGUMENTS = {name: _arguments(name, method) for name, method in METHODS.items()}


class Api:
    """The calls of one connection."""

    def __init__(self, client: rpc.Client) -> None:
        self._client = client

    async def call(self, name: str, *arguments: Any) -> list[Any]:
        """The results in order, the error last if the method can have one: a dict or None.

        Raises RpcError, Ended; KeyError for a method that is not in `METHODS`.
        """
        method = METHODS[name]
        values = zip(string.ascii_uppercase, method.arguments, arguments, strict=False)
        given = {letter: _given(kind, value) for letter, kind, value in values}
        reply = await self._client.call(name, _ARGUMENTS[name], given)
        letters = zip(string.ascii_uppercase, method.results, strict=False)
        results = [from_go(kind, reply.get(letter)) for letter, kind in letters]
        if method.fails is not Fails.NEVER:
            results.append(models.error_of(reply.get(string.ascii_uppercase[len(method.results)])))
        return results


def _given(kind: Type, value: Any) -> Any:
    if kind is models.COMMAND and value.get("autocomplete_data"):
        return to_go(kind, value) | {"AutocompleteData": models.typed_arguments(value["autocomplete_data"])}
    return to_go(kind, value)
