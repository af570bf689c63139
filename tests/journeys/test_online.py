"""Applications that an enterprise files at its desk, from both sides, in a real browser."""

from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from django.utils.timezone import localtime
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from audit.register import compare_register
from filings.models import Filing
from filings.workflow import State
from primitives.clock import now_utc
from registry.models import DataAsset, Party
from rights.kinds import RightKind
from rights.models import Interest
from tests.factories import (
    Office,
    bring_to_publicity,
    claim,
    decide,
    description,
    hand_in_papers,
    make_draft,
    make_office,
    make_party,
    name_applicants,
)
from tests.journeys.browser import Person
from tests.journeys.officers import accept, approve, examine

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

NOTE = "示例：双方已就免予公示说明理由"


def test_an_enterprise_registers_data_online(
    browser: Browser, live_server: LiveServer, pictures: Path, tmp_path: Path
) -> None:
    office = make_office()
    company = make_party(office, name="示例数据科技有限公司")
    alice, wang, li, zhao = people(browser, live_server, pictures / "zh-hans")

    alice.enter_desk(office.alice)
    alice.press("a[href='/desk/applications/']")
    alice.keep_in_order("50-apply")
    alice.press("a[href='/desk/applications/data/']")
    for name, value in description().items():
        field = alice.page.locator(f"#id_{name}")
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(str(value))
        else:
            field.fill(str(value))
    data = tmp_path / "data.csv"
    data.write_text("city,population\n示例,1\n")
    alice.page.set_input_files("#id_data_file", data)
    alice.keep_in_order("51-data")
    alice.press("main form button.primary")
    for kind in RightKind:
        alice.page.check(f"[name={kind}-claimed]")
        alice.page.fill(f"[name={kind}-months]", "36")
    alice.keep_in_order("52-rights")
    alice.press("main form button.primary")
    alice.keep_in_order("53-sources")
    alice.press("a.button.primary")
    alice.keep_in_order("54-predicted")
    hand_in(alice, ("IDENTITY", "LAWFUL_ACQUISITION", "DATA_SAMPLE", "DATA_DESCRIPTION"), tmp_path)
    alice.keep_in_order("55-ready")
    submit(alice)
    alice.keep_in_order("56-submitted")

    case = settle(office, wang, li, zhao, Filing.objects.get())

    assert case.state == State.REGISTERED
    assert case.asset
    assert list(case.applicants.all()) == [company]
    assert list(compare_register()) == []
    alice.goto("/desk/")
    alice.keep_in_order("57-desk")


@pytest.mark.parametrize(
    "act",
    [
        "renew",
        pytest.param("change_description", marks=pytest.mark.long),
        pytest.param("cancel", marks=pytest.mark.long),
    ],
)
def test_an_enterprise_asks_online_for_what_is_registered_to_be(
    act: str, browser: Browser, live_server: LiveServer, pictures: Path, tmp_path: Path
) -> None:
    office = make_office()
    company = make_party(office, name="示例数据科技有限公司")
    asset = register_for_months(office, company, 5)
    alice, wang, li, zhao = people(browser, live_server, pictures / "zh-hans")
    filing_type, kinds, fill, check = ACTS[act]

    alice.enter_desk(office.alice)
    alice.goto("/desk/applications/acts/")
    alice.page.select_option("#id_type", filing_type)
    alice.page.fill("#id_asset", asset.number)
    alice.keep_in_order(f"60-{act}-new")
    alice.press("main form button.primary")
    filing = Filing.objects.latest("pk")
    draft = alice.page.url
    alice.goto(f"/desk/cases/{filing.number}/")
    hand_in(alice, kinds, tmp_path)
    alice.goto(f"{draft}&act={act}")
    fill(alice, asset)
    alice.keep_in_order(f"61-{act}-form")
    alice.press("section.emphasised form button.primary")
    alice.keep_in_order(f"62-{act}-asked")
    alice.goto(f"/desk/cases/{filing.number}/")
    alice.keep_in_order(f"63-{act}-ready")
    submit(alice)

    case = settle(office, wang, li, zhao, filing, f"64-{act}-approved")

    assert case.state == State.REGISTERED
    asset.refresh_from_db()
    check(asset)
    assert list(compare_register()) == []
    alice.goto(f"/desk/cases/{filing.number}/")
    alice.keep_in_order(f"65-{act}-registered")


def fill_renewal(alice: Person, asset: DataAsset) -> None:
    right = operating(asset)
    alice.page.select_option("#id_interest", right.reference)
    later = localtime(right.valid_to + timedelta(days=300))
    alice.page.fill("#id_valid_to", later.strftime("%Y-%m-%dT%H:%M:%S"))


def fill_change(alice: Person, asset: DataAsset) -> None:
    alice.page.fill("#id_after-name", "2026年全国城市人口数据表")


def fill_cancellation(alice: Person, asset: DataAsset) -> None:
    for right in alice.page.locator("input[name=rights]").all():
        right.check()


def is_renewed(asset: DataAsset) -> None:
    assert operating(asset).valid_to > operating(asset).valid_from + timedelta(days=400)


def is_renamed(asset: DataAsset) -> None:
    assert asset.name == "2026年全国城市人口数据表"


def is_cancelled(asset: DataAsset) -> None:
    assert not Interest.objects.filter(asset=asset, ended_by=None).exists()


Fill = Callable[[Person, DataAsset], None]
Check = Callable[[DataAsset], None]
ACTS: dict[str, tuple[str, tuple[str, ...], Fill, Check]] = {
    "renew": ("RENEWAL", ("CERTIFICATE",), fill_renewal, is_renewed),
    "change_description": ("CHANGE", ("CERTIFICATE", "OTHER"), fill_change, is_renamed),
    "cancel": ("CANCELLATION", ("CERTIFICATE",), fill_cancellation, is_cancelled),
}


def operating(asset: DataAsset) -> Interest:
    return Interest.objects.filter(asset=asset, kind=RightKind.OPERATE).latest("pk")


def register_for_months(office: Office, company: Party, months: int) -> DataAsset:
    filing = make_draft(office)
    name_applicants(filing, company)
    for kind in RightKind:
        claim(filing, kind, [(company, Fraction(1))], term_months=months)
    hand_in_papers(filing)
    return decide(office, bring_to_publicity(office, filing), at=now_utc())


def people(browser: Browser, live_server: LiveServer, folder: Path) -> list[Person]:
    folder.mkdir(exist_ok=True)
    return [Person(browser, live_server.url, folder.name, folder) for _ in range(4)]


def submit(alice: Person) -> None:
    for box in alice.page.locator("input[name=declared]").all():
        box.check()
    alice.press("form[action$='/submit/'] button")


def hand_in(alice: Person, kinds: tuple[str, ...], folder: Path) -> None:
    for kind in kinds:
        paper = folder / f"{kind.lower()}.txt"
        paper.write_text(f"示例 {kind}")
        alice.page.select_option("#id_kind", kind)
        alice.page.fill("#id_title", f"示例 {kind}")
        alice.page.set_input_files("#id_file", paper)
        alice.press("form[action$='/papers/'] button")


def settle(
    office: Office, wang: Person, li: Person, zhao: Person, filing: Filing, picture: str = ""
) -> Filing:
    """Carry a submitted case through the office, by three officers."""
    accept(wang, office, filing)
    examine(li, office, filing, note=NOTE)
    approve(zhao, office, filing, picture)
    for officer in (wang, li, zhao):
        assert officer.trouble == []
    filing.refresh_from_db()
    return filing
