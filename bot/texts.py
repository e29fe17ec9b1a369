"""Every sentence the bot says, in Arabic and in English.

Values are Telegram HTML; what goes into a ``{placeholder}`` is escaped by who puts it there.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

EXAMPLES = (
    "متى القمة المقبلة؟",
    "من هو الأمين العام للمنظمة؟",
    "ما تاريخ الخبر؟",
)
"""Example questions; only those that the documents answer are shown."""

EXAMPLE_ABOUT = "ماذا ورد عن {topic}؟"
"""An example made from a document's title where the fixed ones are not answered."""


@dataclass(frozen=True, slots=True)
class Texts:
    """The bot's sentences in one language."""

    start: str
    examples: str
    help: str
    sources: str
    more_sources: str
    document: str
    undated: str
    not_found: str
    unsure: str
    not_sure: str
    elsewhere: str
    resolved_on: str
    resolved_after: str
    resolved_before: str
    text_only: str
    no_words: str
    shortened: str
    expired: str
    failed: str
    start_command: str
    help_command: str
    sources_command: str
    description: str
    short_description: str


ARABIC = Texts(
    start=(
        "مرحبًا! أنا <b>جواب</b>: أجيب عن أسئلتك من الوثائق التي لديّ، بالجملة التي فيها الجواب "
        "كما وردت، مع مصدرها. وإن لم تُجب الوثائق قلت ذلك."
    ),
    examples="اكتب سؤالك، أو جرّب أحد هذه الأسئلة:",
    help=(
        "<b>كيف أسأل؟</b>\n"
        "اكتب سؤالك بالعربية كما تشاء، فصيحًا أو عاميًّا: متى؟ أين؟ من؟ كم؟ ماذا؟ لماذا؟ كيف؟\n\n"
        "الجواب جملة من الوثائق كما هي، والجواب القصير فيها <b>بخط عريض</b>، وتحتها المصدر. "
        "عدّل سؤالك فأعدّل جوابي.\n\n"
        "/start للبداية والأمثلة\n/sources للوثائق التي أجيب منها\n/help لهذه المساعدة"
    ),
    sources="<b>الوثائق التي أجيب منها</b>، وعددها {count}:",
    more_sources="… ووثائق أخرى، عددها {count}.",
    document="• {title}\n{source} · عدد الجمل {sentences}",
    undated="بلا تاريخ",
    not_found="لم أجد جوابًا في الوثائق.",
    unsure="لست متأكدًا أن الوثائق تجيب عن سؤالك.",
    not_sure="أقرب جملة إلى سؤالك، ولست متأكدًا أنها تجيب عنه:",
    elsewhere="وفي مصدر آخر:",
    resolved_on="«{short}»، أي {when}",
    resolved_after="«{short}»، أي بعد {when}",
    resolved_before="«{short}»، أي قبل {when}",
    text_only="أفهم الأسئلة المكتوبة فقط. اكتب لي سؤالك من فضلك.",
    no_words="لم أجد كلمة في رسالتك. اكتب سؤالًا، مثل: متى القمة المقبلة؟",
    shortened="سؤالك طويل، فقرأت أول {count} حرف منه فقط.",
    expired="انتهت صلاحية هذا الزر. اكتب سؤالك من فضلك.",
    failed="حدث خطأ عندي ولم أستطع الإجابة. أعد المحاولة بعد قليل من فضلك.",
    start_command="البداية وأمثلة على الأسئلة",
    help_command="كيف أسأل؟",
    sources_command="الوثائق التي أجيب منها",
    description=(
        "أجيب عن أسئلتك بالعربية من مجموعة وثائق: بالجملة التي فيها الجواب كما وردت، مع مصدرها. "
        "وإن لم تُجب الوثائق قلت ذلك بصراحة."
    ),
    short_description="أسئلة بالعربية، وأجوبة من الوثائق مع مصادرها.",
)

ENGLISH = Texts(
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
        "/start to begin, with examples\n/sources for the documents I answer from\n"
        "/help for this help"
    ),
    sources="<b>The documents I answer from</b>: {count}",
    more_sources="… and {count} more.",
    document="• {title}\n{source} · sentences: {sentences}",
    undated="no date",
    not_found="I found no answer in the documents.",
    unsure="I am not sure that the documents answer this.",
    not_sure="The nearest sentence, though I am not sure that it answers:",
    elsewhere="Another source says:",
    resolved_on="«{short}», that is {when}",
    resolved_after="«{short}», that is after {when}",
    resolved_before="«{short}», that is before {when}",
    text_only="I understand written questions only. Please write me your question.",
    no_words="I found no word in your message. Write a question, such as: متى القمة المقبلة؟",
    shortened="Your question is long, so I read only its first {count} characters.",
    expired="This button has expired. Please write your question.",
    failed="Something went wrong on my side and I could not answer. Please try again in a while.",
    start_command="Begin, with example questions",
    help_command="How to ask",
    sources_command="The documents I answer from",
    description=(
        "I answer questions in Arabic from a collection of documents: with the sentence that "
        "answers, word for word, and its source. Where the documents do not say, I tell you so."
    ),
    short_description="Questions in Arabic, answers from the documents with their sources.",
)

LANGUAGES = {"ar": ARABIC, "en": ENGLISH}


def texts_for(language_code: str | None) -> Texts:
    """Return the texts for a Telegram client's language: English for ``en…``, else Arabic."""
    return ENGLISH if (language_code or "").lower().startswith("en") else ARABIC


def keys() -> tuple[str, ...]:
    """Return the names of all texts."""
    return tuple(field.name for field in fields(Texts))
