"""What may stand for the words of a question, and the file that says it."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise, permutations
from pathlib import Path
from typing import NamedTuple

import pytest

import index
from index.arabic import stem, words
from index.errors import JawabError
from index.lexicon import Expansion, Lexicon, LexiconError
from tests.index.helpers import assert_linear

BUILT_IN = Path(index.__file__).with_name("lexicon.tsv")
RELATIONS = {"dialect", "same", "name", "capital"}
Phrase = tuple[str, ...]


class Row(NamedTuple):
    relation: str
    phrases: tuple[Phrase, ...]
    alternatives: tuple[Phrase, ...]

    @property
    def group(self) -> tuple[Phrase, ...]:
        return self.phrases + self.alternatives


def phrases(column: str) -> tuple[Phrase, ...]:
    return tuple(tuple(words(part)) for part in column.split(" | "))


LINES = [
    line
    for line in BUILT_IN.read_text("utf-8").split("\n")
    if line.strip() and not line.startswith("#")
]
ROWS = [
    Row(relation, phrases(one), phrases(others))
    for relation, one, others in (line.split("\t") for line in LINES)
]
SYMMETRIC = [row for row in ROWS if row.relation != "dialect"]
ONE_WAY = [row for row in ROWS if row.relation == "dialect"]


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.load()


def expansions(lexicon: Lexicon, question: str) -> dict[str, list[str]]:
    """What ``lexicon`` offers for each of the words of ``question`` that it knows."""
    asked = words(question)
    return {
        " ".join(asked[found.start : found.end]): [" ".join(phrase) for phrase in found.phrases]
        for found in lexicon.expand(asked)
    }


def offered(lexicon: Lexicon, question: str) -> set[Phrase]:
    return {phrase for found in lexicon.expand(words(question)) for phrase in found.phrases}


def stems(phrase: Phrase) -> Phrase:
    return tuple(map(stem, phrase))


def normal(text: str) -> str:
    return " ".join(words(text))


class TestDialect:
    @pytest.mark.parametrize(
        ("question", "found", "standard"),
        [
            # time
            ("شو صار امبارح", "امبارح", "أمس"),
            ("متى القمة الجاية", "الجاية", "المقبل"),
            ("وين القمة السنة الجاية", "السنة الجاية", "العام المقبل"),
            ("شنو دار الوزير الأسبوع اللي فات", "الأسبوع اللي فات", "الأسبوع الماضي"),
            ("كم بلغ الإنتاج هالسنة", "هالسنة", "هذا العام"),
            ("فين الرئيس دلوقتي", "دلوقتي", "الآن"),
            ("وين الرئيس هلق", "هلق", "الآن"),
            ("شكو هسه", "هسه", "الآن"),
            ("شنو كاين دابا", "دابا", "الآن"),
            ("شن صار توا", "توا", "الآن"),
            ("منو يسافر باچر", "باچر", "غدا"),
            # Egyptian
            ("الوزير عايز ايه", "عايز", "يريد"),
            ("مين اتقتل في الحادثة", "اتقتل", "قتل"),
            ("إيه اللي حصل في القمة", "إيه اللي حصل", "حدث"),
            # Levantine
            ("شو بده الوفد", "بده", "يريد"),
            ("مين شاف التقرير", "شاف", "رأى"),
            ("متى بلشت الحرب", "بلشت", "بدأ"),
            ("كم مصاري دفعت الشركة", "مصاري", "أموال"),
            # Gulf
            ("وش يبغى الوزير", "يبغى", "يريد"),
            ("وش سوى الوزير", "وش سوى", "أجرى"),
            # Iraqi
            ("شنو گال الوزير", "گال", "قال"),
            # Maghrebi
            ("شنو بغى الوزير", "بغى", "يريد"),
            ("شكون هضر فالقمة", "هضر", "تحدث"),
            ("بزاف ديال الناس", "بزاف", "كثير"),
            # nouns
            ("مين كسب الماتش", "الماتش", "مباراة"),
            ("كام سعر الموبايل", "الموبايل", "هاتف"),
            ("مين الريس الجديد", "الريس", "رئيس"),
            ("فين المستشفى ولا السبيطار", "السبيطار", "مستشفى"),
        ],
    )
    def test_a_dialect_word_brings_the_written_one(
        self, lexicon: Lexicon, question: str, found: str, standard: str
    ) -> None:
        assert normal(standard) in expansions(lexicon, question)[normal(found)]

    def test_every_row_works_from_its_dialect_phrases(self, lexicon: Lexicon) -> None:
        for row in ONE_WAY:
            for phrase in row.phrases:
                found = lexicon.expand(phrase)
                assert [(e.start, e.end) for e in found] == [(0, len(phrase))], phrase
                brought = {stems(other) for other in found[0].phrases}
                for alternative in row.alternatives:
                    assert stems(alternative) in brought | {stems(phrase)}, (phrase, alternative)

    def test_the_written_word_does_not_bring_the_dialect(self, lexicon: Lexicon) -> None:
        dialect = {phrase for row in ONE_WAY for phrase in row.phrases}
        written = {phrase for row in SYMMETRIC for phrase in row.group} | {
            phrase for row in ONE_WAY for phrase in row.alternatives
        }
        for phrase in written:
            for found in lexicon.expand(phrase):
                assert not (dialect - written) & set(found.phrases), phrase


class TestSymmetricRelations:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("القادم", "المقبل"),
            ("عام", "سنة"),
            ("زار", "زيارة"),
            ("التقى", "اجتماع"),
            ("يقود", "رئاسة"),
            ("خطر", "تهديد"),
            ("قلق", "انزعاج"),
            ("سلاح", "أسلحة"),
            ("درون", "طائرات من دون طيار"),
            ("طائرات مسيرة", "طائرات من دون طيار"),
            ("وقف إطلاق النار", "هدنة"),
            ("رئيس الوزراء", "رئيس الحكومة"),
            ("وزير", "وزارة"),
            ("زلزال", "هزة أرضية"),
            ("كأس العالم", "المونديال"),
            ("لقاح", "تطعيم"),
            # names
            ("قرغيزستان", "قيرغيزيا"),
            ("لوكاشينكو", "لوكاشنكو"),
            ("بيلاروسيا", "روسيا البيضاء"),
            ("فرنسا", "الفرنسي"),
            ("ترامب", "ترمب"),
            ("نتنياهو", "نتانياهو"),
            ("الناتو", "حلف شمال الأطلسي"),
            ("جوجل", "Google"),
            # capitals
            ("موسكو", "روسيا"),
            ("واشنطن", "الولايات المتحدة"),
            ("واشنطن", "أميركا"),
            ("بكين", "الصين"),
            ("تل أبيب", "إسرائيل"),
            ("بروكسل", "الاتحاد الأوروبي"),
            ("بروكسل", "بلجيكا"),
        ],
    )
    def test_each_brings_the_other(self, lexicon: Lexicon, one: str, other: str) -> None:
        for asked, wanted in ((one, other), (other, one)):
            brought = {stems(phrase) for phrase in offered(lexicon, asked)}
            assert stems(tuple(words(wanted))) in brought, asked

    def test_every_row_works_from_each_of_its_phrases(self, lexicon: Lexicon) -> None:
        for row in SYMMETRIC:
            for one, other in permutations(row.group, 2):
                brought = {stems(phrase) for phrase in offered(lexicon, " ".join(one))}
                assert stems(other) in brought | {stems(one)}, (one, other)

    def test_a_group_goes_no_further_than_its_row(self, lexicon: Lexicon) -> None:
        # موسكو stands for روسيا and روسيا is written in several ways; موسكو is not.
        assert ("روسي",) not in offered(lexicon, "موسكو")


class TestMatching:
    @pytest.mark.parametrize(
        ("word", "standard"),
        [
            ("وموسكو", "روسيا"),
            ("بموسكو", "روسيا"),
            ("لموسكو", "روسيا"),
            ("كموسكو", "روسيا"),
            ("فموسكو", "روسيا"),
            ("وبموسكو", "روسيا"),
            ("الماتش", "مباراة"),
            ("بالماتش", "مباراة"),
            ("والماتش", "مباراة"),
            ("للماتش", "مباراة"),
            ("وللماتش", "مباراة"),
            ("هالماتش", "مباراة"),
            ("وهالماتش", "مباراة"),
            ("السنة", "عام"),
            ("بالسنة", "عام"),
            ("للسعودية", "الرياض"),
            # the persons and tenses of a verb
            ("سيزور", "زيارة"),
            ("تزور", "زيارة"),
            ("ستزور", "زيارة"),
            ("زارت", "زيارة"),
            ("زاروا", "زيارة"),
            ("زارو", "زيارة"),
            ("بيزور", "زيارة"),
            ("هيزور", "زيارة"),
            ("حتزور", "زيارة"),
            # gender, number, case and possession
            ("المقبلة", "قادم"),
            ("الفرنسية", "فرنسا"),
            ("أسلحتهم", "سلاح"),
            ("زيارته", "زار"),
            ("اتفاقاتهم", "معاهدة"),
            ("اختراعات", "اخترع"),
            ("عاما", "سنة"),
        ],
    )
    def test_clitics_and_inflection_are_seen_through(
        self, lexicon: Lexicon, word: str, standard: str
    ) -> None:
        wanted = stems(tuple(words(standard)))
        assert wanted in {stems(phrase) for phrase in offered(lexicon, word)}

    @pytest.mark.parametrize(
        ("word", "standard"),
        [
            ("وزارة", "زيارة"),  # the stems of both are زار
            ("فكرة", "كرات"),
            ("بحرية", "حريات"),
            ("الرياضة", "السعودية"),
            ("الجمهورية", "جماهير"),
            ("الاجتماعية", "لقاء"),
            ("طالبان", "طلاب"),
            ("عمرو", "سن"),
            ("كامل", "تطلع"),
            ("فيها", "فئات"),
            ("بدوره", "دورات"),
            ("بلد", "لد"),
        ],
    )
    def test_a_word_that_only_looks_alike_is_another_word(
        self, lexicon: Lexicon, word: str, standard: str
    ) -> None:
        assert tuple(words(standard)) not in offered(lexicon, word)

    @pytest.mark.parametrize(
        "question",
        ["وَاشِنْطُن", "واشـــنطن", "والولايات المتحده", "الولايات المُتَّحِدة"],
    )
    def test_spelling_makes_no_difference(self, lexicon: Lexicon, question: str) -> None:
        assert {("امريكا",)} <= offered(lexicon, question)

    def test_the_longest_phrase_comes_first(self, lexicon: Lexicon) -> None:
        found = expansions(lexicon, "متى تبدأ السنة الجاية")
        assert normal("السنة الجاية") in found
        assert normal("السنة") not in found
        assert normal("الجاية") not in found

    def test_a_longer_phrase_behind_a_shorter_one_comes_first(self, lexicon: Lexicon) -> None:
        found = expansions(lexicon, "وقف إطلاق النار في أوكرانيا")
        assert next(iter(found)) == normal("وقف إطلاق النار")

    def test_a_phrase_is_found_with_clitics_on_its_words(self, lexicon: Lexicon) -> None:
        found = lexicon.expand(words("ماذا قررت الحكومة وللولايات المتحدة رأي"))
        assert (3, 5) in {(expansion.start, expansion.end) for expansion in found}

    def test_a_word_is_in_one_expansion_only(self, lexicon: Lexicon) -> None:
        for row in ROWS:
            asked = [word for phrase in row.group for word in phrase]
            spans = [(found.start, found.end) for found in lexicon.expand(asked)]
            assert all(end <= start for (_, end), (start, _) in pairwise(spans))

    def test_nothing_is_offered_twice_or_for_itself(self, lexicon: Lexicon) -> None:
        for row in ROWS:
            for phrase in row.group:
                for found in lexicon.expand(phrase):
                    brought = [stems(other) for other in found.phrases]
                    assert brought
                    assert len(set(brought)) == len(brought), phrase
                    assert stems(phrase[found.start : found.end]) not in brought, phrase

    @pytest.mark.parametrize("question", ["", "؟!", "و", "زمخشري", "x y z"])
    def test_unknown_words_bring_nothing(self, lexicon: Lexicon, question: str) -> None:
        assert lexicon.expand(words(question)) == []

    def test_an_empty_word_brings_nothing(self, lexicon: Lexicon) -> None:
        assert lexicon.expand(["", "ا", "س"]) == []

    @pytest.mark.parametrize("piece", ["السنة ", "والولايات ", "بالسنة الجاية ", "وللعام ", "لل"])
    def test_time_grows_with_the_question_only(self, lexicon: Lexicon, piece: str) -> None:
        assert_linear(lambda text: lexicon.expand(words(text)), piece)


class TestBuiltInFile:
    def test_each_row_has_its_three_columns(self) -> None:
        for line in LINES:
            columns = line.split("\t")
            assert len(columns) == 3, line
            assert columns[0] in RELATIONS, line
            assert all(column == column.strip() != "" for column in columns), line

    def test_every_phrase_holds_a_word(self) -> None:
        assert all(all(row.group) for row in ROWS)

    def test_no_row_repeats_a_phrase(self) -> None:
        for row in ROWS:
            assert len(set(row.group)) == len(row.group), row

    def test_no_row_is_held_by_another(self) -> None:
        groups = [(row.relation, frozenset(row.group)) for row in ROWS]
        for number, (relation, group) in enumerate(groups):
            assert not any(
                relation == other_relation and group <= other
                for position, (other_relation, other) in enumerate(groups)
                if position != number
            ), group

    def test_each_dialect_phrase_is_said_once(self) -> None:
        said = [phrase for row in ONE_WAY for phrase in row.phrases]
        assert {phrase for phrase in said if said.count(phrase) > 1} == set()

    def test_what_a_dialect_phrase_means_is_no_dialect(self) -> None:
        dialect = {phrase for row in ONE_WAY for phrase in row.phrases}
        for row in ONE_WAY:
            meant = set(row.alternatives) - set(row.phrases)
            assert not meant & dialect, row

    def test_every_row_brings_something(self) -> None:
        for row in ROWS:
            assert len({stems(phrase) for phrase in row.group}) > 1, row

    def test_each_state_is_said_once(self) -> None:
        states = [row.phrases[0] for row in ROWS if row.relation == "capital"]
        assert len(set(states)) == len(states)

    def test_every_relation_is_there(self) -> None:
        assert {row.relation for row in ROWS} == RELATIONS


class TestOwnFile:
    def test_it_adds_to_the_built_in_words(self, tmp_path: Path) -> None:
        own = tmp_path / "own.tsv"
        own.write_text("dialect\tخرطي\tكلام فارغ\nsame\tالهيئة\tهيئتنا العليا\n", "utf-8")
        lexicon = Lexicon.load(own)
        assert offered(lexicon, "خرطي") == {("كلام", "فارغ")}
        assert offered(lexicon, "كلام فارغ") == set()
        assert tuple(words("هيئتنا العليا")) in offered(lexicon, "الهيئة")
        assert tuple(words("الهيئة")) in offered(lexicon, "هيئتنا العليا")
        assert ("روسيا",) in offered(lexicon, "موسكو")

    def test_it_adds_to_a_phrase_that_is_there(self, tmp_path: Path, lexicon: Lexicon) -> None:
        own = tmp_path / "own.tsv"
        own.write_text("capital\tروسيا\tسانت بطرسبرغ\n", "utf-8")
        before = expansions(lexicon, "روسيا")["روسيا"]
        after = expansions(Lexicon.load(own), "روسيا")["روسيا"]
        assert after == [*before, "سانت بطرسبرغ"]

    def test_several_spellings_stand_in_a_column(self, tmp_path: Path) -> None:
        own = tmp_path / "own.tsv"
        own.write_text("dialect\tزقرت | زكرت|زگرت\tشجاع | باسل\n", "utf-8")
        lexicon = Lexicon.load(own)
        for spelling in ("زقرت", "زكرت", "زگرت"):
            assert offered(lexicon, spelling) == {("شجاع",), ("باسل",)}

    def test_comments_blank_lines_and_line_ends_are_free(self, tmp_path: Path) -> None:
        own = tmp_path / "own.tsv"
        own.write_bytes("\ufeff# كلمات\r\n\r\n \t \r\nDialect\tخَرْطِي \t كَلام، فارغ!\r\n".encode())
        assert offered(Lexicon.load(own), "خرطي") == {("كلام", "فارغ")}

    def test_an_empty_file_adds_nothing(self, tmp_path: Path, lexicon: Lexicon) -> None:
        own = tmp_path / "own.tsv"
        own.touch()
        asked = words("متى القمة الجاية في موسكو")
        assert Lexicon.load(own).expand(asked) == lexicon.expand(asked)


class TestErrors:
    @pytest.mark.parametrize(
        ("text", "line", "reason"),
        [
            ("opposite\tحرب\tسلم\n", 1, "“opposite” is no relation"),
            ("# comment\n\nsame\tحرب\tقتال\nالحرب\tحرب\tقتال\n", 4, "is no relation"),
            ("same\tحرب\n", 1, "2 columns, not 3"),
            ("same\tحرب\tقتال\nsame حرب قتال\n", 2, "1 columns, not 3"),
            ("same\tحرب\tقتال\tمعركة\n", 1, "4 columns, not 3"),
            ("same\t\tقتال\n", 1, "a phrase has no word"),
            ("same\tحرب\t؟!\n", 1, "a phrase has no word"),
            ("same\tحرب\tقتال | \n", 1, "a phrase has no word"),
        ],
    )
    def test_a_wrong_row_is_named_by_its_line(
        self, tmp_path: Path, text: str, line: int, reason: str
    ) -> None:
        own = tmp_path / "own.tsv"
        own.write_text(text, "utf-8")
        with pytest.raises(LexiconError) as raised:
            Lexicon.load(own)
        message = str(raised.value)
        assert message.startswith(f"Line {line} of the lexicon {own} cannot be used (")
        assert reason in message
        assert "tab" in message

    def test_text_that_is_not_utf8_is_named_by_its_line(self, tmp_path: Path) -> None:
        own = tmp_path / "own.tsv"
        own.write_bytes(b"# words\nsame\t" + "حرب\tقتال\n".encode("cp1256"))
        with pytest.raises(LexiconError) as raised:
            Lexicon.load(own)
        assert str(raised.value) == (
            f"Line 2 of the lexicon {own} cannot be used (it is not UTF-8); save the file as UTF-8."
        )

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        own = tmp_path / "own.tsv"
        with pytest.raises(LexiconError) as raised:
            Lexicon.load(own)
        assert str(raised.value).startswith(f"The lexicon {own} cannot be used (")
        assert str(raised.value).endswith("; check its name and who may read it.")

    def test_a_folder_is_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(LexiconError, match="who may read it"):
            Lexicon.load(tmp_path)

    def test_it_is_an_error_of_this_package(self) -> None:
        assert issubclass(LexiconError, JawabError)


class TestDeterminism:
    asked = "متى ستزور الحكومة الأمريكية موسكو السنة الجاية وشو بدها من رئيس الوزراء"

    def test_loading_again_gives_the_same(self, lexicon: Lexicon) -> None:
        again = Lexicon.load()
        for row in ROWS:
            for phrase in row.group:
                assert again.expand(phrase) == lexicon.expand(phrase)

    def test_every_process_gives_the_same(self, lexicon: Lexicon) -> None:
        script = (
            "import sys; from index.arabic import words; from index.lexicon import Lexicon\n"
            "sys.stdout.buffer.write(repr(Lexicon.load().expand(words(sys.argv[1]))).encode())"
        )
        expected = repr(lexicon.expand(words(self.asked)))
        for seed in ("1", "2"):
            printed = subprocess.run(
                [sys.executable, "-c", script, self.asked],
                env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONUTF8": "1"},
                cwd=BUILT_IN.parents[1],
                capture_output=True,
                check=True,
            )
            assert printed.stdout.decode() == expected

    def test_expansions_come_in_the_order_of_the_question(self, lexicon: Lexicon) -> None:
        found = lexicon.expand(words(self.asked))
        assert found == sorted(found, key=lambda expansion: expansion.start)
        assert all(isinstance(expansion, Expansion) for expansion in found)
