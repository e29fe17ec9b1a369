"""A Qdrant server for tests: qdrant-client's own small engine behind Qdrant's REST interface.

It answers what Jawab asks, fails when told to, and can go away and come back.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("qdrant_client")
from qdrant_client import QdrantClient, models

Handler = Callable[..., object]


class QdrantServer:
    """A server on a port of this machine.

    Attributes:
        client: The small engine behind it.
        requests: The method and path of each request, in order.
        api_key: What a request must bring along, if anything.
    """

    def __init__(self) -> None:
        self.client = QdrantClient(":memory:")
        self.requests: list[str] = []
        self.api_key: str | None = None
        self._failures: list[int | None] = []
        self._lock = threading.Lock()
        self._port = 0
        self._server: _Server | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Come back, with all that was there."""
        self._server = _Server(("127.0.0.1", self._port), _Handler)
        self._server.owner = self
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Go away."""
        if self._server is not None:
            self._server.shutdown()
            self._server.end_connections()
            self._server.server_close()
            self._server = None

    def close(self) -> None:
        self.stop()
        self.client.close()

    def fail(self, *statuses: int, after: int = 0) -> None:
        """Answer requests with these, after so many right answers; 0 hangs up without a word."""
        with self._lock:
            self._failures = [None] * after + list(statuses)

    def answer(self, method: str, target: str, body: bytes, key: str | None) -> tuple[int, Any]:
        """Return the status of a request, and what to say."""
        path = urlsplit(target).path
        with self._lock:
            self.requests.append(f"{method} {path}")
            failure = self._failures.pop(0) if self._failures else None
            if failure is not None:
                return failure, {"status": {"error": "told to fail"}}
            if self.api_key is not None and key != self.api_key:
                return 401, {"status": {"error": "Must provide an API key"}}
            for pattern, handle in _ROUTES:
                if found := re.fullmatch(pattern, f"{method} {path}"):
                    try:
                        result = handle(self.client, json.loads(body or b"{}"), *found.groups())
                    except ValueError as error:
                        return 404, {"status": {"error": str(error)}}
                    return 200, {"result": _plain(result), "status": "ok", "time": 0.0}
        return 404, {"status": {"error": f"no such thing as {method} {path}"}}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    owner: QdrantServer

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._open: set[Any] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def end_connections(self) -> None:
        for request in list(self._open):
            self.shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of connections that were cut."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True  # or each answer takes 40 ms
    server: _Server

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        answer = self.server.owner.answer(
            self.command, self.path, body, self.headers.get("api-key")
        )
        status, said = answer
        if not status:
            self.close_connection = True
            return
        content = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_POST = do_DELETE = _any  # noqa: N815 - the names that http.server calls

    def log_message(self, *_: object) -> None:
        pass


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else value


def _create(client: QdrantClient, body: Any, name: str) -> object:
    wanted = models.CreateCollection(**body)
    vectors: Any = wanted.vectors
    return client.create_collection(
        name, vectors_config=vectors, sparse_vectors_config=wanted.sparse_vectors
    )


def _query(client: QdrantClient, body: Any, name: str) -> object:
    request = models.QueryRequest(**body)
    return client.query_batch_points(name, [request])[0]


def _query_batch(client: QdrantClient, body: Any, name: str) -> object:
    requests = models.QueryRequestBatch(**body)
    return client.query_batch_points(name, requests.searches)


def _scroll(client: QdrantClient, body: Any, name: str) -> object:
    request = models.ScrollRequest(**body)
    points, following = client.scroll(
        name,
        request.filter,
        limit=request.limit or 10,
        offset=request.offset,
        with_payload=request.with_payload is None or request.with_payload,
    )
    return {"points": _plain(points), "next_page_offset": following}


def _exists(client: QdrantClient, _: Any, name: str) -> object:
    return {"exists": client.collection_exists(name)}


def _upsert(client: QdrantClient, body: Any, name: str) -> object:
    points: Any = models.PointsList(**body).points
    return client.upsert(name, points)


def _delete(client: QdrantClient, body: Any, name: str) -> object:
    points: Any = models.PointIdsList(**body).points
    return client.delete(name, points)


def _retrieve(client: QdrantClient, body: Any, name: str) -> object:
    return client.retrieve(name, body["ids"])


def _aliases(client: QdrantClient, body: Any) -> object:
    return client.update_collection_aliases(models.ChangeAliasesOperation(**body).actions)


_NAME = r"/collections/([^/]+)"
_ROUTES: list[tuple[str, Handler]] = [
    (r"GET /collections", lambda client, _: client.get_collections()),
    (r"GET /aliases", lambda client, _: client.get_aliases()),
    (r"POST /collections/aliases", _aliases),
    (rf"GET {_NAME}", lambda client, _, name: client.get_collection(name)),
    (rf"PUT {_NAME}", _create),
    (rf"DELETE {_NAME}", lambda client, _, name: client.delete_collection(name)),
    (rf"GET {_NAME}/exists", _exists),
    (rf"PUT {_NAME}/index", lambda *_: {"operation_id": 0, "status": "completed"}),
    (rf"PUT {_NAME}/points", _upsert),
    (rf"POST {_NAME}/points", _retrieve),
    (rf"POST {_NAME}/points/delete", _delete),
    (rf"POST {_NAME}/points/scroll", _scroll),
    (rf"POST {_NAME}/points/query", _query),
    (rf"POST {_NAME}/points/query/batch", _query_batch),
]
