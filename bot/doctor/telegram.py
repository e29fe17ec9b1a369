"""Telegram: whether it can be reached and knows the token, and how updates come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from telegram import Bot, User, WebhookInfo
from telegram.error import InvalidToken, TelegramError

from bot.doctor.findings import Finding, ok, problem, warning
from bot.request import AiohttpRequest
from bot.settings import Settings

_SECONDS = 5.0  # for an answer
_RECENT_SECONDS = 3600.0  # since an error of the webhook
_MANY_UPDATES = 100
_TELEGRAMS = "https://api.telegram.org"


def telegram(settings: Settings) -> Iterator[Finding]:
    """Tell of the bot that the token belongs to, and of its webhook.

    Args:
        settings: The settings, with a token.
    """
    yield from asyncio.run(_examine(settings))


async def _examine(settings: Settings) -> list[Finding]:
    root = settings.telegram_api_url
    bot = Bot(
        settings.token.get_secret_value(),
        base_url=f"{root}/bot",
        request=AiohttpRequest(1, _SECONDS),
        get_updates_request=AiohttpRequest(1, _SECONDS),
    )
    found: list[Finding] = []
    started = time.monotonic()
    try:
        async with asyncio.timeout(2 * _SECONDS):
            await bot.initialize()
            found += _bot(bot.bot, time.monotonic() - started)
            found += _webhook(settings, await bot.get_webhook_info())
    except InvalidToken:
        found.append(problem("telegram", _refused(root)))
    except (TelegramError, TimeoutError) as error:
        found.append(problem("telegram", _away(root, error)))
    finally:
        await bot.shutdown()
    return found


def _refused(root: str) -> str:
    said = "Telegram does not know the token; copy it again from @BotFather into TELEGRAM_BOT_TOKEN"
    if root == _TELEGRAMS:
        return said
    return f"{said}, or JAWAB_TELEGRAM_API_URL is not the root of a Bot API server"


def _away(root: str, error: Exception) -> str:
    why = f"{type(error).__name__}: {error}".removesuffix(": ")
    return (
        f"{urlsplit(root).hostname} cannot be reached ({why}); check the network, a proxy "
        "(HTTPS_PROXY) and JAWAB_TELEGRAM_API_URL; --offline leaves Telegram out"
    )


def _bot(bot: User, seconds: float) -> Iterator[Finding]:
    yield ok("telegram", f"reached in {1000 * seconds:.0f} ms; the token is @{bot.username}'s")
    if not bot.can_join_groups:
        yield ok("groups", "it cannot be added to any; /setjoingroups at @BotFather lets it")
    elif bot.can_read_all_group_messages:
        yield ok("groups", "it is sent every message; answers where it is mentioned or asked")
    else:
        yield ok("groups", "it is sent what mentions it, replies to it, and commands")
    if bot.supports_inline_queries:
        yield ok("inline", "on")
    else:
        yield ok("inline", "off; /setinline at @BotFather turns it on")


def _webhook(settings: Settings, info: WebhookInfo) -> Iterator[Finding]:
    waiting = f"{info.pending_update_count} updates waiting"
    if settings.webhook_url is None and not info.url:
        yield _much_or_little(info, f"none set at Telegram, as the bot polls; {waiting}")
    elif settings.webhook_url is None:
        yield warning(
            "webhook",
            f"updates go to {_host(info.url)}, while the settings say to poll; `jawab bot` takes "
            "that webhook away, or set JAWAB_WEBHOOK_URL",
        )
    elif not info.url:
        yield ok("webhook", f"not set at Telegram yet; `jawab bot` does that. {waiting}")
    elif info.url != settings.webhook_url:
        yield warning(
            "webhook",
            f"updates go to {_host(info.url)}, not to JAWAB_WEBHOOK_URL; `jawab bot` changes that "
            "when it starts, unless another bot runs with this token",
        )
    else:
        yield _much_or_little(info, f"set at Telegram as in the settings; {waiting}")
    if info.last_error_date is not None:
        ago = time.time() - info.last_error_date.timestamp()
        said = f"{info.last_error_date:%Y-%m-%d %H:%M} UTC: {info.last_error_message}"
        if info.url and ago < _RECENT_SECONDS:
            yield warning("webhook", f"Telegram could not deliver at {said}; see that it can")
        else:
            yield ok("webhook", f"the last error of Telegram's is of {said}")


def _much_or_little(info: WebhookInfo, said: str) -> Finding:
    if info.pending_update_count < _MANY_UPDATES:
        return ok("webhook", said)
    return warning("webhook", f"{said}; is the bot running?")


def _host(url: str) -> str:
    """Return an address without its path, which is often kept secret."""
    return f"{urlsplit(url).hostname}/…"
