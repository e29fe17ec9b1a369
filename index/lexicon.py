"""Words that may stand for words of a question: dialect, synonyms, names, capitals.

The built-in words are in ``lexicon.tsv``, which says its format; a user's own file adds to them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import contains
from pathlib import Path

from index.arabic import normalise, stem, words
from index.errors import JawabError

_BUILT_IN = Path(__file__).with_name("lexicon.tsv")
_ONE_WAY = "dialect"
_NAMING = frozenset({"name", "capital"})
_RELATIONS = (_ONE_WAY, "same", "name", "capital")
_COLUMNS = 3

_ARTICLE = "ال"
_CONJUNCTIONS = "وف"
_PREPOSITIONS = "بكل"
# «سيزور» and its dialect forms «هيزور», «حيزور», «غيزور»: the future mark and the person's.
_FUTURE = "سهحغ"
_PERSONS = "يت"
# What is left of a word must be a word: «بلد» is not «ب» and «لد»; more must be left where an
# ending is as often a part of the word.
_SHORTEST = 3
_SAFE = 4
# Words that begin or end with letters of their own where a clitic or an ending of a word of the
# lexicon could be seen.
_WHOLE = frozenset(
    normalise(
        """
        اقرأ بابل بابلو باقر بايد بداء بدوره بدورها بدورهم بستاني بشري بشرية بطارية بعده بعدها
        بعدهم بنما بوسع بيانو بيبي بيتهم بيجو بيري تمنى حياتي رأيت طالبان عمرو غيري فاجأ فاجر فاصل
        فايد فجوة فداء فرجة فضلت فضلوا فطور فلما فنية فوائد فيصل كامل كاملا كاملة كامن كاميرا
        كاميرات كاميرون كايد كبده كريس كساب كسول كشاف كلاوس كلفت كمية كنية كورا كيري لغزا مجريات
        مهما ميرزا نموت وابل وجدي وجوه وحوش وحيدين وفاق وفيات ولدوا يقرأ
        """
    ).split()
)
# Endings of inflection, what must be left before each, and what the word has in its place.
_ENDINGS = tuple(
    (ending, least, instead)
    for endings, least, instead in (
        ("ته تها تهم تهما ات اته اتها اتهم", _SHORTEST, "ه"),
        ("ات اته اتها اتهم ه ان ين ون", _SAFE, ""),
        ("ا ت ها هم هما و وا وه وها", _SHORTEST, ""),
    )
    for ending in endings.split()
)
_LAST_LETTERS = frozenset(ending[-1] for ending, _, _ in _ENDINGS)


_Phrase = tuple[str, ...]


class LexiconError(JawabError):
    """A lexicon file cannot be used."""

    def __init__(self, path: Path, line: int | None, reason: str, way_out: str) -> None:
        where = f"Line {line} of the lexicon {path}" if line else f"The lexicon {path}"
        super().__init__(f"{where} cannot be used ({reason}); {way_out}.")


@dataclass(frozen=True, slots=True)
class Expansion:
    """Words of a question that the lexicon knows.

    Attributes:
        start: Position of the first of them in the question.
        end: Position behind the last one.
        phrases: What may stand for ``words[start:end]``, each as normalised words.
    """

    start: int
    end: int
    phrases: tuple[_Phrase, ...]


class Lexicon:
    """Phrases and what may stand for them; ``load`` makes one."""

    def __init__(self) -> None:
        self._alternatives: dict[_Phrase, list[list[_Phrase]]] = {}
        # The phrases of two words and more that begin with a word.
        self._longer: dict[str, list[_Phrase]] = {}
        self._words: set[str] = set()
        # Those of them that may carry an ending: a word of a dialect is written as it is.
        self._inflected: set[str] = set()
        # Those that name a person, a place or an organisation by themselves.
        self._names: set[str] = set()

    @classmethod
    def load(cls, extra: Path | None = None) -> Lexicon:
        """Read the built-in words and then those of the user's own file.

        Args:
            extra: A file in the format of ``lexicon.tsv``, or None.

        Raises:
            LexiconError: A file cannot be read, is not UTF-8 or has a wrong line.
        """
        lexicon = cls()
        for path in (_BUILT_IN, extra):
            if path is not None:
                for relation, phrases, alternatives in _read_rows(path):
                    lexicon._add(relation, phrases, alternatives)
        return lexicon

    def _add(self, relation: str, phrases: list[_Phrase], alternatives: list[_Phrase]) -> None:
        known = set(chain.from_iterable(phrases))
        if relation != _ONE_WAY:
            phrases = alternatives = phrases + alternatives
            known.update(chain.from_iterable(alternatives))
            self._inflected |= known
        self._words |= known
        if relation in _NAMING:
            self._names.update(phrase[0] for phrase in phrases if len(phrase) == 1)
        for phrase in phrases:
            rows = self._alternatives.get(phrase)
            if rows is None:
                self._alternatives[phrase] = [alternatives]
                if len(phrase) > 1:
                    self._longer.setdefault(phrase[0], []).append(phrase)
            else:
                rows.append(alternatives)

    def expand(self, words: Sequence[str]) -> list[Expansion]:
        """Find the phrases of a question that the lexicon knows, longest first.

        Args:
            words: All normalised words of the question, in order.

        Returns:
            The expansions in the order of the question; no word is in two of them.
        """
        readings = [self._readings(word) for word in words]
        matches = []
        for start, likely in enumerate(readings):
            for first in likely:
                phrases = [(first,)] if (first,) in self._alternatives else []
                for phrase in chain(phrases, self._longer.get(first, ())):
                    end = start + len(phrase)
                    if end <= len(words) and all(map(contains, readings[start:end], phrase)):
                        likelihood = tuple(map(list.index, readings[start:end], phrase))
                        matches.append((start - end, start, likelihood, phrase))
        expansions: list[Expansion] = []
        free = [True] * len(words)
        for _, start, _, phrase in sorted(matches):
            end = start + len(phrase)
            if all(free[start:end]):
                offered = self._offered(words[start:end], phrase)
                if offered:
                    expansions.append(Expansion(start, end, offered))
                    free[start:end] = [False] * len(phrase)
        return sorted(expansions, key=lambda expansion: expansion.start)

    def is_name(self, word: str) -> bool:
        """Tell whether a normalised word names a person, a place or an organisation."""
        return any(reading in self._names for reading in self._readings(word))

    def _offered(self, found: Sequence[str], phrase: _Phrase) -> tuple[_Phrase, ...]:
        """Return what may stand for ``found``, which the lexicon knows as ``phrase``."""
        # A phrase of the same stems would find nothing more than the question itself does.
        seen = {_stems(found), _stems(phrase)}
        offered = []
        for alternative in chain.from_iterable(self._alternatives[phrase]):
            stems = _stems(alternative)
            if stems not in seen:
                seen.add(stems)
                offered.append(alternative)
        return tuple(offered)

    def _readings(self, word: str) -> list[str]:
        """Return the words of the lexicon that a word of a question may be, likeliest first."""
        forms = _without_clitics(word)
        readings = [form for form in forms if form in self._words]
        # «تزور» is the «يزور» of a feminine; «التزام» is no verb.
        if not any(form.startswith(_ARTICLE) for form in forms):
            readings += [
                third
                for form in forms
                if form.startswith("ت") and (third := "ي" + form[1:]) in self._words
            ]
        readings += [
            left
            for form in forms
            if form not in _WHOLE
            for left in _without_ending(form)
            if left in self._inflected
        ]
        return readings


def _stems(phrase: Sequence[str]) -> _Phrase:
    return tuple(map(stem, phrase))


def _without_clitics(word: str) -> list[str]:
    """Return ``word`` and what is left of it without clitics."""
    rests = [word]
    for clitics in (_CONJUNCTIONS, _PREPOSITIONS):
        rest = rests[-1]
        if len(rest) > _SHORTEST and rest[0] in clitics and rest not in _WHOLE:
            rests.append(rest[1:])
    forms = list(rests)
    for rest in rests:
        # «لل» and «هال» hold the article too.
        if rest.startswith((_ARTICLE, "لل", "ه" + _ARTICLE)):
            bare = rest[3:] if rest[0] == "ه" else rest[2:]
            if len(bare) >= _SHORTEST:
                forms += [_ARTICLE + bare, bare]
        elif (
            len(rest) > _SHORTEST
            and rest[0] in _FUTURE
            and rest[1] in _PERSONS
            and rest not in _WHOLE
        ):
            forms.append(rest[1:])
    return forms


def _without_ending(word: str) -> list[str]:
    """Return what ``word`` may be without its ending; ي and ية make another word and stay."""
    left: list[str] = []
    if word[-1:] not in _LAST_LETTERS:
        return left
    for ending, least, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= least:
            bare = word[: -len(ending)]
            # With ه, nouns like «رياض» and «كتاب» are other nouns: «رياضة», «كتابة»; and the ت
            # of «نبات» is not that of a verb.
            if not (
                (ending == "ه" and re.fullmatch(r"(?:ال)?..ا.", bare))
                or (ending == "ت" and bare.endswith("ا"))
            ):
                left.append(bare + instead)
    return left


def _read_rows(path: Path) -> Iterator[tuple[str, list[_Phrase], list[_Phrase]]]:
    """Yield the relation, the phrases and what may stand for them of each row."""
    for number, line in enumerate(_normalised(_read(path)).split("\n"), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        columns = line.split("\t")
        if len(columns) != _COLUMNS:
            raise _row_error(path, number, f"it has {len(columns)} columns, not {_COLUMNS}")
        relation = columns[0].strip()
        if relation not in _RELATIONS:
            raise _row_error(path, number, f"“{relation}” is no relation")
        phrases, alternatives = map(_phrases, columns[1:])
        if not all(phrases) or not all(alternatives):
            raise _row_error(path, number, "a phrase has no word")
        yield relation, phrases, alternatives


def _row_error(path: Path, line: int, reason: str) -> LexiconError:
    way_out = (
        f"write a relation ({', '.join(_RELATIONS)}), a phrase and what may stand for it, with a "
        "tab between them"
    )
    return LexiconError(path, line, reason, way_out)


def _read(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise LexiconError(
            path, None, error.strerror or "it cannot be read", "check its name and who may read it"
        ) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise LexiconError(path, line, "it is not UTF-8", "save the file as UTF-8") from error


def _normalised(text: str) -> str:
    """Return what ``normalise`` gives, in a tenth of the time: one replacement a character."""
    for character in set(text):
        folded = normalise(character)
        if folded != character:
            text = text.replace(character, folded)
    return text


def _phrases(column: str) -> list[_Phrase]:
    # A word that is letters and digits only is what ``words`` makes of it.
    plain = "".join(column.replace("|", " ").split()).isalnum()
    return [tuple(part.split() if plain else words(part)) for part in column.split("|")]
