"""What a message may look like: Telegram's HTML, entities and keyboards, and what it refuses."""

import html
import itertools
import re
from typing import Any

Json = dict[str, Any]

_SPOTTED = re.compile(
    r"^(?P<bot_command>/\w{1,64}(?:@\w+)?)|(?<![\w@.])(?P<mention>@[A-Za-z]\w{3,31})", re.ASCII
)
_TAGS = {
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("i", "em"), "italic"),
    **dict.fromkeys(("u", "ins"), "underline"),
    **dict.fromkeys(("s", "strike", "del"), "strikethrough"),
    **dict.fromkeys(("span", "tg-spoiler"), "spoiler"),
    **{name: name for name in ("code", "pre", "blockquote")},
    "a": "text_link",
    "tg-emoji": "custom_emoji",
}
_REFERENCES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = r"&(?:#x(?P<hex>[0-9a-fA-F]{1,6})|#(?P<dec>\d{1,7})|(?P<name>[A-Za-z]+))(?P<semi>;?)"
_TOKEN = re.compile(
    r"<(?P<end>/?)(?P<tag>[^\s>]*)(?P<attributes>(?:\"[^\"]*\"|'[^']*'|[^>\"'])*)(?P<closed>>?)|"
    + _REFERENCE
)
_ATTRIBUTE = r"\s+([^\s=]+)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[\w.-]+(?!\S)))?"


class ApiError(Exception):
    """An answer with ``ok: false``; status 0 stands for no answer at all."""

    def __init__(
        self,
        status: int,
        description: str,
        retry_after: int | None = None,
        migrate_to_chat_id: int | None = None,
    ) -> None:
        super().__init__(description)
        self.status = status
        self.body: Json = {"ok": False, "error_code": status, "description": description}
        more = compact({"retry_after": retry_after, "migrate_to_chat_id": migrate_to_chat_id})
        if more:
            self.body["parameters"] = more


def require(ok: object, description: str) -> None:
    if not ok:
        raise ApiError(400, f"Bad Request: {description}")


def unparsed(description: str, token: re.Match[str] | None = None, more: str = "") -> ApiError:
    """The refusal of a text whose entities cannot be parsed, from a token on."""
    where = f" at byte offset {len(token.string[: token.start()].encode())}" if token else ""
    return ApiError(400, f"Bad Request: can't parse entities: {description}{where}{more}")


def compact(fields: Json) -> Json:
    return {name: value for name, value in fields.items() if value not in (None, [])}


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units, in which Telegram counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def parse_html(source: str) -> tuple[str, list[Json]]:
    """Plain text and entities of Telegram's HTML.

    The standard library's HTML parser forgives what Telegram refuses (it drops the ``<b`` and the
    ``&T`` a text may end with), so the tags are read here, as Telegram's own parser reads them.

    Raises:
        ApiError: The source is not well-formed or holds what Telegram does not support.
    """
    text, position = "", 0
    entities: list[Json] = []
    stack: list[tuple[str, Json, int]] = []
    for token in _TOKEN.finditer(source):
        text += source[position : token.start()]
        position = token.end()
        tag = token["tag"]
        if tag is None:
            text += _character(token)
        elif not token["end"]:
            stack.append((tag.lower(), _attributes(token), len(text)))
        else:
            if not token["closed"] or token["attributes"].strip():
                raise unparsed("Unclosed end tag", token)
            if not stack:
                raise unparsed("Unexpected end tag", token)
            name, values, start = stack.pop()
            if tag.lower() not in ("", name):
                wrong = f', expected "</{name}>", found "</{tag}>"'
                raise unparsed("Unmatched end tag", token, wrong)
            entities.append(_entity(name, values, text[:start], text[start:]))
    if stack:
        raise unparsed(f'Can\'t find end tag corresponding to start tag "{stack[-1][0]}"')
    # A link to no address is plain text, and so is what has no length.
    kept = [e for e in entities if e["length"] and "://" in e.get("url", "://")]
    return text + source[position:], sorted(kept, key=lambda e: (e["offset"], -e["length"]))


def _character(token: re.Match[str]) -> str:
    if name := token["name"]:
        # Telegram would show its reader an unknown reference as it is written, which no bot
        # wants, so here it is an error.
        if name not in _REFERENCES and token["semi"]:
            raise unparsed(f'Unsupported entity "{token[0]}"')
        return _REFERENCES.get(name, token[0])
    code = int(token["hex"], 16) if token["hex"] else int(token["dec"])
    valid = 0 < code < 0x10FFFF and not 0xD800 <= code <= 0xDFFF
    return chr(code) if valid else token[0]


def _attributes(token: re.Match[str]) -> Json:
    tag, source = token["tag"].lower(), token["attributes"]
    if tag not in _TAGS and (token["closed"] or source):
        raise unparsed(f'Unsupported start tag "{tag}"', token)
    if not token["closed"]:
        raise unparsed("Unclosed start tag", token)
    if not re.fullmatch(rf"(?:{_ATTRIBUTE})*\s*", source):
        raise unparsed(f'Wrong attributes of the tag "{tag}"', token)
    values = {
        name.lower(): re.sub(_REFERENCE, _character, value.strip("\"'"))
        for name, value in re.findall(_ATTRIBUTE, source)
    }
    if tag == "span" and values.get("class") != "tg-spoiler":
        raise unparsed('Tag "span" must have class "tg-spoiler"', token)
    if tag == "tg-emoji" and not values.get("emoji-id", "").isdigit():
        raise unparsed("Invalid custom emoji identifier specified")
    return values


def _entity(tag: str, values: Json, before: str, inside: str) -> Json:
    entity = {"type": _TAGS[tag], "offset": utf16_length(before), "length": utf16_length(inside)}
    if tag == "a":
        entity["url"] = values.get("href") or inside
    elif tag == "tg-emoji":
        entity["custom_emoji_id"] = values["emoji-id"]
    elif "expandable" in values:
        entity["type"] = f"expandable_{tag}"
    return entity


def formatted(params: Json, field: str = "text", *, too_long: str = "") -> tuple[Json, str]:
    """The text and entities a message gets from a request, and its HTML."""
    source, mode = params.get(field) or "", params.get("parse_mode") or ""
    caption = field == "caption"
    require(mode.lower() in ("", "html"), "unsupported parse_mode")
    name, list_name = ("caption", "caption_entities") if caption else ("text", "entities")
    text, entities = parse_html(source) if mode else (source, params.get(list_name) or [])
    # Telegram trims every message, and the entities with it.
    lead = utf16_length(text[: len(text) - len(text.lstrip())])
    text = text.strip()
    size, kept = utf16_length(text), []
    for entity in entities:
        start = max(entity["offset"] - lead, 0)
        length = min(entity["offset"] + entity["length"] - lead, size) - start
        if length > 0:
            kept.append({**entity, "offset": start, "length": length})
    require(text or caption, "message text is empty")
    words = "message caption is too long" if caption else "message is too long"
    require(size <= (1024 if caption else 4096), too_long or words)
    return {name: text or None, list_name: kept or None}, source if mode else html.escape(text)


def keyboard(params: Json) -> Json | None:
    """The inline keyboard of a request; other keyboards are not part of a message."""
    markup: Json = params.get("reply_markup") or {}
    rows = markup.get("inline_keyboard") or []
    for button in itertools.chain(*rows):
        data, wrong = button.get("callback_data"), "can't parse inline keyboard button: "
        require(button.get("text"), wrong + 'Field "text" must be of type String')
        acts = data or button.keys() - {"text", "callback_data", "style", "icon_custom_emoji_id"}
        require(acts, wrong + "Text buttons are unallowed in the inline keyboard")
        require(data is None or 1 <= len(data.encode()) <= 64, "BUTTON_DATA_INVALID")
    return markup if any(rows) else None


def spotted(text: str) -> list[Json]:
    found = [(m.lastgroup, text[: m.start()], m[0]) for m in _SPOTTED.finditer(text)]
    return [
        {"type": kind, "offset": utf16_length(before), "length": utf16_length(match)}
        for kind, before, match in found
    ]
