"""Accounting evidence for a party at a balance-sheet date (财会〔2023〕11号; domain: 数据资产入表).

The register says what is held, under which limits and encumbrances, and how that moved: opening +
in - out - lapsed = closing, exactly, per right and in the whole (A1). It says nothing of values; of
what the party paid for its cases it states what the registrar recorded, with dates, to the fen. The
pack names what the enterprise must add.
"""

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from certificates.documents.extracts import Content
from certificates.documents.statement import Block, Field, Section, Table
from certificates.documents.wording import (
    NOTHING,
    events_section,
    laid_section,
    party_text,
    plain,
    right_name,
    term_text,
)
from certificates.drawing.words import SOURCE_KINDS, Words, in_words
from certificates.models import Document
from drawing.moments import moment_text
from primitives.canonical_json import Json, instant_text
from primitives.clock import CHINA
from registry.fees import yuan_text
from registry.models import DataAsset, FeeRecord, Party
from rights.answers import answer_for
from rights.kinds import RightKind
from rights.models import Interest
from rights.queries import AsOf, Event, history_of, portfolio_of

SPREADSHEET = "accounting-evidence.xlsx"
HELD_COLUMNS = (
    Words("资产", "Asset"),
    Words("权利", "Right"),
    Words("份额", "Share"),
    Words("期限", "Term"),
    Words("取得方式", "Origin of the data"),
    Words("限制", "Limits"),
)
MOVED_COLUMNS = (
    Words("权利", "Right"),
    Words("期初", "Opening"),
    Words("取得", "In"),
    Words("转出", "Out"),
    Words("失效", "Lapsed"),
    Words("期末", "Closing"),
)
FEE_COLUMNS = (
    Words("缴费日期", "Paid on"),
    Words("申请及资产", "Case and asset"),
    Words("收费项目", "What for"),
    Words("票据号码", "Invoice or receipt"),
    Words("金额（元）", "Amount, CNY"),
)
FEES_SOURCE = Words(
    "以上为登记机构截至本件核发时的收费记录，不属于账本条目；以发票为准。",
    "As the registrar had recorded them when this was issued; they are no entries of the ledger,"
    " and the invoices prevail.",
)
DISCLOSURE_COLUMNS = (Words("事项", "Item"), Words("证据所在", "Where its evidence is"))
DISCLOSURES = (
    (
        Words("权属与来源", "Ownership and source"),
        Words("见“期末持有的权利”及登记凭证", "see the rights held, and the certificates"),
    ),
    (
        Words("权利受限情况", "Restricted rights"),
        Words("见“限制与备注”", "see restrictions and remarks"),
    ),
    (
        Words("转让、许可或应用的地域、领域及法律限制", "Limits by territory, field and law"),
        Words("见各项权利的限制", "see the limits of each right"),
    ),
    (
        Words("使用寿命的上限", "Upper bound of the useful life"),
        Words("登记期限的届满日；见期限一栏", "the end of the registered term"),
    ),
    (
        Words("权利失效情况", "Rights that lapsed"),
        Words("见“变动表”及期后事项", "see the roll-forward and later events"),
    ),
    (
        Words("原值、摊销、减值与价值影响", "Cost, amortisation, impairment, value"),
        Words(
            "登记簿不记载，由企业提供；评估金额不得直接作为入账依据",
            "not in the register: the enterprise supplies them",
        ),
    ),
    (
        Words("登记费用", "Registration fees"),
        Words(
            "见“登记费用”；以发票为准，登记日期见各项登记行为",
            "see the registration fees; the invoices prevail",
        ),
    ),
)
"""What the rules ask to be disclosed, and where its evidence stands."""


@dataclass(frozen=True, slots=True)
class Movement:
    """How a party's share of one right, or of all of a kind, moved in a period, exactly."""

    name: Words
    opening: Fraction = Fraction(0)
    gained: Fraction = Fraction(0)
    lost: Fraction = Fraction(0)
    lapsed: Fraction = Fraction(0)

    @property
    def closing(self) -> Fraction:
        """Opening + in - out - lapsed (A1)."""
        return self.opening + self.gained - self.lost - self.lapsed

    def plus(self, other: "Movement") -> "Movement":
        """Return both as one, under this one's name."""
        return Movement(
            self.name,
            self.opening + other.opening,
            self.gained + other.gained,
            self.lost + other.lost,
            self.lapsed + other.lapsed,
        )


@dataclass(frozen=True, slots=True)
class StatedFee:
    """A record of a fee, and the numbers of the assets to which its case led."""

    record: FeeRecord
    assets: Sequence[str]


def accounting_evidence(document: Document, as_of: AsOf) -> Content:
    """State what the party holds at the date, and how it came to that since the period began."""
    party = _party(document)
    since = document.since or as_of.at
    held = portfolio_of(party, at=as_of.at, size=as_of.size)
    moved = roll_forward(party, since=since, as_of=as_of)
    totals = totals_of(moved)
    assets = _assets(party, as_of)
    fees = _fees(party, assets, as_of)
    period = Words(
        f"{moment_text(since)} 至 {moment_text(as_of.at)}",
        f"{moment_text(since)} to {moment_text(as_of.at)}",
    )
    return Content(
        [
            Section(
                Words("主体与期间", "Entity and period"),
                [
                    Field(Words("企业", "Entity"), plain(party_text(party))),
                    Field(Words("会计期间", "Period"), period),
                ],
            ),
            _held_section(held, party),
            *(_encumbrances(asset, as_of) for asset in assets),
            _moved_section(totals, moved),
            *_events(assets, since, as_of),
            _fees_section(fees, since),
            Section(
                Words("财会〔2023〕11号披露事项", "Disclosure items of Cai Kuai [2023] No. 11"),
                [Table(DISCLOSURE_COLUMNS, (34, 66), DISCLOSURES)],
            ),
        ],
        {
            "party": party.reference,
            "since": instant_text(since),
            "held": [
                {
                    "asset": interest.asset.number,
                    "interest": interest.reference,
                    "kind": interest.kind,
                    "share": _share_text(share_of(interest, party)),
                }
                for interest in held
            ],
            "roll_forward": [_movement_json(movement) for movement in moved],
            "fees": [_fee_json(fee) for fee in fees],
        },
    )


def roll_forward(party: Party, *, since: datetime, as_of: AsOf) -> list[Movement]:
    """Return how each right moved in (since, as_of.at], first entered first; all of them add up."""
    rows = Interest.objects.filter(shares__party=party).values("reference")
    revisions = (
        as_of.known(Interest.objects.filter(reference__in=rows))
        .select_related("asset")
        .prefetch_related("shares__party")
        .order_by("reference", "revision")
    )
    by_reference: dict[str, list[Interest]] = {}
    for revision in revisions:
        by_reference.setdefault(revision.reference, []).append(revision)
    return [
        movement
        for reference, found in sorted(by_reference.items(), key=lambda pair: pair[1][0].pk)
        if (movement := _movement(reference, found, party, since, as_of.at))
    ]


def totals_of(movements: Sequence[Movement]) -> list[Movement]:
    """Return the sum of the movements of each kind of right."""
    totals = []
    for kind in RightKind:
        name = right_name(kind)
        total = Movement(name)
        for movement in movements:
            if movement.name.en == name.en:
                total = total.plus(movement)
        totals.append(total)
    return totals


def share_of(interest: Interest, party: Party) -> Fraction:
    """Return the party's exact share of a revision; nothing if it holds none."""
    return sum(
        (share.fraction for share in interest.shares.all() if share.party_id == party.pk),
        Fraction(0),
    )


def spreadsheet(content: Content, *, written_at: datetime) -> bytes:
    """Return the tables as an Excel workbook, a sheet for each section that has one."""
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.created = book.properties.modified = written_at.astimezone(UTC).replace(
        tzinfo=None
    )
    for section in content.sections:
        tables = [block for block in section.blocks if isinstance(block, Table)]
        for place, table in enumerate(tables, 1):
            title = section.title.zh[:24] + (f" {place}" if len(tables) > 1 else "")
            _write_table(book, _free_title(book, title), table)
    if not book.worksheets:
        book.create_sheet("无 None")
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def _movement(
    reference: str, revisions: Sequence[Interest], party: Party, since: datetime, at: datetime
) -> Movement | None:
    """Return how the share in one right moved, read off its revisions in order."""
    name = right_name(revisions[0].kind)
    named = Words(f"{name.zh} {reference}（{revisions[0].asset.number}）", name.en)
    opening = gained = lost = lapsed = Fraction(0)
    for before, revision, after in zip(
        [None, *revisions[:-1]], revisions, [*revisions[1:], None], strict=True
    ):
        share, until = share_of(revision, party), _until(revision)
        continues_from = before is not None and _until(before) == revision.valid_from
        earlier = share_of(before, party) if before and continues_from else Fraction(0)
        if revision.valid_from <= since < until:
            opening = share
        if since < revision.valid_from <= at:
            gained += max(share - earlier, Fraction(0))
            lost += max(earlier - share, Fraction(0))
        is_followed = after is not None and after.valid_from == until
        if since < until <= at and not is_followed:
            if until == revision.valid_to:
                lapsed += share
            else:
                lost += share
    found = Movement(named, opening, gained, lost, lapsed)
    return found if any((opening, gained, lost, lapsed)) else None


def _until(revision: Interest) -> datetime:
    known: datetime = revision.known_until  # type: ignore[attr-defined] # `AsOf.known` adds it
    return known


def _held_section(held: Sequence[Interest], party: Party) -> Section:
    rows = [
        [
            plain(f"{interest.asset.name}（{interest.asset.number}）"),
            right_name(interest.kind),
            plain(_share_text(share_of(interest, party))),
            plain(term_text(interest.valid_from, _until(interest))),
            in_words(SOURCE_KINDS, interest.asset.source_kind),
            plain(interest.limits) if interest.limits else NOTHING,
        ]
        for interest in held
    ]
    title = Words("期末持有的权利", "Rights held at the date")
    none: list[Block] = [Field(Words("权利", "Rights"), NOTHING)]
    return Section(title, [Table(HELD_COLUMNS, (26, 14, 9, 20, 14, 17), rows)] if rows else none)


def _encumbrances(asset: DataAsset, as_of: AsOf) -> Section:
    section = laid_section(answer_for(asset, as_of).laid)
    return Section(
        Words(f"{section.title.zh}：{asset.number}", f"{section.title.en}: {asset.number}"),
        section.blocks,
    )


def _moved_section(totals: Sequence[Movement], moved: Sequence[Movement]) -> Section:
    rows = [_movement_cells(movement) for movement in (*totals, *moved)]
    return Section(
        Words("变动表（期初＋取得－转出－失效＝期末）", "Roll-forward, in exact shares of rights"),
        [Table(MOVED_COLUMNS, (40, 12, 12, 12, 12, 12), rows)],
    )


def _movement_cells(movement: Movement) -> list[Words]:
    amounts = (
        movement.opening,
        movement.gained,
        movement.lost,
        movement.lapsed,
        movement.closing,
    )
    return [movement.name, *(plain(_share_text(amount)) for amount in amounts)]


def _events(assets: Sequence[DataAsset], since: datetime, as_of: AsOf) -> Iterator[Section]:
    within, later = Words("期间登记行为", "Acts in the period"), Words("期后事项", "Later acts")
    for asset in assets:
        events = history_of(asset, size=as_of.size)
        for title, chosen in (
            (within, [event for event in events if since < _at(event) <= as_of.at]),
            (later, [event for event in events if _at(event) > as_of.at]),
        ):
            named = Words(f"{title.zh}：{asset.number}", f"{title.en}: {asset.number}")
            yield events_section(named, chosen)


def _fees(party: Party, assets: Sequence[DataAsset], as_of: AsOf) -> list[StatedFee]:
    """Return what the party paid up to the date, by the day of payment.

    To which assets a case led say the entries on them, which name it; one that led to none, as a
    refused one, is stated all the same.
    """
    led_to: dict[str, list[str]] = {}
    for asset in assets:
        for case in _cases_on(asset, as_of):
            led_to.setdefault(case, []).append(asset.number)
    paid = FeeRecord.objects.filter(payer=party, paid_on__lte=as_of.at.astimezone(CHINA).date())
    return [
        StatedFee(record, led_to.get(record.case, [])) for record in paid.order_by("paid_on", "pk")
    ]


def _cases_on(asset: DataAsset, as_of: AsOf) -> Iterator[str]:
    """Yield the numbers of the cases that entries on the asset name."""
    for event in history_of(asset, size=as_of.size):
        payload = json.loads(bytes(event.entry.content))["payload"]
        if isinstance(payload.get("filing"), str):
            yield payload["filing"]


def _fees_section(fees: Sequence[StatedFee], since: datetime) -> Section:
    title = Words("登记费用", "Registration fees")
    if not fees:
        none = Words("收费记录：无", "Fees recorded: none")
        return Section(title, [Field(Words("登记费用", "Registration fees"), none)])
    begins = since.astimezone(CHINA).date()
    within = sum(fee.record.fen for fee in fees if fee.record.paid_on >= begins)
    total = sum(fee.record.fen for fee in fees)
    return Section(
        title,
        [
            Table(FEE_COLUMNS, (14, 25, 23, 25, 13), [_fee_cells(fee) for fee in fees]),
            Field(Words("期间合计", "Paid in the period"), plain(f"CNY {yuan_text(within)}")),
            Field(Words("累计", "Paid up to the date"), plain(f"CNY {yuan_text(total)}")),
            Field(Words("说明", "Note"), FEES_SOURCE),
        ],
    )


def _fee_cells(fee: StatedFee) -> list[Words]:
    record = fee.record
    about = f"（{'、'.join(fee.assets)}）" if fee.assets else ""
    taken_back = Words("冲销：", "taken back: ") if record.reverses_id else Words("", "")
    return [
        plain(record.paid_on.isoformat()),
        plain(f"{record.case}{about}"),
        Words(f"{taken_back.zh}{record.what_zh}", f"{taken_back.en}{record.what_en}"),
        plain(record.receipt),
        plain(yuan_text(record.fen)),
    ]


def _fee_json(fee: StatedFee) -> Json:
    record = fee.record
    return {
        "case": record.case,
        "assets": list(fee.assets),
        "item": record.item,
        "fen": record.fen,
        "currency": record.currency,
        "paid_on": record.paid_on.isoformat(),
        "receipt": record.receipt,
        "takes_back": record.reverses_id is not None,
        "recorded_at": instant_text(record.recorded_at),
    }


def _at(event: Event) -> datetime:
    return event.entry.recorded_at


def _assets(party: Party, as_of: AsOf) -> list[DataAsset]:
    """Return the assets in which the party holds or held a right, as the register knew it."""
    rows = as_of.known(Interest.objects.filter(shares__party=party))
    return list(DataAsset.objects.filter(pk__in=rows.values("asset")).order_by("pk"))


def _movement_json(movement: Movement) -> Json:
    return {
        "name": movement.name.zh,
        "opening": _share_text(movement.opening),
        "in": _share_text(movement.gained),
        "out": _share_text(movement.lost),
        "lapsed": _share_text(movement.lapsed),
        "closing": _share_text(movement.closing),
    }


def _share_text(share: Fraction) -> str:
    return str(share)


def _write_table(book: Workbook, title: str, table: Table) -> None:
    sheet = book.create_sheet(title)
    sheet.append([f"{column.zh}\n{column.en}" for column in table.columns])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True)
    for row in table.rows:
        # Text in any case: a value that begins with "=" is no formula, and a share no date.
        for place, words in enumerate(row, 1):
            cell = sheet.cell(row=sheet.max_row + (place == 1), column=place)
            cell.value = words.zh
            cell.data_type = "s"
    for place, width in enumerate(table.widths):
        sheet.column_dimensions["ABCDEFGH"[place]].width = max(12, width)


def _free_title(book: Workbook, title: str) -> str:
    plain_title = "".join("-" if character in r"[]:*?/\：" else character for character in title)
    taken = set(book.sheetnames)
    names = (plain_title, *(f"{plain_title[:26]} {place}" for place in range(2, 1000)))
    return next(name for name in names if name not in taken)


def _party(document: Document) -> Party:
    if document.party is None:
        raise ValueError(f"{document} is about no party")
    return document.party
