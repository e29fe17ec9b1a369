"""What the bot says in English; answers stay as the documents have them."""

from __future__ import annotations

from functools import partial

from bot.markup import LEFT_TO_RIGHT_MARK
from bot.texts.keys import Texts
from bot.texts.plurals import Plural

_counted = partial(Plural, "en")

ENGLISH = Texts(
    language="English",
    mark=LEFT_TO_RIGHT_MARK,
    start=(
        "Hello! I am <b>Jawab</b> (جواب, “answer”). I answer questions in Arabic from the "
        "documents I was given: with the sentence that answers, word for word, and its source. "
        "Where the documents do not say, I tell you so."
    ),
    examples="Write your question in Arabic, or try one of these:",
    help=(
        "<b>How to ask</b>\n"
        "Write a question in Arabic, standard or dialect: متى؟ أين؟ من؟ كم؟ ماذا؟ لماذا؟ كيف؟\n\n"
        "The answer is a sentence of the documents as it stands, with the short answer in "
        "<b>bold</b> and the source under it. Edit your question and I edit my answer.\n\n"
        "Under an answer are buttons: its context, other answers, and your verdict 👍 or 👎.\n"
        "In groups I answer when I am mentioned, replied to, or asked with /ask.\n"
        "In any chat: write @{username} and your question.\n\n"
        "/start to begin, with examples\n"
        "/sources for the documents I answer from\n"
        "/language for the language I speak\n"
        "/about for what I am and what I store about you\n"
        "/forget to delete what I store about you\n"
        "/help for this help"
    ),
    help_in_groups=(
        "Ask me here by mentioning @{username} with your question, by replying to a message of "
        "mine, or like this: /ask متى القمة المقبلة؟"
    ),
    ask_alone="Or ask me in private:",
    help_for_administrators=(
        "<b>For administrators</b>\n"
        "Send me files and I add them to the documents ({formats}).\n"
        "/remove to remove a document\n"
        "/reload to read the documents again\n"
        "/stats for figures\n"
        "/unanswered for the questions most asked without an answer"
    ),
    help_for_administrators_of_cluster=(
        "<b>For administrators</b>\n"
        "Documents are added and removed where the index is built.\n"
        "/reload for what there is now\n"
        "/stats for figures\n"
        "/unanswered for the questions most asked without an answer"
    ),
    ask_what="Write your question behind the command, such as: /ask متى القمة المقبلة؟",
    not_found="I found no answer in the documents.",
    unsure="I am not sure that the documents answer this.",
    not_sure="The nearest sentence, though I am not sure that it answers:",
    not_sure_several="The nearest sentences, though I am not sure that they answer:",
    elsewhere="Another source says:",
    resolved_on="«{short}», that is {when}",
    resolved_after="«{short}», that is after {when}",
    resolved_before="«{short}», that is before {when}",
    try_one_of="Questions that the documents do answer:",
    undated="no date",
    context="<b>Context</b>",
    others="<b>Other answers</b> ({page} of {pages})",
    context_button="Context",
    others_button="Other answers",
    back_button="↩ Back",
    previous_button="◀ Previous",
    next_button="Next ▶",
    thanks="Thank you, noted.",
    taken_back="Taken back.",
    text_only="I understand written questions only. Please write me your question.",
    no_words="I found no word in your message. Write a question, such as: متى القمة المقبلة؟",
    shortened="Your question is long, so I read only its beginning: {characters}.",
    expired="This button has expired. Please write your question.",
    failed="Something went wrong on my side and I could not answer. Please try again in a while.",
    search_away="The search is not available right now. Please try again in a moment.",
    too_many="One moment, please: the limit is {questions} a minute. Ask again in {seconds}.",
    not_allowed=(
        "This bot is only for those it was set up for. Your Telegram number is {user}; give it to "
        "whoever runs the bot."
    ),
    sources="<b>The documents I answer from</b>: {documents}",
    also="The same text: {paths}",
    page="Page {page} of {pages}",
    document_gone="This document is no longer among the documents.",
    choose_language="Which language shall I speak? Answers stay as the documents have them.",
    language_chosen="I shall speak English.",
    about=(
        "<b>Jawab</b> {version}: answers from the documents, and says nothing that they do not.\n"
        "I answer from {documents}, {sentences}.\n\n"
        "<b>What I store about you</b>\n{stored}\n\n"
        "I do not store your questions with your name or number. My answers are kept for {days} "
        "days so that their buttons work, without the question.{questions_kept}"
    ),
    questions_kept=(
        "\nQuestions that I found no answer to are kept for the administrators, without who asked."
    ),
    stored_nothing="Nothing.",
    stored="Your Telegram number, and the first day you asked: {since}\n{answers} · {ratings}",
    stored_language="The language you chose: {language}",
    forgotten="I deleted all I stored about you; the buttons of my earlier answers to you are off.",
    inline_ask="Ask Jawab",
    inline_not_found="Not in the documents. Ask me in our chat",
    inline_away="The search is not available right now",
    added="Added the document <b>{name}</b>:\n{title}\n{source} · {sentences}",
    added_archive="Added the file <b>{name}</b>: {documents}, {sentences}",
    added_already="This text is already among the documents as {name}, so I did not add it.",
    add_format="I do not read files of this kind. I read: {formats}",
    add_size=(
        "The file is larger than I take ({most} MB). Split it, or put it into the documents' "
        "folder."
    ),
    add_empty="I found no text in {name}, so I did not add it: {reason}.",
    add_name="The file's name cannot be used. Change it and send it again.",
    add_not_here="The documents here are a single file and not a folder, so I cannot add to them.",
    came_with_jawab=(
        "The documents here came with Jawab and are not changed. Name a folder of your own in "
        "JAWAB_DOCS, and I add and remove there."
    ),
    add_failed="I could not save {name}: {reason}",
    remove_which="Which document shall I remove?",
    remove_sure="Remove this document?\n{title}\n{source}",
    remove_button="Remove it",
    keep_button="Keep it",
    removed=(
        "Removed the document <b>{name}</b>; its file is kept as {kept}. To have it back, send it "
        "to me again."
    ),
    remove_in_archive=(
        "This document stands in the file {file} ({place}), together with {documents}, so I do not "
        "take it out. Change the file, or remove it from the documents' folder."
    ),
    kept="The document stays.",
    remove_last="This is the last document, so I keep it: I cannot work without any.",
    reloading="I am reading the documents again, and answer from what I have meanwhile.",
    reloaded="Read the documents again: {documents}, {sentences} ({seconds} s).{left_out}",
    left_out="\nLeft out: {files}",
    reload_failed=(
        "I could not read the documents again, and still answer from what there was: {reason}"
    ),
    reload_running="I am reading the documents again right now; please wait a little.",
    changed_elsewhere=(
        "Documents are added and removed where the index is built, not here. I answer from what "
        "changes there as soon as it arrives."
    ),
    follows_cluster=(
        "I follow the search cluster by myself, so nothing has to be read again. I answer from "
        "{documents}, {sentences}."
    ),
    stats=(
        "<b>Figures</b>\n"
        "{questions}\n"
        "🟩 answered {answered} · 🟨 not sure {not_sure} · 🟥 not found {not_found}\n"
        "👍 {up} · 👎 {down}\n"
        "{users}\n"
        "Time to answer: median {p50} ms, 95% within {p95} ms"
    ),
    stats_days="Questions of the last {days} days, the latest at the right",
    unanswered="Asked most without an answer: {questions}",
    unanswered_none="There are no questions without an answer.",
    unanswered_off="Questions are not kept (JAWAB_KEEP_QUESTIONS=0).",
    start_command="Begin, with example questions",
    ask_command="Ask a question",
    help_command="How to ask",
    sources_command="The documents I answer from",
    language_command="The language I speak",
    about_command="What I am, and what I store about you",
    forget_command="Delete what is stored about me",
    remove_command="Remove a document",
    reload_command="Read the documents again",
    stats_command="Figures",
    unanswered_command="Questions without an answer",
    description=(
        "I answer questions in Arabic from a collection of documents: with the sentence that "
        "answers, word for word, and its source. Where the documents do not say, I tell you so."
    ),
    short_description="Questions in Arabic, answers from the documents with their sources.",
    questions=_counted(one="{count} question", other="{count} questions"),
    documents=_counted(one="{count} document", other="{count} documents"),
    sentences=_counted(one="{count} sentence", other="{count} sentences"),
    users=_counted(one="{count} user", other="{count} users"),
    answers=_counted(one="{count} answer with buttons", other="{count} answers with buttons"),
    ratings=_counted(one="{count} verdict", other="{count} verdicts"),
    characters=_counted(one="{count} character", other="{count} characters"),
    seconds=_counted(one="{count} second", other="{count} seconds"),
)
