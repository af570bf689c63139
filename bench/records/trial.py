"""The whole trial on one database: read, register, issue, check, audit; every figure is reported.

Entry point: `run`. The clock is given: one second a record, from a fixed instant on.
"""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.db.models import Count, Max
from django.db.models.functions import Length

from audit.auditing import audit
from audit.copies import read_memory
from audit.snapshot import snapshot
from bench.filling import AT
from bench.measuring import Report
from bench.records.checking import due, faults_of
from bench.records.collection import Outcome, Plan, Record, plan_of, read_records
from bench.records.filing import NAME, Registrars
from bench.records.licences import Terms, contradictions, terms_of
from certificates.issuance import issue_waiting
from certificates.models import Certificate, CertificateState
from certificates.queries import read_certificate
from ledger.models import Entry
from ledger.publishing import publish
from registry.models import Derivation, ExternalSource, Party
from rights.models import Interest
from tlog.tiles import MAX_ENTRY_BYTES

REPEATED = "REG-12"
"""What refuses a record that is, byte for byte, an earlier one."""


def run(folder: Path, report: Report) -> list[str]:
    """Carry out the trial on an empty register; return what went otherwise than it should."""
    plan = plan_of(read_records(folder))
    _tell_records(report, plan)
    _tell_licences(report, plan.records)
    _tell_parents(report, plan)
    registrars = Registrars(plan)
    with _timed(report, "registration", len(plan.records), "record"):
        for place, record in enumerate(plan.records):
            registrars.register(record, at=AT + timedelta(seconds=place))
    _tell_register(report, registrars)
    _tell_entries(report)
    end = AT + timedelta(seconds=len(plan.records))
    with _timed(report, "issuance", len(registrars.assets), "certificate"):
        issue_waiting(at=end)
    publish(at=end)
    issued = list(Certificate.objects.filter(state=CertificateState.ISSUED).order_by("pk"))
    report.add("certificates issued", f"{len(issued):,}")
    with _timed(report, "check of the files", len(issued), "certificate"):
        faults = [*_refusals(plan, registrars), *_misstated(report, plan, registrars, issued)]
    with _timed(report, "audit", Entry.objects.count(), "entry"):
        faults += _findings()
    return faults


def _tell_records(report: Report, plan: Plan) -> None:
    report.add("records", f"{len(plan.records):,}")
    report.add("records that repeat another", f"{len(plan.repeating):,}")
    too_long = sum(len(record.name) > NAME for record in plan.records)
    report.add("names that the form shortens", f"{too_long:,}")
    for rights, count in Counter(record.rights for record in plan.records).most_common():
        report.add(f"claims of {', '.join(rights)}", f"{count:,}")


def _tell_licences(report: Report, records: Sequence[Record]) -> None:
    classes = [frozenset(map(terms_of, record.licences)) for record in records]
    unknown = sum(each <= {Terms.UNKNOWN} for each in classes)
    report.add("records without any licence that says something", f"{unknown:,}")
    partly = sum(Terms.UNKNOWN in each for each in classes) - unknown
    report.add("records with a statement that says nothing beside others", f"{partly:,}")
    found = [contradictions(record.licences) for record in records]
    report.add("records with contradictory licences", f"{sum(map(bool, found)):,}")
    for kind, count in Counter(kind for kinds in found for kind in kinds).most_common():
        report.add(f"  {kind}", f"{count:,}")
    otherwise = [
        stated
        for stated, record in zip(classes, records, strict=True)
        if not {Terms.UNKNOWN, *stated} >= set(map(terms_of, record.page_licences))
    ]
    report.add("records of which a page states another class", f"{len(otherwise):,}")
    silent = sum(stated <= {Terms.UNKNOWN} for stated in otherwise)
    report.add("  where the record's own licence says nothing", f"{silent:,}")


def _tell_parents(report: Report, plan: Plan) -> None:
    parents = [parent for named in plan.parents.values() for parent in named]
    report.add("records that name parents", f"{sum(map(bool, plan.parents.values())):,}")
    report.add("parents named", f"{len(parents):,}")
    for outcome in Outcome:
        count = sum(parent.outcome is outcome for parent in parents)
        report.add(f"  whose name fits {outcome.value}", f"{count:,}")
    report.add("parents named twice by one record", f"{plan.named_twice:,}")
    report.add("longest chain, in steps", f"{_longest_chain(plan)}")


def _longest_chain(plan: Plan) -> int:
    steps: dict[str, int] = {}
    for record in plan.records:
        steps[record.place] = max(
            (
                1 + (steps[parent.record.place] if parent.record else 0)
                for parent in plan.parents[record.place]
            ),
            default=0,
        )
    return max(steps.values(), default=0)


def _tell_register(report: Report, registrars: Registrars) -> None:
    records = len(registrars.assets) + sum(map(len, registrars.refused.values()))
    for step, spent in registrars.seconds.items():
        report.add(f"  {step}", f"{spent / records * 1e3:.1f} ms/record")
    report.add("registered", f"{len(registrars.assets):,}")
    for numbers, places in registrars.refused.items():
        report.add(f"refused by {numbers}", f"{len(places):,}")
    report.add("parties", f"{Party.objects.count():,}")
    report.add("  named by an address", f"{Party.objects.filter(is_example=False).count():,}")
    report.add("rights", f"{Interest.objects.count():,}")
    report.add("outside sources", f"{ExternalSource.objects.count():,}")
    for name, edges in (
        ("registered", Derivation.objects.filter(source_version__isnull=False)),
        ("outside", Derivation.objects.filter(source_version__isnull=True)),
    ):
        proven = edges.filter(is_proven=True).count()
        report.add(f"edges to {name} sources, proven", f"{proven:,}")
        report.add(f"edges to {name} sources, UNPROVEN", f"{edges.count() - proven:,}")


def _tell_entries(report: Report) -> None:
    longest = Entry.objects.aggregate(longest=Max(Length("content")))["longest"] or 0
    report.add("longest entry", f"{longest:,} of {MAX_ENTRY_BYTES:,} bytes")
    sources = Derivation.objects.values("derived_version").annotate(count=Count("pk"))
    most = sources.aggregate(most=Max("count"))["most"] or 0
    report.add("most sources of one asset", f"{most:,}")


def _refusals(plan: Plan, registrars: Registrars) -> Iterator[str]:
    """Yield what was refused, but for a repeated record, which has to be."""
    for numbers, places in registrars.refused.items():
        for place in places:
            if (numbers, place in plan.repeating) != (REPEATED, True):
                yield f"{place} was refused by {numbers}"


def _misstated(
    report: Report, plan: Plan, registrars: Registrars, issued: Sequence[Certificate]
) -> list[str]:
    """Hold every file against what is due, and count those that state something unproven."""
    numbers = {place: asset.number for place, asset in registrars.assets.items()}
    files = {certificate.asset_id: certificate for certificate in issued}
    faults, marked = [], 0
    for record in plan.records:
        asset = registrars.assets.get(record.place)
        if asset is None:
            continue
        expected = due(plan, record, numbers)
        marked += any(not proven for _title, _depth, proven in expected)
        if asset.pk not in files:
            faults.append(f"{record.place}: no certificate was issued")
            continue
        found = faults_of(read_certificate(files[asset.pk]), expected)
        faults += [f"{record.place}: {fault}" for fault in found]
    report.add("certificates on which UNPROVEN is due", f"{marked:,}")
    report.add("certificates that state or print it otherwise", f"{len(faults):,}")
    return faults


def _findings() -> list[str]:
    memory = read_memory()
    with snapshot():
        return [f"audit: {finding}" for finding in audit(copies=[memory] if memory else [])]


@contextmanager
def _timed(report: Report, name: str, count: int, unit: str) -> Iterator[None]:
    """Report the time on the clock, and the processor's: other work may share the machine."""
    start, started = time.perf_counter(), time.process_time()
    yield
    spent, computed = time.perf_counter() - start, time.process_time() - started
    report.add(f"{name} of {count:,}", f"{spent:,.0f} s, {_each(spent, count, unit)}")
    report.add("  of it our processor", f"{computed:,.0f} s, {_each(computed, count, unit)}")


def _each(seconds: float, count: int, unit: str) -> str:
    return f"{seconds / max(count, 1) * 1e3:,.1f} ms/{unit}"
