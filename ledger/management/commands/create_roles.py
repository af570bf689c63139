"""Create the roles owner, app, worker and reader in PostgreSQL; run it as a superuser."""

import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from ledger.roles import ROLES, statements

PREFIX_FORM = re.compile(r"[a-z][a-z0-9_]{0,40}", re.ASCII)
FUNCTIONS = """
    SELECT oid::regprocedure::text FROM pg_proc
    WHERE pronamespace = current_schema()::regnamespace AND starts_with(proname, 'ledger_')"""


class Command(BaseCommand):
    help = "Create the database roles and give each what it needs. Run it again after migrate."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--prefix", default="quanji", help="beginning of the roles' names")

    def handle(self, *_args: Any, **options: Any) -> None:
        prefix = options["prefix"]
        if connection.vendor != "postgresql":
            raise CommandError("Only PostgreSQL has roles: DATABASE_URL names another database.")
        if not PREFIX_FORM.fullmatch(prefix):
            raise CommandError("A prefix is up to 41 small letters, digits and underscores.")
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT current_schema()")
            schema = cursor.fetchone()[0]
            tables = sorted(connection.introspection.table_names(cursor))
            if "ledger_entry" not in tables:
                raise CommandError("There are no tables yet: run manage.py migrate first.")
            cursor.execute(FUNCTIONS)
            functions = [name for (name,) in cursor.fetchall()]
            for statement in statements(
                prefix=prefix, schema=schema, tables=tables, functions=functions
            ):
                cursor.execute(statement)
        names = ", ".join(f"{prefix}_{role}" for role in ROLES)
        self.stdout.write(f"The roles {names} are as they should be; give each a password.")
