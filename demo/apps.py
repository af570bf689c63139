"""The demonstration register, built from real public data."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DemoConfig(AppConfig):
    name = "demo"
    verbose_name = _("Demo")

    def ready(self) -> None:
        """Look for the demonstration's second factor at every start."""
        from demo import checks  # noqa: F401, PLC0415 # importing registers the check
