"""Files to documents."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import zlib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.documents import (
    SUFFIXES,
    TITLE_LENGTH,
    Fields,
    Skipped,
    decode,
    display_path,
    find_files,
    is_archive,
    make_document,
    read_documents,
    read_file,
)
from index.errors import DocumentsError, DocumentsNotFoundError, NoDocumentsError
from index.model import Span
from index.sentences import split_lines, split_sentences

ARTICLE = (
    "افتتح أمير البلاد اليوم مستشفى جديدا في محافظة الجهراء يضم 450 سريرا.\n"
    "وقال وزير الصحة إن المستشفى سيبدأ العمل في 5 مارس 2026، وإنه الأكبر في البلاد.\n"
)
OTHER = "ارتفعت أسعار النفط في ختام تعاملات الأسبوع بنسبة 3.5 في المئة.\n"


def body(path: str, text: str) -> list[str]:
    return [span.of(text) for span in make_document(path, text).body]


class TestFind:
    def test_a_folder_is_searched_to_any_depth_in_order(self, tmp_path: Path) -> None:
        for name in ("ب.txt", "أ.md", "a/b/c/د.TXT", "a/x.md", "ج.PDF", "د.html", "ه.csv"):
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(ARTICLE, "utf-8")
        (tmp_path / "folder.txt").mkdir()

        found = find_files(tmp_path)

        assert [display_path(tmp_path, path) for path in found] == [
            *("a/b/c/د.TXT", "a/x.md", "أ.md", "ب.txt", "ج.PDF", "د.html", "ه.csv")
        ]

    @pytest.mark.parametrize(
        "name", [".hidden.txt", ".git/a.txt", "a/.b/c.md", "a.png", "a.doc", "txt", "a.txt~"]
    )
    def test_other_files_are_passed_over(self, tmp_path: Path, name: str) -> None:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(ARTICLE, "utf-8")

        assert find_files(tmp_path) == []

    def test_a_folder_inside_a_hidden_one_is_searched(self, tmp_path: Path) -> None:
        root = tmp_path / ".cache" / "docs"
        root.mkdir(parents=True)
        (root / "a.txt").write_text(ARTICLE, "utf-8")

        assert find_files(root) == [root / "a.txt"]

    @pytest.mark.parametrize("name", ["a.txt", "a.md", "مقال", "a.html", ".hidden"])
    def test_a_single_file_is_taken_whatever_its_name(self, tmp_path: Path, name: str) -> None:
        path = tmp_path / name
        path.write_text(ARTICLE, "utf-8")

        assert find_files(path) == [path]
        assert display_path(path, path) == name

    def test_a_file_whose_name_is_not_utf_8(self, tmp_path: Path) -> None:
        try:
            (tmp_path / "\udcff.txt").write_text(ARTICLE, "utf-8")
        except OSError:
            pytest.skip("this file system takes UTF-8 names only")

        assert [document.path for document in read_documents(tmp_path).documents] == ["\\udcff.txt"]


class TestDecode:
    @pytest.mark.parametrize("text", [ARTICLE, OTHER, "التاريخ : 27/11/2025\r\n" + ARTICLE])
    @pytest.mark.parametrize(
        ("mark", "encoding"),
        [
            (b"", "utf-8"),
            (codecs.BOM_UTF8, "utf-8"),
            (codecs.BOM_UTF16_LE, "utf-16-le"),
            (codecs.BOM_UTF16_BE, "utf-16-be"),
            (b"", "utf-16-le"),
            (b"", "utf-16-be"),
            (b"", "cp1256"),
        ],
    )
    def test_every_encoding_gives_the_same_text(
        self, text: str, mark: bytes, encoding: str
    ) -> None:
        assert decode(mark + text.encode(encoding)) == text

    @pytest.mark.parametrize("encoding", ["utf-8", "cp1256", "utf-16-le"])
    def test_a_long_file_is_decoded_to_its_end(self, encoding: str) -> None:
        text = ARTICLE * 2000 + "وانتهى الخبر."

        assert decode(text.encode(encoding)) == text

    def test_a_few_broken_bytes_do_not_spoil_a_file(self) -> None:
        data = (ARTICLE * 10).encode()

        text = decode(data[:61] + b"\xff" + data[62:])

        assert text is not None
        assert text.endswith(ARTICLE * 9)

    @pytest.mark.parametrize(
        "data",
        [
            bytes(200),
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + zlib.compress(ARTICLE.encode()),
            gzip.compress(ARTICLE.encode() * 20, mtime=0),
            b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n" + zlib.compress(ARTICLE.encode() * 20),
            b"PK\x03\x04\x14\0\0\0" + zlib.compress(ARTICLE.encode() * 20),
            b"\x7fELF\x02\x01\x01" + bytes(9) + bytes(range(256)) * 8,
        ],
        ids=["zeros", "png", "gzip", "pdf", "zip", "elf"],
    )
    def test_what_is_not_text_is_known(self, data: bytes) -> None:
        assert decode(data) is None

    def test_an_empty_file_is_text(self) -> None:
        assert decode(b"") == ""


class TestRead:
    def test_documents_come_in_path_order_with_their_text_unchanged(self, tmp_path: Path) -> None:
        (tmp_path / "ب.txt").write_bytes(OTHER.encode("cp1256"))
        (tmp_path / "أ.txt").write_bytes(codecs.BOM_UTF8 + ARTICLE.encode())

        reading = read_documents(tmp_path)

        assert [(d.path, d.text) for d in reading.documents] == [
            ("أ.txt", ARTICLE),
            ("ب.txt", OTHER),
        ]
        assert reading.skipped == ()

    def test_a_single_file(self, tmp_path: Path) -> None:
        path = tmp_path / "مقال.html"
        path.write_text(ARTICLE, "utf-8")

        reading = read_documents(path)

        assert [(d.path, d.text) for d in reading.documents] == [("مقال.html", ARTICLE)]

    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            (b"", "no text"),
            (b" \n\t\r\n \n", "no text"),
            ("\u200f\ufeff\n".encode(), "no text"),
            ("التاريخ : 27/11/2025\n(النهاية)\nدان / ط م ا\n".encode(), "no text"),
            ("* * *\n---\n؟!".encode(), "no text"),
            ("ــــــــ\n".encode(), "no text"),
            (bytes(100), "not a text file"),
            (gzip.compress(ARTICLE.encode() * 20, mtime=0), "not a text file"),
        ],
        ids=["empty", "white space", "invisible", "furniture", "marks", "tatweel", "zeros", "gzip"],
    )
    def test_a_file_without_text_is_skipped_with_its_reason(
        self, tmp_path: Path, data: bytes, reason: str
    ) -> None:
        (tmp_path / "a.txt").write_bytes(data)
        (tmp_path / "b.txt").write_text(ARTICLE, "utf-8")

        reading = read_documents(tmp_path)

        assert [document.path for document in reading.documents] == ["b.txt"]
        assert [skipped.path for skipped in reading.skipped] == ["a.txt"]
        assert reason in reading.skipped[0].reason

    def test_a_repeated_text_is_skipped_and_the_first_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_bytes(ARTICLE.encode())
        (tmp_path / "b.txt").write_bytes(ARTICLE.encode("cp1256"))
        (tmp_path / "c.md").write_bytes(codecs.BOM_UTF8 + ARTICLE.encode())

        reading = read_documents(tmp_path)

        assert [document.path for document in reading.documents] == ["a.txt"]
        assert [skipped.path for skipped in reading.skipped] == ["b.txt", "c.md"]
        assert all("a.txt" in skipped.reason for skipped in reading.skipped)

    def test_nothing_there(self, tmp_path: Path) -> None:
        missing = tmp_path / "لا شيء"

        with pytest.raises(DocumentsNotFoundError) as raised:
            read_documents(missing)

        assert_one_sentence(raised.value, missing)

    def test_an_empty_folder(self, tmp_path: Path) -> None:
        with pytest.raises(NoDocumentsError) as raised:
            read_documents(tmp_path)

        assert_one_sentence(raised.value, tmp_path)
        assert ".txt" in str(raised.value)
        assert ".md" in str(raised.value)

    @pytest.mark.parametrize("data", [b"", b"...", bytes(100)], ids=["empty", "marks", "binary"])
    def test_a_folder_without_text(self, tmp_path: Path, data: bytes) -> None:
        (tmp_path / "a.txt").write_bytes(data)

        with pytest.raises(NoDocumentsError) as raised:
            read_documents(tmp_path)

        assert_one_sentence(raised.value, tmp_path)

    def test_a_link_that_leads_nowhere_is_passed_over(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_text(ARTICLE, "utf-8")
        (tmp_path / "b.txt").symlink_to(tmp_path / "gone.txt")

        assert [document.path for document in read_documents(tmp_path).documents] == ["a.txt"]


def assert_one_sentence(error: DocumentsError, path: Path) -> None:
    """Check that an error is one sentence which names the path and the way out."""
    message = str(error)
    assert str(path) in message
    assert "--docs" in message
    assert message.endswith(".")
    assert "\n" not in message
    rest = message.replace(str(path), "")
    for suffix in SUFFIXES:
        rest = rest.replace(suffix, "")
    assert ". " not in rest


class TestDocument:
    def test_its_id_is_a_digest_of_its_text(self) -> None:
        one = make_document("a.txt", ARTICLE)

        assert one.id == hashlib.sha256(ARTICLE.encode()).hexdigest()[:12]
        assert make_document("b.md", ARTICLE).id == one.id
        assert make_document("a.txt", OTHER).id != one.id

    def test_a_wire_article(self) -> None:
        text = f"التاريخ : 27/11/2025\nالكويت - 27 - 11 - (كونا) -- {ARTICLE}(النهاية)\nر ج\n"

        document = make_document("kuna/1.txt", text)

        assert document.path == "kuna/1.txt"
        assert document.text == text
        assert document.agency == "كونا"
        assert document.published == date(2025, 11, 27)
        assert document.title == ARTICLE.partition(".")[0]
        assert [span.of(text) for span in document.body] == ARTICLE.splitlines()

    def test_a_text_without_furniture(self) -> None:
        document = make_document("أخبار/افتتاح المستشفى.txt", ARTICLE)

        assert document.agency == "افتتاح المستشفى"
        assert document.published is None
        assert document.published_span is None
        assert [span.of(ARTICLE) for span in document.body] == ARTICLE.splitlines()

    def test_what_is_given_goes_before_what_the_text_says(self) -> None:
        text = f"التاريخ : 27/11/2025\nالكويت - 27 - 11 - (كونا) -- {ARTICLE}(النهاية)\n"

        document = make_document(
            "أخبار.jsonl#1",
            text,
            title="  مستشفى\nجديد ",
            published=date(2025, 12, 1),
            agency="وام",
            url="https://example.org/1",
        )

        assert document.title == "مستشفى جديد"
        assert document.published == date(2025, 12, 1)
        assert document.agency == "وام"
        assert document.url == "https://example.org/1"
        assert [span.of(text) for span in document.body] == ARTICLE.splitlines()

    def test_what_stands_in_does_not(self) -> None:
        text = f"الكويت - 27/11/2025 - (كونا) -- {ARTICLE}"

        named = make_document("a.html", text, site="example.org", created=date(2026, 1, 1))
        unnamed = make_document("a.html", ARTICLE, site="example.org", created=date(2026, 1, 1))

        assert (named.agency, named.published) == ("كونا", date(2025, 11, 27))
        assert (unnamed.agency, unnamed.published) == ("example.org", date(2026, 1, 1))

    def test_furniture_under_a_heading_is_known(self) -> None:
        text = f"مستشفى جديد\nالتاريخ : 27/11/2025\n{ARTICLE}"

        document = make_document("a.pdf", text, title="مستشفى جديد")

        assert document.published == date(2025, 11, 27)
        assert [span.of(text) for span in document.body] == ["مستشفى جديد", *ARTICLE.splitlines()]

    @pytest.mark.parametrize(
        ("path", "stem"), [("a/news.jsonl#12", "news"), ("x.zip/أ/خبر.txt", "خبر"), ("x/y", "y")]
    )
    def test_its_file_stands_in_for_an_agency(self, path: str, stem: str) -> None:
        assert make_document(path, OTHER).agency == stem


class TestFile:
    def test_a_file_that_is_gone(self, tmp_path: Path) -> None:
        (skipped,) = read_file(tmp_path / "a.txt", "x/a.txt", Fields())

        assert isinstance(skipped, Skipped)
        assert skipped.path == "x/a.txt"
        assert skipped.reason.startswith("it cannot be read (")

    def test_too_much_text(self, tmp_path: Path) -> None:
        with (tmp_path / "a.txt").open("wb") as file:
            file.truncate(60_000_000)

        assert list(read_file(tmp_path / "a.txt", "a.txt", Fields())) == [
            Skipped("a.txt", "it holds more than 50 MB of text; split it")
        ]

    @pytest.mark.parametrize(
        ("name", "archive"),
        [("a.jsonl", True), ("a.CSV", True), ("a.zip", True), ("a.txt", False), ("csv", False)],
    )
    def test_archives_are_told(self, name: str, archive: bool) -> None:  # noqa: FBT001
        assert is_archive(Path(name)) is archive


class TestTitle:
    @given(st.text('أبت 1.؟!«»"()،…د', max_size=1500).map(lambda text: text * 3))
    def test_it_begins_as_the_first_sentence_does(self, text: str) -> None:
        line = next(iter(split_lines(text, Span(0, len(text)))), Span(0, 0))
        sentence = next((span.of(text) for span in split_sentences(text, line)), "")

        title = make_document("a.txt", text).title

        if len(sentence) <= TITLE_LENGTH:
            assert title == sentence.rstrip(".")
        else:
            assert title.endswith("…")
            assert sentence.startswith(title.removesuffix("…"))

    def test_a_short_first_sentence_is_the_title(self) -> None:
        assert make_document("a.txt", "قمة في موسكو. وبدأت اليوم.").title == "قمة في موسكو"

    def test_a_question_keeps_its_mark(self) -> None:
        assert make_document("a.txt", "من يقود المنظمة؟ سؤال مهم.").title == "من يقود المنظمة؟"

    @pytest.mark.parametrize("words", range(12, 40, 3))
    def test_a_long_one_is_shortened_at_a_word(self, words: int) -> None:
        sentence = " ".join("اجتماع القادة، في قصر المؤتمرات".split()[n % 5] for n in range(words))
        text = f"{sentence}."

        title = make_document("a.txt", text).title

        if len(text) <= TITLE_LENGTH:
            assert title == sentence
        else:
            assert title.endswith("…")
            kept = title.removesuffix("…")
            assert len(kept) <= TITLE_LENGTH
            assert len(kept) > TITLE_LENGTH - 20
            assert text.startswith(kept)
            assert text[len(kept)] in " ،"
            assert kept[-1] not in " ،"

    def test_one_endless_word_is_cut(self) -> None:
        assert make_document("a.txt", "ب" * 500).title == "ب" * TITLE_LENGTH + "…"

    @pytest.mark.parametrize("rule", ["* * *", "-----", "ــــــــــــ"])
    def test_it_is_of_the_first_line_that_holds_words(self, rule: str) -> None:
        assert make_document("a.txt", f"{rule}\n\nقمة في موسكو\nنص").title == "قمة في موسكو"


class TestMarkdown:
    def test_markers_are_off_and_the_text_is_intact(self) -> None:
        text = (
            "---\ntitle: قمة موسكو\ndate: 2025-11-27\n---\n"
            "# قمة موسكو\n\n"
            "## ما اتفق عليه القادة\n\n"
            "- توقيع المعاهدة في 11 نوفمبر 2026.\n"
            "* تبادل *السفراء* بين 3 دول\n"
            "+ فتح القنصليات\n"
            "  1. في موسكو\n"
            "  2) في بيشكيك - العاصمة\n"
            "> قال بوتين: «المنظمة عامل استقرار».\n"
            "> - واقتبس مرتين\n"
            "***\n"
            "النص #1 و-5 درجات.\n"
            "-5 درجات في موسكو\n"
            "#وسم بلا فراغ\n"
            "2026. عام القمة\n"
        )

        assert body("a.md", text) == [
            "قمة موسكو",
            "ما اتفق عليه القادة",
            "توقيع المعاهدة في 11 نوفمبر 2026.",
            "تبادل *السفراء* بين 3 دول",
            "فتح القنصليات",
            "في موسكو",
            "في بيشكيك - العاصمة",
            "قال بوتين: «المنظمة عامل استقرار».",
            "واقتبس مرتين",
            "النص #1 و-5 درجات.",
            "-5 درجات في موسكو",
            "#وسم بلا فراغ",
            "2026. عام القمة",
        ]

    def test_fences_and_rules_are_off(self) -> None:
        text = "قبل\n\n```python\nنص داخل\n```\n\n---\nعنوان\n=====\n| أ | ب |\n|---|:-:|\nبعد\n"

        assert body("a.md", text) == ["قبل", "نص داخل", "عنوان", "| أ | ب |", "بعد"]

    def test_front_matter_ends_with_any_line_end(self) -> None:
        assert body("a.MD", "---\r\ntitle: x\r\n---\r\nقمة في موسكو\r\n") == ["قمة في موسكو"]

    def test_a_rule_that_opens_the_text_is_no_front_matter(self) -> None:
        assert body("a.md", "---\nقمة في موسكو.\n") == ["قمة في موسكو."]

    def test_a_text_file_keeps_its_marks(self) -> None:
        text = "# قمة\n- توقيع المعاهدة\n---\nانتهى"

        assert body("a.txt", text) == text.split("\n")

    def test_the_furniture_of_a_wire_is_off_as_well(self) -> None:
        text = f"# التاريخ : 27/11/2025\n\nموسكو - 27 -11 - (كونا) -- {OTHER}\n(النهاية)\n"
        document = make_document("a.md", text)

        assert [span.of(text) for span in document.body] == [OTHER.strip()]
        assert (document.agency, document.published) == ("كونا", date(2025, 11, 27))


def test_the_seeds(seeds: Path) -> None:
    reading = read_documents(seeds)

    assert reading.skipped == ()
    assert [document.title for document in reading.documents] == [
        "أكد الرئيس الروسي فلاديمير بوتين اليوم الخميس أن بلاده ستعمل على ضمان استمرارية…",
        "قال الرئيس الروسي فلاديمير بوتين، اليوم الخميس، إن المعارك ستتوقف بمجرد انسحاب…",
    ]
    for document in reading.documents:
        first = split_sentences(document.text, document.body[0])[0].of(document.text)
        assert first.startswith(document.title.removesuffix("…"))
