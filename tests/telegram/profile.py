"""What the bot says of itself: its name, its commands, its descriptions."""

from __future__ import annotations

import json
import re
from functools import partialmethod

from tests.telegram.markup import Json, require
from tests.telegram.state import TOKEN, State


def scope_key(scope: Json | None, language_code: str | None) -> tuple[str, str]:
    """What a command list is kept under."""
    return json.dumps(scope or {"type": "default"}, sort_keys=True), language_code or ""


class ProfileMethods(State):
    """A method ``_api_…`` for each method of the Bot API that is about the bot itself."""

    def __init__(self, token: str = TOKEN) -> None:
        super().__init__(token)
        self._commands: dict[tuple[str, str], list[Json]] = {}

    def commands(self, scope: Json | None = None, language_code: str = "") -> list[Json]:
        """The command list set for exactly this scope and language."""
        with self._lock:
            return self._commands.get(scope_key(scope, language_code), [])

    def _api_get_me(self, _params: Json) -> Json:
        abilities = {"can_join_groups": True, "can_read_all_group_messages": False}
        more = {"can_connect_to_business": False, "has_main_web_app": False}
        return {**self.bot, **abilities, **more, "supports_inline_queries": True}

    def _api_set_my_commands(self, params: Json) -> bool:
        code, commands = _language(params), params.get("commands") or []
        require(len(commands) <= 100, "BOT_COMMANDS_TOO_MUCH")
        for item in commands:
            for field, words, limit in (
                ("command", "command", 32),
                ("description", "command description", 256),
            ):
                require(item.get(field, "").strip(), f"{words} must be non-empty")
                require(len(item[field]) <= limit, f"{words} length must not exceed {limit}")
            require(re.fullmatch(r"[a-z0-9_]{1,32}", item["command"]), "BOT_COMMAND_INVALID")
        scope = params.get("scope") or {}
        if "chat_id" in scope:
            self._chat(scope)  # a menu for a chat that there is not is refused
        self._commands[scope_key(scope, code)] = commands
        return True

    def _api_delete_my_commands(self, params: Json) -> bool:
        self._commands.pop(scope_key(params.get("scope"), _language(params)), None)
        return True

    def _api_get_my_commands(self, params: Json) -> list[Json]:
        return self.commands(params.get("scope"), params.get("language_code", ""))

    # Telegram's own words for these three refusals are not published.
    def _set_profile(self, params: Json, *, field: str, limit: int) -> bool:
        require(len(params.get(field) or "") <= limit, f"{field.upper()}_TOO_LONG")
        return True

    _api_set_my_name = partialmethod(_set_profile, field="name", limit=64)
    _api_set_my_description = partialmethod(_set_profile, field="description", limit=512)
    _api_set_my_short_description = partialmethod(
        _set_profile, field="short_description", limit=120
    )

    def _api_close(self, _params: Json) -> bool:
        return True

    _api_log_out = _api_close


def _language(params: Json) -> str:
    code: str = params.get("language_code") or ""
    require(re.fullmatch(r"(?:[a-z]{2})?", code), "invalid language code specified")
    return code
