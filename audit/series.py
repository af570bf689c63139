"""Counters held against the numbers that were given: a lower counter would give one twice."""

import re
from collections.abc import Iterator

from audit.findings import Finding, FindingKind
from certificates.models import Certificate, Document
from filings.models import Filing
from registry.models import Counter, DataAsset

SERIES = (
    (DataAsset, re.compile(r"DA-()(\d{9,})", re.ASCII), "asset"),
    (Certificate, re.compile(r"SJ\d{3}(\d{6})(\d{4})", re.ASCII), "certificate:{}"),
    (Document, re.compile(r"SJ\d{3}(\d{6})(\d{4})", re.ASCII), "certificate:{}"),
    (Document, re.compile(r"E(\d{6})(\d{5,})", re.ASCII), "document:{}"),
    (Filing, re.compile(r"F(\d{6})(\d{5,})", re.ASCII), "filing:{}"),
)
"""Where numbers stand, their form (month or nothing, then serial), and their series."""


def check_series() -> Iterator[Finding]:
    """Yield a finding for each counter that is below a number of its series."""
    counters = dict(Counter.objects.values_list("series", "value"))
    for series, last in sorted(_last_given().items()):
        value = counters.get(series, 0)
        # SQLite keeps text there too if someone writes it.
        if not str(value).isdecimal() or int(value) < last:
            yield Finding(
                kind=FindingKind.COUNTER_BEHIND,
                table="registry_counter",
                pk=series,
                column="value",
                detail=f"number {last} was given and the counter says {value}",
            )


def _last_given() -> dict[str, int]:
    last: dict[str, int] = {}
    for model, form, name in SERIES:
        for number in model._default_manager.values_list("number", flat=True).iterator():  # noqa: SLF001 # Django's public model API
            if match := form.fullmatch(str(number)):
                series = name.format(match[1])
                last[series] = max(last.get(series, 0), int(match[2]))
    return last
