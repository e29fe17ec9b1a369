"""The short cuts of text analysis change nothing: each is held against the long way round."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from camel_tools.utils.charmap import CharMapper
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from index import arabic, dates, places, quantities, sentences
from index.arabic import (
    affinity,
    alike,
    normalise,
    normalise_aligned,
    normalise_in_place,
    original_span,
    terms,
    word_spans,
    words,
)
from index.dates import Precision, find_dates
from index.model import Span
from index.places import find_located, find_places, gazetteer
from index.quantities import find_quantities
from index.sentences import split_lines, split_sentences
from index.signs import Sign, signs_of

_SEEDS = Path(__file__).parents[2] / "seeds"
SEEDS = [path.read_text(encoding="utf-8") for path in sorted(_SEEDS.glob("*.txt"))]

_TRIGGERS = (
    *(name for names in dates._MONTHS for name in names),
    *(*dates._HIJRI_MONTHS, *dates._WEEKDAYS, *dates._NEXT_OR_LAST, *dates._PERIODS),
    *(*dates._ORDINALS, *dates._YEAR_WORDS, *dates._DECADES, *dates._PARTS_OF_DAY),
    *"سنتي عامي من شهر يوم اليوم القرن عقد الميلاد قبل ق.م م هـ هجرية ميلادي الميلادي".split(),
    *"عشر عشرة أحد إحدى اثنا اثنتا في بالمئة المئة المية ثلاثمائة أمس غد غدا بعد أول".split(),
    *(*quantities._UNITS_IN_WORDS.split(), *quantities._SCALES.split()),
    *(*places._REGIONS, *places._FURTHER, *places._NOUNS),
    *"الساعة والعشرين إلى حتى القمة بوتين ستعقد للرياض المملكة العربية السعودية جزر ليل".split(),
)
_DIGITS = "1 5 05 27 31 32 99 100 345 1990 2026 12345 3.5 1,200 ٢٧ ۲۰۲۶ ½ ² ५ 10:30 1446".split()
_MARKS = (
    *(" ", " ", " ", "  ", "\n", "\t", "\u00a0", "\u200f", "\u064e", "ـ", "_", "x", "ا", ""),
    *". ، , ؛ : ؟ ! … - – — / % ٪ ( ) [ ] { } « » “ ” \" ' ﴾ ﴿ . .".split(),
    *("\u05b4", "\u0345", "ﷺ", "İ", "ß", " د. ", " أ.د. ", "\ud800"),
)
_PROCLITICS = st.sampled_from(["", "", "", "", "و", "ف", "ب", "ل", "ال", "وب", "_و", "ك"])
_PIECES = st.builds(
    "{}{}{}".format,
    _PROCLITICS,
    st.sampled_from(_TRIGGERS) | st.sampled_from(_DIGITS),
    st.sampled_from([" ", " ", " "]) | st.sampled_from(_MARKS),
)
_GLUED = st.lists(_PIECES, max_size=14).map("".join)
_TEXTS = _GLUED | _GLUED | st.text(st.characters(), max_size=80)

many = settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])


def seed_sentences() -> list[str]:
    return [
        span.of(text)
        for text in SEEDS
        for line in split_lines(text, Span(0, len(text)))
        for span in split_sentences(text, line)
    ]


def normalised_at_once(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).casefold()
    mapped: str = CharMapper(arabic._CHARACTERS).map_string(unicodedata.normalize("NFKD", folded))
    return mapped


def check_words(text: str) -> None:
    whole = normalised_at_once(text)
    assert normalise(text) == whole
    assert words(text) == re.findall(r"[^\W_]+", whole)
    expected = [term for word in words(text) for term in (arabic.stem(word), *arabic.grams(word))]
    assert terms(text) == expected
    assert terms(text, lambda _: ()) == expected

    pieces = [normalised_at_once(character) for character in text]
    offsets = (*(at for at, piece in enumerate(pieces) for _ in piece), len(text))
    assert normalise_aligned(text) == ("".join(pieces), offsets)
    assert normalise_in_place(text) == "".join(pieces)


def dates_of(text: str) -> list[tuple[Span, Precision]]:
    """Look for every form at every place."""
    normalised, offsets = normalise_aligned(text)
    spans = {
        match.span()
        for number in range(len(dates._FORMS))
        for match in dates._compiled(number).finditer(normalised)
    }
    kept: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
        if all(end <= other[0] or other[1] <= start for other in kept):
            kept.append((start, end))
    return [
        (original_span(offsets, *span), dates._precision(normalised[slice(*span)]))
        for span in sorted(kept)
    ]


def quantities_of(text: str) -> list[Span]:
    normalised, offsets = normalise_aligned(text)
    found: list[Span] = []
    for match in quantities._NUMBER.finditer(normalised):
        counted = match["unit"] and match["unit"] not in quantities._NOT_COUNTED
        group = "share" if match["share"] else "unit" if counted else "number"
        span = original_span(offsets, match.start(), match.end(group))
        if not found or found[-1].end <= span.start:
            found.append(span)
    return found


def places_of(text: str) -> list[Span]:
    """Try every run of words with every proclitic."""
    found = word_spans(text)
    spans: list[Span] = []
    number = 0
    while number < len(found):
        for size in range(min(places._LONGEST_NAME, len(found) - number), 0, -1):
            letters = _letters_before([word for word, _ in found[number : number + size]])
            if letters is not None:
                end = found[number + size - 1][1].end
                spans.append(Span(found[number][1].start + letters, end))
                number += size
                break
        else:
            number += 1
    return spans


def _letters_before(name: list[str]) -> int | None:
    first, *rest = name
    for proclitic in ("", *places._PROCLITICS):
        bare = first.removeprefix(proclitic)
        if not first.startswith(proclitic) or len(bare) < places._SHORTEST_NAME:
            continue
        if (bare, *rest) in gazetteer():
            return len(proclitic)
        if proclitic.endswith("ل") and bare.startswith("ل") and ("ا" + bare, *rest) in gazetteer():
            return len(proclitic) - 1
    return None


def located_of(text: str) -> list[Span]:
    normalised, offsets = normalise_aligned(text)
    return [
        original_span(offsets, *match.span("place"))
        for match in places._POINTED.finditer(normalised)
    ]


def check_finds(text: str) -> None:
    expected = dates_of(text)
    assert [(date.span, date.precision) for date in find_dates(text)] == expected
    assert list(find_quantities(text)) == quantities_of(text)
    assert list(find_places(text)) == places_of(text)
    assert list(find_located(text)) == located_of(text)

    signs = Sign.DATE if expected else Sign.NONE
    if any(precision > Precision.RELATIVE for _, precision in expected):
        signs |= Sign.WRITTEN_DATE
    signs |= Sign.NUMBER if quantities_of(text) else Sign.NONE
    signs |= Sign.PLACE if places_of(text) or located_of(text) else Sign.NONE
    assert signs_of(text) == signs


def enclosed_of(text: str) -> list[Span]:
    """Look at one character after the other."""
    spans: list[Span] = []
    opened: dict[str, int] = {}
    brackets: list[int] = []
    for offset, character in enumerate(text):
        for marks in ('"“”„‟', "«»"):
            if character in marks and marks in opened:
                spans.append(Span(opened.pop(marks), offset + 1))
            elif character in marks:
                opened[marks] = offset
        if character in "([﴿{":
            brackets.append(offset)
        elif brackets and text[brackets[-1]] + character in {"()", "[]", "﴿﴾", "{}"}:
            spans.append(Span(brackets.pop(), offset + 1))
    outermost: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        outside = not outermost or span.start >= outermost[-1].end
        if outside and len(span) <= sentences._LONGEST_ENCLOSED:
            outermost.append(span)
    return outermost


class TestTexts:
    @pytest.mark.parametrize("text", [*SEEDS, *seed_sentences()])
    def test_the_seeds(self, text: str) -> None:
        check_words(text)
        check_finds(text)

    @many
    @given(_TEXTS)
    @example("نوفمبرمن عام 2025")
    @example("ᾳ\u05b4x")
    @example("كلمة" * 40)
    def test_words_and_terms(self, text: str) -> None:
        check_words(text)

    @settings(many, max_examples=1500)
    @given(_GLUED)
    @example("نوفمبرمن عام 2025 وآب2024")
    @example("واليوم_واليوم _27/11/2025")
    @example("خمسةفي المئة وخمسهبالمئة")
    @example("2026-2030 وعام 2035")
    @example("سنتي 1990 و1995 وعامي 44 ق.م و45 ق.م")
    @example("للرياض وللولايات المتحدة")
    def test_what_is_found(self, text: str) -> None:
        check_finds(text)

    @pytest.mark.parametrize(
        "sample",
        ["{} 5 مايو", "و{}2026", "5 {} المقبل", "{} الخميس 27 نوفمبر", "{} عشر ألف", "ل{} من رجب"],
    )
    def test_what_is_found_with_each_trigger(self, sample: str) -> None:
        for trigger in _TRIGGERS:
            check_finds(sample.format(trigger))


class TestSentences:
    @many
    @given(_TEXTS)
    @example("(أ [ب) ج] «د» »ه«")
    def test_what_is_enclosed(self, text: str) -> None:
        assert sentences._enclosed(text, Span(0, len(text))) == enclosed_of(text)

    @many
    @given(_TEXTS)
    def test_the_token_before_a_full_stop(self, text: str) -> None:
        before = text.replace("\n", " ")
        match = sentences._BEFORE_LAST_TOKEN.match(before)
        token = re.search(r"[^\s\"“”«»()\[\]،,:؛/-]*$", before)

        assert match is not None
        assert token is not None
        assert before[match.end() :] == token.group()

    @many
    @given(_TEXTS)
    @example("ـــ")
    @example("ﹱ")
    def test_what_has_words(self, text: str) -> None:
        assert sentences._has_words(text) == bool(words(text))


_WORDS = st.sampled_from(
    sorted({word for text in SEEDS for word in words(text)} | {"و", "لالالالا", "0000000"})
)
_TYPED = st.builds(lambda word, at: word[:at] + word[at + 1 :] or word, _WORDS, st.integers(0, 20))


def likeness(one: str, other: str, *, misspelled: bool) -> float:
    """Return how alike two words are, by the letter of what ``alike`` says."""
    first, second = set(arabic.grams(one)), set(arabic.grams(other))
    dice = 2 * len(first & second) / (len(first) + len(second))
    bare, other_bare = one.removeprefix("ال"), other.removeprefix("ال")
    longest = max(len(bare), len(other_bare))
    least = 0.65 if longest >= 9 else 0.7 if longest >= 6 else 0.8
    similar = OSA.normalized_similarity(bare, other_bare, score_cutoff=least)
    is_long_enough = min(len(bare), len(other_bare)) >= 4
    return max(dice if dice >= 0.5 else 0.0, similar if misspelled and is_long_enough else 0.0)


class TestAlike:
    @many
    @given(
        st.lists(st.tuples(_WORDS | _TYPED, st.booleans()), max_size=8), st.sets(_WORDS | _TYPED)
    )
    def test_many_at_once_are_as_pair_after_pair(
        self, asked: list[tuple[str, bool]], others: set[str]
    ) -> None:
        expected = [
            {
                other: value
                for other in others
                if (value := likeness(word, other, misspelled=misspelled))
            }
            for word, misspelled in asked
        ]

        assert alike(asked, others) == expected

    def test_every_word_of_the_seeds(self) -> None:
        others = {word for text in SEEDS for word in words(text)}
        asked = [(word, number % 2 == 0) for number, word in enumerate(sorted(others))]

        for (word, misspelled), found in zip(asked, alike(asked, others), strict=True):
            assert found == {
                other: value
                for other in others
                if (value := likeness(word, other, misspelled=misspelled))
            }

    @many
    @given(_WORDS | _TYPED, _WORDS | _TYPED)
    def test_a_pair_rightly_spelled(self, one: str, other: str) -> None:
        same = arabic.stem(one) == arabic.stem(other)

        assert affinity(one, other) == (1.0 if same else likeness(one, other, misspelled=False))


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arabic, "_MOST_REMEMBERED", 10)
    made: list[str] = []

    def make(token: str) -> int:
        made.append(token)
        return len(token)

    remembered = arabic.Remembered(make)
    long = "ب" * (arabic._LONGEST_REMEMBERED + 1)
    tokens = ["قمة", "قمة", long, long, *map(str, range(100))]

    assert list(remembered.each(tokens)) == [len(token) for token in tokens]
    assert made[:3] == ["قمة", long, long]
    assert long not in remembered
    assert len(remembered) <= 10
