"""The register as a fold of the ledger, and as its tables have it; the two must be equal.

A register is a mapping from table name and key to the fact in its published shape. `apply` folds
one entry into it; `stored_facts` reads the same facts from the rows. Pure but for the reading.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar

from django.db.models import Model, Q, QuerySet

from ledger.entries import EntryMalformedError, parse_entry, stored_bytes
from ledger.models import Entry
from primitives.canonical_json import instant_text
from registry import entries
from registry.models import (
    AssetVersion,
    DataAsset,
    Derivation,
    Erasure,
    ExternalSource,
    Instrument,
    Party,
    PartyChange,
)
from tlog.commitments import COMMITMENTS, check_opening
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
        written_by = getattr(row, f"{entry}_id", None)
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
    """Fold one parsed entry into the register's facts; kinds of other rooms are left alone.

    Every entry only adds facts. That a party was erased is a fact of its own table: the party's
    earlier fact stands, and its row must then be blank (`committed_fact`).
    """
    payload = entry["payload"]
    if entry["kind"] in entries.PARTY_REGISTRATIONS:
        facts["registry_party", payload["reference"]] = dict(payload)
    elif entry["kind"] == entries.PARTY_CHANGED:
        named = _changed(payload["party"], payload["number"])
        own = {field: payload[field] for field in entries.PARTY_FIELDS if field in payload}
        facts["registry_party", named] = with_commitments(own, payload, "")
        apply_instruments(facts, payload)
    elif entry["kind"] == entries.PARTY_ERASED:
        facts["registry_erasure", payload["party"]] = {
            **payload,
            "requested_by": entry["actor"],
            "decided_by": entry["officer"],
            "decided_at": entry["recorded_at"],
        }
    elif entry["kind"] in entries.INITIAL_REGISTRATIONS:
        number = payload["asset"]["number"]
        version_name = f"{number}@{payload['version']['number']}"
        facts["registry_dataasset", number] = {
            **_classification(entry),
            **payload["asset"],
            "registered_at": entry["recorded_at"],
        }
        facts["registry_assetversion", version_name] = {"asset": number, **payload["version"]}
        for source in payload["external_sources"]:
            facts["registry_externalsource", source["reference"]] = source
        for position, derivation in enumerate(payload["derivations"]):
            source = derivation["source_version"] or derivation["external_source"]
            facts["registry_derivation", f"{version_name}←{source}"] = with_commitments(
                derivation, payload, f"/derivations/{position}"
            )
        apply_instruments(facts, payload)


def apply_instruments(facts: Facts, payload: Mapping[str, Any]) -> None:
    """Fold the papers that an entry brings."""
    for position, instrument in enumerate(payload["instruments"]):
        facts["registry_instrument", instrument["reference"]] = with_commitments(
            instrument, payload, f"/instruments/{position}"
        )


def stored_facts(since: int = 0) -> Iterator[StoredFact]:
    """Yield the fact of every row of the register's tables but those of `stored_assets`.

    With ``since``, of the rows that entries from that leaf on wrote.
    """
    yield from stored_rows(
        Party.objects.select_related("entry").prefetch_related(
            "entry__openings", "erasures", "changes"
        ),
        lambda party: (party.reference, _party_fact(party)),
        since=since,
    )
    yield from _stored_party_changes(since)
    yield from stored_rows(
        Erasure.objects.filter(entry__isnull=False).select_related(
            "party", "requested_by", "decided_by"
        ),
        lambda erasure: (erasure.party.reference, _erasure_fact(erasure)),
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
        "derived_version__entry",
        "source_version__asset",
        "external_source",
        "responsible",
        "basis_instrument",
    )
    yield from stored_rows(
        derivations.prefetch_related("derived_version__entry__openings"),
        _derivation_fact,
        since=since,
        entry="derived_version__entry",
    )
    yield from stored_rows(
        Instrument.objects.select_related("entry", "erasure").prefetch_related("entry__openings"),
        lambda instrument: (instrument.reference, _instrument_fact(instrument)),
        since=since,
    )


def stored_assets(
    assets: QuerySet[DataAsset],
    as_registered: Callable[[DataAsset], DataAsset],
    *,
    since: int = 0,
) -> Iterator[StoredFact]:
    """Yield the fact of every asset's row as its registration wrote it.

    What acts changed in the description since then is theirs to know: ``as_registered`` returns the
    row with that undone.
    """
    yield from stored_rows(
        assets, lambda asset: (asset.number, _asset_fact(as_registered(asset))), since=since
    )


def committed_fact(
    fact: dict[str, Any],
    entry: Entry,
    prefix: str = "",
    *,
    is_erased: bool = False,
    superseded: Collection[str] = (),
) -> dict[str, Any]:
    """Return a row's fact as its entry has it: members that the row opens stand as commitments.

    Args:
        fact: the row's columns in clear.
        entry: the entry that the row stands in.
        prefix: JSON pointer to the row's place in the entry's payload.
        is_erased: the commitments must then have no opening, and their columns be blank.
        superseded: columns that a later act gave another value: their openings need only open.
    """
    commitments = _payload(stored_bytes(entry.content)).get(COMMITMENTS)
    if not isinstance(commitments, dict):
        return fact
    openings = {opening.path: opening.disclosure for opening in entry.openings.all()}
    fact[COMMITMENTS] = {
        name: commitment
        for name, commitment in _under(commitments, prefix).items()
        if name[1:] in fact
        and _stands(
            commitment,
            openings.get(prefix + name),
            prefix + name,
            fact.pop(name[1:]),
            is_erased=is_erased,
            is_superseded=name[1:] in superseded,
        )
    }
    return fact


def _party_fact(party: Party) -> dict[str, Any]:
    """Return the party as it was entered: what later acts changed is undone where it was clear."""
    changes = party.changes.all()
    fact = {**entries.party_json(party), **_cleared(changes)}
    found = committed_fact(
        fact,
        party.entry,
        is_erased=_is_erased(party),
        superseded=_fields_of(changes),
    )
    return {COMMITMENTS: {}, **found}


def _stored_party_changes(since: int) -> Iterator[StoredFact]:
    """Yield what each change of a party left: a field that no later one names stands in its row."""
    changes = PartyChange.objects.select_related("party", "entry").prefetch_related(
        "entry__openings", "party__changes", "party__erasures"
    )
    if since:
        changes = changes.filter(written_since("entry", since))
    for pk, result in each_row(changes, _left_by):
        if isinstance(result, Exception):
            yield StoredFact(table="registry_partychange", pk=str(pk), fault=repr(result))
        else:
            yield result


def _left_by(change: PartyChange) -> StoredFact:
    party = change.party
    later = [each for each in party.changes.all() if each.number > change.number]
    values = {**entries.party_json(party), **_cleared(later)}
    fact = committed_fact(
        {field: values[field] for field in change.fields},
        change.entry,
        is_erased=_is_erased(party),
        superseded=_fields_of(later),
    )
    return StoredFact(
        table="registry_party",
        pk=str(party.pk),
        name=_changed(party.reference, change.number),
        fact=fact,
        entry=change.entry_id,
    )


def _cleared(changes: Iterable[PartyChange]) -> dict[str, Any]:
    """Return the values from before these last changes, of what stood in clear."""
    before: dict[str, Any] = {}
    for change in sorted(changes, key=lambda change: change.number, reverse=True):
        before |= change.before
    return before


def _fields_of(changes: Iterable[PartyChange]) -> frozenset[str]:
    return frozenset(field for change in changes for field in change.fields)


def _is_erased(party: Party) -> bool:
    """Say whether the party was erased; nothing that is committed is entered after that (PCH-3)."""
    return any(erasure.entry_id for erasure in party.erasures.all())


def _changed(party: str, number: int) -> str:
    return f"{party} as changed by {number}"


def _erasure_fact(erasure: Erasure) -> dict[str, Any]:
    if erasure.decided_by is None or erasure.decided_at is None:
        raise ValueError("a granted erasure has no person and no instant of decision")
    return {
        **entries.erasure_json(erasure),
        "requested_by": erasure.requested_by.reference,
        "decided_by": erasure.decided_by.reference,
        "decided_at": instant_text(erasure.decided_at),
    }


def _classification(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return who is responsible; of an old shape also that it grades nothing."""
    if entry["kind"] in entries.UNCLASSIFIED_REGISTRATIONS:
        return {"responsibilities": {}, **dict.fromkeys(entries.CLASSIFICATION_FIELDS, "")}
    return {"responsibilities": entry["payload"]["responsibilities"]}


def _asset_fact(asset: DataAsset) -> dict[str, Any]:
    return {
        **entries.asset_json(asset),
        "responsibilities": entries.responsibilities_json(asset.responsibilities.all()),
        "registered_at": instant_text(asset.registered_at),
    }


def _derivation_fact(derivation: Derivation) -> tuple[str, dict[str, Any]]:
    fact = dict(entries.derivation_json(derivation))
    source = fact["source_version"] or fact["external_source"]
    name = f"{entries.version_name(derivation.derived_version)}←{source}"
    entry = derivation.derived_version.entry
    for position, derived in enumerate(members_of(entry, "derivations")):
        if source in (derived.get("source_version"), derived.get("external_source")):
            return name, committed_fact(fact, entry, f"/derivations/{position}")
    return name, fact


def _instrument_fact(instrument: Instrument) -> dict[str, Any]:
    fact = dict(entries.instrument_json(instrument))
    entry = instrument.entry
    for position, listed in enumerate(members_of(entry, "instruments") if entry else []):
        if entry and listed.get("reference") == instrument.reference:
            prefix = f"/instruments/{position}"
            return committed_fact(fact, entry, prefix, is_erased=instrument.is_erased)
    return fact


def with_commitments(
    member: Mapping[str, Any], payload: Mapping[str, Any], prefix: str
) -> dict[str, Any]:
    """Return a payload's member with its own commitments; that of an old shape as it is."""
    commitments = payload.get(COMMITMENTS)
    if commitments is None:
        return dict(member)
    return {**member, COMMITMENTS: _under(commitments, prefix)}


def _under(commitments: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Return the commitments to the direct members of what ``prefix`` points to, by their names."""
    return {
        path.removeprefix(prefix): commitment
        for path, commitment in commitments.items()
        if path.rpartition("/")[0] == prefix
    }


def members_of(entry: Entry, name: str) -> list[dict[str, Any]]:
    """Return the objects that a member of the entry's payload lists."""
    members = _payload(stored_bytes(entry.content)).get(name)
    if not isinstance(members, list):
        return []
    return [member if isinstance(member, dict) else {} for member in members]


@lru_cache(maxsize=16)
def _payload(content: bytes) -> dict[str, Any]:
    """Return an entry's payload; of bytes that are none nothing, which vouches for no row.

    Cached by the bytes themselves: the rows of one registration are read one after another.
    """
    try:
        payload: dict[str, Any] = parse_entry(content)["payload"]
    except EntryMalformedError:
        return {}
    return payload


def _stands(
    commitment: object,
    opening: str | None,
    path: str,
    value: object,
    *,
    is_erased: bool,
    is_superseded: bool,
) -> bool:
    """Say whether a row bears a commitment out: it opens it, or it was erased and is blank.

    What the row has is of a later act if that superseded the value.
    """
    if is_erased:
        return opening is None and (is_superseded or not value)
    try:
        opened, found = check_opening(str(commitment), opening or "")
    except TlogError:
        return False
    return opened == path and (is_superseded or found == value)


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
