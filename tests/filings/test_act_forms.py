"""The form of every act: complete in both languages, and true to the request."""

from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.http import QueryDict
from django.utils.translation import override

from filings.act_forms import LABELS, act_form, act_sayings
from filings.drafting import ask, create_dealing
from filings.kinds import TYPE_OF_ACT, FilingType
from filings.models import Filing
from registry.models import DataAsset, Party
from rights.acts import ACTS
from rights.kinds import RightKind
from rights.models import Interest
from tests.factories import NOON, Office, make_party, register_asset

OFFERED = sorted(act.name for act in ACTS)


@pytest.fixture
def parties(office: Office) -> list[Party]:
    return [make_party(office, serial) for serial in (1, 2, 3)]


@pytest.fixture
def asset(office: Office, parties: list[Party]) -> DataAsset:
    return register_asset(office, parties[0])


@pytest.fixture
def filing(office: Office, parties: list[Party]) -> Filing:
    return create_dealing(FilingType.TRANSFER, applicants=parties, by=office.wang, at=NOON)


def filled(form: Any, **given: str) -> QueryDict:
    """Return what a browser would send: first choices, and ``given``."""
    sent = QueryDict(mutable=True)
    for name, value in given.items():
        sent[name.replace("__", "-")] = value
    return sent


@pytest.mark.parametrize("act", OFFERED)
def test_every_field_of_every_act_has_its_words_in_both_languages(
    act: str, filing: Filing, asset: DataAsset
) -> None:
    for language in ("zh-hans", "en"):
        with override(language):
            form = act_form(act, filing, asset, at=NOON)()
            labels = {name: str(field.label) for name, field in form.fields.items()}
            assert labels
            assert all(labels.values())
            if language == "zh-hans":
                latin = [label for label in labels.values() if label.isascii()]
                assert latin == []
            assert "<" in form.as_p()


def test_no_act_has_a_member_without_words() -> None:
    for name, label in LABELS.items():
        with override("zh-hans"):
            assert not str(label).isascii(), name


def test_a_transfer_is_built_from_what_is_chosen(
    filing: Filing, asset: DataAsset, parties: list[Party]
) -> None:
    anne, ben, carl = parties
    hold = Interest.objects.get(asset=asset, kind=RightKind.HOLD)
    kind = act_form("transfer", filing, asset, at=NOON)
    form = kind(
        {
            "interest": hold.reference,
            "giver": anne.reference,
            "takers-0-party": ben.reference,
            "takers-0-share": "1/3",
            "takers-1-party": carl.reference,
            "takers-1-share": "25%",
        }
    )

    assert form.is_valid(), form.errors
    request: Any = form.request()
    assert (request.interest, request.giver) == (hold.reference, anne.reference)
    assert request.takers == {ben.reference: Fraction(1, 3), carl.reference: Fraction(1, 4)}
    assert not kind({"interest": "I-FOREIGN", "giver": anne.reference}).is_valid()
    half = kind(
        {"interest": hold.reference, "giver": anne.reference, "takers-0-party": ben.reference}
    )
    assert set(half.errors) == {"takers-0-share"}


def test_a_pledge_is_built_with_its_amount_in_fen_and_shown_in_words(
    office: Office, asset: DataAsset, parties: list[Party]
) -> None:
    anne, _ben, bank = parties
    filing = create_dealing(FilingType.REMARK, applicants=[anne, bank], by=office.wang, at=NOON)
    operate = Interest.objects.get(asset=asset, kind=RightKind.OPERATE)
    sent = {
        "interest": operate.reference,
        "pledgee": bank.reference,
        "pledge-secured_fen": "1000000.50",
        "pledge-currency": "CNY",
        "pledge-no_disposal": "on",
        "pledge-burdens-0-party": anne.reference,
        "pledge-burdens-0-share": "1",
        "valid_to": "2027-11-25T12:00:00",
        "words": "示例：借款合同",
    }
    kind = act_form("pledge", filing, asset, at=NOON)
    form = kind(sent)
    assert form.is_valid(), form.errors
    request: Any = form.request()
    assert request.reference.startswith("N-")
    assert request.pledge.secured_fen == 100_000_050
    assert request.pledge.no_disposal
    assert request.valid_to == NOON + timedelta(days=365)
    asked = ask(filing, request, by=office.wang)
    with override("zh-hans"):
        shown = " ".join(f"{label} {value}" for label, value in act_sayings(asked))
    assert "1,000,000.50" in shown
    assert bank.name in shown
    for wrong in ("0.001", "99999999999999999", "-1", "x"):
        assert not kind(sent | {"pledge-secured_fen": wrong}).is_valid()


def test_a_changed_description_names_only_what_changed(filing: Filing, asset: DataAsset) -> None:
    kind = act_form("change_description", filing, asset, at=NOON)
    sent = {name: field.initial for name, field in kind.base_fields.items()}
    sent = {name: "" if value in (None, False) else value for name, value in sent.items()}
    form = kind(sent | {"after-summary": "示例：新的概述。", "words": "示例"})
    assert form.is_valid(), form.errors
    request: Any = form.request()
    assert dict(request.after) == {"summary": "示例：新的概述。"}


def test_a_freeze_lies_on_one_right_or_on_the_whole_asset(filing: Filing, asset: DataAsset) -> None:
    kind = act_form("freeze", filing, asset, at=NOON)
    for target, _label in kind.base_fields["target"].choices:  # type: ignore[attr-defined]
        form = kind({"target": target, "months": "36"})
        assert form.is_valid(), form.errors
        request: Any = form.request()
        assert request.is_one()
        assert request.months == 36


def test_every_act_belongs_to_a_type_of_filing() -> None:
    assert set(TYPE_OF_ACT) == {act.name for act in ACTS}
