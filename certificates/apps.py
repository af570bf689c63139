"""The certificates app: statements about registered acts that stand on their own."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CertificatesConfig(AppConfig):
    name = "certificates"
    verbose_name = _("Certificates")

    def ready(self) -> None:
        """Look for a development seal at every start, and have what only grows guarded."""
        from certificates import checks  # noqa: F401, PLC0415 # importing registers the check
        from ledger.guards import guard  # noqa: PLC0415 # nothing of an app before it is ready

        guard(
            "certificates_certificateevent",
            ("id",),
            ("certificate_id", "number"),
            ("document_id", "number"),
            ("entry_id",),
        )
        guard("certificates_statuslist", ("id",), ("entry_id",))
