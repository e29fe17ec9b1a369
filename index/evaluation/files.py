"""Writing what an evaluation leaves behind."""

from __future__ import annotations

from pathlib import Path

from index.errors import JawabError


class OutputError(JawabError):
    """A file that an evaluation should leave cannot be written."""

    def __init__(
        self, path: Path, reason: str, way_out: str = "give a file in a folder that is there"
    ) -> None:
        super().__init__(f"{path} cannot be written ({reason}); {way_out}.")


def write_file(path: Path, text: str) -> None:
    """Write a UTF-8 file.

    Raises:
        OutputError: It cannot be written.
    """
    try:
        # A lone surrogate of a JSON file («\ud800») goes out as it came in.
        path.write_text(text, "utf-8", errors="backslashreplace", newline="\n")
    except OSError as error:
        raise OutputError(path, error.strerror or type(error).__name__) from error
