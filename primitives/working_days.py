"""Working days (工作日): weekdays but for holidays, and the weekend days that are worked instead.

Pure. The days are data, year by year; nothing is guessed for a year whose notice is not entered.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

DAY = timedelta(days=1)
SATURDAY = 5


class CalendarMissingError(LookupError):
    """The working days of a year are not known; ``year`` says of which."""

    def __init__(self, year: int) -> None:
        super().__init__(year)
        self.year = year


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """What the notice of one year says.

    Attributes:
        holidays: days off; those at a weekend need not be named.
        workdays: days of a weekend that are worked.
    """

    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Calendar:
    """The years that are known."""

    years: Mapping[int, Year] = field(default_factory=dict)

    def is_working(self, day: date) -> bool:
        """Say whether ``day`` is worked.

        Raises:
            CalendarMissingError: its year is not known.
        """
        if (year := self.years.get(day.year)) is None:
            raise CalendarMissingError(day.year)
        if day.weekday() >= SATURDAY:
            return day in year.workdays
        return day not in year.holidays

    def after(self, day: date) -> Iterator[date]:
        """Yield the working days after ``day``, one after another.

        Raises:
            CalendarMissingError: when the next year is not known.
        """
        while True:
            day += DAY
            if self.is_working(day):
                yield day

    def add(self, day: date, count: int) -> date:
        """Return the ``count``-th working day after ``day``; the day itself does not count.

        Raises:
            ValueError: ``count`` is not above zero.
            CalendarMissingError: it lies in a year that is not known.
        """
        if count < 1:
            raise ValueError(count)
        days = self.after(day)
        return [next(days) for _ in range(count)][-1]

    def between(self, day: date, last: date) -> int:
        """Return how many working days come after ``day`` up to ``last``; below zero if it is past.

        Raises:
            CalendarMissingError: one of them lies in a year that is not known.
        """
        if last < day:
            return -self.between(last, day)
        count = 0
        while day < last:
            day += DAY
            count += self.is_working(day)
        return count
