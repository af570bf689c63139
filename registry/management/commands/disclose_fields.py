"""Write a disclosure file: chosen committed fields of one entry, for one recipient and purpose."""

from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from ledger.models import Entry
from ledger.proofs import NotPublishedError
from primitives.clock import now_utc
from registry.disclosure import DisclosureRefusedError, disclose_fields, open_fields


class Command(BaseCommand):
    help = "Disclose committed fields of a ledger entry; without FIELD list those that it has."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("index", type=int, help="leaf index of the entry")
        parser.add_argument("fields", nargs="*", metavar="FIELD", help="JSON pointer, e.g. /name")
        parser.add_argument("--recipient", default="", help="to whom")
        parser.add_argument("--purpose", default="", help="for what")
        parser.add_argument("--by", default="", metavar="USER", help="who answers for it")
        parser.add_argument("--output", type=Path, metavar="FILE", help="default: standard output")

    def handle(self, *_args: Any, **options: Any) -> None:
        entry = Entry.objects.filter(leaf__index=options["index"]).first()
        if entry is None:
            raise CommandError(f"The log has no entry {options['index']}.")
        if not options["fields"]:
            self.stdout.write("\n".join(open_fields(entry)) or "Nothing can be disclosed.")
            return
        text = self._disclose(entry, options)
        if options["output"]:
            options["output"].write_text(text, "utf-8")
        else:
            self.stdout.write(text, ending="")

    def _disclose(self, entry: Entry, options: dict[str, Any]) -> str:
        by = User.objects.filter(username=options["by"]).first()
        if by is None:
            raise CommandError("Name with --by the user who answers for the disclosure.")
        try:
            return disclose_fields(
                entry,
                fields=options["fields"],
                recipient=options["recipient"],
                purpose=options["purpose"],
                by=by,
                at=now_utc(),
            )
        except (DisclosureRefusedError, NotPublishedError, PermissionDenied) as error:
            raise CommandError(str(error)) from error
