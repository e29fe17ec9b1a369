"""A copy of an index, to be changed."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from index.database import FILE_NAME

_SEGMENT_FILES = frozenset({".idx", ".pos", ".term", ".store", ".fast", ".fieldnorm", ".del"})


def copy_index(source: Path, target: Path) -> None:
    """Copy the index in one folder into another, which is not there yet.

    What is never changed again, the segments of tantivy, is linked where the file system can.

    Raises:
        OSError: It cannot be copied.
        sqlite3.Error: The database cannot be copied.
    """
    copying = target.with_name(f"{target.name}-copy")
    shutil.rmtree(copying, ignore_errors=True)
    copying.mkdir()
    try:
        for folder in sorted(path for path in source.iterdir() if path.is_dir()):
            (copying / folder.name).mkdir()
            for file in sorted(folder.iterdir()):
                if file.suffix in _SEGMENT_FILES:
                    _link(file, copying / folder.name / file.name)
                elif not file.name.endswith(".lock"):
                    shutil.copy2(file, copying / folder.name / file.name)
        _copy_database(source / FILE_NAME, copying / FILE_NAME)
        copying.rename(target)
    except BaseException:  # a full disk, perhaps
        shutil.rmtree(copying, ignore_errors=True)
        raise


def _link(file: Path, target: Path) -> None:
    with suppress(OSError):
        target.hardlink_to(file)
        return
    shutil.copy2(file, target)


def _copy_database(file: Path, target: Path) -> None:
    # Not a copy of the file: what was written last may stand beside it.
    with closing(sqlite3.connect(file)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)
