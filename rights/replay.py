"""Title as a fold of the ledger, and as its tables have it; the two must be equal.

A revision is a fact, and so is its end: an entry only ever adds facts.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Prefetch

from primitives.canonical_json import instant_text
from primitives.shapes import to_json
from registry.descriptions import description_json
from registry.entries import INITIAL_REGISTRATIONS
from registry.models import DataAsset
from registry.replay import (
    Facts,
    StoredFact,
    apply_instruments,
    committed_fact,
    each_row,
    members_of,
    stored_assets,
    stored_rows,
    with_commitments,
    written_since,
)
from rights import entries
from rights.kinds import RemarkKind
from rights.models import Interest, Recorded, Remark, UsedConsent
from rights.queries import descriptions, undone
from rights.scope import EVERYTHING
from rights.title import NO_TERMS

DESCRIPTIONS = "descriptions"
"""Attribute of an asset's row that holds the changes of its description."""

AS_REGISTERED = {
    "revision": 1,
    "granted_from": "",
    "scope": to_json(EVERYTHING),
    "terms": to_json(NO_TERMS),
}
"""What an initial registration does not say of its rights."""


def apply(facts: Facts, entry: Mapping[str, Any]) -> None:
    """Fold one parsed entry into the facts; kinds of other rooms are left alone."""
    payload = entry["payload"]
    if entry["kind"] in INITIAL_REGISTRATIONS:
        for interest in payload["interests"]:
            facts["rights_interest", f"{interest['reference']}@1"] = {**interest, **AS_REGISTERED}
    elif entry["kind"] == entries.TITLE_DEALING:
        _apply_dealing(facts, payload)


def stored_facts(since: int = 0) -> Iterator[StoredFact]:
    """Yield the facts of every row of title, and of the assets that it describes.

    With ``since``, of entries from that leaf on.
    """
    with_descriptions = Prefetch("remarks", queryset=descriptions(), to_attr=DESCRIPTIONS)
    assets = DataAsset.objects.prefetch_related(with_descriptions, "responsibilities__party")
    yield from stored_assets(
        assets, lambda row: undone(row, getattr(row, DESCRIPTIONS)), since=since
    )
    yield from _stored_descriptions(since)
    interests = Interest.objects.select_related("asset").prefetch_related("shares__party")
    remarks = Remark.objects.select_related("asset", "party", "entry")
    yield from stored_rows(interests, lambda row: (row.name, _interest_fact(row)), since=since)
    yield from stored_rows(
        remarks.prefetch_related("entry__openings"),
        lambda row: (row.name, _remark_fact(row)),
        since=since,
    )
    for model in (Interest, Remark):
        yield from _ends(model, since)
    yield from stored_rows(
        UsedConsent.objects.all(), lambda consent: (consent.instrument, {}), since=since
    )


def _apply_dealing(facts: Facts, payload: Mapping[str, Any]) -> None:
    for interest in payload["interests"]:
        facts["rights_interest", _name(interest)] = dict(interest)
    for position, remark in enumerate(payload["remarks"]):
        facts["rights_remark", _name(remark)] = with_commitments(
            remark, payload, f"/remarks/{position}"
        )
        if remark["kind"] == RemarkKind.DESCRIPTION:
            named = _described(remark["asset"], _name(remark))
            facts["registry_dataasset", named] = dict(remark["body"]["after"])
    for name, instant in payload["ended"].items():
        table = "rights_interest" if name.startswith("I-") else "rights_remark"
        facts[table, f"{name} ended"] = {"until": instant}
    for instrument in payload["used"]:
        facts["rights_usedconsent", instrument] = {}
    apply_instruments(facts, payload)


def _stored_descriptions(since: int) -> Iterator[StoredFact]:
    """Yield what each change of a description left in the asset's row.

    A field that no later change names has its value from here, and the row must have it; of any
    other the next change says what it was.
    """
    with_descriptions = Prefetch("asset__remarks", queryset=descriptions(), to_attr=DESCRIPTIONS)
    changes = descriptions().select_related("asset").prefetch_related(with_descriptions)
    if since:
        changes = changes.filter(written_since("entry", since))
    for pk, result in each_row(changes, _left_by):
        if isinstance(result, Exception):
            yield StoredFact(table="rights_remark", pk=str(pk), fault=repr(result))
        else:
            yield result


def _left_by(change: Remark) -> StoredFact:
    later = [
        each for each in getattr(change.asset, DESCRIPTIONS) if each.revision > change.revision
    ]
    left = description_json(undone(change.asset, later))
    return StoredFact(
        table="registry_dataasset",
        pk=str(change.asset_id),
        name=_described(change.asset.number, change.name),
        fact={field: left[field] for field in change.body["after"]},
        entry=change.entry_id,
    )


def _ends(model: type[Interest] | type[Remark], since: int) -> Iterator[StoredFact]:
    ended = model._default_manager.filter(ended_by__isnull=False)  # noqa: SLF001 # Django's public model API
    return stored_rows(
        ended,
        lambda row: (f"{row.name} ended", {"until": instant_text(row.until)}),
        since=since,
        entry="ended_by",
    )


def _interest_fact(interest: Interest) -> dict[str, Any]:
    fact = entries.interest_json(entries.interest_facts(interest))
    return {**fact, "shares": entries.shares_json(interest.shares.all()), **_moved_end(interest)}


def _remark_fact(remark: Remark) -> dict[str, Any]:
    fact = {**entries.remark_json(entries.remark_facts(remark)), **_moved_end(remark)}
    for position, listed in enumerate(members_of(remark.entry, "remarks")):
        if _name(listed) == remark.name:
            return committed_fact(fact, remark.entry, f"/remarks/{position}")
    return fact


def _moved_end(row: Recorded) -> dict[str, Any]:
    """Return the end of a row that no entry ended, if it is not that of its term."""
    is_moved = row.ended_by_id is None and row.until != row.valid_to
    return {"until": instant_text(row.until)} if is_moved else {}


def _described(asset: str, change: str) -> str:
    return f"{asset} as described by {change}"


def _name(fact: Mapping[str, Any]) -> str:
    return f"{fact['reference']}@{fact['revision']}"
