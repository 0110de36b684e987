"""Slash commands: built in, of plugins, and custom ones; and their autocomplete."""

import json
import re
from typing import TYPE_CHECKING, Any

from plugin.sandbox import shapes
from plugin.sandbox.errors import AppError
from plugin.sandbox.store import Row, new_id, now_ms

if TYPE_CHECKING:
    from plugin.sandbox.world import World

_TRIGGER = re.compile(r"^[^\s/]\S{0,127}$")
_USERS = re.compile(r"(?:^|\s)@([a-z0-9._-]+)")
_CHANNELS = re.compile(r"(?:^|\s)~([a-z0-9_-]+)")
_BUILT_IN = {
    "echo": ("[text]", "Post a text as yourself"),
    "header": ("[text]", "Change the channel header"),
    "invite": ("@[username]", "Add a person to the channel"),
    "leave": ("", "Leave the channel"),
    "me": ("[message]", "Do an action"),
    "shrug": ("[message]", "Add ¯\\_(ツ)_/¯ to your message"),
}
_RESPONSE = {
    "response_type": "",
    "text": "",
    "username": "",
    "channel_id": "",
    "icon_url": "",
    "type": "",
    "props": None,
    "goto_location": "",
    "trigger_id": "",
    "skip_slack_parsing": False,
    "attachments": None,
    "extra_responses": None,
}


class Commands:
    def __init__(self, world: "World") -> None:
        self._world = world

    # -- custom commands

    def create(self, asked: dict[str, Any], creator_id: str) -> Row:
        """Raises AppError."""
        trigger = str(asked.get("trigger") or "").lower()
        if not _TRIGGER.match(trigger):
            raise AppError("model.command.is_valid.trigger.app_error", 400)
        team_id = str(asked.get("team_id") or "")
        taken = "SELECT id FROM commands WHERE team_id = ? AND trigger_word = ?"
        if trigger in _BUILT_IN or self._world.store.one(taken, team_id, trigger):
            raise AppError("api.command.duplicate_trigger.app_error", 400)
        command_id, now = new_id(), now_ms()
        texts = (
            "username",
            "icon_url",
            "auto_complete_desc",
            "auto_complete_hint",
            "display_name",
            "description",
            "url",
        )
        data = {
            "id": command_id,
            "token": "",
            "create_at": now,
            "update_at": now,
            "delete_at": 0,
            "creator_id": creator_id,
            "team_id": team_id,
            "trigger": trigger,
            "method": str(asked.get("method") or "P"),
            "auto_complete": bool(asked.get("auto_complete")),
            **{name: str(asked.get(name) or "") for name in texts},
            "plugin_id": "",
        }
        row = {
            "id": command_id,
            "team_id": team_id,
            "trigger_word": trigger,
            "token": new_id(),
            "data": json.dumps(data),
        }
        self._world.store.insert("commands", row)
        return row

    def of_team(self, team_id: str) -> list[Row]:
        return self._world.store.all("SELECT * FROM commands WHERE team_id = ? ORDER BY rowid", team_id)

    # -- autocomplete

    def autocomplete(self, team_id: str) -> list[dict[str, Any]]:
        """As `GET /teams/{id}/commands/autocomplete` lists them."""
        plugins = [_listed(c, plugin_id=self._world.plugins.plugin_id) for c in self._world.plugins.commands.values()]
        custom = [shapes.command(row, private=False) for row in self.of_team(team_id)]
        built_in = [
            _listed({"trigger": name, "auto_complete": True, "auto_complete_hint": hint, "auto_complete_desc": text})
            for name, (hint, text) in _BUILT_IN.items()
        ]
        return [*plugins, *(command for command in custom if command["auto_complete"]), *built_in]

    async def suggestions(self, team_id: str, typed: str, *, user_id: str, channel_id: str) -> list[dict[str, str]]:
        """What may come next after `typed`, which starts with a slash."""
        text = typed.removeprefix("/")
        words = text.split(" ")
        if len(words) == 1:
            found = [c for c in self.autocomplete(team_id) if c["trigger"].startswith(words[0].lower())]
            return sorted(
                (
                    _suggestion("", c["trigger"], c["auto_complete_hint"], c["auto_complete_desc"])
                    for c in found
                    if c["auto_complete"]
                ),
                key=lambda suggestion: suggestion["Suggestion"],
            )
        command = self._world.plugins.commands.get(words[0].lower())
        if not command or not command.get("autocomplete_data"):
            return []
        roles = ["system_user"]
        if self._world.permissions.system(user_id, "manage_system"):
            roles.append("system_admin")
        data, before, rest = _deepest(command["autocomplete_data"], words, roles)
        if not data.get("Arguments"):
            return _next_words(data, before, rest, roles)
        asked = {"user_input": typed, "parsed": before, "channel_id": channel_id, "team_id": team_id}
        fetched = await self._world.plugins.get_json(data["Arguments"][0]["Data"]["FetchURL"], asked, user_id)
        items = fetched if isinstance(fetched, list) else []
        typed_here = " ".join(rest)
        return [
            _suggestion(f"{before} ", item["item"], item["hint"], item["helptext"])
            for item in items
            if item["item"].startswith(typed_here)
        ]

    # -- executing

    async def execute(self, user: Row, session_id: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Run a command as a person; returns the response with a client trigger id. Raises AppError."""
        text = str(asked.get("command") or "")
        if not text.startswith("/") or len(text) < 2:
            raise AppError("api.command.execute_command.start.app_error", 400)
        trigger, _, rest = re.sub(r"^/(\S+)\s?", r"/\1 ", text).partition(" ")
        trigger = trigger[1:].lower()
        client_id, trigger_id = self._world.triggers.make(user["id"])
        args = {
            "user_id": user["id"],
            "channel_id": str(asked["channel_id"]),
            "team_id": str(asked.get("team_id") or ""),
            "root_id": str(asked.get("root_id") or ""),
            "parent_id": str(asked.get("parent_id") or ""),
            "trigger_id": trigger_id,
            "command": text,
            "site_url": self._world.site_url,
        }
        if trigger in self._world.plugins.commands:
            response = await self._of_plugin(session_id, args, trigger)
        elif custom := self._custom(args["team_id"], trigger):
            response = await self._of_service(custom, user, args, rest)
        elif trigger in _BUILT_IN:
            response = self._built_in(trigger, rest.strip(), user, args)
        else:
            message = (
                f"Command with a trigger of '{trigger}' not found. To send a message beginning with \"/\","
                " try adding an empty space at the beginning of the message."
            )
            raise AppError("api.command.execute_command.not_found.app_error", 404, message)
        response = _whole(response)
        for shown in (response, *(response["extra_responses"] or ())):
            self._show(shown, user, args)
        return {**response, "trigger_id": client_id}

    async def _of_plugin(self, session_id: str, args: dict[str, str], trigger: str) -> dict[str, Any]:
        results = await self._world.plugins.hook("ExecuteCommand", {"session_id": session_id}, args)
        if not results:
            message = f"Command with a trigger of '{trigger}' not found."
            raise AppError("api.command.execute_command.not_found.app_error", 404, message)
        response, error = results
        if error:
            raise AppError(error["id"], error["status_code"], error["message"])
        return dict(response or {})

    async def _of_service(self, row: Row, user: Row, args: dict[str, str], rest: str) -> dict[str, Any]:
        data = json.loads(row["data"])
        channel = self._world.channels.get(args["channel_id"])
        team = self._world.store.one("SELECT name FROM teams WHERE id = ?", args["team_id"])
        form = {
            "channel_id": channel["id"],
            "channel_name": channel["name"],
            "command": f"/{data['trigger']}",
            "response_url": f"{self._world.site_url}/hooks/commands/{new_id()}",
            "team_domain": team["name"] if team else "",
            "team_id": args["team_id"],
            "text": rest,
            "token": row["token"],
            "trigger_id": args["trigger_id"],
            "user_id": user["id"],
            "user_name": user["username"],
        }
        mentioned = self._mentioned(rest, args["team_id"])
        return await self._world.integrations.command(data, [*form.items(), *mentioned], row["token"])

    def _mentioned(self, text: str, team_id: str) -> list[tuple[str, str]]:
        """People and public channels that a command names, as Mattermost adds them to the form."""
        store = self._world.store
        users = [
            store.one("SELECT id, username AS name FROM users WHERE username = ?", n) for n in _USERS.findall(text)
        ]
        public = "SELECT id, name FROM channels WHERE team_id = ? AND name = ? AND type = 'O'"
        channels = [store.one(public, team_id, name) for name in _CHANNELS.findall(text)]
        return [
            pair
            for kind, rows in (("user", users), ("channel", channels))
            for row in rows
            if row
            for pair in ((f"{kind}_mentions", row["name"]), (f"{kind}_mentions_ids", row["id"]))
        ]

    def _built_in(self, name: str, rest: str, user: Row, args: dict[str, str]) -> dict[str, Any]:
        channel = self._world.channels.get(args["channel_id"])
        if name in ("echo", "me", "shrug"):
            if name == "echo" and not rest:
                return {"text": "Say what to post: `/echo text`."}
            text = {"echo": rest, "me": f"*{rest}*", "shrug": f"{rest} ¯\\\\\\_(ツ)\\_/¯".strip()}[name]
            self._world.posts.create(user["id"], {"channel_id": channel["id"], "message": text})
            return {}
        if name == "header":
            self._world.channels.patch(channel, {"header": rest}, user)
            return {}
        if name == "leave":
            try:
                self._world.channels.remove_member(channel["id"], user["id"], remover_id=user["id"])
            except AppError as error:
                return {"text": error.message}
            return {}
        person = self._world.people.by_name(rest.removeprefix("@"))
        if not person:
            return {"text": "There is nobody of that name. Type `/invite @username`."}
        try:
            self._world.channels.add_member(channel["id"], person["id"], adder_id=user["id"])
        except AppError as error:
            return {"text": error.message}
        return {}

    def _custom(self, team_id: str, trigger: str) -> Row | None:
        return self._world.store.one("SELECT * FROM commands WHERE team_id = ? AND trigger_word = ?", team_id, trigger)

    def _show(self, response: dict[str, Any], user: Row, args: dict[str, str]) -> None:
        text, attachments = response.get("text") or "", response.get("attachments")
        if not text and not attachments:
            return
        props = {**(response.get("props") or {}), "from_webhook": "true"}
        if attachments:
            props["attachments"] = attachments
        post = {
            "user_id": user["id"],
            "channel_id": response.get("channel_id") or args["channel_id"],
            "root_id": args["root_id"],
            "message": text,
            "props": props,
            "type": response.get("type") or "",
        }
        if response.get("response_type") == "in_channel":
            self._world.posts.create(user["id"], post)
        else:
            self._world.posts.ephemeral(user["id"], post)


def _whole(response: dict[str, Any]) -> dict[str, Any]:
    """A response with all the fields that Mattermost's has; what it does not know is left out."""
    attachments = shapes.normalised({"attachments": response.get("attachments")}, new_id)["attachments"]
    extra = response.get("extra_responses")
    return {
        **_RESPONSE,
        **{key: value for key, value in response.items() if key in _RESPONSE},
        "attachments": attachments,
        "extra_responses": [_whole(one) for one in extra] if extra else None,
    }


def _listed(command: dict[str, Any], *, plugin_id: str = "") -> dict[str, Any]:
    empty = {"id": "", "token": "", "create_at": 0, "update_at": 0, "delete_at": 0, "creator_id": "", "team_id": ""}
    texts = ("trigger", "auto_complete_desc", "auto_complete_hint", "display_name", "description")
    return {
        **empty,
        "method": "",
        "username": "",
        "icon_url": "",
        "url": "",
        "auto_complete": bool(command.get("auto_complete")),
        **{name: command.get(name, "") for name in texts},
        "plugin_id": plugin_id,
    }


def _suggestion(before: str, word: str, hint: str, description: str) -> dict[str, str]:
    return {
        "Complete": f"{before}{word}",
        "Suggestion": word,
        "Hint": hint,
        "Description": description,
        "IconData": "",
    }


def _deepest(data: dict[str, Any], words: list[str], roles: list[str]) -> tuple[dict[str, Any], str, list[str]]:
    """The subcommand that the words lead to, the words up to it, and those behind it; the last is being typed."""
    before = words[0]
    rest = words[1:]
    while len(rest) > 1:
        allowed = (sub for sub in data.get("SubCommands") or () if sub["RoleID"] in roles)
        deeper = next((sub for sub in allowed if sub["Trigger"] == rest[0].lower()), None)
        if deeper is None:
            break
        data, before, rest = deeper, f"{before} {rest[0]}", rest[1:]
    return data, before, rest


def _next_words(data: dict[str, Any], before: str, rest: list[str], roles: list[str]) -> list[dict[str, str]]:
    typed = rest[0].lower() if len(rest) == 1 else None
    return [
        _suggestion(f"{before} ", sub["Trigger"], sub["Hint"], sub["HelpText"])
        for sub in data.get("SubCommands") or ()
        if typed is not None and sub["Trigger"].startswith(typed) and sub["RoleID"] in roles
    ]
