"""``python -m witness`` is the console command ``quanji-witness``."""

import sys

from witness.cli import main

sys.exit(main())
