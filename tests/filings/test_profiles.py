"""Rule profiles: data that is whole, and that a case really follows."""

from pathlib import Path

import pytest
from django.core.checks import run_checks

from filings import checks, profiles
from filings.kinds import FilingType
from filings.models import Filing
from filings.profiles import ProfileError, profile_named, read
from filings.review import pass_examination
from filings.submission import submit
from filings.workflow import State
from primitives.rules import RulesBrokenError
from registry.models import DataAsset
from tests.factories import (
    BEFORE,
    Office,
    bring_to_examination,
    decide,
    make_complete_draft,
    make_party,
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
    def broken() -> None:
        raise ProfileError("x.toml: name is missing")

    assert not [error for error in run_checks() if error.id == "filings.E001"]
    monkeypatch.setattr(checks, "profiles", broken)
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
