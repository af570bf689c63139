"""What an examiner sees of a case and answers on its page."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from filings.gates import Gate
from filings.models import Filing, ListAnswer, ListedItem, NearMatch
from filings.negative_list import enter_item
from filings.review import accept
from filings.submission import submit
from registry.models import Party
from tests.factories import (
    NOON,
    TODAY,
    Office,
    make_complete_draft,
    make_draft,
    make_party,
    register_asset,
)
from tests.office.pages import SignIn, page, said

MOST_QUERIES = 25


@pytest.fixture
def item(office: Office) -> ListedItem:
    return enter_item(
        "示例：逐户数据",
        terms=["选址分析"],
        source="示例规则第一条",
        valid_from=TODAY,
        by=office.wang,
        at=NOON,
    )


@pytest.fixture
def filing(office: Office, item: ListedItem) -> Filing:
    party = make_party(office)
    register_asset_unlisted(office, party)
    filing = make_complete_draft(office, party, data=b"two")
    submit(filing, by=office.wang, at=NOON)
    return accept(filing, by=office.wang, at=NOON)


def register_asset_unlisted(office: Office, party: Party, data: bytes = b"one") -> None:
    """Register data with a similar name, on which the list's item has no word."""
    register_asset(office, party, data=data, name="2024年全国城市人口数据表", summary="示例")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_near_matches_and_listed_items_are_shown_and_answered_on_the_case(
    office: Office, sign_in: SignIn, filing: Filing, item: ListedItem, language: str
) -> None:
    client = sign_in(office.li)
    client.cookies["django_language"] = language
    text = client.get(page("case", filing)).content.decode()
    assert "2024年全国城市人口数据表" in text
    assert 'class="differs"' in text
    assert "示例规则第一条" in text
    assert "<mark>选址分析</mark>" in text
    key = text.split("/matches/")[1].split("/")[0]
    match = reverse("admin:filings_filing_match", args=[filing.pk, key])
    listed = reverse("admin:filings_filing_listed", args=[filing.pk, item.pk])
    client.post(match, {f"{key}-finding": "OTHER", f"{key}-note": "示例：年份不同"})
    prefix = f"listed-{item.pk}"
    client.post(listed, {f"{prefix}-applies": "no", f"{prefix}-reason": "示例：汇总数据"})
    assert NearMatch.objects.get(filing=filing).note == "示例：年份不同"
    assert not ListAnswer.objects.get(filing=filing).applies
    text = client.get(page("case", filing)).content.decode()
    assert "示例：年份不同" in text
    assert "示例：汇总数据" in text
    assert 'class="machine missing"' not in text
    assert 'class="refusals"' in text  # the checklist itself is still open


def test_a_finding_without_a_reason_or_on_something_else_is_refused_in_words(
    office: Office, sign_in: SignIn, filing: Filing, item: ListedItem
) -> None:
    client = sign_in(office.li)
    text = client.get(page("case", filing)).content.decode()
    key = text.split("/matches/")[1].split("/")[0]
    match = reverse("admin:filings_filing_match", args=[filing.pk, key])
    listed = reverse("admin:filings_filing_listed", args=[filing.pk, item.pk])
    for address in (match, listed, match.replace(key, "asset-999999"), match.replace(key, "x")):
        assert said(client.post(address, {}))
    other = reverse("admin:filings_filing_listed", args=[filing.pk, 999_999])
    assert said(client.post(other, {f"listed-{item.pk}-applies": "no"}))
    assert not NearMatch.objects.filter(filing=filing).exists()
    assert not ListAnswer.objects.exists()


def test_whoever_filed_is_offered_no_finding(
    office: Office, sign_in: SignIn, filing: Filing
) -> None:
    text = sign_in(office.wang).get(page("case", filing)).content.decode()
    assert "2024年全国城市人口数据表" in text
    assert "/matches/" not in text


def test_the_page_of_a_case_asks_as_many_queries_with_more_names_and_items(
    office: Office, sign_in: SignIn, filing: Filing
) -> None:
    client, asked = sign_in(office.li), []
    for round_ in range(3):
        client.get(page("case", filing))
        with CaptureQueriesContext(connection) as queries:
            client.get(page("case", filing))
        asked.append(len(queries))
        register_asset_unlisted(office, filing.applicants.get(), data=b"more %d" % round_)
        enter_item(
            f"示例{round_}",
            terms=["选址分析"],
            source="示例规则",
            valid_from=TODAY,
            by=office.wang,
            at=NOON,
        )
    assert asked[0] == asked[1] == asked[2] <= MOST_QUERIES


def test_the_page_of_a_case_without_claims_asks_no_more_than_25_queries(
    office: Office, sign_in: SignIn
) -> None:
    filing = make_draft(office)
    filing.applicants.add(make_party(office))
    Filing.objects.filter(pk=filing.pk).update(state="ACCEPTED")
    for officer in (office.wang, office.li, office.zhao):
        client = sign_in(officer)
        client.get(page("case", filing))
        with CaptureQueriesContext(connection) as queries:
            client.get(page("case", filing))
        assert len(queries) <= MOST_QUERIES


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_checklist_stands_under_the_gates_with_what_the_rules_say(
    office: Office, sign_in: SignIn, filing: Filing, language: str
) -> None:
    Filing.objects.filter(pk=filing.pk).update(grade="CORE", situation="CRAWLED")
    client = sign_in(office.li)
    client.cookies["django_language"] = language
    text = client.get(page("case", filing)).content.decode()
    for gate in Gate:
        with override(language):
            assert str(gate.label) in text
    against = text.split('class="machine missing"')[1:]
    for number in ("REG-15", "REG-1 ", "REG-2 ", "FIL-30", "FIL-31"):
        assert any(number in part.split("</div>")[0] for part in against)
