"""A Telegram, or a proxy before it, whose certificate nobody has vouched for."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.telegram.conftest import StartBot, bots_of
from tests.telegram.modes import User, in_mode, until
from tests.telegram.server import BotApiServer


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate that has signed itself, with its key behind it."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("makes a certificate with openssl")
    key, path = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
    new = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2")
    files = ("-keyout", str(key), "-out", str(path))
    subprocess.run([openssl, *new, *subject, *files], check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + key.read_bytes())
    return path


@pytest.fixture
def https(certificate: Path, tmp_path: Path) -> Iterator[tuple[BotApiServer, StartBot]]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    with BotApiServer(certificate=context) as server, bots_of(server, tmp_path) as start:
        yield server, in_mode("polling", server, start)


def test_it_is_told_in_a_sentence_with_the_way_out(
    https: tuple[BotApiServer, StartBot], certificate: Path
) -> None:
    server, start = https
    user = User(server)
    sent = user.asks()
    bot = start(wait=False)
    until(lambda: bot.output.count("Telegram cannot be reached") == 2)
    [first, second] = [line for line in bot.output.splitlines() if "cannot be reached" in line]
    assert "the certificate of 127.0.0.1 is not trusted: self" in first
    assert "set SSL_CERT_FILE to a file with its certificate" in first
    assert (first.endswith("in 1 s"), second.endswith("in 2 s")) == (True, True)
    assert bot.stop() == 0
    assert "Traceback" not in bot.output
    start(SSL_CERT_FILE=str(certificate))
    user.has_one_reply_to(sent)


@pytest.mark.usefixtures("for_a_release")
def test_a_file_of_certificates_that_is_none_ends_it(
    https: tuple[BotApiServer, StartBot], tmp_path: Path
) -> None:
    _, start = https
    bot = start(wait=False, SSL_CERT_FILE=str(tmp_path / "nowhere.pem"))
    assert bot.process.wait(timeout=30) == 2
    assert bot.output.splitlines()[-1].startswith("jawab: SSL_CERT_FILE is set to")
    assert "Traceback" not in bot.output
