"""The settings of ``.env`` in the environment, read once and again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.environment import (
    EnvFileError,
    env_file_read_again,
    is_from_file,
    load_env_file,
    read_env_file,
)

NAMES = ("JAWAB_ONE", "JAWAB_TWO", "JAWAB_OTHER")


@pytest.fixture(autouse=True)
def nothing_loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    yield
    Path(".env").write_text("", "utf-8")
    load_env_file()


def write(text: str) -> None:
    Path(".env").write_text(text, "utf-8")


def there() -> list[str | None]:
    return [os.environ.get(name) for name in NAMES]


def test_no_file_is_no_settings() -> None:
    load_env_file()
    assert read_env_file() == {}
    assert there() == [None, None, None]


def test_what_was_changed_or_taken_out_is_so_when_it_is_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JAWAB_OTHER", "own")
    write("\ufeffJAWAB_ONE=1\nexport JAWAB_TWO='two words'\nJAWAB_OTHER=file\n")
    load_env_file()
    assert there() == ["1", "two words", "own"]
    assert [is_from_file(name) for name in NAMES] == [True, True, False]
    write("JAWAB_TWO=${JAWAB_OTHER}-2\nJAWAB_OTHER=again\n")
    load_env_file()
    assert there() == [None, "own-2", "own"]
    Path(".env").unlink()
    load_env_file()
    assert there() == [None, None, "own"]


def test_one_that_is_empty_in_the_environment_is_that_of_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JAWAB_ONE", "")
    write("JAWAB_ONE=1\nJAWAB_TWO=\n")
    load_env_file()
    assert there() == ["1", "", None]
    assert is_from_file("JAWAB_ONE")


def test_what_others_set_meanwhile_is_theirs() -> None:
    write("JAWAB_ONE=1\n")
    load_env_file()
    os.environ["JAWAB_ONE"] = "others"
    load_env_file()
    assert there()[0] == "others"
    del os.environ["JAWAB_ONE"]


@pytest.mark.parametrize("content", [b"JAWAB_ONE=2\n\xff", b"JAWAB_ONE=a\x00b\n"])
def test_a_file_that_cannot_be_read_changes_nothing(content: bytes) -> None:
    write("JAWAB_ONE=1\n")
    load_env_file()
    Path(".env").write_bytes(content)
    with pytest.raises(EnvFileError, match="UTF-8"):
        load_env_file()
    assert there()[0] == "1"
    assert is_from_file("JAWAB_ONE")


def test_where_what_follows_fails_all_is_as_it_was() -> None:
    write("JAWAB_ONE=1\n")
    load_env_file()
    write("JAWAB_TWO=2\n")

    def fail() -> None:
        with env_file_read_again():
            assert there() == [None, "2", None]
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert there() == ["1", None, None]
    with env_file_read_again():
        pass
    assert there() == [None, "2", None]
