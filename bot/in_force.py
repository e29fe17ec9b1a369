"""An index while it is in force: what was made from it, and who uses it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from bot.recall import Recaller
from index import Answer, Index
from index.examples import choose_examples, make_examples
from index.model import Hit

_MARKED = 5  # sentences in which a short answer is looked for
_REMEMBERED_ANSWERS = 1000  # of some 10 kB each


class InForce:
    """An index, what was made from it, and who uses it; all but ``ask`` is for the event loop."""

    def __init__(self, index: Index) -> None:
        """Make examples of an index, which takes a moment, and take it over."""
        self.index = index
        self.state = index.state
        self.ask = _remembering(index)
        self.recaller = Recaller(index.collection)
        self._examples = make_examples(index)
        self._chosen: dict[tuple[Any, ...], list[str]] = {}  # examples by what they are near to
        self._users = 0
        self._is_retired = False

    def questions(self, count: int, near: Sequence[Hit]) -> list[str]:
        """Return questions that the documents answer, those from around ``near`` first."""
        key = (count, *((hit.document.id, hit.span) for hit in near))
        chosen = self._chosen.get(key)
        if chosen is None:
            found = choose_examples(self._examples, count, near=near)
            chosen = [example.question for example in found]
            if len(self._chosen) >= _REMEMBERED_ANSWERS:
                self._chosen.clear()
            self._chosen[key] = chosen
        return chosen

    def hold(self) -> None:
        """Keep the index open until ``release``."""
        self._users += 1

    def release(self) -> None:
        """Close the index where this was the last use of a retired one."""
        self._users -= 1
        self._close_if_unused()

    def retire(self) -> None:
        """Close the index as soon as nobody uses it."""
        self._is_retired = True
        self._close_if_unused()

    def _close_if_unused(self) -> None:
        if self._is_retired and not self._users:
            self.index.close()


def _remembering(index: Index) -> Callable[[tuple[str, ...], int], Answer]:
    """Return the index's ``ask`` over normalised words, with its last answers remembered.

    What is asked of a bot is asked again: examples, links, the news of the day, in any spelling.
    """

    @lru_cache(_REMEMBERED_ANSWERS)
    def ask(asked: tuple[str, ...], top: int) -> Answer:
        return index.ask(" ".join(asked), top, _MARKED)

    return ask
