"""``python -m bench [NAME ...] [SIZE ...]``: measure on the scratch database of DATABASE_URL."""

import json
import os
import sys
from pathlib import Path

import django

SIZES = [10_000, 100_000, 1_000_000]
MAX_OPEN_CASES = 100_000


def main() -> None:
    """Measure everything, or what is named, and keep the results under var/bench."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ["QUANJI_LEDGER_PUBLISH_INLINE"] = "0"
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 # Django is ready only now
    from django.db import connection  # noqa: PLC0415

    from bench import (  # noqa: PLC0415
        acts,
        audits,
        batches,
        certificates,
        issuing,
        log,
        office,
        provenance,
        publication,
        search,
        titles,
    )
    from bench.measuring import Report  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    sizes = [int(argument) for argument in sys.argv[1:] if argument.isdecimal()] or SIZES
    report = Report(f"{connection.display_name}, {os.cpu_count()} cores")
    measures = {
        "log": lambda: log.measure(report, sizes),
        "audits": lambda: audits.measure(report, sizes[-1]),
        "acts": lambda: acts.measure(report),
        "publication": lambda: publication.measure(report),
        # The graph of provenance takes the assets that titles made.
        "titles": lambda: titles.measure(report, sizes),
        "provenance": lambda: provenance.measure(report, sizes),
        "office": lambda: office.measure(report, min(sizes[-1], MAX_OPEN_CASES)),
        "batches": lambda: batches.measure(report),
        "certificates": lambda: certificates.measure(report),
        "issuing": lambda: issuing.measure(report),
        "search": lambda: search.measure(report, sizes),
    }
    names = [argument for argument in sys.argv[1:] if not argument.isdecimal()] or measures
    print(report.title)  # noqa: T201 # a report is printed
    for name in names:
        measures[name]()
    folder = Path("var/bench")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{connection.vendor}.json").write_text(json.dumps(report.to_json(), indent=2) + "\n")


main()
