"""The ledger app; after every migration it installs the triggers that guard the log."""

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


def install_guards(*, using: str, **_kwargs: object) -> None:
    """Install the triggers again: a migration may have rebuilt their tables."""
    from ledger import guards  # noqa: PLC0415 # nothing of the app is needed before it is ready

    guards.install(connections[using])


class LedgerConfig(AppConfig):
    name = "ledger"
    verbose_name = _("Ledger")

    def ready(self) -> None:
        """Guard the tables after every migration and look for the guards at every start."""
        from ledger import checks  # noqa: F401, PLC0415 # importing registers the check

        post_migrate.connect(install_guards, sender=self)
