"""A question to the kind of answer it wants and the words that it is about."""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.arabic import normalise, words
from index.model import Kind

_WHEN = "متى امتى إمتى ايمتى إيمتى أيمتا وقتاش فوقاش فوكاش شوقت متين"
_WHERE = "أين فين وين منين فاين وينه وينها فينه"
_WHO = "مين منو منهو شكون لمن بمن عمن ممن"
_HOWMANY = "كم كام قديش أديش قداش شقد شكد شحال بكم بكام اشحال"
_WHY = "لماذا لمادا ليش ليه علاش لاش لويش ليهش"
_HOW = "كيف ازاي إزاي شلون اشلون كيفاش كيفاه"
_YESNO = "هل واش أليس أوليس ألم"
_WHAT = (
    "ماذا بماذا عماذا فيماذا مادا بمادا ماهو ماهي ماهم شو شنو ايش إيش وش اش إيه شنهو شني "
    "عم عما مم مما فيم بم علام إلام"
)
_WHICH = "أي أية أيها أيهما بأي لأي أيهم"

_MARKERS: tuple[tuple[Kind, frozenset[str]], ...] = tuple(
    (kind, frozenset(normalise(markers).split()))
    for kind, markers in (
        (Kind.WHEN, _WHEN),
        (Kind.WHERE, _WHERE),
        (Kind.HOWMANY, _HOWMANY),
        (Kind.WHY, _WHY),
        (Kind.HOW, _HOW),
        (Kind.YESNO, _YESNO),
        (Kind.WHO, _WHO),
        (Kind.WHICH, _WHICH),
        (Kind.WHAT, _WHAT),
    )
)
# These mean something else inside a sentence («من موسكو», «لم يحضر», «ما زال»).
_FIRST_ONLY = {
    normalise(word): kind for word, kind in (("من", Kind.WHO), ("لم", Kind.WHY), ("ما", Kind.WHAT))
}

_WHAT_IS = r"(?:ما|شو|شنو|ايش|وش|اش)(?:\s*(?:هو|هي|هم|هن|كان|كانت))?\s+"
_WHICH_ONE = r"(?:(?:في|ب|من|منذ|خلال|اي|الي|حتي)\s*){0,4}ايه?\s+"
_TIME_NOUNS = (
    r"(?:ال)?(?:تاريخ|موعد|وقت|زمن|فتره|توقيت|عام|سنه|يوم|شهر|قرن|عقد|ساعه|عصر|اسبوع|تواريخ|مده)"
)
_PLACE_NOUNS = r"(?:ال)?(?:مكان|موقع|مقر|عاصمه|مدينه|بلد|قاره|منطقه|محافظه|ولايه|قريه|حي)"
_NUMBER_NOUNS = (
    r"(?:ال)?(?:عدد|قيمه|سعر|نسبه|عمر|طول|مساحه|مسافه|ارتفاع|ثمن|تكلفه|كلفه|وزن|حجم|كميه|رقم|سرعه)"
)
_REASON_NOUNS = r"(?:ال)?(?:سبب|اسباب|غايه|هدف|غرض|دافع|دوافع|داعي)"
_PERSON_NOUNS = (
    r"(?:ال)?(?:رئيس|رييس|ملك|امير|وزير|زعيم|امين|مدير|قائد|قايد|مؤسس|موسس|كاتب|مؤلف|مولف|شاعر|"
    r"لاعب|مدرب|شيخ|حاكم|سفير|زوجه|زوج|ابن|ابنه|والد|والده|ام|اب|اخ|مخترع|مكتشف|ممثل|مغني|مخرج)"
)
# Two-word forms, the first that fits; they say more than the question word alone.
_FORMS: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(rf"(?<!\S){pattern}(?!\w)"))
    for kind, pattern in (
        # The Egyptian إيه is «what» where the standard أية, spelled alike, could not stand.
        (Kind.WHAT, r"ايه(?=\s+(?:اللي|هو|هي|ده|دي)(?!\w)|\s*$)"),
        (Kind.WHERE, r"من\s+(?:اين|وين|فين)"),
        (Kind.WHO, r"(?:ما|شو|شنو|ايش|وش)\s+اسم\s+(?:\w+\s+)??" + _PERSON_NOUNS),
        (Kind.WHO, r"(?:ضد|مع|الي|علي|عن|يد|قبل|بواسطه)\s+من(?=\s+\w)(?!\s+(?:ال|قبل|اجل|خلال))"),
        (Kind.WHO, r"من\s+(?:هو|هي|هم|هما|الذي|التي|الذين|يكون|كان)"),
        (Kind.WHEN, _WHAT_IS + _TIME_NOUNS),
        (Kind.WHEN, _WHICH_ONE + _TIME_NOUNS),
        (Kind.WHEN, r"كم\s+(?:الساعه|التاريخ)"),
        (Kind.WHERE, r"(?:في|ب|الي|من)\s*ايه?\s+(?:دوله|" + _PLACE_NOUNS + ")"),
        (Kind.WHERE, _WHAT_IS + r"(?:ال)?(?:مكان|موقع|مقر)"),
        (Kind.HOWMANY, _WHAT_IS + _NUMBER_NOUNS),
        (Kind.HOWMANY, _WHICH_ONE + r"عدد"),
        (Kind.WHY, _WHAT_IS + _REASON_NOUNS),
        (Kind.WHY, r"(?:لاي|من اجل اي)\s+(?:سبب|غرض|هدف|غايه)"),
        (Kind.HOW, _WHAT_IS + r"(?:ال)?(?:طريقه|كيفيه)"),
        # «ما البرنامج الذي…» asks for one of several, «ما المشروع؟» for what it is.
        (Kind.WHICH, _WHAT_IS + r"ال(?!ذي\b|تي\b|ذين\b)\w+(?:\s+\w+){0,5}?\s+(?:الذي|التي|الذين)"),
    )
)
_TOPIC = re.compile(r"(?:تاريخ|موعد|توقيت)(?!\w)")

# Words that every question may hold; they say nothing of what it is about.
_FUNCTION_WORDS = frozenset(
    normalise(
        f"""
        ما من في على إلى عن مع أن إن لا لم لن قد و أو ثم حتى منذ بين عند كل بعض غير هذا هذه ذلك
        تلك هؤلاء الذي التي الذين اللذان اللتان اللي هو هي هم هن هما أنا نحن أنت أنتم كان كانت
        يكون تكون كانوا ليس ليست هناك هنا فيه فيها به بها له لها لهم عليه عليها منه منها إليه
        إليها عنه عنها بأن لأن كما أما إذا إذ لو حول حسب بحسب وفق تم يتم سوف خلال ضمن لدى نحو
        أيضا فقط جدا أجل سبب تحت أمام برأي رأي نظر كلام اسم
        رح راح عنده عندها بده بدها بدهم عايز عاوز يعني تبع بتاع دي ده دا هاد هاي هيك كمان يا مال
        كاين كاينة شي حاجة
        {_WHEN} {_WHERE} {_WHO} {_HOWMANY} {_WHY} {_HOW} {_YESNO} {_WHAT} {_WHICH}
        """
    ).split()
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it was asked and what is read from it.

    Attributes:
        text: The question as it was asked.
        kind: What kind of answer it wants.
        words: All its normalised words, in order.
        content: The words among them that it is about, each once, in order.
    """

    text: str
    kind: Kind
    words: tuple[str, ...]
    content: tuple[str, ...]


def read_question(text: str) -> Question:
    """Return what can be read from a question, in whatever dialect or spelling."""
    found = words(text)
    content = tuple(dict.fromkeys(word for word in found if word not in _FUNCTION_WORDS))
    return Question(text, _kind(found), tuple(found), content)


def _kind(found: list[str]) -> Kind:
    joined = " ".join(found)
    for kind, pattern in _FORMS:
        if pattern.search(joined):
            return kind
    if found and found[0] in _FIRST_ONLY:
        return _FIRST_ONLY[found[0]]
    for word in found:
        # A clitic «و» or «ف» may stand before the question word: «ومتى؟»
        bare = word[1:] if word[:1] in "وف" else word
        for kind, markers in _MARKERS:
            if word in markers or bare in markers:
                return kind
    return Kind.WHEN if _TOPIC.match(joined) else Kind.OTHER
