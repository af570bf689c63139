"""The negative list: rolling, by edition, and answered item by item before anything is registered.

Every item here is marked 示例; the product ships none.
"""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from filings.cases import NoteMissingError
from filings.models import Filing, ListAnswer, ListedItem
from filings.negative_list import edition_on, end_item, enter_item, hits, items_on
from filings.review import answer_item, pass_examination, publicise
from primitives.clock import CHINA, now_utc
from primitives.rules import RulesBrokenError
from tests.factories import (
    BEFORE,
    NOON,
    TODAY,
    Office,
    bring_to_examination,
    decide,
    make_complete_draft,
    make_office,
    make_party,
    sign_in,
)

DAY = timedelta(days=1)


@pytest.fixture
def office(db: None) -> Office:
    return make_office()


def listed(office: Office, *terms: str, valid_from: date = TODAY) -> ListedItem:
    return enter_item(
        "示例：城市人口的逐户数据",
        terms=terms or ("城市人口",),
        source="示例规则第一条",
        valid_from=valid_from,
        by=office.wang,
        at=NOON,
    )


@pytest.fixture
def filing(office: Office) -> Filing:
    return bring_to_examination(office, make_complete_draft(office, make_party(office)))


def refused(office: Office, filing: Filing) -> list[str]:
    with pytest.raises(RulesBrokenError) as caught:
        pass_examination(filing, by=office.li, at=NOON)
    return [rule.number for rule in caught.value.rules]


def test_a_hit_is_answered_before_the_case_passes_and_stands_if_it_applies(
    office: Office, filing: Filing
) -> None:
    item = listed(office)
    assert refused(office, filing) == ["FIL-31"]
    answer_item(filing, item, applies=True, reason="示例：逐户", by=office.li, at=NOON)
    assert refused(office, filing) == ["FIL-31"]
    answer_item(filing, item, applies=False, reason="示例：汇总数据", by=office.li, at=NOON)
    assert pass_examination(filing, by=office.li, at=NOON).state == "EXAMINED"
    assert ListAnswer.objects.get().reason == "示例：汇总数据"


def test_an_item_entered_during_the_publicity_is_answered_before_the_decision(
    office: Office, filing: Filing
) -> None:
    pass_examination(filing, by=office.li, at=NOON)
    filing = publicise(filing, by=office.li, at=BEFORE)
    item = listed(office)
    with pytest.raises(RulesBrokenError) as caught:
        decide(office, filing)
    assert [rule.number for rule in caught.value.rules] == ["FIL-31"]
    answer_item(filing, item, applies=False, reason="示例：汇总数据", by=office.li, at=NOON)
    assert decide(office, filing).number


@pytest.mark.parametrize("term", ["城市人口", "城 市-人口", "２０２５年全国", "选址分析"])
def test_terms_are_found_in_name_and_summary_in_any_width_and_spacing(
    office: Office, filing: Filing, term: str
) -> None:
    listed(office, "示例无关词", term)
    [hit] = hits(filing, at=NOON)
    assert hit.terms == [term]


def test_what_no_term_names_is_no_hit(office: Office, filing: Filing) -> None:
    listed(office, "示例无关词")
    assert hits(filing, at=NOON) == []


def test_an_item_binds_from_its_first_day_to_its_last(office: Office, filing: Filing) -> None:
    item = listed(office, valid_from=TODAY + DAY)
    assert hits(filing, at=NOON) == []
    assert len(hits(filing, at=NOON + DAY)) == 1
    end_item(item, last_day=TODAY + 2 * DAY, by=office.wang, at=NOON + DAY)
    assert len(hits(filing, at=NOON + 2 * DAY)) == 1
    assert hits(filing, at=NOON + 3 * DAY) == []


def test_the_list_of_a_day_that_is_over_cannot_change(office: Office) -> None:
    with pytest.raises(ValidationError, match="over"):
        listed(office, valid_from=TODAY - DAY)
    item = listed(office)
    with pytest.raises(ValidationError, match="over"):
        end_item(item, last_day=TODAY, by=office.wang, at=NOON + DAY)
    end_item(item, last_day=TODAY + DAY, by=office.wang, at=NOON + DAY)
    with pytest.raises(ValidationError, match="ended"):
        end_item(item, last_day=TODAY + 9 * DAY, by=office.wang, at=NOON + DAY)
    assert list(items_on(TODAY)) == list(items_on(TODAY + DAY)) == [item]
    assert not items_on(TODAY + 2 * DAY).exists()


def test_each_change_makes_the_next_edition(office: Office) -> None:
    assert edition_on(TODAY) == 0
    first, second = listed(office), listed(office)
    assert (first.edition, second.edition, edition_on(TODAY)) == (1, 2, 2)
    ended = end_item(first, last_day=TODAY + DAY, by=office.wang, at=NOON + DAY)
    assert (ended.ended_edition, edition_on(TODAY), edition_on(TODAY + DAY)) == (3, 2, 3)


def test_the_database_keeps_no_half_ended_item(office: Office) -> None:
    item = listed(office)
    with pytest.raises(IntegrityError), transaction.atomic():
        ListedItem.objects.filter(pk=item.pk).update(valid_to=TODAY)


def test_only_a_registrar_changes_the_list_and_only_an_examiner_answers_with_a_reason(
    office: Office, filing: Filing
) -> None:
    item = listed(office)
    with pytest.raises(PermissionDenied):
        end_item(item, last_day=TODAY, by=office.li, at=NOON)
    with pytest.raises(PermissionDenied):
        answer_item(filing, item, applies=False, reason="示例", by=office.zhao, at=NOON)
    with pytest.raises(NoteMissingError):
        answer_item(filing, item, applies=False, reason=" ", by=office.li, at=NOON)


@pytest.mark.parametrize("terms", [(), (" ",), ("数",), ("城市", "，，")])
def test_a_term_that_would_find_everything_or_nothing_is_refused(
    office: Office, terms: tuple[str, ...]
) -> None:
    with pytest.raises(ValidationError, match="two or more"):
        enter_item("示例", terms=terms, source="示例", valid_from=TODAY, by=office.wang, at=NOON)


def test_a_registrar_enters_and_ends_an_item_in_the_office_and_edits_none(office: Office) -> None:
    client, today = sign_in(office.wang), now_utc().astimezone(CHINA).date()
    add = reverse("admin:filings_listeditem_add")
    given = {"title": "示例项", "terms": "示例词", "source": "示例规则", "valid_from": str(today)}
    late = client.post(add, given | {"valid_from": "2020-01-01"})
    assert late.status_code == 200
    assert client.post(add, given).status_code == 302
    item = ListedItem.objects.get()
    change = reverse("admin:filings_listeditem_change", args=[item.pk])
    assert client.post(change, {"valid_to": "2020-01-01"}).status_code == 200
    assert client.post(change, {"title": "示例另一项", "valid_to": str(today)}).status_code == 302
    item.refresh_from_db()
    assert (item.title, item.valid_to, item.ended_by) == ("示例项", today, office.wang)
    assert client.post(change, {"valid_to": str(today + DAY)}).status_code == 403
    assert sign_in(office.li).post(add, given).status_code == 403
    assert sign_in(office.li).get(change).status_code == 200


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_anyone_reads_the_list_of_any_day(office: Office, client: Client, language: str) -> None:
    at = now_utc()
    today = at.astimezone(CHINA).date()
    for title, begin in (("示例甲", today), ("示例乙", today + DAY)):
        enter_item(
            title, terms=["示例词"], source="示例规则", valid_from=begin, by=office.wang, at=at
        )
    page = reverse("web:negative-list")
    client.cookies["django_language"] = language
    now = client.get(page).content.decode()
    past = client.get(page, {"on": str(today - DAY)}).content.decode()
    later = client.get(page, {"on": str(today + DAY)}).content.decode()
    assert now.index("示例甲") < now.index("示例乙")
    assert "示例甲" not in past
    assert "示例甲" in later
    assert client.get(page, {"on": "2025-02-30"}).status_code == 400
