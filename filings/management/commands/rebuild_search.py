"""Make the index of names again from the names themselves; no fact of the register changes."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from filings.models import Filing
from registry.kinds import PartyKind
from registry.models import DataAsset, Named, Party
from registry.search import rebuild


class Command(BaseCommand):
    help = "Make the index of names again; until it is done, searches find by the old one."

    @transaction.atomic
    def handle(self, *_args: Any, **_options: Any) -> None:
        public = Party.objects.exclude(kind=PartyKind.NATURAL)
        for named, rows in (
            (Named.ASSET, DataAsset.objects.all()),
            (Named.PARTY, public),
            (Named.FILING, Filing.objects.all()),
        ):
            names = rows.order_by("pk").values_list("pk", "name").iterator()
            self.stdout.write(f"{named.label}: {rebuild(named, names)}")
