"""Makes docs/conversation.png, the README's picture of a conversation with the bot.

    uv run python -m docs.conversation

The replies are real: the bot runs in a process of its own against the tests' Bot API server, on
the documents in ``seeds/``, and answers the steps in ``PANELS``. Both sides of each chat go into
``docs/conversation.html``, and Chromium takes its picture. Lines are laid out as Telegram does it,
each in the direction of its first strong letter, so a fault in the bot's texts shows here too.

It needs the packages of the test group, Chromium and three fonts; in Debian and Ubuntu:

    apt-get install --no-install-recommends \
        chromium fonts-noto-core fonts-noto-color-emoji fonts-inter
"""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http import HTTPStatus
from pathlib import Path
from string import Template

import httpx
from PIL import Image

from tests.telegram.conftest import bot_environment
from tests.telegram.markup import Json, utf16_length
from tests.telegram.methods import TOKEN
from tests.telegram.server import BotApiServer, Call, SentMessage


@dataclass(frozen=True)
class Say:
    """The user sends a text."""

    text: str


@dataclass(frozen=True)
class Press:
    """The user presses the newest button whose label holds these words; if none does, nothing."""

    label: str


PANELS: tuple[tuple[Say | Press, ...], ...] = (
    (
        Say("متى القمة المقبلة؟"),
        Say("وين رح تنعقد القمة الجاية؟"),
        Press("السياق"),
    ),
    (
        Say("كم عمر بوتين؟"),
        Press("👍"),
    ),
)
"""What the user does, a chat a panel, from the right to the left."""

HERE = Path(__file__).parent
SCALE = 2  # device pixels to a CSS pixel
WIDTH, TALLEST = 900, 3000  # of the page, in CSS pixels
COLOURS = 255
OPAQUE = 128  # the alpha from which a pixel is kept
QUIET = 1.5  # seconds without a request, after which the bot has said everything
FIRST_MINUTE = 9 * 60 + 40  # of the day; each thing said takes another

_BLOCKS = frozenset({"blockquote", "expandable_blockquote", "pre"})
_LITERAL = frozenset({"code", "pre", "text_link", "bot_command", "mention"})
# What Telegram makes a link of by itself.
_LINK = re.compile(r"(?<![\w/<>@.])(?:/[A-Za-z]\w{0,31}\b|@[A-Za-z]\w{3,31}|https?://[^\s<>]+)")
_ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars"
    " --disable-background-networking --disable-component-update --disable-sync"
    f" --force-device-scale-factor={SCALE} --window-size={WIDTH},{TALLEST}"
    " --default-background-color=00000000"
).split()


def main() -> None:
    """Hold the conversations and write their picture."""
    with tempfile.TemporaryDirectory() as folder, BotApiServer() as server:
        with running_bot(server, Path(folder)):
            chats = [Chat(server, number).play(steps) for number, steps in enumerate(PANELS, 1001)]
        source = (HERE / "conversation.html").read_text("utf-8")
        around, phone = map(Template, source.split("<!-- A phone. -->\n"))
        phones = "".join(phone.substitute(messages=chat) for chat in chats)
        page = Path(folder) / "conversation.html"
        page.write_text(around.substitute(phones=phones, width=WIDTH), "utf-8")
        picture = screenshot(page)
    target = HERE / "conversation.png"
    picture.save(target, optimize=True)
    size = target.stat().st_size / 1000
    sys.stdout.write(f"{target}: {picture.width} x {picture.height} pixels, {size:.0f} kB\n")


@contextmanager
def running_bot(server: BotApiServer, folder: Path) -> Iterator[None]:
    """Run the real bot on ``seeds/`` while the block runs."""
    settings = {"TELEGRAM_BOT_TOKEN": TOKEN, "JAWAB_TELEGRAM_API_URL": server.url}
    log = folder / "bot.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot"],
            cwd=folder,
            env=bot_environment(folder / "home", **settings),
            stderr=errors,
        )
    try:
        server.wait_for("getUpdates", timeout=30)
        yield
    except AssertionError:
        sys.stderr.write(log.read_text("utf-8"))
        raise
    finally:
        process.terminate()
        process.wait(timeout=20)


@dataclass
class Chat:
    """One user's chat with the bot, and the picture of it."""

    server: BotApiServer
    number: int
    said: dict[int, str] = field(default_factory=dict)
    pressed: set[tuple[int, str]] = field(default_factory=set)
    notices: dict[int, str] = field(default_factory=dict)  # by the message they stand behind

    def play(self, steps: tuple[Say | Press, ...]) -> str:
        """Take the steps, each when the bot has answered the one before; return the HTML."""
        for step in steps:
            done = len(self._replies())
            if isinstance(step, Say):
                sent = self.server.send_text(step.text, chat_id=self.number)
                self.said[sent.message_id] = step.text
            elif not self._press(step.label):
                sys.stderr.write(f"no button «{step.label}», so the picture does without\n")
                continue
            self._settle(done)
            self._note(self._replies()[done:])
        return self._html()

    def _press(self, label: str) -> bool:
        for message in reversed(self.server.messages(self.number)):
            for button in message.buttons:
                if label in button["text"] and "callback_data" in button:
                    self.server.press(message, button["callback_data"])
                    self.pressed.add((message.message_id, button["text"]))
                    return True
        return False

    def _is_reply(self, call: Call) -> bool:
        here = call.params.get("chat_id") == self.number and call.method != "sendChatAction"
        return here or call.method == "answerCallbackQuery"

    def _replies(self) -> list[Call]:
        return [call for call in self.server.calls() if self._is_reply(call)]

    def _settle(self, done: int) -> None:
        self.server.wait_for(self._is_reply, count=done + 1, timeout=30)
        while len(self._replies()) > done:
            done = len(self._replies())
            time.sleep(QUIET)

    def _note(self, calls: list[Call]) -> None:
        for call in calls:
            if call.status != HTTPStatus.OK:
                raise SystemExit(f"the bot's {call.method} was refused: {call}")
            if call.method == "answerCallbackQuery" and call.params.get("text"):
                self.notices[self.server.messages(self.number)[-1].message_id] = call.params["text"]

    def _html(self) -> str:
        answers = {message.message_id: message for message in self.server.messages(self.number)}
        minute, rows = FIRST_MINUTE, []
        for number in sorted({*self.said, *answers}):
            if number in self.said:
                minute += 1
                rows.append(bubble("out", rich(self.said[number]), _clock(minute)))
            else:
                rows.append(self._answer(answers[number], _clock(minute)))
            if number in self.notices:
                rows.append(f'<p class="notice line">{escape(self.notices[number])}</p>')
        return "\n".join(rows)

    def _answer(self, message: SentMessage, clock: str) -> str:
        body = _quote(message.raw.get("reply_to_message"))
        body += self._media(message.raw) + rich(message.text, message.entities)
        keyboard = ""
        for row in (message.reply_markup or {}).get("inline_keyboard", []):
            keys = (self._key(message.message_id, button) for button in row)
            keyboard += f'<div class="keys">{"".join(keys)}</div>'
        return bubble("in", body, clock, keyboard)  # Telegram marks no bot's edits as such

    def _key(self, number: int, button: Json) -> str:
        pressed = " pressed" if (number, button["text"]) in self.pressed else ""
        return f'<span class="key line{pressed}">{escape(button["text"])}</span>'

    def _media(self, raw: Json) -> str:
        if photo := raw.get("photo"):
            content = base64.b64encode(self._download(photo[-1]["file_id"])).decode()
            return f'<img class="photo" alt="" src="data:image;base64,{content}">'
        if document := raw.get("document"):
            name, size = escape(document["file_name"]), document["file_size"] / 1000
            about = f'<b class="line">{name}</b><small>{size:.1f} KB</small>'
            return f'<div class="file"><svg><use href="#file"/></svg><div>{about}</div></div>'
        return ""

    def _download(self, file_id: str) -> bytes:
        with httpx.Client(base_url=self.server.url) as client:
            found = client.get(f"/bot{TOKEN}/getFile", params={"file_id": file_id}).json()
            return client.get(f"/file/bot{TOKEN}/{found['result']['file_path']}").content


def bubble(side: str, body: str, clock: str, keyboard: str = "") -> str:
    """Return a message: ``side`` is "in" or "out", ``body`` is HTML."""
    return (
        f'<div class="message {side}"><div class="bubble line">{body}'
        f'<span class="clock">{clock}</span></div>{keyboard}</div>'
    )


def _quote(message: Json | None) -> str:
    if message is None:
        return ""
    who = "جواب" if message["from"]["is_bot"] else "أنت"
    first = (message.get("text") or message.get("caption") or "…").split("\n")[0]
    return f'<div class="quote line"><b>{who}</b>{escape(first)}</div>'


def _clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"


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


def screenshot(page: Path) -> Image.Image:
    """Return Chromium's picture of a page, cut to what is drawn and with few colours."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("Chromium is not installed; see the top of docs/conversation.py")
    target = page.with_suffix(".png")
    own = [f"--user-data-dir={page.parent / 'chromium'}", f"--screenshot={target}", page.as_uri()]
    subprocess.run([chromium, *_ARGUMENTS, *own], check=True, capture_output=True, timeout=120)  # noqa: S603
    picture = Image.open(target)
    drawn = picture.getchannel("A").getbbox()
    if drawn is None or drawn[3] >= picture.height:
        raise SystemExit(f"the conversation is taller than {TALLEST} CSS pixels, or empty")
    return _few_colours(picture.crop((0, 0, picture.width, drawn[3])))


def _few_colours(picture: Image.Image) -> Image.Image:
    """Return a picture with a palette, whose last colour is transparent."""
    few = picture.convert("RGB").quantize(COLOURS, Image.Quantize.MEDIANCUT)
    few.paste(COLOURS, mask=picture.getchannel("A").point(lambda alpha: 255 * (alpha < OPAQUE)))
    few.putpalette([*(few.getpalette() or []), 0, 0, 0])
    few.info["transparency"] = COLOURS
    return few


if __name__ == "__main__":
    main()
