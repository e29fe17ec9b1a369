"""Noise: the same seed gives the same noise, and it does what it promises and no more."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.arabic import terms, words
from index.collection import MemoryCollection
from index.evaluation import NOISES, SEED, Gold, GoldQuestion, noisy
from index.evaluation.noise import NEIGHBOURS, orthographic, typo
from index.model import Kind

ROOT = Path(__file__).parents[2]
QUESTIONS = [
    json.loads(line)["question"]
    for line in (ROOT / "tests" / "seeds-dev.jsonl").read_text("utf-8").splitlines()
]
TEXTS = st.text() | st.text("اأإآىيةهؤئءوبتلمن ًّـ،؟-_/.25٢x\u0654\u200f", max_size=40)


def gold(*questions: str) -> Gold:
    asked = (
        GoldQuestion(
            text,
            frozenset({number}),
            answerable=True,
            id=f"q{number}",
            kind=Kind.WHEN,
            answers=("اليوم",),
        )
        for number, text in enumerate(questions)
    )
    return Gold(MemoryCollection((), (), ()), tuple(asked))


def chance(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - nothing here is a secret


def texts(noised: Gold) -> list[str]:
    return [question.text for question in noised.questions]


class TestNoisy:
    @pytest.mark.parametrize("noise", NOISES)
    def test_a_seed_gives_the_same_noise_every_time(self, noise: str) -> None:
        assert texts(noisy(gold(*QUESTIONS), noise)) == texts(noisy(gold(*QUESTIONS), noise, SEED))
        assert texts(noisy(gold(*QUESTIONS), noise, 1)) != texts(noisy(gold(*QUESTIONS), noise, 2))

    @pytest.mark.parametrize("noise", NOISES)
    def test_a_question_has_the_same_noise_in_every_file(self, noise: str) -> None:
        everything = texts(noisy(gold(*QUESTIONS), noise))

        assert texts(noisy(gold(QUESTIONS[-1]), noise)) == everything[-1:]

    def test_a_seed_gives_the_same_noise_on_every_machine(self) -> None:
        question = gold("متى تنعقد القمة المقبلة؟")

        assert texts(noisy(question, "typo")) == ["متى تنعقد القةم المقبلة؟"]
        assert texts(noisy(question, "orthographic")) == [
            "مت\u064f\u0640ي\u064e تنعقد الق\u064bمة ا\u0651لم\u0640ق\u064bبلة"
        ]

    @pytest.mark.parametrize("noise", NOISES)
    def test_nothing_but_the_text_changes(self, noise: str) -> None:
        (before,) = gold(QUESTIONS[0]).questions
        (after,) = noisy(gold(QUESTIONS[0]), noise).questions

        assert after.text != before.text
        assert (after.id, after.kind, after.answers) == (before.id, before.kind, before.answers)
        assert (after.sentences, after.answerable) == (before.sentences, before.answerable)


class TestOrthographic:
    @pytest.mark.parametrize("seed", range(20))
    def test_the_terms_of_the_questions_stay(self, seed: int) -> None:
        for question in QUESTIONS:
            assert terms(orthographic(question, chance(seed))) == terms(question)

    @given(TEXTS, st.integers())
    def test_the_terms_of_any_text_stay(self, text: str, seed: int) -> None:
        assert terms(orthographic(text, chance(seed))) == terms(text)

    def test_every_kind_of_change_is_made(self) -> None:
        text = "أكّد أمين رئاسة إدارة المؤتمر، في 25-27 نوفمبر: «عليه آراء على هذه»؟"
        made = " ".join(orthographic(text, chance(seed)) for seed in range(30))

        for sign in "ًٌٍَُِّْـ٢٥٧":
            assert sign in made
        made_words = words_without_marks(made)
        assert {"أمين", "امين", "إمين", "رئاسة", "رياسه", "هذه", "هذة"} <= made_words
        assert {"على", "علي", "المؤتمر", "الموتمر", "آراء", "اراء"} <= made_words

    def test_no_punctuation_and_no_western_digit_is_left(self) -> None:
        noised = orthographic("«متى؟» 25-27 (نوفمبر)، 3.5%!", chance(1))

        assert not [sign for sign in noised if unicodedata.category(sign).startswith("P")]
        assert not set("0123456789") & set(noised)

    def test_a_bare_alef_inside_a_word_stays(self) -> None:
        for seed in range(50):
            assert words_without_marks(orthographic("باب", chance(seed))) == {"باب"}


def words_without_marks(text: str) -> set[str]:
    return set("".join(sign for sign in text if not ("ً" <= sign <= "ْ" or sign == "ـ")).split())


class TestTypo:
    @pytest.mark.parametrize("seed", range(20))
    def test_exactly_one_word_changes(self, seed: int) -> None:
        for question in QUESTIONS:
            before, after = words(question), words(typo(question, chance(seed)))
            changed = [(a, b) for a, b in zip(before, after, strict=True) if a != b]

            assert len(changed) == 1
            assert len(changed[0][0]) >= 5

    @given(TEXTS, st.integers())
    def test_one_word_of_any_text_or_none(self, text: str, seed: int) -> None:
        noised = typo(text, chance(seed))

        if noised != text:
            pairs = zip(words(text), words(noised), strict=True)
            assert sum(one != other for one, other in pairs) == 1

    def test_letters_are_swapped_dropped_doubled_or_hit_beside(self) -> None:
        word = "القمة"
        made = {typo(word, chance(seed)) for seed in range(2000)}

        swapped = {"لاقمة", "اقلمة", "المقة", "القةم"}
        dropped = {"لقمة", "اقمة", "المة", "القة", "القم"}
        doubled = {"االقمة", "اللقمة", "الققمة", "القممة", "القمةة"}
        hit_beside = {
            word[:i] + other + word[i + 1 :]
            for i, letter in enumerate(word)
            for other in NEIGHBOURS[letter]
        }
        assert made == swapped | dropped | doubled | hit_beside

    def test_marks_stay_with_their_letter(self) -> None:
        made = {typo("مُكَتـبة", chance(seed)) for seed in range(1000)}

        assert {"كَمُتـبة", "كَتـبة", "مُمُكَتـبة", "نُكَتـبة"} <= made

    def test_what_is_a_spelling_and_no_typo_does_not_count(self) -> None:
        made = {typo("مكتبه", chance(seed)) for seed in range(1000)}

        assert "مكتبة" not in made

    @pytest.mark.parametrize(
        "text", ["", "متى؟", "كم عَدَد من", "Where is Moscow?", "مكـــتب", "12345"]
    )
    def test_without_a_long_arabic_word_nothing_changes(self, text: str) -> None:
        assert typo(text, chance(1)) == text


class TestKeyboard:
    def test_neighbours_touch_on_the_arabic_keyboard(self) -> None:
        assert set(NEIGHBOURS["ب"]) == {"ي", "ل", "ق", "ف", "ر", "ؤ"}
        assert set(NEIGHBOURS["ض"]) == {"ص", "ش"}
        assert set(NEIGHBOURS["ظ"]) == {"ز", "ك", "ط"}

    def test_neighbours_are_mutual(self) -> None:
        for letter, others in NEIGHBOURS.items():
            assert all(letter in NEIGHBOURS[other] for other in others)
