"""The whole bot under load for long: nothing lost, nothing doubled, and no more memory."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.conftest import Endurance
from tests.telegram.conftest import bots_of
from tests.telegram.crowd import Crowd

LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"
PARTS = 10
WARM_UP = 3  # of the parts
FILLS = 20_000  # questions after which all that is remembered for a while has its size
MOST_GROWTH = 1.10
AT_ONCE = 24
SLOWEST = 20  # answers a second that even a busy machine gives
COMPLAINTS = ("ResourceWarning", "Traceback", "never retrieved", "never awaited", "ERROR")


def questions(gold: Path, seed: int = 11) -> Iterator[str]:
    """Questions without end: those of the development set, and as many that were never asked."""
    chance = random.Random(seed)  # noqa: S311 - nothing to guess
    asked = [json.loads(line)["question"] for line in gold.read_text("utf-8").splitlines()]
    while True:
        question = chance.choice(asked)
        yield question
        word = "".join(chance.choices(LETTERS, k=chance.randint(3, 9)))
        yield f"{question} {word}"


def resident_bytes(process: int) -> int:
    """Memory that a process has of its own, besides what is mapped from files."""
    rollup = Path(f"/proc/{process}/smaps_rollup").read_text("utf-8")
    line = next(line for line in rollup.splitlines() if line.startswith("Anonymous:"))
    return int(line.split()[1]) * 1024


def open_files(process: int) -> int:
    return len(list(Path(f"/proc/{process}/fd").iterdir()))


def test_many_questions_of_many_users(
    seeds_gold: Path, tmp_path: Path, endurance: Endurance, record_property: Any
) -> None:
    count, users = endurance(1_500, 100_000), endurance(100, 1_000)
    with (
        Crowd(users, AT_ONCE, questions(seeds_gold)) as server,
        bots_of(server, tmp_path, wait_for_poll=False) as start,
    ):
        bot = start(
            JAWAB_QUESTIONS_PER_MINUTE="0",
            JAWAB_MESSAGES_PER_SECOND="0",
            PYTHONWARNINGS="always::ResourceWarning",
        )
        memory, files = [], []
        for part in range(1, PARTS + 1):
            server.ask_until(count * part // PARTS, timeout=60 + count / PARTS / SLOWEST)
            memory.append(resident_bytes(bot.process.pid))
            files.append(open_files(bot.process.pid))
        server.wait_for_late_replies()
        assert bot.stop() == 0
    record_property("memory", memory)
    record_property("presses", server.presses)
    assert len(server.replies) == count
    assert set(server.replies.values()) == {1}
    assert server.presses[0] == server.presses[1] > 0
    assert max(files[WARM_UP:]) <= max(files[:WARM_UP]) + AT_ONCE
    if count * WARM_UP // PARTS >= FILLS:
        assert max(memory[WARM_UP:]) <= MOST_GROWTH * memory[WARM_UP - 1]
    assert not [line for line in bot.output.splitlines() if any(c in line for c in COMPLAINTS)]
