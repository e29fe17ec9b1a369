"""Why an answer came out as it did, for `jawab ask --explain`."""

from __future__ import annotations

from index.confidence import ANSWERED_FROM, INTERCEPT, WEIGHTS
from index.evidence import FEATURES
from index.model import Answer, Hit

_REASONS = {
    "covered": "share of the question that the best sentence holds",
    "nameless": "a name of the question stands nowhere in its document",
    "margin": "lead over the next sentence, times that share",
    "lacking": "what the question asks for was not found",
}


def explanation_lines(answer: Answer) -> list[str]:
    """Return what matched in each hit, each feature's share of its score, and the confidence.

    Arabic words end their lines, so that they reorder nothing.
    """
    lines = [f"kind: {answer.kind}"]
    for hit in answer.hits:
        lines += ["", f"{hit.rank}. score {hit.score:.2f}", *_matched(answer, hit), *_shares(hit)]
    lines += ["", *_confidence(answer)]
    return lines


def _matched(answer: Answer, hit: Hit) -> list[str]:
    return [
        f"   held {share:4.0%}   idf {weight:5.2f}   {word}"
        for (word, weight), share in zip(answer.asked, hit.held, strict=True)
    ]


def _shares(hit: Hit) -> list[str]:
    return [
        f"   {feature.weight * hit.features[feature.name]:+6.2f} = "
        f"{feature.weight:+.3f} x {hit.features[feature.name]:6.2f}   {feature.meaning}"
        for feature in FEATURES
        if hit.features[feature.name]
    ]


def _confidence(answer: Answer) -> list[str]:
    verdict = "answered" if answer.answered else "not answered"
    return [
        f"confidence {answer.confidence:.2f}, {verdict} (from {ANSWERED_FROM:.2f}):",
        *(
            f"   {WEIGHTS[name] * value:+6.2f} = {WEIGHTS[name]:+.3f} x {value:6.2f}   "
            f"{_REASONS[name]}"
            for name, value in answer.reasons.items()
        ),
        f"   {INTERCEPT:+6.2f}   to begin with",
    ]
