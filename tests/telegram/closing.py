"""An HTTP client whose requests under way can be ended with it."""

from __future__ import annotations

import asyncio
from typing import Any
from weakref import WeakSet

from tornado.simple_httpclient import SimpleAsyncHTTPClient, _HTTPConnection

_CONNECTED = 0.02  # seconds in which a connection on this machine is made


class ClosingClient(SimpleAsyncHTTPClient):
    """Tornado's client, which leaves the connections of unfinished requests open when closed."""

    def initialize(self, *args: Any, **options: Any) -> None:
        self._begun: WeakSet[_HTTPConnection] = WeakSet()
        super().initialize(*args, **options)

    def _connection_class(self) -> type:
        begun = self._begun

        class Connection(_HTTPConnection):
            def __init__(self, *args: Any, **options: Any) -> None:
                super().__init__(*args, **options)
                begun.add(self)

        return Connection

    async def end(self) -> None:
        """Closes the client, and the connections of what it has under way."""
        for connection in list(self._begun):
            # One that connects yet is closed once it has.
            connection.final_callback = None  # type: ignore[assignment]
            stream = getattr(connection, "stream", None)
            if stream is not None:
                stream.close()
        await asyncio.sleep(_CONNECTED)
        self.close()
