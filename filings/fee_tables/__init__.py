"""Published fee tables: what a registration costs, as data, read from the files beside this module.

Entry points: `fee_table_on`, `fee_tables`. Fees are public, and nothing may be charged beside them
(NDA35 art. 10(3), 10(8)). Each version is a file of its own and stays: a fee that was paid under it
is held against it. A file that is not whole is an error at start (filings.E002).
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

FOLDER = Path(__file__).parent
TABLE: Mapping[str, type] = {
    "name": str,
    "version": int,
    "title_zh": str,
    "title_en": str,
    "source": str,
    "effective_from": date,
    "is_example": bool,
}
ITEM: Mapping[str, type] = {"code": str, "name_zh": str, "name_en": str, "fen": int}


class FeeTableError(Exception):
    """A fee table is not what it must be; the message names the file and the fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeItem:
    """What is charged for one service: ``fen`` hundredths of a yuan (CNY), above zero."""

    code: str
    name_zh: str
    name_en: str
    fen: int

    def name(self, language: str) -> str:
        """Return what it is for, in the reader's language."""
        return self.name_zh if language.startswith("zh") else self.name_en


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeTable:
    """One version of the registry's fee table.

    Attributes:
        source: the rule under which it is published.
        effective_from: the first day of which it is the table.
        items: what is charged; nothing if registration is free.
    """

    name: str
    version: int
    title_zh: str
    title_en: str
    source: str
    effective_from: date
    is_example: bool
    items: tuple[FeeItem, ...]

    def title(self, language: str) -> str:
        """Return its name in the reader's language."""
        return self.title_zh if language.startswith("zh") else self.title_en

    def item(self, code: str) -> FeeItem | None:
        """Return the item with a code, or None."""
        return next((item for item in self.items if item.code == code), None)


@cache
def fee_tables() -> Sequence[FeeTable]:
    """Return every version of the installation's fee table, the first in force first.

    Raises:
        FeeTableError: a file is not what it must be, or there is none of that name.
    """
    read_ones = (read(path) for path in sorted(FOLDER.glob("*.toml")))
    found = [table for table in read_ones if table.name == settings.FEE_TABLE]
    if not found:
        raise FeeTableError(f"there is no fee table {settings.FEE_TABLE!r}")
    found.sort(key=lambda table: table.effective_from)
    days, versions = (
        [getattr(one, name) for one in found] for name in ("effective_from", "version")
    )
    if len(set(days)) < len(days) or versions != sorted(set(versions)):
        raise FeeTableError(f"{settings.FEE_TABLE}: a later version must begin on a later day")
    return tuple(found)


def fee_table_on(day: date) -> FeeTable | None:
    """Return the table in force on a day; None before the first."""
    begun = [table for table in fee_tables() if table.effective_from <= day]
    return begun[-1] if begun else None


def read(path: Path) -> FeeTable:
    """Return the table that stands in a file.

    Raises:
        FeeTableError: names the member that is missing, unknown or of another type.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise FeeTableError(f"{path.name}: {error}") from error
    rows = data.pop("items", [])
    _shaped(path.name, data, TABLE)
    if not isinstance(rows, list):
        raise FeeTableError(f"{path.name}: items is no list")
    for row in rows:
        _shaped(f"{path.name}: items", row, ITEM)
        if row["fen"] < 1:
            raise FeeTableError(f"{path.name}: what is free stands in no fee table")
    if len({row["code"] for row in rows}) < len(rows):
        raise FeeTableError(f"{path.name}: a code is there twice")
    return FeeTable(**data, items=tuple(FeeItem(**row) for row in rows))


def _shaped(where: str, data: Any, shape: Mapping[str, type]) -> None:  # noqa: ANN401 # whatever the file holds
    if not isinstance(data, dict) or set(data) != set(shape):
        raise FeeTableError(f"{where}: it needs exactly {', '.join(shape)}")
    for name, kind in shape.items():
        if type(data[name]) is not kind or data[name] == "":
            raise FeeTableError(f"{where}: {name} is no {kind.__name__}")
