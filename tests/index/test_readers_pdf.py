"""PDF files: what was drawn to what is read."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from bidi import get_display

from index.documents import Fields, Skipped, read_file
from index.model import Document
from index.readers.visual import is_backward, letters, mended_pairs, reading_order
from index.sentences import split_sentences
from tests.index.sample_files import SAMPLES, Drawn, pdf, right_aligned

pytestmark = pytest.mark.usefixtures("kept_readers")

LINES = (
    "قال الرئيس إن القمة المقبلة ستعقد في 11 نوفمبر 2026 في موسكو بحضور",
    "قادة الدول الأعضاء في المنظمة ووزراء خارجيتها.",
    "وأضاف أن الاجتماع الأول كان في عام 2019 وأن العمل مستمر منذ ذلك.",
)
PARAGRAPHS = [f"{LINES[0]} {LINES[1]}", LINES[2]]
ARTICLE = [
    "افتتاح مكتبة الجهراء العامة",
    "افتتح أمير البلاد اليوم مكتبة عامة في محافظة الجهراء (شمال غرب البلاد) تضم 450 ألف كتاب، "
    "وحضر الافتتاح الذي جرى يوم 27/11/2025 وزير الثقافة ومدير شركة Book House التي أشرفت على "
    "البناء منذ عام 2019.",
    "وقال الوزير: «لا مستقبل للقراءة بلا مكتبات»، وأضاف أن الكلفة بلغت 3.5 ملايين دينار وأن العمل "
    "استمر بين 2019-2023.",
    "خدمات المكتبة",
    "تفتح المكتبة أبوابها من الثامنة صباحًا حتى التاسعة مساءً، وإِنَّ الاشتراكَ فيها مجانيٌّ للطلاب. "
    "وتخطط الوزارة لافتتاح مكتبات مماثلة في المحافظات الأخرى خلال الأعوام الخمسة المقبلة على أن "
    "تكون الأولى منها في مدينة الأحمدي.",
    "قال مدير المكتبة إن الإقبال عليها فاق التوقعات في الأيام الأولى وإن عدد الزوار تجاوز ألف زائر "
    "في اليوم الواحد.",
    "وأعلنت البلدية أنها ستشغل حافلتين بين محطة القطار والمكتبة في أيام العطلة تسهيلا لوصول "
    "العائلات إليها من الأحياء البعيدة.",
]


def drawn(line: str) -> str:
    """Return a line as it looks, from left to right."""
    return str(get_display(line, base_dir="R"))


def shaped(line: str) -> str:
    """Return a line in presentation forms: the final ones, and lam-alef as one."""
    forms = {}
    for code in range(0xFE70, 0xFEFD):
        kind, *base = unicodedata.decomposition(chr(code)).split() or [""]
        if kind in {"<isolated>", "<final>"}:
            forms["".join(chr(int(part, 16)) for part in base)] = chr(code)
    for letter in sorted(forms, key=len, reverse=True):
        if len(letter) == 1 or letter[0] == "ل":
            line = line.replace(letter, forms[letter])
    return line


def without_marks(text: str) -> str:
    return "".join(character for character in text if not unicodedata.combining(character))


class TestFiles:
    @pytest.fixture(autouse=True)
    def library(self) -> None:
        pytest.importorskip("pypdfium2")

    def read(self, path: Path) -> Document | Skipped:
        (document,) = read_file(path, path.name, Fields())
        return document

    def made(self, folder: Path, data: bytes) -> Document | Skipped:
        (folder / "a.pdf").write_bytes(data)
        return self.read(folder / "a.pdf")

    def text(self, folder: Path, data: bytes) -> str:
        document = self.made(folder, data)
        assert isinstance(document, Document)
        return document.text

    @pytest.mark.parametrize(("name", "first"), [("chromium.pdf", 0), ("libreoffice.pdf", 1)])
    def test_an_article_of_several_pages(self, name: str, first: int) -> None:
        document = self.read(SAMPLES / name)

        assert isinstance(document, Document)
        assert document.title == ARTICLE[0]
        # The two put the last tanwin on different letters, and the text is right either way.
        assert [without_marks(line) for line in document.text.splitlines()] == [
            without_marks(line) for line in ARTICLE[first:]
        ]
        assert "صباحًا" in document.text
        assert "وإِنَّ الاشتراكَ" in unicodedata.normalize("NFC", document.text)

    @pytest.mark.parametrize(
        "draw",
        [drawn, lambda line: drawn(shaped(line)), lambda line: line, shaped],
        ids=["visual order", "visual order, forms", "reading order", "reading order, forms"],
    )
    def test_however_arabic_is_drawn_it_is_read(
        self, tmp_path: Path, draw: Callable[[str], str]
    ) -> None:
        data = pdf([right_aligned(draw(line) for line in LINES)], title="القمة المقبلة")

        document = self.made(tmp_path, data)

        assert isinstance(document, Document)
        assert document.title == "القمة المقبلة"
        assert document.text.splitlines() == PARAGRAPHS

    def test_a_page_on_its_side(self, tmp_path: Path) -> None:
        data = pdf([right_aligned(map(drawn, LINES))], rotated=True)

        assert self.text(tmp_path, data).splitlines() == PARAGRAPHS

    def test_pieces_are_read_where_they_stand_not_when_they_are_drawn(self, tmp_path: Path) -> None:
        lines = right_aligned(map(drawn, LINES))

        assert self.text(tmp_path, pdf([lines[::-1]])).splitlines() == PARAGRAPHS

    def test_a_sentence_goes_on_over_the_page_and_its_number(self, tmp_path: Path) -> None:
        pages = [
            [*right_aligned([drawn(LINES[0])]), Drawn("11", 200, 30)],
            [*right_aligned(map(drawn, LINES[1:])), Drawn("12", 200, 30)],
        ]

        document = self.made(tmp_path, pdf(pages))

        assert isinstance(document, Document)
        assert document.text.splitlines() == PARAGRAPHS
        sentences = split_sentences(document.text, document.body[0])
        assert [sentence.of(document.text) for sentence in sentences] == [PARAGRAPHS[0]]

    def test_what_heads_every_page_is_off(self, tmp_path: Path) -> None:
        pages = [
            [Drawn(drawn(f"مجلة المكتبات العدد {n}"), 200, 580), *right_aligned(map(drawn, LINES))]
            for n in range(4)
        ]

        assert self.text(tmp_path, pdf(pages)).splitlines() == PARAGRAPHS * 4

    def test_a_heading_stands_apart(self, tmp_path: Path) -> None:
        heading = Drawn(drawn("القمة المقبلة"), 200, 570, 16)
        data = pdf([[heading, *right_aligned(map(drawn, LINES))]])

        assert self.text(tmp_path, data).splitlines() == ["القمة المقبلة", *PARAGRAPHS]

    def test_the_right_column_comes_first(self, tmp_path: Path) -> None:
        right = [
            "افتتحت البلدية مكتبة عامة كبيرة",
            "في وسط المدينة القديمة أمس وفيها",
            "آلاف الكتب.",
        ]
        left = ["وأعلن الوزير أن مكتبة أخرى ستبنى", "في العام المقبل قرب محطة القطار", "الجديدة."]
        page = [
            *right_aligned(map(drawn, right)),
            *right_aligned(map(drawn, left), right=180),
        ]

        assert self.text(tmp_path, pdf([page])).splitlines() == [" ".join(right), " ".join(left)]

    def test_the_cells_of_a_table_stay_in_their_rows(self, tmp_path: Path) -> None:
        rows = [("الكويت", "450"), ("الرياض", "900"), ("القاهرة", "1200"), ("بغداد", "700")]
        page = [
            piece
            for number, (name, value) in enumerate(rows)
            for piece in (
                *right_aligned([drawn(name)], top=540 - 16 * number),
                Drawn(value, 100, 540 - 16 * number),
            )
        ]

        lines = self.text(tmp_path, pdf([page])).splitlines()

        assert lines == [" ".join(row) for row in rows]

    def test_english_is_read_from_the_left_and_hyphens_are_mended(self, tmp_path: Path) -> None:
        page = [
            Drawn("The municipality opened a library yesterday and the minis-", 40, 540),
            Drawn("ter said that it holds 450 books in عربي too.", 40, 524),
        ]

        assert self.text(tmp_path, pdf([page])) == (
            "The municipality opened a library yesterday and the minister said that it holds "
            "450 books in يبرع too."
        )

    def test_no_text_layer(self, tmp_path: Path) -> None:
        skipped = self.made(tmp_path, pdf([[]]))

        assert skipped == Skipped(
            "a.pdf", "it holds no text layer (a scan?); run OCR over it first"
        )

    def test_a_font_that_tells_nothing(self, tmp_path: Path) -> None:
        private = [
            "".join(chr(0xE000 + ord(character) % 256) for character in line) for line in LINES
        ]

        skipped = self.made(tmp_path, pdf([right_aligned(private)]))

        assert isinstance(skipped, Skipped)
        assert "run OCR" in skipped.reason

    def test_letters_that_are_no_words(self, tmp_path: Path) -> None:
        other = str.maketrans("اليمنوترةبدعسف", "ظغزذضثخحجشصطقك")
        lines = [line.translate(other) for line in LINES]

        skipped = self.made(tmp_path, pdf([right_aligned(map(drawn, lines))] * 12))

        assert isinstance(skipped, Skipped)
        assert "run OCR" in skipped.reason

    def test_a_password(self) -> None:
        skipped = self.read(SAMPLES / "encrypted.pdf")

        assert isinstance(skipped, Skipped)
        assert "encrypted" in skipped.reason

    @pytest.mark.parametrize("title", ["Microsoft Word - تقرير.docx", "report.doc", "", "???"])
    def test_what_is_no_title_is_none(self, tmp_path: Path, title: str) -> None:
        document = self.made(tmp_path, pdf([right_aligned(map(drawn, LINES))], title=title))

        assert isinstance(document, Document)
        assert document.title.startswith("قال الرئيس")


class TestVisual:
    @pytest.mark.parametrize("line", [*LINES, "نسبة (3.5%) في Windows 11 يوم 27/11/2025."])
    def test_reading_order_is_found_again(self, line: str) -> None:
        assert reading_order(drawn(line), rtl=True) == line

    def test_presentation_forms_only_are_changed(self) -> None:
        assert letters("ﻻ ﺍﻟﻠﻪ ﷲ ½ №") == "لا الله الله ½ №"

    @pytest.mark.parametrize("line", LINES)
    def test_backward_lines_are_told(self, line: str) -> None:
        assert not is_backward(line)
        assert is_backward(line[::-1])

    @pytest.mark.parametrize(
        ("given", "mended"),
        [
            ("قال )الوزير( نعم", "قال (الوزير) نعم"),
            ("»نعم« (أجل)", "«نعم» (أجل)"),
            ("1) نعم", "1) نعم"),
        ],
    )
    def test_marks_that_only_pair_the_other_way_are_turned(self, given: str, mended: str) -> None:
        assert mended_pairs(given) == mended
