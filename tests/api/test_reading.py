"""What the API says of assets, rights, certificates and the ledger."""

import json
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client, override_settings

from certificates.models import Certificate
from certificates.renewal import renew
from ledger.publishing import publish
from ledger.queries import latest_checkpoint
from primitives.clock import now_utc
from registry.entries import CLASSIFICATION_FIELDS
from registry.kinds import IdentifierScheme, PartyKind, Stage
from registry.models import DataAsset
from registry.queries import latest_version
from rights.kinds import RightKind
from tests.api.conftest import Conforms
from tests.factories import (
    NOON,
    Office,
    bring_to_publicity,
    claim,
    decide,
    derive_from,
    hand_in_papers,
    make_complete_draft,
    make_draft,
    make_party,
    name_applicants,
    register_asset,
)
from tlog.checkpoint import open_checkpoint
from tlog.note import VerifierKey

AT = {"at": "2026-11-26T12:00:00+08:00"}


def numbers(page: dict[str, Any]) -> list[str]:
    return [asset["number"] for asset in page["assets"]]


def test_the_start_leads_to_every_collection(client: Client, db: None, conforms: Conforms) -> None:
    addresses = conforms(client.get("/api/v1/"))

    statuses = {name: client.get(address).status_code for name, address in addresses.items()}

    assert statuses == {
        "assets": 200,
        "parties": 401,
        "checkpoint": 404,  # there is none yet
        "status_list": 404,  # as there
        "verify_number": 405,
        "verify_paper": 405,
        "verify_file": 401,
        "openapi": 200,
    }


def test_assets_are_listed_newest_first_in_pages(
    client: Client, office: Office, conforms: Conforms
) -> None:
    holder = make_party(office)
    registered = [
        register_asset(office, holder, data=str(serial).encode()).number for serial in range(5)
    ]

    first = conforms(client.get("/api/v1/assets", {"limit": 2}))
    second = conforms(client.get(first["next"]))
    last = conforms(client.get(second["next"]))

    assert numbers(first) + numbers(second) + numbers(last) == registered[::-1]
    assert last["next"] is None


def test_an_asset_registered_meanwhile_shifts_no_later_page(client: Client, office: Office) -> None:
    holder = make_party(office)
    before = [
        register_asset(office, holder, data=str(serial).encode()).number for serial in range(3)
    ]

    first = client.get("/api/v1/assets", {"limit": 2}).json()
    register_asset(office, holder, data=b"meanwhile")
    second = client.get(first["next"]).json()

    assert numbers(first) + numbers(second) == before[::-1]


def test_a_page_of_a_search_goes_on_in_that_search(client: Client, office: Office) -> None:
    holder = make_party(office)
    for serial in range(3):
        name = "示例甲表" if serial != 1 else "示例乙表"
        register_asset(office, holder, data=str(serial).encode(), name=name)

    first = client.get("/api/v1/assets", {"q": "甲", "limit": "1"}).json()
    second = client.get(first["next"]).json()

    assert [page["assets"][0]["name"] for page in (first, second)] == ["示例甲表"] * 2
    assert second["next"] is None


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "9" * 5000},
        {"limit": "two"},
        {"cursor": "x"},
        {"cursor": ""},
        {"cursor": "字"},
        {"cursor": "A" * 12},
        {"q": "a" * 101},
    ],
)
def test_a_malformed_query_is_a_problem_that_names_the_parameter(
    client: Client, db: None, conforms: Conforms, query: dict[str, str]
) -> None:
    response = client.get("/api/v1/assets", query)

    assert response.status_code == 400
    assert [error["parameter"] for error in conforms(response)["errors"]] == list(query)


@pytest.mark.parametrize("cursor", ["__________8", "f_________8", "gAAAAAAAAAA"])
def test_a_cursor_out_of_range_gives_a_page_and_no_fault(
    client: Client, asset: DataAsset, cursor: str
) -> None:
    assert client.get("/api/v1/assets", {"cursor": cursor}).status_code == 200


def test_an_asset_shows_its_versions_provenance_and_place_in_the_ledger(
    client: Client, office: Office, conforms: Conforms
) -> None:
    holder = make_party(office)
    source = register_asset(office, holder, data=b"source")
    draft = make_complete_draft(
        office,
        holder,
        data=b"derived",
        source_kind="DERIVED",
        situation="DERIVED",
        is_substantive=True,
    )
    derive_from(draft, latest_version(source), holder)
    derived = decide(office, bring_to_publicity(office, draft))
    publish(at=NOON)

    answer = conforms(client.get(f"/api/v1/assets/{derived.number}"))

    [edge], [version] = answer["asset"]["provenance"], answer["asset"]["versions"]
    assert edge["source_version"]["asset"] == source.number
    assert edge["is_proven"] is False
    assert version["sha256"] == latest_version(derived).sha256
    assert answer["asset"]["ledger"]["index"] < answer["checkpoint"]["size"]


def test_an_asset_shows_its_grade_and_who_is_responsible(
    client: Client, office: Office, asset: DataAsset, conforms: Conforms
) -> None:
    person = make_party(
        office,
        2,
        kind=PartyKind.NATURAL,
        name="示例张三",
        identifier_scheme=IdentifierScheme.RESIDENT_ID,
    )
    asset.responsibilities.filter(stage="USE").update(party=person)

    answer = conforms(client.get(f"/api/v1/assets/{asset.number}"))["asset"]

    assert [answer[field] for field in CLASSIFICATION_FIELDS] == ["GENERAL", "NONE", "", "NONE", ""]
    assert [named["stage"] for named in answer["responsibilities"]] == list(Stage)
    assert answer["responsibilities"][-1]["party"] == "示**"


def test_an_old_registration_claims_no_grade(
    client: Client, asset: DataAsset, conforms: Conforms
) -> None:
    DataAsset.objects.update(**dict.fromkeys(CLASSIFICATION_FIELDS, ""))
    asset.responsibilities.all().delete()

    answer = conforms(client.get(f"/api/v1/assets/{asset.number}"))["asset"]

    assert {answer[field] for field in CLASSIFICATION_FIELDS} == {""}
    assert answer["responsibilities"] == []


def test_rights_are_those_in_force_at_the_instant(
    client: Client, asset: DataAsset, conforms: Conforms
) -> None:
    address = f"/api/v1/assets/{asset.number}/rights"

    answer = conforms(client.get(address, AT))

    assert answer["at"] == "2026-11-26T04:00:00Z"
    assert [right["kind"] for right in answer["rights"]] == list(RightKind)
    assert client.get(address, {"at": "2020-01-01T00:00:00Z"}).json()["rights"] == []
    assert client.get(address, {"at": "2046-01-01T00:00:00Z"}).json()["rights"] == []


def test_shares_are_exact_and_natural_persons_are_masked(client: Client, office: Office) -> None:
    company = make_party(office, 1)
    person = make_party(
        office,
        2,
        kind=PartyKind.NATURAL,
        name="示例张三",
        identifier_scheme=IdentifierScheme.RESIDENT_ID,
        identifier="370102199001011234",
    )
    draft = make_draft(office)
    name_applicants(draft, company, person)
    claim(draft, RightKind.HOLD, [(company, Fraction(1, 3)), (person, Fraction(2, 3))])
    hand_in_papers(draft)
    asset = decide(office, bring_to_publicity(office, draft))

    response = client.get(f"/api/v1/assets/{asset.number}/rights", AT)

    holders = response.json()["rights"][0]["holders"]
    assert [holder["share"] for holder in holders] == ["1/3", "2/3"]
    assert [holder["name"] for holder in holders] == [company.name, "示**"]
    assert [holder["identifier"] for holder in holders] == [
        company.identifier,
        "3701**********1234",
    ]
    assert "张三" not in response.content.decode()


@pytest.mark.parametrize(
    "at",
    ["", "yesterday", "2026-11-25", "2026-11-25T12:00:00", "0001-01-01T00:00:00+08:00", "9" * 5000],
)
def test_an_instant_must_be_one(client: Client, asset: DataAsset, at: str) -> None:
    response = client.get(f"/api/v1/assets/{asset.number}/rights", {"at": at})

    assert response.status_code == 400
    assert response.json()["errors"][0]["parameter"] == "at"


def test_a_certificate_opens_with_its_code(
    client: Client, certificate: Certificate, conforms: Conforms
) -> None:
    address = f"/api/v1/certificates/{certificate.number.lower()}"

    found = conforms(client.get(address, {"code": certificate.check_code}))["certificate"]

    assert found["sha256"] == certificate.sha256
    assert found["asset"] == certificate.asset.number
    assert len(found["rights"]) == len(RightKind)
    assert certificate.check_code not in json.dumps(found)
    assert found["renewal"] is None

    archival = renew(certificate, at=now_utc())
    again = conforms(client.get(address, {"code": certificate.check_code}))["certificate"]

    assert again["renewal"]["sha256"] == archival.sha256
    assert again["sha256"] == certificate.sha256


def test_a_wrong_number_and_a_wrong_code_get_the_same_answer(
    client: Client, certificate: Certificate
) -> None:
    wrong_code = client.get(f"/api/v1/certificates/{certificate.number}", {"code": "0000"})
    wrong_number = client.get(
        "/api/v1/certificates/SJ3702026119999", {"code": certificate.check_code}
    )

    assert wrong_code.status_code == wrong_number.status_code == 404
    assert wrong_code.content == wrong_number.content
    assert wrong_code.headers == wrong_number.headers


def test_the_checkpoint_is_the_signed_note(
    client: Client, asset: DataAsset, conforms: Conforms
) -> None:
    publish(at=NOON)

    answer = conforms(client.get("/api/v1/ledger/checkpoint"))

    opened = open_checkpoint(answer["note"], VerifierKey.parse(answer["verifier_key"]))
    assert (opened.origin, opened.size, opened.root.hex()) == (
        answer["origin"],
        answer["size"],
        answer["root"],
    )


def test_before_the_first_act_there_is_no_checkpoint(
    client: Client, db: None, conforms: Conforms
) -> None:
    response = client.get("/api/v1/ledger/checkpoint")

    assert response.status_code == 404
    assert conforms(client.get("/api/v1/assets")) == {
        "checkpoint": None,
        "assets": [],
        "next": None,
    }


def test_every_answer_names_the_checkpoint_it_speaks_for(
    client: Client, certificate: Certificate
) -> None:
    asset = certificate.asset.number
    checkpoint = latest_checkpoint()
    assert checkpoint is not None
    head = (checkpoint.tree_head.size, bytes(checkpoint.tree_head.root_hash).hex())
    question = {"number": certificate.number, "code": certificate.check_code}

    for response in (
        client.get("/api/v1/assets"),
        client.get(f"/api/v1/assets/{asset}"),
        client.get(f"/api/v1/assets/{asset}/rights"),
        client.get(f"/api/v1/certificates/{certificate.number}", question),
        client.post("/api/v1/verify/number", question, content_type="application/json"),
    ):
        named = response.json()["checkpoint"]
        assert (named["size"], named["root"]) == head
        assert response.headers["Cache-Control"] == "no-store"


def test_an_act_without_its_place_in_the_tree_says_so(client: Client, office: Office) -> None:
    register_asset(office, make_party(office))
    with override_settings(LEDGER_PUBLISH_INLINE=False):
        later = register_asset(office, make_party(office, 2), data=b"later")

    answer = client.get(f"/api/v1/assets/{later.number}").json()

    assert answer["asset"]["ledger"]["index"] is None
    assert answer["checkpoint"]["size"] > 0
