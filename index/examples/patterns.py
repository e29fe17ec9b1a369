"""Patterns of tags, and the questions that they make."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from index.arabic import normalise
from index.arabic import words as words_of
from index.examples.example import Example
from index.examples.tags import SAYING, TaggedSentence, word_set
from index.persons import find_persons

_SHORT_TOPIC = 4  # words
_FIRST_WORDS = 3  # that say what a topic is
_LONGEST_REST = 6  # words behind a topic, of which a short answer must hold one

_OFFICES = word_set(
    "الرئيس رئيس رئيسة الرئيسة الأمين أمين الأمينة وزير وزيرة مدير مديرة سفير سفيرة قائد محافظ "
    "مفتي المتحدث متحدث الناطق المبعوث المندوب مدرب عمدة حاكم ولي مؤسس المستشار المستشارة نائب ملك"
)
_IN_TITLES = _OFFICES | word_set(
    "وزراء خارجية دفاع داخلية مجلس حكومة جمهورية دولة عام اتحاد منظمة أركان حزب هيئة لجنة شركة بنك "
    "جامعة بلدية عهد العهد"
)
# Of what, an adjective does not say.
_SIDES = word_set(
    "الشمال الجنوب الشرق الغرب الشمالي الجنوبي الجانب الجزء القسم الناحية المساحة القرن الأغلبية "
    "الطرف الفترة المرحلة الحالة الصعيد المستوى المجموع الشكل النوع الحديث"
)
_PARTS_OF_NAMES = word_set("عبد أبو أبي ابن بن آل أم نور سيف")
_MASCULINE = word_set("العراق لبنان الأردن المغرب السودان اليمن")
_PERSONS = _OFFICES | word_set(
    "كاتب كاتبة شاعر شاعرة روائي روائية مغني مغن مغنية مطرب مطربة ممثل ممثلة عالم عالمة مخترع "
    "سياسي سياسية لاعب لاعبة طبيب طبيبة مؤرخ رسام رسامة مخرج مخرجة نبي رسول صحابي خليفة أديب أديبة "
    "صحفي صحفية مهندس مهندسة رجل ناشط ناشطة مناضل مناضلة ملكة أميرة فقيه مفكر فيلسوف موسيقي ملحن "
    "فنان فنانة"
)
_DEFINING = re.compile(
    r"(?P<topic>[^\W\d_][^،,.:؛«»\"]{1,40}?)(?:\s++(?:أو|والمعروف|المعروف|الملقب)\s[^.؟!]{1,80}?)?"
    r"[\s،]++(?P<pronoun>هو|هي)\s+(?P<what>\w+)"
)
_MALE = word_set("خليفة علامة")
# A name with a life in brackets behind it, perhaps after its spelling in another language.
_LIVED = re.compile(
    r"(?P<topic>[^\W\d_][^،,.:؛()«»\"]{1,40}?) ?(?:\([^()\d]*\) ?)?\((?P<life>[^()\d]*\d[^()]*)\)"
    r"[ ،]*(?:(?P<pronoun>هو|هي) +)?(?P<what>\w+)"
)
_BORN = re.compile(r"ولدت?|مواليد")
_TO = re.compile(r" ?م? ?[-–—] ?")

# Patterns of tags: a name, a place, what is definite, and what may stand on the way to an answer.
_NAME = r"N(?: N){0,2}"
_PLACE = r"P(?: p){0,3}"
_PHRASE = rf"(?:{_NAME}|{_PLACE}|(?:b ){{0,2}}(?:{_PLACE}|d(?: d){{0,2}}))"
_BETWEEN = r"(?P<between>(?: [bdfiwaxNPp]){0,5}?)"
_CLAUSES = (
    rf"(?P<verb>v) (?P<subject>{_PHRASE}){_BETWEEN}",
    rf"(?P<verb>l) (?P<subject>[bdxN](?: [bdxN]){{0,2}}){_BETWEEN}",
    rf"(?:(?<=t )|\A)(?P<subject>{_PHRASE}) (?P<verb>[vl]){_BETWEEN}",
    rf"(?<![bdxNPp] )(?P<subject>d(?: d){{0,2}}) (?P<that>r) (?P<verb>[vk]){_BETWEEN}",
)
_ENDINGS = (
    (r"(?<! [fiwa])(?: [fia])* (?P<answer>D(?: e)*)", "متى {verb} {subject} {between}"),
    (
        rf"(?<! [fiwa])(?:(?: [fi])* D(?: e)*)? f (?P<answer>(?:b )?{_PLACE})",
        "أين {verb} {subject} {between}",
    ),
    (r"(?<! [fiwa]) y (?P<answer>\w \w)", "لماذا {verb} {subject} {between}"),
)
_RULES = (
    *((re.compile(one + ending), asked) for one in _CLAUSES for ending, asked in _ENDINGS),
    (
        re.compile(
            rf"f (?P<answer>D(?: e)*)[ .](?P<verb>[vl]) (?P<subject>{_PHRASE})"
            r"(?P<between>(?: [bdfwxNPp]){0,6})\."
        ),
        "متى {verb} {subject} {between}",
    ),
    (
        re.compile(rf"(?P<verb>m) (?P<subject>{_PHRASE})(?: [aw])* (?P<answer>q(?: u)*)"),
        "كم {verb} {subject}",
    ),
    (
        re.compile(rf"(?P<verb>h) (?P<subject>{_PHRASE}) (?P<answer>q (?P<unit>u))"),
        "كم {unit} {verb} {subject}",
    ),
)
_TOPIC = re.compile(rf"(?<![bdxgNPp] )d d(?! [dxNg])|(?<=[fw] ){_PLACE}(?! [dNp])")
_ABOUT = re.compile(rf"t (?P<topic>{_PHRASE}(?: [fw] {_PHRASE})*)")
_SPEAKER = re.compile(rf"(?:{_NAME}|d d)(?=[ .])")
_OF_TOPIC = (
    (re.compile(r"c (?:[bx] ){1,3}(?P<verb>v)(?: [fi])* (?P<answer>D(?: e)*)"), "متى"),
    (re.compile(rf"c (?:[bx] ){{1,3}}(?P<verb>v) f (?P<answer>(?:b )?{_PLACE})"), "أين"),
)


def _from_clauses(text: TaggedSentence) -> Iterator[Example]:
    """«أن القمة المقبلة ستعقد في 11 نوفمبر 2026», «بلغت مساحة مصر 1000 كيلومتر»."""
    for rule, question in _RULES:
        for start in range(0, len(text.tags), 2):
            match = rule.match(text.tags, start)
            if match is None or not _agrees(text, match):
                continue
            parts = {name: text.written(*match.span(name)) for name in match.groupdict()}
            if "unit" in parts:
                parts["unit"] = _counted(parts["answer"])
            if parts.get("unit") != "":
                yield text.ask(question.format(**parts), parts["answer"])


def _agrees(text: TaggedSentence, match: re.Match[str]) -> bool:
    """Tell whether a subject before its verb is one noun phrase, as far as endings show.

    Behind its verb it stays where it was, and the question is as right as the sentence.
    """
    start, end = match.span("subject")
    if start > match.start("verb"):
        return True
    subject = [word for word, _ in text.words[start // 2 : (end + 1) // 2]]
    head = next((n for n in range(len(subject)) if text.tags[start + 2 * n] == "d"), None)
    if head is None:
        return True
    if all(word.endswith("ه") for word in (subject[0], subject[head])) and not all(
        word.endswith(("ه", "ي", "ا", "ات")) for word in subject[head + 1 :]
    ):
        return False
    that = text.words[match.start("that") // 2][0] if "that" in match.groupdict() else None
    return that is None or subject[head].endswith(("ه", "ات", "ي", "اء")) == (that == "التي")


def _counted(quantity: str) -> str:
    """Return what is counted as it stands behind «كم», in the accusative singular; else nothing."""
    number, *_, unit = quantity.split()
    # A noun behind 3 to 10 is a plural, and one behind a written number may be anything.
    if not number.isdecimal() or int(number) % 100 in range(11) or not unit.isalpha():
        return ""
    return unit if unit.endswith(("ة", "ا")) else f"{unit}ا"


def _from_offices(text: TaggedSentence) -> Iterator[Example]:
    """«الأمين العام للمنظمة إيمانغالي تاسماغامبيتوف»: who that is."""
    for name in find_persons(text.plain):
        last = next(n for n, (_, span) in enumerate(text.words) if span.end > name.start)
        first = last
        while first and text.tags[2 * first - 1] == " " and _is_in_title(text, first - 1):
            first -= 1
        while first < last and text.words[first][0] not in _OFFICES:
            first += 1
        tags = text.tags[2 * first : 2 * last]
        # «الرئيس» alone may be anyone; what is definite behind a place belongs to the name.
        definite = last - first > 1 and re.search("[dP]", tags) and not re.search("[Pp] d", tags)
        named = name.of(text.plain)
        of_name = text.tags[2 * last : 2 * (last + len(words_of(named))) : 2]
        if definite and set(of_name) == {"N"} and not named.startswith("و"):
            pronoun = "هي" if text.words[first][0].endswith("ه") else "هو"
            yield text.ask(f"من {pronoun} {text.written(2 * first, 2 * last)}", named)


def _is_in_title(text: TaggedSentence, number: int) -> bool:
    word, span = text.words[number]
    written = span.of(text.plain)
    return word in _IN_TITLES or text.tags[2 * number] in "dPp" or written.startswith("لل")


def _from_speech(text: TaggedSentence) -> Iterator[Example]:
    """«قال بوتين إن المنظمة "عامل استقرار مهم"»: what he said about it."""
    said = next((n for n, (word, _) in enumerate(text.words) if word in SAYING), None)
    that = text.tags.find("t", 2 * said) if said is not None else -1
    if said is None or that < 0:
        return
    verb = text.words[said][0]
    asked = "ماذا قالت" if verb.endswith("ت") and verb != "لفت" else "ماذا قال"
    for speaker in _speakers(text, said + 1, that // 2):
        for match in _ABOUT.finditer(text.tags, that):
            about, end = text.written(*match.span("topic")), match.end() + 1
            rest = text.written(end, min(end + 2 * _LONGEST_REST, len(text.tags)))
            yield text.ask(f"{asked} {speaker} عن {about}", rest)


def _speakers(text: TaggedSentence, start: int, that: int) -> list[str]:
    """Return how the subject between a verb of saying and «أن» may be called, the best first."""
    begin, end = text.words[start][1].start, text.words[that][1].start
    person = next((one for one in find_persons(text.plain) if begin <= one.start < end), None)
    if person is None:
        phrase = _SPEAKER.match(text.tags, 2 * start)
        return [text.written(*phrase.span())] if phrase and phrase.end() <= 2 * that else []
    name = person.of(text.plain)
    _, *last = name.split()
    is_family = len(last) == 1 and not _PARTS_OF_NAMES.intersection(words_of(name))
    return [last[0], name] if is_family else [name]


def _from_openings(text: TaggedSentence) -> Iterator[Example]:
    """«السل هو مرض معد», «السعودية هي دولة تقع في غرب آسيا»: what, who, where, when."""
    match = _defined(text)
    if match is None:
        return
    topic, pronoun = match["topic"], match["pronoun"]
    head = normalise(topic).split()[0]
    rest = " ".join(match.string[match.start("what") :].split()[:_FIRST_WORDS])
    if normalise(match["what"]) in _PERSONS:
        yield text.ask(f"من {pronoun} {topic}", rest)
    elif re.fullmatch(r"d(?: d)*", text.tags[: 2 * len(topic.split()) - 1]):
        # The pronoun of the text agrees with what follows: «الصوفية هو مذهب».
        is_feminine = head.endswith(("ه", "ات"))
        yield text.ask(f"ما {'هي ' if is_feminine else 'هو ' * (pronoun == 'هو')}{topic}", rest)
    for rule, asked in _OF_TOPIC:
        found = rule.search(text.tags)
        if found and pronoun == "هي" and head not in _MASCULINE:
            verb = text.written(*found.span("verb"))
            yield text.ask(f"{asked} {verb} {topic}", text.written(*found.span("answer")))


def _from_lives(text: TaggedSentence) -> Iterator[Example]:
    """«نجيب محفوظ (11 ديسمبر 1911 - 30 أغسطس 2006) روائي»: when born, when died."""
    match = _LIVED.match(text.plain) if text.opens else None
    if match is None or len(match["topic"].split()) > _SHORT_TOPIC:
        return
    start, end = match.span("life")
    dates = [span for span in text.dates if start <= span.start < end]
    what = normalise(match["what"])
    if what not in _PERSONS or not dates:
        return
    ending = "ت" * (match["pronoun"] == "هي" or (what.endswith("ه") and what not in _MALE))
    died = len(dates) > 1 and _TO.fullmatch(text.plain, dates[0].end, dates[1].start)
    if died or _BORN.search(match["life"]):
        yield text.ask(f"متى ولد{ending} {match['topic']}", dates[0].of(text.plain))
    if died:
        yield text.ask(f"متى توفي{ending} {match['topic']}", dates[1].of(text.plain))


def _from_datelines(text: TaggedSentence) -> Iterator[Example]:
    """The date of publication that a document spells out."""
    if text.dated:
        yield text.ask("ما تاريخ الخبر", text.plain)


def _defined(text: TaggedSentence) -> re.Match[str] | None:
    """Return what an opening sentence says of the topic of its document, or None."""
    match = _DEFINING.match(re.sub(r" ?\([^()]*\)", "", text.plain)) if text.opens else None
    if match is None:
        return None
    words = words_of(match["topic"])
    tags = text.tags[: 2 * len(words)]
    whole = len(set(words)) == len(words) <= _SHORT_TOPIC and not re.search("[ctrfiwgvlmh]", tags)
    return match if whole and text.written(0, len(tags)) == match["topic"] else None


def from_topics(texts: Sequence[TaggedSentence]) -> list[Example]:
    """Ask for topics of documents, nouns with adjectives and places; those named often first."""
    made: list[tuple[int, Example]] = []
    counts: Counter[tuple[str, ...]] = Counter()
    for text in texts:
        topics = [text.written(*found.span()) for found in _TOPIC.finditer(text.tags)]
        if match := _defined(text):
            counts[text.document, *words_of(match["topic"])] = len(texts)
            topics.append(match["topic"])
        for topic in topics:
            words = words_of(topic)
            if _is_topic(words, topic):
                counts[text.document, *words] += 1
                asked = text.ask(f"ماذا ورد عن {topic}", topic)
                made.append((counts[text.document, *words], asked))
    return [one for _, one in sorted(made, key=lambda pair: -pair[0])]


def _is_topic(words: Sequence[str], topic: str) -> bool:
    """Tell whether a definite noun and a definite word behind it are a noun and its adjective."""
    if len(words) != len(("noun", "adjective")) or " ال" not in topic:
        return True
    noun, adjective = words
    if noun in _SIDES:
        return False
    return adjective.endswith(("ي", "يه")) and (noun[-1] != "ه" or adjective[-1] == "ه")


PATTERNS = (
    _from_clauses,
    _from_offices,
    _from_speech,
    _from_openings,
    _from_lives,
    _from_datelines,
)
"""What makes questions of a sentence, in the order of what these are worth."""
