"""What went wrong is listed, and nothing else."""

from __future__ import annotations

from index.documents import make_document
from index.evaluation import Fault, GoldQuestion, Miss, Outcome, Response, misses
from index.segments import segment

FIRST, SECOND, THIRD = (
    "وصل بوتين إلى بيشكيك.",
    "واستقبله جاباروف في المطار.",
    "عقدت القمة في القصر.",
)
COLLECTION = segment([make_document("0.txt", f"{FIRST} {SECOND} {THIRD}")])

ANSWERABLE = GoldQuestion("من استقبله؟", frozenset({1, 2}), answerable=True, id="q1")
UNANSWERABLE = GoldQuestion("كيف الطقس؟", frozenset(), answerable=False, id="q2")


def found(question: GoldQuestion, response: Response) -> list[Miss]:
    return misses(COLLECTION, [Outcome(question, response)])


def test_nothing_went_wrong() -> None:
    assert not found(ANSWERABLE, Response([2, 0], answered=True))
    assert not found(UNANSWERABLE, Response([2, 0], answered=False))


def test_another_sentence_came_first() -> None:
    assert found(ANSWERABLE, Response([0, 2, 1], answered=True, confidence=0.6)) == [
        Miss("q1", "من استقبله؟", (Fault.NOT_FIRST,), 2, 0.6, first=FIRST, right=THIRD)
    ]


def test_the_right_sentence_did_not_come_at_all() -> None:
    assert found(ANSWERABLE, Response([0], answered=True)) == [
        Miss("q1", "من استقبله؟", (Fault.NOT_FIRST,), None, None, first=FIRST, right=SECOND)
    ]


def test_a_wrong_refusal() -> None:
    assert found(ANSWERABLE, Response([1], answered=False, confidence=0.1)) == [
        Miss("q1", "من استقبله؟", (Fault.REFUSED,), 1, 0.1, first=SECOND, right=SECOND)
    ]


def test_both_at_once_are_one_miss() -> None:
    both = (Fault.NOT_FIRST, Fault.REFUSED)

    assert found(ANSWERABLE, Response([], answered=False, confidence=0.0)) == [
        Miss("q1", "من استقبله؟", both, None, 0.0, first=None, right=SECOND)
    ]


def test_a_wrong_answer() -> None:
    assert found(UNANSWERABLE, Response([0], answered=True, confidence=0.8)) == [
        Miss("q2", "كيف الطقس؟", (Fault.ANSWERED,), None, 0.8, first=FIRST, right=None)
    ]


def test_an_answerable_question_whose_sentence_the_documents_do_not_hold() -> None:
    lost = GoldQuestion("متى؟", frozenset(), answerable=True, id="q3")

    assert found(lost, Response([0], answered=True)) == [
        Miss("q3", "متى؟", (Fault.NOT_FIRST,), None, None, first=FIRST, right=None)
    ]
