"""Commands of everybody: greeting, help, documents, language, what is stored."""

from __future__ import annotations

from telegram import Chat, InlineKeyboardMarkup, Message, Update, User
from telegram.ext import ContextTypes

from bot.handlers.buttons import ExpiredError, button, notify, pressed, show
from bot.handlers.questions import EXAMPLES, Asked, Questions
from bot.keyboards import (
    document_buttons,
    document_pages,
    example_rows,
    language_buttons,
    sources_buttons,
)
from bot.links import START_PREFIX, decode_question
from bot.markup import isolated_ltr
from bot.profile import introduce_to_administrator
from bot.replies import DOCUMENTS_A_PAGE, document_html, format_date, group_help_html, sources_html
from bot.sending import Place, Reply
from bot.services import Services
from bot.splitting import split_html
from bot.state import ANSWERS_KEPT_DAYS
from bot.texts import LANGUAGES, Texts
from index.documents import SUFFIXES
from index.version import VERSION

Context = ContextTypes.DEFAULT_TYPE


class Commands:
    """The commands, and the buttons under what they reply."""

    def __init__(self, services: Services, questions: Questions) -> None:
        self.services = services
        self._questions = questions

    async def start(self, update: Update, context: Context) -> None:
        """Say what the bot does, with example questions; or ask the question of a deep link."""
        message, user, texts = await self._addressed(update)
        payload = context.args[0] if context.args else ""
        if payload.startswith(START_PREFIX):
            question = decode_question(payload.removeprefix(START_PREFIX))
            if question is not None:
                asked = Asked.by(message, user, question)
                await self._questions.answer(asked, quoted=True)
                return
        rows = example_rows(self.services.library.examples(EXAMPLES))
        html = texts.said(texts.start)
        if rows:
            html += f"\n\n{texts.said(texts.examples)}"
        await self._reply(message, Reply(html, InlineKeyboardMarkup(rows) if rows else None))
        if user.id in self.services.access.administrators:
            # Until they had written, Telegram knew of no chat that a menu could be for.
            await introduce_to_administrator(context.bot, user.id)

    async def help(self, update: Update, context: Context) -> None:
        """Say how to ask."""
        message, user, texts = await self._addressed(update)
        username = context.bot.username
        if message.chat.type != Chat.PRIVATE:
            examples = self.services.library.examples(EXAMPLES)
            html = group_help_html(username, examples, texts)
        else:
            html = texts.said(texts.help.format(username=username))
            if user.id in self.services.access.administrators:
                formats = isolated_ltr(" ".join(SUFFIXES))
                further = (
                    texts.help_for_administrators
                    if self.services.library.changes_here
                    else texts.help_for_administrators_of_cluster
                )
                html += f"\n\n{texts.said(further.format(formats=formats))}"
        await self._reply(message, Reply(html))

    async def other(self, update: Update, _: Context) -> None:
        """Say that only written questions are understood."""
        message, _user, texts = await self._addressed(update)
        await self._reply(message, Reply(texts.said(texts.text_only)))

    # Documents.

    async def sources(self, update: Update, _: Context) -> None:
        """List the documents."""
        message, _user, texts = await self._addressed(update)
        await self._reply(message, await self._sources(0, texts))

    @button
    async def sources_page(self, update: Update, context: Context) -> None:
        """Show a page of the list of documents."""
        query, (page,) = pressed(update, context)
        reply = await self._sources(int(page), self.services.texts(query.from_user))
        await show(self.services, query, reply.html, reply.buttons)

    async def _sources(self, page: int, texts: Texts) -> Reply:
        library = self.services.library
        total = library.index.collection.sizes.documents
        pages = document_pages(total)
        page = min(page, pages - 1)  # the documents may have become fewer
        first = page * DOCUMENTS_A_PAGE
        shown = await library.read(lambda it: it.index.collection.listing(first, DOCUMENTS_A_PAGE))
        html = sources_html(shown, page, pages, total, texts)
        documents = [document for document, _ in shown]
        return Reply(html, sources_buttons(documents, page, pages, texts))

    @button
    async def document(self, update: Update, context: Context) -> None:
        """Show a page of a document's sentences."""
        query, (name, number, list_page) = pressed(update, context)
        texts = self.services.texts(query.from_user)
        document, sentences = await self.services.library.read(
            lambda it: (it.recaller.document(name), it.recaller.sentences(name))
        )
        if document is None:
            await notify(query, texts.document_gone)
            return
        parts = split_html(document_html(document, sentences, texts))
        page = int(number)
        if page >= len(parts):
            raise ExpiredError
        buttons = document_buttons(name, page, len(parts), int(list_page), texts)
        await show(self.services, query, parts[page], buttons)

    # Language, and what is stored.

    async def language(self, update: Update, _: Context) -> None:
        """Ask which language to speak."""
        message, _user, texts = await self._addressed(update)
        html = texts.said(texts.choose_language)
        await self._reply(message, Reply(html, language_buttons(texts)))

    @button
    async def choose_language(self, update: Update, context: Context) -> None:
        """Speak the language that was chosen from now on."""
        query, (code,) = pressed(update, context)
        texts = LANGUAGES.get(code)
        if texts is None:
            raise ExpiredError
        await self.services.state.set_language(query.from_user.id, code)
        await show(self.services, query, texts.said(texts.language_chosen), language_buttons(texts))

    async def about(self, update: Update, _: Context) -> None:
        """Say what the bot is, and what is stored about the user."""
        message, user, texts = await self._addressed(update)
        collection = self.services.library.index.collection
        html = texts.about.format(
            version=isolated_ltr(VERSION),
            documents=texts.documents.counted(collection.sizes.documents),
            sentences=texts.sentences.counted(collection.sizes.sentences),
            stored=await self._stored(user, texts),
            days=ANSWERS_KEPT_DAYS,
            questions_kept=texts.questions_kept if self.services.keeps_questions else "",
        )
        await self._reply(message, Reply(texts.said(html)))

    async def _stored(self, user: User, texts: Texts) -> str:
        stored = await self.services.state.stored_about(user.id)
        lines = []
        if stored.since or stored.answers or stored.ratings:
            since = isolated_ltr(format_date(stored.since)) if stored.since else "-"
            lines.append(
                texts.stored.format(
                    since=since,
                    answers=texts.answers.counted(stored.answers),
                    ratings=texts.ratings.counted(stored.ratings),
                )
            )
        if stored.language in LANGUAGES:
            language = LANGUAGES[stored.language].language
            lines.append(texts.stored_language.format(language=language))
        return "\n".join(lines) or texts.stored_nothing

    async def forget(self, update: Update, _: Context) -> None:
        """Delete what is stored about the user."""
        message, user, texts = await self._addressed(update)
        # Or a question still in hand would be counted as asked by a user who is forgotten.
        async with self._questions.turn(message.chat_id, user.id):
            await self.services.state.forget(user.id)
        await self._reply(message, Reply(texts.said(texts.forgotten)))

    async def _addressed(self, update: Update) -> tuple[Message, User, Texts]:
        message, user = update.effective_message, update.effective_user
        if message is None or user is None:  # the filters let no other update through
            raise ValueError
        return message, user, self.services.texts(user)

    async def _reply(self, message: Message, reply: Reply) -> None:
        in_group = message.chat.type != Chat.PRIVATE
        to = message.message_id if in_group else None
        await self.services.sender.send(Place.of(message), reply, to)
