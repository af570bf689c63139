import hashlib
import re

import pytest
from django.test import Client

from certificates.models import Certificate
from filings.models import ClaimedSource, Filing
from ledger.state_map import commit_state_map
from registry.models import DataAsset, Party
from rights.kinds import RightKind
from tests.factories import (
    NOON,
    Office,
    bring_to_publicity,
    decide,
    make_complete_draft,
    make_party,
    register_asset,
)
from tests.web.conftest import ZHANG
from web import provenance, public

INLINE = re.compile(r"<style|<script(?![^>]* src=)|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)
ELSEWHERE = re.compile(r"""(?:src|href|action)=["']?(?:https?:)?//""")


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def receive_from_outside(filing: Filing, title: str, publisher: Party) -> None:
    ClaimedSource.objects.create(
        filing=filing,
        title=title,
        edition="2025",
        publisher=publisher,
        locator="https://example.org/",
        sha256=hashlib.sha256(title.encode()).hexdigest(),
        activity="RECEIVE",
        method="示例：下载。",
        ended_at=NOON,
        responsible=publisher,
    )


@pytest.mark.django_db
def test_the_site_speaks_chinese_to_an_english_browser(client: Client) -> None:
    response = client.get("/", headers={"Accept-Language": "en"})

    assert response.headers["Content-Language"] == "zh-hans"
    assert '<html lang="zh-Hans"' in response.content.decode()
    assert "Accept-Language" not in response.headers["Vary"]


@pytest.mark.django_db
def test_the_language_switch_holds_and_leads_back(client: Client) -> None:
    answer = client.post("/language/", {"language": "en", "next": "/verify/"})

    assert answer.headers["Location"] == "/verify/"
    assert "Verify a certificate" in page(client, "/verify/")


@pytest.mark.django_db
def test_an_unknown_language_cookie_changes_nothing(client: Client) -> None:
    client.cookies["django_language"] = "../../etc"

    assert client.get("/").headers["Content-Language"] == "zh-hans"


@pytest.mark.django_db
def test_larger_type_is_kept_and_can_be_left(client: Client) -> None:
    client.post("/type-size/", {"size": "large", "next": "/"})
    assert 'class="large"' in page(client, "/")

    client.post("/type-size/", {"size": "normal", "next": "/"})
    assert 'class="large"' not in page(client, "/")


def test_the_type_switch_leads_to_no_other_host(client: Client) -> None:
    answer = client.post("/type-size/", {"size": "large", "next": "https://evil.example/"})

    assert answer.headers["Location"] == "/"


def test_two_characters_are_enough_to_find_an_asset(client: Client, asset: DataAsset) -> None:
    assert asset.number in page(client, "/assets/?q=人口")
    assert asset.number not in page(client, "/assets/?q=货币")


def test_a_natural_person_is_not_found_by_name(client: Client, asset: DataAsset) -> None:
    assert asset.number not in page(client, f"/assets/?q={ZHANG['name']}")


def test_every_asset_is_on_exactly_one_page(
    client: Client, office: Office, company: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public, "PAGE_SIZE", 2)
    numbers = [
        register_asset(office, company, data=f"{place}".encode()).number for place in range(5)
    ]

    seen, address = [], "/assets/"
    while address:
        text = page(client, address)
        seen += re.findall(r'<h3><a href="/assets/(DA-\d+)/"', text)
        older = re.search(r'<a href="(\?before=\d+)" rel="next"', text)
        address = f"/assets/{older[1]}" if older else ""
    assert seen == sorted(numbers, reverse=True)


@pytest.mark.parametrize("query", ["q=%00", "before=x", "before=-1", "q=" + "长" * 101])
@pytest.mark.django_db
def test_a_malformed_search_is_refused_with_its_page(client: Client, query: str) -> None:
    assert client.get(f"/assets/?{query}").status_code == 400


def test_the_asset_page_says_who_has_what(
    english_client: Client, asset: DataAsset, company: Party
) -> None:
    text = page(english_client, f"/assets/{asset.number}/")

    assert company.name in text
    assert company.identifier in text
    assert "1/3" in text
    assert "2/3" in text
    assert "Right to operate" in text
    assert "Right to operate data products" in text
    assert asset.versions.get().sha256 in text


def test_the_asset_page_says_how_the_data_is_graded_and_who_is_responsible(
    english_client: Client, office: Office, company: Party, zhang: Party
) -> None:
    filing = make_complete_draft(
        office,
        company,
        personal_information="CONTAINED",
        personal_basis="DUTY",
        public_data="OPERATION_PRODUCT",
        public_data_code="示例编码370000",
        kinds=[RightKind.USE],
    )
    filing.responsibilities.filter(stage="COLLECT").update(party=zhang)
    asset = decide(office, bring_to_publicity(office, filing))

    text = page(english_client, f"/assets/{asset.number}/")
    section = text.partition('id="classification"')[2].partition("</section>")[0]

    assert "General data" in section
    assert "Contains personal information" in section
    assert "Duty under the law" in section
    assert "Product of the authorised operation of public data" in section
    assert "示例编码370000" in section
    assert section.count(company.name) == 3
    assert "张**" in section
    assert ZHANG["name"] not in text


def test_the_page_of_an_old_registration_claims_no_grade(
    english_client: Client, asset: DataAsset
) -> None:
    DataAsset.objects.update(grade="", personal_information="", public_data="")
    asset.responsibilities.all().delete()

    text = page(english_client, f"/assets/{asset.number}/")

    assert "not asked for yet when the data was registered" in text
    assert "General data" not in text


def test_v1_a_natural_person_is_shown_in_part_only(
    client: Client, certificate: Certificate
) -> None:
    number, code = certificate.number, certificate.check_code
    for address in (
        f"/assets/{certificate.asset.number}/",
        "/assets/",
        "/",
        f"/v/{number}?c={code}",
    ):
        text = page(client, address)
        assert "张**" in text
        assert ZHANG["name"] not in text
        assert ZHANG["identifier"] not in text


def test_the_public_page_names_a_certificate_but_not_its_code(
    client: Client, certificate: Certificate
) -> None:
    text = page(client, f"/assets/{certificate.asset.number}/")

    assert certificate.number in text
    assert certificate.check_code not in text


def test_an_unproven_source_is_shown_in_picture_and_table(
    english_client: Client, derived_asset: DataAsset
) -> None:
    text = page(english_client, f"/assets/{derived_asset.number}/")

    assert 'class="edge unproven"' in text
    assert text.count("UNPROVEN") == 2


def test_a_source_shows_what_was_derived_from_it(
    client: Client, asset: DataAsset, derived_asset: DataAsset
) -> None:
    assert f'/assets/{derived_asset.number}/"' in page(client, f"/assets/{asset.number}/")


@pytest.mark.django_db
def test_an_unknown_asset_is_not_found(client: Client) -> None:
    assert client.get("/assets/DA-999999999/").status_code == 404


def test_no_page_carries_inline_code_or_names_another_host(
    client: Client, certificate: Certificate, derived_asset: DataAsset
) -> None:
    certificate_address = f"/v/{certificate.number}?c={certificate.check_code}"
    for address in (
        "/",
        "/assets/",
        f"/assets/{derived_asset.number}/",
        "/verify/",
        "/login/",
        certificate_address,
    ):
        text = page(client, address)
        assert not INLINE.search(text), address
        assert not ELSEWHERE.search(text), address


def test_a_holder_of_the_same_name_in_another_asset_is_still_masked(
    client: Client, office: Office
) -> None:
    person = make_party(office, serial=2, **{**ZHANG, "identifier": "110101198001010011"})
    asset = register_asset(office, person, situation="NATURAL_PERSON")

    text = page(client, f"/assets/{asset.number}/")
    assert "1101**********0011" in text


def test_what_the_picture_leaves_out_stands_in_the_table(
    english_client: Client, office: Office, company: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provenance, "MAX_NODES", 2)
    filing = make_complete_draft(office, company, kinds=[RightKind.HOLD])
    for title in ("天气公报", "人口公报"):
        receive_from_outside(filing, title, company)
    asset = decide(office, bring_to_publicity(office, filing))

    text = page(english_client, f"/assets/{asset.number}/")
    drawing, table = text.split("</svg>")
    assert "天气公报 2025" in drawing
    assert "人口公报" not in drawing
    assert "The picture leaves out 1 derivation" in table
    assert "人口公报 2025" in table


def test_the_page_offers_the_proof_once_the_ledger_has_committed_to_the_asset(
    client: Client, english_client: Client, asset: DataAsset
) -> None:
    address = f"/assets/{asset.number}/"
    assert "/log/state/" not in page(client, address)

    commit_state_map(at=NOON)

    assert f'href="/log/state/asset:{asset.number}"' in page(client, address)
    assert "证明此为最新登记行为" in page(client, address)
    assert "Prove that this is the latest act" in page(english_client, address)


def test_the_page_offers_no_proof_that_is_older_than_the_asset(
    client: Client, office: Office
) -> None:
    first = register_asset(office, make_party(office))
    commit_state_map(at=NOON)
    second = register_asset(office, make_party(office, 2), data=b"other")

    assert "/log/state/" in page(client, f"/assets/{first.number}/")
    assert "/log/state/" not in page(client, f"/assets/{second.number}/")
