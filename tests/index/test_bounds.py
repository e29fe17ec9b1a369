"""Bounds of time and memory: what is over them is left out by name, and all else goes on."""

from __future__ import annotations

import io
import json
import os
import signal
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from index import Index, apart
from index.analysis import analyse
from index.documents import Fields, Skipped, find_files, make_document, read_file
from index.model import Document
from index.readers import File, read
from index.readers.markup import plain_text
from tests.documents import children
from tests.index import hostile
from tests.index.helpers import assert_linear
from tests.index.sample_files import pdf, right_aligned, zipped

for library in ("trafilatura", "pypdfium2", "bidi", "docx"):
    pytest.importorskip(library)

SENTENCE = hostile.SENTENCE
PDF = pdf([right_aligned([SENTENCE])])
PAGE = hostile.page(f"<article><p>{SENTENCE}</p></article>")
ENDLESS = hostile.PDFS["forms that draw ten forms each"]


def found_in(path: Path) -> list[Document | Skipped]:
    return list(read_file(path, path.name, Fields()))


def reasons(path: Path) -> list[str]:
    return [one.reason for one in found_in(path) if isinstance(one, Skipped)]


@pytest.fixture(autouse=True)
def _kept() -> Iterator[None]:
    with apart.kept():
        yield


@pytest.mark.parametrize("kind", hostile.TEXTS)
class TestGrowth:
    """Formats of our own and the analysis take time in step with the size, whatever it holds."""

    def test_analysis(self, kind: str) -> None:
        assert_linear(
            lambda text: analyse([make_document("a.txt", text)]), hostile.TEXTS[kind], SENTENCE
        )

    def test_markdown_and_markup(self, kind: str) -> None:
        def read_it(text: str) -> None:
            make_document("a.md", text)
            plain_text(text)

        assert_linear(read_it, hostile.TEXTS[kind], "<p>")


@pytest.mark.parametrize(
    ("suffix", "make"),
    [
        (".csv", lambda text: "text\n" + text),
        (".csv", lambda text: 'text\n"' + text),
        (".csv", lambda text: ",".join(["text"] * len(text)) + "\na" * len(text)),
        (".jsonl", lambda text: text),
        (".jsonl", lambda text: json.dumps([{"text": text}] * 20) + text),
        (".jsonl", lambda text: '[{"text": "' + text),
        (".txt", lambda text: text),
    ],
)
@pytest.mark.parametrize("piece", ["a,\n", '"', "[", "{", "ب\n"])
def test_archives_grow_in_step_with_their_size(
    suffix: str, make: Callable[[str], str], piece: str
) -> None:
    def read_it(text: str) -> None:
        data = make(text).encode()
        list(read(File(f"a{suffix}", partial(io.BytesIO, data)), Fields()))

    assert_linear(read_it, piece)


class TestApart:
    def test_what_takes_too_long_is_left_out(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(apart, "SECONDS", 1)
        path = tmp_path / "endless.pdf"
        path.write_bytes(ENDLESS())

        assert reasons(path) == ["it takes longer than 1 s to read"]

    def test_what_needs_too_much_memory_is_left_out(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(apart, "MEGABYTES", 300)
        path = tmp_path / "large.pdf"
        path.write_bytes(ENDLESS())

        [reason] = reasons(path)
        assert "it needs more than 300 MB of memory to read" in reason

    def test_the_next_file_is_read_by_a_new_process(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(apart, "SECONDS", 1)
        for name, data in (("a.pdf", PDF), ("b.pdf", ENDLESS()), ("c.pdf", PDF), ("d.html", PAGE)):
            (tmp_path / name).write_bytes(data)

        found = [one for path in find_files(tmp_path) for one in found_in(path)]

        assert [isinstance(one, Document) for one in found] == [True, False, True, True]

    def test_a_member_of_a_zip_by_its_name(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(apart, "SECONDS", 1)
        path = tmp_path / "a.zip"
        path.write_bytes(zipped({"a.pdf": PDF, "bad/b.pdf": ENDLESS(), "c.html": PAGE}))

        assert [(one.path, isinstance(one, Document)) for one in found_in(path)] == [
            ("a.zip/a.pdf", True),
            ("a.zip/bad/b.pdf", False),
            ("a.zip/c.html", True),
        ]

    @pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are looked up in /proc")
    def test_a_process_that_is_gone_is_replaced(self, tmp_path: Path) -> None:
        path = tmp_path / "a.pdf"
        path.write_bytes(PDF)
        before = children(os.getpid())
        found_in(path)
        for process in children(os.getpid()) - before:
            os.kill(process, signal.SIGKILL)

        assert not reasons(path)

    @pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are looked up in /proc")
    def test_a_library_that_crashes_leaves_the_file_out(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        crashing = tmp_path / "crashing"
        crashing.mkdir()
        (crashing / "pypdfium2.py").write_text("import ctypes; ctypes.string_at(0)", "ascii")
        monkeypatch.syspath_prepend(str(crashing))
        documents = tmp_path / "documents"
        documents.mkdir()
        (documents / "a.pdf").write_bytes(PDF)
        (documents / "b.txt").write_text(SENTENCE, "utf-8")

        index = Index.open(documents, tmp_path / "home")

        assert [(one.path, one.reason) for one in index.skipped] == [("a.pdf", apart._CRASHED)]
        assert index.ask("متى افتتحت المكتبة؟").hits[0].sentence == SENTENCE
        index.close()

    @pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are looked up in /proc")
    def test_text_starts_no_process(self, tmp_path: Path) -> None:
        before = children(os.getpid())
        for name in ("a.txt", "b.md", "c.csv", "d.jsonl"):
            (tmp_path / name).write_text(f"text\n{SENTENCE}", "utf-8")
            found_in(tmp_path / name)

        assert children(os.getpid()) == before


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are looked up in /proc")
@pytest.mark.parametrize("pool_bytes", [0, 10**9], ids=["on all cores", "here"])
def test_no_process_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pool_bytes: int
) -> None:
    monkeypatch.setattr("index.workers._POOL_BYTES", pool_bytes)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    documents = tmp_path / "documents"
    documents.mkdir()
    for number in range(3):
        (documents / f"{number}.html").write_bytes(hostile.page(f"<p>{SENTENCE} {number}.</p>"))
    # Without the fixture, which keeps processes.
    monkeypatch.setattr(apart, "_scopes", 0)
    before = children(os.getpid())

    Index.open(documents, tmp_path / "home").close()

    assert children(os.getpid()) <= before
    monkeypatch.setattr(apart, "_scopes", 1)


class TestText:
    def test_more_sentences_than_can_be_held(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("index.documents.MOST_SENTENCES", 1000)
        (tmp_path / "lines.txt").write_text("ب\n" * 1002, "utf-8")
        (tmp_path / "sentences.jsonl").write_text(json.dumps({"text": "نعم. " * 1002}), "utf-8")
        (tmp_path / "good.txt").write_text("نعم. " * 900, "utf-8")

        found = {path.name: reasons(path) for path in find_files(tmp_path)}

        [reason] = found["lines.txt"]
        assert reason == "it holds more than 1,000,000 sentences or lines; split it"
        assert found["sentences.jsonl"] == [reason]
        assert found["good.txt"] == []

    def test_labels_are_short(self, tmp_path: Path) -> None:
        row = {"text": SENTENCE, "agency": "وكالة " * 100_000, "title": "عنوان " * 100_000}
        (tmp_path / "a.jsonl").write_text(json.dumps(row | {"url": "https://a/" + "b" * 9999}))

        [document] = found_in(tmp_path / "a.jsonl")

        assert isinstance(document, Document)
        assert len(document.agency) <= 81
        assert len(document.title) <= 81
        assert document.url is None


class TestZips:
    @pytest.mark.parametrize(
        ("make", "reason"),
        [
            (lambda: hostile.zip_bomb(250), "it unpacks to more than 100 times its size"),
            (lambda: hostile.overlapping_zip(300, 1_000_000), "100 times its size"),
            (lambda: hostile.overlapping_zip(60_000, 1_000_000), "more than 20 GB"),
            (lambda: hostile.lying_zip(1_000_000, 10), "it is damaged"),
            (lambda: hostile.nested_zip(30), "it is a zip inside a zip"),
        ],
    )
    def test_bombs(self, tmp_path: Path, make: Callable[[], bytes], reason: str) -> None:
        path = tmp_path / "a.zip"
        path.write_bytes(make())

        assert any(reason in one for one in reasons(path))

    def test_members_that_overlap_are_read_once_at_the_most(self, tmp_path: Path) -> None:
        path = tmp_path / "a.zip"
        path.write_bytes(hostile.overlapping_zip(50, 1_000_000))

        assert len(found_in(path)) == 50

    def test_a_link_in_a_zip_is_not_followed(self, tmp_path: Path) -> None:
        path = tmp_path / "a.zip"
        path.write_bytes(hostile.linking_zip())

        assert [(one.path, isinstance(one, Document)) for one in found_in(path)] == [
            ("a.zip/good.txt", True),
            ("a.zip/link.txt", False),
        ]

    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_names(self, tmp_path: Path) -> None:
        names = ("/etc/a.txt", "../../b.txt", "C:\\c.txt", "d\n\x1b[0m.txt", "e.txt", "e.txt")
        path = tmp_path / "a.zip"
        path.write_bytes(hostile.named_zip(*names, "\0.txt", "f" * 65_000 + ".txt"))
        before = sorted(tmp_path.rglob("*"))

        found = {one.path for one in found_in(path)}

        assert found == {
            *("a.zip/etc/a.txt", "a.zip/b.txt", "a.zip/C:/c.txt", "a.zip/d[0m.txt", "a.zip/e.txt"),
            f"a.zip/{'f' * 60}…",
        }
        assert sorted(tmp_path.rglob("*")) == before

    def test_very_many_members(self, tmp_path: Path) -> None:
        path = tmp_path / "a.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for number in range(5000):
                archive.writestr(f"{number}.bin", b"")
            archive.writestr("a.txt", SENTENCE)

        assert len(found_in(path)) == 1
