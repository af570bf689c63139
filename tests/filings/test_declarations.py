"""What the applicant declares on submission: by whom, when, and in which version of the text."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.urls import reverse

from filings import profiles
from filings.cases import CaseStateError, undeclared
from filings.models import Declaration, Filing
from filings.profiles import ProfileError
from filings.submission import declare, submit
from filings.workflow import Action
from primitives.rules import RulesBrokenError
from tests.factories import NOON, Office, make_complete_draft, make_office, make_party, sign_in

NDA = (profiles.FOLDER / "cn-nda-2026-35.toml").read_text("utf-8")
NAMES = ["TRUTHFUL", "LAWFUL"]


@pytest.fixture
def office(db: None) -> Office:
    return make_office()


@pytest.fixture
def draft(office: Office) -> Filing:
    filing = make_complete_draft(office, make_party(office))
    filing.declarations.all().delete()
    return filing


def refused(office: Office, draft: Filing, *declared: str) -> list[str]:
    with pytest.raises(RulesBrokenError) as caught:
        submit(draft, by=office.wang, at=NOON, declared=declared)
    return [rule.number for rule in caught.value.rules]


def test_nothing_is_submitted_before_every_declaration_is_made(
    office: Office, draft: Filing
) -> None:
    assert [row.name for row in undeclared(draft)] == NAMES
    assert refused(office, draft) == ["FIL-32"]
    assert refused(office, draft, "TRUTHFUL", "NOTHING-KNOWN") == ["FIL-32"]
    assert not Declaration.objects.exists()
    assert submit(draft, by=office.wang, at=NOON, declared=NAMES).state == "SUBMITTED"
    rows = Declaration.objects.order_by("pk").values_list("name", "version", "made_by", "made_at")
    assert list(rows) == [(name, 1, office.wang.pk, NOON) for name in NAMES]
    with pytest.raises(CaseStateError):
        declare(draft, NAMES, by=office.wang, at=NOON)


def test_another_version_of_the_text_is_declared_anew(
    office: Office, draft: Filing, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(draft, NAMES, by=office.wang, at=NOON)
    assert undeclared(draft) == []
    later = replace(draft.procedure, version=2)
    monkeypatch.setattr(Filing, "procedure", later)
    assert [row.name for row in undeclared(draft)] == NAMES
    declare(draft, NAMES, by=office.wang, at=NOON)
    assert undeclared(draft) == []


def test_a_profile_without_declarations_asks_for_none(draft: Filing) -> None:
    draft.profile = "neutral"
    assert undeclared(draft) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('name = "TRUTHFUL"', 'name = "LAWFUL"', "twice"),
        ('article = "NDA35 art. 22(4)"', "", "article is missing"),
        ('name = "TRUTHFUL"', 'name = "TRUTHFUL"\nsigned = true', "unknown signed"),
        ("text_zh = ", "text_zh = 1 #", "text_zh is missing or no str"),
    ],
)
def test_a_declaration_that_is_not_whole_is_refused_at_start(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    assert old in NDA
    path = tmp_path / "profile.toml"
    path.write_text(NDA.replace(old, new, 1), "utf-8")
    with pytest.raises(ProfileError, match=told):
        profiles.read(path)


@pytest.mark.parametrize(("language", "word"), [("zh-hans", "承诺"), ("en", "declares")])
def test_the_office_shows_the_declarations_where_a_draft_is_submitted(
    office: Office, draft: Filing, language: str, word: str
) -> None:
    client = sign_in(office.wang)
    client.cookies["django_language"] = language
    step = reverse("admin:filings_filing_step", args=[draft.pk, Action.SUBMIT])
    assert word in client.get(step).content.decode()
    client.post(step, {"declared": ["TRUTHFUL"]})
    draft.refresh_from_db()
    assert draft.state == "DRAFT"
    client.post(step, {"declared": NAMES})
    draft.refresh_from_db()
    assert draft.state == "SUBMITTED"


def test_the_desk_asks_for_what_was_not_declared_yet(office: Office, draft: Filing) -> None:
    Filing.objects.update(state="CORRECTION_REQUESTED")
    client = sign_in(office.alice)
    page = client.get(reverse("web:case", args=[draft.number])).content.decode()
    assert page.count('name="declared"') == 2
    resubmit = reverse("web:resubmit", args=[draft.number])
    assert "FIL-32" in client.post(resubmit).content.decode()
    assert client.post(resubmit, {"declared": NAMES}).status_code == 302
    assert set(Declaration.objects.values_list("made_by", flat=True)) == {office.alice.pk}
