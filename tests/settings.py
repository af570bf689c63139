"""Settings of the test run: a state folder of its own, fast passwords, a file for SQLite."""

import atexit
import os
import shutil
import tempfile

os.environ["QUANJI_STATE_DIR"] = tempfile.mkdtemp(prefix="quanji-test-")
atexit.register(shutil.rmtree, os.environ["QUANJI_STATE_DIR"], ignore_errors=True)

from config.settings import *  # noqa: E402, F403 # the one settings module, with a few lines changed

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"  # noqa: F405
STATIC_ROOT.mkdir()  # noqa: F405 # WhiteNoise warns of a missing folder, and warnings are errors
INSTALLED_APPS = [*INSTALLED_APPS, "tests.append_only"]  # noqa: F405
if "sqlite3" in str(DATABASES["default"]["ENGINE"]):  # noqa: F405
    # Threads of one test share a file as processes do; they could not share a memory database.
    DATABASES["default"]["TEST"] = {"NAME": str(STATE_DIR / "test.sqlite3")}  # noqa: F405
