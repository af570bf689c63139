"""Title in the office: what stands, what lies on it, what falls, who holds what at an instant."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localtime

from accounts.roles import Role
from ledger.queries import tree_size
from rights.kinds import RightKind
from rights.models import Interest, Remark
from tests.factories import Office, make_user
from tests.office.pages import SignIn
from tests.titles import SECRET, THIRD, Estate, make_estate

pytestmark = pytest.mark.django_db


@pytest.fixture
def estate(office: Office) -> Estate:
    return Estate(office)


@pytest.fixture
def client(office: Office, sign_in: SignIn) -> Client:
    client = sign_in(office.li)
    client.cookies["django_language"] = "en"
    return client


def page(client: Client, name: str, key: object, **asked: str | int) -> str:
    response = client.get(reverse(f"admin:{name}_change", args=[key]), asked)
    assert response.status_code == 200
    return response.content.decode()


def test_the_asset_page_shows_what_stands_and_not_what_was(client: Client, estate: Estate) -> None:
    hold = estate.right(RightKind.HOLD)
    estate.move(1, estate.company, estate.user, THIRD)
    freeze = estate.freeze(2, hold.reference)
    lifted = estate.freeze(3)
    estate.lift(4, lifted)

    text = page(client, "registry_dataasset", estate.asset.pk)

    now = estate.right(RightKind.HOLD)
    assert now.pk != hold.pk
    assert reverse("admin:rights_interest_change", args=[now.pk]) in text
    assert reverse("admin:rights_interest_change", args=[hold.pk]) not in text
    shown, gone = (Remark.objects.filter(reference=each).latest("pk") for each in (freeze, lifted))
    assert reverse("admin:rights_remark_change", args=[shown.pk]) in text
    assert reverse("admin:rights_remark_change", args=[gone.pk]) not in text


def test_remarks_are_listed_filtered_and_found(client: Client, office: Office) -> None:
    estate = make_estate(office)
    address = reverse("admin:rights_remark_changelist")

    def found(**asked: str) -> int:
        count: int = client.get(address, asked).context["cl"].result_count
        return count

    assert found(kind__exact="PLEDGE") == 2
    assert found(kind__exact="FREEZE") == 2
    assert found(q=estate.bank.name) == 2
    assert found(q=estate.asset.number) == Remark.objects.count()
    assert found(q="N-0000000000000") == 0


def test_a_remark_says_what_it_is_about_and_its_words_to_case_officers_only(
    client: Client, office: Office, estate: Estate, sign_in: SignIn
) -> None:
    estate.pledge(1, estate.bank, 500)
    remark = Remark.objects.get()

    text = page(client, "rights_remark", remark.pk)
    assert "CNY 500.00" in text
    assert estate.company.name in text
    assert SECRET in text

    other = sign_in(make_user("custodian", Role.SEAL_CUSTODIAN))
    assert SECRET not in page(other, "rights_remark", remark.pk)


def test_the_page_of_a_right_says_what_falls_if_it_ends(client: Client, estate: Estate) -> None:
    licence = estate.grant(1, estate.right().reference, estate.user)
    derived = estate.derive(day=2, basis=estate.right(RightKind.USE).reference)

    operate = page(client, "rights_interest", estate.right().pk)
    use = page(client, "rights_interest", estate.right(RightKind.USE).pk)

    assert licence in operate
    assert "ends with it" in operate
    assert "No derived asset would be marked." in operate
    assert "No granted right would end with it." in use
    assert f"/assets/{derived.number}/title/" in use


def test_the_page_of_a_revision_that_ended_says_nothing_of_falling(
    client: Client, estate: Estate
) -> None:
    old = estate.right(RightKind.HOLD)
    estate.move(1, estate.company, estate.user, THIRD)

    assert "What falls" not in page(client, "rights_interest", old.pk)
    assert "What falls" in page(client, "rights_interest", estate.right(RightKind.HOLD).pk)


def test_the_page_of_a_party_shows_its_portfolio_at_an_instant(
    client: Client, estate: Estate
) -> None:
    before = tree_size()
    estate.pledge(1, estate.bank, 500)
    estate.move(2, estate.company, estate.user, THIRD)
    user, bank = estate.user.pk, estate.bank.pk
    early = localtime(estate.start).strftime("%Y-%m-%d %H:%M:%S")
    share = '<td class="figure">1/3</td>'

    assert share in page(client, "registry_party", user)
    assert "It holds no right at this instant." in page(client, "registry_party", user, at=early)
    assert "It holds no right at this instant." in page(client, "registry_party", user, size=before)
    assert "CNY 500.00" in page(client, "registry_party", bank)
    assert "Nothing is pledged to it at this instant." in page(
        client, "registry_party", bank, at=early
    )


@pytest.mark.parametrize(
    "asked", [{"at": "gestern"}, {"size": "99999"}, {"known_at": "2999-01-01"}]
)
def test_a_wrong_instant_is_refused_in_words_on_the_page_of_a_party(
    client: Client, estate: Estate, asked: dict[str, str]
) -> None:
    text = page(client, "registry_party", estate.company.pk, **asked)

    assert "errorlist" in text
    assert "It holds" not in text


def test_a_new_party_has_no_portfolio_yet(office: Office, sign_in: SignIn) -> None:
    text = sign_in(office.wang).get(reverse("admin:registry_party_add")).content.decode()

    assert 'id="portfolio"' not in text


def test_the_list_of_rights_tells_revisions_apart(client: Client, estate: Estate) -> None:
    estate.move(1, estate.company, estate.user, THIRD)

    text = client.get(reverse("admin:rights_interest_changelist")).content.decode()

    assert text.count('field-revision">1<') == Interest.objects.filter(revision=1).count()
    assert text.count('field-revision">2<') == 1
