"""The office with many open cases: how long its pages take, and how many queries they ask."""

from datetime import date, timedelta
from http import HTTPStatus
from statistics import median

from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role, assign_roles
from bench.filling import AT
from bench.measuring import Report, seconds
from filings.models import Filing, Part, Participation
from filings.workflow import State
from registry import search
from registry.kinds import (
    AssetKind,
    DataForm,
    DataStructure,
    IdentifierScheme,
    PartyKind,
    RegionScope,
    Situation,
    SourceKind,
    UpdateFrequency,
)
from registry.models import Named, Party
from registry.parties import enter_party

OPEN = (
    State.DRAFT,
    State.SUBMITTED,
    State.ACCEPTED,
    State.EXAMINED,
    State.PUBLICISED,
    State.CORRECTION_REQUESTED,
)
ROUNDS = 20
CHUNK = 10_000
FIRST_DAY = date(2026, 11, 20)
OFFICERS = {
    "bench-registrar": Role.REGISTRAR,
    "bench-examiner": Role.EXAMINER,
    "bench-approver": Role.APPROVER,
}


def measure(report: Report, size: int) -> None:
    """Report the start page, the list and a case, with a hundredth of ``size`` cases and with all.

    Half of the cases were filed, and a third accepted, by the registrar who looks.
    """
    call_command("collectstatic", interactive=False, verbosity=0)
    officers = [_officer(name, role) for name, role in OFFICERS.items()]
    party = Party(
        kind=PartyKind.LEGAL,
        name="示例数据科技有限公司",
        identifier_scheme=IdentifierScheme.FOREIGN,
        identifier="BENCH-OFFICE",
    )
    enter_party(party, by=officers[0], at=AT)
    before: dict[str, float] = {}
    for end in (max(size // 100, 100), size):
        _open_cases(Filing.objects.count(), end, officers[0], party)
        for page, address in _pages().items():
            for officer in officers:
                name = f"{page}, {officer.username.removeprefix('bench-')}"
                taken, queries = _served(officer, address)
                growth = taken / before[name] if name in before else None
                figure = f"{taken * 1000:.0f} ms, {queries} queries"
                report.add(
                    f"{name}, {end:,} open cases", figure, ratio=growth, to="a hundredth of them"
                )
                before[name] = taken


def _officer(name: str, role: Role) -> User:
    officer = User.objects.create_user(username=name)
    assign_roles(officer, [role])
    Authenticator.objects.create(user=officer, type=Authenticator.Type.TOTP, data={})
    return officer


def _pages() -> dict[str, str]:
    case = Filing.objects.filter(state=State.ACCEPTED).order_by("-pk")[0]
    return {
        "start page": reverse("admin:index"),
        "list of cases": reverse("admin:filings_filing_changelist"),
        "case": reverse("admin:filings_filing_case", args=[case.pk]),
    }


def _served(officer: User, address: str) -> tuple[float, int]:
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(officer)
    if client.get(address).status_code != HTTPStatus.OK:
        raise RuntimeError(f"{address} is not served")
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    queries = len(asked)
    return median(seconds(lambda: client.get(address)) for _ in range(ROUNDS)), queries


def _open_cases(start: int, end: int, registrar: User, party: Party) -> None:
    applicants = Filing.applicants.through
    for first in range(start, end, CHUNK):
        numbers = range(first, min(first + CHUNK, end))
        cases = Filing.objects.bulk_create(_case(number, registrar) for number in numbers)
        search.write_new(Named.FILING, [(case.pk, case.name) for case in cases])
        applicants.objects.bulk_create(
            applicants(filing_id=case.pk, party_id=party.pk) for case in cases
        )
        Participation.objects.bulk_create(
            Participation(filing=case, person=registrar, part=part)
            for place, case in enumerate(cases)
            for part, every in ((Part.FILED, 2), (Part.ACCEPTED, 3))
            if place % every == 0
        )


def _case(number: int, registrar: User) -> Filing:
    state = OPEN[number % len(OPEN)]
    return Filing(
        number=f"B{number:09d}",
        state=state,
        name=f"示例数据{number}",
        summary="示例",
        kind=AssetKind.RESOURCE,
        industry_section="I",
        industry_division="65",
        source_kind=SourceKind.COLLECTED,
        situation=Situation.OWN_BUSINESS,
        region_scope=RegionScope.NATIONAL,
        update_frequency=UpdateFrequency.YEARLY,
        form=DataForm.TABLE,
        structure=DataStructure.STRUCTURED,
        filed_by=registrar,
        created_at=AT,
        sha256=f"{number:064x}",
        sm3=f"{number:064x}",
        size_bytes=1,
        due_on=None if state == State.DRAFT else FIRST_DAY + timedelta(days=number % 97),
    )
