"""The command line, ``jawab``.

``ask`` must start fast, so each command imports what it needs when it runs: nothing of Telegram,
pydantic or Rich is loaded to answer a question.
"""

from __future__ import annotations

import sys
from typing import Annotated, NoReturn

import typer

from bot.cli.asking import ask, chat
from bot.cli.changing import add, remove
from bot.cli.indexing import doctor, index, sources
from bot.cli.measuring import evaluate
from bot.cli.mirroring import mirror
from bot.cli.options import INTERRUPTED, fail
from bot.cli.telegram import bot

__all__ = ["app", "main"]

app = typer.Typer(
    name="jawab",
    help="Jawab (جواب): answers Arabic questions from a folder of documents.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # Rich would draw its boxes through Arabic
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(ask)
app.command()(chat)
app.command()(add)
app.command()(remove)
app.command()(index)
app.command()(mirror)
app.command()(sources)
app.command(name="eval")(evaluate)
app.command()(doctor)
app.command()(bot)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with its status.

    0 answered, 1 not found, 2 a usage or configuration error.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    try:
        app(arguments, prog_name="jawab")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - whatever it is, nobody is shown a traceback
        fail(_explain(error))
    sys.exit(0)


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


def _print_version(value: bool) -> None:  # noqa: FBT001 - Typer's way
    if value:
        from index.version import VERSION

        typer.echo(f"jawab {VERSION}")
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    *,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Jawab (جواب): answers Arabic questions from a folder of documents."""
    from bot.environment import EnvFileError, load_env_file

    try:
        load_env_file()
    except EnvFileError:
        if context.invoked_subcommand != doctor.__name__:  # which says so among the rest
            raise
