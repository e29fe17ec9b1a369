"""Web pages: the main text and the metadata."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from index.documents import Fields, Skipped, read_file
from index.model import Document
from index.readers.html import decode_html

pytest.importorskip("trafilatura")

pytestmark = pytest.mark.usefixtures("kept_readers")

PARAGRAPHS = [
    "افتتح أمير البلاد اليوم الخميس مستشفى جديدا في محافظة الجهراء يضم 450 سريرا وثلاثين عيادة.",
    "وقال وزير الصحة إن المستشفى سيبدأ العمل في 5 مارس 2026، وإنه الأكبر في البلاد بعدد الأسرة.",
    "وأضاف أن الوزارة ستعين ألف ممرض وطبيب خلال الأشهر المقبلة، وأن التدريب سيبدأ قبل ذلك.",
]
PAGE = """<!DOCTYPE html>
<html lang="ar" dir="rtl"><head><meta charset="{charset}">
<title>مستشفى جديد في الجهراء - وكالة المثال</title>
<meta property="og:title" content="مستشفى جديد في الجهراء">
<meta property="og:site_name" content="وكالة المثال">
<meta property="og:url" content="https://example.org/news/1">
<meta property="article:published_time" content="2025-11-27T10:00:00+03:00">
<script>var x = "لا تقرأ هذا";</script></head><body>
<header><nav><ul><li><a href="/">الرئيسية</a></li><li><a href="/s">رياضة</a></li>
<li><a href="/e">اقتصاد</a></li></ul></nav></header>
<main><article><h1>مستشفى جديد في الجهراء</h1>{body}</article>
<aside><h3>الأكثر قراءة</h3><ul><li><a href="/2">خبر آخر لا شأن لنا به</a></li></ul></aside></main>
<section id="comments" class="comments"><h3>التعليقات</h3><div class="comment"><p>تعليق من قارئ
غاضب جدا لا صلة له بالموضوع</p></div></section>
<footer>جميع الحقوق محفوظة 2019 سياسة الخصوصية</footer></body></html>"""


def page(charset: str = "utf-8") -> str:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    return PAGE.format(charset=charset, body=body)


def read(folder: Path, data: bytes, name: str = "خبر.html") -> Document | Skipped:
    (folder / name).write_bytes(data)
    (document,) = read_file(folder / name, name, Fields())
    return document


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [
        ("utf-8", "utf-8"),
        ("utf-8", "utf-8-sig"),
        ("windows-1256", "cp1256"),
        ("windows-1256", "utf-8"),
        ("utf-8", "cp1256"),
        ("no-such-thing", "cp1256"),
        ("base64", "cp1256"),
        ("utf-16", "utf-16"),
        ("iso-8859-6", "iso8859-6"),
    ],
)
def test_a_news_page(tmp_path: Path, charset: str, encoding: str) -> None:
    document = read(tmp_path, page(charset).encode(encoding))

    assert isinstance(document, Document)
    lines = document.text.splitlines()
    assert [line for line in lines if line != document.title] == PARAGRAPHS
    assert document.title == "مستشفى جديد في الجهراء"
    assert document.published == date(2025, 11, 27)
    assert document.agency == "وكالة المثال"
    assert document.url == "https://example.org/news/1"


def test_the_agency_of_a_dateline_goes_before_the_site(tmp_path: Path) -> None:
    text = page().replace("<p>افتتح", "<p>الكويت - 27 - 11 - (كونا) -- افتتح")

    document = read(tmp_path, text.encode())

    assert isinstance(document, Document)
    assert document.agency == "كونا"


@pytest.mark.parametrize("name", ["a.html", "a.HTM"])
def test_a_page_of_one_line(tmp_path: Path, name: str) -> None:
    document = read(tmp_path, f"<p>{PARAGRAPHS[0]}".encode(), name)

    assert isinstance(document, Document)
    assert document.text.strip() == PARAGRAPHS[0]
    assert document.agency == "a"


def test_items_and_cells_are_lines_without_marks(tmp_path: Path) -> None:
    more = (
        "<ul><li>عيادة العيون في الطابق الأول</li></ul>"
        "<table><tr><td>عدد الأسرة</td><td>450</td></tr></table></article>"
    )

    document = read(tmp_path, page().replace("</article>", more).encode())

    assert isinstance(document, Document)
    assert document.text.splitlines()[-2:] == ["عيادة العيون في الطابق الأول", "عدد الأسرة | 450"]


def test_a_page_that_is_too_large(tmp_path: Path) -> None:
    skipped = read(tmp_path, b"<p>" + b"x" * 20_000_000)

    assert skipped == Skipped("خبر.html", "it is larger than 20 MB")


def test_an_xml_declaration_does_no_harm(tmp_path: Path) -> None:
    data = b'<?xml version="1.0" encoding="windows-1256"?>' + page("windows-1256").encode("cp1256")

    document = read(tmp_path, data)

    assert isinstance(document, Document)
    assert PARAGRAPHS[1] in document.text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it holds no text"),
        (b"<html><body><img src='x.png'></body></html>", "it holds no text"),
        (b"<script>var x = 1;</script>", "it holds no text"),
        (bytes(400), "it is not a text file"),
    ],
)
def test_a_page_without_text(tmp_path: Path, data: bytes, reason: str) -> None:
    assert read(tmp_path, data) == Skipped("خبر.html", reason)


def test_a_declaration_is_believed_where_a_few_bytes_tell_nothing() -> None:
    data = '<meta http-equiv="x" content="text/html; charset=windows-1256"><p>نعم'.encode("cp1256")

    assert (decode_html(data) or "").endswith("نعم")
