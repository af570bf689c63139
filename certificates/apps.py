"""The certificates app: statements about registered acts that stand on their own."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CertificatesConfig(AppConfig):
    name = "certificates"
    verbose_name = _("Certificates")

    def ready(self) -> None:
        """Look for a development seal at every start."""
        from certificates import checks  # noqa: F401, PLC0415 # importing registers the check
