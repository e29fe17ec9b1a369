"""The command line, ``jawab``.

``ask`` must start fast, so each command imports what it needs when it runs: nothing of Telegram,
pydantic or Rich is loaded to answer a question.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from index import Answer, Index
    from index.evaluation import System
    from index.model import Collection
    from index.store import Progress

NOT_FOUND = 1
USAGE_ERROR = 2
_INTERRUPTED = 130

app = typer.Typer(
    name="jawab",
    help="Jawab (جواب): answers Arabic questions from a folder of documents.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # Rich would draw its boxes through Arabic
    context_settings={"help_option_names": ["-h", "--help"]},
)

DocsOption = Annotated[
    Path,
    typer.Option(
        "--docs",
        envvar="JAWAB_DOCS",
        metavar="PATH",
        help="A folder of .txt and .md documents, or a single file.",
        show_default=True,
    ),
]
HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home",
        envvar="JAWAB_HOME",
        metavar="FOLDER",
        help="Where indexes are kept.",
        show_default="the user's cache folder",
    ),
]
TopOption = Annotated[
    int,
    typer.Option("--top", "-n", metavar="N", min=1, max=100, help="How many sentences to show."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]

_SEEDS = Path("seeds")


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with its status.

    0 answered, 1 not found, 2 a usage or configuration error.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    try:
        _load_env_file()
        app(arguments, prog_name="jawab")
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - whatever it is, nobody is shown a traceback
        _fail(_explain(error))
    sys.exit(0)


def _load_env_file() -> None:
    """Put the settings of ``.env`` into the environment, which has the last word."""
    file = Path(".env")
    if file.is_file():
        from dotenv import load_dotenv

        load_dotenv(file)


def _explain(error: Exception) -> str:
    from index.errors import JawabError

    if isinstance(error, JawabError):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.filename or 'The system'} said: {error.strerror}."
    return (
        f"Something went wrong that Jawab did not expect ({type(error).__name__}); please report "
        "it with the command you ran."
    )


def _fail(message: str) -> NoReturn:
    typer.echo(f"jawab: {message}", err=True)
    sys.exit(USAGE_ERROR)


def _notify(message: str) -> None:
    typer.echo(f"jawab: {message}", err=True)


def _open(docs: Path, home: Path | None, progress: Progress = lambda *_: None) -> Index:
    from index import open_index

    return open_index(
        docs,
        home,
        lexicon=_lexicon(),
        morphology=_morphology(),
        notify=_notify,
        progress=progress,
    )


def _lexicon() -> Path | None:
    file = os.environ.get("JAWAB_LEXICON")
    return Path(file) if file else None


def _morphology() -> str | None:
    return os.environ.get("JAWAB_MORPHOLOGY") or None


def _print_version(value: bool) -> None:  # noqa: FBT001 - Typer's way
    if value:
        from index.version import VERSION

        typer.echo(f"jawab {VERSION}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Jawab (جواب): answers Arabic questions from a folder of documents."""


@app.command()
def ask(
    question: Annotated[
        list[str] | None,
        typer.Argument(metavar="QUESTION…", help="The question; quotes around it are optional."),
    ] = None,
    *,
    docs: DocsOption = _SEEDS,
    home: HomeOption = None,
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
    index = _open(docs, home)
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
            typer.echo(typer.style(text, underline=True), color=_color())
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
        _notify(f"The question is long; only its first {LONGEST_QUESTION} characters are used.")


def _print_answer(answer: Answer, *, as_json: bool) -> None:
    from bot.printing import answer_json, answer_lines

    if as_json:
        typer.echo(json.dumps(answer_json(answer), ensure_ascii=False))
        return
    lines = answer_lines(
        answer,
        bold=lambda text: typer.style(text, bold=True, fg="green"),
        dim=lambda text: typer.style(text, dim=True),
        further=len(answer.hits),
    )
    typer.echo("\n".join(lines), color=_color())


def _print_explanation(answer: Answer) -> None:
    from bot.explanations import explanation_lines

    # On standard error, so that it never mixes with the JSON of the answers.
    typer.echo("\n".join(("", *explanation_lines(answer))), err=True)


def _color() -> bool | None:
    """Return False where colours are unwanted (no-color.org), else leave it to the terminal."""
    return False if os.environ.get("NO_COLOR") else None


@app.command()
def chat(docs: DocsOption = _SEEDS, home: HomeOption = None, top: TopOption = 3) -> None:
    """Answer question after question, until Ctrl-D."""
    from bot.prompt import prompted
    from index import QuestionError
    from index.store import default_home

    index = _open(docs, home)
    typed = prompted(default_home() if home is None else home, _read_questions, color=_color())
    for question in typed:
        try:
            _warn_if_long(question)
            _print_answer(index.ask(question, top), as_json=False)
        except QuestionError as error:
            _notify(str(error))
        typer.echo()


@app.command()
def index(docs: DocsOption = _SEEDS, home: HomeOption = None) -> None:
    """Build or refresh the index, and say what it holds."""
    from bot.tables import building_progress, index_table, show

    started = time.perf_counter()
    with building_progress() as progress:
        opened = _open(docs, home, progress)
    if not opened.built:
        for skipped in opened.skipped:
            _notify(f"{skipped.path} is left out: {skipped.reason}.")
    show(index_table(opened, time.perf_counter() - started))


@app.command()
def sources(docs: DocsOption = _SEEDS, home: HomeOption = None) -> None:
    """List the documents."""
    from bot.tables import show, sources_table

    show(sources_table(_open(docs, home)))


@app.command(name="eval")
def evaluate(
    gold: Annotated[
        Path,
        typer.Argument(help="Gold questions: JSON Lines over the documents, or SQuAD-format JSON."),
    ],
    *,
    docs: DocsOption = _SEEDS,
    home: HomeOption = None,
    baseline: Annotated[
        bool, typer.Option("--baseline", help="Show plain rank-bm25 beside Jawab.")
    ] = False,
    noise: Annotated[
        bool,
        typer.Option("--noise", help="Ask again in other spellings, and again with typos."),
    ] = False,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="The seed of the noise.")] = 7,
    errors: Annotated[bool, typer.Option("--errors", help="List what went wrong.")] = False,
    save: Annotated[
        Path | None,
        typer.Option("--save", metavar="FILE", help="Keep Jawab's run, to compare with later."),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option("--compare", metavar="FILE", help="Show what changed since a kept run."),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE.svg", help="Draw how far the confidence is right."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure the answers to a file of gold questions."""
    from bot import tables
    from index import evaluation

    read = evaluation.read_gold(gold, lambda: _open(docs, home).collection)
    before = None if against is None else evaluation.read_run(against, read.questions)
    systems = {"jawab": _jawab_as_set}
    if baseline:
        systems["rank-bm25"] = evaluation.baseline_system
    noises = evaluation.NOISES if noise else ()
    runs = evaluation.run_all(read, systems, tables.evaluating_progress, noises=noises, seed=seed)
    outcomes = runs["jawab"].outcomes
    if save is not None:
        evaluation.save_run(save, outcomes)
    if plot is not None:
        evaluation.save_plot(plot, outcomes)
    missed = {
        name: evaluation.misses(read.collection, run.outcomes)
        for name, run in runs.items()
        if run.system == "jawab"
    }
    shown = missed if errors else None
    comparison = None if before is None else evaluation.compare(before, outcomes)
    if as_json:
        printed = tables.evaluation_json(runs, shown, comparison)
        typer.echo(json.dumps(printed, ensure_ascii=False))
    else:
        tables.show(tables.runs_table(runs))
        for line in tables.evaluation_lines(shown, comparison):
            typer.echo(line)


def _jawab_as_set(collection: Collection) -> System:
    """Return Jawab over a collection, with the lexicon and the morphology of the settings."""
    from index.evaluation import jawab_system
    from index.lexicon import Lexicon
    from index.morphology import Morphology

    database = _morphology()
    opened = Morphology.open(database) if database else None
    return jawab_system(collection, Lexicon.load(_lexicon()), opened)


@app.command()
def doctor(docs: DocsOption = _SEEDS, home: HomeOption = None) -> None:
    """Say what is in order and what is not. Exit status 1 where there is a problem."""
    from bot.doctor import State, examine

    found = list(examine(docs, home, _lexicon(), _morphology()))
    for finding in found:
        typer.echo(f"{finding.state:8} {finding.what:11} {finding.said}")
    raise typer.Exit(int(any(finding.state is State.PROBLEM for finding in found)))


@app.command()
def bot() -> None:
    """Run the Telegram bot until it is stopped."""
    from telegram.error import InvalidToken

    from bot.application import WebhookError, run
    from bot.logs import set_up_logging
    from bot.settings import SettingsError, read_settings
    from bot.state import StateError
    from index import open_index

    try:
        settings = read_settings()
    except SettingsError as error:
        _fail(str(error))
    set_up_logging(settings.log_level, settings.secrets())
    opened = open_index(
        settings.docs,
        settings.home,
        lexicon=settings.lexicon,
        morphology=settings.morphology,
        notify=_notify,
    )
    try:
        run(settings, opened)
    except InvalidToken:
        _fail(
            "Telegram does not know this bot token; copy it again from @BotFather into "
            "TELEGRAM_BOT_TOKEN."
        )
    except (StateError, WebhookError) as error:
        _fail(str(error))
