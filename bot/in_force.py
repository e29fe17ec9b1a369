"""An index while it is in force: what was made from it, and who uses it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from functools import lru_cache
from typing import Any

from bot.recall import Recaller
from index import Answer, ClusterError, Index
from index.examples import Example, choose_examples, make_examples
from index.model import Hit

_MARKED = 5  # sentences in which a short answer is looked for
_REMEMBERED_ANSWERS = 1000  # of some 10 kB each


class InForce:
    """An index, what was made from it, and who uses it; all but ``ask`` is for the event loop."""

    def __init__(self, index: Index, *, changes: bool = False) -> None:
        """Make examples of an index, which takes a moment, and take it over.

        Args:
            index: The index.
            changes: Whether it follows what others change, so that answers are not remembered.
        """
        self.index = index
        self.state = ""
        self.ask = _asking(index) if changes else _remembering(index)
        self.recaller = Recaller(index.collection)
        self._examples: Sequence[Example] = ()
        self._chosen: dict[tuple[Any, ...], list[str]] = {}  # examples by what they are near to
        self._users = 0
        self._is_retired = False
        # A cluster that changes or goes away just now is no reason not to begin.
        with suppress(ClusterError, KeyError) if changes else nullcontext():
            self.renew()

    def renew(self) -> None:
        """Make examples of the index as it is now.

        Raises:
            ClusterError: It is in a cluster that is away.
            KeyError: It is in a cluster, and changed meanwhile.
        """
        state = self.index.state
        self._examples = make_examples(self.index)
        self._chosen = {}
        self.state = state

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


Ask = Callable[[tuple[str, ...], int], Answer]


def _asking(index: Index) -> Ask:
    """Return the index's ``ask`` over normalised words."""
    return lambda asked, top: index.ask(" ".join(asked), top, _MARKED)


def _remembering(index: Index) -> Ask:
    """Return the index's ``ask`` over normalised words, with its last answers remembered.

    What is asked of a bot is asked again: examples, links, the news of the day, in any spelling.
    """
    return lru_cache(_REMEMBERED_ANSWERS)(_asking(index))
