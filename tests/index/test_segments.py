"""Documents to passages and sentences."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.collection import Collection
from index.documents import make_document, read_documents
from index.segments import LONGEST_PARAGRAPH, segment
from tests.index.helpers import collection_of, documents_of, passages_of, sentences_of

LINE = "عقد الوفد اجتماعه رقم {} في موسكو."


def sizes(collection: Collection) -> list[int]:
    """Return how many sentences each passage has."""
    of = [sentence.passage for sentence in sentences_of(collection) if not sentence.label]
    return [of.count(passage) for passage in range(collection.sizes.passages)]


def paragraphs(*counts: int) -> str:
    """Return a text of paragraphs with these numbers of sentences."""
    return "\n".join(
        " ".join(LINE.format(f"{number}{item}") for item in range(count))
        for number, count in enumerate(counts)
    )


class TestPassages:
    def test_a_paragraph_is_a_passage(self) -> None:
        collection = collection_of(paragraphs(2, 4, 3))

        assert sizes(collection) == [2, 4, 3]
        assert [passage.text for passage in passages_of(collection)] == (
            paragraphs(2, 4, 3).split("\n")
        )

    @pytest.mark.parametrize("count", range(2, 30))
    def test_paragraphs_of_one_sentence_are_joined_to_windows_of_about_three(
        self, count: int
    ) -> None:
        found = sizes(collection_of(paragraphs(*[1] * count)))

        assert sum(found) == count
        assert set(found) <= {2, 3, 4}

    def test_one_sentence_alone_is_a_passage(self) -> None:
        assert sizes(collection_of(paragraphs(1))) == [1]

    def test_windows_stay_inside_their_document(self) -> None:
        collection = collection_of(paragraphs(1, 1), paragraphs(1, 1).replace("موسكو", "بيشكيك"))

        assert sizes(collection) == [2, 2]
        assert [passage.document for passage in passages_of(collection)] == [0, 1]

    @pytest.mark.parametrize("count", range(LONGEST_PARAGRAPH + 1, 60, 7))
    def test_a_long_paragraph_is_cut(self, count: int) -> None:
        found = sizes(collection_of(paragraphs(count)))

        assert sum(found) == count
        assert len(found) > 1
        assert min(found) >= LONGEST_PARAGRAPH // 3
        assert max(found) <= LONGEST_PARAGRAPH

    def test_a_paragraph_that_is_not_long_is_whole(self) -> None:
        assert sizes(collection_of(paragraphs(LONGEST_PARAGRAPH))) == [LONGEST_PARAGRAPH]

    def test_single_sentences_between_paragraphs_are_a_window_of_their_own(self) -> None:
        assert sizes(collection_of(paragraphs(4, 1, 1, 1, 4))) == [4, 3, 4]

    def test_lines_without_words_are_no_sentences(self) -> None:
        assert sizes(collection_of(f"{paragraphs(2)}\n* * *\n...\n{paragraphs(3)}")) == [2, 3]


class TestOrder:
    TEXT = f"{paragraphs(3, 1, 1, 1, 1, 12, 1)}\n\n{paragraphs(2, 1)}"

    def test_sentences_and_passages_are_in_reading_order(self) -> None:
        collection = collection_of(self.TEXT, self.TEXT + " وانتهى.")

        places = [(s.document, s.passage, s.span.start) for s in sentences_of(collection)]
        assert places == sorted(places)
        starts = [(p.document, p.span.start) for p in passages_of(collection)]
        assert starts == sorted(starts)

    def test_every_sentence_lies_in_its_passage(self) -> None:
        collection = collection_of(self.TEXT)

        for number, sentence in enumerate(sentences_of(collection)):
            [passage] = collection.passages([sentence.passage])
            assert number in passage.sentences
            assert passage.document == sentence.document
            assert passage.span.start <= sentence.span.start
            assert sentence.span.end <= passage.span.end

    def test_nothing_is_lost(self) -> None:
        collection = collection_of(self.TEXT)

        shown = [sentence.text for sentence in sentences_of(collection)]
        assert " ".join(shown).split() == self.TEXT.split()


class TestPublished:
    TEXT = f"التاريخ : 27/11/2025\nموسكو - 27 -11 - (كونا) -- {paragraphs(2)}\n{paragraphs(3)}"

    def test_the_publication_date_is_a_sentence_of_its_own(self) -> None:
        collection = collection_of(self.TEXT)

        labelled = [sentence for sentence in sentences_of(collection) if sentence.label]
        assert [sentence.text for sentence in labelled] == ["27/11/2025"]
        assert labelled[0].passage == 0
        assert {"تاريخ", "الخبر", "كونا"} <= set(labelled[0].label.split())

    def test_it_is_no_part_of_the_passage_it_is_filed_under(self) -> None:
        collection = collection_of(self.TEXT)

        assert "27/11/2025" not in passages_of(collection)[0].text

    def test_a_document_without_a_whole_date_has_none(self) -> None:
        collection = collection_of(f"موسكو - 27 -11 - (كونا) -- {paragraphs(2)}")

        assert not [sentence for sentence in sentences_of(collection) if sentence.label]


def test_the_labelled_sentence_of_a_document_stands_in_its_own_first_passage() -> None:
    collection = collection_of(paragraphs(2, 2), TestPublished.TEXT)

    (labelled,) = [sentence for sentence in sentences_of(collection) if sentence.label]
    assert labelled.document == 1
    assert labelled.passage == 2


@pytest.mark.parametrize("text", ["", "...", "التاريخ : 27/11/2025"])
def test_a_document_without_sentences_has_no_passages(text: str) -> None:
    document = make_document("a.txt", text)

    collection = segment([document])

    assert documents_of(collection) == [document]
    assert collection.sizes == (1, 0, 0)


def test_the_seeds(seeds: Path) -> None:
    collection = segment(read_documents(seeds).documents)

    # The first article has a sentence a paragraph; the second has paragraphs of one to three.
    first, second = (
        [
            size
            for size, passage in zip(sizes(collection), passages_of(collection), strict=True)
            if passage.document == document
        ]
        for document in (0, 1)
    )
    assert sum(first) == 20
    assert set(first) <= {2, 3, 4}
    assert sum(second) == 13
    assert set(second) <= {1, 2, 3, 4}
