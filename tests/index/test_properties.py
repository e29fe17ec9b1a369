"""What holds of every text."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from index import QuestionError
from index.arabic import (
    affinity,
    normalise,
    normalise_aligned,
    original_span,
    terms,
    word_spans,
    words,
)
from index.dates import find_dates, parse_date
from index.documents import decode, make_document
from index.model import Document, Span
from index.quantities import find_quantities
from index.questions import read_question
from index.segments import segment
from index.sentences import LONGEST, split_lines, split_sentences
from tests.index.helpers import (
    answerer_of,
    collection_of,
    documents_of,
    passages_of,
    sentences_of,
)

PIECES = st.sampled_from(
    [
        *"متى من ما كم أين هل القمة قمة موسكو بوتين المنظمة وأضاف قال إن في عام يوم الخميس".split(),
        *"نوفمبر تشرين رمضان المقبل 2026 11 ٢٧ ۲۷ 3.5 27/11/2025 25-27 عشرة آلاف مليون".split(),
        *"كونا (كونا) وكالات (النهاية) دان ط م ا د. أ.د. ج. هـ. ق.م. # - 1. --- ```".split(),
        *'. ، : ؛ ؟ ! … ... " “ ” « » ( ) [ ] / -- – ٪ %'.split(),
        *("مُعَاهَدَةٌ", "موســكو", "ـــ", "ﷺ", "ﻻ", "\u200f", "\ufeff", "😀", "NATO", "ß", "İ", "\0"),
        *(" ", "  ", "\n", "\n\n", "\r\n", "\t", "\u00a0", "\u2028", "\x85", "\ud800"),
    ]
)
WIRES = st.lists(PIECES, max_size=60).flatmap(
    lambda pieces: st.sampled_from([" ".join(pieces), "".join(pieces)])
)
ANYTHING = st.text(st.characters(), max_size=200)
TEXTS = ANYTHING | WIRES
PATHS = st.sampled_from(["a.txt", "a.md", "خبر"])

few = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
some = settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])


def assert_in_order(spans: Sequence[Span], text: str) -> None:
    """Check that spans are not empty, lie in ``text``, come in order and do not overlap."""
    end = 0
    for span in spans:
        assert end <= span.start < span.end <= len(text)
        end = span.end


def assert_covered(text: str, whole: Span, parts: list[Span]) -> None:
    """Check that no letter or digit of ``whole`` is outside ``parts``."""
    inside = {offset for part in parts for offset in range(part.start, part.end)}
    for offset in range(whole.start, whole.end):
        assert offset in inside or not words(text[offset])


class TestWords:
    @some
    @given(TEXTS)
    def test_aligned_agrees_with_normalise(self, text: str) -> None:
        normalised, offsets = normalise_aligned(text)

        assert len(offsets) == len(normalised) + 1
        assert list(offsets) == sorted(offsets)
        assert [word for word, _ in word_spans(text)] == words(text)

    @some
    @given(TEXTS)
    def test_word_spans_hold_their_words(self, text: str) -> None:
        for word, span in word_spans(text):
            assert 0 <= span.start < span.end <= len(text)
            assert word in normalise(span.of(text))

    @some
    @given(TEXTS, st.data())
    def test_an_original_span_holds_what_it_came_from(self, text: str, data: st.DataObject) -> None:
        normalised, offsets = normalise_aligned(text)
        if not normalised:
            return
        start = data.draw(st.integers(0, len(normalised) - 1))
        end = data.draw(st.integers(start + 1, len(normalised)))

        span = original_span(offsets, start, end)

        assert 0 <= span.start < span.end <= len(text)
        assert normalised[start:end] in normalise_aligned(span.of(text))[0]

    @some
    @given(TEXTS)
    @example("№ 5")
    def test_normalising_twice_changes_nothing(self, text: str) -> None:
        assert words(normalise(text)) == words(text)

    @some
    @given(TEXTS, TEXTS)
    def test_terms_of_two_texts_are_those_of_each(self, one: str, other: str) -> None:
        assert terms(f"{one} \n {other}") == terms(one) + terms(other)

    @some
    @given(st.lists(PIECES.map(normalise).filter(str.isalnum), min_size=2, max_size=2))
    def test_affinity_is_a_share_and_symmetric(self, pair: list[str]) -> None:
        one, other = pair

        assert 0 <= affinity(one, other) <= 1
        assert affinity(one, other) == affinity(other, one)
        assert affinity(one, one) == 1


SEATS = ["اأإآٱ", "وؤ", "يئى", "ةه", *(f"{n}{chr(0x660 + n)}{chr(0x6F0 + n)}" for n in range(10))]
VARIANTS = {character: seat for seat in SEATS for character in seat}
LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهويءةىأإآؤئ"
MARKS = "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0670"
ARABIC = st.text(
    st.sampled_from(LETTERS * 3 + "0123456789٠١٢٣٤٥٦٧٨٩" + "  .،؟-"), max_size=60
) | st.sampled_from(
    [
        "أعلن رئيس الدولة أن القمة المقبلة ستعقد في 11 نوفمبر 2026",
        "وأشار إلى مسؤولية المؤسسات، والهيئات، والمستشفى الكبرى",
        "ما هي آليات الحد من التسلح؟",
    ]
)


@st.composite
def respelled(draw: st.DrawFn) -> tuple[str, str]:
    """A text, and the same text in another spelling."""
    text = draw(ARABIC)
    other = []
    for character in text:
        other.append(draw(st.sampled_from(VARIANTS.get(character, character))))
        if character in LETTERS:
            other.append(draw(st.text(st.sampled_from(MARKS + "ـ"), max_size=2)))
    return text, "".join(other)


class TestSpelling:
    @some
    @given(respelled())
    @example(("أحمد إلى قمة ١٢", "احمد الي قمه 12"))
    def test_terms_are_the_same_in_every_spelling(self, pair: tuple[str, str]) -> None:
        one, other = pair

        assert terms(one) == terms(other)

    @few
    @given(respelled())
    def test_questions_are_the_same_in_every_spelling(self, pair: tuple[str, str]) -> None:
        one, other = (read_question(text) for text in pair)

        assert (one.kind, one.words, one.content) == (other.kind, other.words, other.content)

    @few
    @given(respelled())
    def test_dates_and_quantities_are_the_same_in_every_spelling(
        self, pair: tuple[str, str]
    ) -> None:
        one, other = pair

        for find in (lambda text: [date.span for date in find_dates(text)], find_quantities):
            assert [words(span.of(one)) for span in find(one)] == [
                words(span.of(other)) for span in find(other)
            ]


class TestSentences:
    @some
    @given(TEXTS)
    @example("ـــــ")
    def test_sentences_are_trimmed_slices_in_order(self, text: str) -> None:
        lines = list(split_lines(text, Span(0, len(text))))
        assert_in_order(lines, text)
        for line in lines:
            sentences = split_sentences(text, line)
            assert_in_order(sentences, text)
            assert_covered(text, line, sentences)
            for sentence in sentences:
                assert line.start <= sentence.start
                assert sentence.end <= line.end
                assert sentence.of(text) == sentence.of(text).strip()
                assert len(sentence) <= LONGEST
                assert len(sentence.of(text).splitlines()) == 1
                assert words(sentence.of(text))

    @few
    @given(WIRES, st.integers(2, 40))
    def test_long_texts_too(self, text: str, times: int) -> None:
        longer = text.replace("\n", " ") * times
        for line in split_lines(longer, Span(0, len(longer))):
            sentences = split_sentences(longer, line)
            assert_in_order(sentences, longer)
            assert_covered(longer, line, sentences)
            assert all(len(sentence) <= LONGEST for sentence in sentences)


class TestSpans:
    @some
    @given(TEXTS)
    def test_dates_are_slices_in_order(self, text: str) -> None:
        assert_in_order([date.span for date in find_dates(text)], text)
        parse_date(text)

    @some
    @given(TEXTS)
    @example("¼ الدول")
    def test_quantities_are_slices_in_order(self, text: str) -> None:
        spans = find_quantities(text)

        assert_in_order(spans, text)
        assert all(words(span.of(text)) for span in spans)


class TestDocuments:
    @some
    @given(st.binary(max_size=300))
    def test_any_bytes_are_text_or_not(self, data: bytes) -> None:
        text = decode(data)

        assert text is None or isinstance(text, str)

    @some
    @given(st.text(st.characters(codec="utf-8", exclude_characters="\0\ufffd\ufeff"), max_size=200))
    def test_utf_8_is_always_known(self, text: str) -> None:
        assert decode(text.encode()) == text
        assert decode(b"\xef\xbb\xbf" + text.encode()) == text

    @some
    @given(PATHS, TEXTS)
    def test_a_document_is_made_of_its_text(self, path: str, text: str) -> None:
        document = make_document(path, text)

        assert document.text == text
        assert len(document.title) <= 81
        assert_in_order(list(document.body), text)
        if document.published_span is not None:
            assert parse_date(document.published_span.of(text)) == document.published
        assert (document.published is None) == (document.published_span is None)

    @some
    @given(st.lists(st.tuples(PATHS, TEXTS), max_size=4))
    def test_a_collection_is_in_reading_order(self, files: list[tuple[str, str]]) -> None:
        documents = [make_document(path, text) for path, text in files]

        collection = segment(documents)

        assert documents_of(collection) == documents
        for number, document in enumerate(documents):
            self.assert_segmented(document, number, files)
        passages = passages_of(collection)
        for at, sentence in enumerate(sentences_of(collection)):
            passage = passages[sentence.passage]
            assert at in passage.sentences
            assert passage.document == sentence.document
            if not sentence.label:
                assert passage.span.start <= sentence.span.start
                assert sentence.span.end <= passage.span.end
        used = [sentence.passage for sentence in sentences_of(collection)]
        assert used == sorted(used)
        assert set(used) == set(range(collection.sizes.passages))

    @staticmethod
    def assert_segmented(document: Document, number: int, files: list[tuple[str, str]]) -> None:
        collection = segment(make_document(path, text) for path, text in files)
        sentences = [
            sentence.span
            for sentence in sentences_of(collection)
            if sentence.document == number and not sentence.label
        ]
        passages = [p.span for p in passages_of(collection) if p.document == number]
        assert_in_order(sentences, document.text)
        assert_in_order(passages, document.text)
        for paragraph in document.body:
            assert_covered(document.text, paragraph, sentences)


class TestAnswers:
    @some
    @given(TEXTS)
    def test_any_question_is_read(self, text: str) -> None:
        question = read_question(text)

        assert question.words == tuple(words(text))
        assert set(question.content) <= set(question.words)
        assert len(set(question.content)) == len(question.content)

    @some
    @given(st.lists(TEXTS, max_size=4), TEXTS, st.integers(1, 6))
    def test_any_question_is_answered_from_any_documents(
        self, texts: list[str], question: str, top: int
    ) -> None:
        collection = collection_of(*texts)
        answerer = answerer_of(collection)

        try:
            answer = answerer.ask(question, top)
        except QuestionError:
            assert not words(question)
            return

        assert words(question)
        assert 0 <= answer.confidence <= 1 + 1e-9
        assert len(answer.hits) <= top
        assert [hit.rank for hit in answer.hits] == list(range(1, len(answer.hits) + 1))
        scores = [hit.score for hit in answer.hits]
        assert scores == sorted(scores, reverse=True)
        for hit in answer.hits:
            number = collection.find_path(hit.document.path)
            assert number is not None
            assert hit.span.of(collection.document(number).text) == hit.sentence
            if hit.short_answer is not None:
                assert 0 <= hit.short_answer.start < hit.short_answer.end <= len(hit.sentence)

    @few
    @given(TEXTS.filter(words))
    def test_a_sentence_asked_for_word_by_word_is_found(self, text: str) -> None:
        collection = collection_of(text)
        for sentence in sentences_of(collection)[:3]:
            asked = sentence.text
            answer = answerer_of(collection).ask(asked, 50)

            assert asked in [hit.sentence for hit in answer.hits]
