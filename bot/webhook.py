"""Where Telegram reaches the bot by webhook, and how the bot knows that it is Telegram."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from telegram.error import BadRequest
from telegram.ext import Updater

from bot.settings import Settings

_LOGGER = logging.getLogger(__name__)


class WebhookError(Exception):
    """The webhook cannot be used; ``str`` says why and what to do."""


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

    async def listen(self, updater: Updater, **options: Any) -> None:
        """Listen, and have Telegram call.

        Args:
            updater: Takes what comes.
            options: Further ones of ``Updater.start_webhook``.

        Raises:
            TelegramError: Telegram cannot be told of it now.
            WebhookError: It cannot be used as it is set.
        """
        try:
            await updater.start_webhook(
                listen=self.host,
                port=self.port,
                url_path=re.escape(self.path),  # it is taken for a pattern
                webhook_url=self.url,
                secret_token=self.secret,
                **options,
            )
        except BadRequest as error:
            raise WebhookError(
                f"Telegram refuses the webhook {self.url} ({error}); change JAWAB_WEBHOOK_URL."
            ) from error
        except (OSError, UnicodeError) as error:
            raise WebhookError(
                f"The webhook cannot listen on {self.host}:{self.port} "
                f"({getattr(error, 'strerror', None) or error}); set JAWAB_WEBHOOK_LISTEN to an "
                "address of this machine and a free port."
            ) from error
        _LOGGER.info("listening on %s:%s for Telegram", self.host, self.port)
