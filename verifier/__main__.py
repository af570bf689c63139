"""``python -m verifier`` is ``quanji-verify``."""

import sys

from verifier.cli import main

sys.exit(main())
