"""What administrators do: documents in and out, figures, and the questions without an answer."""

from __future__ import annotations

import csv
import io
import logging
import time
from datetime import date

from telegram import CallbackQuery, Message, Update
from telegram import Document as TelegramDocument
from telegram.constants import FileSizeLimit
from telegram.error import BadRequest
from telegram.ext import ContextTypes

from bot.charts import DayCounts, activity_png
from bot.files import AddError, WrongKindError, WrongNameError, safe_name
from bot.folder import (
    Came,
    CameWithJawabError,
    InArchiveError,
    KnownTextError,
    NotAFolderError,
    RemoveError,
    UnreadableError,
    holds_many,
)
from bot.handlers.buttons import ExpiredError, button, notify, pressed, show
from bot.keyboards import confirm_buttons, document_pages, remove_buttons
from bot.library import BusyError
from bot.markup import isolated, isolated_ltr, plain
from bot.replies import DOCUMENTS_A_PAGE, origin_html
from bot.sending import Place, Reply
from bot.services import Services
from bot.state import Statistics
from bot.texts import Texts, reason_in
from index import Index, JawabError
from index.documents import SUFFIXES
from index.model import Source

_LOGGER = logging.getLogger(__name__)

STATISTICS_DAYS = 14
_MOST_UNANSWERED = 1000
_MOST_LEFT_OUT = 20  # files that a reply names
_MEGABYTE = 2**20
_MOST_OF_TELEGRAM = FileSizeLimit.FILESIZE_DOWNLOAD // 10**6
_FORMULA = tuple("=+-@＝＋－＠\t\r")

Context = ContextTypes.DEFAULT_TYPE


class Administration:
    """The commands of administrators; whoever else sends one is told how to ask instead."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self._removing: set[str] = set()

    # Documents.

    async def add(self, update: Update, _: Context) -> None:
        """Add the file that was sent to the documents."""
        message, texts = await self._addressed(update)
        file = message.document
        if file is None:
            return
        if not self.services.library.changes_here:
            await self._reply(message, texts, texts.changed_elsewhere)
            return
        await self._reply(message, texts, await self._add(file, texts))

    async def _add(self, file: TelegramDocument, texts: Texts) -> str:
        name = file.file_name or ""
        try:
            safe_name(name)  # what cannot be added is not downloaded
            content = await self._download(file)
            if content is None:
                return texts.add_size.format(most=self.services.upload_bytes // _MEGABYTE)
            came = await self.services.library.add(name, content)
        except BadRequest as error:
            if "file is too big" not in str(error).lower():
                raise
            return texts.add_size.format(most=_MOST_OF_TELEGRAM)
        except (AddError, JawabError, OSError) as error:
            _LOGGER.info("a file was not added: %s", error)
            return _not_added(error, name, texts)
        return _added(came, texts)

    async def _download(self, file: TelegramDocument) -> bytes | None:
        """Return a file's content, or None where it is larger than may be sent."""
        most = self.services.upload_bytes
        if (file.file_size or 0) > most:
            return None
        remote = await self.services.sender.patiently(file.get_file)
        if (remote.file_size or 0) > most:
            return None
        content = await self.services.sender.patiently(remote.download_as_bytearray)
        return bytes(content)

    async def remove(self, update: Update, _: Context) -> None:
        """List the documents to remove one; or ask about the one that is named."""
        message, texts = await self._addressed(update)
        if not self.services.library.changes_here:
            await self._reply(message, texts, texts.changed_elsewhere)
            return
        named = plain("".join((message.text or "").split(maxsplit=1)[1:])).strip()
        document = self.services.library.recaller.named(named) if named else None
        if document is not None:
            html = _sure(document, texts)
            await self._reply(message, texts, html, Reply("", confirm_buttons(document.id, texts)))
            return
        await self._reply(message, texts, texts.remove_which, self._removable(0, texts))

    def _removable(self, page: int, texts: Texts) -> Reply:
        collection = self.services.library.index.collection
        pages = document_pages(collection.sizes.documents)
        page = min(page, pages - 1)
        listed = collection.listing(page * DOCUMENTS_A_PAGE, DOCUMENTS_A_PAGE)
        shown = [document for document, _ in listed]
        return Reply(texts.said(texts.remove_which), remove_buttons(shown, page, pages, texts))

    @button
    async def remove_page(self, update: Update, context: Context) -> None:
        """Show a page of the documents that can be removed."""
        query, (page,) = self._pressed(update, context)
        reply = self._removable(int(page), self.services.texts(query.from_user))
        await show(self.services, query, reply.html, reply.buttons)

    @button
    async def remove_one(self, update: Update, context: Context) -> None:
        """Ask whether a document is to be removed, remove it, or keep it."""
        query, (name, step) = self._pressed(update, context)
        texts = self.services.texts(query.from_user)
        document = self.services.library.recaller.document(name)
        if document is None:
            await notify(query, texts.document_gone)
            return
        if step == "ask":
            html = _sure(document, texts)
            await show(self.services, query, texts.said(html), confirm_buttons(name, texts))
            return
        if name in self._removing:
            await notify(query, texts.reload_running)
            return
        html = texts.kept
        if step == "yes":
            self._removing.add(name)
            try:
                await notify(query)  # its waiting would end before the index is built
                html = await self._remove(name, document.path, texts)
            finally:
                self._removing.discard(name)
        await show(self.services, query, texts.said(html), None)

    def _pressed(self, update: Update, context: Context) -> tuple[CallbackQuery, tuple[str, ...]]:
        query, groups = pressed(update, context)
        services = self.services
        if query.from_user.id not in services.access.administrators:
            raise ExpiredError
        if not services.library.changes_here:  # any more, since the button was sent
            raise ExpiredError
        return query, groups

    async def _remove(self, name: str, path: str, texts: Texts) -> str:
        try:
            kept = await self.services.library.remove(name)
        except RemoveError as error:
            return _not_removed(error, texts)
        except (JawabError, OSError) as error:
            _LOGGER.error("a document could not be removed: %s", error)  # noqa: TRY400
            return texts.reload_failed.format(reason=_reason(error, texts))
        if not kept:
            return texts.document_gone
        names = ", ".join(isolated(one.name) for one in kept)
        return texts.removed.format(name=isolated(path), kept=names)

    async def reload(self, update: Update, _: Context) -> None:
        """Read the documents again; answers go on meanwhile."""
        message, texts = await self._addressed(update)
        library = self.services.library
        if not library.changes_here:
            await self._reply(message, texts, _followed(await library.reload(), texts))
            return
        if library.is_reloading:
            await self._reply(message, texts, texts.reload_running)
            return
        await self._reply(message, texts, texts.reloading)
        started = time.monotonic()
        try:
            index = await library.reload()
        except BusyError:
            html = texts.reload_running
        except (JawabError, OSError) as error:
            html = texts.reload_failed.format(reason=_reason(error, texts))
        else:
            html = _reloaded(index, time.monotonic() - started, texts)
        await self._reply(message, texts, html)

    # Figures.

    async def stats(self, update: Update, _: Context) -> None:
        """Send the figures, with a picture of the last days."""
        message, texts = await self._addressed(update)
        found = await self.services.state.statistics(STATISTICS_DAYS)
        picture = activity_png(
            [
                DayCounts(
                    day,
                    counts.get("answered", 0),
                    counts.get("not_sure", 0),
                    counts.get("not_found", 0),
                )
                for day, counts in found.by_day
            ]
        )
        days = texts.stats_days.format(days=STATISTICS_DAYS)
        caption = f"{texts.said(_figures(found, texts))}\n\n{texts.said(days)}"
        await self.services.sender.send_photo(Place.of(message), picture, caption)

    async def unanswered(self, update: Update, _: Context) -> None:
        """Send the questions most asked without an answer, as CSV."""
        message, texts = await self._addressed(update)
        rows = await self.services.state.unanswered(_MOST_UNANSWERED)
        if not rows:
            kept = self.services.keeps_questions
            await self._reply(
                message, texts, texts.unanswered_none if kept else texts.unanswered_off
            )
            return
        caption = texts.said(texts.unanswered.format(questions=texts.questions.counted(len(rows))))
        await self.services.sender.send_document(
            Place.of(message), _csv(rows), "unanswered.csv", caption
        )

    async def _addressed(self, update: Update) -> tuple[Message, Texts]:
        message, user = update.effective_message, update.effective_user
        if message is None or user is None:  # the filters let no other update through
            raise ValueError
        return message, self.services.texts(user)

    async def _reply(
        self, message: Message, texts: Texts, html: str, under: Reply | None = None
    ) -> None:
        reply = Reply(texts.said(html), under.buttons if under else None)
        await self.services.sender.send(Place.of(message), reply, message.message_id)


def _sure(document: Source, texts: Texts) -> str:
    return texts.remove_sure.format(
        title=isolated(document.title), source=origin_html(document, texts)
    )


def _not_added(error: Exception, name: str, texts: Texts) -> str:
    shown = isolated(name)
    match error:
        case KnownTextError():
            html = texts.added_already.format(name=isolated(str(error)))
        case WrongKindError():
            html = texts.add_format.format(formats=isolated_ltr(" ".join(SUFFIXES)))
        case WrongNameError():
            html = texts.add_name
        case NotAFolderError():
            html = texts.add_not_here
        case CameWithJawabError():
            html = texts.came_with_jawab
        case UnreadableError():
            html = texts.add_empty.format(name=shown, reason=_reason(error, texts))
        case _:
            html = texts.add_failed.format(name=shown, reason=_reason(error, texts))
    return html


def _added(came: Came, texts: Texts) -> str:
    if holds_many(came.file):
        return texts.added_archive.format(
            name=isolated(came.file),
            documents=texts.documents.counted(came.documents),
            sentences=texts.sentences.counted(came.sentences),
        )
    return texts.added.format(
        name=isolated(came.file),
        title=isolated(came.source.title),
        source=origin_html(came.source, texts),
        sentences=texts.sentences.counted(came.sentences),
    )


def _not_removed(error: RemoveError, texts: Texts) -> str:
    if isinstance(error, InArchiveError):
        return texts.remove_in_archive.format(
            file=isolated(error.file),
            place=isolated(error.place),
            documents=texts.documents.counted(error.others),
        )
    if isinstance(error, CameWithJawabError):
        return texts.came_with_jawab
    return texts.remove_last


def _reason(error: Exception, texts: Texts) -> str:
    said = error.strerror if isinstance(error, OSError) else None
    return isolated(reason_in(said or str(error), texts))


def _followed(index: Index, texts: Texts) -> str:
    sizes = index.collection.sizes
    return texts.follows_cluster.format(
        documents=texts.documents.counted(sizes.documents),
        sentences=texts.sentences.counted(sizes.sentences),
    )


def _reloaded(index: Index, seconds: float, texts: Texts) -> str:
    named = index.skipped[:_MOST_LEFT_OUT]
    files = ", ".join(isolated(f"{file.path} ({reason_in(file.reason, texts)})") for file in named)
    if len(index.skipped) > len(named):
        files += f" … (+{len(index.skipped) - len(named)})"
    return texts.reloaded.format(
        documents=texts.documents.counted(index.collection.sizes.documents),
        sentences=texts.sentences.counted(index.collection.sizes.sentences),
        seconds=f"{seconds:.1f}",
        left_out=texts.left_out.format(files=files) if files else "",
    )


def _figures(found: Statistics, texts: Texts) -> str:
    return texts.stats.format(
        questions=texts.questions.counted(sum(found.totals.values())),
        answered=found.totals.get("answered", 0),
        not_sure=found.totals.get("not_sure", 0),
        not_found=found.totals.get("not_found", 0),
        up=found.up,
        down=found.down,
        users=texts.users.counted(found.users),
        p50=f"{found.p50_ms:.0f}",
        p95=f"{found.p95_ms:.0f}",
    )


def _csv(rows: list[tuple[str, int, date]]) -> bytes:
    """Return questions as CSV that spreadsheets open as UTF-8 and never take for a formula."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(("question", "count", "last"))
    for question, count, last in rows:
        shown = f"'{question}" if question.startswith(_FORMULA) else question
        writer.writerow((shown, count, last.isoformat()))
    return file.getvalue().encode("utf-8-sig", "replace")
