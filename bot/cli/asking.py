"""``jawab ask`` and ``jawab chat``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import (
    NOT_FOUND,
    SEEDS,
    DocsOption,
    EngineOption,
    HomeOption,
    JsonOption,
    TopOption,
    notify,
    open_index,
    opening_of,
    wanted_color,
)
from bot.printable import printable

if TYPE_CHECKING:
    from index import Answer


def ask(
    question: Annotated[
        list[str] | None,
        typer.Argument(metavar="QUESTION…", help="The question; quotes around it are optional."),
    ] = None,
    *,
    docs: DocsOption = SEEDS,
    home: HomeOption = None,
    engine: EngineOption = None,
    top: TopOption = 3,
    as_json: JsonOption = False,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Show what matched, the features, and the confidence."),
    ] = False,
    questions: Annotated[
        str | None,
        typer.Option(
            "--questions",
            metavar="FILE|-",
            help="A file of questions, one a line; - is standard input.",
        ),
    ] = None,
) -> None:
    """Answer a question from the documents.

    Exit status: 0 answered, 1 not found (of several questions, any), 2 an error.
    """
    from index import QuestionError

    asked = " ".join(question or ()).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if bool(question) == (questions is not None):
        raise typer.BadParameter("give a question or --questions FILE, and not both")
    index = open_index(opening_of(docs, home, engine))
    if questions is None:
        _warn_if_long(asked)
        answer = index.ask(asked, top)
        _print_answer(answer, as_json=as_json)
        if explain:
            _print_explanation(answer)
        raise typer.Exit(0 if answer.answered else NOT_FOUND)
    everything_answered = True
    for number, text in enumerate(_read_questions(questions)):
        _warn_if_long(text)
        try:
            answer = index.ask(text, top)
        except QuestionError:
            answer = _unasked(text)
        everything_answered &= answer.answered
        if number and not as_json:
            typer.echo()
        if not as_json:
            typer.echo(typer.style(printable(text), underline=True), color=wanted_color())
        _print_answer(answer, as_json=as_json)
        if explain:
            _print_explanation(answer)
    raise typer.Exit(0 if everything_answered else NOT_FOUND)


def _read_questions(name: str) -> Iterator[str]:
    if name == "-":
        lines: Iterator[str] = (raw.decode("utf-8-sig", "replace") for raw in sys.stdin.buffer)
        yield from (text.strip() for text in lines if text.strip())
        return
    from index.documents import decode

    try:
        decoded = decode(Path(name).read_bytes())
    except OSError as error:
        raise typer.BadParameter(f"{name} cannot be read ({error.strerror})") from error
    if decoded is None:
        raise typer.BadParameter(f"{name} is not a text file")
    yield from (text.strip() for text in decoded.splitlines() if text.strip())


def _unasked(text: str) -> Answer:
    """Return the answer to a line of a questions file that holds no word."""
    from index import Answer, Kind

    return Answer(text, Kind.OTHER, answered=False, confidence=0.0, hits=())


def _warn_if_long(question: str) -> None:
    from index.answering import LONGEST_QUESTION

    if len(question) > LONGEST_QUESTION:
        notify(f"The question is long; only its first {LONGEST_QUESTION} characters are used.")


def _print_answer(answer: Answer, *, as_json: bool) -> None:
    from bot.printable import json_line
    from bot.printing import answer_lines

    if as_json:
        typer.echo(json_line(answer.as_json()))
        return
    lines = answer_lines(
        answer,
        bold=lambda text: typer.style(text, bold=True, fg="green"),
        dim=lambda text: typer.style(text, dim=True),
        further=len(answer.hits),
    )
    typer.echo("\n".join(lines), color=wanted_color())


def _print_explanation(answer: Answer) -> None:
    from bot.explanations import explanation_lines

    # On standard error, so that it never mixes with the JSON of the answers.
    typer.echo("\n".join(("", *explanation_lines(answer))), err=True)


def chat(
    *,
    docs: DocsOption = SEEDS,
    home: HomeOption = None,
    engine: EngineOption = None,
    top: TopOption = 3,
) -> None:
    """Answer question after question, until Ctrl-D."""
    from bot.prompt import prompted
    from index import ClusterError, QuestionError
    from index.current import default_home

    index = open_index(opening_of(docs, home, engine))
    typed = prompted(
        default_home() if home is None else home, _read_questions, color=wanted_color()
    )
    for question in typed:
        try:
            _warn_if_long(question)
            _print_answer(index.ask(question, top), as_json=False)
        except (QuestionError, ClusterError) as error:
            notify(str(error))
        typer.echo()
