"""Looks for secrets in whatever a program has written."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

TOKEN = "123456789:AAHtests-only-token-0123456789abcdefg"
API_KEY = "qdrant-key-for-tests-0123456789"
PASSWORD = "pass-word/for:tests 0123"
WEBHOOK_SECRET = "webhook-secret_for-tests-0123"
PROXY_PASSWORD = "proxy-password-for-tests-0123"

ALL = (TOKEN, API_KEY, PASSWORD, WEBHOOK_SECRET, PROXY_PASSWORD)


def assert_no_secret(*outputs: str | bytes | Path, secrets: Iterable[str] = ALL) -> None:
    """Check that outputs, files and all files of folders hold no secret, in whatever form.

    Args:
        outputs: Text, bytes, or paths.
        secrets: What to look for.
    """
    needles = {form for secret in secrets for form in _forms(secret)}
    for name, content in _contents(outputs):
        found = [needle for needle in needles if needle.encode() in content]
        assert not found, f"{found} in {name}: {_around(content, found[0])}"


def _forms(secret: str) -> Iterator[str]:
    """Yield a secret, and the part behind its colon, as it may be written."""
    for part in {secret, secret.partition(":")[2] or secret}:
        yield part
        yield quote(part, safe="")
        yield quote(part)
        yield json.dumps(part)[1:-1]
        yield base64.b64encode(part.encode()).decode().rstrip("=")


def _contents(outputs: Iterable[str | bytes | Path]) -> Iterator[tuple[str, bytes]]:
    for number, output in enumerate(outputs):
        if isinstance(output, Path):
            files = sorted(output.rglob("*")) if output.is_dir() else [output]
            yield from ((str(file), file.read_bytes()) for file in files if file.is_file())
            yield from ((f"the name of {file}", str(file).encode()) for file in files)
        else:
            content = output.encode("utf-8", "replace") if isinstance(output, str) else output
            yield f"output {number}", content


def _around(content: bytes, found: str) -> str:
    at = content.index(found.encode())
    return content[max(at - 200, 0) : at + 200].decode("utf-8", "replace")
