"""Rule profiles: data that is whole, and that a case really follows."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.urls import reverse
from pytest_django.fixtures import Settings

from filings import checks, profiles
from filings.checks import rule_profiles_are_whole
from filings.kinds import FilingType
from filings.models import Filing
from filings.profiles import ProfileError, offered, profile_named, profile_on, read
from filings.review import pass_examination, request_correction
from filings.submission import submit
from filings.workflow import State
from primitives.rules import RulesBrokenError
from registry.models import DataAsset
from tests.factories import (
    BEFORE,
    Office,
    bring_to_examination,
    decide,
    description,
    make_complete_draft,
    make_party,
    register_asset,
    sign_in,
)

WHOLE = (profiles.FOLDER / "neutral.toml").read_text("utf-8")


def test_the_national_profile_has_the_figures_of_the_guide() -> None:
    nda = profile_named("cn-nda-2026-35")
    terms = (nda.acceptance, nda.completion, nda.extension, nda.objection, nda.later_objection)
    assert [term.value for term in terms] == [3, 10, 10, 10, 5]
    assert [term.article for term in terms] == [
        f"NDA35 art. {article}" for article in (17, 28, 28, 25, 29)
    ]
    publicity = nda.types[FilingType.INITIAL].publicity
    assert publicity is not None
    assert (publicity.value, publicity.article) == (5, "NDA35 art. 24")
    assert nda.answer.is_recalled


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('name = "neutral"', "", "name is missing"),
        ("version = 1", 'version = "1"', "version is missing or no int"),
        ("acceptance = ", "accepting = ", "unknown accepting"),
        ("value = 7", "value = 0", "value is below one"),
        (', article = "example" }', " }", "article is missing"),
        ("[types.ORDER]", "[types.COMMAND]", "types lacks ORDER"),
        ('papers = ["IDENTITY"]', 'papers = ["PASSWORT"]', "papers of no kind"),
        ("effective_from = 2020-01-01", "effective_from = 2020", "effective_from is missing"),
        ("is_reviewed = false", "is_reviewed = 0", "is_reviewed is missing or no bool"),
        ("[types.ORDER]", "[types.ORDER", "neutral.toml"),
    ],
)
def test_a_profile_that_is_not_whole_is_refused_in_words(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    assert old in WHOLE
    path = tmp_path / "neutral.toml"
    path.write_text(WHOLE.replace(old, new), "utf-8")

    with pytest.raises(ProfileError, match=told):
        read(path)


def test_the_start_reports_a_broken_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_name: str) -> None:
        raise ProfileError("x.toml: name is missing")

    assert not [error for error in run_checks() if error.id == "filings.E001"]
    monkeypatch.setattr(checks, "profile_named", broken)
    (error,) = [error for error in run_checks() if error.id == "filings.E001"]
    assert "x.toml" in error.msg


def test_a_case_under_another_profile_follows_that_one(office: Office) -> None:
    filing = make_complete_draft(office, make_party(office))
    Filing.objects.update(profile="neutral")
    filing.papers.exclude(instrument__kind="IDENTITY").delete()
    filing.claims.update(term_months=12)
    case = submit(Filing.objects.get(), by=office.wang, at=BEFORE)
    assert str(case.due_on) == "2023-02-08"
    Filing.objects.update(state=State.DRAFT, due_on=None)
    bring_to_examination(office, case)
    case = pass_examination(case, by=office.li, at=BEFORE)
    assert case.state == State.CLEARED

    assert isinstance(decide(office, case), DataAsset)


def test_the_longest_term_of_a_right_is_the_profile_s(office: Office) -> None:
    filing = bring_to_examination(office, make_complete_draft(office, make_party(office)))
    Filing.objects.update(profile="neutral")
    filing.claims.update(term_months=13)

    with pytest.raises(RulesBrokenError) as refusal:
        pass_examination(filing, by=office.li, at=BEFORE)

    assert [rule.number for rule in refusal.value.rules] == ["REG-11"]


def test_the_start_reports_a_profile_that_is_to_be_offered_and_is_not_there(
    settings: Settings,
) -> None:
    settings.PROFILES = ["cn-nda-2026-35", "no-such"]
    (error,) = rule_profiles_are_whole()
    assert "no-such" in error.msg


def test_profiles_are_offered_in_the_order_of_the_settings_while_they_are_in_force() -> None:
    names = [one.name for one in offered(date(2026, 11, 26))]
    assert names == ["cn-nda-2026-35", "cn-public-2025-26"]
    assert [one.name for one in offered(date(2026, 7, 3))] == ["cn-public-2025-26"]
    assert [one.name for one in offered(date(2030, 3, 1))] == ["cn-nda-2026-35"]


@pytest.fixture
def two_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Version 2 of the national profile from 2024 on, in which an initial term is a year."""
    for path in profiles.FOLDER.glob("*.toml"):
        (tmp_path / path.name).write_text(path.read_text("utf-8"), "utf-8")
    text = (profiles.FOLDER / "cn-nda-2026-35.toml").read_text("utf-8")
    first, begun = (
        "version = 1",
        f"effective_from = {profile_named('cn-nda-2026-35').effective_from}",
    )
    assert first in text
    assert begun in text
    second = text.replace(first, "version = 2").replace(begun, "effective_from = 2027-06-01")
    shorter = re.sub(r"max_term = \{ value = \d+", "max_term = { value = 12", second)
    (tmp_path / "cn-nda-2026-35.2.toml").write_text(shorter, "utf-8")
    monkeypatch.setattr(profiles, "FOLDER", tmp_path)
    profiles.profiles.cache_clear()
    yield
    monkeypatch.undo()
    profiles.profiles.cache_clear()


@pytest.mark.usefixtures("two_versions")
def test_of_several_versions_the_one_in_force_on_a_day_is_found() -> None:
    name = "cn-nda-2026-35"
    days = [date(2020, 1, 1), date(2027, 5, 31), date(2027, 6, 1)]
    assert [profile_on(name, day).version for day in days] == [1, 1, 2]
    assert profile_named(name).version == 2
    assert [one.version for one in offered(date(2027, 6, 1))] == [2, 1]
    with pytest.raises(ProfileError, match="no version 3"):
        profile_named(name, 3)


@pytest.mark.django_db
@pytest.mark.usefixtures("two_versions")
def test_a_case_follows_the_version_in_force_at_its_submission_for_good(office: Office) -> None:
    before = datetime(2027, 5, 31, 15, 59, tzinfo=UTC)
    after = before + timedelta(minutes=1)
    company = make_party(office)
    early, late = (make_complete_draft(office, company, data=data) for data in (b"one", b"two"))
    submit(early, by=office.wang, at=before)
    with pytest.raises(RulesBrokenError) as refusal:
        submit(late, by=office.wang, at=after)
    assert [rule.number for rule in refusal.value.rules] == ["FIL-32"]
    submit(late, by=office.wang, at=after, declared=["TRUTHFUL", "LAWFUL"])
    versions = Filing.objects.order_by("pk").values_list("profile_version", flat=True)
    assert list(versions) == [1, 2]
    early, late = Filing.objects.order_by("pk")
    assert early.procedure.max_term.value == 60
    assert late.procedure.max_term.value == 12


@pytest.mark.django_db
@pytest.mark.usefixtures("two_versions")
def test_a_corrected_filing_keeps_the_version_of_its_first_submission(office: Office) -> None:
    before = datetime(2027, 5, 31, 15, 59, tzinfo=UTC)
    filing = make_complete_draft(office, make_party(office))
    submit(filing, by=office.wang, at=before)
    request_correction(filing, by=office.wang, at=before, note="示例：样例与描述不符")
    submit(filing, by=office.wang, at=before + timedelta(days=1))
    assert Filing.objects.get().profile_version == 1


@pytest.mark.django_db
def test_the_procedure_is_chosen_at_the_desk_when_a_filing_is_drafted_and_not_later(
    office: Office,
) -> None:
    make_party(office)
    client = sign_in(office.alice)
    address = reverse("web:new-data")
    posted = description() | {
        "organisation": office.organisation.uscc,
        "sha256": "a" * 64,
        "sm3": "b" * 64,
        "size_bytes": 1,
    }
    assert 'value="cn-public-2025-26"' in client.get(address).content.decode()
    assert "neutral" not in client.get(address).content.decode()
    assert client.post(address, posted | {"procedure": "neutral"}).status_code == 400

    client.post(address, posted | {"procedure": "cn-public-2025-26"})
    filing = Filing.objects.get()
    assert filing.profile == "cn-public-2025-26"
    page = reverse("web:draft-data", args=[filing.number])
    assert "procedure" not in client.get(page).content.decode()
    client.post(page, posted | {"procedure": "cn-nda-2026-35", "name": "示例改名"})
    filing.refresh_from_db()
    assert (filing.name, filing.profile) == ("示例改名", "cn-public-2025-26")


@pytest.mark.django_db
def test_the_office_chooses_the_procedure_of_a_filing_on_registered_data(office: Office) -> None:
    company = make_party(office)
    asset = register_asset(office, company)
    client = sign_in(office.wang)
    address = reverse("admin:filings_filing_new_acts")
    posted = {"type": "CHANGE", "asset": asset.number, "applicants": [company.pk]}

    client.post(address, posted)
    assert Filing.objects.latest("pk").profile == "cn-nda-2026-35"
    client.post(address, posted | {"procedure": "cn-public-2025-26"})
    assert Filing.objects.latest("pk").profile == "cn-public-2025-26"
