"""Commands killed amid their work: the index answers as before or as after, the files are whole."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from index.engines.pair import ENGINES
from tests.bot.conftest import ROOT
from tests.conftest import Endurance
from tests.index.changing import article
from tests.index.opening import IN_PLACE, LONG_AGO
from tests.index.test_kills import write_version
from tests.killing import Expected, kill, until_at_work

COMMANDS = ("index", "add", "ask", "index", "add")


class Commands:
    """Runs commands over a folder of documents."""

    def __init__(self, folder: Path, engine: str, sizes: dict[str, int]) -> None:
        self.documents = folder / "documents"
        self.home = folder / "home"
        self.new = folder / "new"
        self.new.mkdir()
        self._engine = engine
        set_sizes = "".join(
            f"import {name.rpartition('.')[0]}; {name} = {size}; " for name, size in sizes.items()
        )
        self._code = f"{set_sizes}from bot.cli import main; main()"

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        kept = {name: value for name, value in os.environ.items() if "JAWAB" not in name}
        settings = {
            "JAWAB_HOME": str(self.home),
            "JAWAB_DOCS": str(self.documents),
            "JAWAB_ENGINE": self._engine,
            "PYTHONPATH": str(ROOT),
        }
        return subprocess.Popen(
            [sys.executable, "-c", self._code, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=kept | settings,
        )

    def prepare(self, command: str, turn: int) -> list[str]:
        """Change the documents as need be; return a command that has something to do."""
        if command == "add":
            shutil.rmtree(self.new)
            self.new.mkdir()
            for number in range(3):
                text = "\n".join(article(n) for n in range(1000 * turn + number, 1000 * turn + 30))
                (self.new / f"added-{turn}-{number}.txt").write_text(text, "utf-8")
            return ["add", *map(str, sorted(self.new.iterdir()))]
        write_version(self.documents, turn)
        return ["ask", "متى القمة المقبلة؟"] if command == "ask" else ["index"]

    def check_files(self) -> None:
        """Check that what was added is there whole or not at all; a next time removes the rest."""
        for path in self.new.iterdir():
            there = self.documents / path.name
            assert not there.exists() or there.read_bytes() == path.read_bytes()
        for part in self.documents.glob(".*"):
            assert part.suffix == ".part"
            os.utime(part, (LONG_AGO, LONG_AGO))


@pytest.mark.skipif(sys.platform != "linux", reason="it looks at /proc")
@pytest.mark.parametrize("engine", ENGINES[1:])
@pytest.mark.parametrize("sizes", [{}, IN_PLACE], ids=["sealed", "in place"])
def test_a_command_that_is_killed(
    tmp_path: Path,
    engine: str,
    sizes: dict[str, int],
    *,
    monkeypatch: pytest.MonkeyPatch,
    endurance: Endurance,
    record_property: Any,
) -> None:
    if bool(sizes) != (engine == ENGINES[-1]) and not endurance(0, 1):
        pytest.skip("with --endurance only")
    for name, value in sizes.items():
        monkeypatch.setattr(name, value)
    commands = Commands(tmp_path, engine, sizes)
    chance = random.Random(len(sizes) + len(engine))  # noqa: S311
    write_version(commands.documents, 1)
    first = commands.start("index")
    until_at_work(first, [commands.home])
    started = time.monotonic()
    assert first.wait(60) == 0
    seconds = time.monotonic() - started
    first.communicate()
    expected = Expected(commands.documents, commands.home, engine)
    amid = undone = 0

    for turn in range(endurance(1, 40)):
        before = expected.before()
        command = COMMANDS[(turn + 2 * bool(sizes) + ENGINES.index(engine)) % len(COMMANDS)]
        arguments = commands.prepare(command, turn + 2)
        if turn % 10 == 5:
            shutil.rmtree(commands.home)
        process = commands.start(*arguments)
        until_at_work(process, [commands.home, commands.documents])
        time.sleep(chance.uniform(0, seconds))
        amid += kill(process)
        undone += expected.check(before)
        commands.check_files()

    record_property("killed amid", amid)
    record_property("as before", undone)
    print(f"{engine} {len(sizes)}: {amid=} {undone=}")  # noqa: T201 - a figure of the long run
    if command == "add" or turn:
        process = commands.start(*commands.prepare("add", 99))
        said = process.communicate(timeout=60)
        assert process.returncode == 0, said
        assert list(commands.documents.rglob(".*")) == []
