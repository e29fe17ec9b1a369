"""Files of every format changed at random, with their format in mind: none does harm."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index import Index, apart
from index.analysis import analyse
from index.documents import Fields, Skipped, read_file
from index.model import Document
from tests.conftest import Endurance
from tests.index import hostile
from tests.index.sample_files import SAMPLES, zipped
from tests.index.test_readers import VALID

for library in ("trafilatura", "pypdfium2", "bidi", "docx"):
    pytest.importorskip(library)

SENTENCE = hostile.SENTENCE
BINARY = (b"\0", b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xed\xa0\x80", b"\xf4\x90\x80")
COMMON = (
    *(b"\xef\xbb\xbf", b"\n", b"\r", b" ", b"\t", b'"', b"0", b"-1", b"1e999", b"9" * 5000),
    *(b"<", b">", b"&", b";", b",", b"[", b"]", b"{", b"}", b"(", b")", b"\\", b"/", b"=", b"%"),
    *(b"2147483648", b"NaN", SENTENCE.encode()),
    *(text.encode() for text in ("\u202e", "\u2066", "\u200b" * 50, "ب\u064b" * 50, "٣١/١٢/٩٩٩٩")),
)
TOKENS = {
    ".txt": (b"---\n", b"\x85", b"\x1c"),
    ".md": (b"# ", b"---\n", b"```", b"> ", b"1. ", b"|"),
    ".html": (
        *(b"<div>", b"</div>", b"<p>", b"<!--", b"-->", b"<script>", b"<![CDATA[", b"&#x110000;"),
        *(b"&#55296;", b"<table><tr><td>", b"<meta charset=utf-7>", b"<?xml encoding='x'?>"),
        *(
            b"<article>",
            b"<title>",
            b"<time datetime='9999-99-99'>",
            b"<!DOCTYPE a [<!ENTITY b 'c'>",
        ),
    ),
    ".pdf": (
        *(b"1 0 R", b"2 0 R", b"3 0 R", b"9999 0 R", b"<<", b">>", b"[", b"]", b"stream\n", b"obj"),
        *(b"endstream", b"endobj", b"/Kids [2 0 R]", b"/Count -1", b"/Length 99999", b"BT", b"ET"),
        *(b" Tj ", b"/Type /Page", b"/Filter /FlateDecode", b"/Parent 2 0 R", b" 1e30 ", b" Tm "),
    ),
    ".docx": (b"PK\1\2", b"PK\3\4", b"PK\5\6", b"\0" * 8, b"\xff" * 4),
    ".jsonl": (b'{"text":', b"\\ud800", b"null", b"true", b"1e999", b'"date":', b"[[", b"}\n{"),
    ".csv": (b'""', b";", b"|", b'"\n', b"text,date\n", b"\r\r\n"),
    ".zip": (b"PK\1\2", b"PK\3\4", b"PK\5\6", b"\0" * 8, b"\xff" * 4, b"../", b"a.txt"),
}
TOKENS[".htm"] = TOKENS[".html"]
SEEDS: dict[str, list[bytes]] = {suffix: [data] for suffix, data in VALID.items()}
SEEDS[".pdf"] += [path.read_bytes() for path in sorted(SAMPLES.glob("*.pdf"))]
SEEDS[".docx"] += [make() for name, make in hostile.WORD_FILES.items() if "secret" in name]
SEEDS[".html"] += [hostile.page("<table><tr><td>" + f"<p>{SENTENCE}</p>" * 3)]
SEEDS[".txt"] += [SENTENCE.encode(one) * 3 for one in ("utf-16", "cp1256", "utf-16-be")]
SEEDS[".jsonl"] += [json.dumps([{"text": SENTENCE, "date": 1}] * 3).encode()]

Check = Callable[[Random, int], None]


@pytest.fixture(scope="module", autouse=True)
def _kept() -> Iterator[None]:
    with apart.kept():
        yield


def repeat(check: Check, times: int) -> None:
    """Run a check with many sources of chance, always the same ones."""
    limited = settings(
        max_examples=times,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    limited(given(st.randoms(use_true_random=False), st.integers(1, 20))(check))()


def mutated(chance: Random, data: bytes, tokens: tuple[bytes, ...], edits: int) -> bytes:
    """Return ``data`` with pieces cut, doubled, moved, overwritten, and tokens put in."""
    changed = bytearray(data)
    for _ in range(edits):
        place = chance.randrange(len(changed) + 1)
        end = min(len(changed), place + chance.choice((0, 1, 2, 8, 64, 512)))
        piece = bytes(changed[place:end])
        match chance.randrange(7):
            case 0:
                changed[place:end] = b""
            case 1:
                changed[place:place] = piece * chance.choice((1, 2, 30))
            case 2:
                changed[place:end] = bytes(chance.randrange(128) for _ in piece)
            case 3:
                target = chance.randrange(len(changed) + 1)
                changed[target:target] = piece
            case 4 if chance.randrange(4) == 0:
                del changed[place:]
            case _:
                kind = chance.choice(
                    (COMMON, tokens, tokens) if chance.randrange(20) else (BINARY,)
                )
                token = chance.choice(kind or COMMON)
                changed[place : place + chance.choice((0, len(token)))] = token
    return bytes(changed)


def mutated_members(chance: Random, data: bytes, edits: int) -> bytes:
    """Return a zip whose members are changed, and not the zip around them."""
    members: dict[str, bytes] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            members[info.filename] = archive.read(info)
    name = chance.choice(list(members))
    suffix = Path(name).suffix
    tokens = TOKENS[".html"] if suffix in {".xml", ".rels"} else TOKENS.get(suffix, ())
    members[name] = mutated(chance, members[name], tokens, edits)
    if chance.randrange(5) == 0:
        members[chance.choice(("../x.txt", "x" * 2000 + ".txt", "a.txt/b.txt", " ", "/.txt"))] = (
            members.pop(name)
        )
    return zipped(members)


def read_it(folder: Path, suffix: str, data: bytes) -> list[Document | Skipped]:
    path = folder / f"a{suffix}"
    path.write_bytes(data)
    found = list(read_file(path, path.name, Fields()))
    for one in found:
        assert one.path.startswith(path.name)
        if isinstance(one, Skipped):
            assert one.reason
            assert "\n" not in one.reason
        else:
            assert all(0 <= line.start < line.end <= len(one.text) for line in one.body)
    return found


@pytest.mark.parametrize("suffix", SEEDS)
def test_what_is_read_can_be_analysed(
    tmp_path: Path, suffix: str, endurance: Endurance, capsys: pytest.CaptureFixture[str]
) -> None:
    outcomes: Counter[str] = Counter()

    def check(chance: Random, edits: int) -> None:
        data = chance.choice(SEEDS[suffix])
        if suffix in {".zip", ".docx"} and chance.randrange(3):
            data = mutated_members(chance, data, edits)
        else:
            data = mutated(chance, data, TOKENS[suffix], edits)
        found = read_it(tmp_path, suffix, data)
        outcomes.update(
            one.reason.split("(")[0] if isinstance(one, Skipped) else "read" for one in found
        )
        analyse([one for one in found if isinstance(one, Document)])

    repeat(check, endurance(20, 3000))

    with capsys.disabled():
        if endurance(0, 1):
            print(f"\n{suffix}: {dict(outcomes)}")  # noqa: T201 - the figures of a long run
    assert outcomes["read"]


PLAIN = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=30)
    | st.sampled_from((SENTENCE, "27/11/2025", "٣١ نوفمبر 0000", "1e999", "9" * 13, "\ud800"))
    | st.sampled_from((10**400, -(10**400), 10**20, 10**13))
)
VALUES = PLAIN | st.lists(PLAIN, max_size=4) | st.dictionaries(st.text(max_size=5), PLAIN)
ROWS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("text", "date", "title", "agency", "url", "نص"), VALUES)
)


def test_any_rows(tmp_path: Path, endurance: Endurance) -> None:
    def check(rows: list[dict[str, object]], as_list: bool) -> None:  # noqa: FBT001 - by hypothesis
        text = json.dumps(rows) if as_list else "\n".join(map(json.dumps, rows))
        found = read_it(tmp_path, ".jsonl", text.encode())
        assert len(found) == len(rows)
        analyse([one for one in found if isinstance(one, Document)])

    settings(max_examples=endurance(40, 5000), derandomize=True, deadline=None, database=None)(
        given(st.lists(ROWS, max_size=4), st.booleans())(check)
    )()


def test_all_that_is_read_is_indexed_and_asked(tmp_path: Path, endurance: Endurance) -> None:
    for seed in range(endurance(1, 30)):
        chance = Random(seed)  # noqa: S311 - the same every time
        folder = tmp_path / f"{seed}"
        folder.mkdir()
        for number in range(30):
            suffix = chance.choice(list(SEEDS))
            data = mutated(chance, chance.choice(SEEDS[suffix]), TOKENS[suffix], 5)
            (folder / f"{number}{suffix}").write_bytes(data)
        for number, piece in enumerate(hostile.TEXTS.values()):
            text = f"{SENTENCE}\n{hostile.repeated(piece, 2000)} مكتبة {number}\n"
            (folder / f"text-{number}.txt").write_text(text, "utf-8")

        index = Index.open(folder, tmp_path / f"home-{seed}")

        for question in ("متى افتتحت المكتبة؟", "أين المكتبة؟", "كم عدد المكتبات؟", "من افتتح؟"):
            assert index.ask(question) is not None
        assert any("مكتبة" in hit.sentence for hit in index.ask("متى افتتحت المكتبة؟").hits)
        index.close()
