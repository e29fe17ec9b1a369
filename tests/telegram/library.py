"""Documents that try a bot hard: very long sentences, sources that differ, markup, many of them."""

from __future__ import annotations

from pathlib import Path

_EMOJI = "🫒🎉" * 9 + "👩‍👩‍👧"
_CITIES = ("جنين", "طولكرم", "أريحا", "الخليل", "رام الله", "بيت لحم", "قلقيلية", "سلفيت")

OLIVES = "متى مهرجان الزيتون؟"
"""Answered from two documents that differ, in several messages."""

OLIVES_NEAREST = "أين سيقام مهرجان الزيتون؟"
"""Not answered; the two nearest sentences take several messages."""

PRINTER = "متى تأسست مطبعة القدس؟"
PRINTER_ANSWER = "1954"
"""A short answer, in one message."""

CHRONICLE = "سجل.txt"
CHRONICLE_SENTENCES = 300


def write_library(folder: Path) -> Path:
    """Write 12 documents, one of them very long, and return the folder."""
    folder.mkdir(parents=True)
    long = " " + " ".join([_EMOJI] * 45)
    texts = {
        "نابلس.txt": "أعلنت بلدية نابلس أن مهرجان الزيتون سيقام في 5 أكتوبر 2026 في ساحة المنارة"
        f"{long}.\nوقال رئيس البلدية إن الدخول مجاني.",
        "صحيفة.txt": "ذكرت صحيفة محلية أن مهرجان الزيتون سيقام في 7 أكتوبر 2026 في حديقة البلدية"
        f"{long}.\nوأضافت الصحيفة أن التذاكر نفدت.",
        "مطبعة.txt": "تأسست مطبعة القدس عام 1954 على يد <b>ثلاثة</b> إخوة & شركائهم. "
        "طبعت المطبعة أول كتاب لها بعد عام.",
        CHRONICLE: "\n".join(
            f"في اليوم رقم {day} كتب الحارس في السجل أن البوابة فتحت وأغلقت دون حادث يذكر."
            for day in range(1, CHRONICLE_SENTENCES + 1)
        ),
    }
    for number, city in enumerate(_CITIES):
        texts[f"{number}.txt"] = (
            f"افتتحت بلدية {city} مكتبة عامة جديدة في حي الشيخ. "
            f"تضم المكتبة {12 + number} ألف كتاب{long}."
        )
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    return folder
