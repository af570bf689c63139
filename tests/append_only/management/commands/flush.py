"""Lets a test with real transactions empty its own database: guards off, flush, guards on."""

from typing import Any

from django.core.management.commands.flush import Command as Flush
from django.db import connections

from ledger import guards


class Command(Flush):
    def handle(self, **options: Any) -> None:
        connection = connections[options["database"]]
        if "test" not in str(connection.settings_dict["NAME"]):
            raise AssertionError("only a test database is ever flushed")
        guards.remove(connection)
        super().handle(**options)
        guards.install(connection)
