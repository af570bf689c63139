"""Letters: which step makes which, what each says, and who may read it."""

import json
import re
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from django.urls import reverse
from pytest_django import Settings

from filings.drafting import ask, create_dealing, state_order
from filings.kinds import FilingType, LetterKind
from filings.letter_pages import letter_pdf
from filings.letters import TOLD, letters_of
from filings.models import Filing, Letter
from filings.review import (
    accept,
    decline,
    extend,
    refuse,
    request_correction,
    request_supplement,
)
from filings.submission import revise, submit, supply, withdraw
from filings.sweep import sweep
from filings.workflow import BESIDE, TRANSITIONS, Action
from primitives.clock import CHINA
from primitives.identifiers import new_reference
from registry.kinds import IdentifierScheme, InstrumentKind, PartyKind
from registry.models import Party
from rights.freeze import FreezeOrder
from tests.factories import (
    NOON,
    Office,
    bring_to_examination,
    bring_to_publicity,
    decide,
    hand_in_papers,
    make_complete_draft,
    make_draft,
    make_party,
    name_applicants,
    register_asset,
    sign_in,
)
from tests.titles import COURT

pytestmark = pytest.mark.django_db

LONG = "示例：" + "材料与说明不一致，请逐项核对并更正。" * 150


@pytest.fixture
def company(office: Office) -> Party:
    return make_party(office)


def text_of(letter: Letter, language: str = "zh-hans") -> str:
    document = pypdfium2.PdfDocument(letter_pdf(letter, language=language))
    text = "".join(page.get_textpage().get_text_bounded() for page in document)
    return text.replace("\r\n", "").replace("\n", "")


def pages_of(letter: Letter) -> list[str]:
    document = pypdfium2.PdfDocument(letter_pdf(letter, language="en"))
    return [page.get_textpage().get_text_bounded() for page in document]


def kinds(filing: Filing) -> list[str]:
    return [letter.kind for letter in letters_of(filing)]


def submitted(office: Office, company: Party, data: bytes = b"data") -> Filing:
    return submit(make_complete_draft(office, company, data=data), by=office.wang, at=NOON)


def test_each_step_of_which_the_applicant_is_told_makes_its_letter_once(
    office: Office, company: Party
) -> None:
    filing = make_complete_draft(office, company)
    decide(office, bring_to_publicity(office, filing))
    assert kinds(filing) == ["RECEIPT", "ACCEPTANCE", "PUBLICITY", "REGISTRATION"]
    assert {kind.kind for kind in TOLD.values()} == set(LetterKind)
    silent = set(Action) - set(TOLD)
    assert silent == {
        Action.SUPPLY,
        Action.EXAMINE,
        Action.EXEMPT,
        Action.CLEAR,
        *BESIDE - {Action.NOTIFY_OBJECTION, Action.CONCLUDE_OBJECTION},
    }
    assert set(TRANSITIONS) | BESIDE == set(Action)


def test_numbers_of_letters_have_no_gap_and_none_is_made_of_a_refused_step(
    office: Office, company: Party
) -> None:
    filing = make_draft(office)
    name_applicants(filing, company)
    with pytest.raises(Exception, match="FIL-1"):
        submit(filing, by=office.wang, at=NOON)
    assert not Letter.objects.exists()
    hand_in_papers(filing)
    submit(filing, by=office.wang, at=NOON)
    accept(filing, by=office.wang, at=NOON)
    numbers = [letter.number for letter in letters_of(filing)]
    assert numbers == [f"{filing.number}-01", f"{filing.number}-02"]


def test_a_receipt_lists_every_paper_with_its_digest(office: Office, company: Party) -> None:
    filing = submitted(office, company)
    text = text_of(letters_of(filing).get())
    for paper in filing.papers.select_related("instrument"):
        assert paper.instrument.title in text
        assert paper.instrument.sha256 in text
    assert company.name in text
    assert filing.number in text


def test_a_correction_says_what_until_when_and_on_which_article(
    office: Office, company: Party
) -> None:
    filing = submitted(office, company)
    request_correction(filing, by=office.wang, at=NOON, note="示例：缺少身份证明")
    letter = letters_of(filing).last()
    assert letter
    filing.refresh_from_db()
    assert filing.due_on == date(2026, 12, 9)

    chinese, english = text_of(letter), text_of(letter, "en")

    assert "补正" in chinese
    assert "示例：缺少身份证明" in chinese
    assert "2026年12月9日" in chinese
    assert "第17条" in chinese
    assert "Notice of correction" in english
    assert "2026-12-09" in english


def test_a_refusal_names_every_broken_rule_with_its_article(office: Office, company: Party) -> None:
    register_asset(office, company, data=b"same")
    filing = make_complete_draft(office, company, data=b"same")
    filing.claims.all().delete()
    submit(filing, by=office.wang, at=NOON)
    accept(filing, by=office.wang, at=NOON)
    refuse(filing, by=office.li, at=NOON, note="示例：不符合登记条件")
    letter = letters_of(filing).get(kind=LetterKind.REFUSAL)

    numbers = [rule["number"] for rule in letter.content["rules"]]
    assert numbers == ["FIL-30", "REG-8", "REG-12"]
    text = text_of(letter)
    for rule in letter.content["rules"]:
        assert rule["number"] in text
        assert rule["zh"].rstrip("。") in text
    assert "第22条" in text
    # What was found then stands, whatever becomes of the case or the rules.
    assert text == text_of(Letter.objects.get(pk=letter.pk))


def test_a_refusal_says_what_the_examiner_found_unmet(office: Office, company: Party) -> None:
    filing = bring_to_examination(office, make_complete_draft(office, company))
    filing.checks.filter(item="SOURCE_LAWFUL").update(is_met=False)
    refuse(filing, by=office.li, at=NOON, note="示例：来源不合法")
    letter = letters_of(filing).get(kind=LetterKind.REFUSAL)
    assert letter.content["unmet"] == ["SOURCE_LAWFUL"]
    assert "来源合法" in text_of(letter)


def test_every_kind_is_drawn_in_both_languages(
    office: Office, company: Party, tmp_path: Path
) -> None:
    first = bring_to_examination(office, make_complete_draft(office, company))
    request_supplement(first, by=office.li, at=NOON, note="示例：请补充合同")
    supply(first, by=office.wang, at=NOON)
    extend(first, by=office.li, at=NOON, note="示例：案情复杂")
    withdraw(first, by=office.wang, at=NOON, note="示例：申请人撤回")
    second = submitted(office, company, data=b"second")
    decline(second, by=office.wang, at=NOON, note="示例：不属于登记范围")
    third = submitted(office, company, data=b"third")
    request_correction(third, by=office.wang, at=NOON, note="示例：缺少身份证明")
    sweep(at=NOON.replace(year=2027, month=1))
    for letter in Letter.objects.all():
        for language in ("zh-hans", "en"):
            content = letter_pdf(letter, language=language)
            (tmp_path / f"{letter.kind}-{language}.pdf").write_bytes(content)
            assert letter.number in text_of(letter, language)
    assert {letter.kind for letter in Letter.objects.all()} == {
        "RECEIPT",
        "ACCEPTANCE",
        "SUPPLEMENT",
        "EXTENSION",
        "WITHDRAWAL",
        "NON_ACCEPTANCE",
        "CORRECTION",
        "LAPSE",
    }


def test_a_long_ground_flows_over_pages_and_nothing_of_it_is_lost(
    office: Office, company: Party
) -> None:
    filing = submitted(office, company)
    decline(filing, by=office.wang, at=NOON, note=LONG)
    letter = letters_of(filing).get(kind=LetterKind.NON_ACCEPTANCE)
    document = pikepdf.open(BytesIO(letter_pdf(letter, language="zh-hans")))
    assert len(document.pages) > 2
    document_text = "".join(
        page.get_textpage().get_text_bounded(bottom=60)
        for page in pypdfium2.PdfDocument(letter_pdf(letter, language="zh-hans"))
    )
    assert re.sub(r"\s", "", document_text).count("请逐项核对并更正") == 150
    assert f"{len(document.pages)} / {len(document.pages)}" in text_of(letter)


@pytest.mark.parametrize(("language", "spoken"), [("zh-hans", "zh-CN"), ("en", "en")])
def test_a_letter_is_read_aloud_in_its_language_with_names_in_theirs(
    office: Office, company: Party, language: str, spoken: str
) -> None:
    letter = letters_of(submitted(office, company)).get(kind=LetterKind.RECEIPT)
    document: Any = pikepdf.open(BytesIO(letter_pdf(letter, language=language)))
    (root,) = document.Root.StructTreeRoot.K
    tags = [str(element.S) for element in root.K]
    assert str(document.Root.Lang) == spoken
    assert (tags.count("/H1"), set(tags)) == (1, {"/H1", "/P"})
    languages = {str(element.get("/Lang", spoken)) for element in root.K}
    assert "zh-CN" in languages
    assert languages <= {"zh-CN", "en"}


def test_the_same_letter_is_the_same_bytes_and_what_cannot_be_drawn_is_marked(
    office: Office, company: Party
) -> None:
    filing = submitted(office, company)
    decline(filing, by=office.wang, at=NOON, note="示例：\u202e倒写\ue000与\U0010fffd")
    letter = letters_of(filing).get(kind=LetterKind.NON_ACCEPTANCE)
    first = letter_pdf(letter, language="zh-hans")
    assert first == letter_pdf(Letter.objects.get(pk=letter.pk), language="zh-hans")
    assert text_of(letter).count("〓") == 3


def test_letters_are_read_by_officers_of_cases_and_by_whoever_may_follow_the_case(
    office: Office, company: Party
) -> None:
    filing = submitted(office, company)
    number = letters_of(filing).get().number
    inside = reverse("admin:filings_filing_letter", args=[filing.pk, number])
    outside = reverse("web:letter", args=[filing.number, number])

    for officer in (office.wang, office.li, office.zhao):
        answer = sign_in(officer).get(inside)
        assert answer.status_code == 200
        assert answer.content[:5] == b"%PDF-"
    alice, charlie = sign_in(office.alice), sign_in(office.charlie)
    assert alice.get(outside).content[:5] == b"%PDF-"
    assert outside in alice.get(reverse("web:case", args=[filing.number])).content.decode()
    assert charlie.get(outside).status_code == 404
    other = make_complete_draft(office, company, data=b"other")
    assert alice.get(reverse("web:letter", args=[other.number, number])).status_code == 404
    case = sign_in(office.wang).get(reverse("admin:filings_filing_case", args=[filing.pk]))
    assert inside in case.content.decode()


def test_a_letter_is_the_same_bytes_whatever_becomes_of_the_case_the_applicant_and_the_registrar(
    office: Office, company: Party, settings: Settings
) -> None:
    filing = submitted(office, company)
    request_correction(filing, by=office.wang, at=NOON, note="示例：名称不准确")
    before = {letter.kind: letter_pdf(letter, language="en") for letter in letters_of(filing)}

    filing.refresh_from_db()
    filing.name = "示例：更正后的名称"
    revise(filing, by=office.wang)
    Party.objects.filter(pk=company.pk).update(name="示例更名后的公司")
    settings.REGISTRAR_NAME_EN = "Another Registry"
    settings.REGISTRAR_IS_EXAMPLE = False

    after = {letter.kind: letter_pdf(letter, language="en") for letter in letters_of(filing)}
    assert set(before) == {"RECEIPT", "CORRECTION"}
    assert after == before


def test_v2_a_letter_keeps_no_name_that_can_be_erased(office: Office) -> None:
    person = make_party(
        office,
        kind=PartyKind.NATURAL,
        name="欧阳示例",
        identifier_scheme=IdentifierScheme.PASSPORT,
        identifier="EX1234567",
    )
    letter = letters_of(submitted(office, person)).get()

    assert "欧阳示例" not in json.dumps(letter.content, ensure_ascii=False)
    assert "欧阳示例" in text_of(letter)
    Party.objects.filter(pk=person.pk).update(name="", identifier="")
    assert "欧阳示例" not in text_of(letter)


def test_a_letter_on_an_order_is_addressed_to_the_authority(office: Office, company: Party) -> None:
    asset = register_asset(office, company)
    freeze = FreezeOrder(reference=new_reference("N"), asset=asset.number, months=36)
    filing = create_dealing(FilingType.ORDER, applicants=[], by=office.wang, at=NOON)
    ask(filing, freeze, by=office.wang)
    hand_in_papers(filing, InstrumentKind.ORDER)
    state_order(filing, COURT, by=office.wang)
    submit(filing, by=office.wang, at=NOON)

    assert COURT.number in text_of(letters_of(filing).get())


def test_a_letter_of_the_clock_bears_the_day_on_which_it_was_written(
    office: Office, company: Party
) -> None:
    filing = submitted(office, company)
    sweep(at=NOON.replace(year=2027, month=1))
    letter = letters_of(filing).get(kind=LetterKind.ACCEPTANCE)

    assert letter.step.taken_at.astimezone(CHINA).date() == date(2026, 12, 1)
    assert letter.number == f"{filing.number}-02"
    assert "2027年1月25日" in text_of(letter)
    assert "The day of acceptance is 2026-12-01." in text_of(letter, "en")


def test_a_letter_of_lapse_says_which_day_was_the_last(office: Office, company: Party) -> None:
    filing = submitted(office, company)
    request_correction(filing, by=office.wang, at=NOON, note="示例：缺少身份证明")
    sweep(at=NOON.replace(year=2027, month=1))
    letter = letters_of(filing).get(kind=LetterKind.LAPSE)

    assert "The last day was 2026-12-09." in text_of(letter, "en")


@pytest.mark.parametrize("count", range(1, 40, 2))
def test_no_heading_of_a_list_is_left_alone_at_the_end_of_a_page(
    office: Office, company: Party, count: int
) -> None:
    filing = submitted(office, company)
    accept(filing, by=office.wang, at=NOON)
    filing.papers.all().delete()
    refuse(filing, by=office.li, at=NOON, note="\n".join(["示例：理由"] * count))
    letter = letters_of(filing).get(kind=LetterKind.REFUSAL)

    (page,) = [text for text in pages_of(letter) if "These rules do not hold:" in text]
    assert "FIL-1" in page


def test_full_lines_end_at_the_same_margin(office: Office, company: Party) -> None:
    filing = submitted(office, company)
    decline(filing, by=office.wang, at=NOON, note=LONG)
    letter = letters_of(filing).get(kind=LetterKind.NON_ACCEPTANCE)

    page = pypdfium2.PdfDocument(letter_pdf(letter, language="en"))[1].get_textpage()
    lines = [page.get_rect(place) for place in range(page.count_rects())]
    full = [round(right) for left, _, right, _ in lines if right - left > 380]
    assert len(full) > 20
    margin = max(full)
    assert sum(right >= margin - 3 for right in full) > 0.8 * len(full)
