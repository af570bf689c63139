"""Committed members of entries: writing them, keeping what opens them, reading them again.

The only place that keeps openings. Entry points: `record_committed` for an act, `opened_payload`
for a reader inside the register.
"""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from ledger.acts import Act, ActTooLargeError
from ledger.entries import parse_entry, stored_bytes
from ledger.models import Entry
from primitives.canonical_json import JsonObject, canonical_json
from registry.entries import PARTY_FIELDS
from registry.models import Instrument, Opening, Party
from tlog.commitments import COMMITMENTS, disclose, withhold
from tlog.tiles import MAX_ENTRY_BYTES


def record_committed(
    act: Act, *, kind: str, keys: Iterable[str], payload: JsonObject, committed: Iterable[str]
) -> Entry:
    """Record ``payload`` with the members at the JSON pointers ``committed`` as commitments.

    Raises:
        ActTooLargeError: the entry would not fit into an entry bundle, or would not in clear:
            what is opened must fit into certificates and disclosures as well.
    """
    if (size := len(canonical_json(payload))) > MAX_ENTRY_BYTES:
        raise ActTooLargeError(size)
    withheld, openings = withhold(payload, committed)
    entry = act.record(kind=kind, keys=keys, payload=withheld)
    Opening.objects.bulk_create(
        Opening(entry=entry, path=path, disclosure=opening) for path, opening in openings.items()
    )
    return entry


def opened_payload(entry: Entry) -> JsonObject:
    """Return an entry's payload with every member in clear whose opening is kept.

    Raises:
        TlogError: an opening does not belong to the entry.
    """
    payload: JsonObject = parse_entry(stored_bytes(entry.content))["payload"]
    if COMMITMENTS not in payload:
        return payload
    return disclose(payload, entry.openings.values_list("disclosure", flat=True))


def openings_of_party(party: Party) -> QuerySet[Opening]:
    """Return what opens the commitments to a party's own data, in every entry that has some."""
    entries = Q(entry=party.entry) | Q(entry__party_change__party=party)
    return Opening.objects.filter(entries, path__in=[f"/{field}" for field in PARTY_FIELDS])


def openings_of_instrument(instrument: Instrument) -> QuerySet[Opening]:
    """Return what opens the commitments of a paper in the registration that it stands in."""
    if instrument.entry is None:
        return Opening.objects.none()
    payload = parse_entry(stored_bytes(instrument.entry.content))["payload"]
    references = [listed["reference"] for listed in payload["instruments"]]
    place = references.index(instrument.reference)
    return Opening.objects.filter(entry=instrument.entry, path__startswith=f"/instruments/{place}/")
