"""The connection to a Qdrant cluster: its settings, its time limits, its retries, its errors."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from index.errors import ClusterError

if TYPE_CHECKING:
    import httpx
    from qdrant_client import QdrantClient

MEMORY, PATH = ":memory:", "path:"
"""In place of an address: qdrant-client's own small engine, in memory or in a folder."""

QUESTION_SECONDS = 5
MIRROR_SECONDS = 120

_CONNECT_SECONDS = 2.0
_AT_ONCE = 16  # requests of one process
_TRIES = 8
_FIRST_DELAY, _LONGEST_DELAY = 0.5, 20.0  # seconds between tries
_TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})
_UNAUTHORIZED = frozenset({401, 403})
_NOT_FOUND = 404
_PREFIX = re.compile(r"(?!.*-\d+\Z)[A-Za-z0-9_][A-Za-z0-9_-]{0,99}")

T = TypeVar("T")
Call = Callable[["QdrantClient"], T]


class ClusterAwayError(ClusterError):
    """The search cluster cannot be reached, or not in time."""

    def __init__(self) -> None:
        super().__init__("The search cluster does not answer; try again in a moment.")


class ClusterRefusedError(ClusterError):
    """The search cluster does not accept the API key."""

    def __init__(self) -> None:
        super().__init__(
            "The search cluster refuses the API key; set JAWAB_QDRANT_API_KEY to its own."
        )


class ClusterChangedError(ClusterError):
    """What was asked for is no longer in the search cluster, or not yet."""

    def __init__(self) -> None:
        super().__init__("The documents in the search cluster are changing; try again in a moment.")


class ClusterSettingsError(ClusterError):
    """The settings of the search cluster cannot be used."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where the cluster is, and how a collection is kept there.

    Attributes:
        url: Its address, such as ``http://qdrant:6333``.
        api_key: Its API key; never shown.
        prefix: What the names of the collections begin with.
        shards: Into how many parts a collection is cut when it is made.
        replicas: On how many machines each part stands.
    """

    url: str
    api_key: str | None = field(default=None, repr=False)
    prefix: str = "jawab"
    shards: int = 1
    replicas: int = 1

    def __post_init__(self) -> None:
        if not _PREFIX.fullmatch(self.prefix):
            raise ClusterSettingsError(
                f"JAWAB_QDRANT_PREFIX cannot be {self.prefix!r}; use letters, digits, _ and -, "
                "with no number behind the last -."
            )
        if min(self.shards, self.replicas) < 1:
            raise ClusterSettingsError(
                "JAWAB_QDRANT_SHARDS and JAWAB_QDRANT_REPLICAS must be 1 or more."
            )
        if not self.is_local and not self.url.startswith(("http://", "https://")):
            raise ClusterSettingsError(
                "JAWAB_QDRANT_URL must be the address of Qdrant, as in http://qdrant:6333."
            )

    @property
    def is_local(self) -> bool:
        """Whether it is no cluster, but qdrant-client's own small engine."""
        return self.url == MEMORY or self.url.startswith(PATH)


class Connection:
    """Asks a cluster; every thread may use it, and nothing of a failure stays with it."""

    def __init__(
        self, cluster: Cluster, seconds: int = QUESTION_SECONDS, first_delay: float = _FIRST_DELAY
    ) -> None:
        """Make ready to ask; nothing is asked yet.

        Args:
            cluster: The cluster.
            seconds: How long an answer may take.
            first_delay: Seconds before the first repetition of what is sent; each next one waits
                twice as long.

        Raises:
            ClusterError: qdrant-client is not installed, or does not understand the settings.
        """
        self.cluster = cluster
        self._client = _client(cluster, seconds)
        self._first_delay = first_delay
        self._pool = ThreadPoolExecutor(_AT_ONCE, "qdrant")
        # The small engine is one Python object; a cluster orders its requests by itself.
        self._turn = threading.RLock() if cluster.is_local else nullcontext()
        self._closing = threading.Event()

    def ask(self, *calls: Call[Any]) -> list[Any]:
        """Make some requests at once, and return what each of them gave.

        Raises:
            ClusterError: One of them failed.
        """
        if self._closing.is_set():
            raise ClusterAwayError
        others = [self._pool.submit(self._ask, call) for call in calls[1:]]
        try:
            first = self._ask(calls[0])
        except BaseException:
            for other in others:
                other.cancel()
            wait(others)
            raise
        return [first, *(other.result() for other in others)]

    def _ask(self, call: Call[T]) -> T:
        try:
            return self._call(call)
        except _Transient as error:
            if not error.was_dropped:
                raise error.told from error
        # A connection that was kept open, and that the server had closed meanwhile.
        try:
            return self._call(call)
        except _Transient as error:
            raise error.told from error

    def send(self, call: Call[T], stop: threading.Event | None = None) -> T:
        """Make a request that may be repeated, again and again where the cluster is away.

        Args:
            call: The request.
            stop: Set where it need not be repeated any more.

        Raises:
            ClusterError: It failed for good.
        """
        delay, stop = self._first_delay, stop or self._closing
        for _ in range(_TRIES - 1):
            try:
                return self._call(call)
            except _Transient as error:
                pause = max(delay * random.uniform(0.75, 1.25), error.pause)  # noqa: S311 - so that many do not come back together
            if stop.wait(pause):
                raise ClusterAwayError
            delay = min(2 * delay, _LONGEST_DELAY)
        return self._ask(call)

    def _call(self, call: Call[T]) -> T:
        with self._turn:
            try:
                return call(self._client)
            except Exception as error:
                told = _translated(error)
                if told is None:
                    raise
                raise told from error

    def close(self) -> None:
        """Let go of the connections; whoever waits for another try gives up."""
        self._closing.set()
        self._pool.shutdown(cancel_futures=True)
        self._client.close()


class _Transient(Exception):  # noqa: N818 - it never leaves this module
    """A failure that may be over the next moment."""

    def __init__(self, *, was_dropped: bool = False, pause: float = 0.0) -> None:
        super().__init__()
        self.told = ClusterAwayError()
        self.was_dropped = was_dropped
        self.pause = min(pause, _LONGEST_DELAY)


def _client(cluster: Cluster, seconds: int) -> QdrantClient:
    try:
        import httpx  # noqa: PLC0415 - for those who use a cluster
        from qdrant_client import QdrantClient  # noqa: PLC0415
    except ImportError as error:
        raise ClusterSettingsError(
            "JAWAB_ENGINE=qdrant needs the package qdrant-client; "
            "install it with `uv sync --extra cluster` or `pip install 'jawab[cluster]'`."
        ) from error
    if cluster.is_local:
        if cluster.url == MEMORY:
            return QdrantClient(MEMORY)
        folder = cluster.url.removeprefix(PATH)
        return QdrantClient(path=folder, force_disable_check_same_thread=True)
    return QdrantClient(
        url=cluster.url,
        # Not as ``api_key``, which warns where the cluster stands in a network of its own.
        headers={"api-key": cluster.api_key} if cluster.api_key else None,
        timeout=seconds,
        check_compatibility=False,  # a thread of its own that prints warnings
        limits=httpx.Limits(max_connections=2 * _AT_ONCE, max_keepalive_connections=_AT_ONCE),
        event_hooks={"request": [_connect_soon]},
    )


def _connect_soon(request: httpx.Request) -> None:
    """Give up soon where nobody is there; an answer may take longer."""
    timeout = request.extensions.get("timeout", {})
    request.extensions["timeout"] = {**timeout, "connect": _CONNECT_SECONDS}


def _translated(error: Exception) -> Exception | None:
    """Return what to raise in place of an error of qdrant-client, or None where it is not one."""
    import httpx  # noqa: PLC0415 - for those who use a cluster
    from qdrant_client.common.client_exceptions import ResourceExhaustedResponse  # noqa: PLC0415
    from qdrant_client.http.exceptions import (  # noqa: PLC0415
        ResponseHandlingException,
        UnexpectedResponse,
    )

    told: Exception | None = None
    if isinstance(error, ResourceExhaustedResponse):
        told = _Transient(pause=float(error.retry_after_s))
    elif isinstance(error, UnexpectedResponse):
        told = _of_status(error.status_code, error)
    elif isinstance(error, ResponseHandlingException):
        if isinstance(error.source, httpx.TransportError):
            dropped = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)
            told = _Transient(was_dropped=isinstance(error.source, dropped))
        else:
            told = ClusterError(
                "What answers at JAWAB_QDRANT_URL is not Qdrant; check the address."
            )
    elif isinstance(error, ValueError) and str(error).endswith("not found"):
        told = ClusterChangedError()  # the small engine says it so
    return told


def _of_status(status: int | None, error: Any) -> Exception:
    if status in _UNAUTHORIZED:
        return ClusterRefusedError()
    if status == _NOT_FOUND:
        return ClusterChangedError()
    if status in _TRANSIENT:
        return _Transient()
    return ClusterError(f"The search cluster reports an error: {_reason(error)}.")


def _reason(error: Any) -> str:
    try:
        return str(error.structured()["status"]["error"])
    except (ValueError, LookupError, TypeError):
        return f"{error.status_code} {error.reason_phrase}"


class Sending:
    """Sends requests in the background, a few at a time, each repeated where that is needed."""

    def __init__(self, connection: Connection, at_once: int) -> None:
        self._connection = connection
        self._pool = ThreadPoolExecutor(at_once, "qdrant-sending")
        self._free = threading.Semaphore(2 * at_once)
        self._failed: list[BaseException] = []
        self._under_way = 0
        self._stop = threading.Event()
        self._changed = threading.Condition()

    def put(self, call: Call[object]) -> None:
        """Send a request when its turn comes; wait while too many are under way.

        Raises:
            ClusterError: One that was put before failed.
        """
        self._free.acquire()
        self._raise()
        with self._changed:
            self._under_way += 1
        self._pool.submit(self._send, call)

    def _send(self, call: Call[object]) -> None:
        try:
            if not self._failed:
                self._connection.send(call, self._stop)
        except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
            self._failed.append(error)
        finally:
            self._free.release()
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def wait(self) -> None:
        """Wait until all that was put is done.

        Raises:
            ClusterError: One of them failed.
        """
        with self._changed:
            self._changed.wait_for(lambda: not self._under_way)
        self._raise()

    def _raise(self) -> None:
        if self._failed:
            raise self._failed[0]

    def close(self) -> None:
        """End; what has not begun is dropped, and nothing is tried again."""
        self._stop.set()
        self._pool.shutdown(cancel_futures=True)


def in_parts(values: Sequence[T], size: int) -> list[Sequence[T]]:
    """Cut a sequence into parts of at most this size."""
    return [values[start : start + size] for start in range(0, len(values), size)]


def wait_until(is_done: Callable[[], bool], pause: float, longest: float) -> None:
    """Wait for something that another machine does, but not for ever."""
    end = time.monotonic() + longest
    while not is_done() and time.monotonic() < end:
        time.sleep(pause)
