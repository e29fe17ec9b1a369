"""Archives: JSON Lines, JSON lists, tables and zips."""

from __future__ import annotations

import codecs
import csv
import io
import json
import struct
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from index.documents import Fields, Skipped, read_file
from index.errors import FieldsError, JawabError
from index.model import Document
from index.readers.fields import read_date
from index.readers.markup import plain_text
from tests.index.sample_files import SAMPLES, zipped

pytestmark = pytest.mark.usefixtures("kept_readers")

ROW = {
    "title": "مستشفى الجهراء",
    "date": "2025-11-27T10:30:00+03:00",
    "agency": "كونا",
    "text": "افتتح أمير البلاد اليوم مستشفى جديدا.\nيضم المستشفى 450 سريرا.",
    "url": "https://example.org/1",
}
OTHER = "ارتفعت أسعار النفط في ختام تعاملات الأسبوع بنسبة 3.5 في المئة."


def read(
    folder: Path, name: str, data: bytes, fields: Fields | None = None
) -> list[Document | Skipped]:
    (folder / name).write_bytes(data)
    return list(read_file(folder / name, name, fields or Fields()))


def documents(found: list[Document | Skipped]) -> list[Document]:
    assert [entry for entry in found if isinstance(entry, Skipped)] == []
    return [entry for entry in found if isinstance(entry, Document)]


def skipped(found: list[Document | Skipped]) -> list[Skipped]:
    return [entry for entry in found if isinstance(entry, Skipped)]


def jsonl(*rows: Any) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def table(rows: list[list[str]], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


class TestJsonLines:
    def test_a_row_is_a_document_with_its_fields(self, tmp_path: Path) -> None:
        (document,) = documents(read(tmp_path, "news.jsonl", jsonl(ROW)))

        assert document.path == "news.jsonl#1"
        assert document.title == ROW["title"]
        assert document.published == date(2025, 11, 27)
        assert document.agency == "كونا"
        assert document.text == ROW["text"]
        assert document.url == ROW["url"]
        assert len(document.body) == 2

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1256"])
    def test_any_encoding_and_line_end(self, tmp_path: Path, encoding: str) -> None:
        data = jsonl(ROW, {"text": OTHER}).decode().replace("\n", "\r\n").encode(encoding)

        found = documents(read(tmp_path, "news.jsonl", data))

        assert [document.text for document in found] == [ROW["text"], OTHER]

    def test_a_bad_row_is_named_and_the_others_are_read(self, tmp_path: Path) -> None:
        data = b"\n".join(
            [
                b'{"text": "broken',
                jsonl(ROW).strip(),
                b"",
                b'["a", "list"]',
                b"17",
                jsonl({"headline": "no text"}).strip(),
                jsonl({"text": ""}).strip(),
                jsonl({"text": None}).strip(),
                b"[" * 200_000,
                b'{"text": "\xff\xfe"}',
                jsonl({"text": OTHER}).strip(),
            ]
        )

        found = read(tmp_path, "news.jsonl", data)

        assert [(entry.path, isinstance(entry, Document)) for entry in found] == [
            ("news.jsonl#1", False),
            ("news.jsonl#2", True),
            *((f"news.jsonl#{number}", False) for number in range(4, 11)),
            ("news.jsonl#11", True),
        ]
        reasons = {entry.path[-1]: entry.reason for entry in skipped(found)}
        assert reasons["1"] == "it is not valid JSON"
        assert reasons["4"] == "it is not a JSON object"
        assert "no field for the text (it has headline)" in reasons["6"]
        assert reasons["7"] == reasons["8"] == "it holds no text"

    def test_a_list_of_paragraphs_is_a_text(self, tmp_path: Path) -> None:
        (document,) = documents(read(tmp_path, "a.jsonl", jsonl({"body": ["أولا.", "ثانيا."]})))

        assert document.text == "أولا.\nثانيا."

    @pytest.mark.parametrize(
        "row", [{"headline": "ع", "Content": OTHER}, {"عنوان": "ع", "النص": OTHER}]
    )
    def test_the_usual_names_are_known(self, tmp_path: Path, row: dict[str, str]) -> None:
        (document,) = documents(read(tmp_path, "a.jsonl", jsonl(row)))

        assert (document.title, document.text) == ("ع", OTHER)

    def test_names_can_be_given(self, tmp_path: Path) -> None:
        row = {"text": "a note", "long": OTHER, "x": "27/11/2025", "title": "", "desk": "وام"}
        fields = Fields.parse("text=long, date=x,agency=desk")

        (document,) = documents(read(tmp_path, "a.jsonl", jsonl(row), fields))

        assert document.text == OTHER
        assert document.title == OTHER.removesuffix(".")
        assert document.published == date(2025, 11, 27)
        assert document.agency == "وام"

    def test_a_name_that_is_not_there(self, tmp_path: Path) -> None:
        (entry,) = read(tmp_path, "a.jsonl", jsonl(ROW), Fields(text="body"))

        assert entry == Skipped("a.jsonl#1", "it has no field body")

    def test_wire_furniture_is_off(self, tmp_path: Path) -> None:
        text = f"موسكو - 27/11/2025 - (كونا) -- {OTHER}\n(النهاية)\nر ج"

        (document,) = documents(read(tmp_path, "a.jsonl", jsonl({"text": text})))

        assert [span.of(text) for span in document.body] == [OTHER]
        assert (document.agency, document.published) == ("كونا", date(2025, 11, 27))

    def test_halves_of_characters_do_no_harm(self, tmp_path: Path) -> None:
        data = b'{"text": "\\ud83d ' + OTHER.encode() + b'\\u0000", "title": "\\udc00"}\n'

        (document,) = documents(read(tmp_path, "a.jsonl", data))

        assert document.text.encode().decode().endswith(OTHER)

    def test_what_is_not_text(self, tmp_path: Path) -> None:
        assert read(tmp_path, "a.jsonl", bytes(500)) == [
            Skipped("a.jsonl", "it is not a text file")
        ]


class TestJsonList:
    @pytest.mark.parametrize("indent", [None, 2])
    def test_its_elements_are_documents(self, tmp_path: Path, indent: int | None) -> None:
        rows = [ROW | {"text": f"{OTHER} {number}."} for number in range(8000)]
        data = json.dumps(rows, indent=indent, ensure_ascii=False).encode()

        found = documents(read(tmp_path, "a.jsonl", b" \n" + data + b"\n"))

        assert len(data.decode()) > 1_200_000
        assert [document.text for document in found] == [row["text"] for row in rows]
        assert found[-1].path == "a.jsonl#8000"

    def test_a_broken_end_is_named(self, tmp_path: Path) -> None:
        data = json.dumps([ROW, 17, ROW | {"text": OTHER}]).encode()[:-30]

        found = read(tmp_path, "a.jsonl", data)

        assert isinstance(found[0], Document)
        assert found[1:] == [
            Skipped("a.jsonl#2", "it is not a JSON object"),
            Skipped("a.jsonl#3", "it is not valid JSON from here on"),
        ]

    def test_more_behind_its_end_is_named(self, tmp_path: Path) -> None:
        found = read(tmp_path, "a.jsonl", jsonl([ROW], [ROW]))

        assert [entry.path for entry in skipped(found)] == ["a.jsonl#2"]


class TestCsv:
    HEADER = ("title", "date", "text")

    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1256"])
    def test_every_delimiter_and_encoding(
        self, tmp_path: Path, delimiter: str, encoding: str
    ) -> None:
        text = f'قال: "نعم؛ ولا،"\n{OTHER}; وبعد, ثم | هكذا\tانتهى'
        rows = [[*self.HEADER], ["عنوان; أول", "27/11/2025", text], ["", "", OTHER]]

        found = documents(
            read(tmp_path, "a.csv", table(rows, delimiter).encode(encoding, "replace"))
        )

        assert [document.path for document in found] == ["a.csv#1", "a.csv#2"]
        assert [document.text for document in found] == [text, OTHER]
        assert found[0].title == "عنوان; أول"
        assert found[0].published == date(2025, 11, 27)
        assert found[1].published is None

    def test_rows_are_counted_without_header_and_empty_ones(self, tmp_path: Path) -> None:
        data = f"\n\ntext,title\n\n{OTHER},أ\n,\n,ب\n{OTHER} ثانيا\n".encode()

        found = read(tmp_path, "a.csv", data)

        assert [entry.path for entry in found] == ["a.csv#1", "a.csv#2", "a.csv#3"]
        assert skipped(found) == [Skipped("a.csv#2", "it holds no text")]

    def test_short_and_long_rows(self, tmp_path: Path) -> None:
        data = f"title,text,url\nأ\nب,{OTHER}\nج,{OTHER},u,more\n".encode()

        found = read(tmp_path, "a.csv", data)

        assert found[0] == Skipped("a.csv#1", "it holds no text")
        assert [(d.title, d.url) for d in found if isinstance(d, Document)] == [
            ("ب", None),
            ("ج", "u"),
        ]

    def test_a_very_long_field(self, tmp_path: Path) -> None:
        text = OTHER * 5000

        (document,) = documents(read(tmp_path, "a.csv", table([["text"], [text]]).encode()))

        assert document.text == text

    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            (b"", "it holds no text"),
            (b"\n \n", "it holds no text"),
            (OTHER.encode(), "it has no field for the text (it has"),
            (b"id;name\n1;2\n", "it has no field for the text (it has id, name)"),
            (bytes(300), "it is not a text file"),
        ],
    )
    def test_a_file_that_cannot_be_used(self, tmp_path: Path, data: bytes, reason: str) -> None:
        (entry,) = read(tmp_path, "a.csv", data)

        assert isinstance(entry, Skipped)
        assert entry.path == "a.csv"
        assert entry.reason.startswith(reason)

    def test_a_quotation_mark_that_is_not_closed(self, tmp_path: Path) -> None:
        data = f'text\n{OTHER}\n"{OTHER}\n'.encode() + ("نعم، " * 9 + "\n").encode() * 1_100_000

        found = read(tmp_path, "a.csv", data)

        assert isinstance(found[0], Document)
        (entry,) = skipped(found[1:])
        assert entry.path == "a.csv"
        assert entry.reason.startswith("it cannot be read from row 2 on (")


class TestFields:
    @pytest.mark.parametrize(
        "given", ["text", "text=", "=body", "body=text", "text=a,text=b", "text=a,,", "text=a;date"]
    )
    def test_what_names_no_field_is_said(self, given: str) -> None:
        if ";" in given:
            assert Fields.parse(given) == Fields(text="a;date")
            return
        with pytest.raises(FieldsError) as raised:
            Fields.parse(given)

        assert isinstance(raised.value, JawabError)
        assert "text=body" in str(raised.value)

    def test_nothing_names_none(self) -> None:
        assert Fields.parse("") == Fields.parse(" ") == Fields()

    @pytest.mark.parametrize(
        "value",
        [
            *("2025-11-27", "2025-11-27T23:30:00Z", "2025-11-27 01:00:00+03:00", "20251127"),
            *("27/11/2025", "27.11.2025", "٢٧/١١/٢٠٢٥", "27-11-2025", "2025/11/27"),
            *("27 نوفمبر 2025", "الخميس 27 تشرين الثاني 2025", " 27/11/2025 10:00 "),
            *("Thu, 27 Nov 2025 10:00:00 +0300", "1764237600", "1764237600000", "1764237600.5"),
            *(1764237600, 1764237600.5, 1764237600000),
        ],
    )
    def test_dates_in_every_form(self, value: Any) -> None:
        assert read_date(value) == date(2025, 11, 27)

    @pytest.mark.parametrize(
        "value",
        ["", "أمس", "2025-13-01", "31/02/2025", None, True, [], {}, 1e300, float("nan"), "9" * 99],
    )
    def test_what_is_no_date_is_none(self, value: Any) -> None:
        assert read_date(value) is None


class TestMarkup:
    @pytest.mark.parametrize(
        ("given", "text"),
        [
            ("<p>قال <b>الوزير</b>&nbsp;نعم.</p><p>ثم\nخرج.</p>", "قال الوزير\xa0نعم.\nثم خرج."),
            ("أول<br/>ثان<script>x < y</script>", "أول\nثان"),
            ("سطر <a href='/x'>رابط</a>\nسطر", "سطر رابط\nسطر"),
            ("a < b و c > d", "a < b و c > d"),
            ("قال &quot;نعم&quot; &amp; خرج", 'قال "نعم" & خرج'),
            ("AT&T &copy", "AT&T &copy"),
            ("<p>نعم<![foo bar</p>", "نعم<![foo bar"),
        ],
    )
    def test_tags_are_off(self, given: str, text: str) -> None:
        assert plain_text(given).split() == text.split()
        assert len(plain_text(given).splitlines()) == len(text.splitlines())


class TestZip:
    def test_its_members_are_read_in_order(self, tmp_path: Path) -> None:
        for library in ("trafilatura", "pypdfium2"):
            pytest.importorskip(library)
        data = zipped(
            {
                "ب/خبر.txt": OTHER.encode("cp1256"),
                "news.csv": table([["text"], [OTHER], [OTHER + " ثانيا"]]).encode(),
                "a.jsonl": jsonl(ROW),
                "page.html": f"<html><body><p>{OTHER}</p></body></html>".encode(),
                "مكتبة.pdf": (SAMPLES / "chromium.pdf").read_bytes(),
                "picture.png": b"\x89PNG",
                ".hidden.txt": OTHER.encode(),
                "__MACOSX/a.txt": OTHER.encode(),
                "folder/": b"",
            }
        )

        found = documents(read(tmp_path, "x.zip", data))

        assert [document.path for document in found] == [
            "x.zip/a.jsonl#1",
            "x.zip/news.csv#1",
            "x.zip/news.csv#2",
            "x.zip/page.html",
            "x.zip/ب/خبر.txt",
            "x.zip/مكتبة.pdf",
        ]
        assert found[4].text == OTHER

    @pytest.mark.parametrize("encoding", ["utf-8", "cp1256", "cp720"])
    def test_old_arabic_names(self, tmp_path: Path, encoding: str) -> None:
        name = "أخبار اليوم.txt"
        stand_in = b"x" * len(name.encode(encoding)[:-4]) + b".txt"
        data = zipped({stand_in.decode(): OTHER.encode()})

        (document,) = documents(
            read(tmp_path, "x.zip", data.replace(stand_in, name.encode(encoding)))
        )

        assert document.path == f"x.zip/{name}"

    def test_names_are_labels_only(self, tmp_path: Path) -> None:
        folder = tmp_path / "in" / "there"
        folder.mkdir(parents=True)
        data = zipped({"../../up.txt": OTHER.encode(), "/etc/x.txt": OTHER.encode()})

        found = documents(read(folder, "x.zip", data))

        assert [document.path for document in found] == ["x.zip/etc/x.txt", "x.zip/up.txt"]
        assert [path.name for path in tmp_path.rglob("*.txt")] == []

    def test_a_zip_in_a_zip_is_named(self, tmp_path: Path) -> None:
        data = zipped({"a.txt": OTHER.encode(), "b.zip": zipped({"c.txt": OTHER.encode()})})

        found = read(tmp_path, "x.zip", data)

        assert isinstance(found[0], Document)
        assert found[1:] == [Skipped("x.zip/b.zip", "it is a zip inside a zip; unpack it first")]

    def test_a_bad_member_is_named_and_the_others_are_read(self, tmp_path: Path) -> None:
        text = "".join(f"{OTHER} {number}\n" for number in range(50)).encode()
        data = bytearray(zipped({"a.txt": text, "b.txt": OTHER.encode()}))
        data[60:70] = bytes(10)

        found = read(tmp_path, "x.zip", bytes(data))

        assert found[0] == Skipped("x.zip/a.txt", "it is damaged")
        assert isinstance(found[1], Document)

    def test_an_encrypted_member_is_named(self, tmp_path: Path) -> None:
        data = bytearray(zipped({"a.txt": OTHER.encode()}))
        data[6] |= 1
        data[data.index(b"PK\x01\x02") + 8] |= 1

        (entry,) = read(tmp_path, "x.zip", bytes(data))

        assert entry == Skipped("x.zip/a.txt", "it is encrypted; unpack it first")

    def test_one_that_unpacks_to_too_much_is_refused(self, tmp_path: Path) -> None:
        data = bytearray(zipped({f"{number}.txt": OTHER.encode() for number in range(7)}))
        place = -1
        while (place := data.find(b"PK\x01\x02", place + 1)) >= 0:
            struct.pack_into("<I", data, place + 24, 4_000_000_000)

        (entry,) = read(tmp_path, "x.zip", bytes(data))

        assert entry == Skipped("x.zip", "it unpacks to more than 20 GB")

    def test_a_member_with_too_much_text_is_named(self, tmp_path: Path) -> None:
        data = zipped({"a.txt": bytes(60_000_000)})

        assert read(tmp_path, "x.zip", data) == [
            Skipped("x.zip/a.txt", "it holds more than 50 MB of text; split it")
        ]

    @pytest.mark.parametrize("data", [b"", b"PK\x03\x04", codecs.BOM_UTF8 * 9])
    def test_what_is_no_zip(self, tmp_path: Path, data: bytes) -> None:
        assert read(tmp_path, "x.zip", data) == [Skipped("x.zip", "it is damaged or no zip file")]
