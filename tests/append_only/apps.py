from django.apps import AppConfig


class AppendOnlyConfig(AppConfig):
    name = "tests.append_only"
