"""The seal of an index that is never written to: what must be in its files."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from index.durable import HALF, write_durably
from index.errors import DamagedIndexError

_SEAL = "seal.json"


def seal(folder: Path) -> None:
    """Note what is in every file of an index that nobody will write to again."""
    write_durably(folder / _SEAL, json.dumps(_digests(folder), indent=1).encode("utf-8"))


def is_sealed(folder: Path) -> bool:
    """Tell whether an index has a seal."""
    return (folder / _SEAL).exists()


def check_seal(folder: Path) -> None:
    """Check that every file of a sealed index is as it was.

    Raises:
        DamagedIndexError: One is not.
    """
    try:
        is_whole = json.loads((folder / _SEAL).read_text("utf-8")) == _digests(folder)
    except (OSError, ValueError) as error:
        raise DamagedIndexError(f"{folder.name} cannot be read: {error}") from error
    if not is_whole:
        raise DamagedIndexError(f"{folder.name} does not match its seal")


def _digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != _SEAL and not path.name.endswith((".lock", HALF))
    }
