"""What is found, and how it is found: each thing by itself, and none for longer than a while."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from index import JawabError


class State(StrEnum):
    """How it is with one thing."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's: how it is, with what, and what is to be said of it."""

    state: State
    what: str
    said: str


def ok(what: str, said: str) -> Finding:
    """Return that something is in order."""
    return Finding(State.OK, what, said)


def warning(what: str, said: str) -> Finding:
    """Return that something may become a problem."""
    return Finding(State.WARNING, what, said)


def problem(what: str, said: str) -> Finding:
    """Return that something is not in order."""
    return Finding(State.PROBLEM, what, said)


class Examination:
    """Looks at one thing in a thread of its own, which nobody waits for when time is up."""

    def __init__(self, what: str, seconds: float, look: Callable[[], Iterable[Finding]]) -> None:
        """Begin to look.

        Args:
            what: What is looked at.
            seconds: How long that may take.
            look: Looks.
        """
        self._what = what
        self._seconds = seconds
        self._until = time.monotonic() + seconds
        self._found: queue.SimpleQueue[Finding | None] = queue.SimpleQueue()
        threading.Thread(target=self._run, args=(look,), daemon=True).start()

    def _run(self, look: Callable[[], Iterable[Finding]]) -> None:
        try:
            for finding in look():
                self._found.put(finding)
        except JawabError as error:
            self._found.put(problem(self._what, str(error)))
        except OSError as error:
            self._found.put(problem(self._what, f"{error.filename or ''} {error.strerror}".strip()))
        except Exception as error:  # noqa: BLE001 - whatever it is, the others are looked at
            said = f"cannot be looked at ({type(error).__name__}: {error}); please report it"
            self._found.put(problem(self._what, said))
        finally:
            self._found.put(None)

    def findings(self) -> Iterator[Finding]:
        """Yield what is found, until all is looked at or time is up."""
        while True:
            try:
                found = self._found.get(timeout=max(0.0, self._until - time.monotonic()))
            except queue.Empty:
                yield problem(
                    self._what,
                    f"no answer within {self._seconds:g} s; is it on a network drive that is away, "
                    "or very large?",
                )
                return
            if found is None:
                return
            yield found
