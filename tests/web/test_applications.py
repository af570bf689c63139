"""Applying online: what an enterprise drafts at its desk, and what it cannot do there."""

import re
from fractions import Fraction
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from filings.cases import undeclared
from filings.claims import name_participants
from filings.clocks import day_of
from filings.models import Filing
from filings.negative_list import enter_item
from filings.review import accept
from filings.submission import submit
from filings.workflow import State
from primitives.clock import now_utc
from primitives.digests import digest_bytes
from registry.kinds import Stage
from registry.models import DataAsset, Party
from rights.kinds import RightKind
from rights.models import Interest
from tests.factories import (
    NOON,
    Office,
    claim,
    description,
    make_complete_draft,
    make_party,
    register_asset,
    sign_in,
    uscc,
)

pytestmark = pytest.mark.django_db

PAPERS = ("IDENTITY", "LAWFUL_ACQUISITION", "DATA_SAMPLE", "DATA_DESCRIPTION")


@pytest.fixture
def company(office: Office) -> Party:
    return make_party(office)


@pytest.fixture
def alice(office: Office) -> Client:
    client = sign_in(office.alice)
    client.cookies["django_language"] = "en"
    return client


def written(**changes: Any) -> dict[str, Any]:
    return {
        **description(),
        "organisation": uscc(1),
        "data_file": SimpleUploadedFile("data.csv", b"online"),
        **changes,
    }


def asked_rights(**changes: Any) -> dict[str, Any]:
    code = uscc(1)
    posted: dict[str, Any] = {f"stage-{stage}": code for stage in Stage}
    for kind in RightKind:
        posted |= {
            f"{kind}-claimed": "on",
            f"{kind}-months": "36",
            f"{kind}-0-party": code,
            f"{kind}-0-share": "1",
        }
    return posted | changes


def drafted(client: Client) -> Filing:
    client.post(reverse("web:new-data"), written())
    return Filing.objects.get()


def hand_in(client: Client, filing: Filing, kinds: tuple[str, ...] = PAPERS) -> None:
    for kind in kinds:
        upload = SimpleUploadedFile(f"{kind}.txt", kind.encode())
        paper = {"kind": kind, "title": f"示例 {kind}", "file": upload}
        client.post(reverse("web:add-paper", args=[filing.number]), paper)


def submit_online(client: Client, filing: Filing) -> int:
    declared = {"declared": [row.name for row in undeclared(filing)]}
    return client.post(reverse("web:resubmit", args=[filing.number]), declared).status_code


def page(client: Client, filing: Filing, name: str = "case") -> str:
    return client.get(reverse(f"web:{name}", args=[filing.number])).content.decode()


def test_an_enterprise_applies_online_from_a_blank_page_to_acceptance(
    office: Office, company: Party, alice: Client
) -> None:
    assert reverse("web:new-application") in alice.get("/desk/").content.decode()
    assert reverse("web:new-data") in alice.get(reverse("web:new-application")).content.decode()

    answer = alice.post(reverse("web:new-data"), written())
    filing = Filing.objects.get()
    assert answer.headers["Location"] == reverse("web:draft-rights", args=[filing.number])
    assert filing.state == State.DRAFT
    assert filing.sha256 == digest_bytes(b"online").sha256
    assert list(filing.applicants.all()) == [company]

    answer = alice.post(reverse("web:draft-rights", args=[filing.number]), asked_rights())
    assert answer.headers["Location"] == reverse("web:draft-sources", args=[filing.number])
    assert {claim.kind for claim in filing.claims.all()} == set(RightKind)

    hand_in(alice, filing)
    assert "Nothing stands against it" in page(alice, filing)
    submit_online(alice, filing)
    filing.refresh_from_db()
    assert filing.state == State.SUBMITTED

    assert accept(filing, by=office.wang, at=now_utc()).state == State.ACCEPTED


def test_a_draft_names_every_missing_paper_and_every_rule_before_it_is_filed(
    company: Party, alice: Client
) -> None:
    filing = drafted(alice)

    shown = page(alice, filing)

    for label in (
        "Proof of identity",
        "Proof of lawful acquisition",
        "Data sample",
        "Data description",
    ):
        assert f"<li>{label}</li>" in shown
    assert "FIL-1" in shown
    assert "REG-" in shown  # no right is claimed yet
    assert submit_online(alice, filing) == 400
    filing.refresh_from_db()
    assert filing.state == State.DRAFT


def test_what_is_predicted_is_what_the_examination_would_refuse(
    office: Office, company: Party, alice: Client
) -> None:
    register_asset(office, company, data=b"online")
    alice.post(reverse("web:new-data"), written())
    filing = Filing.objects.latest("pk")
    alice.post(reverse("web:draft-rights", args=[filing.number]), asked_rights())
    hand_in(alice, filing)

    shown = page(alice, filing)
    assert "REG-12" in shown  # the digest is registered already
    assert "FIL-" not in shown


def test_a_faulty_description_is_kept_nowhere_and_says_what_to_mend(
    company: Party, alice: Client
) -> None:
    answer = alice.post(
        reverse("web:new-data"), written(name="", period_from="2026-02-01", period_to="2026-01-01")
    )

    assert answer.status_code == 400
    text = answer.content.decode()
    assert "Nothing was kept" in text
    assert "The period ends before it begins." in text
    assert not Filing.objects.exists()


def test_shares_that_are_not_one_and_unknown_codes_are_refused_beside_the_field(
    company: Party, alice: Client
) -> None:
    filing = drafted(alice)
    address = reverse("web:draft-rights", args=[filing.number])

    half = alice.post(address, asked_rights(**{"HOLD-0-share": "1/2"}))
    unknown = alice.post(address, asked_rights(**{"USE-0-party": uscc(77)}))
    without_term = alice.post(address, asked_rights(**{"OPERATE-months": ""}))

    assert half.status_code == unknown.status_code == without_term.status_code == 400
    assert "The shares sum to 1/2; 1/2 is missing." in half.content.decode()
    assert f"No party with the code {uscc(77)} is entered." in unknown.content.decode()
    assert "Write for how many months." in without_term.content.decode()
    assert not filing.claims.exists()


def test_rights_are_shown_again_as_they_were_kept(
    office: Office, company: Party, alice: Client
) -> None:
    other = make_party(office, 2)
    filing = drafted(alice)
    joint = {
        "HOLD-0-share": "1/3",
        "HOLD-1-party": other.identifier,
        "HOLD-1-share": "2/3",
        "participant-0": other.identifier,
    }
    alice.post(reverse("web:draft-rights", args=[filing.number]), asked_rights(**joint))

    shown = page(alice, filing, "draft-rights")

    assert 'value="1/3"' in shown
    assert 'value="2/3"' in shown
    assert [row.party for row in filing.participants.all()] == [other]
    alice.post(reverse("web:draft-rights", args=[filing.number]), asked_rights())
    assert not filing.participants.exists()
    assert filing.claims.count() == len(RightKind)


def test_what_an_officer_added_beyond_the_page_s_rows_is_kept(
    office: Office, company: Party, alice: Client
) -> None:
    others = [make_party(office, serial) for serial in range(2, 9)]
    filing = drafted(alice)
    claim(filing, RightKind.HOLD, [(party, Fraction(1, 7)) for party in others])
    name_participants(filing, dict.fromkeys(others), by=office.wang)

    form = page(alice, filing, "draft-rights")

    fields = dict(re.findall(r'name="((?:HOLD|participant)-[^"]*)"[^>]*? value="([^"]*)"', form))
    answer = alice.post(
        reverse("web:draft-rights", args=[filing.number]),
        asked_rights(**(fields | {"HOLD-claimed": "on", "HOLD-months": "36"})),
    )
    assert answer.status_code == 302
    assert filing.claims.get(kind="HOLD").shares.count() == len(others)
    assert filing.participants.count() == len(others)


def test_a_source_is_a_registered_asset_or_one_from_outside_and_is_taken_back(
    office: Office, company: Party, alice: Client
) -> None:
    asset = register_asset(office, company)
    alice.post(reverse("web:new-data"), written())
    filing = Filing.objects.latest("pk")
    address = reverse("web:draft-sources", args=[filing.number])
    done = {
        "activity": "DERIVE",
        "method": "示例：按省汇总。",
        "responsible": company.identifier,
        "ended_at": "2026-01-02T03:04",
    }
    outside = {
        "title": "示例外部数据",
        "publisher": company.identifier,
        "edition": "2026",
        "sha256": "a" * 64,
    }

    assert alice.post(address, done).status_code == 400  # neither
    both = alice.post(address, done | outside | {"asset": asset.number})
    assert both.status_code == 400
    assert "Name one source" in both.content.decode()
    assert alice.post(address, done | {"asset": asset.number}).status_code == 302
    assert alice.post(address, done | outside).status_code == 302
    registered, typed = filing.sources.order_by("pk")
    assert registered.source_version.asset == asset  # type: ignore[union-attr] # it is one
    assert typed.publisher == company

    drop = reverse("web:drop-source", args=[filing.number, registered.pk])
    assert alice.get(drop).status_code == 405
    alice.post(drop)
    assert list(filing.sources.all()) == [typed]


def test_an_enterprise_applies_about_registered_data(
    office: Office, company: Party, alice: Client
) -> None:
    asset = register_asset(office, company)
    taker = make_party(office, 2)
    begun = alice.post(
        reverse("web:new-acts"),
        {
            "organisation": uscc(1),
            "type": "TRANSFER",
            "asset": asset.number,
            "other": taker.identifier,
        },
    )
    filing = Filing.objects.latest("pk")
    address = reverse("web:draft-acts", args=[filing.number])
    assert begun.headers["Location"] == f"{address}?asset={asset.number}"
    form = f"{address}?asset={asset.number}&act=transfer"
    assert 'name="giver"' in alice.get(form).content.decode()
    right = Interest.objects.get(asset=asset, kind=RightKind.OPERATE)
    wanted = {
        "interest": right.reference,
        "giver": company.reference,
        "takers-0-party": taker.reference,
        "takers-0-share": "1/3",
    }

    assert alice.post(form, wanted | {"takers-0-share": "4/3"}).status_code == 400
    assert alice.post(form, wanted).status_code == 302
    hand_in(alice, filing, ("IDENTITY", "CONTRACT", "CERTIFICATE"))
    assert "FIL-22" in page(alice, filing)  # the other side has not confirmed it
    submit_online(alice, filing)
    filing.refresh_from_db()
    assert filing.state == State.SUBMITTED
    asked = filing.acts.get()
    assert (
        alice.post(reverse("web:drop-act", args=[filing.number, asked.pk])).status_code == 404
    )  # it is no draft any more


def test_an_order_is_no_enterprise_s_to_file(company: Party, office: Office, alice: Client) -> None:
    asset = register_asset(office, company)
    answer = alice.post(
        reverse("web:new-acts"),
        {"organisation": uscc(1), "type": "ORDER", "asset": asset.number},
    )
    assert answer.status_code == 400
    assert Filing.objects.count() == 1


def test_ac_03_a_draft_does_not_exist_for_others_and_a_submitted_case_has_no_draft_pages(
    office: Office, company: Party, alice: Client
) -> None:
    filing = drafted(alice)
    charlie = sign_in(office.charlie)
    pages = ("draft-data", "draft-rights", "draft-sources", "withdraw", "case")
    for name in pages:
        address = reverse(f"web:{name}", args=[filing.number])
        assert charlie.post(address, asked_rights()).status_code in (404, 405)
        assert charlie.get(address).status_code in (404, 405)
    assert page(alice, filing, "draft-data")

    alice.post(reverse("web:draft-rights", args=[filing.number]), asked_rights())
    hand_in(alice, filing)
    submit_online(alice, filing)
    for name in ("draft-data", "draft-rights", "draft-sources"):
        assert alice.get(reverse(f"web:{name}", args=[filing.number])).status_code == 404


def test_another_applicant_reads_a_joint_draft_and_changes_nothing_of_it(
    office: Office, company: Party, alice: Client
) -> None:
    other = make_party(office, 99)  # the organisation of charlie
    asset = register_asset(office, company)
    alice.post(
        reverse("web:new-acts"),
        {
            "organisation": uscc(1),
            "type": "TRANSFER",
            "asset": asset.number,
            "other": other.identifier,
        },
    )
    filing = Filing.objects.latest("pk")
    charlie = sign_in(office.charlie)

    shown = charlie.get(reverse("web:case", args=[filing.number])).content.decode()

    assert reverse("web:withdraw", args=[filing.number]) not in shown
    withdrawn = charlie.post(reverse("web:withdraw", args=[filing.number]), {"note": "示例"})
    assert withdrawn.status_code == 404
    assert charlie.get(reverse("web:draft-acts", args=[filing.number])).status_code == 404
    assert charlie.post(reverse("web:resubmit", args=[filing.number])).status_code == 409


def test_nobody_applies_for_an_organisation_that_is_not_theirs(
    office: Office, company: Party, alice: Client
) -> None:
    make_party(office, 99)

    answer = alice.post(reverse("web:new-data"), written(organisation=uscc(99)))

    assert answer.status_code == 400
    assert not Filing.objects.exists()


def test_ac_04_a_form_sets_nothing_that_is_not_on_it(
    office: Office, company: Party, alice: Client
) -> None:
    answer = alice.post(
        reverse("web:new-data"),
        written(state="REGISTERED", number="F1", profile="neutral", filed_by=office.wang.pk),
    )

    assert answer.status_code == 302
    filing = Filing.objects.get()
    assert filing.state == State.DRAFT
    assert filing.number != "F1"
    assert filing.profile == "cn-nda-2026-35"
    assert filing.filed_by == office.alice


def test_an_organisation_that_is_no_party_yet_is_told_what_to_do(alice: Client) -> None:
    assert (
        "Ask a registrar to enter it" in alice.get(reverse("web:new-application")).content.decode()
    )
    assert alice.get(reverse("web:new-data")).headers["Location"] == reverse("web:new-application")


def test_an_applicant_withdraws_on_a_ground(office: Office, company: Party, alice: Client) -> None:
    filing = make_complete_draft(office, company)
    submit(filing, by=office.wang, at=NOON)
    address = reverse("web:withdraw", args=[filing.number])

    alice.post(address, {"note": "  "})
    filing.refresh_from_db()
    assert filing.state == State.SUBMITTED
    alice.post(address, {"note": "示例：不再申请"})
    filing.refresh_from_db()
    assert filing.state == State.WITHDRAWN
    assert not DataAsset.objects.exists()


def test_a_paper_is_taken_back_from_a_draft(company: Party, alice: Client) -> None:
    filing = drafted(alice)
    hand_in(alice, filing, ("IDENTITY",))
    paper = filing.papers.get()

    alice.post(reverse("web:drop-paper", args=[filing.number, paper.pk]))

    assert not filing.papers.exists()


def test_a_draft_tells_what_an_examiner_will_look_at(
    office: Office, company: Party, alice: Client
) -> None:
    registered = register_asset(office, company, data=b"registered")
    alice.post(reverse("web:new-data"), written(name=f"{registered.name}汇"))
    filing = Filing.objects.latest("pk")
    enter_item(
        "示例：逐户数据",
        terms=[registered.name[:6]],
        source="示例规则第一条",
        valid_from=day_of(now_utc()),
        by=office.wang,
        at=now_utc(),
    )
    shown = page(alice, filing)
    assert "示例：逐户数据" in shown
    assert f"<mark>{registered.name[:6]}</mark>" in shown
    assert registered.number in shown
