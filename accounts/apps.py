"""The accounts app; after every migration it makes sure that each role's group exists."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        """Keep the groups of the roles in step with the code, as Django keeps its permissions."""
        from accounts import checks  # noqa: F401, PLC0415 # importing registers the check
        from accounts.roles import ensure_role_groups  # noqa: PLC0415 # models load after the app

        post_migrate.connect(ensure_role_groups, sender=self)
