"""Settings of the test run: our own state folder, fast passwords, no manifest of static files."""

import os
import tempfile

os.environ["QUANJI_STATE_DIR"] = tempfile.mkdtemp(prefix="quanji-test-")

from config.settings import *  # noqa: F403 # the one settings module, with a few lines changed

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"  # noqa: F405
INSTALLED_APPS = [*INSTALLED_APPS, "tests.append_only"]  # noqa: F405
