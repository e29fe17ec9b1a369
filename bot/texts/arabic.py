"""What the bot says in Arabic."""

from __future__ import annotations

from functools import partial

from bot.markup import RIGHT_TO_LEFT_MARK
from bot.texts.keys import Texts
from bot.texts.plurals import Plural

_counted = partial(Plural, "ar")

ARABIC = Texts(
    language="العربية",
    mark=RIGHT_TO_LEFT_MARK,
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
        "تحت الجواب أزرار: سياق الجملة، وإجابات أخرى، ورأيك 👍 أو 👎.\n"
        "في المجموعات أجيب عند ذكر اسمي، أو عند الرد عليّ، أو بعد \u200e/ask.\n"
        "وفي أي محادثة: اكتب \u200e@{username} ثم سؤالك.\n\n"
        "\u200e/start للبداية والأمثلة\n"
        "\u200e/sources للوثائق التي أجيب منها\n"
        "\u200e/language للغة الواجهة\n"
        "\u200e/about لما أنا، ولما أحفظه عنك\n"
        "\u200e/forget لحذف ما أحفظه عنك\n"
        "\u200e/help لهذه المساعدة"
    ),
    help_in_groups=(
        "اسألني هنا بذكر اسمي \u200e@{username} مع السؤال، أو بالرد على رسالة مني، أو هكذا: "
        "\u200e/ask متى القمة المقبلة؟"
    ),
    ask_alone="أو اسألني على انفراد:",
    help_for_administrators=(
        "<b>للمشرفين</b>\n"
        "أرسل إليّ ملفات فأضيفها إلى الوثائق ({formats}).\n"
        "\u200e/remove لإزالة وثيقة\n"
        "\u200e/reload لقراءة الوثائق من جديد\n"
        "\u200e/stats للإحصاءات\n"
        "\u200e/unanswered لأكثر الأسئلة التي بلا جواب"
    ),
    help_for_administrators_of_cluster=(
        "<b>للمشرفين</b>\n"
        "تُضاف الوثائق وتُزال حيث يُبنى الفهرس.\n"
        "\u200e/reload لما في الوثائق الآن\n"
        "\u200e/stats للإحصاءات\n"
        "\u200e/unanswered لأكثر الأسئلة التي بلا جواب"
    ),
    ask_what="اكتب سؤالك بعد الأمر، مثل: \u200e/ask متى القمة المقبلة؟",
    not_found="لم أجد جوابًا في الوثائق.",
    unsure="لست متأكدًا أن الوثائق تجيب عن سؤالك.",
    not_sure="أقرب جملة إلى سؤالك، ولست متأكدًا أنها تجيب عنه:",
    not_sure_several="أقرب الجمل إلى سؤالك، ولست متأكدًا أنها تجيب عنه:",
    elsewhere="وفي مصدر آخر:",
    resolved_on="«{short}»، أي {when}",
    resolved_after="«{short}»، أي بعد {when}",
    resolved_before="«{short}»، أي قبل {when}",
    try_one_of="أسئلة تجيب عنها الوثائق:",
    undated="بلا تاريخ",
    context="<b>السياق</b>",
    others="<b>إجابات أخرى</b> ({page} من {pages})",
    context_button="السياق",
    others_button="إجابات أخرى",
    back_button="↩ رجوع",
    previous_button="▶ السابق",
    next_button="التالي ◀",
    thanks="شكرًا، حفظت رأيك.",
    taken_back="سحبت رأيك.",
    text_only="أفهم الأسئلة المكتوبة فقط. اكتب لي سؤالك من فضلك.",
    no_words="لم أجد كلمة في رسالتك. اكتب سؤالًا، مثل: متى القمة المقبلة؟",
    shortened="سؤالك طويل، فقرأت أوله فقط: {characters}.",
    expired="انتهت صلاحية هذا الزر. اكتب سؤالك من فضلك.",
    failed="حدث خطأ عندي ولم أستطع الإجابة. أعد المحاولة بعد قليل من فضلك.",
    search_away="البحث غير متاح الآن. أعد المحاولة بعد لحظات من فضلك.",
    too_many="مهلًا من فضلك: الحد {questions} في الدقيقة. أجيبك من جديد بعد {seconds}.",
    not_allowed="هذا البوت لمستخدميه المسموح لهم فقط. رقمك في تيليجرام: {user}، فأعطه لصاحب البوت.",
    sources="<b>الوثائق التي أجيب منها</b>: {documents}",
    also="بالنص نفسه: {paths}",
    page="صفحة {page} من {pages}",
    document_gone="لم تعد هذه الوثيقة بين الوثائق.",
    choose_language="بأي لغة أحدثك؟ الأجوبة تبقى كما وردت في الوثائق.",
    language_chosen="سأحدثك بالعربية.",
    about=(
        "<b>جواب</b> {version}: بوت يجيب من الوثائق، ولا يقول إلا ما فيها.\n"
        "أجيب من: {documents}، {sentences}.\n\n"
        "<b>ما أحفظه عنك</b>\n{stored}\n\n"
        "لا أحفظ أسئلتك مع اسمك أو رقمك. تُحفظ أجوبتي {days} يومًا لتعمل أزرارها، من دون نص السؤال."
        "{questions_kept}"
    ),
    questions_kept="\nالأسئلة التي لم أجد لها جوابًا تُحفظ للمشرفين، من دون اسم سائلها ولا رقمه.",
    stored_nothing="لا شيء.",
    stored="رقمك في تيليجرام، وأول يوم سألتني فيه: {since}\n{answers} · {ratings}",
    stored_language="لغة الواجهة التي اخترتها: {language}",
    forgotten="حذفت كل ما كنت أحفظه عنك، ولن تعمل أزرار أجوبتي السابقة لك.",
    inline_ask="اسأل جوابًا",
    inline_not_found="لا جواب في الوثائق. اسألني في المحادثة",
    inline_away="البحث غير متاح الآن",
    added="أضفت الوثيقة <b>{name}</b>:\n{title}\n{source} · {sentences}",
    added_archive="أضفت الملف <b>{name}</b>: {documents}، {sentences}",
    added_already="هذا النص موجود في الوثائق باسم {name}، فلم أضفه.",
    add_format="لا أقرأ ملفات من هذا النوع. أقرأ: {formats}",
    add_size="الملف أكبر مما أقبله ({most} ميغابايت). قسّمه، أو ضعه في مجلد الوثائق.",
    add_empty="لم أجد نصًّا في الملف {name}، فلم أضفه: {reason}.",
    add_name="اسم الملف لا يصلح. غيّره وأرسله من جديد.",
    add_not_here="الوثائق هنا ملف واحد وليست مجلدًا، فلا أستطيع أن أضيف إليها.",
    came_with_jawab=(
        "الوثائق هنا جاءت مع البرنامج ولا تتغير. سمِّ في JAWAB_DOCS مجلدًا لك فأضيف إليه وأزيل منه."
    ),
    add_failed="لم أستطع حفظ الملف {name}: {reason}",
    remove_which="أي وثيقة أزيل؟",
    remove_sure="أأزيل هذه الوثيقة؟\n{title}\n{source}",
    remove_button="أزلها",
    keep_button="أبقها",
    removed=(
        "أزلت الوثيقة <b>{name}</b>، وحفظت الملف باسم {kept}. لإعادتها أرسل الملف إليّ من جديد."
    ),
    remove_in_archive=(
        "هذه الوثيقة في الملف {file} ({place}) ومعه غيرها: {documents}، فلا أنزعها منه. غيّر الملف، "
        "أو أزله من مجلد الوثائق."
    ),
    kept="بقيت الوثيقة.",
    remove_last="هذه آخر وثيقة، فلا أزيلها: لا أستطيع العمل بلا وثائق.",
    reloading="أقرأ الوثائق من جديد، وأجيب في أثناء ذلك مما لدي.",
    reloaded="قرأت الوثائق من جديد: {documents}، {sentences} ({seconds} ث).{left_out}",
    left_out="\nتركت: {files}",
    reload_failed="لم أستطع قراءة الوثائق من جديد، وما زلت أجيب مما كان: {reason}",
    reload_running="أقرأ الوثائق من جديد الآن، فانتظر قليلًا.",
    changed_elsewhere=(
        "تُضاف الوثائق وتُزال حيث يُبنى الفهرس، لا من هنا. وأجيب مما يتغير هناك حالما يصل."
    ),
    follows_cluster=(
        "أتابع خوادم البحث بنفسي، فلا حاجة إلى قراءة الوثائق من جديد. "
        "أجيب الآن من: {documents}، {sentences}."
    ),
    stats=(
        "<b>إحصاءات</b>\n"
        "{questions}\n"
        "🟩 أجبت عن {answered} · 🟨 غير متأكد {not_sure} · 🟥 لم أجد {not_found}\n"
        "👍 {up} · 👎 {down}\n"
        "{users}\n"
        "زمن الجواب: الوسيط {p50} م‌ث، و95% في أقل من {p95} م‌ث"
    ),
    stats_days="الأسئلة في آخر {days} يومًا، والأحدث إلى اليمين",
    unanswered="أكثر الأسئلة التي لم أجد لها جوابًا: {questions}",
    unanswered_none="ليس لدي أسئلة بلا جواب.",
    unanswered_off="حفظ الأسئلة معطّل (JAWAB_KEEP_QUESTIONS=0).",
    start_command="البداية وأمثلة على الأسئلة",
    ask_command="اسأل سؤالًا",
    help_command="كيف أسأل؟",
    sources_command="الوثائق التي أجيب منها",
    language_command="لغة الواجهة",
    about_command="ما أنا، وما أحفظه عنك",
    forget_command="احذف ما تحفظه عني",
    remove_command="أزل وثيقة",
    reload_command="اقرأ الوثائق من جديد",
    stats_command="إحصاءات",
    unanswered_command="الأسئلة التي بلا جواب",
    description=(
        "أجيب عن أسئلتك بالعربية من مجموعة وثائق: بالجملة التي فيها الجواب كما وردت، مع مصدرها. "
        "وإن لم تُجب الوثائق قلت ذلك بصراحة."
    ),
    short_description="أسئلة بالعربية، وأجوبة من الوثائق مع مصادرها.",
    questions=_counted(
        zero="لا أسئلة",
        one="سؤال واحد",
        two="سؤالان",
        few="{count} أسئلة",
        many="{count} سؤالًا",
        other="{count} سؤال",
    ),
    documents=_counted(
        zero="لا وثائق",
        one="وثيقة واحدة",
        two="وثيقتان",
        few="{count} وثائق",
        many="{count} وثيقة",
        other="{count} وثيقة",
    ),
    sentences=_counted(
        zero="لا جمل",
        one="جملة واحدة",
        two="جملتان",
        few="{count} جمل",
        many="{count} جملة",
        other="{count} جملة",
    ),
    users=_counted(
        zero="لا مستخدمين",
        one="مستخدم واحد",
        two="مستخدمان",
        few="{count} مستخدمين",
        many="{count} مستخدمًا",
        other="{count} مستخدم",
    ),
    answers=_counted(
        zero="لا أجوبة بأزرار",
        one="جواب واحد بأزراره",
        two="جوابان بأزرارهما",
        few="{count} أجوبة بأزرارها",
        many="{count} جوابًا بأزرارها",
        other="{count} جواب بأزرارها",
    ),
    ratings=_counted(
        zero="لا آراء",
        one="رأي واحد",
        two="رأيان",
        few="{count} آراء",
        many="{count} رأيًا",
        other="{count} رأي",
    ),
    characters=_counted(
        zero="لا حروف",
        one="حرف واحد",
        two="حرفان",
        few="{count} حروف",
        many="{count} حرفًا",
        other="{count} حرف",
    ),
    seconds=_counted(
        zero="أقل من ثانية",
        one="ثانية واحدة",
        two="ثانيتين",
        few="{count} ثوان",
        many="{count} ثانية",
        other="{count} ثانية",
    ),
)
