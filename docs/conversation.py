"""Makes the pictures of conversations with the bot in docs/.

    uv run python -m docs.conversation            # all of them
    uv run python -m docs.conversation group      # docs/telegram-group.png only

The replies are real: the bot runs in a process of its own against the tests' Bot API server, over a
copy of ``seeds/``, and answers what ``docs/scenes.py`` has people do. Both sides of each chat go
into ``docs/conversation.html``, and Chromium takes its picture. Lines are laid out as Telegram does
it, each in the direction of its first strong letter, so a fault in the bot's texts shows here too.
What @BotFather says is drawn in the same way from words of our own, and marked as an illustration.

It needs the packages of the test group, Chromium and three fonts; in Debian and Ubuntu:

    apt-get install --no-install-recommends \
        chromium fonts-noto-core fonts-noto-color-emoji fonts-inter
"""

from __future__ import annotations

import base64
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

import httpx

from docs import drawing
from docs.drawing import Phone, bubble, rich
from docs.scenes import (
    BOT_NAME,
    SCENES,
    USERNAME,
    Choose,
    Drawn,
    Press,
    Say,
    Scene,
    Send,
    Step,
    Type,
)
from tests.telegram.conftest import bot_environment
from tests.telegram.markup import Json
from tests.telegram.methods import TOKEN
from tests.telegram.records import InlineResult
from tests.telegram.server import BotApiServer, Call, SentMessage

HERE = Path(__file__).parent
QUIET = 1.5  # seconds without a request, after which the bot has said everything
FIRST_MINUTE = 9 * 60 + 40  # of the day; each thing said takes another
SHOWN_RESULTS = 4  # of an inline answer


def main() -> None:
    """Hold the conversations and write their pictures."""
    wanted = sys.argv[1:] or list(SCENES)
    if unknown := set(wanted) - set(SCENES):
        raise SystemExit(f"there is no picture {', '.join(unknown)}, only {', '.join(SCENES)}")
    with tempfile.TemporaryDirectory() as name, BotApiServer() as server:
        folder = Path(name)
        server.bot |= {"first_name": BOT_NAME, "username": USERNAME}
        shutil.copytree(HERE.parent / "seeds", folder / "documents")
        with running_bot(server, folder):
            for number, scene in enumerate(SCENES[one] for one in wanted):
                phones = [play(server, panel, 10 * number + at) for at, panel in enumerate(scene)]
                picture = drawing.draw(phones, folder)
                target = HERE / f"{wanted[number]}.png"
                picture.save(target, optimize=True)
                size = target.stat().st_size / 1000
                about = f"{picture.width} x {picture.height} pixels, {size:.0f} kB"
                sys.stdout.write(f"{target}: {about}\n")


@contextmanager
def running_bot(server: BotApiServer, folder: Path) -> Iterator[None]:
    """Run the real bot over ``documents`` in a folder while the block runs."""
    everybody = ",".join(str(1001 + number) for number in range(10 * len(SCENES)))
    settings = {
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "JAWAB_TELEGRAM_API_URL": server.url,
        "JAWAB_DOCS": str(folder / "documents"),
        "JAWAB_ADMINS": everybody,
    }
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


def play(server: BotApiServer, scene: Scene, number: int) -> Phone:
    """Have the people of a scene do what they do, and return what the first of them sees."""
    chat = Chat(server, scene, number)
    for step in scene.steps:
        chat.take(step)
    return chat.phone()


class Chat:
    """A chat with the bot, private or a group, and what is seen of it."""

    def __init__(self, server: BotApiServer, scene: Scene, number: int) -> None:
        self._server = server
        self._scene = scene
        self._me = 1001 + number
        self._id = -100_000_000_000 - number if scene.is_group else self._me
        # By the number of a message: who said it, and its HTML.
        self._said: dict[int, tuple[str, str]] = {}
        self._pressed: set[tuple[int, str]] = set()
        self._notices: dict[int, str] = {}  # by the message they stand behind
        self._results: list[InlineResult] = []
        self._typed = ""

    def take(self, step: Step) -> None:
        """Take a step, and wait until the bot has done what it does then."""
        done = len(self._replies())
        if isinstance(step, Type):
            query = self._server.send_inline(step.query, user_id=self._me)
            self._results = self._server.wait_for_inline_answer(query, timeout=30).results
            self._typed = f"@{USERNAME} {step.query}"
            return
        if isinstance(step, Choose | Drawn):
            self._draw(step)
            return
        if isinstance(step, Press):
            if not self._press(step.label):
                raise SystemExit(f"there is no button «{step.label}»")
        elif isinstance(step, Send):
            content = step.text.encode()
            sent = self._server.send_document(step.name, content, chat_id=self._id)
            self._said[sent.message_id] = ("", drawing.file(step.name, len(content)))
        else:
            self._say(step)
        if not isinstance(step, Say) or step.answered:
            self._settle(done)
        self._note(self._replies()[done:])

    def _say(self, step: Say) -> None:
        newest = self._server.messages(self._id)[-1] if step.below else None
        more: Json = {"reply_to_message": newest.raw} if newest else {}
        sent = self._server.send_text(
            step.text,
            chat_id=self._id,
            user_id=self._me + 5000 * bool(step.by),
            chat_type="supergroup" if self._scene.is_group else "private",
            **more,
        )
        quoted = drawing.quote(BOT_NAME, newest.text) if newest else ""
        self._said[sent.message_id] = (step.by, quoted + rich(step.text))

    def _draw(self, step: Choose | Drawn) -> None:
        if isinstance(step, Drawn):
            self._said[len(self._said)] = (step.by, rich(step.text))
            return
        chosen = self._results[0]
        via = f'<small class="via line">عبر <bdi>@{USERNAME}</bdi></small>'
        self._said[len(self._said)] = ("", via + rich(chosen.text, chosen.entities))
        self._results, self._typed = [], ""

    def _press(self, label: str) -> bool:
        for message in reversed(self._server.messages(self._id)):
            for button in message.buttons:
                if label in button["text"] and "callback_data" in button:
                    self._server.press(message, button["callback_data"], user_id=self._me)
                    self._pressed.add((message.message_id, button["text"]))
                    return True
        return False

    def _is_reply(self, call: Call) -> bool:
        here = call.params.get("chat_id") == self._id and call.method != "sendChatAction"
        return here or call.method == "answerCallbackQuery"

    def _replies(self) -> list[Call]:
        return [call for call in self._server.calls() if self._is_reply(call)]

    def _settle(self, done: int) -> None:
        self._server.wait_for(self._is_reply, count=done + 1, timeout=30)
        while len(self._replies()) > done:
            done = len(self._replies())
            time.sleep(QUIET)

    def _note(self, calls: list[Call]) -> None:
        for call in calls:
            if call.status != HTTPStatus.OK:
                raise SystemExit(f"the bot's {call.method} was refused: {call}")
            if call.method == "answerCallbackQuery" and call.params.get("text"):
                newest = self._server.messages(self._id)[-1].message_id
                self._notices[newest] = call.params["text"]

    def phone(self) -> Phone:
        """Return the chat as it looks now."""
        scene = self._scene
        results = [(one.title, one.description) for one in self._results[:SHOWN_RESULTS]]
        return Phone(
            title=scene.title,
            subtitle=scene.subtitle,
            messages=self._messages(),
            field=self._typed,
            above_field=drawing.choices(results) if results else "",
            letter=scene.letter,
            direction=scene.direction,
        )

    def _messages(self) -> str:
        answers = {message.message_id: message for message in self._server.messages(self._id)}
        minute, rows = FIRST_MINUTE, []
        if self._scene.note:
            rows.append(drawing.notice(self._scene.note))
        for number in sorted({*self._said, *answers}):
            if number in self._said:
                minute += 1
                who, html = self._said[number]
                shown = drawing.name(who, 1) if who and self._scene.is_group else ""
                rows.append(bubble("in" if who else "out", shown + html, _clock(minute)))
            else:
                rows.append(self._answer(answers[number], _clock(minute)))
            if number in self._notices:
                rows.append(drawing.notice(self._notices[number]))
        return "\n".join(rows)

    def _answer(self, message: SentMessage, clock: str) -> str:
        body = drawing.name(BOT_NAME) if self._scene.is_group else ""
        if replied := message.raw.get("reply_to_message"):
            who = self._said.get(replied["message_id"], ("", ""))[0] or "أنت"
            body += drawing.quote(who, replied.get("text") or replied["document"]["file_name"])
        body += self._media(message) + rich(message.text, message.entities)
        keys = drawing.keyboard(
            [
                (button["text"], (message.message_id, button["text"]) in self._pressed)
                for button in row
            ]
            for row in (message.reply_markup or {}).get("inline_keyboard", [])
        )
        return bubble("in", body, clock, keys)  # Telegram marks no bot's edits as such

    def _media(self, message: SentMessage) -> str:
        if photo := message.raw.get("photo"):
            content = base64.b64encode(self._download(photo[-1]["file_id"])).decode()
            return f'<img class="photo" alt="" src="data:image;base64,{content}">'
        if document := message.raw.get("document"):
            return drawing.file(document["file_name"], document["file_size"])
        return ""

    def _download(self, file_id: str) -> bytes:
        with httpx.Client(base_url=self._server.url) as client:
            found = client.get(f"/bot{TOKEN}/getFile", params={"file_id": file_id}).json()
            return client.get(f"/file/bot{TOKEN}/{found['result']['file_path']}").content


def _clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"


if __name__ == "__main__":
    main()
