"""Writes the numbers of docs/ranking.md, which follows one question through everything.

    uv run python -m docs.ranking

What stands between ``<!-- made: NAME -->`` and ``<!-- end -->`` in the page is made by the function
of that name here, from ``seeds/`` as they are answered now; a test compares.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import isclose
from pathlib import Path

from index import Hit, Index
from index.arabic import GRAM_PREFIX, grams, stem, word_spans
from index.confidence import ANSWERED_FROM, INTERCEPT, WEIGHTS
from index.engines.base import BM25Parameters, lucene_idf
from index.engines.forward import ForwardIndex
from index.engines.pair import (
    PASSAGE_PARAMETERS,
    PASSAGES,
    SENTENCE_PARAMETERS,
    SENTENCES,
)
from index.evidence import FEATURES
from index.questions import read_question
from index.ranking import STEM_WEIGHT, make_query

QUESTION = "متى القمة المقبلة؟"
SHOWN = 3  # hits beside one another
HERE = Path(__file__).parent
PAGE = HERE / "ranking.md"

_MADE = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_TO_THE_RIGHT = "\u200f"  # keeps the boundary of a gram on its side


def main() -> None:
    """Write the numbers of the page anew."""
    written = PAGE.read_text("utf-8")
    with tempfile.TemporaryDirectory() as home, Index.open(HERE.parent / "seeds", home) as index:
        PAGE.write_text(remade(written, index), "utf-8")
    sys.stdout.write(f"{PAGE}\n")


def remade(page: str, index: Index) -> str:
    """Return the page with its made parts made anew."""
    parts = Example(index).parts()
    named = [name for _, name, _ in _MADE.findall(page)]
    if sorted(named) != sorted(parts):
        raise SystemExit(f"the page has {sorted(named)}, and made are {sorted(parts)}")
    return _MADE.sub(lambda part: f"{part[1]}{parts[part[2]]}\n{part[3]}", page)


class Units:
    """The sentences or the passages as BM25 sees them, and what it makes of one for a query."""

    def __init__(self, index: Index, kind: str, parameters: BM25Parameters) -> None:
        self._forward = ForwardIndex(index.connection, kind, parameters)
        self._rows = dict(self._forward.rows())
        self.size, self.mean = self._forward.size, self._forward.mean_length
        self.k1, self.b = parameters.k1, parameters.b

    def length(self, unit: int) -> int:
        """Return how many terms a unit has."""
        return len(self._rows[unit])

    def frequencies(self, terms: Iterable[str], unit: int) -> dict[str, tuple[int, int]]:
        """Return df, and how often it stands in a unit, of each term that stands there."""
        counted = Counter(self._rows[unit].tolist())
        known = self._forward.look_up(terms)
        return {term: (df, counted[n]) for term, (n, df) in known.items() if counted[n]}

    def saturated(self, frequency: int, unit: int) -> float:
        """Return what stands in BM25 for how often a term stands in a unit."""
        norm = self.k1 * (1 - self.b + self.b * self.length(unit) / self.mean)
        return frequency * (self.k1 + 1) / (frequency + norm)

    def parts(self, query: Mapping[str, float], unit: int) -> dict[str, float]:
        """Return what each term of a query gives a unit; their sum is its BM25."""
        return {
            term: query[term] * lucene_idf(self.size, df) * self.saturated(frequency, unit)
            for term, (df, frequency) in self.frequencies(query, unit).items()
        }


class Example:
    """The question, and what becomes of it at each step."""

    def __init__(self, index: Index) -> None:
        ranker = index.answerer.ranker
        self.question = read_question(QUESTION)
        self.expansions = ranker.lexicon.expand(self.question.words)
        self.query = make_query(self.question, self.expansions)
        self.ranked = ranker.rank(self.question)
        self.answer = index.ask(QUESTION, top=5)
        self.sizes = index.collection.sizes
        self.sentences = Units(index, SENTENCES, SENTENCE_PARAMETERS)
        self.passages = Units(index, PASSAGES, PASSAGE_PARAMETERS)
        self.candidates = tuple(map(len, ranker.engines.candidates(self.query.terms)))
        best = self.ranked[0]
        self.unit, self.passage = best.number, best.sentence.passage
        own = ranker.engines.sentences.scores([self.query.terms], [self.unit])[0][0]
        # The page must not tell another formula than the one that is used.
        self.own = self.sentences.parts(self.query.terms, self.unit)
        self.around = self.passages.parts(self.query.terms, self.passage)
        whole = best.features["passage_stems"] + best.features["passage_grams"]
        if not (isclose(sum(self.own.values()), own) and isclose(sum(self.around.values()), whole)):
            raise SystemExit("the BM25 of this page is not that of the index")

    def parts(self) -> dict[str, str]:
        """Return the made parts of the page by name."""
        made = (
            self.words,
            self.lexicon,
            self.one_term,
            self.bm25,
            self.chosen,
            self.covered,
            self.scores,
            self.short_answer,
            self.confidence,
        )
        return {one.__name__: one() for one in made}

    def words(self) -> str:
        """The words of the question and their terms."""
        rows = []
        for word, span in word_spans(QUESTION):
            shown = " ".join(_gram(gram) for gram in grams(word))
            about = "yes" if word in self.question.content else "no"
            rows.append((span.of(QUESTION), word, stem(word), shown, about))
        return table(("typed", "normalised", "stem", "4-grams", "what it is about"), rows)

    def lexicon(self) -> str:
        """What the lexicon adds to the question."""
        rows = []
        for expansion in self.expansions:
            word = " ".join(self.question.words[expansion.start : expansion.end])
            added = " · ".join(" ".join(phrase) for phrase in expansion.phrases)
            last = stem(expansion.phrases[0][0])
            weight = self.query.stems[last]
            weight -= STEM_WEIGHT * (last in map(stem, self.question.words))
            rows.append((word, added, f"{weight:.2f}"))
        return table(("word", "may also be", "weight of each"), rows)

    def one_term(self) -> str:
        """The score that one term gives the best sentence, step by step."""
        term = max(self.own, key=self.own.__getitem__)
        units, (df, frequency) = self.sentences, self.sentences.frequencies([term], self.unit)[term]
        idf = lucene_idf(units.size, df)
        length, saturated = units.length(self.unit), units.saturated(frequency, self.unit)
        share = length / units.mean
        factor = units.k1 * (1 - units.b + units.b * share)
        weight = self.query.terms[term]
        times = _times(df)
        return "\n".join(
            (
                f"Take the stem «{term}» in the sentence that will win:",
                "",
                f"- **How rare is it?** It stands in {df} of N = {units.size} sentences, so its idf"
                f" is ln(1 + ({units.size} − {df} + ½) / ({df} + ½)) = **{idf:.2f}**. A term in"
                f" half of them would have {lucene_idf(units.size, units.size // 2):.2f}.",
                f"- **How often does it stand here?** {_times(frequency)[0].upper()}"
                f"{_times(frequency)[1:]}.",
                f"- **How long is the sentence?** It has {length} terms where the mean is"
                f" {units.mean:.0f}, {share:.2f} times as many. With k1 = {units.k1} and"
                f" b = {units.b}, {times} counts as {frequency} · ({units.k1} + 1) /"
                f" ({frequency} + {factor:.2f}) = **{saturated:.2f}**.",
                f"- **How much does the question want it?** Its weight is **{weight:.2f}**:"
                f" {STEM_WEIGHT:.0f} as typed, and {weight - STEM_WEIGHT:.2f} from the lexicon.",
                "",
                f"The product, {weight:.2f} · {idf:.2f} · {saturated:.2f} ="
                f" **{self.own[term]:.2f}**, is what «{term}» gives this sentence.",
            )
        )

    def bm25(self) -> str:
        """What every term gives the best sentence and its passage."""
        rows = []
        for term in [*self.query.stems, *self.query.grams]:
            if term not in self.around:
                continue
            df, _ = self.sentences.frequencies([term], self.unit).get(term, (0, 0))
            around, _ = self.passages.frequencies([term], self.passage)[term]
            shown = _gram(term) if term.startswith(GRAM_PREFIX) else term
            own = self.own.get(term, 0.0)
            weight = f"{self.query.terms[term]:.2f}"
            rows.append(
                (shown, weight, str(df), f"{own:.2f}", str(around), f"{self.around[term]:.2f}")
            )
        sums = (f"{sum(self.own.values()):.2f}", f"{sum(self.around.values()):.2f}")
        rows.append(("**sum**", "", "", f"**{sums[0]}**", "", f"**{sums[1]}**"))
        head = ("term", "weight", "df of sentences", "sentence", "df of passages", "passage")
        return table(head, rows)

    def chosen(self) -> str:
        """How many candidates there are."""
        own, around = self.candidates
        return (
            f"Here {own} of {self.sizes.sentences} sentences and {around} of"
            f" {self.sizes.passages} passages hold any term of the question, so that"
            f" {len(self.ranked)} sentences are candidates."
        )

    def covered(self) -> str:
        """The coverage of the best sentences."""
        asked = self.answer.asked
        whole = sum(weight for _, weight in asked)
        rows = []
        for hit in self._hits():
            held = [f"{share:.1f}" for share in hit.held]
            pairs = zip(hit.held, asked, strict=True)
            sums = " + ".join(f"{share:.1f} · {weight:.2f}" for share, (_, weight) in pairs)
            result = f"({sums}) / {whole:.2f} = **{hit.features['coverage']:.2f}**"
            rows.append((str(hit.rank), *held, result))
        words = (f"{word} (idf {weight:.2f})" for word, weight in asked)
        return table(("sentence", *words, "coverage"), rows)

    def scores(self) -> str:
        """The features of the best sentences and their scores."""
        hits = self._hits()
        rows: list[tuple[str, ...]] = [
            (
                feature.meaning,
                f"{feature.weight:.3f}",
                *(f"{feature.weight * hit.features[feature.name]:.2f}" for hit in hits),
            )
            for feature in FEATURES
            if any(hit.features[feature.name] for hit in hits)
        ]
        rows.append(("**score**", "", *(f"**{hit.score:.2f}**" for hit in hits)))
        quoted = [f"{hit.rank}. «{hit.sentence}»" for hit in hits]
        head = ("evidence", "weight", *(f"sentence {hit.rank}" for hit in hits))
        return "\n".join((*quoted, "", table(head, rows)))

    def short_answer(self) -> str:
        """The short answers that are found in the best sentences."""
        rows = [(str(hit.rank), hit.short_text or "none") for hit in self._hits()]
        return table(("sentence", "short answer"), rows)

    def confidence(self) -> str:
        """What the confidence is made of."""
        meanings = {
            "covered": "coverage of the best sentence",
            "nameless": "a name of the question stands nowhere in its document",
            "margin": "its lead over the next sentence, 2 at most, times its coverage",
            "lacking": "no date where one is asked for (or number, or place)",
        }
        rows = [("to begin with", "", "", _signed(INTERCEPT, 2))]
        total = INTERCEPT
        for name, value in self.answer.reasons.items():
            total += WEIGHTS[name] * value
            part = _signed(WEIGHTS[name] * value, 2)
            rows.append((meanings[name], f"{value:.2f}", _signed(WEIGHTS[name], 3), part))
        rows.append(("**sum**", "", "", f"**{total:.2f}**"))
        verdict = "so the question is answered" if self.answer.answered else "so it is not answered"
        return "\n".join(
            (
                table(("reason", "value", "weight", "product"), rows),
                "",
                f"The chance is 1 / (1 + e^−{total:.2f}) = **{self.answer.confidence:.2f}**. From"
                f" {ANSWERED_FROM} on a question counts as answered, {verdict}.",
            )
        )

    def _hits(self) -> Sequence[Hit]:
        return self.answer.hits[:SHOWN]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; columns of numbers stand to the right."""
    kept = [tuple(row) for row in rows]
    numeric = [all(re.fullmatch(r"[*−\d.]*", row[n]) for row in kept) for n in range(len(head))]
    rule = tuple("---:" if one else "---" for one in numeric)
    return "\n".join(f"| {' | '.join(row)} |" for row in (tuple(head), rule, *kept))


def _gram(gram: str) -> str:
    return f"`{_TO_THE_RIGHT}{gram.removeprefix(GRAM_PREFIX)}{_TO_THE_RIGHT}`"


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _signed(value: float, places: int) -> str:
    return f"{value + 0.0:.{places}f}".replace("-", "−")  # and no zero below zero


if __name__ == "__main__":
    main()
