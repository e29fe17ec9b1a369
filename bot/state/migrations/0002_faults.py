from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("state", "0001_initial")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Moved",
            fields=[
                (
                    "old",
                    fields.BigIntField(
                        generated=False, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("new", fields.BigIntField()),
            ],
            options={
                "table": "moved",
                "app": "state",
                "pk_attr": "old",
                "table_description": "A group that has become a supergroup, which has another number.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Received",
            name="tries",
            field=fields.IntField(default=0, db_default=0),
        ),
    ]
