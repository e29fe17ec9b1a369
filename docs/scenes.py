"""What people do in the pictures of conversations with the bot."""

from __future__ import annotations

from dataclasses import dataclass

BOT_NAME = "جواب"
USERNAME = "your_jawab_bot"


@dataclass(frozen=True)
class Say:
    """Somebody sends a text.

    Attributes:
        text: The text.
        by: Who, or nobody for the one whose phone it is.
        below: Whether it replies to the newest message of the bot.
        answered: Whether the bot answers it.
    """

    text: str
    by: str = ""
    below: bool = False
    answered: bool = True


@dataclass(frozen=True)
class Press:
    """The newest button whose label holds these words is pressed."""

    label: str


@dataclass(frozen=True)
class Send:
    """A file is sent."""

    name: str
    text: str


@dataclass(frozen=True)
class Type:
    """A question is written behind the bot's name, in a chat with somebody else."""

    query: str


@dataclass(frozen=True)
class Choose:
    """The first of the results of that is chosen."""


@dataclass(frozen=True)
class Drawn:
    """A message that no bot of ours has to do with, drawn as it is."""

    text: str
    by: str = ""


Step = Say | Press | Send | Type | Choose | Drawn


@dataclass(frozen=True)
class Scene:
    """A chat, and what is done in it.

    Attributes:
        steps: What is done.
        title: What stands above it.
        subtitle: What stands below that.
        is_group: Whether it is a group.
        letter: What its picture shows.
        direction: Of the whole chat.
        note: What stands above the first message.
    """

    steps: tuple[Step, ...]
    title: str = BOT_NAME
    subtitle: str = "بوت"
    is_group: bool = False
    letter: str = "ج"
    direction: str = "rtl"
    note: str = ""


_BOTFATHER = "BotFather"


def _at_botfather(*steps: Step) -> Scene:
    return Scene(
        steps,
        title=_BOTFATHER,
        subtitle="bot",
        letter="B",
        direction="ltr",
        note="An illustration, not a real chat",
    )


SCENES: dict[str, tuple[Scene, ...]] = {
    "conversation": (
        Scene(
            (
                Say("متى القمة المقبلة؟"),
                Say("وين رح تنعقد القمة الجاية؟"),
                Press("السياق"),
            )
        ),
        Scene((Say("كم عمر بوتين؟"), Press("👍"))),
    ),
    "telegram-botfather": (
        _at_botfather(
            Drawn("/newbot"),
            Drawn("A new bot. What is its name, as people see it?", _BOTFATHER),
            Drawn("جواب الأخبار"),
            Drawn("And its username? It must end in “bot”.", _BOTFATHER),
            Drawn(USERNAME),
            Drawn(
                f"Done. Your bot is at t.me/{USERNAME}.\n\nIts token, which is as good as a"
                " password:\n123456789:AAmade-up-token-do-not-use",
                _BOTFATHER,
            ),
        ),
        _at_botfather(
            Drawn("/setinline"),
            Drawn("For which bot?", _BOTFATHER),
            Drawn(f"@{USERNAME}"),
            Drawn("What shall stand in the field before anything is typed?", _BOTFATHER),
            Drawn("اكتب سؤالك…"),
            Drawn("Done, inline mode is on.", _BOTFATHER),
        ),
    ),
    "telegram-start": (
        Scene((Say("/start"), Press("متى"))),
        Scene((Say("/sources"), Say("/about"))),
    ),
    "telegram-group": (
        Scene(
            (
                Say("صباح الخير، من قرأ خبر القمة؟", by="سلمى", answered=False),
                Say(f"متى القمة المقبلة؟ @{USERNAME}", by="سلمى"),
                Say("وأين ستعقد القمة المقبلة؟", below=True),
            ),
            title="غرفة الأخبار",
            subtitle="12 عضوًا",
            is_group=True,
            letter="غ",
        ),
    ),
    "telegram-inline": (
        Scene(
            (Type("متى القمة المقبلة؟"),),
            title="سلمى",
            subtitle="متصلة الآن",
            letter="س",
        ),
        Scene(
            (Type("متى القمة المقبلة؟"), Choose()),
            title="سلمى",
            subtitle="متصلة الآن",
            letter="س",
        ),
    ),
    "telegram-admin": (
        Scene(
            (
                Send(
                    "معرض الكتاب.txt",
                    "التاريخ : 20/04/2026\nالدوحة - افتتح وزير الثقافة اليوم معرض الدوحة الدولي"
                    " للكتاب، ويستمر المعرض حتى 3 مايو 2026 بمشاركة 520 دار نشر.\n",
                ),
                Say("كم دار نشر تشارك في معرض الدوحة؟"),
            )
        ),
        Scene((Say("/stats"), Say("/remove"), Press("معرض"))),
    ),
}
"""The scenes of each picture, from the right to the left."""
