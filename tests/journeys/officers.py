"""What officers do with a case that lies in the office, in their browsers."""

from filings.models import Filing
from tests.factories import Office
from tests.journeys.browser import Person


def accept(wang: Person, office: Office, filing: Filing) -> None:
    wang.enter_office(office.wang)
    wang.goto(f"/office/filings/filing/{filing.pk}/case/")
    wang.take_step("ACCEPT")


def examine(li: Person, office: Office, filing: Filing, *, note: str) -> None:
    """Answer the whole checklist, pass the examination and dispense with the publicity."""
    li.enter_office(office.li)
    li.goto(f"/office/filings/filing/{filing.pk}/case/")
    answers = li.page.locator("form[action$='/checks/'] input[type=radio][value=yes]")
    for place in range(answers.count()):
        answers.nth(place).check()
    li.press("form[action$='/checks/'] button[type=submit]")
    li.take_step("EXAMINE")
    li.take_step("EXEMPT", note=note)


def approve(zhao: Person, office: Office, filing: Filing, picture: str = "") -> None:
    zhao.enter_office(office.zhao)
    zhao.goto(f"/office/filings/filing/{filing.pk}/case/")
    zhao.take_step("REGISTER", picture)
