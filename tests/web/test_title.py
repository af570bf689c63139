"""The page of title at any instant, and what it tells a bank."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils.timezone import localtime

from filings.submission import submit
from ledger.models import Pending
from ledger.queries import tree_size
from registry.entries import asset_key
from rights.kinds import RightKind
from tests.factories import NOON, Office, derive_from, make_complete_draft
from tests.titles import DAY, PERSON, SECRET, THIRD, Estate, make_estate
from tests.web.test_public import ELSEWHERE, INLINE
from web import title

pytestmark = pytest.mark.django_db


@pytest.fixture
def estate(office: Office) -> Estate:
    return Estate(office)


def address(estate: Estate, page: str = "") -> str:
    return f"/assets/{estate.asset.number}/title/{page}"


def typed(instant: datetime) -> str:
    """Return an instant as a browser sends it from Shanghai."""
    return localtime(instant).strftime("%Y-%m-%dT%H:%M:%S")


def on_day(estate: Estate, day: int, **more: str | int) -> dict[str, str | int]:
    return {"at": typed(estate.start + day * DAY), **more}


def page(client: Client, path: str, asked: Mapping[str, str | int] | None = None) -> str:
    response = client.get(path, asked or {})
    assert response.status_code == 200
    return response.content.decode()


def card(text: str, reference: str) -> str:
    """Return what the page says of one right."""
    return text.partition(f'id="{reference}"')[2].partition("</article>")[0]


def test_the_asset_page_leads_to_the_title_and_back(client: Client, estate: Estate) -> None:
    asset = f"/assets/{estate.asset.number}/"

    assert f'href="{address(estate)}"' in page(client, asset)
    assert f'href="{asset}"' in page(client, address(estate))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "zh-hans",
            ["谁持有何种权利", "有效权利 5 项", "质押 2 项", "轮候", "权属沿革", "全部登记行为"],
        ),
        ("en", ["Who holds what", "5 rights in force", "2 pledges", "Waits", "Title over time"]),
    ],
)
def test_the_page_answers_first_and_then_shows_the_past(
    client: Client, office: Office, language: str, words: list[str]
) -> None:
    estate = make_estate(office)
    client.cookies["django_language"] = language

    text = page(client, address(estate))

    assert [word for word in words if word not in text] == []
    assert text.index("CNY 2,000,000.00") < text.index("CNY 5,000,000.00")  # subordinated
    assert text.count("<article") == 5
    assert text.count('href="#act-') == 11
    for version in range(1, 12):
        assert f'id="act-{version}"' in text


def test_v1_the_page_shows_no_person_and_no_free_text(client: Client, office: Office) -> None:
    estate = make_estate(office)
    right = estate.right().reference

    texts = [
        page(client, address(estate)),
        page(client, address(estate, "rank/"), {"right": right, "amount": "1", "currency": "CNY"}),
    ]

    for text in texts:
        assert "示**" in text
        assert PERSON["name"] not in text
        assert PERSON["identifier"] not in text
        assert SECRET not in text


def test_a_past_day_is_answered_as_it_was(english_client: Client, estate: Estate) -> None:
    estate.move(5, estate.company, estate.user, THIRD)
    hold = estate.right(RightKind.HOLD).reference

    before = card(page(english_client, address(estate), on_day(estate, 4)), hold)
    after = card(page(english_client, address(estate), on_day(estate, 6)), hold)

    assert "whole (100%)" in before
    assert "revision 1" in before
    assert "2/3" in after
    assert estate.user.name in after
    assert estate.user.name not in before


def test_the_page_answers_as_the_register_was_known_by_entries_or_by_a_day(
    english_client: Client, estate: Estate
) -> None:
    size = tree_size()
    estate.pledge(5, estate.bank, 500)

    now_known = page(english_client, address(estate), on_day(estate, 6))
    by_size = page(english_client, address(estate), on_day(estate, 6, size=size))
    by_day = page(
        english_client,
        address(estate),
        on_day(estate, 6, known_at=typed(estate.start + 4 * DAY)),
    )

    assert "1 pledge" in now_known
    for text in (by_size, by_day):
        assert "not pledged" in text
        assert f"as known with {size} entries" in text
        assert 'id="act-2"' not in text


def test_the_past_page_is_the_same_after_later_acts(english_client: Client, estate: Estate) -> None:
    freeze = estate.freeze(2, estate.right(RightKind.HOLD).reference)
    estate.pledge(3, estate.bank, 500)
    asked = on_day(estate, 4, size=tree_size())

    def answers() -> tuple[str, ...]:
        # A form's token differs each time.
        return tuple(
            re.sub(r'value="[A-Za-z0-9]{64}"', "", page(english_client, address(estate), each))
            for each in (asked, {**asked, "at": typed(estate.start + 400 * DAY)})
        )

    before = answers()
    estate.lift(5, freeze, estate.right(RightKind.HOLD).reference)
    estate.move(6, estate.company, estate.user, THIRD)
    estate.pledge(7, estate.other_bank, 200, pledgor=estate.person)

    assert answers() == before
    assert page(english_client, address(estate)) != before[0]


def test_the_link_to_the_answer_names_instant_and_size(
    english_client: Client, estate: Estate
) -> None:
    text = page(english_client, address(estate), on_day(estate, 1))
    [link] = re.findall(r'href="(\?at=[^"]+size=\d+)"', text)

    again = page(english_client, address(estate) + link.replace("&amp;", "&"))

    assert f"as known with {tree_size()} entries" in again
    assert f'href="{link}"' in again


def test_there_is_no_lasting_link_while_an_act_waits_for_its_place(
    english_client: Client, estate: Estate
) -> None:
    entry = estate.asset.entry
    assert entry.keys.get().key == asset_key(estate.asset.number)
    Pending.objects.create(entry=entry)

    assert "Link to this very answer" not in page(english_client, address(estate))


@pytest.mark.parametrize("text", ["2001-05-01", "2990-01-01"])
def test_an_instant_before_or_after_all_rights_says_so(
    english_client: Client, estate: Estate, text: str
) -> None:
    shown = page(english_client, address(estate), {"at": text})

    assert "No right was in force at this instant." in shown
    assert "The chosen instant lies" in shown


def test_with_too_few_entries_the_register_did_not_know_the_asset(
    english_client: Client, estate: Estate
) -> None:
    text = page(english_client, address(estate), {"size": "0"})

    assert "the register did not know this asset yet" in text
    assert "<svg" not in text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"at": "gestern"}, "Write the day and time of day as 2026-11-25 12:00."),
        ({"at": "0001-01-01"}, "Choose a year from 2000 to 2999."),
        ({"size": "99999"}, "it cannot be asked as of 99999"),
        ({"size": "-1"}, "greater than or equal to 0"),
        ({"known_at": "2999-01-01"}, "has not come yet"),
        ({"size": "1", "known_at": "2020-01-01"}, "not both"),
        ({"before": "0"}, "greater than or equal to 1"),
        ({"before": "x"}, "Enter a whole number"),
    ],
)
def test_a_wrong_question_is_refused_in_words(
    english_client: Client, estate: Estate, asked: dict[str, str], said: str
) -> None:
    response = english_client.get(address(estate), asked)

    assert response.status_code == 400
    assert said in response.content.decode()


def test_a_wrong_question_is_refused_in_chinese_too(client: Client, estate: Estate) -> None:
    response = client.get(address(estate), {"size": "99999"})

    assert response.status_code == 400
    assert "不能按 99999 个条目查询" in response.content.decode()


@pytest.mark.parametrize("tail", ["title/", "title/rank/"])
def test_an_unknown_asset_has_no_title(client: Client, tail: str) -> None:
    assert client.get(f"/assets/DA-999999999/{tail}").status_code == 404
    assert client.get(f"/assets/x'%22%3C/{tail}").status_code == 404


def test_a_derived_asset_says_what_reaches_it_from_its_source(
    english_client: Client, estate: Estate
) -> None:
    derived = estate.derive(day=1)
    there = f"/assets/{derived.number}/title/"
    assert "Marked" not in page(english_client, there)

    freeze = estate.freeze(2)

    text = page(english_client, there)
    assert "Marked, because what it comes from is frozen" in text
    assert f'href="{address(estate)}#{freeze}"' in text
    assert "not frozen" not in text


def test_the_timeline_says_the_same_as_a_table(english_client: Client, estate: Estate) -> None:
    hold = estate.right(RightKind.HOLD).reference
    estate.freeze(1, hold, months=1)
    waiting = estate.freeze(2, hold, months=1)
    estate.caution(3, estate.person)

    text = page(english_client, address(estate))

    drawing, table = text.partition("<svg")[2].split("</svg>")
    for look in ("bar-right", "bar-freeze", "bar-waiting", "bar-remark"):
        assert look in drawing
    assert f"{waiting} waits" in table
    assert f"{waiting} in effect" in table
    assert table.count('<th scope="row">') == drawing.count("<rect")


def test_the_timeline_keeps_what_is_over(english_client: Client, estate: Estate) -> None:
    hold = estate.right(RightKind.HOLD).reference
    estate.move(5, estate.company, estate.user, THIRD)
    moved = typed(estate.start + 5 * DAY - timedelta(seconds=1)).replace("T", " ")

    table = page(english_client, address(estate), {"at": "2990-01-01"}).partition("</svg>")[2]

    first, second = (table.partition(f"{hold}@{revision}</small>")[2] for revision in (1, 2))
    assert moved in first.partition("</tr>")[0]
    assert second
    assert moved not in second.partition("</tr>")[0]


def test_a_long_history_comes_in_pages(
    english_client: Client, estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(title, "ACTS_SHOWN", 2)
    for day in range(1, 5):
        estate.caution(day, estate.person)

    seen, following = [], "?"
    while following:
        text = page(english_client, address(estate) + following)
        seen += re.findall(r'id="act-(\d+)"', text)
        older = re.search(r'<a href="(\?[^"#]*before=\d+)#history"\s+rel="next"', text)
        following = older[1].replace("&amp;", "&") if older else ""

    assert seen == ["5", "4", "3", "2", "1"]


def test_a_freeze_waits_also_behind_one_whose_act_is_on_another_page(
    english_client: Client, estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(title, "ACTS_SHOWN", 1)
    hold = estate.right(RightKind.HOLD).reference
    estate.freeze(1, hold, months=1)
    waiting = estate.freeze(2, hold, months=1)

    text = page(english_client, address(estate), on_day(estate, 35))

    assert f"{waiting} waits" in text
    assert "bar-waiting" in text


def test_no_page_of_title_carries_inline_code_or_names_another_host(
    client: Client, office: Office
) -> None:
    estate = make_estate(office)
    right = estate.right().reference
    asked = {"right": right, "amount": "1", "currency": "CNY"}
    for text in (page(client, address(estate)), page(client, address(estate, "rank/"), asked)):
        assert not INLINE.search(text)
        assert not ELSEWHERE.search(text)


def ask(client: Client, estate: Estate, right: str, **more: str) -> str:
    asked = {"right": right, "amount": "1000000", "currency": "CNY", **more}
    return page(client, address(estate, "rank/"), asked)


def figures(text: str) -> list[str]:
    return re.findall(r'<span class="big">([^<]+)</span>', text)


def test_a_bank_is_told_its_rank_and_what_is_ahead(english_client: Client, estate: Estate) -> None:
    right = estate.right().reference
    assert figures(ask(english_client, estate, right)) == ["1", "0", "0", "0"]
    estate.pledge(1, estate.bank, 5_000_000)
    estate.pledge(2, estate.other_bank, 2_000_000, pledgor=estate.person)
    estate.announce(3, estate.bank, 300_000)

    text = ask(english_client, estate, right)

    assert figures(text) == ["3", "2", "CNY 7,000,000.00", "0"]
    assert "4 if all that is announced comes first" in text
    assert "CNY 8,000,000.00" in text
    assert estate.bank.name in text
    assert "Secures at most" in text


def test_a_bank_is_told_of_freezes_cautions_and_pending_cases(
    english_client: Client, estate: Estate
) -> None:
    right = estate.right().reference
    estate.caution(1, estate.person)
    estate.freeze(2)
    draft = make_complete_draft(
        estate.office, estate.company, data=b"more", source_kind="DERIVED", situation="DERIVED"
    )
    draft.is_substantive = True
    draft.save()
    derive_from(draft, estate.asset.versions.get(), estate.company)
    assert figures(ask(english_client, estate, right))[-1] == "0"
    submit(draft, by=estate.office.wang, at=NOON)

    text = ask(english_client, estate, right)

    assert "A freeze or control is in effect" in text
    assert "Caution" in text
    assert figures(text)[-1] == "1"


def test_a_right_that_cannot_be_pledged_is_said_to_be_none(
    english_client: Client, estate: Estate
) -> None:
    hold, operate = (estate.right(kind).reference for kind in (RightKind.HOLD, RightKind.OPERATE))

    assert "takes no pledge of this right" in ask(english_client, estate, hold)
    assert "takes no pledge of this right" not in ask(english_client, estate, operate)


def test_what_falls_with_a_right_is_said_before_it_ends(
    english_client: Client, estate: Estate
) -> None:
    operate = estate.right().reference
    licence = estate.grant(1, operate, estate.user)
    derived = estate.derive(day=2, basis=estate.right(RightKind.USE).reference)

    of_operate = ask(english_client, estate, operate)
    of_use = ask(english_client, estate, estate.right(RightKind.USE).reference)

    assert "1 granted right would end with it" in of_operate
    assert licence in of_operate
    assert "No derived asset would be marked." in of_operate
    assert "No granted right would end with it." in of_use
    assert "1 derived asset would be marked" in of_use
    assert f'href="/assets/{derived.number}/title/"' in of_use


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"right": "I-0000000000000"}, "Choose one of the rights that are in force."),
        ({"amount": "0"}, "greater than or equal to 0.01"),
        ({"amount": "-1"}, "greater than or equal to 0.01"),
        ({"amount": "1e99"}, "no more than"),
        ({"amount": "NaN"}, "Enter a number"),
        ({"amount": "1.001"}, "no more than 2 decimal places"),
        ({"currency": "yuan"}, "Three capital letters"),
        ({"currency": "cny"}, "Three capital letters"),
    ],
)
def test_a_wrong_question_of_a_bank_is_refused_in_words(
    english_client: Client, estate: Estate, asked: dict[str, str], said: str
) -> None:
    right = estate.right().reference
    question = {"right": right, "amount": "1", "currency": "CNY", **asked}

    response = english_client.get(address(estate, "rank/"), question)

    assert response.status_code == 400
    assert said in response.content.decode()


def test_without_a_question_the_page_only_asks(english_client: Client, estate: Estate) -> None:
    text = page(english_client, address(estate, "rank/"))

    assert text.count("<option") == 3
    assert not figures(text)


def test_a_link_to_one_right_tells_its_rank_and_what_falls_without_an_amount(
    english_client: Client, estate: Estate
) -> None:
    right = estate.right().reference

    response = english_client.get(address(estate, "rank/"), {"right": right})

    assert response.status_code == 200
    text = response.content.decode()
    assert f'<option value="{right}" selected>' in text
    assert figures(text) == ["1", "0", "0", "0"]
    assert "Secured in all" not in text
    assert f"If Right to operate {right} ended now" in text
