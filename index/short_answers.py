"""The part of a sentence that answers: a span that fits the question's kind and is not in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from index.arabic import affinity, normalise, normalise_aligned, original_span, stem, word_spans
from index.arabic import words as words_of
from index.dates import Precision, find_dates
from index.model import Kind, Span
from index.persons import find_persons, name_end
from index.places import find_located, find_places
from index.quantities import find_quantities
from index.questions import Question
from index.sentences import trim

_DURATION_STEMS = frozenset(
    stem(word)
    for word in words_of(
        "استمرت استمر تستمر دامت دام تدوم مدة المدة يوم يوما أيام استغرقت استغرق طالت"
    )
)
_TO_PLACE = re.compile(r"(?:\b(?:في|الي|من|عند|قرب|نحو|بمدينه)\s+|\bب)$")
_NOT_ACTING = re.compile(r"(?:\b(?:في|الي|من|عند|قرب|نحو|مع|علي|عن|عاصمه|ضد)\s+|\b[بل])$")
_IN = re.compile(
    r"(?<!\s)\s++(?:في|بين|على)\s+(?P<where>[^\W\d_]\S*(?:\s+[^\W\d_][^\s،,.؛():]*){0,6})"
)
_FROM_TO = re.compile(r"[^()\d]{0,25}[-–—][^()\d]{0,25}")
_BIRTH = frozenset(words_of("ولد ولدت مولد ميلاد يولد مواليد"))
_DEATH = frozenset(words_of("توفي توفيت مات ماتت وفاة رحل يموت استشهد"))
_SAYING = frozenset(words_of("قال قالت يقول تقول صرح ذكر أكد أعلن كتب وصف قيم رأى علق"))
_IN_YEAR = re.compile(r"(?<!\w)(?:في|عام|سنه|منذ|خلال|حتي|قبل|بعد)\s+$")
_COPULAS = frozenset(("هو", "هي", "هم"))
_WORD_BEHIND = 20  # characters that an answer before the asking word seems further away
_ACT = 3  # times what another word of the question counts
_NEAR = 10  # characters within which it hardly matters how near
_AND = re.compile(r"\s*+(?:[،,]\s*+)?و")
_QUOTED_WITHIN = 80  # characters
_QUOTED = re.compile(r"[\"“”«(]([^\"“”«»()]*+)[\"”“»)]")
_SHORTEST_QUOTED, _LONGEST_QUOTED = 2, 120
_REASON = re.compile(
    r"(?<!\w)(?:بسبب|نتيجه|من\s+اجل|بهدف|بغيه|بغرض|نظرا\s+ل\w*|لان\w*|جراء|بفضل|لكي|كي|"
    r"الهادفه?\s+الي|تهدف\s+الي|ل(?:ل|ت|ا|م|ب|ر|ض|ح|و|د|ن|ع|ش|ق|ك)\w{2,})(?!\w)"
)
_CLAUSE_END = re.compile(
    r"[.؟!؛،,:\"“”«»()]|(?<!\w)(?:مشيرا|موكدا|موضحا|مبينا|محذرا|لافتا|داعيا|مشددا|معتبرا|"
    r"معتبره|مضيفا|متوقعا|حيث|فيما|بينما|اضافه|كما|وان|وانه|وانها|الذي|التي)(?!\w)"
)


@lru_cache(maxsize=65_536)
def best_affinity(word: str, others: tuple[str, ...]) -> float:
    """Return how alike a word is to the most alike of others."""
    return max((affinity(word, other) for other in others), default=0.0)


def short_answer(question: Question, sentence: str) -> Span | None:
    """Return the part of a sentence that answers a question, or None.

    It does not stand in the question itself; of several that fit the question's kind it is the
    one nearest to the words that the question shares with the sentence.

    Returns:
        A span of ``sentence``.
    """
    find = _FINDERS.get(question.kind)
    return find(question, sentence) if find else None


def _when(question: Question, sentence: str) -> Span | None:
    dates = [date for date in find_dates(sentence) if _is_new(question, date.span.of(sentence))]
    absolute = [date for date in dates if date.precision > Precision.RELATIVE]
    spans = [date.span for date in absolute or dates]
    life = _life(question, sentence, spans)
    return _nearest(question, sentence, [life] if life else spans)


def _life(question: Question, sentence: str, spans: Sequence[Span]) -> Span | None:
    """Return the date of birth or of death from «(1911 - 2006)», whichever is asked for."""
    for born, died in pairwise(spans):
        if _FROM_TO.fullmatch(sentence, born.end, died.start):
            if any(word in _BIRTH for word in question.words):
                return born
            if any(word in _DEATH for word in question.words):
                return died
    return None


def _how_many(question: Question, sentence: str) -> Span | None:
    dates = [date for date in find_dates(sentence) if date.precision > Precision.RELATIVE]
    quantities = [
        span for span in find_quantities(sentence) if _is_new(question, span.of(sentence))
    ]
    counted = [
        span
        for span in quantities
        if any(best_affinity(word, question.content) for word in words_of(span.of(sentence)))
    ]
    quantities = counted or [
        span for span in quantities if not any(_is_dated(sentence, span, d.span) for d in dates)
    ]
    if not quantities and any(stem(word) in _DURATION_STEMS for word in question.words):
        # How long something lasted is also told by when it began and ended.
        quantities = [date.span for date in dates if _is_new(question, date.span.of(sentence))]
    return _nearest(question, sentence, quantities)


def _is_dated(sentence: str, quantity: Span, dated: Span) -> bool:
    """Tell whether a number belongs to a date; «2000 جندي» does not, «في 2000» does."""
    if quantity.end <= dated.start or dated.end <= quantity.start:
        return False
    counts = dated.of(sentence).isdecimal() and quantity.end > dated.end
    return not counts or bool(_IN_YEAR.search(normalise(sentence[: quantity.start])))


def _where(question: Question, sentence: str) -> Span | None:
    known = [span for span in find_places(sentence) if _is_new(question, span.of(sentence))]
    located = [span for span in find_located(sentence) if _is_new(question, span.of(sentence))]
    shared = {span.end for span in _shared(question, sentence, ())}
    for phrase in _IN.finditer(sentence):
        # «تقع في الركن الشمالي الشرقي من أفريقيا»: right behind a word of the question.
        if phrase.start() in shared and not find_dates(phrase["where"]):
            span = Span(*phrase.span("where"))
            inner = [place for place in known if span.start <= place.start < span.end]
            return inner[0] if len(inner) == 1 and _is_short(sentence, span, inner[0]) else span
    pointed = [span for span in known if _TO_PLACE.search(normalise(sentence[: span.start]))]
    return _nearest(question, sentence, pointed or located or known)


def _is_short(sentence: str, span: Span, place: Span) -> bool:
    """Tell whether a phrase begins with the place that it holds: «في موسكو العام المقبل»."""
    return not sentence[span.start : place.start].strip()


def _who(question: Question, sentence: str) -> Span | None:
    persons = [span for span in find_persons(sentence) if _is_new(question, span.of(sentence))]
    if persons:
        return _nearest(question, sentence, persons)
    states = [
        span
        for span in find_places(sentence)
        if _is_new(question, span.of(sentence))
        and not _NOT_ACTING.search(normalise(sentence[: span.start]))
    ]
    return _nearest(question, sentence, _joined(sentence, states) or _named(question, sentence))


def _named(question: Question, sentence: str) -> list[Span]:
    """Return what stands behind «هو» or a word of the question, as far as a name can go."""
    shared = {span.start for span in _shared(question, sentence, ())}
    found = word_spans(sentence)
    names = []
    for number, (word, span) in enumerate(found):
        if span.start not in shared and word not in _COPULAS:
            continue
        end = name_end(sentence, found, number + 1)
        if end > number + 1 and found[number + 1][1].start not in shared:
            names.append(Span(found[number + 1][1].start, found[end - 1][1].end))
    return names


def _joined(sentence: str, spans: Sequence[Span]) -> list[Span]:
    """Join neighbours that «و» connects: «الولايات المتحدة وروسيا»."""
    joined: list[Span] = []
    for span in spans:
        if joined and _AND.fullmatch(sentence, joined[-1].end, span.start):
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    return joined


def _why(question: Question, sentence: str) -> Span | None:
    normalised, offsets = normalise_aligned(sentence)
    reasons = []
    for match in _REASON.finditer(normalised):
        end = _CLAUSE_END.search(normalised, match.end())
        span = original_span(offsets, match.start(), end.start() if end else len(normalised))
        reasons.append(_trimmed(sentence, span))
    new = [span for span in reasons if _is_new(question, span.of(sentence))]
    shared = _shared(question, sentence, ())
    last = max((span.end for span in shared), default=0)
    behind = [span for span in new if span.start >= last]
    return behind[0] if behind else _nearest(question, sentence, new)


def _what(question: Question, sentence: str) -> Span | None:
    """Return what stands behind the word that is asked about, or a quotation near behind it.

    A question about a thing («ما البرنامج…», «تحت أي شعار…») is answered from that thing on, one
    about an act («على ماذا حرصت…») from behind the act.
    """
    if question.kind is Kind.HOW or (question.content and question.content[0] in _SAYING):
        quotes = _quoted(sentence, Span(0, len(sentence)))
        new = [span for span in quotes if _is_new(question, span.of(sentence))]
        if new:
            return _nearest(question, sentence, new)
    found = word_spans(sentence)
    anchors = (
        number
        for asked in question.content
        for number, (word, _) in enumerate(found)
        if best_affinity(asked, (word,))
    )
    anchor = next(anchors, None)
    if anchor is None:
        return None
    word = found[anchor][1]
    for quoted in _quoted(sentence, Span(word.end, word.end + _QUOTED_WITHIN)):
        if _is_new(question, quoted.of(sentence)):
            return quoted
    first = anchor if _asks_for_thing(question) else anchor + 1
    shared = {span.start for span in _shared(question, sentence, ())}
    while first < len(found) and first != anchor and found[first][1].start in shared:
        first += 1
    if first >= len(found):
        return None
    normalised, offsets = normalise_aligned(sentence)
    begin = next(i for i, offset in enumerate(offsets) if offset >= found[first][1].start)
    end = _CLAUSE_END.search(normalised, begin + 1)
    stop = end.start() if end else len(normalised)
    span = _trimmed(sentence, original_span(offsets, begin, max(stop, begin + 1)))
    return span if _is_new(question, span.of(sentence)) else None


def _quoted(text: str, within: Span) -> Iterator[Span]:
    """Yield what is quoted in a part of a text, without its marks and the spaces inside them.

    It takes at least two characters, spaces if need be.
    """
    start = within.start
    while match := _QUOTED.search(text, start, within.end):
        start = match.end() - 1  # what closes may also open
        inner = Span(*match.span(1))
        span = trim(text, inner)
        if len(span) < _SHORTEST_QUOTED <= len(inner):
            begin = min(span.start, inner.end - _SHORTEST_QUOTED)
            span = Span(begin, begin + _SHORTEST_QUOTED)
        if _SHORTEST_QUOTED <= len(span) <= _LONGEST_QUOTED:
            yield span
            start = match.end()


def _asks_for_thing(question: Question) -> bool:
    return question.kind is Kind.WHICH or question.content[0].startswith("ال")


_FINDERS: dict[Kind, Callable[[Question, str], Span | None]] = {
    Kind.WHEN: _when,
    Kind.HOWMANY: _how_many,
    Kind.WHERE: _where,
    Kind.WHO: _who,
    Kind.WHY: _why,
    Kind.WHAT: _what,
    Kind.WHICH: _what,
    Kind.HOW: _what,
}


def _trimmed(text: str, span: Span) -> Span:
    piece = span.of(text)
    start = span.start + len(piece) - len(piece.lstrip(" .،,"))
    return Span(start, max(start, span.start + len(piece.rstrip(" .،,"))))


def _is_new(question: Question, text: str) -> bool:
    return not set(words_of(text)) <= set(question.words)


def _shared(question: Question, sentence: str, outside: Sequence[Span]) -> list[Span]:
    """Return the words that a sentence shares with the question, but for those in ``outside``."""
    return [
        span
        for word, span in word_spans(sentence)
        if not any(other.start <= span.start < other.end for other in outside)
        and best_affinity(word, question.content)
    ]


def _behind(word: Span, span: Span) -> int:
    """Return what it costs a span that the word asking for it stands behind it."""
    return _WORD_BEHIND + 2 * (word.start - span.end) if word.start >= span.end else 0


def _nearest(question: Question, sentence: str, spans: Sequence[Span]) -> Span | None:
    """Return the span nearest to any word that the question shares with the sentence."""
    shared = _shared(question, sentence, spans)
    # What is asked first is mostly the act: «متى توفي…» is not answered by the birth beside a name.
    first = question.content[:1]
    acts = {span for span in shared if first and affinity(first[0], words_of(span.of(sentence))[0])}

    def nearness(span: Span) -> float:
        # An answer mostly follows the words that ask for it: «انتهت في 11 نوفمبر 1918».
        return sum(
            (_ACT if word in acts else 1)
            / (_NEAR + max(span.start - word.end, 0) + _behind(word, span))
            for word in shared
        )

    return max(spans, key=lambda span: (nearness(span), -span.start), default=None)
