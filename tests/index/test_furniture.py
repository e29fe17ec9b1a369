"""Wire furniture: what an agency puts around an article."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from index.documents import make_document, read_documents
from index.furniture import Article, strip_furniture
from index.model import Span
from index.segments import segment
from index.sentences import split_lines
from tests.index.helpers import HOSTILE, assert_linear, documents_of, sentences_of

LEAD = "أكد وزير الخارجية اليوم أهمية الحوار بين دول المنطقة."
SECOND = "وأضاف أن بلاده مستعدة لاستضافة الاجتماع المقبل."


def strip(text: str) -> Article:
    return strip_furniture(text, list(split_lines(text, Span(0, len(text)))))


def body(text: str) -> list[str]:
    return [span.of(text) for span in strip(text).body]


def sentences(path: str, text: str) -> list[str]:
    collection = segment([make_document(path, text)])
    return [s.text for s in sentences_of(collection) if not s.label]


class TestSeeds:
    def test_no_furniture_is_inside_a_sentence(self, seeds: Path) -> None:
        collection = segment(read_documents(seeds).documents)
        shown = [s.text for s in sentences_of(collection) if not s.label]
        titles = [document.title for document in documents_of(collection)]

        assert len(shown) == 33
        for piece in ("كونا", "وكالات", "التاريخ :", "--", "النهاية", "دان /", "ط م ا", "Web Desk"):
            assert not [text for text in [*shown, *titles] if piece in text]

    def test_first_and_last_sentences_are_whole(self, seeds: Path) -> None:
        kuna, agencies = (
            sentences(document.path, document.text) for document in read_documents(seeds).documents
        )

        assert kuna[0].startswith("أكد الرئيس الروسي فلاديمير بوتين اليوم الخميس أن")
        assert kuna[-1].endswith("بين الدولتين في مختلف القطاعات.")
        assert agencies[0].startswith("قال الرئيس الروسي فلاديمير بوتين، اليوم الخميس، إن")
        assert agencies[-1].endswith("ستعقد في 11 نوفمبر 2026 في موسكو.")

    def test_agency_and_date(self, seeds: Path) -> None:
        kuna, agencies = read_documents(seeds).documents

        assert (kuna.agency, kuna.published) == ("كونا", date(2025, 11, 27))
        assert kuna.published_span is not None
        assert kuna.published_span.of(kuna.text) == "27/11/2025"
        assert (agencies.agency, agencies.published, agencies.published_span) == (
            "وكالات",
            None,
            None,
        )


class TestHeader:
    @pytest.mark.parametrize(
        "header",
        [
            "التاريخ : 27/11/2025",
            "التاريخ: ٢٧/١١/٢٠٢٥",
            "تاريخ النشر: 27 نوفمبر 2025",
            "نشر في: الخميس 27 نوفمبر 2025",
        ],
    )
    def test_a_date_line_gives_the_publication_date(self, header: str) -> None:
        text = f"{header}\n{LEAD}\n"

        article = strip(text)

        assert article.published == date(2025, 11, 27)
        assert article.published_span is not None
        assert article.published_span.of(text) == header.partition(":")[2].strip()
        assert body(text) == [LEAD]

    @pytest.mark.parametrize(
        "line", ["التاريخ: علم يدرس الماضي", "التاريخ 27/11/2025 يوم مهم", "في العام 2025"]
    )
    def test_a_line_of_the_article_is_no_header(self, line: str) -> None:
        article = strip(f"{line}\n{LEAD}")

        assert body(f"{line}\n{LEAD}") == [line, LEAD]
        assert article.published is None


class TestDateline:
    @pytest.mark.parametrize(
        ("dateline", "agency", "published"),
        [
            ("موسكو - 27 -11 - (كونا) --", "كونا", None),
            ("الكويت - 5 - 3 (كونا) --", "كونا", None),
            ("نيويورك - 27 - 11 (كونا) --", "كونا", None),
            ("وكالات –", "وكالات", None),
            ("وكالات:", "وكالات", None),
            ("واشنطن - وكالات:", "وكالات", None),
            ("لندن (رويترز) -", "رويترز", None),
            ("(رويترز) -", "رويترز", None),
            ("واشنطن - رويترز -", "رويترز", None),
            ("القاهرة - د ب أ:", "د ب أ", None),
            ("باريس (أ ف ب) –", "أ ف ب", None),
            ("باريس في 27 نوفمبر 2025 (أ ف ب) -", "أ ف ب", date(2025, 11, 27)),
            ("الرياض - 27 نوفمبر 2025 - (واس) --", "واس", date(2025, 11, 27)),
            ("الرياض 27/11/2025 (واس):", "واس", date(2025, 11, 27)),
            ("عمان 27 تشرين الثاني (بترا)--", "بترا", None),
            ("أبوظبي في 27 نوفمبر 2025 / وام /", "وام", date(2025, 11, 27)),
            ("موسكو - ٢٧ - ١١ - (كُونا) --", "كونا", None),
        ],
    )
    def test_a_dateline_is_no_part_of_the_article(
        self, dateline: str, agency: str, published: date | None
    ) -> None:
        text = f"{dateline} {LEAD}\n{SECOND}"

        article = strip(text)

        assert body(text) == [LEAD, SECOND]
        assert article.agency == agency
        assert article.published == published

    def test_a_dateline_on_a_line_of_its_own(self) -> None:
        text = f"موسكو - 27 -11 - (كونا) --\n{LEAD}"

        assert body(text) == [LEAD]
        assert strip(text).agency == "كونا"

    def test_the_header_gives_the_date_before_the_dateline(self) -> None:
        article = strip(f"التاريخ : 28/11/2025\nالرياض - 27 نوفمبر 2025 - (واس) -- {LEAD}")

        assert article.published == date(2025, 11, 28)

    @pytest.mark.parametrize(
        "sentence",
        [
            "أعلنت وكالة الأنباء الكويتية (كونا) أن مجلس الوزراء عقد اجتماعه الأسبوعي.",
            "أعلنت وكالة (رويترز) أن أسعار النفط ارتفعت.",
            "نقلت (رويترز) عن مسؤول روسي أن القمة ستعقد في موعدها.",
            "ذكرت وكالة رويترز أن أسعار النفط ارتفعت.",
            "قالت كونا إن أسعار النفط ارتفعت.",
            "بحسب (أ ف ب) فإن القمة ستعقد في موعدها.",
            "رويترز وكالة أنباء دولية مقرها لندن.",
            "معا، نستطيع أن نبني المستقبل.",
            "ولد أحمد زويل في 26 فبراير 1946، في مدينة دمنهور.",
            "توفي نجيب محفوظ في 30 أغسطس 2006، ودفن في القاهرة.",
            "في 27 نوفمبر 2025، أعلن البنك المركزي خفض سعر الفائدة.",
            "27 نوفمبر 2025 يوم لا ينسى.",
            "اتفاقية باريس (12 ديسمبر 2015) معاهدة دولية بشأن المناخ.",
            "القاهرة - عاصمة مصر - مدينة كبيرة.",
            "القاهرة (بالإنجليزية: Cairo) هي عاصمة مصر.",
        ],
    )
    def test_a_first_sentence_keeps_all_its_words(self, sentence: str) -> None:
        text = f"{sentence}\n{SECOND}"

        article = strip(text)

        assert body(text) == [sentence, SECOND]
        assert (article.agency, article.published) == (None, None)

    def test_only_the_first_line_can_hold_a_dateline(self) -> None:
        second = "لندن (رويترز) - سجلت الأسعار ارتفاعا."

        assert body(f"{LEAD}\n{second}") == [LEAD, second]


class TestEnd:
    @pytest.mark.parametrize(
        "end",
        [
            " (النهاية)\nدان / ط م ا",
            " (النهاية)\n\nع م ن / م ص ع\n",
            "\n(النهاية)\nر ج",
            " (النهاية) ع م ن / م ص ع",
            " (النهاية)",
            " ( النهاية )",
            "\n(انتهى)",
            " [انتهى]",
            "\nWeb Desk",
            "\nWeb Desk\n\n\n",
            "\nNews Desk",
            " (النهاية)\nدان / ط م ا\nWeb Desk",
            "\nدان / ط م ا",
        ],
    )
    def test_what_closes_a_wire_is_no_part_of_the_article(self, end: str) -> None:
        assert body(f"{LEAD}\n{SECOND}{end}") == [LEAD, SECOND]

    @pytest.mark.parametrize(
        "line",
        [
            "وكانت هذه بداية (النهاية) كما سماها الكاتب.",
            "فاز الفريق بنتيجة 3 / 2 في المباراة.",
            "وزار مكتب Web Desk في المدينة.",
            "انتهى",
        ],
    )
    def test_a_last_line_keeps_all_its_words(self, line: str) -> None:
        assert body(f"{LEAD}\n{line}") == [LEAD, line]

    def test_an_end_mark_amid_the_article_ends_nothing(self) -> None:
        lines = [f"{LEAD} (النهاية)", *[SECOND] * 5]

        assert body("\n".join(lines)) == lines


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n \n",
        "التاريخ : 27/11/2025",
        "التاريخ : 27/11/2025\nموسكو - 27 -11 - (كونا) --",
        "(النهاية)\nدان / ط م ا",
        "Web Desk",
        "وكالات –\n(النهاية)",
    ],
)
def test_furniture_alone_leaves_nothing(text: str) -> None:
    assert body(text) == []


def test_an_article_in_the_style_of_a_wire_comes_out_clean() -> None:
    text = (
        "تاريخ النشر: 3 مارس 2026\n"
        "بيروت في 3 آذار 2026 (أ ف ب) - عقد مجلس الوزراء اجتماعا طارئا. وحضره 24 وزيرا.\n"
        "وقالت وكالة (رويترز) إن القرار سيعلن غدا.\n\n"
        "وختم الرئيس: (هذه ليست النهاية). (النهاية)\n"
        "س ل / ن ع م\n"
    )

    assert sentences("wire.txt", text) == [
        "عقد مجلس الوزراء اجتماعا طارئا.",
        "وحضره 24 وزيرا.",
        "وقالت وكالة (رويترز) إن القرار سيعلن غدا.",
        "وختم الرئيس: (هذه ليست النهاية).",
    ]


PIECES = HOSTILE | {
    "slashes": "ا / ",
    "agencies": "كونا ",
    "in agencies": "(كونا ",
    "headers": "التاريخ : ",
    "ends": "(النهاية)",
    "open ends": "(النهاية ",
    "lines": "ا / ب\n",
    "date line": "في 27 ",
}


@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_hostile_texts_take_linear_time(piece: str) -> None:
    assert_linear(strip, piece)


@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_hostile_headers_take_linear_time(piece: str) -> None:
    assert_linear(lambda text: strip(f"التاريخ : {text}"), piece)
