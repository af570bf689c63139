"""Instants and terms as the certificate prints them: China's time with its offset."""

from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")
LEAST = timedelta(microseconds=1)


class Term(NamedTuple):
    """The first and the last moment that a half-open term includes, and their offset."""

    first: str
    last: str
    offset: str


def moment_text(instant: datetime) -> str:
    """Return e.g. "2026-11-25 10:30:00 +08:00"."""
    local = instant.astimezone(LOCAL)
    return f"{local:%Y-%m-%d %H:%M:%S} {_offset(local)}"


def day_text(instant: datetime) -> str:
    """Return e.g. "2026年11月25日"."""
    local = instant.astimezone(LOCAL)
    return f"{local.year}年{local.month}月{local.day}日"


def term_of(start: datetime, end: datetime) -> Term:
    """Return the term [start, end): as days where it is whole local days, else to the second."""
    first, last = start.astimezone(LOCAL), (end - LEAST).astimezone(LOCAL)
    whole_days = _is_midnight(first) and _is_midnight(end.astimezone(LOCAL))
    form = "%Y-%m-%d" if whole_days else "%Y-%m-%d %H:%M:%S"
    return Term(f"{first:{form}}", f"{last:{form}}", _offset(last))


def _is_midnight(local: datetime) -> bool:
    return (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0)


def _offset(local: datetime) -> str:
    digits = f"{local:%z}"
    return f"{digits[:3]}:{digits[3:5]}"
