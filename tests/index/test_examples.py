"""Example questions, made of documents and checked by asking them."""

from __future__ import annotations

import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from index import Index, Kind
from index.examples import (
    ENCODING,
    LONGEST_EXAMPLE,
    MOST_ASKED,
    MOST_EXAMPLES,
    Example,
    choose_examples,
    find_candidates,
    is_sendable,
    make_examples,
)
from tests.conftest import ROOT
from tests.index.helpers import HOSTILE

SUMMIT = "أعلن الوزير أن القمة المقبلة ستعقد في 11 نوفمبر 2026 في موسكو.\n"
MINISTER = "استقبل وزير الخارجية المصري سامح شكري ضيوفه في قاعة كبيرة.\n"
HOSPITAL = "يضم المستشفى الجديد 450 سرير للمرضى من كل مكان.\n"
WRITER = "نجيب محفوظ (11 ديسمبر 1911 - 30 أغسطس 2006) روائي مصري كتب عن الحارة.\n"
DISEASE = "السل هو مرض معد شائع تسببه البكتيريا.\n"
SPEECH = 'قال الرئيس الروسي فلاديمير بوتين إن المنظمة "عامل استقرار مهم" في المنطقة.\n'

Opened = Callable[..., Index]


@pytest.fixture
def opened(tmp_path: Path, home: Path) -> Opened:
    """Opens an index of files with these texts, named 0.txt, 1.txt and so on."""

    def build(*texts: str) -> Index:
        documents = tmp_path / "documents"
        documents.mkdir()
        for number, text in enumerate(texts):
            (documents / f"{number:04}.txt").write_text(text, "utf-8")
        return Index.open(documents, home)

    return build


def questions(index: Index) -> list[str]:
    return [example.question for example in make_examples(index)]


def candidates(index: Index) -> list[str]:
    return [example.question for kind in find_candidates(index) for example in kind]


class TestPatterns:
    @pytest.mark.parametrize(
        ("text", "question", "kind"),
        [
            (SUMMIT, "متى ستعقد القمة المقبلة؟", Kind.WHEN),
            (SUMMIT, "أين ستعقد القمة المقبلة؟", Kind.WHERE),
            ("غادرت البعثة البلاد في 3 مايو 2020.\n", "متى غادرت البعثة البلاد؟", "when"),
            ("كتبوا عن الثورة الروسية التي قامت عام 1917.\n", "متى قامت الثورة الروسية؟", "when"),
            ("وفي 23 يوليو 1952 انطلقت الثورة المصرية.\n", "متى انطلقت الثورة المصرية؟", "when"),
            ("وُلِدَ الشافعي في غزة سنة 767 ورحل عنها.\n", "متى ولد الشافعي في غزة؟", "when"),
            ("ثم انطلقت البطولة بسبب إلحاح الجمهور.\n", "لماذا انطلقت البطولة؟", "why"),
            (MINISTER, "من هو وزير الخارجية المصري؟", Kind.WHO),
            ("افتتحت وزيرة الثقافة إيناس عبد الدايم المعرض.\n", "من هي وزيرة الثقافة؟", "who"),
            (HOSPITAL, "كم سريرا يضم المستشفى الجديد؟", Kind.HOWMANY),
            ("بلغت مساحة مصر حوالي 1002000 كيلومتر.\n", "كم بلغت مساحة مصر؟", Kind.HOWMANY),
            (WRITER, "متى ولد نجيب محفوظ؟", Kind.WHEN),
            (WRITER, "متى توفي نجيب محفوظ؟", Kind.WHEN),
            (DISEASE, "ما هو السل؟", Kind.WHAT),
            (SPEECH, "ماذا قال بوتين عن المنظمة؟", Kind.WHAT),
            ("سويسرا هي دولة جميلة تقع في غرب أوروبا.\n", "أين تقع سويسرا؟", Kind.WHERE),
        ],
    )  # fmt: skip
    def test_question(self, opened: Opened, text: str, question: str, kind: str) -> None:
        found = {example.question: example for example in make_examples(opened(text))}

        assert question in found
        assert found[question].kind == kind

    @pytest.mark.parametrize(
        ("text", "word"),
        [
            # A year since which something goes on is no answer to «متى».
            ("بدأت الحملة الجديدة منذ عام 2001 ولم تتوقف بعد ذلك.\n", "متى"),
            # An indefinite subject would be asked of nobody knows whom.
            ("غادرت بعثة من البلاد في 3 مايو 2020 إلى جهة بعيدة.\n", "متى"),
            # «زيارة رسمية» is not the president's name, and «الرئيس» alone is anyone.
            ("أجرى الرئيس زيارة رسمية إلى القصر الكبير في الصباح.\n", "من"),
            # Between 3 and 10 the noun is a plural, which cannot stand behind «كم».
            ("يضم المستشفى الجديد 105 غرف للعمليات الجراحية.\n", "كم"),
            ("يضم المستشفى الجديد 7 غرف للعمليات الجراحية.\n", "كم"),
            # Years of a reign are not those of a birth and a death.
            ("توماس إديسون (1847-1931) مخترع أمريكي عاش طويلا.\n", "متى"),
            # «التي» belongs to what stands before «السوبر», and the subject would be wrong.
            ("هذه بطولة كأس السوبر الأفريقي التي بدأت عام 1993.\n", "متى"),
            ("قالت مصادر إن المنظمة ترفض ذلك رفضا تاما.\n", "ماذا قال"),
        ],
    )
    def test_nothing_doubtful(self, opened: Opened, text: str, word: str) -> None:
        assert not [question for question in candidates(opened(text)) if question.startswith(word)]

    def test_seeds(self, seeds_index: Index) -> None:
        made = questions(seeds_index)

        assert "متى ستعقد القمة المقبلة؟" in made
        assert "من هو الأمين العام للمنظمة؟" in made
        assert "ماذا قال بوتين عن المنظمة؟" in made
        assert "ما تاريخ الخبر؟" in made

    def test_what_is_said_of_a_topic_where_there_is_nothing_better(self, opened: Opened) -> None:
        text = "كتبوا عن الحركة التجارية في الصيف. لا شيء هنا. ولا هناك.\n"

        assert questions(opened(text)) == ["ماذا ورد عن الحركة التجارية؟"]


class TestCheck:
    def test_every_example_is_answered_by_its_sentence(self, seeds_index: Index) -> None:
        pool = make_examples(seeds_index)

        assert pool
        for example in pool:
            answer = seeds_index.ask(example.question)
            assert answer.answered, example
            assert answer.kind is example.kind
            assert answer.hits[0].sentence == example.sentence
            assert answer.hits[0].document.id == example.document

    def test_documents_that_differ_give_no_example(self, opened: Opened) -> None:
        other = SUMMIT.replace("11 نوفمبر 2026", "3 مايو 2027")
        index = opened(SUMMIT, other)

        assert "متى ستعقد القمة المقبلة؟" in candidates(index)
        assert "متى ستعقد القمة المقبلة؟" not in questions(index)
        # They agree on where, and that can be asked.
        assert "أين ستعقد القمة المقبلة؟" in questions(index)

    def test_two_holders_of_an_office_give_no_example(self, opened: Opened) -> None:
        index = opened(MINISTER, MINISTER.replace("سامح شكري", "نبيل فهمي"))

        assert "من هو وزير الخارجية المصري؟" in candidates(index)
        assert "من هو وزير الخارجية المصري؟" not in questions(index)


class TestLimits:
    def test_an_example_travels_in_64_characters(self) -> None:
        question = "م" * (LONGEST_EXAMPLE - 1) + "؟"

        assert is_sendable(question)
        assert not is_sendable(question + "؟")
        assert len(urlsafe_b64encode(question.encode(ENCODING)).rstrip(b"=")) + 2 == 64

    @pytest.mark.parametrize(
        "question", ["من هو 大谷؟", "ما هي ქართული؟", "متى؟ 🙂", "ما هو ٱلسل؟"]
    )
    def test_what_windows_1256_lacks_is_not_sendable(self, question: str) -> None:
        assert not is_sendable(question)

    def test_long_and_foreign_questions_are_left_out(self, opened: Opened) -> None:
        long = "أعلن أن الجمعية الوطنية للدفاع عن حقوق المستأجرين ستنعقد في 5 يونيو 2026.\n"
        foreign = "هاجر ژوزێف إلى باريس في 5 يونيو 1926 وعاش فيها.\n"
        index = opened(long, foreign, SUMMIT)

        assert all(is_sendable(question) for question in candidates(index))
        assert "متى ستعقد القمة المقبلة؟" in questions(index)

    def test_work_is_bounded_however_large_the_folder(self, opened: Opened) -> None:
        texts = [SUMMIT.replace("القمة المقبلة", f"القمة {name}") for name in names(400)]
        index = opened(*texts)
        patterned, vague = find_candidates(index)

        assert len(patterned) + len(vague) <= MOST_ASKED
        assert len(make_examples(index)) <= MOST_EXAMPLES
        # Spread over the folder, not its beginning.
        asked = {example.document for example in patterned}
        positions = [index.collection.find(one) or 0 for one in asked]
        assert min(positions) < 100
        assert max(positions) > 300

    def test_a_table_without_a_full_stop_is_not_read(self, opened: Opened) -> None:
        table = f"{SUMMIT.rstrip()[:-1]} {'أرقام ' * 400}\n"

        assert candidates(opened(table, MINISTER))[0] == "من هو وزير الخارجية المصري؟"

    @pytest.mark.parametrize("piece", HOSTILE)
    def test_a_hostile_document_hides_no_other(self, opened: Opened, piece: str) -> None:
        index = opened(HOSTILE[piece] * 100 + "x", SUMMIT)

        assert "متى ستعقد القمة المقبلة؟" in candidates(index)


def names(count: int) -> list[str]:
    """Return as many definite words, no two alike."""
    letters = "بتجحدرسصطعفقكمن"
    return [
        f"ال{letters[n % 15]}{letters[n // 15 % 15]}{letters[n // 225 % 15]}ية"
        for n in range(count)
    ]


class TestPool:
    def test_same_pool_each_time(self, seeds_index: Index) -> None:
        assert make_examples(seeds_index) == make_examples(seeds_index)
        assert make_examples(seeds_index, seed=7) == make_examples(seeds_index, seed=7)

    def test_same_pool_in_another_process(
        self, seeds_index: Index, seeds: Path, home: Path
    ) -> None:
        script = (
            "import sys; from pathlib import Path; from index import Index; "
            "from index.examples import make_examples; "
            f"pool = make_examples(Index.open(Path({str(seeds)!r}), Path({str(home)!r}))); "
            "sys.stdout.buffer.write('\\n'.join(one.question for one in pool).encode())"
        )
        printed = subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True
        ).stdout

        assert printed.decode().split("\n") == questions(seeds_index)

    def test_the_seed_chooses_the_documents_of_a_large_folder(self, opened: Opened) -> None:
        index = opened(*(SUMMIT.replace("القمة", f"القمة {name}") for name in names(120)))

        first, second = (
            {example.document for example in find_candidates(index, seed=seed)[0]}
            for seed in (0, 1)
        )
        assert first != second

    def test_kinds_take_turns(self, opened: Opened) -> None:
        pool = make_examples(opened(SUMMIT, MINISTER, HOSPITAL, WRITER))

        assert len({example.kind for example in pool[:4]}) == 4

    @pytest.mark.parametrize(
        "text", ["نعم.\n", "5 5 5\n", "Only English here, sorry.\n", "؟\nلا\n"]
    )
    def test_nothing_to_ask(self, opened: Opened, text: str) -> None:
        assert make_examples(opened(text)) == ()

    def test_only_a_date(self, opened: Opened) -> None:
        assert questions(opened("التاريخ : 27/11/2025\nنعم.\n")) == ["ما تاريخ الخبر؟"]


class TestChoice:
    def test_three_of_different_kinds(self, seeds_index: Index) -> None:
        chosen = choose_examples(make_examples(seeds_index))

        assert len(chosen) == 3
        assert len({example.kind for example in chosen}) == 3

    def test_no_two_about_the_same(self, opened: Opened) -> None:
        pool = make_examples(opened(SUMMIT))

        assert {"متى ستعقد القمة المقبلة؟", "أين ستعقد القمة المقبلة؟"} <= {
            e.question for e in pool
        }
        chosen = [example.question for example in choose_examples(pool)]
        assert len([question for question in chosen if "القمة" in question]) == 1

    def test_near_prefers_the_document(self, opened: Opened) -> None:
        index = opened(SUMMIT, MINISTER, HOSPITAL, WRITER, DISEASE)
        pool = make_examples(index)

        for text, word in ((MINISTER, "ضيوفه"), (HOSPITAL, "للمرضى"), (WRITER, "الحارة")):
            hits = index.ask(word, top=1).hits
            chosen = choose_examples(pool, near=hits)
            assert chosen[0].sentence in text
            assert len(chosen) == 3

    def test_near_prefers_the_passage(self, opened: Opened) -> None:
        filler = "هذا كلام عن الطقس.\nوهذا كلام عن البحر.\nوهذا كلام عن الجبل.\n"
        index = opened(SUMMIT + filler + MINISTER + "وأثنى على الحلوى.\n" * 2)
        pool = make_examples(index)
        hits = index.ask("الحلوى", top=1).hits

        assert hits[0].passage.count("وزير الخارجية")
        assert choose_examples(pool)[0].question == "متى ستعقد القمة المقبلة؟"
        assert choose_examples(pool, near=hits)[0].question == "من هو وزير الخارجية المصري؟"

    def test_the_seed_changes_the_choice(self, seeds_index: Index) -> None:
        pool = make_examples(seeds_index)
        choices = {tuple(choose_examples(pool, seed=seed)) for seed in range(10)}

        assert len(choices) > 1
        assert choose_examples(pool, seed=3) == choose_examples(pool, seed=3)
        assert all(set(choice) <= set(pool) for choice in choices)

    @pytest.mark.parametrize("count", [0, 1, 2, 50])
    def test_count(self, seeds_index: Index, count: int) -> None:
        pool = make_examples(seeds_index)

        assert len(choose_examples(pool, count)) <= count
        assert bool(choose_examples(pool, count)) == bool(count)

    def test_of_nothing(self) -> None:
        empty: tuple[Example, ...] = ()

        assert choose_examples(empty) == []
