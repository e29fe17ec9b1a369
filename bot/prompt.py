"""The prompt of `jawab chat`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import typer


def prompted(
    home: Path, read: Callable[[str], Iterator[str]], *, color: bool | None
) -> Iterator[str]:
    """Yield what is typed at a prompt with history and line editing; lines where none is typed.

    Args:
        home: The folder that the history is kept in.
        read: Reads the questions of a file, one a line; ``-`` is standard input.
        color: Whether to colour the hint; None leaves it to the terminal.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        yield from read("-")
        return
    # Imported here: half a second that piped questions need not wait for.
    from prompt_toolkit import PromptSession  # noqa: PLC0415
    from prompt_toolkit.history import FileHistory  # noqa: PLC0415

    hint = "Write a question in Arabic and press Enter; Ctrl-D ends."
    typer.echo(typer.style(hint, dim=True), color=color)
    session: PromptSession[str] = PromptSession(history=FileHistory(str(home / "chat-history")))
    while True:
        try:
            text = session.prompt("› ")
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        if text.strip():
            yield text.strip()
