import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from accounts.roles import Role, assign_roles
from filings.models import Filing
from filings.queries import possible_actions
from filings.submission import submit
from filings.workflow import Action, State
from ledger.models import Entry
from primitives.clock import now_utc
from registry.instruments import instrument_path
from registry.models import AssetVersion, Counter, DataAsset
from tests.factories import (
    NOON,
    Office,
    bring_to_examination,
    bring_to_publicity,
    derive_from,
    make_complete_draft,
    make_draft,
    make_party,
    make_user,
    register_asset,
)
from tests.office.pages import SignIn, page, said, shown_digest, take


@pytest.fixture
def publicised(office: Office) -> Filing:
    return bring_to_publicity(office, make_complete_draft(office, make_party(office)))


def test_a_case_page_names_every_rule_that_does_not_hold(office: Office, sign_in: SignIn) -> None:
    text = sign_in(office.wang).get(page("case", make_draft(office))).content.decode()
    for number in ("FIL-1", "FIL-8", "REG-8"):
        assert number in text


def test_a_refused_submission_names_the_rules_and_changes_nothing(
    office: Office, sign_in: SignIn
) -> None:
    filing = make_draft(office)
    response = take(sign_in(office.wang), filing, Action.SUBMIT)
    assert "FIL-1" in said(response)
    filing.refresh_from_db()
    assert filing.state == State.DRAFT


def test_ac_05_of_two_approvers_the_second_is_told_who_was_first(
    office: Office, sign_in: SignIn, publicised: Filing
) -> None:
    second, digest = make_user("qian", Role.APPROVER), shown_digest(publicised)
    take(sign_in(office.zhao), publicised, Action.REGISTER, shown_digest=digest)
    response = take(sign_in(second), publicised, Action.REGISTER, shown_digest=digest)
    assert "zhao" in said(response)
    assert DataAsset.objects.count() == 1


def test_ac_06_who_examined_a_case_does_not_approve_it(
    office: Office, sign_in: SignIn, publicised: Filing
) -> None:
    assign_roles(office.li, [Role.APPROVER])
    assert Action.REGISTER not in possible_actions(publicised, office.li)
    response = take(
        sign_in(office.li), publicised, Action.REGISTER, shown_digest=shown_digest(publicised)
    )
    assert "FIL-4" in said(response)
    assert not DataAsset.objects.exists()


def test_ac_05_an_approval_is_bound_to_what_was_shown(
    office: Office, sign_in: SignIn, publicised: Filing
) -> None:
    digest = shown_digest(publicised)
    Filing.objects.filter(pk=publicised.pk).update(remarks="changed behind the approver's back")
    response = take(sign_in(office.zhao), publicised, Action.REGISTER, shown_digest=digest)
    assert said(response)
    assert not DataAsset.objects.exists()


@pytest.mark.parametrize("action", [Action.REQUEST_CORRECTION, Action.DECLINE])
def test_a_step_that_needs_a_ground_asks_for_it(
    office: Office, sign_in: SignIn, action: Action
) -> None:
    filing = make_complete_draft(office, make_party(office))
    submit(filing, by=office.wang, at=NOON)
    response = take(sign_in(office.wang), filing, action, note="  ")
    assert response.status_code == 200
    filing.refresh_from_db()
    assert filing.state == State.SUBMITTED
    take(sign_in(office.wang), filing, action, note="样例与描述不符")
    filing.refresh_from_db()
    assert filing.steps.latest("pk").note == "样例与描述不符"


def test_looking_at_a_step_takes_nothing(
    office: Office, sign_in: SignIn, publicised: Filing
) -> None:
    address = reverse("admin:filings_filing_step", args=[publicised.pk, Action.REGISTER])
    assert sign_in(office.zhao).get(address).status_code == 200
    publicised.refresh_from_db()
    assert publicised.state == State.PUBLICISED


def test_a_confirmation_shows_the_entry_that_is_then_written(
    office: Office, sign_in: SignIn, publicised: Filing
) -> None:
    client = sign_in(office.zhao)
    address = reverse("admin:filings_filing_step", args=[publicised.pk, Action.REGISTER])
    before, numbers = Entry.objects.count(), list(Counter.objects.values_list("series", "value"))
    shown = json.loads(client.get(address).context["entry"])
    assert Entry.objects.count() == before
    assert list(Counter.objects.values_list("series", "value")) == numbers
    take(client, publicised, Action.REGISTER, shown_digest=shown_digest(publicised))
    written = json.loads(bytes(Entry.objects.latest("pk").content))
    drawn_anew = {"nonce", "recorded_at", "payload"}
    assert shown.keys() == written.keys()
    assert all(shown[name] == written[name] for name in written.keys() - drawn_anew)
    assert shown["payload"].keys() == written["payload"].keys()
    assert shown["payload"]["asset"]["number"] == written["payload"]["asset"]["number"]


def test_a_confirmation_of_what_the_rules_refuse_shows_no_entry(
    office: Office, sign_in: SignIn, publicised: Filing
) -> None:
    Filing.objects.filter(pk=publicised.pk).update(remarks="altered")
    publicised.checks.update(is_met=False)
    address = reverse("admin:filings_filing_step", args=[publicised.pk, Action.REGISTER])
    response = sign_in(office.zhao).get(address)
    assert response.status_code == 200
    assert response.context["entry"] == ""


def test_a_step_that_is_none_is_not_found(office: Office, sign_in: SignIn) -> None:
    address = reverse("admin:filings_filing_step", args=[make_draft(office).pk, "BURN"])
    assert sign_in(office.wang).get(address).status_code == 404


def test_only_an_examiner_answers_the_checklist(office: Office, sign_in: SignIn) -> None:
    filing = bring_to_examination(office, make_complete_draft(office, make_party(office)))
    filing.checks.all().delete()
    response = sign_in(office.wang).post(page("checks", filing), {"NAME_PRECISE": "yes"})
    assert said(response)
    assert not filing.checks.exists()
    sign_in(office.li).post(
        page("checks", filing), {"NAME_PRECISE": "no", "NAME_PRECISE_note": "过长"}
    )
    check = filing.checks.get()
    assert (check.is_met, check.note, check.checked_by) == (False, "过长", office.li)


def test_a_missing_paper_stands_against_the_next_step_in_words(
    office: Office, sign_in: SignIn, publicised: Filing
) -> None:
    paper = publicised.papers.select_related("instrument")[0]
    instrument_path(paper.instrument.sha256).unlink()
    text = sign_in(office.zhao).get(page("case", publicised)).content.decode()
    assert "FIL-2" in text
    assert paper.instrument.title in text


def test_an_unproven_source_is_marked(office: Office, sign_in: SignIn) -> None:
    filing = make_draft(office)
    filing.sources.create(
        title="示例来源",
        publisher=make_party(office),
        sha256="0" * 64,
        activity="CRAWL",
        method="示例",
        ended_at=NOON,
        responsible=make_party(office, 2),
    )
    text = sign_in(office.li).get(page("case", filing)).content.decode()
    assert "state-unproven" in text


def test_the_work_list_shows_each_officer_their_own_step(
    office: Office, sign_in: SignIn, publicised: Filing
) -> None:
    start = reverse("admin:index")
    lists = [
        [section.key for section in sign_in(person).get(start).context["lists"]]
        for person in (office.wang, office.li, office.zhao)
    ]
    assert lists == [["another"], ["another"], [Action.REGISTER]]


def test_the_start_page_tells_what_is_due_and_what_waits_for_a_second_person(
    office: Office, sign_in: SignIn
) -> None:
    case = bring_to_examination(office, make_complete_draft(office, make_party(office)))
    today = localdate(now_utc())
    start = reverse("admin:index")
    words = {
        today + timedelta(days=4): "还剩4天",
        today: "今日到期",
        today - timedelta(days=2): "已逾期2天",
    }
    for day, told in words.items():
        Filing.objects.update(due_on=day)
        page_of_li = sign_in(office.li).get(start)
        keys = [section.key for section in page_of_li.context["lists"]]
        is_soon = day <= today + timedelta(days=3)
        assert keys == (["due", Action.EXAMINE] if is_soon else [Action.EXAMINE])
        assert told in page_of_li.content.decode()

    (waiting,) = sign_in(office.wang).get(start).context["lists"]
    assert (waiting.key, waiting.cases) == ("another", [case])


def test_an_act_that_no_ledger_entry_can_hold_is_refused_in_words(
    office: Office, sign_in: SignIn
) -> None:
    holder = make_party(office)
    source = AssetVersion.objects.get(asset=register_asset(office, holder, data=b"source"))
    filing = make_complete_draft(office, holder, data=b"derived")
    derive_from(filing, source, holder)
    filing.sources.update(method="示例" * 20_000)
    bring_to_publicity(office, filing)
    entries = Entry.objects.count()

    response = take(
        sign_in(office.zhao), filing, Action.REGISTER, shown_digest=shown_digest(filing)
    )

    assert "65535" in said(response)
    assert Entry.objects.count() == entries
    filing.refresh_from_db()
    assert filing.state == State.PUBLICISED
