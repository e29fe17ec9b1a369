"""What holds for the readers of every format."""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.documents import SUFFIXES, Fields, Skipped, read_file
from index.model import Document
from index.readers import Content, File, read
from tests.index.sample_files import SAMPLES, pdf, right_aligned, zipped
from tests.index.test_readers_docx import word
from tests.index.test_readers_html import page

for library in ("trafilatura", "pypdfium2", "bidi"):
    pytest.importorskip(library)

TEXT = "افتتحت بلدية الجهراء مكتبة عامة في 27 نوفمبر 2025."
VALID = {
    ".txt": TEXT.encode(),
    ".md": f"# {TEXT}".encode(),
    ".html": page("windows-1256").encode("cp1256"),
    ".htm": page().encode(),
    ".pdf": pdf([right_aligned([TEXT])]),
    ".docx": word(),
    ".jsonl": f'{{"text": "{TEXT}", "date": "2025"}}\n[{{}}]\n'.encode(),
    ".csv": f'text;date\n"{TEXT}";2025\n'.encode(),
    ".zip": zipped({"a.txt": TEXT.encode(), "ب.csv": f"text\n{TEXT}".encode(), "c.docx": word()}),
}
FAST = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)  # libraries that are imported in the first example


def read_bytes(suffix: str, data: bytes) -> list[Content | Skipped]:
    return list(read(File(f"a{suffix}", partial(io.BytesIO, data)), Fields()))


def test_every_format_has_a_sample() -> None:
    assert set(VALID) == set(SUFFIXES)
    for suffix, data in VALID.items():
        assert any(isinstance(entry, Content) for entry in read_bytes(suffix, data)), suffix


@pytest.mark.parametrize("suffix", SUFFIXES)
@given(data=st.binary(max_size=300))
@FAST
def test_no_bytes_make_a_reader_fail(suffix: str, data: bytes) -> None:
    for entry in read_bytes(suffix, data):
        assert entry.path.startswith(f"a{suffix}")


@pytest.mark.parametrize("suffix", SUFFIXES)
@given(chance=st.randoms(use_true_random=False), edits=st.integers(1, 12))
@FAST
def test_no_damage_makes_a_reader_fail(suffix: str, chance: Random, edits: int) -> None:
    data = bytearray(VALID[suffix])
    for _ in range(edits):
        place = chance.randrange(len(data))
        data[place : place + chance.choice((0, 1, 1, 1, 5))] = chance.randbytes(
            chance.choice((0, 1))
        )
    for entry in read_bytes(suffix, bytes(data)):
        assert entry.path.startswith(f"a{suffix}")


@given(text=st.text(max_size=200))
@FAST
def test_any_text_in_any_wrapping(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for suffix in (".txt", ".md", ".html", ".csv", ".jsonl"):
            path = Path(folder, f"a{suffix}")
            path.write_text(f"<p>{text}", "utf-8", "replace")
            for entry in read_file(path, path.name, Fields()):
                if isinstance(entry, Document):
                    assert all(0 <= s.start < s.end <= len(entry.text) for s in entry.body)
                    assert entry.title


@pytest.mark.parametrize(
    ("library", "name", "data"),
    [
        ("trafilatura", "a.html", VALID[".html"]),
        ("docx", "a.docx", VALID[".docx"]),
        ("pypdfium2", "a.pdf", (SAMPLES / "chromium.pdf").read_bytes()),
        ("bidi", "a.pdf", (SAMPLES / "chromium.pdf").read_bytes()),
    ],
)
def test_a_missing_library_is_named_and_the_others_are_read(
    tmp_path: Path, library: str, name: str, data: bytes
) -> None:
    missing = tmp_path / "missing"
    missing.mkdir()
    (missing / f"{library}.py").write_text("raise ImportError", "ascii")
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / name).write_bytes(data)
    (documents / "b.txt").write_text(TEXT, "utf-8")
    (documents / "c.zip").write_bytes(zipped({name: data, "d.txt": TEXT.encode() + b" 2"}))
    program = f"""
import sys
sys.path.insert(0, {str(missing)!r})
from pathlib import Path
from index.documents import read_documents
reading = read_documents(Path({str(documents)!r}))
print([document.path for document in reading.documents])
for skipped in reading.skipped:
    print(skipped.path, skipped.reason)
"""

    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )

    why = (
        "it needs the formats extra; install it with `uv sync --extra formats` "
        "(or `pip install '.[formats]'`)"
    )
    assert done.stdout.splitlines() == [
        "['b.txt', 'c.zip/d.txt']",
        f"{name} {why}",
        f"c.zip/{name} {why}",
    ]


def test_plain_formats_import_no_library_of_the_extra(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, "utf-8")
    (tmp_path / "b.jsonl").write_bytes(VALID[".jsonl"])
    program = f"""
import sys
from pathlib import Path
from random import Random
from index.documents import read_documents
read_documents(Path({str(tmp_path)!r}))
print(sorted({{"trafilatura", "docx", "pypdfium2", "bidi", "lxml"}} & set(sys.modules)))
"""

    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )

    assert done.stdout.strip() == "[]"
