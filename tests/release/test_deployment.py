"""The image, the compose files, the unit and the workflows, where they are only read."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import Settings
from index.version import VERSION
from tests.conftest import ROOT

COMPOSE = sorted((ROOT / "docs").glob("*/compose.yml"))
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ANALYZE = shutil.which("systemd-analyze")
UNIT = ROOT / "docs" / "systemd" / "jawab.service"


def loaded(path: Path) -> dict[str, Any]:
    """Return what a YAML file holds."""
    content = yaml.safe_load(path.read_text("utf-8"))
    assert isinstance(content, dict)
    return content


def instructions() -> list[tuple[str, str]]:
    """Return the instructions of the Dockerfile with what stands behind them."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE)
    lines = filter(None, text.replace("\\\n", " ").splitlines())
    return [
        (name, " ".join(rest.split())) for name, _, rest in (one.partition(" ") for one in lines)
    ]


class TestImage:
    def test_what_is_copied_is_there_and_not_ignored(self) -> None:
        allowed = [
            line[1:]
            for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines()
            if line.startswith("!")
        ]
        for name, rest in instructions():
            words = [word for word in shlex.split(rest) if not word.startswith("--")]
            if name != "COPY" or "--from=" in rest:
                continue
            for source in words[:-1]:
                assert (ROOT / source).exists()
                assert any(fnmatch(source.split("/")[0], one) for one in allowed)

    def test_runs_without_root(self) -> None:
        [user] = [rest for name, rest in instructions() if name == "USER"]
        assert re.fullmatch(r"[1-9][0-9]+:[1-9][0-9]+", user)

    def test_its_settings_are_settings(self) -> None:
        text = " ".join(rest for name, rest in instructions() if name == "ENV")
        known = {field.validation_alias for field in Settings.model_fields.values()}
        assert set(re.findall(r"JAWAB_\w+", text)) <= known

    def test_its_health_is_asked_where_the_bot_tells_it(self) -> None:
        text = " ".join(rest for name, rest in instructions() if name == "ENV")
        [port] = re.findall(r"JAWAB_METRICS_PORT=\S+:(\d+)", text)
        [health] = [rest for name, rest in instructions() if name == "HEALTHCHECK"]
        assert f"127.0.0.1:{port}/healthz" in health


@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.parent.name)
class TestCompose:
    def test_what_it_mounts_of_the_repository_is_there(self, path: Path) -> None:
        for service in loaded(path)["services"].values():
            for volume in service.get("volumes", ()):
                source = volume.partition(":")[0]
                if source.startswith("."):
                    assert (path.parent / source).exists()
            context = service.get("build", {}).get("context")
            assert context is None or (path.parent / context / "Dockerfile").exists()

    def test_ports_are_for_this_machine_only(self, path: Path) -> None:
        for service in loaded(path)["services"].values():
            assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))

    def test_its_example_names_what_it_needs(self, path: Path) -> None:
        text = path.read_text("utf-8")
        example = (path.parent / ".env.example").read_text("utf-8")
        for name in re.findall(r"\$\{(\w+)", text):
            assert re.search(rf"^#?{name}=", example, flags=re.MULTILINE), name


def test_on_one_machine_everything_is_confined() -> None:
    for service in loaded(ROOT / "docs" / "compose" / "compose.yml")["services"].values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["mem_limit"]
        assert service["logging"]["options"]["max-size"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
class TestWorkflows:
    def test_reads_only_unless_a_job_says_why(self, path: Path) -> None:
        workflow = loaded(path)
        assert workflow["permissions"] == {"contents": "read"}
        assert workflow["concurrency"]["group"]

    def test_actions_have_versions_and_jobs_an_end(self, path: Path) -> None:
        for job in loaded(path)["jobs"].values():
            if "uses" in job:
                assert (ROOT / job["uses"]).exists()
                continue
            assert job["timeout-minutes"]
            for step in job["steps"]:
                assert re.fullmatch(r"[\w/-]+@v\d+\.\d+\.\d+", step.get("uses", "a/b@v1.0.0"))


def test_the_release_is_described_by_the_changelog(tmp_path: Path) -> None:
    steps = loaded(ROOT / ".github" / "workflows" / "release.yml")["jobs"]["release"]["steps"]
    [script] = [step["run"] for step in steps if "CHANGELOG.md" in step.get("run", "")]
    shutil.copytree(
        ROOT / "index", tmp_path / "index", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(ROOT / "CHANGELOG.md", tmp_path)
    bash = shutil.which("bash") or "bash"
    for version, status in ((VERSION, 0), ("0.0.0", 1)):
        done = subprocess.run(
            [bash, "-euo", "pipefail", "-c", script],
            cwd=tmp_path,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "GITHUB_REF_NAME": f"v{version}"},
            check=False,
        )
        assert done.returncode == status
    notes = (tmp_path / "notes.md").read_text("utf-8")
    assert "Telegram" in notes
    assert "## [" not in notes


@pytest.mark.skipif(ANALYZE is None, reason="there is no systemd here")
class TestUnit:
    def analyze(self, *arguments: str | Path) -> str:
        done = subprocess.run(
            [ANALYZE or "systemd-analyze", *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
        assert not done.returncode, done.stderr
        return done.stdout + done.stderr

    def test_is_understood(self, tmp_path: Path) -> None:
        unit = tmp_path / UNIT.name
        command = "ExecStart=/bin/true"  # Jawab is not installed where the unit has it
        text = re.sub(r"^ExecStart=.*", command, UNIT.read_text("utf-8"), flags=re.MULTILINE)
        unit.write_text(text, "utf-8")
        said = self.analyze("verify", unit)
        assert UNIT.name not in said

    def test_is_confined(self) -> None:
        self.analyze("security", "--offline=true", "--threshold=15", UNIT)
