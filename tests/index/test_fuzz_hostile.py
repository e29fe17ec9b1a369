"""Files made to do harm: each is read or left out for a reason, and a good one answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.texts.arabic import ARABIC
from bot.texts.reasons import reason_in
from index import Index
from index.documents import Fields, Skipped, read_file
from tests.conftest import Endurance
from tests.index import hostile

for library in ("trafilatura", "pypdfium2", "bidi", "docx"):
    pytest.importorskip(library)

pytestmark = pytest.mark.usefixtures("kept_readers")

QUESTION = "متى افتتحت مكتبة الجهراء العامة؟"
SECRET = Path(hostile.SECRET_FILE).read_text("utf-8").split("\n")[0]
SLOW = frozenset(
    {
        *("nested", "nested inline", "nested tables", "an attribute", "many runs", "many glyphs"),
        *("a million pages of one", "forms that draw ten forms each", "packed a thousandfold"),
        *("packed twice", "spread glyphs", "a hundred megabytes of it", "no delimiter"),
        *("a wide header", "a wide row", "only quotation marks", "comments"),
        *("a quotation mark that is not closed", "a part that is a bomb", "marks on a letter"),
        *("nested and never closed", "paragraphs", "links", "a cross-reference to itself"),
    }
)
"""What is for a release only: it takes seconds."""
FILES: dict[str, dict[str, Callable[[], bytes]]] = {
    ".html": hostile.PAGES,
    ".docx": hostile.WORD_FILES,
    ".pdf": hostile.PDFS,
    ".csv": hostile.CSVS,
    ".jsonl": {name: lambda data=data: data for name, data in hostile.JSON_LINES.items()},  # type: ignore[misc]
}


@pytest.mark.parametrize("suffix", FILES)
def test_hostile_files_beside_a_good_one(tmp_path: Path, suffix: str, endurance: Endurance) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "good.txt").write_text(hostile.SENTENCE, "utf-8")
    files = FILES[suffix]
    names = [name for name in files if endurance(0, 1) or name not in SLOW]
    for name in names:
        (folder / f"{name}{suffix}").write_bytes(files[name]())

    index = Index.open(folder, tmp_path / "home")

    assert "مكتبة عامة" in index.ask(QUESTION).hits[0].sentence
    for one in index.skipped:
        assert one.reason
        assert len(one.reason) < 300
        assert "\n" not in one.reason
        assert reason_in(one.reason, ARABIC) != one.reason
    known = {one.path.split("#")[0] for one in index.skipped}
    known |= {path.split("#")[0] for source in index.sources() for path in all_paths(source)}
    assert known >= {f"{name}{suffix}" for name in names}
    index.close()


def all_paths(source: object) -> list[str]:
    return [source.path, *source.also]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("suffix", "name"),
    [
        *((".html", name) for name in ("a secret", "a link to a file", "laughs")),
        *((".docx", name) for name in hostile.WORD_FILES if "secret" in name or "laughs" in name),
        (".docx", "unknown relations"),
    ],
)
def test_no_other_file_is_read_and_no_entity_grows(tmp_path: Path, suffix: str, name: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(FILES[suffix][name]())

    for one in read_file(path, path.name, Fields()):
        if not isinstance(one, Skipped):
            assert SECRET not in one.text + one.title + one.agency
            assert "lollol" not in one.text
            assert len(one.text) < 1000


@pytest.mark.parametrize("kind", hostile.TEXTS)
def test_hostile_texts_answer(tmp_path: Path, kind: str, endurance: Endurance) -> None:
    piece = hostile.TEXTS[kind]
    flood = hostile.repeated(piece, endurance(4_000, 400_000))
    texts = (f"{hostile.SENTENCE}\n{flood}", f"{flood}{hostile.SENTENCE}")
    for number, text in enumerate(texts):
        (tmp_path / f"{number}.txt").write_text(text, "utf-8")
        (tmp_path / f"{number}.md").write_text(f"# {text}", "utf-8")
        (tmp_path / f"{number}.jsonl").write_text(json.dumps({"text": f"1{text}"}), "utf-8")

    index = Index.open(tmp_path, tmp_path / ".home")

    answer = index.ask(QUESTION)
    index.close()
    if "NULs" not in kind:
        assert any("مكتبة عامة" in hit.sentence for hit in answer.hits)
