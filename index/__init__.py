"""Documents in, answers out: Arabic retrieval and answering.

>>> from index import open_index
>>> open_index(Path("seeds")).ask("متى القمة المقبلة؟").hits[0].sentence
"""

from index.errors import (
    ClusterError,
    DamagedIndexError,
    DocumentsError,
    GoldError,
    JawabError,
    QuestionError,
    StoreError,
)
from index.model import Answer, Document, Hit, Kind, Span
from index.opened import Index
from index.store import open_index

__all__ = [
    "Answer",
    "ClusterError",
    "DamagedIndexError",
    "Document",
    "DocumentsError",
    "GoldError",
    "Hit",
    "Index",
    "JawabError",
    "Kind",
    "QuestionError",
    "Span",
    "StoreError",
    "open_index",
]
