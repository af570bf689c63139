import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ledger.models import Checkpoint, Entry
from registry.models import DataAsset, Party
from rights.models import Interest
from tests.factories import Office, make_party, register_asset, uscc
from tests.office.pages import SignIn

READ_ONLY = (
    "registry_dataasset",
    "registry_assetversion",
    "registry_externalsource",
    "rights_interest",
    "rights_remark",
    "certificates_certificate",
    "ledger_entry",
    "ledger_checkpoint",
)


@pytest.fixture
def asset(office: Office) -> DataAsset:
    return register_asset(office, make_party(office))


def party_data(serial: int, **changes: str) -> dict[str, str]:
    data = {"kind": "LEGAL", "name": "示例公司", "identifier_scheme": "USCC"}
    return {**data, "identifier": uscc(serial), "is_example": "on", **changes}


def found(client: Client, model: str, text: str) -> int:
    response = client.get(reverse(f"admin:{model}_changelist"), {"q": text})
    count: int = response.context["cl"].result_count
    return count


def test_a_registrar_enters_a_party_by_an_act(office: Office, sign_in: SignIn) -> None:
    sign_in(office.wang).post(reverse("admin:registry_party_add"), party_data(1))
    party = Party.objects.get()
    assert party.entry.kind == "party.registered/2"
    assert party.entry.officer == office.wang.reference


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"identifier": uscc(1)[:-1] + "1"}, "PTY-1"),
        ({"kind": "NATURAL"}, "PTY-2"),
        ({"identifier": uscc(5)}, "PTY-3"),
    ],
)
def test_a_party_that_breaks_a_rule_is_refused_with_its_number(
    office: Office, sign_in: SignIn, changes: dict[str, str], rule: str
) -> None:
    make_party(office, 5)
    data = party_data(1, **changes)
    response = sign_in(office.wang).post(reverse("admin:registry_party_add"), data)
    assert rule in response.content.decode()
    assert Party.objects.count() == Entry.objects.count() == 1


def test_only_a_registrar_enters_parties(office: Office, sign_in: SignIn) -> None:
    address = reverse("admin:registry_party_add")
    assert sign_in(office.li).post(address, party_data(1)).status_code == 403
    assert not Party.objects.exists()


@pytest.mark.parametrize("model", READ_ONLY)
def test_nothing_is_added_to_what_acts_write(office: Office, sign_in: SignIn, model: str) -> None:
    client = sign_in(office.wang)
    assert client.get(reverse(f"admin:{model}_changelist")).status_code == 200
    assert client.post(reverse(f"admin:{model}_add")).status_code == 403


def test_a_registered_fact_offers_no_change(
    office: Office, sign_in: SignIn, asset: DataAsset
) -> None:
    client = sign_in(office.wang)
    for name, row in (
        ("registry_dataasset", asset),
        ("rights_interest", Interest.objects.all()[0]),
        ("ledger_entry", Entry.objects.all()[0]),
        ("ledger_checkpoint", Checkpoint.objects.all()[0]),
    ):
        assert client.get(reverse(f"admin:{name}_change", args=[row.pk])).status_code == 200
        assert client.post(reverse(f"admin:{name}_change", args=[row.pk])).status_code == 403
        assert client.post(reverse(f"admin:{name}_delete", args=[row.pk])).status_code == 403


def test_an_asset_is_found_by_anything_on_its_papers(
    office: Office, sign_in: SignIn, asset: DataAsset
) -> None:
    client, version = sign_in(office.li), asset.versions.get()
    interest = asset.interests.all()[0]
    for text in (
        asset.number,
        asset.name,
        version.sha256,
        version.sm3,
        uscc(1),
        interest.reference,
    ):
        assert found(client, "registry_dataasset", text) == 1
    assert found(client, "registry_dataasset", "无此物") == 0


def test_an_entry_is_found_by_key_leaf_hash_and_index(
    office: Office, sign_in: SignIn, asset: DataAsset
) -> None:
    client, entry = sign_in(office.li), asset.entry
    for text in (asset.number, bytes(entry.leaf_hash).hex(), str(entry.leaf.index)):
        assert found(client, "ledger_entry", text) == 1


def test_parties_of_one_name_are_told_apart_where_one_is_chosen(
    office: Office, sign_in: SignIn
) -> None:
    parties = [make_party(office, serial, name="示例同名公司") for serial in (1, 2)]
    field = {"app_label": "filings", "model_name": "filing", "field_name": "applicants"}
    response = sign_in(office.wang).get(reverse("admin:autocomplete"), {**field, "term": "同名"})
    texts = {choice["text"] for choice in response.json()["results"]}
    assert texts == {f"示例同名公司 · {party.identifier}" for party in parties}


def test_the_list_of_assets_asks_the_database_the_same_however_long_it_is(
    office: Office, sign_in: SignIn, asset: DataAsset
) -> None:
    client, address = sign_in(office.li), reverse("admin:registry_dataasset_changelist")

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        return len(asked)

    client.get(address)  # the first request of a session writes down when it began
    with_one = questions()
    register_asset(office, make_party(office, 2), data=b"other")
    assert questions() == with_one


def test_the_office_speaks_both_languages(office: Office, sign_in: SignIn) -> None:
    client = sign_in(office.wang)
    client.post(reverse("admin:language"), {"language": "en", "next": reverse("admin:index")})
    english = client.get(reverse("admin:index"))
    assert 'lang="en"' in english.content.decode()
    client.post(reverse("admin:language"), {"language": "zh-hans", "next": reverse("admin:index")})
    chinese = client.get(reverse("admin:index"))
    assert 'lang="zh-hans"' in chinese.content.decode()


def test_no_page_of_the_office_has_scripts_or_styles_in_its_text(
    office: Office, sign_in: SignIn, asset: DataAsset
) -> None:
    client = sign_in(office.wang)
    for address in (
        reverse("admin:index"),
        reverse("admin:filings_filing_add"),
        reverse("admin:filings_filing_changelist"),
        reverse("admin:registry_dataasset_change", args=[asset.pk]),
    ):
        text = client.get(address).content.decode()
        assert "<style" not in text
        assert " style=" not in text
        assert "<script>" not in text
