"""The words that documents share: rights, holders, remarks and acts as fields and tables."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from django.utils.translation import override

from certificates.documents.statement import Field, Section, Table
from certificates.drawing.words import IDENTIFIER_SCHEMES, RIGHTS, Words, in_words
from certificates.stating import limits_of
from drawing.moments import moment_text, term_of
from primitives.canonical_json import Json, instant_text
from registry.models import DataAsset, Party
from registry.queries import latest_version
from rights.answers import Laid, RightInForce, names_of
from rights.entries import interest_facts, remark_facts
from rights.kinds import RemarkKind
from rights.models import Interest, Remark, Share
from rights.queries import Event
from rights.remarks import Pledge
from rights.wording import act_name, body_sayings, scope_sayings, terms_sayings

NOTHING = Words("无", "None")
OTHER_PARTY = Words("他人", "another")
OF_CREDITORS = frozenset({RemarkKind.PLEDGE, RemarkKind.SUBORDINATION, RemarkKind.PRIORITY_NOTICE})
RIGHT_COLUMNS = (
    Words("权利", "Right"),
    Words("权利人及份额", "Holders and shares"),
    Words("期限", "Term, both included"),
    Words("范围与限制", "Scope and limits"),
)
LAID_COLUMNS = (
    Words("事项", "Remark"),
    Words("权利", "On right"),
    Words("当事人", "In favour of"),
    Words("期限", "In force"),
    Words("内容", "Content"),
)
EVENT_COLUMNS = (
    Words("登记时间", "Entered"),
    Words("账本条目", "Entry"),
    Words("登记行为", "Acts"),
)


def both(say: Callable[[], object]) -> Words:
    """Return what ``say`` says in each language."""
    with override("zh-hans"):
        zh = str(say())
    with override("en"):
        return Words(zh, str(say()))


def plain(text: str) -> Words:
    """Return a value that is the same in both languages."""
    return Words(text, "")


def asset_section(asset: DataAsset) -> Section:
    """Return what the document is about."""
    version = latest_version(asset)
    return Section(
        Words("登记对象", "Subject"),
        [
            Field(Words("数据名称", "Name of the data"), plain(asset.name)),
            Field(Words("资产编号", "Asset number"), plain(asset.number)),
            Field(Words("首次登记", "First registered"), plain(moment_text(asset.registered_at))),
            Field(Words("数据概述", "Summary"), plain(asset.summary)),
            Field(Words("限制范围", "Limits of use"), plain(limits_of(asset))),
            Field(
                Words("SHA-256", f"of version {version.number}"),
                plain(version.sha256),
            ),
        ],
    )


def party_text(party: Party) -> str:
    """Return a party's name and identifier, in full: documents are for those concerned."""
    scheme = in_words(IDENTIFIER_SCHEMES, party.identifier_scheme)
    return f"{party.name}（{scheme.zh} {party.identifier}）"


def rights_section(rights: Sequence[RightInForce]) -> Section:
    """Return the rights in force, those granted under those that they were granted from."""
    table = Table(RIGHT_COLUMNS, (22, 38, 22, 18), [_right_cells(right) for right in rights])
    return Section(
        Words("有效权利", "Rights in force"),
        [table] if rights else [Field(Words("权利", "Rights"), NOTHING)],
    )


def laid_section(laid: Sequence[Laid], *, creditor: Party | None = None) -> Section:
    """Return everything that lies on the asset or its rights; nothing is left out (C1).

    In an extract for a ``creditor`` no other one is named.
    """
    rows = [_laid_cells(one, creditor) for one in laid]
    return Section(
        Words("限制与备注", "Restrictions and remarks"),
        [Table(LAID_COLUMNS, (18, 16, 24, 20, 22), rows)]
        if laid
        else [Field(Words("限制与备注", "Restrictions"), NOTHING)],
    )


def events_section(title: Words, events: Iterable[Event]) -> Section:
    """Return acts on the asset, the first entered first."""
    rows = [
        [
            plain(moment_text(event.entry.recorded_at)),
            plain(str(event.entry.leaf.index)),
            both(lambda event=event: "、".join(act_name(name) for name in event.acts)),  # type: ignore[misc]
        ]
        for event in events
        if hasattr(event.entry, "leaf")
    ]
    none = Field(Words("登记行为", "Acts"), NOTHING)
    return Section(title, [Table(EVENT_COLUMNS, (34, 14, 52), rows)] if rows else [none])


def right_facts(right: RightInForce) -> Json:
    """Return a right for machines."""
    interest = right.interest
    return {
        "reference": interest.reference,
        "revision": interest.revision,
        "asset": interest.asset.number,
        "kind": interest.kind,
        "granted_from": interest.granted_from,
        "valid_from": instant_text(interest.valid_from),
        "until": instant_text(right.until),
        "limits": interest.limits,
        "holders": {
            share.party.reference: f"{share.numerator}/{share.denominator}"
            for share in shares_of(interest)
        },
    }


def laid_facts(one: Laid) -> Json:
    """Return a remark for machines."""
    remark = one.remark
    return {
        "reference": remark.reference,
        "kind": remark.kind,
        "interest": remark.interest,
        "party": remark.party.reference if remark.party else None,
        "place": one.place,
        "valid_from": instant_text(remark.valid_from),
        "until": instant_text(one.until),
        "binds": one.binds,
    }


def right_name(kind: str) -> Words:
    """Return what a right is called."""
    return in_words(RIGHTS, kind)


def term_text(begins: datetime, ends: datetime) -> str:
    """Return the first and the last included second."""
    term = term_of(begins, ends)
    return f"{term.first} 至 {term.last}"


def holders_text(interest: Interest) -> str:
    """Return each holder with its exact share."""
    return "；".join(
        f"{party_text(share.party)} {share.numerator}/{share.denominator}"
        for share in shares_of(interest)
    )


def coming_section(interests: Sequence[Interest]) -> Section:
    """Return rights that are registered and have yet to begin."""
    rows = [_interest_cells(interest, until=interest.until) for interest in interests]
    return Section(
        Words("尚未生效的权利", "Rights yet to begin"),
        [Table(RIGHT_COLUMNS, (22, 38, 22, 18), rows)],
    )


def shares_of(interest: Interest) -> list[Share]:
    """Return the shares of a right in the order in which they are stated."""
    return sorted(interest.shares.all(), key=lambda share: share.pk)


def _right_cells(right: RightInForce) -> list[Words]:
    return _interest_cells(right.interest, until=right.until)


def _interest_cells(interest: Interest, *, until: datetime) -> list[Words]:
    name = right_name(interest.kind)
    origin = f"（源自 {interest.granted_from}）" if interest.granted_from else ""
    facts = interest_facts(interest)
    scope = both(lambda: _joined(scope_sayings(facts.scope), terms_sayings(facts.terms)))
    limits = "；".join(part for part in (scope.zh, interest.limits) if part)
    return [
        Words(f"{name.zh} {interest.reference}{origin}", name.en),
        plain(holders_text(interest)),
        plain(term_text(interest.valid_from, until)),
        Words(limits, scope.en) if limits else NOTHING,
    ]


def _joined(sayings: Iterable[tuple[str, str]], more: Iterable[str] = ()) -> str:
    return "；".join([*(f"{label} {said}" for label, said in sayings), *more])


def remark_words(remark: Remark) -> Words:
    """Return what a remark says beside its kind, party and term; parties by their full names."""
    body = remark_facts(remark).body
    parties = body.burdens if isinstance(body, Pledge) else ()
    names = names_of(parties, shown=lambda party: party.name)
    words = both(lambda: _joined(body_sayings(body, names)))
    return words if words.zh else NOTHING


def _laid_cells(one: Laid, creditor: Party | None) -> list[Words]:
    remark = one.remark
    kind = both(RemarkKind(remark.kind).label.__str__)
    if one.place:
        kind = Words(f"{kind.zh} 第 {one.place} 顺位", f"{kind.en}, rank {one.place}")
    if one.takes_effect:
        kind = Words(f"{kind.zh}（轮候）", f"{kind.en}, waiting")
    return [
        Words(f"{kind.zh} {remark.reference}", kind.en),
        plain(remark.interest) if remark.interest else Words("整项资产", "the asset"),
        _in_favour_of(remark, creditor),
        plain(term_text(remark.valid_from, one.until)),
        remark_words(remark),
    ]


def _in_favour_of(remark: Remark, creditor: Party | None) -> Words:
    if remark.party is None:
        return NOTHING
    if creditor and remark.kind in OF_CREDITORS and remark.party != creditor:
        return OTHER_PARTY
    return plain(party_text(remark.party))
