"""Batch filing: every bad cell told, all rows or none, and no workbook that does harm."""

import hashlib
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from pytest_django.fixtures import Settings

from accounts.roles import Role
from filings.batch.columns import LANGUAGES, by_heading, columns
from filings.batch.filing import ABANDONED, settle_waiting, take_in
from filings.batch.workbook import FIRST_ROW, MAX_ROWS, template, text_of
from filings.models import Batch, BatchState, ClaimedRight, Filing
from filings.review import accept
from filings.submission import submit
from filings.workflow import State
from registry.kinds import Stage
from registry.models import Party, SearchName
from tests.factories import (
    NOON,
    Office,
    declare_all,
    description,
    hand_in_papers,
    make_draft,
    make_party,
    make_user,
    register_asset,
    sign_in,
    uscc,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(office: Office) -> Party:
    return make_party(office)


def row(number: int, **changes: Any) -> dict[str, Any]:
    """Return a clean row; ``number`` tells its data from that of others."""
    data = f"row {number}".encode()
    return {
        "applicants": uscc(1),
        **description(name=f"示例数据{number}"),
        "sha256": hashlib.sha256(data).hexdigest(),
        "sm3": hashlib.sha256(b"sm3" + data).hexdigest(),
        "size_bytes": 1000 + number,
        "HOLD-months": 36,
        "USE-months": 36,
        "OPERATE-months": 24,
        **changes,
    }


def workbook(
    rows: Sequence[Mapping[str, Any]], *, change: Callable[[Any], None] | None = None
) -> bytes:
    """Return the template with these rows in it."""
    with override("zh-hans"):
        book = load_workbook(BytesIO(template()))
    sheet = book.worksheets[0]
    for number, values in enumerate(rows, start=FIRST_ROW):
        for place, column in enumerate(columns(), start=1):
            if column.name in values:
                sheet.cell(number, place, values[column.name])
    if change:
        change(book)
    return saved(book)


def saved(book: Any) -> bytes:
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def settled(office: Office, content: bytes, language: str = "en") -> Batch:
    batch = take_in(content, "示例.xlsx", language=language, by=office.wang, at=NOON)
    settle_waiting(at=NOON)
    batch.refresh_from_db()
    return batch


def letter(name: str) -> str:
    names = [column.name for column in columns()]
    return get_column_letter(names.index(name) + 1)


def cells(batch: Batch) -> dict[str, str]:
    return {f"{found['column']}{found['row']}": found["message"] for found in batch.findings}


def test_clean_rows_become_drafts_that_go_their_way(office: Office, company: Party) -> None:
    other = make_party(office, 2)
    joint = row(
        2,
        applicants=f"{uscc(1)}；{uscc(2)}",
        **{
            f"{kind}-holders": f"{uscc(1)} 1/3; {uscc(2)} 2/3"
            for kind in ("HOLD", "USE", "OPERATE")
        },
        kind="数据资源",
        resale_allowed="是",
        period_from=date(2025, 1, 1),
        period_to="2025-12-31",
    )

    batch = settled(office, workbook([row(1, grade=None), joint]))

    assert cells(batch) == {}
    assert batch.state == BatchState.FILED
    first, second = batch.filings.order_by("pk")
    assert first.state == State.DRAFT
    assert first.organisation == office.organisation
    assert [claim.kind for claim in first.claims.order_by("pk")] == ["HOLD", "USE", "OPERATE"]
    assert first.grade == "GENERAL"
    assert first.responsibilities.count() == len(Stage)
    assert second.resale_allowed
    assert second.period_to == date(2025, 12, 31)
    assert list(second.applicants.order_by("pk")) == [company, other]
    assert {
        (share.party, str(share.fraction)) for share in second.claims.all()[0].shares.all()
    } == {(company, "1/3"), (other, "2/3")}
    assert SearchName.objects.filter(named="F").count() == 2
    assert sign_in(office.alice).get(f"/desk/cases/{first.number}/").status_code == 200

    hand_in_papers(first)
    declare_all(first, by=office.wang)
    submit(first, by=office.wang, at=NOON)
    assert accept(first, by=office.wang, at=NOON).state == State.ACCEPTED


def faults(office: Office) -> list[tuple[str, Mapping[str, Any]]]:
    """Return twenty kinds of fault: the column that is to blame, and what a row says."""
    return [
        ("applicants", {"applicants": ""}),
        ("applicants", {"applicants": "91370100MA0000001X"}),
        ("applicants", {"applicants": uscc(77)}),
        ("name", {"name": ""}),
        ("name", {"name": "长" * 41}),
        ("summary", {"summary": "长" * 401}),
        ("kind", {"kind": "别的"}),
        ("industry_division", {"industry_division": "6"}),
        ("situation", {"situation": ""}),
        ("personal_information", {"personal_information": "也许"}),
        ("resale_allowed", {"resale_allowed": "大概"}),
        ("period_from", {"period_from": "2025年春"}),
        ("period_to", {"period_from": "2025-02-01", "period_to": "2025-01-01"}),
        ("record_count", {"record_count": -1}),
        ("sha256", {"sha256": "abc"}),
        ("sm3", {"sm3": ""}),
        ("size_bytes", {"size_bytes": "=1+1"}),
        ("HOLD-months", {"HOLD-months": 0}),
        ("USE-months", {"USE-months": 1201}),
        ("OPERATE-holders", {"OPERATE-holders": f"{uscc(1)} 1/3"}),
    ]


def test_forty_faults_of_twenty_kinds_in_five_hundred_rows_are_found_in_their_cells(
    office: Office, company: Party
) -> None:
    rows = [row(number) for number in range(500)]
    kinds = faults(office)
    assert len(kinds) == len({str(fault) for fault in kinds}) == 20
    expected = set()
    for turn in range(2):
        for place, (name, fault) in enumerate(kinds):
            number = 11 * (20 * turn + place) + 3
            rows[number] |= fault
            expected.add(f"{letter(name)}{number + FIRST_ROW}")

    batch = settled(office, workbook(rows))

    assert len(batch.findings) == len(expected) == 40
    assert set(cells(batch)) == expected
    assert all(cells(batch).values())
    assert batch.state == BatchState.FAULTY
    assert not Filing.objects.exists()

    for number in range(500):
        rows[number] = row(number)
    corrected = settled(office, workbook(rows))
    assert corrected.state == BatchState.FILED
    assert corrected.filings.count() == 500


def test_the_marked_copy_has_a_note_on_each_bad_cell_and_is_filed_once_it_is_corrected(
    office: Office, company: Party
) -> None:
    content = workbook([row(1), row(2, name="")])
    batch = settled(office, content, language="zh-hans")
    client = sign_in(office.wang)

    answer = client.get(reverse("admin:filings_batch_marked", args=[batch.pk]))

    book = load_workbook(BytesIO(answer.content))
    cell = book.worksheets[0][f"{letter('name')}{FIRST_ROW + 1}"]
    assert cell.comment
    assert "该字段是必填项" in cell.comment.text
    assert cell.fill.start_color.rgb == "FFF4C7C3"
    assert book.worksheets[0][f"{letter('name')}{FIRST_ROW}"].comment is None
    cell.value = "示例改正后的名称"
    again = settled(office, saved(book))
    assert again.state == BatchState.FILED


def test_the_same_data_twice_or_already_there_is_found(office: Office, company: Party) -> None:
    register_asset(office, company, data=b"row 1")
    make_draft(office, data=b"row 2")
    rows = [row(1), row(2), row(3), row(3, name="示例另一名称")]

    found = cells(settled(office, workbook(rows)))

    column = letter("sha256")
    assert set(found) == {
        f"{column}{FIRST_ROW}",
        f"{column}{FIRST_ROW + 1}",
        f"{column}{FIRST_ROW + 3}",
    }
    assert "DA-000000001" in found[f"{column}{FIRST_ROW}"]
    assert f"row {FIRST_ROW + 2}" in found[f"{column}{FIRST_ROW + 3}"]


def test_a_failure_in_the_last_row_leaves_nothing(office: Office, company: Party) -> None:
    take_in(workbook([row(1), row(2)]), "示例.xlsx", language="en", by=office.wang, at=NOON)
    with (
        patch("registry.search.write_new", side_effect=RuntimeError("power cut")),
        pytest.raises(RuntimeError),
    ):
        settle_waiting(at=NOON)

    assert not Filing.objects.exists()
    assert not ClaimedRight.objects.exists()
    assert settle_waiting(at=NOON) == []  # somebody may still be at it
    Batch.objects.update(touched_at=NOON)
    (batch,) = settle_waiting(at=NOON + ABANDONED + timedelta(seconds=1))
    assert batch.state == BatchState.FILED
    first = Filing.objects.order_by("pk")[0]
    assert first.number.endswith("00001")


def test_columns_may_be_moved_but_not_left_out_or_invented(office: Office, company: Party) -> None:
    def move(book: Any) -> None:
        sheet = book.worksheets[0]
        for each in sheet.iter_rows(min_row=1, max_row=FIRST_ROW, max_col=2):
            each[0].value, each[1].value = each[1].value, each[0].value

    assert settled(office, workbook([row(1)], change=move)).state == BatchState.FILED

    def rename(book: Any) -> None:
        book.worksheets[0]["A1"] = "随便"

    assert "随便" in settled(office, workbook([row(2)], change=rename)).refusal

    def leave_out(book: Any) -> None:
        book.worksheets[0]["A1"] = None

    assert "is missing" in settled(office, workbook([row(3)], change=leave_out)).refusal


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    written = BytesIO(content)
    with zipfile.ZipFile(written, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, part)
    return written.getvalue()


def replaced(name: str, part: bytes) -> bytes:
    """Return a workbook in which one part is another."""
    written = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(workbook([row(1)]))) as old,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for each in old.namelist():
            new.writestr(each, part if each == name else old.read(each))
    return written.getvalue()


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "no workbook that can be read"),
    "another kind": (lambda: b"%PDF-1.7", "no workbook that can be read"),
    "cut short": (lambda: workbook([row(1)])[:-200], "no workbook that can be read"),
    "no template": (lambda: saved(Workbook()), "not made from the present template"),
    "no rows": (lambda: workbook([]), "no row of data"),
    "macros": (lambda: with_part(workbook([row(1)]), "xl/vbaProject.bin", b"x"), "macros"),
    "links": (lambda: with_part(workbook([row(1)]), "xl/externalLinks/e.xml", b"x"), "macros"),
    "entities": (lambda: with_part(workbook([row(1)]), "xl/a.xml", b"<!DOCTYPE a>"), "not taken"),
    "a bomb": (lambda: with_part(workbook([row(1)]), "xl/b.xml", bytes(2**26)), "when unpacked"),
    "too large": (lambda: bytes(11 * 2**20), "more than 10 MB"),
    "torn sheet": (
        lambda: replaced("xl/worksheets/sheet1.xml", b"<worksheet><sheetData>"),
        "no workbook",
    ),
    "torn book": (lambda: replaced("xl/workbook.xml", b"<a"), "no workbook"),
    "no parts": (lambda: with_part(b"", "xl/workbook.xml", b"<a/>"), "no workbook"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_or_broken_file_is_refused_in_words(name: str, office: Office) -> None:
    content, said = HOSTILE[name]
    batch = settled(office, content())
    assert batch.state == BatchState.REFUSED
    assert said in batch.refusal


def test_a_registrar_who_is_none_any_more_files_nothing_and_the_worker_goes_on(
    office: Office, company: Party
) -> None:
    take_in(workbook([row(1)]), "示例.xlsx", language="en", by=office.wang, at=NOON)
    other = make_user("other", Role.REGISTRAR)
    take_in(workbook([row(2)]), "示例.xlsx", language="en", by=other, at=NOON)
    office.wang.groups.clear()

    first, second = settle_waiting(at=NOON)

    assert first.state == BatchState.REFUSED
    assert "Registrar" in first.refusal
    assert second.state == BatchState.FILED
    assert Filing.objects.count() == 1


def test_a_batch_follows_the_usual_rule_profile_of_the_day_or_is_refused(
    office: Office, company: Party, settings: Settings
) -> None:
    settings.PROFILES = ["cn-public-2025-26", "cn-nda-2026-35"]
    assert settled(office, workbook([row(1)])).state == BatchState.FILED
    assert Filing.objects.get().profile == "cn-public-2025-26"
    settings.PROFILES = []
    batch = settled(office, workbook([row(2)]))
    assert (batch.state, Filing.objects.count()) == (BatchState.REFUSED, 1)
    assert "profile" in batch.refusal


def test_more_rows_than_are_taken_are_refused(office: Office, company: Party) -> None:
    with patch("filings.batch.workbook.MAX_ROWS", 3):
        batch = settled(office, workbook([row(number) for number in range(4)]))
    assert "more than 3 rows" in batch.refusal


def test_the_template_is_read_in_both_languages_and_no_heading_stands_twice() -> None:
    for language in LANGUAGES:
        with override(language):
            headings = [column.heading() for column in columns()]
            assert len(set(headings)) == len(headings)
            sheet = load_workbook(BytesIO(template())).worksheets[0]
            assert [str(cell.value).removesuffix(" *") for cell in sheet[1]] == headings
    assert len(by_heading()) >= len(columns())


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (36.0, "36"), (36, "36"), (0.5, "0.5"), (True, "1"), (" a ", "a")],
)
def test_a_cell_is_read_as_it_looks(value: object, text: str) -> None:
    assert text_of(value) == text


def test_a_registrar_hands_in_a_workbook_and_sees_what_became_of_it(
    office: Office, company: Party
) -> None:
    client = sign_in(office.wang)
    client.cookies["django_language"] = "en"
    sheet = client.get(reverse("admin:filings_batch_template"))
    assert sheet.content[:2] == b"PK"
    assert reverse("admin:filings_batch_add") in client.get("/office/").content.decode()
    upload = SimpleUploadedFile("batch.xlsx", workbook([row(1), row(2, name="")]))

    answer = client.post(reverse("admin:filings_batch_add"), {"file": upload})

    batch = Batch.objects.get()
    address = reverse("admin:filings_batch_change", args=[batch.pk])
    assert answer.headers["Location"] == address
    assert "<progress" in client.get(address).content.decode()
    progress = client.get(reverse("admin:filings_batch_progress", args=[batch.pk])).json()
    assert progress == {"running": True, "done": 0, "rows": 0}
    call_command("file_batches")
    shown = client.get(address).content.decode()
    assert "One cell is wrong; nothing was filed." in shown
    assert f"{letter('name')}{FIRST_ROW + 1}" in shown
    progress = client.get(reverse("admin:filings_batch_progress", args=[batch.pk])).json()
    assert progress == {"running": False, "done": 2, "rows": 2}

    filed = settled(office, workbook([row(3)]))
    listed = reverse("admin:filings_filing_changelist") + f"?batch__id__exact={filed.pk}"
    assert (
        listed
        in client.get(reverse("admin:filings_batch_change", args=[filed.pk])).content.decode()
    )
    assert filed.filings.get().number in client.get(listed).content.decode()


def test_only_registrars_file_batches(office: Office) -> None:
    for person in (office.li, office.zhao):
        client: Client = sign_in(person)
        assert client.get(reverse("admin:filings_batch_add")).status_code == 403
        assert client.get(reverse("admin:filings_batch_template")).status_code == 403
    assert MAX_ROWS == 10_000
