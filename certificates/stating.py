"""Building a certificate's statement from the register, as of the tree that proves it."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings

from certificates.models import Certificate, Document
from certificates.statement import (
    Holder,
    LedgerPosition,
    Registrar,
    StatedAsset,
    StatedRight,
    StatedSource,
    Statement,
)
from primitives.canonical_json import canonical_json
from registry.commitments import opened_payload
from registry.entries import version_name
from registry.models import DataAsset
from registry.provenance import Ancestor, ancestry
from registry.queries import latest_version
from rights.models import Interest
from rights.queries import AsOf, described_as_of
from tlog.checkpoint import Checkpoint
from tlog.merkle import leaf_hash
from tlog.note import split_note
from tlog.proof import TlogProof
from verifier.document import OPENINGS_SCHEMA
from verifier.registration import is_stated


def statement_of(
    certificate: Certificate,
    *,
    proof: TlogProof,
    issued_at: datetime,
    interests: Iterable[Interest] | None = None,
) -> Statement:
    """Return what the certificate says.

    Args:
        certificate: of which asset and registration.
        proof: of the registration that it states.
        issued_at: aware UTC.
        interests: the rights to state; those of the registration if None.
    """
    asset = certificate.asset
    registered = opened_payload(certificate.registration)
    filing, remarks = str(registered["filing"]), str(registered.get("remarks", ""))
    if interests is None:
        registered_rights = Interest.objects.filter(entry=certificate.registration)
        interests = registered_rights.prefetch_related("shares__party").order_by("pk")
    return Statement(
        number=certificate.number,
        check_code=certificate.check_code,
        verify_url=verify_url(certificate),
        registrar=registrar(),
        issued_at=issued_at,
        filing=filing,
        asset=_asset(described_as_of(asset, AsOf(at=issued_at, size=proof.index + 1))),
        rights=[_right(interest) for interest in interests],
        provenance=stated_sources(asset),
        remarks=[remarks] if remarks else [],
        ledger=_position(certificate, proof),
    )


def openings_of(certificate: Certificate) -> bytes:
    """Return ``quanji.openings/1``: what opens those commitments that the statement states."""
    openings = [
        opening.disclosure
        for opening in certificate.registration.openings.order_by("path")
        if is_stated(opening.path)
    ]
    return canonical_json({"schema": OPENINGS_SCHEMA, "openings": openings})


def registrar() -> Registrar:
    """Return the institution of this installation."""
    return Registrar(
        name_zh=settings.REGISTRAR_NAME_ZH,
        name_en=settings.REGISTRAR_NAME_EN,
        code=settings.REGISTRAR_REGION + settings.REGISTRAR_DIGIT,
        is_example=settings.REGISTRAR_IS_EXAMPLE,
    )


def verify_url(file: Certificate | Document) -> str:
    """Return the address at which a paper is compared with what was issued."""
    return f"{settings.PUBLIC_BASE_URL}/v/{file.number}?c={file.check_code}"


def stated_sources(asset: DataAsset) -> list[StatedSource]:
    """Return direct sources, and of the farther ones those whose basis is unproven (P2)."""
    return _sources(ancestry(latest_version(asset)))


def head_of(note: str) -> Checkpoint:
    """Return the tree head of a signed checkpoint of ours."""
    return Checkpoint.parse(split_note(note)[0])


def _asset(asset: DataAsset) -> StatedAsset:
    version = latest_version(asset)
    return StatedAsset(
        number=asset.number,
        name=asset.name,
        summary=asset.summary,
        kind=asset.kind,
        industry=f"{asset.industry_section}{asset.industry_division}",
        source_kind=asset.source_kind,
        region_scope=asset.region_scope,
        region=asset.region,
        period_from=asset.period_from,
        period_to=asset.period_to,
        update_frequency=asset.update_frequency,
        record_count=asset.record_count,
        size_bytes=version.size_bytes,
        form=asset.form,
        structure=asset.structure,
        limits=limits_of(asset),
        version=version.number,
        sha256=version.sha256,
        sm3=version.sm3,
    )


def limits_of(asset: DataAsset) -> str:
    """Return the limits of Annex 1 in words; resale and export are stated in any case."""
    written = [
        asset.limit_users,
        asset.limit_qualification,
        asset.limit_environment,
        asset.limit_territory,
    ]
    resale = "允许再次转售" if asset.resale_allowed else "不允许再次转售"
    export = "允许数据出境" if asset.export_allowed else "不允许数据出境"
    return "；".join([*(text for text in written if text), resale, export])


def _right(interest: Interest) -> StatedRight:
    return StatedRight(
        reference=interest.reference,
        kind=interest.kind,
        valid_from=interest.valid_from,
        valid_to=interest.valid_to,
        limits=interest.limits,
        holders=[
            Holder(
                name=share.party.name,
                identifier_scheme=share.party.identifier_scheme,
                identifier=share.party.identifier,
                share=share.fraction,
            )
            for share in sorted(interest.shares.all(), key=lambda share: share.pk)
        ],
    )


def _sources(ancestors: Iterable[Ancestor]) -> list[StatedSource]:
    return [
        _source(ancestor)
        for ancestor in ancestors
        if ancestor.depth == 1 or not ancestor.derivation.is_proven
    ]


def _source(ancestor: Ancestor) -> StatedSource:
    edge = ancestor.derivation
    version, external = edge.source_version, edge.external_source
    if version:
        title, publisher = f"{version.asset.name}（{version_name(version)}）", ""
    else:
        title = f"{external.title} {external.edition}" if external else ""
        publisher = external.publisher.name if external else ""
    return StatedSource(
        title=title,
        publisher=publisher,
        activity=edge.method,
        responsible=edge.responsible.name,
        basis=edge.basis,
        is_proven=edge.is_proven,
        depth=ancestor.depth,
    )


def _position(certificate: Certificate, proof: TlogProof) -> LedgerPosition:
    checkpoint = head_of(proof.checkpoint)
    return LedgerPosition(
        entry_index=proof.index,
        leaf_hash=leaf_hash(bytes(certificate.registration.content)).hex(),
        deposited_at=certificate.registration.recorded_at,
        tree_size=checkpoint.size,
        root_hash=checkpoint.root.hex(),
    )
