"""Extracts of one asset: its status, its title after a change, a pledge with its rank, receipts.

Each function turns a document's row and the state of the register into what is stated. Soundness
and completeness (C1): whatever is in force on the subject is in the extract, and nobody who orders
one can leave something out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from certificates.documents.statement import Field, Section, Table
from certificates.documents.wording import (
    NOTHING,
    OTHER_PARTY,
    asset_section,
    both,
    coming_section,
    events_section,
    laid_facts,
    laid_section,
    party_text,
    plain,
    remark_words,
    right_facts,
    rights_section,
    shares_of,
    term_text,
)
from certificates.drawing import words
from certificates.drawing.words import Words
from certificates.models import Certificate, CertificateState, Document
from certificates.stating import stated_sources
from drawing.moments import moment_text
from primitives.canonical_json import JsonObject, instant_text
from registry.masking import masked_name
from registry.models import DataAsset
from registry.queries import latest_version
from rights.answers import Answer, Laid, answer_for, known_until
from rights.entries import remark_facts
from rights.kinds import RemarkKind
from rights.models import Interest, Remark
from rights.queries import AsOf, described_as_of, history_of
from rights.remarks import Pledge
from rights.wording import amount
from verifier.printed import shortened

RECENT_ACTS = 50
"""How many of the last acts an extract lists; the ledger has all of them."""

NOT_COUNTED = Words("未统计", "Not counted")

Facts: TypeAlias = JsonObject


@dataclass(frozen=True, slots=True)
class Content:
    """What a document of one kind says."""

    sections: Sequence[Section]
    facts: Facts = field(default_factory=dict)


def status_extract(document: Document, as_of: AsOf) -> Content:
    """State all rights in force on the asset and all that lies on them."""
    asset = _asset(document)
    answer = answer_for(asset, as_of)
    events = history_of(asset, size=as_of.size, limit=RECENT_ACTS)
    return Content(
        [
            asset_section(described_as_of(asset, as_of)),
            rights_section(answer.rights),
            *_coming_section(_coming(asset, as_of)),
            laid_section(answer.laid),
            _sources_section(asset),
            _reaching_section(answer),
            _pending_section(document),
            events_section(Words("登记沿革", "Acts, the latest 50"), events),
        ],
        _answer_facts(asset, answer),
    )


def title_after_change(document: Document, as_of: AsOf) -> Content:
    """State the title as an act left it, and which certificate this one supersedes."""
    asset = _asset(document)
    answer = answer_for(asset, as_of)
    before = superseded_by(document)
    superseded = Field(
        Words("替代凭证", "Supersedes"),
        plain(before) if before else NOTHING,
    )
    cause = document.cause
    events = [
        event
        for event in history_of(asset, size=as_of.size, limit=RECENT_ACTS)
        if cause and event.entry.pk == cause.pk
    ]
    described, coming = described_as_of(asset, as_of), _coming(asset, as_of)
    in_force = [right.interest for right in answer.rights]
    subject = asset_section(described)
    return Content(
        [
            Section(subject.title, [*subject.blocks, superseded]),
            events_section(Words("变更登记", "The change"), events),
            rights_section(answer.rights),
            *_coming_section(coming),
            laid_section(answer.laid),
            _sources_section(asset),
            _reaching_section(answer),
        ],
        {
            **_answer_facts(asset, answer),
            "supersedes": before,
            **_paper_facts(document, described, [*in_force, *coming]),
        },
    )


def _paper_facts(document: Document, asset: DataAsset, rights: Sequence[Interest]) -> Facts:
    """Return what the QR code of a certificate says of the rights; nothing if it states none."""
    holders = [share.party for right in rights for share in shares_of(right)]
    if document.cause is None or not holders:
        return {}
    return {
        "paper": {
            "holder": shortened(masked_name(holders[0])),
            "holders": len({party.pk for party in holders}),
            "asset_name": shortened(asset.name),
            "sha256": latest_version(asset).sha256,
            "entry_index": document.cause.leaf.index,
            "leaf_hash": bytes(document.cause.leaf_hash).hex(),
            "until": instant_text(max(known_until(right) for right in rights)),
        }
    }


def superseded_by(document: Document) -> str:
    """Return the number of the certificate, or of the later one after a change, issued before."""
    earlier = (
        Document.objects.filter(
            kind=document.kind,
            asset=document.asset,
            state=CertificateState.ISSUED,
            pk__lt=document.pk,
        )
        .order_by("-pk")
        .first()
    )
    if earlier:
        return earlier.number
    first = Certificate.objects.filter(asset=document.asset, state=CertificateState.ISSUED).first()
    return first.number if first else ""


def pledge_extract(document: Document, as_of: AsOf) -> Content:
    """State the party's pledges on the asset's rights, each among all that rank with it."""
    asset = _asset(document)
    answer = answer_for(asset, as_of)
    marked = [
        (right, [one for one in right.pledges if one.remark.party_id == document.party_id])
        for right in answer.rights
    ]
    sections = [asset_section(described_as_of(asset, as_of))]
    for right, own in marked:
        if own:
            sections += [
                rights_section([right]),
                *(_pledge_section(one) for one in own),
                _ranks_section(right.pledges, document),
                laid_section([*answer.on_asset, *right.others], creditor=document.party),
            ]
    if not any(own for _right, own in marked):
        sections.append(
            Section(Words("质权", "Pledges"), [Field(Words("质权", "Pledges"), NOTHING)])
        )
    sections += [_reaching_section(answer), _pending_section(document)]
    return Content(sections, _answer_facts(asset, answer))


def cancellation_note(document: Document, as_of: AsOf) -> Content:
    """State that the asset's registration is cancelled, on what ground and since when."""
    return _receipt(document, as_of, RemarkKind.CANCELLATION, Words("注销登记", "Cancellation"))


def circulation_receipt(document: Document, as_of: AsOf) -> Content:
    """State the circulation filings of the asset, the latest last."""
    return _receipt(
        document, as_of, RemarkKind.CIRCULATION, Words("流通备案", "Circulation filings")
    )


def _receipt(document: Document, as_of: AsOf, kind: RemarkKind, title: Words) -> Content:
    asset = _asset(document)
    rows = Remark.objects.filter(asset=asset, kind=kind).select_related("party", "entry__leaf")
    known = list(as_of.known(rows).order_by("pk"))
    blocks = [block for remark in known for block in _remark_fields(remark)]
    return Content(
        [
            asset_section(described_as_of(asset, as_of)),
            Section(title, blocks or [Field(title, NOTHING)]),
            rights_section(answer_for(asset, as_of).rights),
        ],
        {"asset": asset.number, "remarks": [remark.reference for remark in known]},
    )


def _remark_fields(remark: Remark) -> list[Field]:
    fields = [
        Field(Words("登记编号", "Reference"), plain(remark.reference)),
        Field(Words("登记时间", "Entered"), plain(moment_text(remark.entry.recorded_at))),
    ]
    if remark.party:
        fields.append(Field(Words("当事人", "Party"), plain(party_text(remark.party))))
    fields.append(Field(Words("内容", "Content"), remark_words(remark)))
    if remark.words:
        fields.append(Field(Words("说明", "Words"), plain(remark.words)))
    return fields


def _pledge_section(one: Laid) -> Section:
    body = remark_facts(one.remark).body
    fields = [
        Field(Words("质权编号", "Pledge"), plain(one.remark.reference)),
        Field(Words("顺位", "Rank"), Words(f"第 {one.place} 顺位", f"rank {one.place}")),
        Field(Words("登记时间", "Entered"), plain(moment_text(one.remark.entry.recorded_at))),
        Field(Words("期限", "In force"), plain(term_text(one.remark.valid_from, one.until))),
    ]
    if isinstance(body, Pledge):
        secured = amount(body.secured_fen, body.currency)
        label = (
            Words("最高债权额", "Ceiling of the secured claims")
            if body.is_maximum_amount
            else Words("担保债权数额", "Secured amount")
        )
        fields.append(Field(label, plain(secured)))
        covenant = (
            Words("未经质权人同意不得处分", "No disposal without the pledgee's consent")
            if body.no_disposal
            else Words("未约定", "Not agreed")
        )
        fields.append(Field(Words("处分限制", "Disposal"), covenant))
    return Section(Words("质权", "Pledge"), fields)


def _ranks_section(pledges: Sequence[Laid], document: Document) -> Section:
    """Return every pledge on the right in its order; of others' the creditor is not named."""
    columns = (
        Words("顺位", "Rank"),
        Words("质权", "Pledge"),
        Words("质权人", "Pledgee"),
        Words("担保数额", "Secured"),
        Words("登记时间", "Entered"),
    )
    rows = []
    for one in pledges:
        body = remark_facts(one.remark).body
        party = one.remark.party
        is_own = party is not None and party.pk == document.party_id
        rows.append(
            [
                plain(str(one.place)),
                plain(one.remark.reference),
                plain(party.name) if is_own and party else OTHER_PARTY,
                plain(amount(body.secured_fen, body.currency))
                if isinstance(body, Pledge)
                else NOTHING,
                plain(moment_text(one.remark.entry.recorded_at)),
            ]
        )
    return Section(Words("顺位表", "Ranks"), [Table(columns, (10, 18, 26, 22, 24), rows)])


def _reaching_section(answer: Answer) -> Section:
    """Return what lies on sources of the asset and reaches it (P5)."""
    fields = [
        Field(
            both(RemarkKind(cause.kind).label.__str__),
            plain(f"{cause.reference}（{cause.asset}）"),
            is_warning=True,
        )
        for cause in answer.causes
    ]
    title = Words("来源资产上的事项", "What lies on the data it was derived from")
    return Section(title, fields or [Field(Words("事项", "Remarks"), NOTHING)])


def _coming(asset: DataAsset, as_of: AsOf) -> list[Interest]:
    """Return the rights that were registered by the instant and have yet to begin."""
    rows = Interest.objects.filter(
        asset=asset, valid_from__gt=as_of.at, entry__recorded_at__lte=as_of.at
    )
    to_come = as_of.known(rows.select_related("asset").prefetch_related("shares__party"))
    return [right for right in to_come.order_by("pk") if right.valid_from < right.known_until]


def _coming_section(coming: Sequence[Interest]) -> Iterator[Section]:
    if coming:
        yield coming_section(coming)


def _sources_section(asset: DataAsset) -> Section:
    """Return where the data came from; what is unproven is marked on every certificate (P2)."""
    title = Words("数据来源与权源", "Provenance and title to the sources")
    fields = [
        Field(
            Words(f"第 {source.depth} 级来源", f"step {source.depth}"),
            Words(f"{source.title}　{mark.zh}", mark.en),
            is_warning=not source.is_proven,
        )
        for source in stated_sources(asset)
        for mark in (words.PROVEN if source.is_proven else words.UNPROVEN,)
    ]
    return Section(title, fields or [Field(Words("来源", "Sources"), words.NO_SOURCES)])


def _pending_section(document: Document) -> Section:
    count = document.pending_cases
    value = NOT_COUNTED if count is None else NOTHING
    if count:
        value = Words(f"{count} 件", str(count))
    pending = Field(Words("在办申请", "Pending cases"), value, is_warning=bool(count))
    return Section(Words("申领时的在办申请", "Cases pending when this was ordered"), [pending])


def _answer_facts(asset: DataAsset, answer: Answer) -> Facts:
    return {
        "asset": asset.number,
        "rights": [right_facts(right) for right in answer.rights],
        "remarks": [laid_facts(one) for one in answer.laid],
        "causes": [cause.reference for cause in answer.causes],
    }


def _asset(document: Document) -> DataAsset:
    if document.asset is None:
        raise ValueError(f"{document} is about no asset")
    return document.asset
