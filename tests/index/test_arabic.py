"""Text to terms."""

from __future__ import annotations

import pytest

from index.arabic import (
    affinity,
    alike,
    grams,
    normalise,
    normalise_aligned,
    original_span,
    stem,
    terms,
    word_spans,
    words,
)
from index.model import Span


class TestNormalise:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("مُعَاهَدَةُ الأَمْنِ الجَمَاعِيِّ", "معاهدة الأمن الجماعي"),
            ("موســـكو", "موسكو"),
            ("أحمد إحمد آحمد ٱحمد", "احمد احمد احمد احمد"),
            ("مؤتمر رئيس", "موتمر رييس"),
            ("المنظمة الى مستشفى", "المنظمه إلي مستشفي"),
            ("٢٧/١١/٢٠٢٥", "27/11/2025"),
            ("۱۴۰۴", "1404"),
            ("NATO Web Desk", "nato web desk"),
            ("STRASSE", "straße"),
            ("Ｎａｔｏ № ℡", "nato no tel"),
            ("کابل یک", "كابل يك"),  # Persian kaf and yeh
            ("ﻣﻮﺳﻜﻮ ﻻ", "موسكو لا"),  # presentation forms, a ligature
            ("نيو\u200cستارت\u200f \u202bقمة\u202c\ufeff", "نيوستارت قمة"),
            ("الرحمٰن", "الرحمن"),
        ],
    )
    def test_spellings_of_one_text_are_one(self, one: str, other: str) -> None:
        assert normalise(one) == normalise(other)

    @pytest.mark.parametrize(
        ("one", "other"),
        [("سماء", "سما"), ("قمة", "قمم"), ("علم", "عمل"), ("قاد", "قاذ"), ("25", "52")],
    )
    def test_different_words_stay_different(self, one: str, other: str) -> None:
        assert normalise(one) != normalise(other)

    @pytest.mark.parametrize(
        "text", ["مُعَاهَدَةٌ جديدة، ٢٧ نوفمبر", "ﷺ والسلام ﻻ", "Straße № ½", "أ\u064bـ", ""]
    )
    def test_aligned_says_where_each_character_came_from(self, text: str) -> None:
        normalised, offsets = normalise_aligned(text)

        assert normalised == normalise(text)
        assert len(offsets) == len(normalised) + 1
        assert list(offsets) == sorted(offsets)
        assert offsets[-1] == len(text)
        for character, offset in zip(normalised, offsets[:-1], strict=True):
            assert character in normalise(text[offset])

    def test_an_original_span_covers_the_marks_of_its_last_letter(self) -> None:
        text = "في مُعَاهَدَةٍ جديدة"
        normalised, offsets = normalise_aligned(text)
        start = normalised.index("معاهده")

        span = original_span(offsets, start, start + len("معاهده"))

        assert span.of(text) == "مُعَاهَدَةٍ"

    def test_an_original_span_covers_a_ligature_whole(self) -> None:
        normalised, offsets = normalise_aligned("قال ﷺ")
        start = normalised.index("عليه")

        assert original_span(offsets, start, start + len("عليه")) == Span(4, 5)


class TestWords:
    def test_words_are_runs_of_letters_and_digits(self) -> None:
        assert words('قال: "سيُعقد (المؤتمر) في 3.5 أيام"، و-نيو_ستارت!') == [
            *("قال", "سيعقد", "الموتمر", "في", "3", "5", "ايام", "و", "نيو", "ستارت")
        ]

    def test_no_words(self) -> None:
        assert words(" ،؟! \n😀 ـــ \u064b") == []

    def test_word_spans_are_the_words_and_slice_back_to_them(self) -> None:
        text = "أعلن الرئيسُ، يوم ٢٧ نوفمبر، أنّ الـمعاهدةَ «جديدة»."

        found = word_spans(text)

        assert [word for word, _ in found] == words(text)
        assert [span.of(text) for _, span in found] == [
            *("أعلن", "الرئيسُ", "يوم", "٢٧", "نوفمبر", "أنّ", "الـمعاهدةَ", "جديدة")
        ]


class TestStem:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("المنظمة", "منظمة"),
            ("للمنظمة", "منظمة"),
            ("جديدة", "جديد"),
            ("الجديدة", "الجديد"),
            ("روسيا", "روسيا"),
        ],
    )
    def test_forms_of_a_word_share_their_stem(self, one: str, other: str) -> None:
        assert stem(normalise(one)) == stem(normalise(other))

    def test_a_feminine_ending_is_seen_however_it_is_written(self) -> None:
        assert stem(normalise("جديده")) == stem(normalise("جديدة")) == stem(normalise("جديد"))

    def test_a_short_word_keeps_its_final_letter(self) -> None:
        # «وجه» is no feminine of «وج».
        assert stem(normalise("وجه")) != stem(normalise("وج"))


class TestGrams:
    def test_grams_are_cut_with_a_mark_at_both_ends(self) -> None:
        assert grams("بوتين") == ("~_بوت", "~بوتي", "~وتين", "~تين_")

    @pytest.mark.parametrize(("word", "gram"), [("في", "~_في_"), ("و", "~_و_")])
    def test_a_short_word_is_one_gram(self, word: str, gram: str) -> None:
        assert grams(word) == (gram,)

    def test_the_shortest_word_of_two_grams(self) -> None:
        assert grams("قمه") == ("~_قمه", "~قمه_")


def likeness(one: str, other: str) -> float:
    """Return how alike two words are, the first of them misspelled perhaps."""
    return alike([(one, True)], [other])[0].get(other, 0.0)


class TestLikeness:
    def test_words_of_one_stem_are_one(self) -> None:
        assert affinity(normalise("المنظمة"), normalise("منظمة")) == 1

    def test_an_affix_is_seen_by_the_dice_of_the_grams(self) -> None:
        # _abc abcd bcd_ and _abc abcd bcdef… share two of three and five: 2 · 2 / 8.
        assert affinity("abcd", "abcdxy") == pytest.approx(2 * 2 / (3 + 5))
        assert likeness("abcd", "abcdxy") == affinity("abcd", "abcdxy")

    def test_a_typo_is_seen_by_the_alignment(self) -> None:
        # One letter of ten is missing, two of ten are swapped.
        assert likeness("abcdefghij", "abcdfghij") == pytest.approx(0.9)
        assert likeness("abcdefghij", "abdcefghij") == pytest.approx(0.9)

    def test_what_may_be_chance_counts_for_nothing(self) -> None:
        assert likeness("abcd", "abce") == 0
        assert likeness("اليابان", "البيان") == 0

    def test_a_typo_costs_less_than_another_word(self) -> None:
        typo = likeness("لوكاشنكو", "لوكاشينكو")

        assert 0.4 < typo < 1
        assert likeness("لوكاشنكو", "موسكو") < typo

    def test_words_without_a_common_gram_are_not_alike(self) -> None:
        assert likeness("موسكو", "نوفمبر") == 0


class TestTerms:
    def test_each_word_gives_its_stem_and_then_its_grams(self) -> None:
        assert terms("في القمةِ") == ["في", "~_في_", stem("القمه"), *grams("القمه")]

    def test_repeated_words_are_repeated(self) -> None:
        assert terms("قمة قمة") == terms("قمة") * 2

    def test_a_typo_still_shares_terms(self) -> None:
        assert set(terms("لوكاشنكو")) & set(terms("لوكاشينكو"))

    @pytest.mark.parametrize("text", ["", " \n", "؟!…", "😀🇰🇼"])
    def test_a_text_without_words_has_no_terms(self, text: str) -> None:
        assert terms(text) == []
