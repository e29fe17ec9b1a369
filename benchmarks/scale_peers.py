"""The engines that Jawab is measured beside: bare tantivy, bm25s and plain rank-bm25.

Each is given the terms ready made, and each searches both sentences and passages. A function
``build_…`` writes an engine's indexes into a folder; one ``open_…`` returns what searches them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import bm25s
import numpy as np
import tantivy
from rank_bm25 import BM25Okapi

from benchmarks.scale_terms import PASSAGES, SENTENCES, UNITS, Asked, Terms
from index.engines.pair import PASSAGE_PARAMETERS, SENTENCE_PARAMETERS

WANTED = 50
"""What each search asks for."""

Search = Callable[[Asked], object]

_TERMS = "terms"
_PARAMETERS = {SENTENCES: SENTENCE_PARAMETERS, PASSAGES: PASSAGE_PARAMETERS}


def build_tantivy(terms: Path, folder: Path) -> None:
    """Build with tantivy's defaults, but for positions, which nothing asks for."""
    held = Terms(terms)
    builder = tantivy.SchemaBuilder()
    builder.add_text_field(_TERMS, tokenizer_name="whitespace", index_option="freq")
    schema = builder.build()
    for units in UNITS:
        (folder / units).mkdir(parents=True)
        index = tantivy.Index(schema, str(folder / units))
        writer = index.writer()
        for bag in held.bags(units):
            document = tantivy.Document()
            document.add_text(_TERMS, " ".join(map(held.vocabulary.__getitem__, bag)))
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()


def open_tantivy(folder: Path) -> Search:
    """Open what ``build_tantivy`` built; the query is made once for both searches."""
    indexes = [tantivy.Index.open(str(folder / units)) for units in UNITS]
    searchers = [index.searcher() for index in indexes]
    schema = indexes[0].schema

    def search(asked: Asked) -> object:
        clauses = [
            (
                tantivy.Occur.Should,
                tantivy.Query.boost_query(
                    tantivy.Query.term_query(schema, _TERMS, term, index_option="freq"), weight
                ),
            )
            for term, weight in asked.terms.items()
        ]
        wanted = tantivy.Query.boolean_query(clauses)
        # Counting all that match would keep it from skipping what cannot reach the top.
        return [searcher.search(wanted, WANTED, count=False).hits for searcher in searchers]

    return search


def build_bm25s(terms: Path, folder: Path) -> None:
    """Build with the idf of Lucene and our k1 and b."""
    held = Terms(terms)
    vocabulary = {term: number for number, term in enumerate(held.vocabulary)}
    for units in UNITS:
        parameters = _PARAMETERS[units]
        retriever = bm25s.BM25(k1=parameters.k1, b=parameters.b, method="lucene")
        retriever.index((list(held.bags(units)), vocabulary), show_progress=False)
        retriever.save(folder / units, show_progress=False)


def open_bm25s(folder: Path) -> Search:
    """Open what ``build_bm25s`` built, memory-mapped; bm25s knows no weights of query terms."""
    retrievers = [
        bm25s.BM25.load(folder / units, mmap=True, show_progress=False) for units in UNITS
    ]

    def search(asked: Asked) -> object:
        return [
            retriever.retrieve([list(asked.terms)], k=WANTED, show_progress=False)
            for retriever in retrievers
        ]

    return search


def open_rank_bm25(terms: Path) -> Search:
    """Build plain rank-bm25, which keeps nothing on disk."""
    held = Terms(terms)
    engines = []
    for units in UNITS:
        parameters = _PARAMETERS[units]
        bags = [list(map(held.vocabulary.__getitem__, bag)) for bag in held.bags(units)]
        engines.append(BM25Okapi(bags, k1=parameters.k1, b=parameters.b))
        del bags

    def search(asked: Asked) -> object:
        scores = [engine.get_scores(list(asked.terms)) for engine in engines]
        return [np.argpartition(-found, WANTED)[:WANTED] for found in scores]

    return search
