"""The command line as its users meet it: output, errors and exit status of the real process."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.bot.conftest import ROOT, Jawab, Result

SUMMIT = "متى القمة المقبلة؟"
SUMMIT_SENTENCE = (
    "كما دعا إلى إعداد استراتيجية جديدة لمكافحة الإرهاب داخل المنظمة وأعلن أن القمة المقبلة "
    "ستعقد في 11 نوفمبر 2026 في موسكو."
)
KINDS = {"when", "where", "who", "howmany", "what", "which", "why", "how", "yesno", "other"}


def parsed(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def assert_one_clear_sentence(result: Result, *parts: str) -> None:
    assert result.returncode == 2
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("jawab: ")
    assert line.endswith(".")
    for part in parts:
        assert part in line


class TestAsk:
    def test_the_sentence_its_source_and_two_further_ones(self, jawab: Jawab) -> None:
        result = jawab("ask", SUMMIT)
        assert result.returncode == 0
        answers = [block.splitlines() for block in result.stdout.split("\n\n")]
        assert [len(block) for block in answers] == [2, 2, 2]
        assert answers[0][0] == SUMMIT_SENTENCE
        assert answers[0][1].startswith("وكالات · قال الرئيس الروسي فلاديمير بوتين")
        assert "\x1b" not in result.stdout  # no colours outside a terminal

    def test_a_question_may_come_without_quotes(self, jawab: Jawab) -> None:
        assert jawab("ask", *SUMMIT.split()).stdout == jawab("ask", SUMMIT).stdout

    def test_the_source_line_shows_agency_date_and_title(self, jawab: Jawab) -> None:
        source = jawab("ask", "ما تاريخ الخبر؟").stdout.splitlines()[1]
        assert source.startswith("كونا · 27/11/2025 · أكد الرئيس الروسي")

    def test_what_is_not_in_the_documents_is_not_found(self, jawab: Jawab) -> None:
        result = jawab("ask", "كيف أطبخ كبسة الدجاج؟")
        assert result.returncode == 1
        assert result.stdout.startswith("لم أجد جوابًا في الوثائق.")

    def test_json_has_the_promised_shape(self, jawab: Jawab) -> None:
        result = jawab("ask", "--json", "--top", "5", SUMMIT)
        (answer,) = parsed(result)
        assert list(answer) == ["question", "answered", "confidence", "kind", "answers"]
        assert (answer["question"], answer["answered"], answer["kind"]) == (SUMMIT, True, "when")
        assert 0 <= answer["confidence"] <= 1
        assert [hit["rank"] for hit in answer["answers"]] == [1, 2, 3, 4, 5]
        for hit in answer["answers"]:
            assert list(hit) == [
                *("rank", "sentence", "short_answer", "score", "passage", "document"),
                *("start", "end"),
            ]
            assert list(hit["document"]) == [
                *("id", "title", "published", "agency", "path", "also", "url")
            ]
            assert hit["sentence"] in hit["passage"] or hit["short_answer"]
            text = (ROOT / "seeds" / hit["document"]["path"]).read_text("utf-8")
            assert text[hit["start"] : hit["end"]] == hit["sentence"]
            if short := hit["short_answer"]:
                assert hit["sentence"][short["start"] : short["end"]] == short["text"]
        assert answer["answers"][0]["short_answer"]["text"] == "11 نوفمبر 2026"
        scores = [hit["score"] for hit in answer["answers"]]
        assert scores == sorted(scores, reverse=True)

    def test_json_dates_are_iso_8601(self, jawab: Jawab) -> None:
        (answer,) = parsed(jawab("ask", "--json", "ما تاريخ الخبر؟"))
        assert answer["answers"][0]["document"]["published"] == "2025-11-27"

    def test_json_of_an_unanswered_question_holds_the_nearest_sentences(self, jawab: Jawab) -> None:
        result = jawab("ask", "--json", "من هو رئيس وزراء اليابان؟")
        (answer,) = parsed(result)
        assert result.returncode == 1
        assert not answer["answered"]
        assert len(answer["answers"]) == 3

    def test_questions_from_a_file_are_answered_in_order(
        self, jawab: Jawab, tmp_path: Path
    ) -> None:
        file = tmp_path / "questions.txt"
        questions = [SUMMIT, "🙂", "كم عمر بوتين؟", "ما تاريخ الخبر؟"]
        file.write_text("\n".join([*questions[:2], "", *questions[2:]]), "utf-8-sig")
        result = jawab("ask", "--json", "--questions", str(file))
        assert [answer["question"] for answer in parsed(result)] == questions
        assert [answer["answered"] for answer in parsed(result)] == [True, False, False, True]
        assert {answer["kind"] for answer in parsed(result)} <= KINDS
        assert result.returncode == 1

    def test_questions_from_standard_input(self, jawab: Jawab) -> None:
        result = jawab("ask", "--json", "--questions", "-", stdin=f"{SUMMIT}\nما تاريخ الخبر؟\n")
        assert result.returncode == 0
        assert len(parsed(result)) == 2

    def test_every_gold_question_gives_one_object(self, jawab: Jawab) -> None:
        lines = (ROOT / "tests" / "seeds-dev.jsonl").read_text("utf-8").splitlines()
        questions = [json.loads(line)["question"] for line in lines]
        result = jawab("ask", "--json", "--questions", "-", stdin="\n".join(questions))
        assert [answer["question"] for answer in parsed(result)] == questions
        assert result.stderr == ""

    def test_explain_says_what_the_score_and_the_confidence_are_made_of(self, jawab: Jawab) -> None:
        result = jawab("ask", "--explain", "--json", SUMMIT)
        (answer,) = parsed(result)
        assert answer["answered"]
        assert result.stderr.count("held 100%") >= 2
        assert f"score {answer['answers'][0]['score']:.2f}" in result.stderr
        assert "share of the question's content words in the sentence" in result.stderr
        assert f"confidence {answer['confidence']:.2f}, answered" in result.stderr

    def test_a_relative_date_is_resolved_where_the_document_is_dated(self, jawab: Jawab) -> None:
        shown = jawab("ask", "متى سيزور الوفد الأمريكي موسكو؟").stdout
        assert "«الأسبوع المقبل»، أي بعد 27/11/2025" in shown.splitlines()

    def test_documents_that_differ_are_both_shown(self, jawab: Jawab, tmp_path: Path) -> None:
        for name, city in (("a", "موسكو"), ("b", "مينسك"), ("c", "موسكو")):
            text = f"خبر من الوكالة {name}.\nتنعقد القمة المقبلة للمنظمة في {city}.\n"
            (tmp_path / f"{name}.txt").write_text(text, "utf-8")
        lines = jawab(
            "ask", "أين تنعقد القمة المقبلة للمنظمة؟", "--docs", str(tmp_path)
        ).stdout.splitlines()
        assert lines[0] == "تنعقد القمة المقبلة للمنظمة في موسكو."
        assert [line[0] for line in lines[1:3]] == ["a", "c"]  # the agencies, from the file names
        assert lines[4:6] == ["وفي مصدر آخر:", "تنعقد القمة المقبلة للمنظمة في مينسك."]

    def test_a_lexicon_of_ones_own(self, jawab: Jawab, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_text("بلغ سعر الفطماز خمسين دينارا.\nوصل الوفد.", "utf-8")
        (tmp_path / "own.tsv").write_text("dialect\tزرنوق\tالفطماز\n", "utf-8")
        question = ("ask", "ما أخبار زرنوق؟", "--docs", str(tmp_path / "a.txt"))
        assert jawab(*question).returncode == 1
        assert jawab(*question, JAWAB_LEXICON=str(tmp_path / "own.tsv")).returncode == 0
        missing = jawab(*question, JAWAB_LEXICON=str(tmp_path / "none.tsv"))
        assert_one_clear_sentence(missing, "none.tsv")

    def test_morphology_is_optional_and_an_absent_database_is_named(
        self, jawab: Jawab, tmp_path: Path
    ) -> None:
        small = str(ROOT / "tests" / "index" / "morphology" / "small.db")
        assert jawab("ask", SUMMIT, home=tmp_path, JAWAB_MORPHOLOGY=small).returncode == 0
        missing = jawab("ask", SUMMIT, JAWAB_MORPHOLOGY=str(tmp_path / "none.db"))
        assert_one_clear_sentence(missing, "none.db")
        seen = jawab("doctor", home=tmp_path, JAWAB_MORPHOLOGY=small)
        assert seen.returncode == 0
        assert seen.stderr == "jawab: 1 warning; it says what to do.\n"  # and the index was left be
        doctor = jawab("doctor", JAWAB_MORPHOLOGY=str(tmp_path / "none.db"))
        assert doctor.returncode == 1
        assert "problem  morphology" in doctor.stdout
        assert jawab("doctor").returncode == 0

    def test_spelling_does_not_matter(self, jawab: Jawab) -> None:
        variants = [SUMMIT, "متي القمه المقبله", "مَتَى الْقِمَّةُ الْمُقْبِلَةُ؟", "متـــى القمــة المقبلة"]
        result = jawab("ask", "--json", "--questions", "-", stdin="\n".join(variants))
        rankings = {json.dumps(answer["answers"]) for answer in parsed(result)}
        assert len(rankings) == 1

    def test_other_documents(self, jawab: Jawab, tmp_path: Path) -> None:
        file = tmp_path / "خبر.txt"
        file.write_text("افتتحت المكتبة يوم 3 مارس 2024. تضم 12 ألف كتاب.", "cp1256")
        result = jawab("ask", "--json", "--docs", str(file), "كم كتابا تضم المكتبة؟")
        (answer,) = parsed(result)
        assert answer["answers"][0]["short_answer"]["text"] == "12 ألف كتاب"
        assert answer["answers"][0]["document"]["path"] == "خبر.txt"
        assert answer["answers"][0]["document"]["agency"] == "خبر"

    def test_settings_come_from_the_environment_and_from_env_files(
        self, jawab: Jawab, tmp_path: Path
    ) -> None:
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "a.txt").write_text(f"اسم المجلد {name} هنا.", "utf-8")
        (tmp_path / ".env").write_text("JAWAB_DOCS=one\n", "utf-8")
        question = "ما اسم المجلد؟"
        assert "one" in jawab("ask", question, cwd=tmp_path).stdout
        assert "two" in jawab("ask", question, cwd=tmp_path, JAWAB_DOCS="two").stdout

    def test_changed_documents_are_noticed(self, jawab: Jawab, tmp_path: Path) -> None:
        docs = tmp_path / "docs"
        docs.mkdir()
        (docs / "a.txt").write_text("يقع المقر في عمّان.", "utf-8")
        first = jawab("ask", "أين يقع المقر؟", "--docs", str(docs))
        (docs / "a.txt").write_text("يقع المقر في الرباط.", "utf-8")
        second = jawab("ask", "أين يقع المقر؟", "--docs", str(docs))
        assert "عمّان" in first.stdout
        assert "الرباط" in second.stdout
        assert first.stderr == ""
        assert second.stderr.count("\n") == 1

    def test_a_file_that_cannot_be_used_is_named_and_the_others_answer(
        self, jawab: Jawab, tmp_path: Path
    ) -> None:
        (tmp_path / "a.txt").write_text("يقع المقر في عمّان.", "utf-8")
        (tmp_path / "copy.txt").write_text("يقع المقر في عمّان.", "utf-8")
        (tmp_path / "empty.txt").write_bytes(b"")
        (tmp_path / "picture.md").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)
        result = jawab("ask", "أين يقع المقر؟", "--docs", str(tmp_path))
        assert result.returncode == 0
        assert result.stderr.splitlines() == [
            "jawab: empty.txt is left out: it holds no text.",
            "jawab: picture.md is left out: it is not a text file.",
        ]

    def test_nothing_of_telegram_is_imported(self, shared_home: Path) -> None:
        code = (
            "import sys\nfrom bot.cli import main\n"
            f"try: main(['ask', '{SUMMIT}'])\n"
            "except SystemExit: pass\n"
            "slow = {'telegram', 'pydantic', 'rich', 'camel_tools.utils.charsets', 'tantivy',\n"
            "    'watchfiles', 'trafilatura', 'pypdfium2', 'docx'}\n"
            "print(sorted(slow & set(sys.modules)))"
        )
        result = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "JAWAB_HOME": str(shared_home)},
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        assert SUMMIT_SENTENCE in result.stdout
        assert result.stdout.splitlines()[-1] == "[]"


class TestErrors:
    @pytest.mark.parametrize("question", ["", "   ", "🙂", "؟!…", "\u200f\u0640"])
    def test_a_question_without_words(self, jawab: Jawab, question: str) -> None:
        assert_one_clear_sentence(jawab("ask", question), "question is empty")

    def test_no_question_at_all(self, jawab: Jawab) -> None:
        result = jawab("ask")
        assert result.returncode == 2
        assert "give a question or --questions" in result.stderr

    def test_a_question_of_100000_characters(self, jawab: Jawab) -> None:
        question = (SUMMIT + " ").ljust(100_000, "ا")
        result = jawab("ask", "--json", "--questions", "-", stdin=question)
        (answer,) = parsed(result)
        assert answer["question"] == question
        assert answer["answers"][0]["sentence"] == SUMMIT_SENTENCE
        assert result.stderr.count("\n") == 1
        assert "first 1000 characters" in result.stderr

    def test_a_question_in_another_script(self, jawab: Jawab) -> None:
        result = jawab("ask", "when is the next summit?")
        assert result.returncode == 1
        assert result.stderr == ""

    def test_documents_that_are_not_there(self, jawab: Jawab, tmp_path: Path) -> None:
        result = jawab("ask", SUMMIT, "--docs", str(tmp_path / "nowhere"))
        assert_one_clear_sentence(result, "nowhere", "--docs")

    def test_an_empty_folder(self, jawab: Jawab, tmp_path: Path) -> None:
        assert_one_clear_sentence(jawab("ask", SUMMIT, "--docs", str(tmp_path)), str(tmp_path))

    def test_a_binary_file_by_itself(self, jawab: Jawab, tmp_path: Path) -> None:
        file = tmp_path / "picture.txt"
        file.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)
        result = jawab("ask", SUMMIT, "--docs", str(file))
        assert_one_clear_sentence(result, "picture.txt", "not a text file")

    def test_a_home_that_cannot_be_written(self, jawab: Jawab, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("in the way")
        result = jawab("ask", SUMMIT, home=tmp_path / "file" / "home")
        assert_one_clear_sentence(result, str(tmp_path), "JAWAB_HOME")

    def test_a_questions_file_that_is_not_there(self, jawab: Jawab, tmp_path: Path) -> None:
        result = jawab("ask", "--questions", str(tmp_path / "none.txt"))
        assert result.returncode == 2
        assert "none.txt cannot be read" in result.stderr

    @pytest.mark.parametrize("text", ["", "{", "[1, 2]", '{"data": 3}', '{"question": "ما؟"}'])
    def test_gold_files_that_are_none(self, jawab: Jawab, tmp_path: Path, text: str) -> None:
        file = tmp_path / "gold.jsonl"
        file.write_text(text)
        assert_one_clear_sentence(jawab("eval", str(file)), "gold.jsonl", "gold questions")

    @pytest.mark.parametrize("arguments", [("frob",), ("ask", "--top", "0", "س"), ("ask", "--x")])
    def test_usage_errors_have_status_2(self, jawab: Jawab, arguments: tuple[str, ...]) -> None:
        result = jawab(*arguments)
        assert result.returncode == 2
        assert "Error: " in result.stderr

    def test_a_reader_that_stops_reading_is_no_error(self, shared_home: Path) -> None:
        script = (
            f"yes '{SUMMIT}' | head -300 | {sys.executable} -c "
            "'from bot.cli import main; main()' ask --questions - 2>err | head -1; cat err; rm err"
        )
        result = subprocess.run(  # noqa: S602
            script,
            shell=True,
            cwd=ROOT,
            env={**os.environ, "JAWAB_HOME": str(shared_home)},
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        assert result.stdout.splitlines() == [SUMMIT]


class TestOtherCommands:
    def test_eval_measures_ours_beside_the_baseline(self, jawab: Jawab) -> None:
        gold = str(ROOT / "tests" / "seeds-dev.jsonl")
        result = jawab("eval", gold, "--baseline", "--json")
        measures = json.loads(result.stdout)
        assert measures["jawab"]["questions"] == 60
        assert measures["jawab"]["answerable"] == 50
        assert measures["jawab"]["first"] > measures["rank-bm25"]["first"]
        assert json.loads(jawab("eval", gold, "--json").stdout) == measures["jawab"]
        table = jawab("eval", gold, "--baseline").stdout.splitlines()
        assert table[0].split() == ["measure", "jawab", "rank-bm25"]
        assert len(table) == 1 + len(measures["jawab"])

    def test_eval_of_a_squad_file_needs_no_documents(self, jawab: Jawab, tmp_path: Path) -> None:
        context = "ولد الشاعر في دمشق. درس الطب في باريس."
        answers = [{"text": "باريس", "answer_start": context.index("باريس")}]
        asked = [{"id": "1", "question": "أين درس الشاعر الطب؟", "answers": answers}]
        article = {"title": "شاعر", "paragraphs": [{"context": context, "qas": asked}]}
        file = tmp_path / "squad.json"
        file.write_text(json.dumps({"version": "1.1", "data": [article]}), "utf-8")
        result = jawab("eval", str(file), "--json", JAWAB_DOCS=str(tmp_path / "nowhere"))
        assert json.loads(result.stdout)["first"] == 1.0

    def test_version_and_help(self, jawab: Jawab) -> None:
        assert jawab("--version").stdout.startswith("jawab ")
        commands = ("ask", "chat", "add", "remove", "index", "sources", "eval", "doctor", "bot")
        for command in commands:
            result = jawab(command, "--help")
            assert result.returncode == 0
            assert result.stdout.startswith(f"Usage: jawab {command}")

    def test_chat_answers_piped_questions(self, jawab: Jawab) -> None:
        result = jawab("chat", stdin=f"{SUMMIT}\n🙂\nكم عمر بوتين؟\n")
        assert result.returncode == 0
        assert SUMMIT_SENTENCE in result.stdout
        assert "لم أجد جوابًا في الوثائق." in result.stdout
        assert result.stderr.count("question is empty") == 1


class TestTerminal:
    """What only a terminal shows: colours, and the prompt of `chat`."""

    def run(self, home: Path, *arguments: str, typed: str = "", **env: str) -> tuple[str, int]:
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(ROOT)
            environment = {**os.environ, "JAWAB_HOME": str(home), "TERM": "xterm-256color", **env}
            command = [sys.executable, "-c", "from bot.cli import main; main()", *arguments]
            os.execve(command[0], command, environment)  # noqa: S606
        shown = b""
        while True:
            try:
                part = os.read(terminal, 65_536)
            except OSError:
                break
            if not part:
                break
            shown += part
            if typed and "›".encode() in shown:
                os.write(terminal, typed.encode())
                typed = ""
        _, status = os.waitpid(pid, 0)
        os.close(terminal)
        return shown.decode("utf-8", "replace"), os.waitstatus_to_exitcode(status)

    def test_the_short_answer_is_highlighted_and_the_rest_dimmed(self, shared_home: Path) -> None:
        shown, status = self.run(shared_home, "ask", SUMMIT)
        assert status == 0
        assert "\x1b[32m\x1b[1m11 نوفمبر 2026\x1b[0m" in shown
        assert "\x1b[2mوكالات · " in shown

    def test_no_color_is_kept_to(self, shared_home: Path) -> None:
        shown, _ = self.run(shared_home, "ask", SUMMIT, NO_COLOR="1")
        assert SUMMIT_SENTENCE in shown
        assert "\x1b[" not in shown

    def test_chat_prompts_answers_and_ends_with_ctrl_d(self, shared_home: Path) -> None:
        shown, status = self.run(shared_home, "chat", typed=f"{SUMMIT}\r\x04")
        assert "11 نوفمبر 2026" in shown
        assert status == 0
        assert SUMMIT in (shared_home / "chat-history").read_text("utf-8")
