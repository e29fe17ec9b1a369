"""Work on what may never answer, such as files of a network drive that is away."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def detached(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what a call returns, made in a thread that nobody waits for when the bot ends.

    Args:
        call: The call.
        args: Its arguments.
        kwargs: Those with names.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def tell(report: Callable[[], None]) -> None:
        if not done.done():  # as where nobody waits for it any more
            report()

    def work() -> None:
        try:
            result = call(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - it is raised where the call came from
            report = _raising(done, error)
        else:

            def report() -> None:
                done.set_result(result)

        with contextlib.suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(tell, report)

    threading.Thread(target=work, name="detached", daemon=True).start()
    return await done


def _raising(done: asyncio.Future[T], error: Exception) -> Callable[[], None]:
    return lambda: done.set_exception(error)
