"""The filings app: applications from draft to decision."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FilingsConfig(AppConfig):
    name = "filings"
    verbose_name = _("Filings")

    def ready(self) -> None:
        """Look at the rule profiles at every start."""
        from filings import checks  # noqa: F401, PLC0415 # importing registers the check
