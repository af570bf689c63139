"""Title on two clocks through the API: rights, remarks, history; and that the past stays."""

import json
from typing import Any

import pytest
from django.test import Client

from ledger.queries import tree_size
from rights.kinds import RightKind
from tests.api.conftest import Conforms
from tests.factories import Office
from tests.titles import DAY, PERSON, SECRET, THIRD, Estate, make_estate

pytestmark = pytest.mark.django_db


@pytest.fixture
def estate(office: Office) -> Estate:
    return Estate(office)


def on_day(estate: Estate, day: int, **more: object) -> dict[str, Any]:
    return {"at": (estate.start + day * DAY).isoformat(), **more}


def address(estate: Estate, what: str) -> str:
    return f"/api/v1/assets/{estate.asset.number}/{what}"


def test_a_granted_right_says_where_it_comes_from_and_what_it_allows(
    client: Client, estate: Estate, conforms: Conforms
) -> None:
    operate = estate.right().reference
    licence = estate.grant(1, operate, estate.user)

    answer = conforms(client.get(address(estate, "rights"), on_day(estate, 2)))

    by_reference = {right["reference"]: right for right in answer["rights"]}
    granted, original = by_reference[licence], by_reference[operate]
    assert granted["granted_from"] == operate
    assert granted["scope"]["territories"] == ["CN-37"]
    assert granted["scope"]["fields"] is None
    assert granted["terms"]["may_sublicense"] is True
    assert granted["terms"]["max_uses"] == 12
    assert (original["granted_from"], original["terms"]) == ("", None)


def test_a_revision_ends_where_an_act_ended_it_if_the_register_knew(
    client: Client, estate: Estate, conforms: Conforms
) -> None:
    before = tree_size()
    estate.move(5, estate.company, estate.user, THIRD)
    moved = (estate.start + 5 * DAY).strftime("%Y-%m-%dT%H:%M:%SZ")

    def hold(**more: object) -> dict[str, Any]:
        answer = conforms(client.get(address(estate, "rights"), on_day(estate, 1, **more)))
        return next(right for right in answer["rights"] if right["kind"] == RightKind.HOLD)

    assert (hold()["revision"], hold()["until"]) == (1, moved)
    assert hold(size=before)["until"] == hold()["valid_to"]


def test_remarks_come_by_rank_with_what_they_say_and_no_free_text(
    client: Client, office: Office, conforms: Conforms
) -> None:
    estate = make_estate(office)

    response = client.get(address(estate, "remarks"), on_day(estate, 30))

    remarks = conforms(response)["remarks"]
    pledges = [remark for remark in remarks if remark["kind"] == "PLEDGE"]
    assert [(pledge["rank"], pledge["body"]["secured_fen"]) for pledge in pledges] == [
        (1, 200_000_000),
        (2, 500_000_000),
    ]
    assert pledges[0]["entered"] > pledges[1]["entered"]
    assert pledges[0]["party"]["name"] == estate.other_bank.name
    freezes = [remark for remark in remarks if remark["kind"] == "FREEZE"]
    assert [bool(freeze["takes_effect"]) for freeze in freezes] == [False, True]
    assert [remark["rank"] for remark in remarks if remark["kind"] != "PLEDGE"] == [None] * 5
    text = response.content.decode()
    assert SECRET not in text
    assert PERSON["name"] not in text
    assert PERSON["identifier"] not in text


def test_what_reaches_a_derived_asset_is_named(
    client: Client, estate: Estate, conforms: Conforms
) -> None:
    derived = estate.derive(day=1)
    freeze = estate.freeze(2)

    answer = conforms(client.get(f"/api/v1/assets/{derived.number}/remarks", on_day(estate, 3)))

    assert answer["remarks"] == []
    assert answer["causes"] == [
        {"reference": freeze, "kind": "FREEZE", "asset": estate.asset.number, "interest": ""}
    ]


def test_the_history_is_told_the_latest_act_first_in_pages(
    client: Client, estate: Estate, conforms: Conforms
) -> None:
    caution = estate.caution(1, estate.person)
    estate.move(2, estate.company, estate.user, THIRD)

    first = conforms(client.get(address(estate, "history"), {"limit": 2}))
    last = conforms(client.get(first["next"]))

    acts = first["acts"] + last["acts"]
    assert [(act["version"], act["acts"]) for act in acts] == [
        (3, ["transfer"]),
        (2, ["caution"]),
        (1, ["registration.initial"]),
    ]
    assert acts[1]["began"][0]["reference"] == caution
    assert [(each["revision"]) for each in acts[0]["began"]] == [2]
    assert [(each["revision"]) for each in acts[0]["ended"]] == [1]
    assert last["next"] is None
    assert acts[0]["ledger"]["index"] < first["checkpoint"]["size"]


def test_the_past_answers_the_same_after_later_acts(client: Client, estate: Estate) -> None:
    pledge = estate.pledge(1, estate.bank, 500)
    freeze = estate.freeze(2, estate.right(RightKind.HOLD).reference)
    size = tree_size()

    def answers() -> list[object]:
        questions = [
            (what, on_day(estate, day, size=size))
            for what in ("rights", "remarks")
            for day in (0, 1, 3, 30, 500)
        ]
        found = [client.get(address(estate, what), asked).json() for what, asked in questions]
        found.append(client.get(address(estate, "history"), {"size": size}).json())
        return [{**each, "checkpoint": None} for each in found]

    before = json.dumps(answers())
    estate.lift(3, freeze, estate.right(RightKind.HOLD).reference)
    other = estate.pledge(4, estate.other_bank, 200, pledgor=estate.person)
    estate.subordinate(5, pledge, other, estate.bank)
    estate.grant(6, estate.right().reference, estate.user)
    estate.move(7, estate.company, estate.user, THIRD)

    assert json.dumps(answers()) == before
    size = tree_size()
    assert json.dumps(answers()) != before


@pytest.mark.parametrize("what", ["rights", "remarks", "history"])
@pytest.mark.parametrize("size", ["-1", "x", "9" * 5000, "1000000", ""])
def test_a_size_that_the_tree_does_not_have_is_a_problem(
    client: Client, estate: Estate, conforms: Conforms, what: str, size: str
) -> None:
    response = client.get(address(estate, what), {"size": size})

    assert response.status_code == 400
    assert conforms(response)["errors"][0]["parameter"] == "size"


def test_a_size_before_the_asset_finds_nothing_and_says_so(
    client: Client, estate: Estate, conforms: Conforms
) -> None:
    size = estate.asset.entry.leaf.index

    for what, found in (("rights", "rights"), ("remarks", "remarks"), ("history", "acts")):
        assert conforms(client.get(address(estate, what), {"size": size}))[found] == []


@pytest.mark.parametrize("query", [{"before": "0"}, {"before": "x"}, {"limit": "0"}])
def test_a_malformed_page_of_the_history_is_a_problem(
    client: Client, estate: Estate, conforms: Conforms, query: dict[str, str]
) -> None:
    response = client.get(address(estate, "history"), query)

    assert response.status_code == 400
    assert [error["parameter"] for error in conforms(response)["errors"]] == list(query)


@pytest.mark.parametrize("what", ["rights", "remarks", "history"])
def test_an_unknown_asset_is_not_found(
    client: Client, db: None, conforms: Conforms, what: str
) -> None:
    response = client.get(f"/api/v1/assets/DA-999999999/{what}")

    assert response.status_code == 404
    conforms(response)
