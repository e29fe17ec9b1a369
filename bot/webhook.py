"""Where Telegram reaches the bot by webhook, and how the bot knows that it is Telegram."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook.

    Attributes:
        url: The public address that Telegram calls; what stands there passes on to ``host``.
        host: The address that the bot listens on.
        port: Its port.
        path: The path there, without its first slash.
        secret: What Telegram sends along; a request without it is refused.
    """

    url: str
    host: str
    port: int
    path: str
    secret: str

    @classmethod
    def of(cls, settings: Settings) -> Webhook | None:
        """Return the webhook that is set, or None for polling.

        Without a path of its own it has that of the address.
        """
        if settings.webhook_url is None:
            return None
        host, _, port = settings.webhook_listen.rpartition(":")
        path = settings.webhook_path or urlsplit(settings.webhook_url).path
        return cls(
            url=settings.webhook_url,
            host=host.strip("[]"),
            port=int(port),
            path=path.lstrip("/"),
            secret=settings.secret_of_webhook(),
        )
