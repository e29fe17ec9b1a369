"""The tables of the bot's state.

Times are seconds since 1970, days are days since 0001-01-01 (``date.toordinal``): both sort and
compare as they are, in any time zone of the machine.
"""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class User(Model):
    """Who has asked, and the language they chose."""

    id = fields.BigIntField(primary_key=True)
    since = fields.IntField(null=True)
    language = fields.CharField(max_length=2, null=True)

    class Meta:
        """The table."""

        table = "users"


class Received(Model):
    """An update from Telegram: with its JSON while it is in hand, without it afterwards.

    Its tries are the starts at which it was dealt with and the bot came to its end.
    """

    id = fields.BigIntField(primary_key=True)
    at = fields.IntField(db_index=True)
    body = fields.TextField(null=True)
    tries = fields.IntField(default=0, db_default=0)

    class Meta:
        """The table."""

        table = "received"


class Moved(Model):
    """A group that has become a supergroup, which has another number."""

    old = fields.BigIntField(primary_key=True, generated=False)
    new = fields.BigIntField()

    class Meta:
        """The table."""

        table = "moved"


class GivenAnswer(Model):
    """An answer as it was given: where it stands, and what its buttons need.

    Its content says which sentences were shown, by document and place, never the question.
    """

    id = fields.CharField(max_length=16, primary_key=True)
    chat = fields.BigIntField()
    question = fields.BigIntField()
    version = fields.IntField()
    replies = fields.TextField()
    content = fields.TextField()
    at = fields.IntField(db_index=True)

    class Meta:
        """The table."""

        table = "answers"
        indexes = (("chat", "question"),)


class Rating(Model):
    """What a user thinks of an answer: 1 or -1."""

    id = fields.IntField(primary_key=True)
    answer = fields.CharField(max_length=16)
    user = fields.BigIntField(db_index=True)
    value = fields.SmallIntField()
    at = fields.IntField()

    class Meta:
        """The table."""

        table = "ratings"
        unique_together = (("answer", "user"),)


class Outcome(Model):
    """How many questions of a day came out in one way."""

    id = fields.IntField(primary_key=True)
    day = fields.IntField()
    name = fields.CharField(max_length=16)
    count = fields.IntField()

    class Meta:
        """The table."""

        table = "outcomes"
        unique_together = (("day", "name"),)


class Duration(Model):
    """How many questions took about so long, by bucket of the histogram."""

    bucket = fields.IntField(primary_key=True)
    count = fields.IntField()

    class Meta:
        """The table."""

        table = "durations"


class Unanswered(Model):
    """A question without an answer, and how often it was asked, without by whom."""

    key = fields.CharField(max_length=400, primary_key=True)
    question = fields.TextField()
    count = fields.IntField()
    day = fields.IntField()

    class Meta:
        """The table."""

        table = "unanswered"
