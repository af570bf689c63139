"""A registrar enters the working days of a further year."""

import pytest
from django.urls import reverse

from filings.models import CalendarYear
from tests.factories import Office
from tests.office.pages import SignIn

PAGE = "admin:filings_calendaryear_add"
GIVEN = {"year": "2027", "holidays": "2027-01-01\n2027-02-08", "workdays": "", "source": "示例"}


def test_a_registrar_enters_a_year_and_a_changed_notice_is_the_next_edition(
    office: Office, sign_in: SignIn
) -> None:
    client = sign_in(office.wang)
    for edition in (1, 2):
        assert client.post(reverse(PAGE), GIVEN).status_code == 302
        row = CalendarYear.objects.latest("edition")
        assert (row.year, row.edition, row.entered_by) == (2027, edition, office.wang)
        assert row.holidays == ["2027-01-01", "2027-02-08"]
    row = CalendarYear.objects.latest("edition")
    listed = client.get(reverse("admin:filings_calendaryear_changelist")).content.decode()
    shown = client.get(reverse("admin:filings_calendaryear_change", args=[row.pk]))
    assert "2027" in listed
    assert "2027-02-08" in shown.content.decode()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"holidays": "2027-02-30"}, "2027-02-30"),
        ({"holidays": "2026-10-01"}, "2026-10-01"),
        ({"workdays": "2027-03-01"}, "2027-03-01"),
        ({"holidays": "2027-03-06", "workdays": "2027-03-06"}, "2027-03-06"),
        ({"source": ""}, "errorlist"),
        ({"year": "99"}, "errorlist"),
    ],
)
def test_a_year_that_cannot_be_is_refused_in_words(
    office: Office, sign_in: SignIn, changes: dict[str, str], told: str
) -> None:
    response = sign_in(office.wang).post(reverse(PAGE), GIVEN | changes)

    assert response.status_code == 200
    assert told in response.content.decode().split('class="errorlist', 1)[1] or told == "errorlist"
    assert not CalendarYear.objects.exists()


def test_only_a_registrar_enters_a_year(office: Office, sign_in: SignIn) -> None:
    for officer in (office.li, office.zhao):
        assert sign_in(officer).post(reverse(PAGE), GIVEN).status_code == 403
    assert not CalendarYear.objects.exists()
