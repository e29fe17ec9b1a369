"""The settings of ``.env``, put into the environment, which has the last word.

What came from the file is known apart, so that it can be read again while the bot runs: its old
values would otherwise pass for the environment's own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import JawabError

ENV_FILE = Path(".env")

_from_file: dict[str, str] = {}


class EnvFileError(JawabError):
    """``.env`` cannot be read; ``str`` says why and what to do."""


def load_env_file() -> None:
    """Put the settings of ``.env`` into the environment, in the place of those it had before.

    Raises:
        EnvFileError: It cannot be read; the environment is as it was.
    """
    before = dict(_from_file)
    _take_back()
    try:
        read = read_env_file()
    except EnvFileError:
        _put(before)
        raise
    # One that is empty is none, here as everywhere else.
    _put({name: value for name, value in read.items() if not os.environ.get(name)})


@contextmanager
def env_file_read_again() -> Iterator[None]:
    """Load ``.env`` again; where what follows fails, the environment becomes what it was.

    Raises:
        EnvFileError: It cannot be read.
    """
    before = dict(_from_file)
    load_env_file()
    try:
        yield
    except BaseException:
        _take_back()
        _put(before)
        raise


def read_env_file() -> dict[str, str]:
    """Return what ``.env`` sets; nothing where there is no such file.

    Raises:
        EnvFileError: It cannot be read.
    """
    try:
        if not ENV_FILE.is_file():
            return {}
        from dotenv.main import DotEnv  # noqa: PLC0415 - for those who have such a file

        found = DotEnv(ENV_FILE, encoding="utf-8-sig", override=False).dict()
    except OSError as error:
        raise EnvFileError(
            f"{ENV_FILE} cannot be read ({error.strerror}); check who may read it."
        ) from error
    except ValueError:  # of bytes that are no text
        raise _no_settings() from None
    # Which no environment takes:
    if any("\0" in f"{name}{value}" or "=" in name for name, value in found.items()):
        raise _no_settings()
    return {name: value for name, value in found.items() if name and value is not None}


def _no_settings() -> EnvFileError:
    return EnvFileError(
        f"{ENV_FILE} cannot be read; it must be text in UTF-8, a NAME=value on each line."
    )


def is_from_file(name: str) -> bool:
    """Tell whether a setting of the environment came from ``.env``."""
    return name in _from_file


def _put(values: dict[str, str]) -> None:
    os.environ.update(values)
    _from_file.update(values)


def _take_back() -> None:
    for name, value in _from_file.items():
        if os.environ.get(name) == value:
            del os.environ[name]
    _from_file.clear()
