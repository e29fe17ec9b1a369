"""What can go wrong in the index, each said in one sentence that names the way out.

``str(error)`` is what a user is shown.
"""

from __future__ import annotations

from pathlib import Path


class JawabError(Exception):
    """Base of every error that this package raises on purpose."""


class DocumentsError(JawabError):
    """The documents cannot be read."""


class DocumentsNotFoundError(DocumentsError):
    """There is nothing at the given path."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"There is no file or folder at {path}; "
            "give an existing one with --docs or in JAWAB_DOCS."
        )


class DocumentsUnreadableError(DocumentsError):
    """The documents folder itself cannot be listed."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"The documents at {path} cannot be read ({reason}); check who may read it."
        )


class NoDocumentsError(DocumentsError):
    """Nothing under the given path holds text that could be indexed."""

    def __init__(self, path: Path, suffixes: tuple[str, ...], left_out: tuple[str, ...]) -> None:
        endings = " or ".join(suffixes)
        why = f" ({'; '.join(left_out)})" if left_out else ""
        super().__init__(
            f"{path} holds no document with text{why}; put {endings} files in it or give another "
            "folder with --docs or in JAWAB_DOCS."
        )


class FieldsError(JawabError):
    """The names given for the fields of archives cannot be used."""

    def __init__(self, given: str) -> None:
        super().__init__(
            f"{given!r} does not name a field of archives; write it as in "
            "title=headline,date=published_at,agency=source,text=body,url=link."
        )


class StoreError(JawabError):
    """The index on disk cannot be written."""

    def __init__(self, home: Path, reason: str, *, is_in_use: bool = False) -> None:
        way_out = (
            "try again when no other program uses it"
            if is_in_use
            else "free some space or set JAWAB_HOME to a folder that can be written"
        )
        super().__init__(f"The index cannot be written under {home} ({reason}); {way_out}.")


class DamagedIndexError(JawabError):
    """A file of the index on disk is missing or does not hold what it should."""


class ClosedIndexError(JawabError):
    """The index is asked after it was closed."""

    def __init__(self) -> None:
        super().__init__("The index is closed; open it again to ask it.")


class EngineError(JawabError):
    """There is no BM25 engine of a given name."""

    def __init__(self, given: str, engines: tuple[str, ...]) -> None:
        super().__init__(f"There is no engine {given!r}; use {', '.join(engines)}.")


class ClusterError(JawabError):
    """The search cluster cannot be used."""


class WorkerError(JawabError):
    """A process that did a part of the work has ended."""

    def __init__(self) -> None:
        super().__init__(
            "A process that was reading documents was ended, perhaps for want of memory; "
            "try again, and the building goes on where it stopped."
        )


class QuestionError(JawabError):
    """The question holds no word to look for."""

    def __init__(self) -> None:
        super().__init__("The question is empty; write a question with at least one word.")


class GoldError(JawabError):
    """A file of gold questions cannot be used."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"{path} is not a file of gold questions ({reason}); "
            "give JSON Lines with question and sentences, or SQuAD-format JSON."
        )
