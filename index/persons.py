"""Names of persons in Arabic text, found by the titles that introduce them.

Arabic has no capitals. What tells a name is its place: behind a title («الرئيس الروسي فلاديمير
بوتين», «الأمين العام للمنظمة إيمانغالي تاسماغامبيتوف»), up to the next word of grammar or verb.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from index.arabic import normalise, word_spans
from index.model import Span
from index.places import find_places

_TITLES = frozenset(
    normalise(
        "الرئيس رئيس رئيسة الرئيسة نائب الأمين أمين الأمينة وزير الوزير وزيرة الوزيرة الملك ملك "
        "الأمير أمير الأميرة ولي الشيخ شيخ السيد السيدة الدكتور الدكتورة د السفير سفير المدير مدير "
        "مديرة القائد قائد اللواء الفريق العميد العقيد الجنرال المستشار مستشار المستشارة الزعيم "
        "زعيم المتحدث متحدث الناطق المبعوث مبعوث المندوب مندوب النائب الكاتب الشاعر الأديب المخرج "
        "القيصر الممثل الفنان الفنانة المغني الفيلسوف المؤرخ الإمام الخليفة السلطان القديس "
        "اللاعب المدرب مدرب المهندس الصحفي الصحافي الإعلامي الباحث الأستاذ البروفيسور الحاكم حاكم "
        "البابا المحافظ محافظ عمدة النجم مؤسس المؤسس سلطان إمام خليفة الإمبراطور إمبراطور"
    ).split()
)
_STOPS = frozenset(
    normalise(
        "أن إن في من على إلى عن مع بأن لأن حيث خلال بعد قبل عبر حول ضد بين عند منذ حتى كما بينما "
        "لكن ثم أو أم إذ إذا لو قد لقد لا لم لن ما هو هي هم كان كانت يكون الذي التي الذين هذا هذه "
        "ذلك تلك اليوم أمس غدا بشأن بشكل وفق لدى نحو قال قالت أكد أكدت أوضح أوضحت أشار أشارت أضاف "
        "أضافت أعلن أعلنت ذكر ذكرت صرح صرحت شدد لفت دعا دعت بحث التقى استقبل وصل زار عقد أعرب "
        "أعربت أفاد كشف رأى اعتبر اقترح وقع أجرى ترأس شارك حذر نفى طالب يوم عام سنة "
        "مؤكدا مشيرا موضحا مبينا محذرا إنه إنها أنه أنها الخميس الجمعة السبت الأحد "
        "الاثنين الثلاثاء الأربعاء والتي والذي ستعقد سيعقد ضمن كل بعض أي غير سوى فقط أيضا به بها "
        "له لها"
    ).split()
)
_LONGEST_NAME = 4
_MOST_MODIFIERS = 4
_BREAK = re.compile(r"[.،,؛:!؟?\n]")


@lru_cache(maxsize=1024)
def find_persons(text: str) -> tuple[Span, ...]:
    """Return the names that a title introduces in ``text``, in order, without the title."""
    found = word_spans(text)
    places = find_places(text)
    ends = {
        number
        for number, ((_, one), (_, other)) in enumerate(pairwise(found))
        if _BREAK.search(text, one.end, other.start)
    }
    names: list[Span] = []
    number = 0
    while number < len(found):
        name = (
            _name_behind(text, found, number, ends, places) if _is_title(found[number][0]) else None
        )
        if name is None:
            number += 1
            continue
        first, last = name
        if all(word.endswith("ه") for word, _ in found[first : last + 1]):
            number = last + 1  # «أجرى الرئيس زيارة رسمية» names nobody
            continue
        names.append(Span(found[first][1].start, found[last][1].end))
        number = last + 1
    return tuple(names)


def name_end(text: str, found: Sequence[tuple[str, Span]], first: int) -> int:
    """Return behind which word a name that begins with word ``first`` ends; ``first`` for none.

    Args:
        text: The text.
        found: Its words, as ``word_spans`` gives them.
        first: The number of the word that the name begins with.
    """
    last = first
    while last < len(found) and last - first < _LONGEST_NAME:
        word, span = found[last]
        if last and _BREAK.search(text, found[last - 1][1].end, span.start):
            break
        if word in _STOPS or not word.isalpha() or _looks_verbal(word):
            break
        last += 1
    return last


def _is_title(word: str) -> bool:
    return word in _TITLES or (word[:1] in "ول" and word[1:] in _TITLES)


def _name_behind(
    text: str, found: Sequence[tuple[str, Span]], title: int, ends: set[int], places: Sequence[Span]
) -> tuple[int, int] | None:
    """Return the first and last word of the name that a title introduces, or None."""
    first = title
    for _ in range(_MOST_MODIFIERS + 1):
        if first in ends or first + 1 >= len(found):
            return None
        first += 1
        word, span = found[first]
        place = next((p for p in places if p.start <= span.start < p.end), None)
        if place is not None:
            while first + 1 < len(found) and found[first + 1][1].start < place.end:
                first += 1
            continue
        if not _is_modifier(word, span.of(text)):
            break
    if found[first][0] in _STOPS or not found[first][0].isalpha():
        return None
    last = first
    while (
        last - first + 1 < _LONGEST_NAME
        and last not in ends
        and last + 1 < len(found)
        and _continues(found[last + 1][0])
    ):
        last += 1
    return first, last


def _is_modifier(word: str, written: str) -> bool:
    """Tell what stands between a title and a name: «الروسي», «العام», «للمنظمة», «وزراء».

    The article is told as it is written: ألكسندر has none.
    """
    return written.startswith(("ال", "لل")) or word in _TITLES or word in _COMPLEMENTS


_COMPLEMENTS = frozenset(
    normalise(
        "وزراء خارجية دفاع داخلية مجلس حكومة جمهورية دولة عام اتحاد منظمة عهد أركان حزب هيئة لجنة "
        "وفد بلدية جامعة شركة بنك باسم لشؤون الأعلى أول قسم مركز معهد مؤسسة نادي منتخب فريق"
    ).split()
)


def _continues(word: str) -> bool:
    if word in _STOPS or not word.isalpha() or len(word) < 2:  # noqa: PLR2004
        return False
    if word.startswith("و") and len(word) > 3 and word[1:] in _STOPS:  # noqa: PLR2004
        return False
    return not (word.startswith("و") and _looks_verbal(word[1:])) and not _looks_verbal(word)


def _looks_verbal(word: str) -> bool:
    """Tell a verb of the news by its form: «ستعقد», «يبحث», «ناقش», «استقبل»."""
    return bool(re.fullmatch(r"(?:س?[يت]\w{3,4}|ناقش\w*|استـ?\w{3,5}|ا[جقع]ت\w{2,3}|بحث\w*)", word))
