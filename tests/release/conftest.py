"""What the tests of a release share: the packages, built once."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT

_BUILDS_NOT_HERE = ("failed to fetch", "dns error", "network", "no solution found", "offline")


@dataclass(frozen=True, slots=True)
class Packages:
    """The files of a release."""

    wheel: Path
    sdist: Path


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Packages:
    """The wheel and the sdist; skips where they cannot be built for want of uv or its backend."""
    uv = shutil.which("uv")
    if uv is None:
        pytest.skip("uv is not installed")
    folder = tmp_path_factory.mktemp("dist")
    built = subprocess.run(
        [uv, "build", "--quiet", "--out-dir", folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if built.returncode and any(sign in built.stderr.lower() for sign in _BUILDS_NOT_HERE):
        pytest.skip("the build backend cannot be fetched")
    assert not built.returncode, built.stderr
    [wheel], [sdist] = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return Packages(wheel, sdist)
