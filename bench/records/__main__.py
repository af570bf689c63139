"""``python -m bench.records FOLDER``: the trial on the scratch database that DATABASE_URL names.

FOLDER holds the collection's folders ``data_summaries*``, each with JSON files of records.
"""

import json
import os
import sys
from pathlib import Path

import django


def main(folder: Path) -> int:
    """Run the trial, keep its figures under var/bench and return how many faults there were."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 # Django is ready only now
    from django.db import connection  # noqa: PLC0415

    from bench.measuring import Report  # noqa: PLC0415
    from bench.records.trial import run  # noqa: PLC0415
    from registry.models import Party  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    if Party.objects.exists():
        sys.exit("The register is not empty: give it a scratch database by DATABASE_URL.")
    report = Report(f"{connection.display_name}, {os.cpu_count()} cores")
    print(report.title)  # noqa: T201 # a report is printed
    faults = run(folder, report)
    report.add("faults", f"{len(faults):,}")
    for fault in faults:
        print(f"  {fault}")  # noqa: T201
    results = Path("var/bench")
    results.mkdir(parents=True, exist_ok=True)
    (results / f"records-{connection.vendor}.json").write_text(
        json.dumps(report.to_json(), indent=2, ensure_ascii=False) + "\n"
    )
    return len(faults)


if __name__ == "__main__":
    match sys.argv[1:]:
        case [folder] if any(Path(folder).glob("data_summaries*/*.json")):
            sys.exit(1 if main(Path(folder)) else 0)
        case _:
            sys.exit(__doc__)
