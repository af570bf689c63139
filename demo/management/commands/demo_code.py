"""Print the code that the demonstration's people show as their second factor now."""

from typing import Any

from django.core.management.base import BaseCommand

from demo.people import demo_code


class Command(BaseCommand):
    help = "Print the one-time code of the demonstration's accounts; it changes every 30 seconds."

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(demo_code())
