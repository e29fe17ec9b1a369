"""The bot's webhook: which one is set, and the requests to it.

Telegram calls an https address, where a proxy ends TLS and passes the request on to the bot. The
bot of a test listens on this machine without TLS, so the server is the proxy too: it calls
``webhook_proxy`` with the path of the address, whatever its host. Without a ``webhook_proxy``
the address is kept and never called.

A method that the bot calls in its answer to a webhook request is not looked at.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import deque
from urllib.parse import urlsplit

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.simple_httpclient import HTTPTimeoutError

from tests.telegram.closing import ClosingClient
from tests.telegram.markup import Json, compact, require
from tests.telegram.records import WebhookRequest
from tests.telegram.state import TOKEN
from tests.telegram.updates import Pending, Updates

_PORTS = (None, 80, 88, 443, 8443)
_DEFAULT_CONNECTIONS, _MOST_CONNECTIONS = 40, 100
# Seconds before an update is tried again; Telegram's own begin at about one.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 1.0


class Webhooks(Updates):
    """Sets the webhook and delivers to it, several updates at a time."""

    def __init__(self, token: str = TOKEN, webhook_proxy: str | None = None) -> None:
        super().__init__(token)
        self.webhook_timeout = 60.0
        self._proxy = webhook_proxy
        self._secret = ""
        self._client: ClosingClient | None = None
        self._ready: deque[int] = deque()
        self._deliveries: set[asyncio.Task[None]] = set()
        self._requests: list[WebhookRequest] = []

    @property
    def webhook_proxy(self) -> str | None:
        """Where requests for any https host go, such as ``http://127.0.0.1:8080``."""
        return self._proxy

    @webhook_proxy.setter
    def webhook_proxy(self, address: str | None) -> None:
        with self._lock:
            self._proxy = address
            self._stir()

    def webhook_requests(self) -> list[WebhookRequest]:
        """The tries so far to deliver updates, in the order they ended."""
        with self._lock:
            return list(self._requests)

    def wait_for_webhook_requests(
        self, count: int = 1, *, timeout: float = 10.0
    ) -> list[WebhookRequest]:
        """Waits until so many tries have ended, and returns all of them."""
        what = f"{count} webhook requests"
        return self._wait(
            lambda: len(self._requests) >= count, self.webhook_requests, timeout, what
        )

    def forget_calls(self) -> None:
        """Drops all requests so far, to the webhook too."""
        with self._lock:
            super().forget_calls()
            self._requests.clear()

    # Methods.

    def _api_set_webhook(self, params: Json) -> bool:
        url, secret = params.get("url", ""), params.get("secret_token", "")
        if url:
            secure = url.startswith("https://")
            require(secure, "bad webhook: An HTTPS URL must be provided for webhook")
            ports = "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"
            require(urlsplit(url).port in _PORTS, ports)
        require(len(secret) <= 256, "secret token is too long")
        fit = re.fullmatch(r"[A-Za-z0-9_-]*", secret)
        require(fit, "secret token contains unallowed characters")
        if params.get("drop_pending_updates"):
            self._pending.clear()
            self._tell()
        self._allowed = params.get("allowed_updates", self._allowed)
        connections = params.get("max_connections", _DEFAULT_CONNECTIONS)
        about = {"max_connections": min(max(connections, 1), _MOST_CONNECTIONS)} if url else {}
        self._webhook = {"url": url, "has_custom_certificate": "certificate" in params, **about}
        self._secret = secret
        if url:
            self._end_poll("setWebhook request")
        # What is on its way, or waits to be tried again, comes back by itself if it must.
        self._ready = deque(number for number, it in self._pending.items() if not it.busy)
        self._stir()
        return True

    def _api_delete_webhook(self, params: Json) -> bool:
        kept = {name: params[name] for name in params.keys() & {"drop_pending_updates"}}
        return self._api_set_webhook({**kept, "url": ""})

    def _api_get_webhook_info(self, _params: Json) -> Json:
        more = compact({"allowed_updates": self._allowed})
        return {**self._webhook, "pending_update_count": len(self._pending), **more}

    # Deliveries, all in the server's loop.

    def _queued(self, number: int) -> None:
        super()._queued(number)
        if self._webhook["url"]:
            self._ready.append(number)
            self._stir()

    def _stir_in_loop(self) -> None:
        super()._stir_in_loop()
        self._deliver()

    def _deliver(self) -> None:
        """Starts as many requests as the bot allows at a time."""
        with self._lock:
            url = self._webhook["url"]
            if not (url and self._proxy and self._client):
                return
            parts = urlsplit(url)
            query = f"?{parts.query}" if parts.query else ""
            address = f"{self._proxy.rstrip('/')}{parts.path or '/'}{query}"
            host = parts.netloc.rpartition("@")[2]
            while self._ready and len(self._deliveries) < self._webhook["max_connections"]:
                number = self._ready.popleft()
                pending = self._pending.get(number)
                if pending is None:
                    continue
                pending.busy = True
                pending.attempts += 1
                coroutine = self._request(number, pending, address, host)
                task = asyncio.get_running_loop().create_task(coroutine)
                self._deliveries.add(task)
                task.add_done_callback(self._delivery_ended)

    def _delivery_ended(self, task: asyncio.Task[None]) -> None:
        self._deliveries.discard(task)
        if not task.cancelled():
            task.result()  # an error here is the server's own, and is logged by the loop
            self._deliver()

    async def _request(self, number: int, pending: Pending, address: str, host: str) -> None:
        headers = {"Content-Type": "application/json", "Host": host}
        if self._secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self._secret
        request = HTTPRequest(
            address,
            method="POST",
            headers=headers,
            body=json.dumps(pending.update),
            follow_redirects=False,
            connect_timeout=self.webhook_timeout,
            request_timeout=self.webhook_timeout,
        )
        if self._client is None:
            raise AssertionError  # deliveries begin only where there is one
        webhook = self._webhook
        status, error = 0, None
        pause = min(_FIRST_PAUSE * 2 ** min(pending.attempts - 1, 10), _LONGEST_PAUSE)
        try:
            answer = await self._client.fetch(request, raise_error=False)
        except HTTPTimeoutError:
            error = "Read timeout expired"
        except (OSError, HTTPClientError) as failure:
            error = getattr(failure, "strerror", None) or "Connection reset by peer"
        else:
            status = answer.code
            if not 200 <= status < 300:
                error = f"Wrong response from the webhook: {status} {answer.reason}"
                after = answer.headers.get("Retry-After", "")
                pause = float(after) if after.isdecimal() else pause
        with self._lock:
            update_id = pending.update["update_id"]
            if self._recording:
                done = WebhookRequest(update_id, pending.attempts, address, status, error)
                self._requests.append(done)
            if error is None:
                self._pending.pop(number, None)
            else:
                webhook |= {"last_error_date": int(time.time()), "last_error_message": error}
                asyncio.get_running_loop().call_later(pause, self._try_again, number, pending)
            self._tell()

    def _try_again(self, number: int, pending: Pending) -> None:
        pending.busy = False
        self._ready.append(number)
        self._deliver()

    async def _end_deliveries(self) -> None:
        client, self._client = self._client, None  # without one nothing begins any more
        for task in self._deliveries:
            task.cancel()
        await asyncio.gather(*self._deliveries, return_exceptions=True)
        if client:
            await client.end()
