"""The registry app: parties, data assets, instruments, provenance."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegistryConfig(AppConfig):
    name = "registry"
    verbose_name = _("Registry")

    def ready(self) -> None:
        """Have the rows that only ever come to more guarded."""
        from ledger.guards import guard  # noqa: PLC0415 # nothing of an app before it is ready

        guard("registry_feerecord", ("id",), ("reverses_id",))
