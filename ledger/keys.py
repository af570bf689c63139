"""The log key: an Ed25519 signed-note key in a file that only its owner reads."""

from functools import cache
from pathlib import Path

from django.conf import settings

from tlog.note import NoteSigner

# The functions below are the only readers of the file; see certificates/development_pki.py for
# the seal key, which is another key for another purpose.
