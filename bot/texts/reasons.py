"""Why files are left out, in Arabic; the index says it in English, in words that follow a name."""

from __future__ import annotations

import re
from functools import lru_cache

from bot.texts.arabic import ARABIC
from bot.texts.keys import Texts

_ARABIC = {
    r"it holds no text": "لا نص فيه",
    r"it is not a text file": "ليس ملفًّا نصيًّا",
    r"it is gone again": "لم يعد موجودًا",
    r"it has the same text as (.+)": r"نصه نص \1",
    r"it holds more than (\d+) MB of text; split it": r"فيه أكثر من \1 ميغابايت من النص؛ قسّمه",
    r"it is larger than (\d+) MB": r"أكبر من \1 ميغابايت",
    r"it needs the formats extra; install it with (.+)": (
        r"يحتاج إلى مكتبات إضافية؛ ثبّتها بالأمر \1"
    ),
    r"it cannot be read \((.+)\)": r"لا يمكن قراءته (\1)",
    r"it is damaged.*": "تالف",
    r"it is a zip inside a zip; unpack it first": "ملف zip داخل ملف zip؛ فكّه أولًا",
    r"it is encrypted; unpack it first": "مشفّر؛ فكّه أولًا",
    r"it is packed in a way that cannot be read; unpack it first": "ضغطه لا يُقرأ؛ فكّه أولًا",
    r"it unpacks to more than (\d+) GB": r"أكبر من \1 غيغابايت بعد فكّه",
    r"it holds more than ([\d,]+) files": r"فيه أكثر من \1 ملف",
    r"it has a password.*": "محمي بكلمة مرور أو بصيغة Word قديمة؛ احفظه ملف ‎.docx عاديًّا",
    r"it is encrypted; save it without a password first": "محمي بكلمة مرور؛ احفظه بلا كلمة مرور",
    r"it holds no text layer.*": "صفحاته صور بلا نص؛ مرّره على برنامج تعرّف الحروف (OCR) أولًا",
    r"its fonts do not say.*": "خطوطه لا تُقرأ؛ مرّره على برنامج تعرّف الحروف (OCR) أولًا",
    r"a row of it has no end.*": "فيه سطر لا ينتهي؛ ابحث عن علامة اقتباس لم تُغلق",
    r"it unpacks to more than ([\d,]+) times its size.*": r"يتجاوز بعد فكّه \1 ضعف حجمه؛ فكّه أولًا",
    r"its name is longer than ([\d,]+) characters": r"اسمه أطول من \1 حرف",
    r"it is a link that leads out.*": "رابط يؤدي إلى خارج مجلد الوثائق",
    r"it is a link": "رابط",
    r"it is no ordinary file": "ليس ملفًّا عاديًّا",
    r"it holds more than ([\d,]+) sentences or lines; split it": (
        r"فيه أكثر من \1 جملة أو سطر؛ قسّمه"
    ),
    r"it takes longer than ([\d,]+) s to read": r"تستغرق قراءته أكثر من \1 ثانية",
    r"(?:the library that reads it gives up on it; perhaps )?"
    r"it needs more than ([\d,]+) MB of memory to read": (
        r"تحتاج قراءته إلى أكثر من \1 ميغابايت من الذاكرة"
    ),
    r"the library that reads it crashes.*": "يُعطّل ما يقرؤه؛ احفظه من جديد بالبرنامج الذي أنشأه",
    r"it cannot be read from row (\d+) on .*": r"لا يُقرأ من السطر \1 فما بعده",
    r"it is not valid JSON.*": "ليس JSON صحيحًا",
    r"it is not a JSON object": "ليس كائن JSON",
    r"what follows the end of the list is not read": "ما بعد نهاية القائمة لا يُقرأ",
    r"it has no field (.+)": r"ليس فيه حقل \1",
    r"it cannot be read as a row of a table \((.+)\)": r"لا يُقرأ سطرًا من جدول (\1)",
}
_PATTERNS = [(re.compile(pattern), arabic) for pattern, arabic in _ARABIC.items()]
_NO_FIELD = re.compile(
    r"it has no field for the text \((?:it has (.+)|.+)\); name the one to read.*"
)


def reason_in(reason: str, texts: Texts) -> str:
    """Return a reason in the language of some texts; one that is not known stays as it is."""
    return _arabic(reason) if texts is ARABIC else reason


@lru_cache(maxsize=1024)
def _arabic(reason: str) -> str:
    if match := _NO_FIELD.fullmatch(reason):
        seen = f" (حقوله: {match[1]})" if match[1] else ""
        return f"ليس فيه حقل للنص{seen}؛ سمِّ حقل النص في JAWAB_FIELDS"
    for pattern, arabic in _PATTERNS:
        if match := pattern.fullmatch(reason):
            return match.expand(arabic)
    return reason
