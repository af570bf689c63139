"""A batch: how long a row of ten thousand takes, against the only row of a workbook."""

from datetime import timedelta
from io import BytesIO

from django.utils.translation import override
from openpyxl import load_workbook

from accounts.models import User
from accounts.roles import Role, assign_roles
from bench.filling import AT
from bench.measuring import Report, seconds
from filings.batch.columns import OF_THE_DATA, columns
from filings.batch.filing import settle_waiting, take_in
from filings.batch.workbook import FIRST_ROW, MAX_ROWS, template
from filings.models import BatchState
from primitives.digests import digest_bytes
from registry.kinds import IdentifierScheme, PartyKind
from registry.models import Party
from registry.parties import enter_party

ROW: dict[str, str | int] = {
    "summary": "示例：按城市列出人口，用于选址分析。",
    "kind": "RESOURCE",
    "industry_section": "I",
    "industry_division": "65",
    "source_kind": "COLLECTED",
    "situation": "OWN_BUSINESS",
    "region_scope": "NATIONAL",
    "region": "全国",
    "update_frequency": "YEARLY",
    "record_count": 100,
    "form": "TABLE",
    "structure": "STRUCTURED",
    "HOLD-months": 36,
    "USE-months": 36,
    "OPERATE-months": 36,
}


def measure(report: Report) -> None:
    """Report one row alone, and the most rows that a workbook may have, from upload to drafts."""
    registrar = User.objects.create_user(username="bench-batches")
    assign_roles(registrar, [Role.REGISTRAR])
    party = Party(
        kind=PartyKind.LEGAL,
        name="示例数据科技有限公司",
        identifier_scheme=IdentifierScheme.USCC,
        identifier="91370100MA00000010",
    )
    enter_party(party, by=registrar, at=AT)
    alone = _settled(1, party, registrar)
    for rows in (100, 1_000, MAX_ROWS):
        taken = _settled(rows, party, registrar)
        report.add(
            f"a batch of {rows:,} rows",
            f"{taken:.1f} s, {taken / rows * 1000:.2f} ms a row",
            ratio=taken / rows / alone,
            to=f"one row alone, {alone * 1000:.0f} ms",
        )


def _settled(rows: int, party: Party, registrar: User) -> float:
    content = _workbook(rows, party)
    batch = take_in(content, f"{rows}.xlsx", language="zh-hans", by=registrar, at=AT)
    taken = seconds(lambda: settle_waiting(at=AT + timedelta(days=1)))
    batch.refresh_from_db()
    if batch.state != BatchState.FILED or batch.filings.count() != rows:
        raise RuntimeError(f"{batch.state}: {batch.refusal or batch.findings[:3]}")
    return taken


def _workbook(rows: int, party: Party) -> bytes:
    with override("zh-hans"):
        book = load_workbook(BytesIO(template()))
    sheet = book.worksheets[0]
    names = [column.name for column in columns()]
    for number in range(rows):
        digests = digest_bytes(f"batch of {rows}, row {number}".encode())
        own = {
            "applicants": party.identifier,
            "name": f"示例数据{rows}之{number}",
            **{name: getattr(digests, name) for name in OF_THE_DATA if hasattr(digests, name)},
        }
        for place, name in enumerate(names, start=1):
            if (value := (ROW | own).get(name)) is not None:
                sheet.cell(number + FIRST_ROW, place, value)
    written = BytesIO()
    book.save(written)
    return written.getvalue()
