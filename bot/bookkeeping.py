"""What is noted of every question, in one place: its line in the log and its count."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from telegram.error import Forbidden

from bot.logs import current_update
from bot.metrics import FAILED, INLINE, Metrics
from bot.sending import StoppedError

_LOGGER = logging.getLogger(__name__)


@dataclass(slots=True)
class Note:
    """What is noted of one question.

    Attributes:
        door: Where it came in, one of ``bot.metrics.DOORS``.
        question: The question.
        engine: What found the answer.
        outcome: One of ``bot.metrics.OUTCOMES``; empty where it needs no answer.
        level: That of its line in the log.
    """

    door: str
    question: str
    engine: str
    outcome: str = ""
    level: int = logging.INFO
    _started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """How long it has taken until now."""
        return time.monotonic() - self._started


class Bookkeeping:
    """Notes questions.

    Attributes:
        tells_questions: Whether the log tells what was asked.
    """

    def __init__(self, metrics: Metrics, *, tells_questions: bool) -> None:
        """Note into some metrics."""
        self._metrics = metrics
        self.tells_questions = tells_questions

    @contextmanager
    def noted(self, door: str, question: str, engine: str) -> Iterator[Note]:
        """Note a question that is answered in here, once its outcome is set or it has failed."""
        note = Note(door, question, engine)
        try:
            yield note
        except (StoppedError, Forbidden):
            raise  # it is answered after the next start; nobody is there to be answered
        except Exception:
            note.outcome = FAILED
            self._write(note)
            raise
        if note.outcome:
            self._write(note)

    def _write(self, note: Note) -> None:
        seconds = note.seconds
        self._metrics.question(note.outcome, note.door, seconds)
        if not _LOGGER.isEnabledFor(note.level):
            return
        fields = {
            "outcome": note.outcome,
            "milliseconds": round(seconds * 1000, 1),
            "engine": note.engine,
            "door": note.door,
        }
        said = "update %s: %s in %.0f ms (%s, %s)"
        values = (current_update(), note.outcome, seconds * 1000, note.door, note.engine)
        if self.tells_questions and note.door != INLINE:  # what is typed there is never kept
            fields["question"] = note.question
            said, values = f"{said}: %s", (*values, note.question)  # type: ignore[assignment]
        _LOGGER.log(note.level, said, *values, extra=fields)
