"""A sentence as a string of tags, one a word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain, pairwise

from index.arabic import normalise, word_spans
from index.arabic import words as words_of
from index.dates import Precision, find_dates
from index.examples.example import Example
from index.model import Sentence, Span
from index.places import find_places
from index.quantities import find_quantities
from index.questions import read_question

_MARKS = re.compile(
    "[\u0610-\u061a\u064b-\u0655\u0670\u0640\u00ad\u200b-\u200f\u202a-\u202e\ufeff]"
)


def word_set(text: str) -> frozenset[str]:
    """Return a list of words as they are compared: normalised."""
    return frozenset(normalise(text).split())


# Whose name follows need not be known.
_LIFE = word_set("ولد ولدت توفي توفيت اغتيل اغتيلت استشهد تزوج تزوجت هاجر هاجرت")
# Verbs of what happens once, but for forms that are nouns too, before or behind a singular.
_EVENTS = word_set(
    "تأسس تأسست أسست أنشئ أنشئت أنشأ أنشأت تشكل تشكلت بدأ بدأت يبدأ تبدأ انتهى انتهت ينتهي تنتهي "
    "انطلق انطلقت ينطلق تنطلق عقدت يعقد تعقد انعقد انعقدت ينعقد تنعقد افتتح افتتحت أقيم أقيمت "
    "تقام صدر صدرت اندلع اندلعت نشب نشبت استقل استقلت انضم انضمت انسحب انسحبت فاز فازت تولى تولت "
    "انتخب انتخبت زار زارت غادر غادرت اكتشف اكتشفت اخترع اخترعت سقط سقطت انهار انهارت تخرج تخرجت "
    "التحق التحقت استقال استقالت اعتزل اعتزلت أطلقت أعلنت وقعت توج توجت استضاف استضافت احتل احتلت "
    "حدث حدثت يقع تقع دفن دفنت أعلن اعتمد اعتمدت"
)
SAYING = word_set(
    "قال قالت أكد أكدت أوضح أوضحت أشار أشارت لفتت ذكرت صرح صرحت أعلن أعلنت شدد شددت اعتبر اعتبرت "
    "أفاد أفادت حذر حذرت رأى رأت لفت"
)
"""Verbs that say what somebody said."""

_MEASURING = word_set("بلغ بلغت يبلغ تبلغ استمر استمرت دامت استغرق استغرقت يستغرق تستغرق")
_HOLDING = word_set("ضم ضمت يضم تضم شملت يشمل تشمل")
_FUTURE = re.compile(r"س[يت]\w{2,}(?<!ه)(?<!ات)(?<!ون)(?<!ان)(?<!ين)(?<!وا)(?<!ي)")
_NOT_FUTURE = word_set("ستار سيناء سيارات سيد سياج سيبيريا سيول ستين")
_CUTTING = word_set(
    "بأنه أنه أنها إنه إنها الذين اللذين حيث لكن ثم أو أم إذ إذا بل كما فيما بينما عندما حين بعدما "
    "قبل بعد منذ حتى هو هي هم ما لا لم لن قد كان كانت وكان وكانت مما وهو وهي والذي والتي ولا ولم "
    "وقد مشيرا مؤكدا موضحا مبينا محذرا لافتا داعيا مضيفا لأن لأنه بين بداية إن لو وبعد وقبل"
)
_SETS = {
    "t": word_set("أن إن بأن وأن وإن"),
    "r": word_set("الذي التي"),
    "f": word_set("في وفي"),
    "i": word_set("عام سنة يوم خلال بتاريخ شهر قرابة أوائل أواخر منتصف مطلع نهاية بحلول"),
    "w": word_set("من على عن إلى مع"),
    "a": word_set("حوالي نحو زهاء تقريبا"),
    "y": word_set("بسبب"),
    "c": _CUTTING,
    "g": word_set(
        "عبر حول ضد عند هذا هذه ذلك تلك هؤلاء اليوم أمس غدا كل بعض أي غير أحد إحدى جميع معظم كافة "
        "عدة أول آخر ثاني ثالث أكثر أكبر الآن الأول الأولى الثاني الثانية الآخر الأخرى أيضا هناك "
        "فقط لدى ضمن ليس تحت فوق أمام وراء مثل سوى الحادي الحادية التالي التالية السابق السابقة "
        "الحالي الحالية الماضي الماضية الجاري الجارية الرئيسي الرئيسية الله العديد الكثير البعض "
        "الجميع الأمر الوقت السياق لقد سوف ذات نفس ألا جدا المقابل"
    ),
    "l": _LIFE,
    "v": _EVENTS,
    "s": SAYING - _EVENTS,
    "m": _MEASURING,
    "h": _HOLDING,
    "k": word_set("قام قامت عرض عرضت نشر نشرت فتحت كتبت"),  # events only behind «التي»
}
"""The tags of words that have one of their own.

Of the others, «d» is definite, «b» a noun without an article, «N» in a name, «x» anything else; the
first word of a date is «D», of a place «P», of a quantity «q», and further ones are «e», «p», «u».
"""

_TAGS = {word: tag for tag, words in reversed(_SETS.items()) for word in words}
_BARE = re.compile(
    r"(?!لل|بال|وال|كال|فال|ولل|ي)\w{3,}"
    r"(?<!ها)(?<!هم)(?<!ه)(?<!نا)(?<!ا)(?<!ون)(?<!ين)(?<!ت)|بيت|وقت"
)
_NOUN_IN_T = re.compile(r"ت\w{2,3}ي\w|ت(?:جار|كنولوجيا|كلف|راث|نمي)\w*")


@dataclass(frozen=True, slots=True)
class TaggedSentence:
    """A sentence as the patterns see it.

    Attributes:
        document: The id of its document.
        sentence: The sentence as it is written.
        plain: The same without vowel marks.
        words: Its words without «و» before a verb, and where they stand in ``plain``.
        tags: A letter for each word, and behind each what ``_gap`` says of the next.
        dates: The dates in ``plain`` that say a year, a month or a day.
        opens: Whether its document begins with it.
        dated: Whether it is a date of publication.
    """

    document: str
    sentence: str
    plain: str
    words: tuple[tuple[str, Span], ...]
    tags: str
    dates: tuple[Span, ...]
    opens: bool
    dated: bool

    def written(self, start: int, end: int) -> str:
        """Return what is written from tag ``start`` to before tag ``end``."""
        if start >= end:
            return ""
        return self.plain[self.words[(start + 1) // 2][1].start : self.words[(end - 1) // 2][1].end]

    def ask(self, question: str, expected: str) -> Example:
        """Make an example of a question without its mark, and of what answers it."""
        asked = " ".join(question.split()) + "؟"
        words = frozenset(words_of(expected)) - _CUTTING
        return Example(asked, read_question(asked).kind, self.document, self.sentence, words)


def tag_sentence(
    sentence: Sentence, document: str, names: set[str], *, opens: bool
) -> TaggedSentence:
    """Read a sentence.

    Args:
        sentence: The sentence.
        document: Its document's id.
        names: The words of the names of persons in its document.
        opens: Whether nothing of the article stands before it.
    """
    plain = re.sub(r"\s", " ", _MARKS.sub("", sentence.text))
    words = word_spans(plain)
    dates = [date.span for date in find_dates(plain) if date.precision > Precision.RELATIVE]
    spans = [("De", span) for span in dates]
    spans += [("Pp", span) for span in find_places(plain)]
    spans += [("qu", span) for span in find_quantities(plain)]
    tags = [_tag(word, span.of(plain), names) for word, span in words]
    starts = {one.start: n for n, (_, one) in enumerate(words)}
    taken: set[int] = set()
    for pair, span in spans:
        inside = [starts[at] for at in range(span.start, span.end) if at in starts]
        if span.start in starts and taken.isdisjoint(inside):
            taken.update(inside)
            for n in inside:
                tags[n] = pair[n != inside[0]]
    gaps = [_gap(plain[one.end : two.start]) for (_, one), (_, two) in pairwise(words)]
    return TaggedSentence(
        document=document,
        sentence=sentence.text,
        plain=plain,
        words=tuple(_without_and(word, span) for word, span in words),
        tags="".join(chain.from_iterable(zip(tags, [*gaps, "."], strict=False))),
        dates=tuple(dates),
        opens=opens,
        dated=bool(sentence.label),
    )


def _gap(between: str) -> str:
    """Return how a word is joined to the next: by a space, not at all («.»), or by a bracket."""
    if between == " ":
        return " "
    return "." if set(between) <= set(" .،,؛;؟?!:") else "|"


def _tag(word: str, written: str, names: set[str]) -> str:
    """Return the tag of a word that is no place, number or date."""
    bare = word[1:] if _has_and(word) else word
    if bare in _TAGS:
        return _TAGS[bare]
    if _is_future(bare):
        return "v"
    if word in names:
        return "N"
    if written.startswith("ال") and len(written) >= len("السل"):
        return "d"
    is_noun = _BARE.fullmatch(written) and (word[0] != "ت" or _NOUN_IN_T.fullmatch(word))
    return "b" if is_noun else "x"


def _is_future(word: str) -> bool:
    return bool(_FUTURE.fullmatch(word)) and word not in _NOT_FUTURE


def _has_and(word: str) -> bool:
    """Tell whether «و» or «ف» stands before a verb."""
    return word[0] in "وف" and (_TAGS.get(word[1:], "x") in "lvsmh" or _is_future(word[1:]))


def _without_and(word: str, span: Span) -> tuple[str, Span]:
    return (word[1:], Span(span.start + 1, span.end)) if _has_and(word) else (word, span)
