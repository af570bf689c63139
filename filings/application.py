"""From a filing's draft rows to what the law of title registers."""

import hashlib
from collections.abc import Sequence
from operator import attrgetter

from django.conf import settings
from django.db.models import prefetch_related_objects

from filings.dealing import dealing_of
from filings.kinds import FilingType
from filings.models import ClaimedRight, ClaimedSource, Filing, FusionParticipant, Paper
from primitives.canonical_json import Json, JsonObject, canonical_json, instant_text
from primitives.identifiers import new_reference
from primitives.shapes import to_json
from registry.entries import (
    DESCRIPTION_FIELDS,
    asset_json,
    responsibilities_json,
    source_key,
)
from registry.models import AssetVersion, DataAsset, Derivation, ExternalSource, Responsibility
from rights.initial_registration import Claim, InitialApplication
from rights.kinds import RightKind


def claims_of(filing: Filing) -> list[ClaimedRight]:
    """Return the claimed rights with their holders, in order; read once if they are prefetched."""
    claims = sorted(filing.claims.all(), key=attrgetter("pk"))
    prefetch_related_objects(claims, "shares__party")
    return claims


def papers_of(filing: Filing) -> list[Paper]:
    """Return the papers with their instruments, in order; read once if they are prefetched."""
    papers = sorted(filing.papers.all(), key=attrgetter("pk"))
    prefetch_related_objects(papers, "instrument")
    return papers


def participants_of(filing: Filing) -> list[FusionParticipant]:
    """Return the other parties to a fusion; read once if they are prefetched."""
    participants = sorted(filing.participants.all(), key=attrgetter("pk"))
    prefetch_related_objects(participants, "party", "consent__instrument")
    return participants


def application_of(
    filing: Filing, *, sources: Sequence[ClaimedSource] | None = None
) -> InitialApplication:
    """Return what the filing asks to register; the rows in it are not yet saved.

    ``sources`` are those of `sources_of`, if they were read before.
    """
    sources = sources_of(filing) if sources is None else sources
    externals = _externals(sources)
    papers = papers_of(filing)
    participants = participants_of(filing)
    asset = DataAsset(**{name: getattr(filing, name) for name in DESCRIPTION_FIELDS})
    return InitialApplication(
        filing=filing.number,
        asset=asset,
        version=AssetVersion(sha256=filing.sha256, sm3=filing.sm3, size_bytes=filing.size_bytes),
        derivations=[_derivation(source, externals.get(source.pk)) for source in sources],
        external_sources=[new for new in externals.values() if new._state.adding],  # noqa: SLF001 # Django's documented mark of an unsaved row
        instruments=[paper.instrument for paper in papers],
        claims=[
            Claim(
                kind=RightKind(claim.kind),
                term_months=claim.term_months,
                limits=claim.limits,
                shares=[
                    (share.party, share.fraction)
                    for share in sorted(claim.shares.all(), key=attrgetter("pk"))
                ],
            )
            for claim in claims_of(filing)
        ],
        responsibilities=[
            Responsibility(asset=asset, stage=named.stage, party=named.party)
            for named in filing.responsibilities.select_related("party").order_by("pk")
        ],
        contract_kinds=filing.contract_kinds,
        participants=frozenset(other.party.reference for other in participants),
        consenting=frozenset(other.party.reference for other in participants if other.consent_id),
        is_substantive=filing.is_substantive,
        remarks=filing.remarks,
        max_term_months=min(filing.procedure.max_term.value, settings.MAX_TERM_MONTHS),
    )


def content_digest(filing: Filing) -> str:
    """Return the SHA-256 of everything an approver is shown; an approval binds to it."""
    if filing.type != FilingType.INITIAL:
        return _dealings_digest(filing)
    application = application_of(filing)
    shown: JsonObject = {
        "asset": asset_json(application.asset),
        "responsibilities": responsibilities_json(application.responsibilities),
        "sha256": filing.sha256,
        "sm3": filing.sm3,
        "size_bytes": filing.size_bytes,
        "field_names": filing.field_names,
        "part_digests": filing.part_digests,
        "remarks": filing.remarks,
        "applicants": sorted(party.reference for party in filing.applicants.all()),
        "contract_kinds": sorted(application.contract_kinds),
        "participants": sorted(application.participants),
        "consenting": sorted(application.consenting),
        "is_substantive": application.is_substantive,
        "organisation": filing.organisation.uscc if filing.organisation else None,
        "papers": [
            [instrument.kind, instrument.title, instrument.sha256]
            for instrument in application.instruments
        ],
        "sources": [_shown_source(source) for source in sources_of(filing)],
        "claims": [
            {
                "kind": claim.kind,
                "term_months": claim.term_months,
                "limits": claim.limits,
                "shares": [[party.reference, str(value)] for party, value in claim.shares],
            }
            for claim in application.claims
        ],
        "checks": [
            [check.item, check.is_met, check.note] for check in filing.checks.order_by("item")
        ],
        "near_matches": [
            [match.asset_id, match.case_id, match.finding, match.note]
            for match in filing.near_matches.order_by("pk")
        ],
        "listed": _shown_answers(filing),
    }
    return hashlib.sha256(canonical_json(shown)).hexdigest()


def _dealings_digest(filing: Filing) -> str:
    dealing = dealing_of(filing)
    instruments = [
        paper.instrument for paper in filing.papers.select_related("instrument").order_by("pk")
    ]
    shown: JsonObject = {
        "type": filing.type,
        "dealing": dealing.digest(),
        "overrides": to_json(dealing.overrides),
        "consents": [
            [consent.party, consent.instrument, consent.dealing] for consent in dealing.consents
        ],
        "agent": filing.agent.reference if filing.agent else None,
        "organisation": filing.organisation.uscc if filing.organisation else None,
        "papers": [
            [instrument.kind, instrument.title, instrument.sha256] for instrument in instruments
        ],
        "checks": [
            [check.item, check.is_met, check.note] for check in filing.checks.order_by("item")
        ],
        "listed": _shown_answers(filing),
    }
    return hashlib.sha256(canonical_json(shown)).hexdigest()


def sources_of(filing: Filing) -> list[ClaimedSource]:
    """Return the claimed sources with what they point at, in order."""
    return list(
        filing.sources.select_related(
            "source_version__asset",
            "external_source",
            "publisher",
            "responsible",
            "basis_interest",
            "basis_paper__instrument",
        ).order_by("pk")
    )


def _shown_source(source: ClaimedSource) -> JsonObject:
    return {
        "source": str(source),
        "publisher": source.publisher.reference if source.publisher else None,
        "locator": source.locator,
        "edition": source.edition,
        "licence": source.licence,
        "sha256": source.sha256,
        "activity": source.activity,
        "method": source.method,
        "code_sha256": source.code_sha256,
        "ended_at": instant_text(source.ended_at),
        "responsible": source.responsible.reference,
        "basis": source.basis,
        "basis_interest": source.basis_interest.reference if source.basis_interest else None,
        "basis_paper": source.basis_paper_id,
    }


def _shown_answers(filing: Filing) -> list[Json]:
    answers = filing.list_answers.order_by("pk")
    return [[answer.item_id, answer.applies, answer.reason] for answer in answers]


def source_keys(filing: Filing) -> list[str]:
    """Return what a decision locks so that a source from outside is entered once."""
    typed = filing.sources.exclude(title="").select_related("publisher")
    return [source_key(_typed(source)) for source in typed]


def _externals(sources: Sequence[ClaimedSource]) -> dict[int, ExternalSource]:
    """Return the sources typed on the form: those known already, or new ones not yet saved."""
    new = {source.pk: _typed(source) for source in sources if source.title}
    titles = {external.title for external in new.values()}
    known = {
        _same(external): external
        for external in ExternalSource.objects.filter(title__in=titles)
        .select_related("publisher")
        .order_by("-pk")
    }
    return {key: known.get(_same(external), external) for key, external in new.items()}


def _same(source: ExternalSource) -> tuple[int, str, str, str]:
    """Return what two writings of one source have in common."""
    return source.publisher_id, source.title, source.edition, source.sha256


def _typed(source: ClaimedSource) -> ExternalSource:
    if source.publisher is None:
        raise ValueError(f"source {source.pk} has a title and no publisher")
    return ExternalSource(
        reference=new_reference("S"),
        title=source.title,
        publisher=source.publisher,
        locator=source.locator,
        edition=source.edition,
        licence=source.licence,
        sha256=source.sha256,
    )


def _derivation(source: ClaimedSource, external: ExternalSource | None) -> Derivation:
    return Derivation(
        source_version=source.source_version,
        external_source=external or source.external_source,
        activity=source.activity,
        method=source.method,
        code_sha256=source.code_sha256,
        ended_at=source.ended_at,
        responsible=source.responsible,
        basis=source.basis,
        basis_interest=source.basis_interest.reference if source.basis_interest else "",
        basis_instrument=source.basis_paper.instrument if source.basis_paper else None,
        is_proven=False,
    )
