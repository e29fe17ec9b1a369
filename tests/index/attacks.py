"""Texts that make a backtracking pattern slow, made from the pattern's own parts."""

from __future__ import annotations

import ast
import importlib
import itertools
import pkgutil
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any

Text = Any  # str or bytes, as the pattern has it

_SMALL, _LARGE = 2000, 8000
_FEW_SECONDS = 0.0007  # a fraction of a microsecond a character: it cannot be quadratic
_CLEAR_SECONDS, _EXPONENTIAL_SECONDS = 0.25, 0.05
_ALWAYS = (" ", "5", "ب", "ا", "(", "-", ".", "من ", "5 ", "ال", "و", "<a", "[(", "- ", "5.")
_CATEGORIES = {
    codes.CATEGORY_DIGIT: "5٣",
    codes.CATEGORY_SPACE: " \n",
    codes.CATEGORY_WORD: "aب5_",
    codes.CATEGORY_NOT_DIGIT: "aب ",
    codes.CATEGORY_NOT_SPACE: "aب5-",
    codes.CATEGORY_NOT_WORD: " -.",
}
_ANY = "aب5 -.<\n"
_MOST_LETTERS, _MOST_PARTS = 14, 12
_LONG_REPEAT = 20


@dataclass(frozen=True, slots=True)
class Found:
    """A pattern of a module.

    Attributes:
        name: Where it is.
        pattern: The pattern.
        calls: What the module does with it.
    """

    name: str
    pattern: re.Pattern[Any]
    calls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attack:
    """The text that a pattern does worst on.

    Attributes:
        growth: How many times as long four times the text takes; 0 where that cannot be told.
        seconds: How long the larger text takes.
        call: What was done.
        text: How the text begins.
    """

    growth: float = 0.0
    seconds: float = 0.0
    call: str = ""
    text: str = ""


def modules(*packages: str) -> Iterator[ModuleType]:
    """Yield all modules of packages that can be imported here."""
    for package in packages:
        top = importlib.import_module(package)
        yield top
        for info in pkgutil.walk_packages(top.__path__, f"{package}."):
            if not info.name.endswith("__main__") and ".migrations" not in info.name:
                yield importlib.import_module(info.name)


def patterns_of(module: ModuleType) -> Iterator[Found]:
    """Yield the patterns of a module: those that it names, and those in its functions."""
    source = _source(module)
    for name, value in list(vars(module).items()):
        for number, pattern in enumerate(_inside(value)):
            if name in source.assigned:
                calls = source.calls.get(name, {"match", "search", "fullmatch"})
                yield Found(f"{module.__name__}.{name}[{number}]", pattern, tuple(sorted(calls)))
    for call, given in source.inline:
        yield Found(f"{module.__name__} {given!r}", re.compile(given), (call,))


@dataclass(frozen=True, slots=True)
class _Source:
    assigned: frozenset[str]
    calls: dict[str, set[str]]
    inline: tuple[tuple[str, Text], ...]


def _source(module: ModuleType) -> _Source:
    file = module.__file__
    assert file is not None
    with open(file, encoding="utf-8") as opened:  # noqa: PTH123
        tree = ast.parse(opened.read())
    assigned: set[str] = set()
    calls: dict[str, set[str]] = {}
    inline: list[tuple[str, Text]] = []
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                assigned.add(name)
            case ast.Call(func=ast.Attribute(value=ast.Name("re"), attr=call), args=[first, *_]):
                if isinstance(first, ast.Constant) and call in _CALLS:
                    inline.append((call, first.value))
            case ast.Attribute(value=ast.Name(name), attr=call) if call in _CALLS:
                calls.setdefault(name, set()).add(call)
    return _Source(frozenset(assigned), calls, tuple(inline))


_CALLS = frozenset({"match", "search", "fullmatch", "finditer", "findall", "sub", "split"})


def _inside(value: object, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth <= 3 and isinstance(value, tuple | list | set | frozenset | dict):
        parts = (*value, *value.values()) if isinstance(value, dict) else tuple(value)
        if len(parts) < 500:
            for part in parts:
                yield from _inside(part, depth + 1)


class _Parts:
    """What a pattern is made of."""

    def __init__(self, pattern: re.Pattern[Any]) -> None:
        self.letters: dict[str, None] = {}
        self.repeated: list[tuple[str, str]] = []  # what comes before, and what is repeated
        self.whole = self._shortest(parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG), "")

    def _shortest(self, tree: Any, before: str) -> str:
        """Return about the shortest text that fits, and note letters and repeats."""
        text = ""
        for code, value in tree:
            text += self._one(code, value, before + text)
        return text

    def _one(self, code: Any, value: Any, before: str) -> str:  # noqa: C901, PLR0911 - a kind each
        if code is codes.LITERAL:
            return self._noted(chr(value))
        if code is codes.NOT_LITERAL:
            return self._noted("".join(one for one in _ANY if ord(one) != value))
        if code is codes.IN:
            return self._noted(_members(value))
        if code is codes.ANY:
            return self._noted(_ANY)
        if code in {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}:
            least, most, tree = value
            inner = self._shortest(tree, before)
            if most >= _LONG_REPEAT:
                self.repeated.append((before, inner))
            return inner * int(min(least, 3))
        if code is codes.SUBPATTERN:
            return self._shortest(value[3], before)
        if code is codes.ATOMIC_GROUP:
            return self._shortest(value, before)
        if code is codes.BRANCH:
            texts: list[str] = [self._shortest(tree, before) for tree in value[1]]
            self.repeated.extend((before, text) for text in texts[:4])
            return texts[0]
        if code in {codes.ASSERT, codes.ASSERT_NOT}:
            self._shortest(value[1], before)
        return ""

    def _noted(self, letters: str) -> str:
        self.letters |= dict.fromkeys(letters[:8])
        return letters[:1]


def _members(items: Any) -> str:
    found = ""
    negated = False
    for code, value in items:
        if code is codes.NEGATE:
            negated = True
        elif code is codes.LITERAL:
            found += chr(value)
        elif code is codes.RANGE:
            found += chr(value[0]) + chr(value[1])
        elif code is codes.CATEGORY:
            found += _CATEGORIES.get(value, "")
    return "".join(one for one in _ANY if one not in found) if negated else found


def _pieces(pattern: re.Pattern[Any]) -> Iterator[tuple[str, str]]:
    """Yield what attacks a pattern: a beginning, and what is repeated behind it."""
    parts = _Parts(pattern)
    kinds: dict[str, list[str]] = {}
    for letter in parts.letters:
        kind = "5" if letter.isdecimal() else " " if letter.isspace() else letter
        kinds.setdefault("a" if letter.isalpha() else kind, []).append(letter)
    letters = [letter for several in kinds.values() for letter in several[:2]][:_MOST_LETTERS]
    repeated = parts.repeated[:_MOST_PARTS]
    pieces = dict.fromkeys((*letters, *_ALWAYS, parts.whole))
    pieces |= dict.fromkeys(text for before, body in repeated for text in (body, before + body))
    pieces |= dict.fromkeys(parts.whole[:length] for length in range(1, _MOST_PARTS))
    pieces |= dict.fromkeys(map("".join, itertools.permutations(letters[:5], 2)))
    usable = [piece for piece in pieces if piece]
    yield from (("", piece) for piece in usable)
    befores = dict.fromkeys(before for before, _ in repeated if before)
    for before in befores:
        few = dict.fromkeys((*letters[:6], *(body for _, body in repeated[:6] if body)))
        yield from ((before, piece) for piece in few)


def worst(found: Found, ends: Sequence[str]) -> Attack:
    """Return the attack that a pattern does worst on.

    Args:
        found: The pattern.
        ends: What stands behind all that is repeated.
    """
    most = Attack()
    for before, piece in _pieces(found.pattern):
        for end in ends:
            for call in found.calls:
                one = _attack(found.pattern, call, before, piece, end)
                if (one.growth, one.seconds) > (most.growth, most.seconds):
                    most = one
    return most


def _attack(pattern: re.Pattern[Any], call: str, before: str, piece: str, end: str) -> Attack:
    def seconds(size: int, tries: int) -> float:
        text: Text = before + piece * (size // len(piece)) + end
        if isinstance(pattern.pattern, bytes):
            text = text.encode("utf-8", "replace")
        return min(_seconds(pattern, call, text) for _ in range(tries))

    said = f"{before!r} {piece!r} {end!r}"
    if any(seconds(size, 1) > _EXPONENTIAL_SECONDS for size in range(16, 128, 4)):
        return Attack(99, _EXPONENTIAL_SECONDS, call, said)
    small = seconds(_SMALL, 1)
    if small < _FEW_SECONDS:
        return Attack(0, small * _LARGE / _SMALL, call, said)
    if small > _CLEAR_SECONDS:
        return Attack(99, small, call, said)
    large = seconds(_LARGE, 3)
    return Attack(large / max(seconds(_SMALL, 5), 1e-5), large, call, said)


def _seconds(pattern: re.Pattern[Any], call: str, text: Text) -> float:
    action = getattr(pattern, call)
    start = time.process_time()
    if call == "sub":
        action(text[:0], text)
    elif call == "finditer":
        for _ in action(text):
            pass
    else:
        action(text)
    return time.process_time() - start
