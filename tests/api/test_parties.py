"""Portfolios through the API: a caller sees those of the parties that it acts for, no others."""

from typing import Any

import pytest
from django.test import Client

from accounts.api_keys import create_api_key
from accounts.organisations import add_member, create_organisation
from ledger.queries import tree_size
from registry.models import Party
from rights.kinds import RightKind
from tests.api.conftest import Conforms
from tests.factories import NOON, Office
from tests.titles import DAY, THIRD, Estate

pytestmark = pytest.mark.django_db


@pytest.fixture
def estate(office: Office) -> Estate:
    """An estate whose bank Alice acts for too."""
    estate = Estate(office)
    add_member(create_organisation(name="示例甲银行", uscc=estate.bank.identifier), office.alice)
    return estate


def with_key(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def on_day(estate: Estate, day: int, **more: object) -> dict[str, Any]:
    return {"at": (estate.start + day * DAY).isoformat(), **more}


def address(party: Party, what: str) -> str:
    return f"/api/v1/parties/{party.reference}/{what}"


def test_a_caller_finds_its_parties_and_their_portfolios(
    client: Client, estate: Estate, key: str, conforms: Conforms
) -> None:
    answer = conforms(client.get("/api/v1/parties", headers=with_key(key)))

    assert [party["reference"] for party in answer["parties"]] == [
        estate.company.reference,
        estate.bank.reference,
    ]
    for party in answer["parties"]:
        for leads_to in ("portfolio_url", "secured_url"):
            conforms(client.get(party[leads_to], headers=with_key(key)))


def test_a_portfolio_is_what_the_party_held_then_as_it_was_known(
    client: Client, estate: Estate, key: str, conforms: Conforms
) -> None:
    before = tree_size()
    estate.move(5, estate.company, estate.user, THIRD)

    def held(**asked: object) -> list[tuple[str, int, str]]:
        response = client.get(
            address(estate.company, "portfolio"), on_day(estate, 9, **asked), headers=with_key(key)
        )
        return [
            (right["kind"], right["revision"], right["asset"])
            for right in conforms(response)["rights"]
        ]

    number = estate.asset.number
    assert sorted(held()) == [("HOLD", 2, number), ("OPERATE", 1, number), ("USE", 1, number)]
    assert ("HOLD", 1, number) in held(size=before)


def test_a_secured_portfolio_gives_each_pledge_with_its_rank(
    client: Client, estate: Estate, key: str, conforms: Conforms
) -> None:
    first = estate.pledge(1, estate.other_bank, 500)
    mine = estate.pledge(2, estate.bank, 200, pledgor=estate.person)

    def pledges(day: int) -> list[tuple[str, int]]:
        response = client.get(
            address(estate.bank, "secured"), on_day(estate, day), headers=with_key(key)
        )
        return [(pledge["reference"], pledge["rank"]) for pledge in conforms(response)["pledges"]]

    assert pledges(1) == []
    assert pledges(2) == [(mine, 2)]
    estate.subordinate(3, first, mine, estate.other_bank)
    assert pledges(2) == [(mine, 2)]
    assert pledges(3) == [(mine, 1)]


def test_a_portfolio_comes_in_pages(
    client: Client, estate: Estate, key: str, conforms: Conforms
) -> None:
    response = client.get(
        address(estate.company, "portfolio"), on_day(estate, 1, limit=2), headers=with_key(key)
    )
    first = conforms(response)
    last = conforms(client.get(first["next"], headers=with_key(key)))

    kinds = [right["kind"] for right in first["rights"] + last["rights"]]
    assert sorted(kinds) == sorted(RightKind)
    assert last["next"] is None


@pytest.mark.parametrize("what", ["portfolio", "secured"])
def test_v1_others_see_no_portfolio_and_not_that_there_is_one(
    client: Client, office: Office, estate: Estate, conforms: Conforms, what: str
) -> None:
    key = create_api_key(owner=office.charlie, label="other", created_at=NOON)

    known = client.get(address(estate.company, what), headers=with_key(key))
    unknown = client.get(f"/api/v1/parties/P-0000000000000/{what}", headers=with_key(key))

    assert known.status_code == unknown.status_code == 404
    assert known.content == unknown.content
    assert conforms(client.get("/api/v1/parties", headers=with_key(key)))["parties"] == []


@pytest.mark.parametrize("what", ["portfolio", "secured"])
def test_a_portfolio_needs_a_key(
    client: Client, estate: Estate, conforms: Conforms, what: str
) -> None:
    response = client.get(address(estate.company, what))

    assert response.status_code == 401
    conforms(response)
    assert client.get("/api/v1/parties").status_code == 401


@pytest.mark.parametrize("query", [{"size": "999"}, {"at": "today"}, {"cursor": "x"}])
def test_a_malformed_question_is_a_problem(
    client: Client, estate: Estate, key: str, conforms: Conforms, query: dict[str, str]
) -> None:
    response = client.get(address(estate.company, "portfolio"), query, headers=with_key(key))

    assert response.status_code == 400
    assert [error["parameter"] for error in conforms(response)["errors"]] == list(query)
