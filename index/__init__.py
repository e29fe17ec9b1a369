"""Documents in, answers out: Arabic retrieval and answering.

>>> from index import Index
>>> with Index.open("seeds") as index:
...     index.ask("متى القمة المقبلة؟").short_text
'11 نوفمبر 2026'

``docs/python-api.md`` shows the rest. What is not imported here may change from one version to the
next.
"""

from index.api import Index
from index.errors import (
    ClosedIndexError,
    ClusterError,
    DamagedIndexError,
    DocumentsError,
    DocumentsNotFoundError,
    DocumentsUnreadableError,
    EngineError,
    FieldsError,
    GoldError,
    JawabError,
    NoDocumentsError,
    QuestionError,
    StoreError,
    WorkerError,
)
from index.lexicon import LexiconError
from index.model import Answer, Document, Hit, Kind, Relation, Resolved, Source, Span
from index.morphology import MorphologyError
from index.readers import Fields, Skipped

__all__ = [
    "Answer",
    "ClosedIndexError",
    "ClusterError",
    "DamagedIndexError",
    "Document",
    "DocumentsError",
    "DocumentsNotFoundError",
    "DocumentsUnreadableError",
    "EngineError",
    "Fields",
    "FieldsError",
    "GoldError",
    "Hit",
    "Index",
    "JawabError",
    "Kind",
    "LexiconError",
    "MorphologyError",
    "NoDocumentsError",
    "QuestionError",
    "Relation",
    "Resolved",
    "Skipped",
    "Source",
    "Span",
    "StoreError",
    "WorkerError",
]
