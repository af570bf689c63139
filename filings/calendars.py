"""The calendar of working days: the notices that came with this release, and those entered since.

Entry points: `calendar`, `enter_year`. The official notice of a year comes in the autumn before it;
an installation enters it in the office and waits for no release.
"""

import tomllib
from collections.abc import Collection, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Role, require_role
from filings.models import CalendarYear
from primitives.working_days import SATURDAY, Calendar, Year

FOLDER = Path(__file__).parent / "years"


def calendar() -> Calendar:
    """Return the calendar: of every year that is known, its latest edition."""
    years = dict(released_years())
    for row in CalendarYear.objects.order_by("year", "edition"):
        years[row.year] = Year(
            holidays=frozenset(map(date.fromisoformat, row.holidays)),
            workdays=frozenset(map(date.fromisoformat, row.workdays)),
        )
    return Calendar(years)


@cache
def released_years() -> Mapping[int, Year]:
    """Return the years whose notices came with this release."""
    found = {}
    for path in sorted(FOLDER.glob("*.toml")):
        data = tomllib.loads(path.read_text("utf-8"))
        found[int(path.stem)] = Year(
            holidays=frozenset(data["holidays"]), workdays=frozenset(data["workdays"])
        )
    return found


@transaction.atomic
def enter_year(
    year: int,
    *,
    holidays: Collection[date],
    workdays: Collection[date],
    source: str,
    by: User,
    at: datetime,
) -> CalendarYear:
    """Enter a year, or a further edition of one; deadlines that were computed before stay.

    Raises:
        PermissionDenied: ``by`` is no registrar.
        ValidationError: a day lies in another year, or is no day off or no weekend day.
    """
    require_role(by, Role.REGISTRAR)
    check_year(year, holidays=holidays, workdays=workdays)
    editions = CalendarYear.objects.select_for_update().filter(year=year)
    last = max((row.edition for row in editions), default=int(year in released_years()))
    return CalendarYear.objects.create(
        year=year,
        edition=last + 1,
        holidays=[day.isoformat() for day in sorted(holidays)],
        workdays=[day.isoformat() for day in sorted(workdays)],
        source=source,
        entered_by=by,
        entered_at=at,
    )


def check_year(year: int, *, holidays: Collection[date], workdays: Collection[date]) -> None:
    """Refuse days that cannot be those of a year.

    Raises:
        ValidationError: a day lies in another year, or is no day off or no weekend day.
    """
    if wrong := sorted(day for day in {*holidays, *workdays} if day.year != year):
        raise ValidationError(
            _("%(day)s does not lie in %(year)s.") % {"day": wrong[0], "year": year}
        )
    if wrong := sorted(day for day in workdays if day.weekday() < SATURDAY):
        raise ValidationError(
            _("%(day)s is no Saturday or Sunday; it is worked anyhow.") % {"day": wrong[0]}
        )
    if both := sorted(set(holidays) & set(workdays)):
        raise ValidationError(_("%(day)s is named on both sides.") % {"day": both[0]})
