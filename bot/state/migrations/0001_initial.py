from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Duration",
            fields=[
                ("bucket", fields.IntField(primary_key=True, unique=True, db_index=True)),
                ("count", fields.IntField()),
            ],
            options={
                "table": "durations",
                "app": "state",
                "pk_attr": "bucket",
                "table_description": "How many questions took about so long, by bucket of the histogram.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="GivenAnswer",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=16),
                ),
                ("chat", fields.BigIntField()),
                ("question", fields.BigIntField()),
                ("version", fields.IntField()),
                ("replies", fields.TextField(unique=False)),
                ("content", fields.TextField(unique=False)),
                ("at", fields.IntField(db_index=True)),
            ],
            options={
                "table": "answers",
                "app": "state",
                "indexes": [Index(fields=["chat", "question"])],
                "pk_attr": "id",
                "table_description": "An answer as it was given: where it stands, and what its buttons need.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Outcome",
            fields=[
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                ("day", fields.IntField()),
                ("name", fields.CharField(max_length=16)),
                ("count", fields.IntField()),
            ],
            options={
                "table": "outcomes",
                "app": "state",
                "unique_together": (("day", "name"),),
                "pk_attr": "id",
                "table_description": "How many questions of a day came out in one way.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Rating",
            fields=[
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                ("answer", fields.CharField(max_length=16)),
                ("user", fields.BigIntField(db_index=True)),
                ("value", fields.SmallIntField()),
                ("at", fields.IntField()),
            ],
            options={
                "table": "ratings",
                "app": "state",
                "unique_together": (("answer", "user"),),
                "pk_attr": "id",
                "table_description": "What a user thinks of an answer: 1 or -1.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Received",
            fields=[
                ("id", fields.BigIntField(primary_key=True, unique=True, db_index=True)),
                ("at", fields.IntField(db_index=True)),
                ("body", fields.TextField(null=True, unique=False)),
            ],
            options={
                "table": "received",
                "app": "state",
                "pk_attr": "id",
                "table_description": "An update from Telegram: with its JSON while it is in hand, without it afterwards.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Unanswered",
            fields=[
                (
                    "key",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=400),
                ),
                ("question", fields.TextField(unique=False)),
                ("count", fields.IntField()),
                ("day", fields.IntField()),
            ],
            options={
                "table": "unanswered",
                "app": "state",
                "pk_attr": "key",
                "table_description": "A question without an answer, and how often it was asked, without by whom.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="User",
            fields=[
                ("id", fields.BigIntField(primary_key=True, unique=True, db_index=True)),
                ("since", fields.IntField(null=True)),
                ("language", fields.CharField(null=True, max_length=2)),
            ],
            options={
                "table": "users",
                "app": "state",
                "pk_attr": "id",
                "table_description": "Who has asked, and the language they chose.",
            },
            bases=["Model"],
        ),
    ]
