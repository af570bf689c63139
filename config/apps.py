"""The registrars' office: Django's admin application with our own site."""

from django.contrib.admin.apps import AdminConfig


class OfficeConfig(AdminConfig):
    default_site = "accounts.admin_site.OfficeSite"
