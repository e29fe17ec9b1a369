"""A small disk, full or read-only, in a mount namespace of a process of its own.

``python -m tests.index.small_disk DISK SCENARIO ARGUMENT…`` mounts it at a folder, which nobody
else sees, and prints what became of the scenario as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from index import Index, JawabError
from tests.index.changing import QUESTIONS
from tests.index.opening import ROOT, left_behind

_NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")
_FILLER = "filler"


def in_small_disk(disk: Path, scenario: str, *arguments: object) -> Any:
    """Return what became of a scenario, or skip the test where there are no such namespaces."""
    try:
        subprocess.run([*_NAMESPACE, "mount", "-t", "tmpfs", "none", disk], check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this system has no mount namespaces for its users")
    given = (str(argument) for argument in (disk, scenario, *arguments))
    command = [*_NAMESPACE, sys.executable, "-m", __name__, *given]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, timeout=240)
    return json.loads(done.stdout.splitlines()[-1])


def shown(documents: Path, home: Path, engine: str, *, as_it_is: bool = False) -> dict[str, Any]:
    """Open an index and ask; return what it answers or how it fails, and what was told."""
    told: list[str] = []
    try:
        with Index.open(
            documents, home, engine=engine, notify=told.append, as_it_is=as_it_is
        ) as index:
            hits = [hit for question in QUESTIONS for hit in index.ask(question, 1000).hits]
            found = sorted([round(hit.score, 6), hit.sentence, hit.document.path] for hit in hits)
            return {"answers": found, "told": told}
    except JawabError as error:
        return {"error": type(error).__name__, "message": str(error), "told": told}


def fill(disk: Path, free: int) -> None:
    """Fill a disk until so many bytes are free."""
    filler = disk / _FILLER
    filler.unlink(missing_ok=True)
    status = os.statvfs(disk)
    with filler.open("wb") as file:
        file.write(bytes(max(status.f_bavail * status.f_frsize - free, 0)))


def full_disk(disk: Path, documents: str, engine: str, free: str) -> list[Any]:
    """Have the documents change while the disk of the index has so many bytes left each time."""
    home, folder = disk / "home", Path(documents)
    results: list[Any] = [shown(folder, home, engine)]
    (folder / "new.txt").write_text((folder / "more").read_text("utf-8"), "utf-8")
    os.utime(folder / "new.txt", (1, 1))
    for size in json.loads(free):
        fill(disk, size)
        results.append(shown(folder, home, engine))
        results.append(shown(folder, home, engine, as_it_is=True))
    (disk / _FILLER).unlink()
    results.append(shown(folder, home, engine))
    results.append([str(path) for path in left_behind(home)])
    return results


def read_only(disk: Path, documents: str, engine: str) -> list[Any]:
    """Open an index on a disk that cannot be written, before and after the documents change."""
    home, folder = disk / "home", Path(documents)
    results = [shown(folder, home, engine)]
    mount("-o", "remount,ro", str(disk))
    results.append(shown(folder, home, engine))
    (folder / "new.txt").write_text((folder / "more").read_text("utf-8"), "utf-8")
    results.append(shown(folder, home, engine))
    results.append(shown(folder, home, engine, as_it_is=True))
    return results


def full_documents(disk: Path, source: str, home: str) -> list[Any]:
    """Add a file to a documents folder whose disk is too small for it."""
    folder = disk / "documents"
    folder.mkdir()
    (folder / "a.txt").write_text("وصل الوفد إلى المدينة. وعاد منها.", "utf-8")
    results: list[Any] = []
    for free in (0, 20_000):
        fill(disk, free)
        done = subprocess.run(
            [sys.executable, "-c", "from bot.cli import main; main()", "add", source, source],
            env=os.environ | {"JAWAB_DOCS": str(folder), "JAWAB_HOME": home},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        there = sorted(path.name for path in folder.rglob("*"))
        results.append([done.returncode, done.stdout, done.stderr, there])
    return results


def mount(*arguments: str) -> None:
    """Mount, in the namespace of this process."""
    subprocess.run(["mount", *arguments], check=True)  # noqa: S607 - where it is, its users know


def main() -> None:
    """Run a scenario on a disk of its own."""
    disk, scenario, *arguments = sys.argv[1:]
    mount("-t", "tmpfs", "-o", "size=8m", "none", disk)
    for name, value in json.loads(os.environ.get("SIZES", "{}")).items():
        pytest.MonkeyPatch().setattr(name, value)
    scenarios: dict[str, Callable[..., list[Any]]] = {
        "full": full_disk,
        "read-only": read_only,
        "documents": full_documents,
    }
    sys.stdout.write(json.dumps(scenarios[scenario](Path(disk), *arguments)) + "\n")


if __name__ == "__main__":
    main()
