"""``python -m bench [SIZE ...]``: measure on the scratch database that DATABASE_URL names."""

import json
import os
import sys
from pathlib import Path

import django

SIZES = [10_000, 100_000, 1_000_000]


def main() -> None:
    """Measure everything on one database and keep the results under var/bench."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ["QUANJI_LEDGER_PUBLISH_INLINE"] = "0"
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 # Django is ready only now
    from django.db import connection  # noqa: PLC0415

    from bench import acts, audits, log, publication  # noqa: PLC0415
    from bench.measuring import Report  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    sizes = [int(argument) for argument in sys.argv[1:]] or SIZES
    report = Report(f"{connection.display_name}, {os.cpu_count()} cores")
    print(report.title)  # noqa: T201 # a report is printed
    log.measure(report, sizes)
    audits.measure(report, sizes[-1])
    acts.measure(report)
    publication.measure(report)
    folder = Path("var/bench")
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{connection.vendor}.json"
    (folder / name).write_text(json.dumps(report.to_json(), indent=2) + "\n")


main()
