"""The command line as a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

Result = subprocess.CompletedProcess[str]
Jawab = Callable[..., Result]


@pytest.fixture(scope="session", autouse=True)
def ctrl_c_is_heard() -> None:
    """Have processes that are started hear Ctrl-C; in a shell's background they would not."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def jawab(shared_home: Path) -> Jawab:
    """Return a function that runs `jawab` in the repository, over seeds/ unless told otherwise."""

    def run(
        *arguments: str, stdin: str = "", cwd: Path = ROOT, home: Path = shared_home, **env: str
    ) -> Result:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("JAWAB_", "TELEGRAM_"))
        }
        return subprocess.run(
            [sys.executable, "-c", "from bot.cli import main; main()", *arguments],
            cwd=cwd,
            env={**kept, "PYTHONPATH": str(ROOT), "JAWAB_HOME": str(home), **env},
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    return run
