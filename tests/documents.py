"""Documents that tests write: small articles with a date to ask for, and folders of them."""

from __future__ import annotations

import random
from pathlib import Path

_WORDS = (
    "الوزارة المشروع الجديد المدينة المنطقة الشركة العمل التعليم الطريق المياه الزراعة الصحة "
    "البلدية المدرسة السوق الجسر المطار القطار البرنامج المؤتمر الخبراء السكان الطلاب العمال"
).split()


def article(place: str, day: str) -> str:
    """Return an article that says when a place opened its library."""
    return f"افتتحت بلدية {place} مكتبة عامة في {day}. تضم المكتبة كتبًا للأطفال والكبار."


def question_about(place: str) -> str:
    """Return the question that ``article`` answers with its day."""
    return f"متى افتتحت بلدية {place} مكتبة عامة؟"


def write_articles(folder: Path, **days: str) -> Path:
    """Write an article for each place in a folder, as ``place.txt``; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for place, day in days.items():
        (folder / f"{place}.txt").write_text(article(place, day), "utf-8")
    return folder


def write_many(folder: Path, count: int, *, sentences: int = 40) -> None:
    """Write so many documents that reading them takes a while."""
    chance = random.Random(7)  # noqa: S311
    for number in range(count):
        text = " ".join(
            " ".join(chance.choices(_WORDS, k=12)) + f" {number} {turn}."
            for turn in range(sentences)
        )
        (folder / f"many-{number:04}.txt").write_text(text, "utf-8")


def children(process: int) -> set[int]:
    """Return the processes that a process has started, those that it did not wait for included."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        if int(fields[1]) == process:
            found.add(int(status.parent.name))
    return found
