"""The register as a fold of the ledger, and as its tables have it; the two must be equal.

A register is a mapping from table name and key to the fact in its published shape. `apply` folds
one entry into it; `stored_facts` reads the same facts from the rows. Pure but for the reading.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from django.db.models import Model, Q, QuerySet

from ledger.entries import EntryMalformedError, parse_entry, stored_bytes
from primitives.canonical_json import instant_text
from registry import entries
from registry.models import (
    AssetVersion,
    DataAsset,
    Derivation,
    ExternalSource,
    Instrument,
    Party,
)
from tlog.commitments import check_opening
from tlog.errors import TlogError

Key: TypeAlias = tuple[str, str]
Facts: TypeAlias = dict[Key, dict[str, Any]]

DRAFTED = frozenset({"registry_instrument"})
"""Tables that also hold rows of undecided cases, which no entry knows yet."""

BATCH_SIZE = 500

ModelT = TypeVar("ModelT", bound=Model)
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFact:
    """One row as its table has it.

    Attributes:
        entry: primary key of the ledger entry that the row names, if it names one.
        fault: why the row cannot be read; it then has no name and no fact.
    """

    table: str
    pk: str
    name: str = ""
    fact: dict[str, Any] = field(default_factory=dict)
    entry: int | None = None
    fault: str = ""


def each_row(
    rows: QuerySet[ModelT], read: Callable[[ModelT], T]
) -> Iterator[tuple[Any, T | Exception]]:
    """Yield primary key and ``read(row)`` in key order; a row that cannot be read yields why."""
    ordered = rows.order_by("pk")
    page = list(ordered.values_list("pk", flat=True)[:BATCH_SIZE])
    while page:
        yield from _read_batch(rows, page, read)
        page = list(ordered.filter(pk__gt=page[-1]).values_list("pk", flat=True)[:BATCH_SIZE])


def written_since(entry: str, since: int) -> Q:
    """Return the condition for rows of entries from leaf ``since`` on or still in the queue.

    ``entry`` is the path of lookups from the row to the entry that wrote it.
    """
    return Q(**{f"{entry}__leaf__index__gte": since}) | Q(
        **{f"{entry}__isnull": False, f"{entry}__leaf__isnull": True}
    )


def stored_rows(
    rows: QuerySet[ModelT],
    read: Callable[[ModelT], tuple[str, dict[str, Any]]],
    *,
    since: int = 0,
    entry: str = "entry",
) -> Iterator[StoredFact]:
    """Yield the fact of each row; ``read`` returns its name and its columns.

    With ``since``, of those rows alone that entries from that leaf on wrote; ``entry`` is the path
    of lookups from a row to its entry.
    """

    def stored(row: ModelT) -> StoredFact:
        name, fact = read(row)
        written_by = getattr(row, "entry_id", None)
        return StoredFact(table=table, pk=str(row.pk), name=name, fact=fact, entry=written_by)

    if since:
        rows = rows.filter(written_since(entry, since))
    table = rows.model._meta.db_table  # noqa: SLF001 # Django's public model API
    for pk, result in each_row(rows, stored):
        if isinstance(result, Exception):
            yield StoredFact(table=table, pk=str(pk), fault=repr(result))
        else:
            yield result


def apply(facts: Facts, entry: Mapping[str, Any]) -> None:
    """Fold one parsed entry into the register's facts; kinds of other rooms are left alone."""
    payload = entry["payload"]
    if entry["kind"] == entries.PARTY_REGISTERED:
        facts["registry_party", payload["reference"]] = dict(payload)
    elif entry["kind"] == entries.INITIAL_REGISTRATION:
        number = payload["asset"]["number"]
        version_name = f"{number}@{payload['version']['number']}"
        facts["registry_dataasset", number] = {
            **payload["asset"],
            "registered_at": entry["recorded_at"],
        }
        facts["registry_assetversion", version_name] = {"asset": number, **payload["version"]}
        for source in payload["external_sources"]:
            facts["registry_externalsource", source["reference"]] = source
        for derivation in payload["derivations"]:
            source = derivation["source_version"] or derivation["external_source"]
            facts["registry_derivation", f"{version_name}←{source}"] = derivation
        for instrument in payload["instruments"]:
            facts["registry_instrument", instrument["reference"]] = instrument


def stored_facts(since: int = 0) -> Iterator[StoredFact]:
    """Yield the fact of every row of the register's tables.

    With ``since``, of the rows that entries from that leaf on wrote, and of every instrument, which
    names no entry.
    """
    yield from stored_rows(
        Party.objects.select_related("entry").prefetch_related("entry__openings"),
        lambda party: (party.reference, _party_fact(party)),
        since=since,
    )
    yield from stored_rows(
        DataAsset.objects.all(),
        lambda asset: (
            asset.number,
            {**entries.asset_json(asset), "registered_at": instant_text(asset.registered_at)},
        ),
        since=since,
    )
    yield from stored_rows(
        AssetVersion.objects.select_related("asset"),
        lambda version: (
            entries.version_name(version),
            {"asset": version.asset.number, **entries.version_json(version)},
        ),
        since=since,
    )
    yield from stored_rows(
        ExternalSource.objects.select_related("publisher"),
        lambda source: (source.reference, dict(entries.external_source_json(source))),
        since=since,
    )
    derivations = Derivation.objects.select_related(
        "derived_version__asset",
        "source_version__asset",
        "external_source",
        "responsible",
        "basis_instrument",
    )
    yield from stored_rows(
        derivations, _derivation_fact, since=since, entry="derived_version__entry"
    )
    yield from stored_rows(
        Instrument.objects.all(),
        lambda instrument: (instrument.reference, dict(entries.instrument_json(instrument))),
    )


def _derivation_fact(derivation: Derivation) -> tuple[str, dict[str, Any]]:
    fact = dict(entries.derivation_json(derivation))
    source = fact["source_version"] or fact["external_source"]
    return f"{entries.version_name(derivation.derived_version)}←{source}", fact


def _party_fact(party: Party) -> dict[str, Any]:
    """Return a party as its entry has it: committed fields as commitments that the row opens."""
    fact = dict(entries.party_json(party))
    openings = {opening.path: opening.disclosure for opening in party.entry.openings.all()}
    fact["commitments"] = {
        path: commitment
        for path, commitment in _commitments(party).items()
        if path[1:] in entries.PARTY_FIELDS
        and _opens(commitment, openings.get(path, ""), (path, fact.pop(path[1:])))
    }
    return fact


def _commitments(party: Party) -> dict[str, str]:
    try:
        committed = parse_entry(stored_bytes(party.entry.content))["payload"].get("commitments")
    except EntryMalformedError:
        committed = None
    # Not this party's entry, or no longer its bytes: nothing in it vouches for the row.
    return committed if isinstance(committed, dict) else {}


def _opens(commitment: str, disclosure: str, expected: tuple[str, Any]) -> bool:
    try:
        return check_opening(commitment, disclosure) == expected
    except TlogError:
        return False


def _read_batch(
    rows: QuerySet[ModelT], pks: Sequence[Any], read: Callable[[ModelT], T]
) -> Iterator[tuple[Any, T | Exception]]:
    try:
        loaded = {row.pk: row for row in rows.filter(pk__in=pks)}
    except Exception:  # noqa: BLE001 # one row holds garbage: each is then read by itself
        loaded = {}
    for pk in pks:
        try:
            yield pk, read(loaded[pk] if pk in loaded else rows.get(pk=pk))
        except Exception as error:  # noqa: BLE001 # whatever stands in the row, the audit goes on
            yield pk, error
