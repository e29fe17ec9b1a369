"""The wheel and the sdist of a release, and what it says of itself."""

from __future__ import annotations

import email
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from bot.texts import ARABIC
from index.version import VERSION
from tests.conftest import ROOT, Endurance
from tests.release.conftest import Packages
from tests.telegram.conftest import bots_of
from tests.telegram.server import BotApiServer
from tests.telegram.state import USER_ID

QUESTION = "متى القمة المقبلة؟"
SHORT_ANSWER = "11 نوفمبر 2026"


@pytest.fixture(scope="module")
def installed(packages: Packages, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as it is when it is installed."""
    folder = tmp_path_factory.mktemp("site-packages")
    shutil.unpack_archive(packages.wheel, folder, "zip")
    return folder


def run(installed: Path, folder: Path, home: Path, *arguments: str) -> tuple[int, str, str]:
    """Run `jawab` from a wheel in a folder; return its status and what it said."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith("JAWAB")}
    code = "import bot.cli, sys; print(bot.cli.__file__, file=sys.stderr); bot.cli.main()"
    ran = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env={**settings, "JAWAB_HOME": str(home), "PYTHONPATH": str(installed)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    module, _, said = ran.stderr.partition("\n")
    assert Path(module).is_relative_to(installed)
    return ran.returncode, ran.stdout, said


def tracked() -> set[str]:
    """Return the files of the repository, or skip where there is none."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("this is no repository")
    listed = subprocess.run(
        [git, "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return {name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()}


class TestWheel:
    def test_holds_the_two_packages_and_the_documents(self, packages: Packages) -> None:
        sources = {
            path.relative_to(ROOT).as_posix()
            for package in ("bot", "index")
            for path in (ROOT / package).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        seeds = {f"bot/seeds/{path.name}" for path in (ROOT / "seeds").iterdir()}
        with zipfile.ZipFile(packages.wheel) as wheel:
            names = {name for name in wheel.namelist() if ".dist-info/" not in name}
        assert names == sources | seeds

    def test_says_what_it_is(self, packages: Packages) -> None:
        name = f"jawab-{VERSION}.dist-info"
        with zipfile.ZipFile(packages.wheel) as wheel:
            metadata = email.message_from_bytes(wheel.read(f"{name}/METADATA"))
            commands = wheel.read(f"{name}/entry_points.txt").decode()
            assert f"{name}/licenses/LICENSE" in wheel.namelist()
        assert metadata["Version"] == VERSION
        assert metadata["Requires-Python"] == ">=3.11"
        assert metadata["License-Expression"] == "MIT"
        assert {"formats", "cluster"} <= set(metadata.get_all("Provides-Extra", []))
        assert "jawab = bot.cli:main" in commands

    def test_answers_in_an_empty_folder(self, installed: Path, tmp_path: Path, home: Path) -> None:
        folder = tmp_path / "empty"
        folder.mkdir()
        status, answer, _ = run(installed, folder, home, "ask", QUESTION, "--top", "1")
        assert status == 0
        assert SHORT_ANSWER in answer
        assert not list(folder.iterdir())

    def test_answers_from_seeds_where_they_are(
        self, installed: Path, tmp_path: Path, home: Path
    ) -> None:
        seeds = tmp_path / "seeds"
        seeds.mkdir()
        (seeds / "fair.txt").write_text("يبدأ معرض الكتاب في 3 مايو 2027.", "utf-8")
        _, answer, _ = run(installed, tmp_path, home, "ask", "متى يبدأ معرض الكتاب؟", "--top", "1")
        assert "3 مايو 2027" in answer

    @pytest.mark.parametrize("command", ["add", "remove"])
    def test_its_own_documents_are_not_changed(
        self, command: str, installed: Path, tmp_path: Path, home: Path
    ) -> None:
        (tmp_path / "new.txt").write_text("يبدأ معرض الكتاب في 3 مايو 2027.", "utf-8")
        status, _, said = run(installed, tmp_path, home, command, "new.txt")
        assert status == 2
        assert said == (
            "jawab: The documents that came with Jawab are not changed; name a folder of your own "
            "with --docs or in JAWAB_DOCS.\n"
        )

    def test_its_bot_does_not_change_them_either(self, installed: Path, tmp_path: Path) -> None:
        settings = {
            "JAWAB_ADMINS": str(USER_ID),
            "JAWAB_DOCS": "",
            "PYTHONPATH": str(installed),
        }
        with BotApiServer() as server, bots_of(server, tmp_path) as start:
            start(**settings)
            server.send_document("new.txt", "يبدأ معرض الكتاب في 3 مايو 2027.".encode())
            assert ARABIC.came_with_jawab in server.wait_for_message().text
        seeds = sorted(path.name for path in (ROOT / "seeds").iterdir())
        assert sorted(path.name for path in (installed / "bot" / "seeds").iterdir()) == seeds


class TestSdist:
    def test_holds_all_of_the_repository_and_nothing_else(self, packages: Packages) -> None:
        with tarfile.open(packages.sdist) as sdist:
            names = {member.name.partition("/")[2] for member in sdist if member.isfile()}
        missing = tracked() - names
        assert not missing
        assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]
        tops = {name.partition("/")[0] for name in names}
        assert not tops & {".venv", ".hypothesis", ".pytest_cache", ".env", ".coverage", "dist"}


def test_the_changelog_tells_of_this_version() -> None:
    headings = [
        line for line in (ROOT / "CHANGELOG.md").read_text("utf-8").splitlines() if "## [" in line
    ]
    assert any(line.startswith(f"## [{VERSION}] - 20") for line in headings)


def test_the_classifiers_name_the_tested_versions_of_python() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = {
        line.rpartition(" ")[2]
        for line in project.get("classifiers", ())
        if line.startswith("Programming Language :: Python :: 3.")
    }
    workflow = (ROOT / ".github" / "workflows" / "checks.yml").read_text("utf-8")
    assert named == {"3.11", "3.12", "3.13", "3.14"}
    assert all(f'"{version}"' in workflow for version in named)


def test_the_packages_answer_when_they_are_installed(endurance: Endurance) -> None:
    if not endurance(0, 1):
        pytest.skip("installing everything twice takes minutes; --endurance does it")
    done = subprocess.run(
        [ROOT / ".ci" / "package"], capture_output=True, encoding="utf-8", check=False
    )
    assert not done.returncode, done.stderr
    assert done.stdout.count(" answers.") == 2
