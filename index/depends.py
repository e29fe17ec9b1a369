"""What an index depends on besides the documents."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

from index.engines.pair import PASSAGE_PARAMETERS, SENTENCE_PARAMETERS
from index.morphology import Morphology
from index.reading import Reader
from index.version import VERSION

FORMAT = 2
"""Raised whenever an index written before could not be read, or would not be the same."""

_CODE = Path(__file__).parent
_ANALYSIS = (
    "analysis arabic dates documents furniture morphology places quantities ranking segments "
    "sentences signs"
).split()


def depends_on(reader: Reader, morphology: Morphology | None) -> list[Any]:
    """Return what an index depends on besides the documents.

    The code that cuts texts into sentences and terms is part of it: whoever changes that need not
    remember to raise a number.
    """
    parameters = [asdict(SENTENCE_PARAMETERS), asdict(PASSAGE_PARAMETERS)]
    analysis = hashlib.sha256()
    modules = [_CODE / f"{name}.py" for name in _ANALYSIS]
    for module in (*modules, *sorted((_CODE / "readers").glob("*.py"))):
        analysis.update(module.read_bytes())
    forms = morphology.name if morphology else None
    return [FORMAT, VERSION, analysis.hexdigest()[:16], parameters, asdict(reader.fields), forms]
