"""The bot's requests as they came, and how a test waits for what the bot does."""

from __future__ import annotations

import itertools
import time
from collections import defaultdict, deque
from collections.abc import Callable
from threading import Event, RLock
from typing import TypeVar

from tests.telegram.records import Call

T = TypeVar("T")

_TOLD_WHEN_IN_VAIN = 60  # requests


class CallLog:
    """The requests, and the lock that guards all of the server's state.

    A wait costs each change one look at a count, however much there is already, and its thread
    wakes only when it is over: thousands of requests a second pass while a test waits.
    """

    def __init__(self) -> None:
        # Reentrant, because a test's own condition may look at the chats.
        self._lock = RLock()
        self._recording = True
        self._waits: list[tuple[Callable[[], bool], Event]] = []
        self._calls: dict[int, Call] = {}  # in the order they came
        self._serials = itertools.count()
        self._by_method: defaultdict[str, list[int]] = defaultdict(list)
        self._watchers: list[deque[int]] = []  # each is told the calls that are new or done

    def calls(self, method: str | None = None) -> list[Call]:
        """The bot's requests in the order they came; one that waits is among them."""
        with self._lock:
            self._require_calls()
            if method is None:
                return list(self._calls.values())
            return [self._calls[serial] for serial in self._by_method.get(method, ())]

    def forget_calls(self) -> None:
        """Drops all requests so far; what waits yet is not recorded when it ends."""
        with self._lock:
            for changed in self._watchers:
                changed.extend(self._calls)
            self._calls.clear()
            self._by_method.clear()

    def wait_for(
        self, wanted: str | Callable[[Call], bool], *, count: int = 1, timeout: float = 10.0
    ) -> list[Call]:
        """Waits until the bot has made ``count`` such requests, and returns all of them.

        A condition is asked about a request when it comes and when it is done, in the server's
        thread.
        """
        self._require_calls()
        if isinstance(wanted, str):
            method = wanted
            return self._wait(
                lambda: len(self._by_method.get(method, ())) >= count,
                lambda: self.calls(method),
                timeout,
                f"{count} x {method}",
            )
        condition, matching = wanted, set[int]()
        with self._lock:
            changed = deque(self._calls)
            self._watchers.append(changed)

        def enough() -> bool:
            while changed:
                call = self._calls.get(changed[0])
                fits = call is not None and condition(call)
                serial = changed.popleft()
                (matching.add if fits else matching.discard)(serial)
            return len(matching) >= count

        try:
            return self._wait(
                enough,
                lambda: [self._calls[serial] for serial in sorted(matching)],
                timeout,
                f"{count} x matching call",
            )
        finally:
            with self._lock:
                self._watchers = [other for other in self._watchers if other is not changed]

    def _require_calls(self) -> None:
        if not self._recording:
            raise AssertionError("a server made with record=False keeps no calls")

    def _record(self, call: Call, serial: int | None = None) -> int:
        """Keeps a new call, or what became of one, and returns its number."""
        with self._lock:
            number = next(self._serials) if serial is None else serial
            # A call that was forgotten meanwhile stays forgotten.
            if self._recording and (serial is None or serial in self._calls):
                if serial is None:
                    self._by_method[call.method].append(number)
                self._calls[number] = call
                for changed in self._watchers:
                    changed.append(number)
            self._tell()
            return number

    def _tell(self) -> None:
        """Ends the waits that are over; whoever changes anything calls it with the lock held."""
        for over, woken in self._waits:
            if woken.is_set():
                continue
            try:
                if over():
                    woken.set()
            except Exception:  # noqa: BLE001 - a test's own condition; its own thread will meet it
                woken.set()

    def _wait(
        self, over: Callable[[], bool], then: Callable[[], T], timeout: float, what: str
    ) -> T:
        deadline = time.monotonic() + timeout
        woken = Event()
        wait = (over, woken)
        with self._lock:
            self._waits.append(wait)
        try:
            while True:
                with self._lock:
                    if over():
                        return then()
                    woken.clear()
                left = deadline - time.monotonic()
                if left <= 0:
                    break
                woken.wait(left)
        finally:
            with self._lock:
                self._waits.remove(wait)
        raise AssertionError(f"no {what} within {timeout} s; called:\n{self._told()}")

    def _told(self) -> str:
        with self._lock:
            last = list(self._calls.values())[-_TOLD_WHEN_IN_VAIN:]
        made = [f"  {call.method} {call.status} {str(call.params)[:300]}" for call in last]
        return "\n".join(made) or "  nothing"
