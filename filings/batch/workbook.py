"""Workbooks: the template, safe reading of what comes back, and the copy with the bad cells marked.

A workbook is hostile until it is read: its size unpacked is looked at first, what is active in it
or leads out of it is refused, and its formulas are not computed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from io import BytesIO
from typing import IO
from zipfile import BadZipFile, ZipFile

from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from filings.batch.columns import VERSION, Column, Takes, by_heading, columns

MAX_BYTES = 10 * 1024 * 1024
MAX_UNPACKED_BYTES = 64 * 1024 * 1024
MAX_PARTS = 200
MAX_ROWS = 10_000
MAX_EMPTY_ROWS = 1_000
"""How many empty rows end a sheet: formatted columns reach down to the millionth."""
MAX_CELL = 4_000
FIRST_ROW = 3
"""Of the data: below the headings in two languages."""
VERSION_CELL = "A1"
HIDDEN = "_"
REFUSED_PARTS = ("vbaproject.bin", "externallinks/", "embeddings/", "activex/")
MARK = PatternFill("solid", start_color="FFF4C7C3")
HEAD = PatternFill("solid", start_color="FFEEF3F9")


class WorkbookRefusedError(Exception):
    """The file is not taken in at all; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong with one cell.

    Attributes:
        row: as Excel numbers it.
        column: its letter, as Excel shows it.
    """

    row: int
    column: str
    heading: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of data: the texts of its cells by the names of their columns.

    Attributes:
        formulas: names of the columns in which it has a formula.
    """

    row: int
    texts: Mapping[str, str]
    formulas: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What was read: where each column stands, and the rows."""

    letters: Mapping[str, str]
    lines: Sequence[Line]


def template() -> bytes:
    """Return an empty workbook to be filled in, in the language that is active."""
    book = Workbook()
    sheet = book.active
    if not isinstance(sheet, Worksheet):
        raise TypeError("a new workbook has no sheet")
    sheet.title = _("Data")
    hidden = book.create_sheet(HIDDEN)
    hidden.sheet_state = "veryHidden"
    hidden[VERSION_CELL] = VERSION
    for place, column in enumerate(columns(), start=1):
        letter = get_column_letter(place)
        head = sheet.cell(1, place, column.heading() + (" *" if column.is_needed else ""))
        head.font, head.fill = Font(bold=True), HEAD
        head.alignment = Alignment(wrap_text=True, vertical="top")
        note = sheet.cell(2, place, _note(column))
        note.font = Font(italic=True, color="FF565B66", size=9)
        note.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[letter].width = 22
        cells = f"{letter}{FIRST_ROW}:{letter}{MAX_ROWS + FIRST_ROW - 1}"
        if column.takes in (Takes.CODE, Takes.YES_OR_NO):
            words = [str(word) for word in column.choices.values()] or [_("yes"), _("no")]
            for row, word in enumerate(words, start=2):
                hidden.cell(row, place, word)
            source = f"'{HIDDEN}'!${letter}$2:${letter}${len(words) + 1}"
            rule = DataValidation(type="list", formula1=source, allow_blank=True)
            sheet.add_data_validation(rule)
            rule.add(cells)
        # Codes of digits alone would lose their last ones as numbers.
        sheet.column_dimensions[letter].number_format = {
            Takes.DAY: "yyyy-mm-dd",
            Takes.NUMBER: "0",
        }.get(column.takes, "@")
    sheet.row_dimensions[2].height = 90
    sheet.freeze_panes = f"B{FIRST_ROW}"
    return _bytes(book)


def _note(column: Column) -> str:
    if not column.default:
        return str(column.note)
    offered = _("Empty: %(words)s.") % {"words": column.choices[column.default]}
    return f"{column.note} {offered}".strip()


def read(content: bytes) -> Sheet:
    """Return the rows of a workbook that was made from the template.

    Raises:
        WorkbookRefusedError: it is no such workbook, or holds what is not taken.
    """
    _look_at_the_parts(content)
    try:
        book = load_workbook(BytesIO(content), read_only=True, keep_links=False)
        _require_template(book)
        rows = book[book.sheetnames[0]].iter_rows(max_col=len(columns()) + 10)
        placed = _placed(next(rows, ()))
        lines = list(_lines(rows, placed))
    except WorkbookRefusedError:
        raise
    except Exception as error:  # what strangers send may make the parser fail in any way
        raise WorkbookRefusedError(
            _("This is no workbook that can be read. Save it as .xlsx and try again.")
        ) from error
    if not lines:
        raise WorkbookRefusedError(_("There is no row of data below the headings."))
    letters = {name: get_column_letter(place + 1) for place, name in placed.items()}
    return Sheet(letters=letters, lines=lines)


def marked(content: bytes, findings: Sequence[Finding]) -> bytes:
    """Return a copy in which each cell with a finding is coloured and says what is wrong.

    Raises:
        WorkbookRefusedError: as `read`.
    """
    _look_at_the_parts(content)
    try:
        book = load_workbook(BytesIO(content), keep_links=False)
    except Exception as error:  # as above
        raise WorkbookRefusedError(_("This is no workbook that can be read.")) from error
    sheet = book[book.sheetnames[0]]
    for row in sheet.iter_rows(min_row=FIRST_ROW):
        for cell in row:
            if cell.fill == MARK and isinstance(cell, Cell):
                cell.fill, cell.comment = PatternFill(), None
    said: dict[str, list[str]] = {}
    for finding in findings:
        said.setdefault(f"{finding.column}{finding.row}", []).append(finding.message)
    for place, sentences in said.items():
        cell = sheet[place]
        cell.fill = MARK
        comment = Comment("\n".join(sentences), _("Registry"))
        comment.width, comment.height = 320, 120
        cell.comment = comment
    return _bytes(book)


def _look_at_the_parts(content: bytes) -> None:
    if len(content) > MAX_BYTES:
        raise WorkbookRefusedError(
            _("The workbook has more than %(size)s MB. Split it.") % {"size": MAX_BYTES // 2**20}
        )
    try:
        with ZipFile(BytesIO(content)) as packed:
            parts = packed.infolist()
            unpacked = sum(part.file_size for part in parts)
            if unpacked > MAX_UNPACKED_BYTES or len(parts) > MAX_PARTS:
                raise WorkbookRefusedError(
                    _("The workbook is too large when unpacked. Split it, and take pictures out.")
                )
            names = [part.filename.lower() for part in parts]
            if any(refused in name for name in names for refused in REFUSED_PARTS):
                raise WorkbookRefusedError(
                    _(
                        "The workbook has macros, embedded objects or links to other files. Copy "
                        "the rows into the template as values."
                    )
                )
            # A document type could name entities that grow or lead to files.
            if any(b"<!DOCTYPE" in packed.read(part) for part in parts):
                raise WorkbookRefusedError(_("The workbook has a part that is not taken."))
    except (BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise WorkbookRefusedError(
            _("This is no workbook that can be read. Save it as .xlsx and try again.")
        ) from error


def _require_template(book: Workbook) -> None:
    if HIDDEN not in book.sheetnames or str(book[HIDDEN][VERSION_CELL].value) != VERSION:
        raise WorkbookRefusedError(
            _("This was not made from the present template. Download it and fill it in.")
        )


def _placed(head: Sequence[object]) -> dict[int, str]:
    """Return the names of the columns by their places; the order of the template may be changed.

    Raises:
        WorkbookRefusedError: a heading is missing, stands twice, or is none of ours.
    """
    known, found = by_heading(), dict[int, str]()
    for place, cell in enumerate(head):
        text = str(getattr(cell, "value", None) or "").removesuffix("*").strip()
        if not text:
            continue
        if text not in known:
            raise WorkbookRefusedError(
                _("There is no column “%(heading)s” in the template.") % {"heading": text[:40]}
            )
        if known[text].name in found.values():
            raise WorkbookRefusedError(
                _("The column “%(heading)s” stands twice.") % {"heading": text[:40]}
            )
        found[place] = known[text].name
    for column in columns():
        if column.name not in found.values():
            raise WorkbookRefusedError(
                _("The column “%(heading)s” is missing.") % {"heading": column.heading()}
            )
    return found


def _lines(rows: Iterator[Sequence[object]], placed: Mapping[int, str]) -> Iterator[Line]:
    """Yield the rows that have anything in them.

    Raises:
        WorkbookRefusedError: there are more than `MAX_ROWS`.
    """
    next(rows, None)  # the notes below the headings
    taken = empty = 0
    for number, row in enumerate(rows, start=FIRST_ROW):
        cells = {name: row[place] for place, name in placed.items() if place < len(row)}
        texts = {name: text_of(getattr(cell, "value", None)) for name, cell in cells.items()}
        if not any(texts.values()):
            empty += 1
            if empty > MAX_EMPTY_ROWS:
                return
            continue
        empty, taken = 0, taken + 1
        if taken > MAX_ROWS:
            raise WorkbookRefusedError(
                _("There are more than %(rows)s rows. Split the workbook.") % {"rows": MAX_ROWS}
            )
        formulas = {name for name, cell in cells.items() if getattr(cell, "data_type", None) == "f"}
        yield Line(row=number, texts=texts, formulas=frozenset(formulas))


def text_of(value: object) -> str:
    """Return what a cell says as text: whole numbers without a point, days as 2026-11-26."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value).strip()[:MAX_CELL]


def _bytes(book: Workbook) -> bytes:
    written: IO[bytes] = BytesIO()
    book.save(written)
    written.seek(0)
    return written.read()
