"""Opens indexes in a process of its own, for tests of crashes, of limits and of several at once.

It reads one order a line, JSON with ``documents``, ``home`` and perhaps ``limit`` (the most bytes
that a file may be written with), ``engine`` and ``sizes`` (constants of modules that say what is
large), and writes one reply a line.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self

from index import Index, JawabError

if sys.platform != "win32":
    import resource

ROOT = Path(__file__).parents[2]
LONG_AGO = 1_600_000_000
IN_PLACE = {"index.store._SEALED_BYTES": 0}
"""Has every index be too large to be sealed, so that it is changed in place."""
QUESTIONS = ("متى القمة المقبلة؟", "ما تاريخ الخبر؟", "ماذا قال لوكاشينكو عن أوكرانيا؟")


def answers(index: Index) -> list[list[Any]]:
    """Return what an index says to some questions, in a form that can be compared."""
    return [
        [hit.rank, hit.sentence, hit.score, hit.document.path, answer.confidence]
        for answer in map(index.ask, QUESTIONS)
        for hit in answer.hits
    ]


def files(folder: Path) -> list[Path]:
    """Return all files under a folder."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def left_behind(home: Path) -> list[Path]:
    """Return the folders under a home that are not the index in force."""
    found = []
    for path in home.glob("*/*/"):
        current = path.parent / "current.json"
        key = json.loads(current.read_text("ascii"))["key"] if current.exists() else None
        if path.is_dir() and path.name != key:
            found.append(path)
    return found


class Opener:
    """The process; ``ask`` sends it an order and waits for the reply."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            encoding="utf-8",
        )
        assert self.reply() == {"ready": True}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.__exit__(kind, error, trace)

    def order(
        self,
        documents: Path,
        home: Path,
        limit: int | None = None,
        *,
        engine: str = "auto",
        sizes: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        """Send an order."""
        assert self.process.stdin is not None
        order = {
            "documents": str(documents),
            "home": str(home),
            "limit": limit,
            "engine": engine,
            "sizes": dict(sizes),
        }
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()

    def reply(self) -> dict[str, Any]:
        """Wait for the reply."""
        assert self.process.stdout is not None
        reply: dict[str, Any] = json.loads(self.process.stdout.readline())
        return reply

    def ask(self, documents: Path, home: Path, limit: int | None = None) -> dict[str, Any]:
        """Send an order and wait for the reply."""
        self.order(documents, home, limit)
        return self.reply()


def obey(
    documents: str, home: str, limit: int | None, engine: str, sizes: dict[str, int]
) -> dict[str, Any]:
    """Carry out one order."""
    for name, value in sizes.items():
        module, _, constant = name.rpartition(".")
        setattr(import_module(module), constant, value)
    if sys.platform != "win32":
        most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (most if limit is None else limit, most))
    notices: list[str] = []
    try:
        index = Index.open(Path(documents), Path(home), engine=engine, notify=notices.append)
    except JawabError as error:
        return {"error": type(error).__name__, "message": str(error), "notices": notices}
    return {"built": index.built, "answers": answers(index), "notices": notices}


def main() -> None:
    """Carry out orders until there are no more."""
    reply: dict[str, Any] = {"ready": True}
    sys.stdout.write(json.dumps(reply) + "\n")
    sys.stdout.flush()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(obey(**json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
