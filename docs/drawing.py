"""Draws chats as Telegram shows them: messages to HTML, and that to a picture by Chromium."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template

from PIL import Image

from tests.telegram.markup import Json, utf16_length

HERE = Path(__file__).parent
SCALE = 1.6  # device pixels to a CSS pixel
WIDTH, GAP = 440, 20  # of a phone and between two, in CSS pixels
TALLEST = 3000
COLOURS = 95
OPAQUE = 128  # the alpha from which a pixel is kept

_BLOCKS = frozenset({"blockquote", "expandable_blockquote", "pre"})
_LITERAL = frozenset({"code", "pre", "text_link", "bot_command", "mention"})
# What Telegram makes a link of by itself.
_LINK = re.compile(r"(?<![\w/<>@.])(?:/[A-Za-z]\w{0,31}\b|@[A-Za-z]\w{3,31}|https?://[^\s<>]+)")
_ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars"
    " --disable-background-networking --disable-component-update --disable-sync"
    f" --force-device-scale-factor={SCALE} --default-background-color=00000000"
).split()


@dataclass(frozen=True)
class Phone:
    """A chat as it is drawn.

    Attributes:
        title: Whose chat it is.
        subtitle: What stands below that.
        messages: Its messages, as HTML.
        field: What is being written; empty for nothing.
        above_field: What is shown above that, as HTML.
        letter: What its picture shows.
        direction: Of the whole chat, ``rtl`` or ``ltr``.
    """

    title: str
    subtitle: str
    messages: str
    field: str = ""
    above_field: str = ""
    letter: str = "ج"
    direction: str = "rtl"


def draw(phones: Iterable[Phone], folder: Path) -> Image.Image:
    """Return a picture of phones beside one another.

    Args:
        phones: From the right to the left.
        folder: Where the page and Chromium's own files may be written.
    """
    source = (HERE / "conversation.html").read_text("utf-8")
    around, phone = map(Template, source.split("<!-- A phone. -->\n"))
    drawn = [
        phone.substitute(
            title=escape(one.title),
            subtitle=escape(one.subtitle),
            messages=one.messages,
            field=escape(one.field) or ("رسالة" if one.direction == "rtl" else "Message"),
            state="typed" if one.field else "",
            above=one.above_field,
            letter=one.letter,
            direction=one.direction,
        )
        for one in phones
    ]
    width = len(drawn) * (WIDTH + GAP) - GAP
    page = folder / "conversation.html"
    page.write_text(around.substitute(phones="".join(drawn), width=width), "utf-8")
    return _screenshot(page, width)


def bubble(side: str, body: str, clock: str, keyboard: str = "") -> str:
    """Return a message: ``side`` is "in" or "out", ``body`` is HTML."""
    return (
        f'<div class="message {side}"><div class="bubble line">{body}'
        f'<span class="clock">{clock}</span></div>{keyboard}</div>'
    )


def notice(text: str) -> str:
    """Return what stands between the messages."""
    return f'<p class="notice line">{escape(text)}</p>'


def quote(who: str, text: str) -> str:
    """Return what a message replies to."""
    first = text.partition("\n")[0]
    return f'<div class="quote line"><b>{escape(who)}</b>{escape(first)}</div>'


def name(who: str, colour: int = 0) -> str:
    """Return who says something in a group."""
    return f'<b class="name line colour-{colour}">{escape(who)}</b>'


def file(file_name: str, size: int) -> str:
    """Return a file of a message."""
    about = f'<b class="line">{escape(file_name)}</b><small>{size / 1000:.1f} KB</small>'
    return f'<div class="file"><svg><use href="#file"/></svg><div>{about}</div></div>'


def keyboard(rows: Iterable[Iterable[tuple[str, bool]]]) -> str:
    """Return rows of buttons, each with its text and whether it was pressed."""
    return "".join(f'<div class="keys">{"".join(_key(*key) for key in row)}</div>' for row in rows)


def _key(text: str, pressed: bool) -> str:  # noqa: FBT001 - a pair of ``keyboard``
    return f'<span class="key line{" pressed" if pressed else ""}">{escape(text)}</span>'


def choices(results: Iterable[tuple[str, str]]) -> str:
    """Return inline results to choose from, each with its title and its description."""
    rows = (
        f'<div class="choice"><b class="line">{escape(title)}</b>'
        f'<span class="line">{escape(description)}</span></div>'
        for title, description in results
    )
    return f'<div class="choices">{"".join(rows)}</div>'


def rich(text: str, entities: list[Json] | None = None) -> str:
    """Return the HTML of a text with Telegram's entities, whose offsets count UTF-16 units."""
    marked = [(e["offset"], e["offset"] + e["length"], e["type"]) for e in entities or []]
    for link in _LINK.finditer(text):
        start, end = (utf16_length(text[:at]) for at in link.span())
        if not any(a < end and start < b and kind in _LITERAL for a, b, kind in marked):
            marked.append((start, end, "text_link"))
    marked.sort(key=lambda entity: (entity[0], -entity[1]))
    return _nested(text.encode("utf-16-le"), 0, utf16_length(text), marked)


def _nested(units: bytes, start: int, end: int, marked: list[tuple[int, int, str]]) -> str:
    html = ""
    while marked:
        (begin, stop, kind), *rest = marked
        inside = [entity for entity in rest if entity[0] < stop]
        marked = rest[len(inside) :]
        html += _plain(units, start, begin)
        content = _nested(units, begin, stop, inside)
        html += f'<span class="{kind}">{content}</span>'
        # A block ends its line by itself.
        start = stop + (kind in _BLOCKS and units[2 * stop : 2 * stop + 2] == b"\n\0")
    return html + _plain(units, start, end)


def _plain(units: bytes, start: int, end: int) -> str:
    return escape(units[2 * start : 2 * end].decode("utf-16-le"))


def _screenshot(page: Path, width: int) -> Image.Image:
    """Return Chromium's picture of a page, cut to what is drawn and with few colours."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("Chromium is not installed; see the top of docs/conversation.py")
    target = page.with_suffix(".png")
    own = [f"--window-size={width},{TALLEST}", f"--user-data-dir={page.parent / 'chromium'}"]
    own += [f"--screenshot={target}", page.as_uri()]
    subprocess.run([chromium, *_ARGUMENTS, *own], check=True, capture_output=True, timeout=120)  # noqa: S603
    picture = Image.open(target)
    drawn = picture.getchannel("A").getbbox()
    if drawn is None or drawn[3] >= picture.height:
        raise SystemExit(f"the conversation is taller than {TALLEST} CSS pixels, or empty")
    return _few_colours(picture.crop((0, 0, picture.width, drawn[3])))


def _few_colours(picture: Image.Image) -> Image.Image:
    """Return a picture with a palette, whose last colour is transparent."""
    few = picture.convert("RGB").quantize(COLOURS, Image.Quantize.MEDIANCUT, kmeans=3)
    few.paste(COLOURS, mask=picture.getchannel("A").point(lambda alpha: 255 * (alpha < OPAQUE)))
    few.putpalette([*(few.getpalette() or [])[: 3 * COLOURS], 0, 0, 0])
    few.info["transparency"] = COLOURS
    return few
