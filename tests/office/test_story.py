import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from filings.models import Filing
from filings.workflow import Action, State
from ledger.models import Entry
from registry.kinds import InstrumentKind, Stage
from registry.models import DataAsset
from tests.factories import (
    Office,
    bring_to_examination,
    bring_to_publicity,
    decide,
    make_complete_draft,
    make_party,
)
from tests.office.pages import (
    SignIn,
    answer_checklist,
    description_data,
    hand_in_all,
    page,
    rights_data,
    take,
)


def test_three_people_carry_a_filing_from_paper_to_the_register(
    office: Office, sign_in: SignIn
) -> None:
    wang, li, zhao = (sign_in(person) for person in (office.wang, office.li, office.zhao))
    applicant = make_party(office)
    data_file = SimpleUploadedFile("data.csv", b"city,population\n")

    drafted = wang.post(
        reverse("admin:filings_filing_add"), description_data(applicant, data_file=data_file)
    )
    filing = Filing.objects.get()
    assert drafted.headers["Location"] == page("papers", filing)
    assert filing.size_bytes == 16
    hand_in_all(wang, filing)
    claim = {"kind": "HOLD", "term_months": 36, "limits": "", "holders": [(applicant, "1")]}
    responsible = [(stage, applicant) for stage in Stage]
    kept = wang.post(page("rights", filing), rights_data(claim, responsible=responsible))
    assert kept.headers["Location"] == page("case", filing)
    take(wang, filing, Action.SUBMIT)
    take(wang, filing, Action.ACCEPT)

    answer_checklist(li, filing)
    take(li, filing, Action.EXAMINE)
    take(li, filing, Action.EXEMPT, note="示例：免予公示")

    preview = zhao.get(reverse("admin:filings_filing_step", args=[filing.pk, Action.REGISTER]))
    found = re.search(r'name="shown_digest" value="([0-9a-f]{64})"', preview.content.decode())
    assert found is not None
    take(zhao, filing, Action.REGISTER, shown_digest=found[1])

    filing.refresh_from_db()
    asset = DataAsset.objects.get()
    assert filing.state == State.REGISTERED
    assert filing.asset == asset
    assert Entry.objects.filter(kind="registration.initial/3").count() == 1
    people = list(filing.steps.order_by("pk").values_list("taken_by__username", flat=True))
    assert people == ["wang", "wang", "li", "li", "zhao"]
    assert asset.number in zhao.get(page("case", filing)).content.decode()


def refusals(client: Client, filing: Filing) -> list[str]:
    """Return the numbers of the rules of title that the page of the case names."""
    return re.findall(r"REG-\d+", client.get(page("case", filing)).content.decode())


def test_sensitive_and_important_data_passes_once_its_gates_are_met(
    office: Office, sign_in: SignIn
) -> None:
    wang, applicant = sign_in(office.wang), make_party(office)
    filing = make_complete_draft(office, applicant)
    described = description_data(
        applicant, grade="IMPORTANT", personal_information="SENSITIVE", export_allowed="on"
    )

    def describe(**changes: str) -> None:
        digests = {name: getattr(filing, name) for name in ("sha256", "sm3", "size_bytes")}
        wang.post(page("change", filing), {**described, **digests, **changes})

    describe()
    assert refusals(wang, filing) == ["REG-16", "REG-19", "REG-21", "REG-22"]
    hand_in_all(wang, filing, [InstrumentKind.ASSESSMENT, InstrumentKind.EXPORT_CLEARANCE])
    describe(personal_basis="CONSENT")
    assert refusals(wang, filing) == ["REG-20"]
    hand_in_all(wang, filing, [InstrumentKind.CONSENT])
    assert refusals(wang, filing) == []

    asset = decide(office, bring_to_publicity(office, filing))
    assert (asset.grade, asset.personal_information) == ("IMPORTANT", "SENSITIVE")


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"grade": "CORE"}, "REG-15"),
        ({"public_data": "ORGAN_DUTY"}, "REG-17"),
        ({"public_data": "OPERATION_PRODUCT"}, "REG-18"),
    ],
)
def test_what_is_not_registrable_is_refused_with_its_rule(
    office: Office, sign_in: SignIn, changes: dict[str, Any], number: str
) -> None:
    filing = make_complete_draft(office, make_party(office), **changes)
    bring_to_examination(office, filing)
    li = sign_in(office.li)

    answer = take(li, filing, Action.EXAMINE)

    assert number in li.get(answer.headers["Location"]).content.decode()
    assert Filing.objects.get().state == State.ACCEPTED


def test_nobody_in_the_story_is_a_superuser(office: Office) -> None:
    assert not User.objects.filter(is_superuser=True).exists()
    assert all(person.is_staff for person in (office.wang, office.li, office.zhao))
