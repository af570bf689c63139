"""A dealing becomes an act: title is loaded under locks, decided by the rules, entered and stored.

Entry points: `keys_of` (what the act must lock), `preview`, `deal`. The law is not here: it is in
the acts' own modules (`rights.acts`).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import Any

from django.conf import settings
from django.db.models import Max, Q

from ledger.acts import Act
from ledger.models import Entry, EntryKey
from primitives.rules import RulesBrokenError, broken
from primitives.shapes import to_json
from registry import search
from registry.commitments import record_committed
from registry.descriptions import describe, description_json
from registry.entries import asset_key, instrument_json, party_key
from registry.kinds import PublicData
from registry.models import DataAsset, Instrument, Named, Party
from rights import entries
from rights.acts import BY_REQUEST
from rights.dealing import CITATION_RULES, Cited, Dealing, Outcome, decide
from rights.facts import Limits
from rights.kinds import RightKind
from rights.models import Interest, Remark, Share, UsedConsent
from rights.propagation import PROPAGATION, propagate, reach_json, reached
from rights.remarks import KINDS_HEEDED, Description, RemarkFacts
from rights.title import AssetFacts, Change, InterestFacts, Title, is_personal


def limits() -> Limits:
    """Return what the settings fix."""
    return Limits(
        term_months=settings.MAX_TERM_MONTHS,
        pledgeable=frozenset(map(RightKind, settings.PLEDGEABLE_RIGHTS)),
        notice_days=settings.NOTICE_DAYS,
        caution_months=settings.CAUTION_MONTHS,
    )


def assets_of(dealing: Dealing) -> list[str]:
    """Return the numbers of every asset that the dealing concerns, in order."""
    named = {number for item in dealing.items for number in item.asset_numbers}
    references = {reference for item in dealing.items for reference in item.interests}
    rights = Interest.objects.filter(reference__in=references)
    return sorted(named | set(rights.values_list("asset__number", flat=True)))


def keys_of(dealing: Dealing) -> list[str]:
    """Return what an act must lock to enter the dealing."""
    return [
        *(asset_key(number) for number in assets_of(dealing)),
        *(party_key(party) for party in sorted(dealing.parties())),
        *(consent_key(consent.instrument) for consent in dealing.consents),
        *(PROPAGATION for item in dealing.items if BY_REQUEST[type(item)].propagates),
    ]


def consent_key(instrument: str) -> str:
    """Return what an act locks so that a consent is used once."""
    return f"consent:{instrument}"


def load(
    numbers: Collection[str], *, consents: Iterable[str] = (), parties: Iterable[str] = ()
) -> Title:
    """Return the open facts of the assets, and what is known of the consents and parties."""
    assets = DataAsset.objects.filter(number__in=numbers)
    interests = Interest.objects.filter(asset__number__in=numbers, ended_by__isnull=True)
    last = Q(ended_by__isnull=True) | Q(kind__in=KINDS_HEEDED)
    remarks = Remark.objects.filter(last, asset__number__in=numbers).order_by("revision")
    return Title(
        assets={asset.number: asset_facts(asset) for asset in assets},
        interests={
            row.reference: entries.interest_facts(row)
            for row in interests.select_related("asset").prefetch_related("shares__party")
        },
        remarks={
            row.reference: entries.remark_facts(row)
            for row in remarks.select_related("asset", "party")
        },
        used=frozenset(
            UsedConsent.objects.filter(instrument__in=list(consents)).values_list(
                "instrument", flat=True
            )
        ),
        parties=frozenset(
            party.reference
            for party in Party.objects.filter(reference__in=list(parties))
            if not party.is_erased
        ),
    )


def asset_facts(asset: DataAsset) -> AssetFacts:
    """Return what the rules need to know of an asset."""
    return AssetFacts(
        number=asset.number,
        resale_allowed=asset.resale_allowed,
        export_allowed=asset.export_allowed,
        is_personal=is_personal(asset.personal_information),
        is_raw_public=asset.public_data == PublicData.ORGAN_DUTY,
        description=description_json(asset),
        registered_at=asset.registered_at,
    )


def preview(
    dealing: Dealing, *, at: datetime, officer: str, bounds: Limits | None = None
) -> Outcome:
    """Return what the dealing would do if it were entered now; nothing is locked or decided.

    ``bounds`` are what a rule profile fixes; without them the settings do.
    """
    keys = {asset_key(number): number for number in assets_of(dealing)}
    last = EntryKey.objects.filter(key__in=keys).values_list("key").annotate(Max("version"))
    versions = dict.fromkeys(keys.values(), 1)
    versions |= {keys[key]: version + 1 for key, version in last}
    return _outcome(dealing, at=at, officer=officer, versions=versions, bounds=bounds)


def outcome_of(act: Act, dealing: Dealing, *, bounds: Limits | None = None) -> Outcome:
    """Return what the dealing would do if it were entered by ``act``; ``bounds`` as in `preview`.

    Raises:
        RuntimeError: the act does not hold the locks that `keys_of` names.
    """
    for key in keys_of(dealing):
        act.require_lock(key)
    versions = {number: act.next_version(asset_key(number)) for number in assets_of(dealing)}
    return _outcome(
        dealing, at=act.recorded_at, officer=act.officer, versions=versions, bounds=bounds
    )


def _outcome(
    dealing: Dealing,
    *,
    at: datetime,
    officer: str,
    versions: Mapping[str, int],
    bounds: Limits | None,
) -> Outcome:
    outcome = decide(
        dealing,
        load(
            versions,
            consents=[consent.instrument for consent in dealing.consents],
            parties=dealing.parties(),
        ),
        at=at,
        officer=officer,
        versions=versions,
        limits=bounds or limits(),
    )
    standing = (*outcome.broken, *broken(CITATION_RULES, _cited(dealing, outcome.change)))
    return replace(outcome, broken=standing, change=Change() if standing else outcome.change)


def deal(act: Act, dealing: Dealing, *, bounds: Limits | None = None) -> Entry:
    """Enter the dealing: one entry, all its facts, or nothing; ``bounds`` as in `preview`.

    Raises:
        RulesBrokenError: names every rule that does not hold; nothing has been written.
        RuntimeError: the act does not hold the locks that `keys_of` names.
    """
    outcome = outcome_of(act, dealing, bounds=bounds)
    if outcome.broken:
        raise RulesBrokenError(outcome.broken)
    change = outcome.change
    ending = _ending(change)
    causes = _new_causes(change, ending)
    if causes:
        act.require_lock(PROPAGATION)
    reach = {cause.reference: reached(cause) for cause in causes}
    new_papers = Instrument.objects.filter(
        reference__in=dealing.instruments, entry__isnull=True
    ).order_by("reference")
    payload = entries.dealing_json(
        dealing,
        change,
        ended=entries.ended_json(change, {row.reference: row.revision for row in ending}),
        reach={cause: reach_json(assets.values()) for cause, assets in reach.items()},
        new_papers=[instrument_json(paper) for paper in new_papers],
    )
    entry = record_committed(
        act,
        kind=entries.TITLE_DEALING,
        keys=[asset_key(number) for number in assets_of(dealing)],
        payload=payload,
        committed=entries.committed_of_dealing(payload),
    )
    Instrument.objects.filter(pk__in=[paper.pk for paper in new_papers]).update(entry=entry)
    _store(change, ending, entry)
    for cause, assets in reach.items():
        propagate(cause, assets.keys(), entry)
    return entry


def _cited(dealing: Dealing, change: Change) -> Cited:
    papers = dealing.instruments | {consent.instrument for consent in dealing.consents}
    names = frozenset(
        [fact.reference for fact in change.interests if fact.revision == 1]
        + [fact.reference for fact in change.remarks if fact.revision == 1]
    )
    on_file = Instrument.objects.filter(reference__in=papers, erasure__isnull=True)
    taken = [
        model._default_manager.filter(reference__in=names).values_list("reference", flat=True)  # noqa: SLF001 # Django's public model API
        for model in (Interest, Remark)
    ]
    return Cited(
        papers=papers,
        papers_on_file=frozenset(on_file.values_list("reference", flat=True)),
        names=names,
        names_taken=frozenset(chain.from_iterable(taken)),
    )


def _ending(change: Change) -> list[Interest | Remark]:
    """Return the open rows that the change ends."""
    is_open = {"reference__in": list(change.ended), "ended_by__isnull": True}
    return [*Interest.objects.filter(**is_open), *Remark.objects.filter(**is_open)]


def _new_causes(change: Change, ending: list[Interest | Remark]) -> list[RemarkFacts]:
    """Return the remarks that become causes; one that goes on as a cause has its marks."""
    before = {
        row.reference
        for row in ending
        if isinstance(row, Remark) and entries.remark_facts(row).is_cause
    }
    return [fact for fact in change.remarks if fact.is_cause and fact.reference not in before]


def _store(change: Change, ending: list[Interest | Remark], entry: Entry) -> None:
    for row in ending:
        row.until, row.ended_by = change.ended[row.reference], entry
        row.save(update_fields=["until", "ended_by"])
    numbers = {fact.asset for fact in change.interests}
    numbers |= {fact.asset for fact in change.remarks}
    assets = {asset.number: asset for asset in DataAsset.objects.filter(number__in=numbers)}
    parties = _parties(change)
    for interest in change.interests:
        row = Interest(
            **_recorded(interest, assets, entry),
            kind=interest.kind,
            granted_from=interest.granted_from,
            scope=to_json(interest.scope),
            terms=to_json(interest.terms),
            limits=interest.limits,
        )
        row.save(force_insert=True)
        Share.objects.bulk_create(
            Share(
                interest=row,
                party=parties[party],
                numerator=share.numerator,
                denominator=share.denominator,
            )
            for party, share in interest.shares.items()
        )
    Remark.objects.bulk_create(
        Remark(
            **_recorded(remark, assets, entry),
            kind=remark.kind,
            interest=remark.interest,
            party=parties[remark.party] if remark.party else None,
            rank_version=remark.rank[0],
            rank_position=remark.rank[1],
            body=to_json(remark.body),
            words=remark.words,
        )
        for remark in change.remarks
    )
    for remark in change.remarks:
        if isinstance(remark.body, Description):
            described = describe(assets[remark.asset], remark.body.after)
            described.save(update_fields=[*remark.body.after])
            search.write(Named.ASSET, described.pk, described.name)
    UsedConsent.objects.bulk_create(
        UsedConsent(instrument=instrument, entry=entry) for instrument in sorted(change.used)
    )


def _recorded(
    fact: InterestFacts | RemarkFacts, assets: dict[str, DataAsset], entry: Entry
) -> dict[str, Any]:
    return {
        "reference": fact.reference,
        "revision": fact.revision,
        "asset": assets[fact.asset],
        "valid_from": fact.valid_from,
        "valid_to": fact.valid_to,
        "until": fact.until,
        "entry": entry,
    }


def _parties(change: Change) -> dict[str, Party]:
    references = {party for fact in change.interests for party in fact.shares}
    references |= {fact.party for fact in change.remarks if fact.party}
    return {party.reference: party for party in Party.objects.filter(reference__in=references)}
