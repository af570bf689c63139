"""How title is said: nothing is without a name, and nothing personal is said."""

from dataclasses import fields
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from django.utils import translation

from rights.acts import ACTS
from rights.kinds import (
    AuthorityKind,
    BreachGround,
    CancellationCause,
    ClearanceRoute,
    CorrectionCause,
    ObjectionStage,
)
from rights.remarks import (
    BasisWithdrawn,
    Body,
    Breach,
    Cancellation,
    Caution,
    Clearance,
    Control,
    Corrected,
    Covenant,
    Description,
    Freeze,
    Objection,
    Pledge,
    PriorityNotice,
    SetAside,
    SourceEnded,
    Subordination,
)
from rights.scope import EVERYTHING, Scope
from rights.title import GrantTerms
from rights.wording import (
    SAYINGS,
    SCOPE_LABELS,
    TERM_LABELS,
    act_name,
    amount,
    body_sayings,
    scope_sayings,
    terms_sayings,
)

COURT = AuthorityKind.COURT
BODIES: list[tuple[Body, list[str]]] = [
    (
        Pledge(
            secured_fen=123_456_789,
            burdens={"P-ANNE": Fraction(1, 3)},
            external_registry="示例登记系统",
            external_number="示例1号",
            external_at=datetime(2026, 1, 1, tzinfo=UTC),
        ),
        ["CNY 1,234,567.89", "1/3 · 甲", "示例登记系统 示例1号", "no disposal"],
    ),
    (Subordination(yields="N-1", favours="N-2"), ["N-1", "N-2"]),
    (Freeze(authority=COURT, level=2, order="示例1号", months=3), ["People's court", "示例1号"]),
    (Control(authority=AuthorityKind.REGULATOR, level=2, order="示例2号"), ["示例2号"]),
    (Caution(extends="N-3"), ["N-3"]),
    (PriorityNotice(act="pledge", secured_fen=100, used_by="N-4"), ["Pledge", "CNY 1.00", "N-4"]),
    (Covenant(scope=Scope(channels=frozenset({"api"}))), ["api"]),
    (Covenant(), ["everything"]),
    (Objection(stage=ObjectionStage.SUSTAINED), ["Sustained"]),
    (SourceEnded(ended="I-1"), ["I-1"]),
    (Cancellation(cause=CancellationCause.BY_LAW), ["law"]),
    (Description(before={"name": "甲"}, after={"name": "乙"}), ["data name"]),
    (Corrected(wrong="I-1@1", cause=CorrectionCause.REGISTRAR, paper="D-1"), ["I-1@1"]),
    (Breach(use="N-5", grounds=frozenset({BreachGround.OUT_OF_TERM})), ["Outside the term"]),
    (BasisWithdrawn(authorisation="N-6"), ["N-6"]),
    (
        Clearance(
            route=ClearanceRoute.ASSESSMENT,
            number="1",
            destinations=frozenset({"SG"}),
            paper="D-2",
        ),
        ["Security assessment", "SG"],
    ),
    (SetAside(rule="GRT-8", approved_by="U-1"), ["GRT-8"]),
]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_act_has_a_name_in_both_languages(language: str) -> None:
    with translation.override(language):
        names = {act.name: act_name(act.name) for act in ACTS}

    assert [name for name, said in names.items() if said == name] == []
    assert len(set(names.values())) == len(names)


def test_an_act_that_is_not_known_is_called_as_the_entry_calls_it() -> None:
    assert act_name("no_such_act") == "no_such_act"


@pytest.mark.parametrize(("body", "said"), BODIES)
def test_a_remark_says_what_it_is_about(body: Body, said: list[str]) -> None:
    text = "\n".join(f"{label} {value}" for label, value in body_sayings(body, {"P-ANNE": "甲"}))

    assert [part for part in said if part not in text] == []


def test_every_kind_that_is_told_is_among_these() -> None:
    assert {type(body) for body, _said in BODIES} == set(SAYINGS)


def test_who_approved_an_exception_and_whose_papers_were_used_is_not_said() -> None:
    text = str([body_sayings(body, {}) for body, _said in BODIES])

    assert "U-1" not in text
    assert "D-1" not in text
    assert "D-2" not in text


def test_money_is_exact_however_large() -> None:
    assert amount(10**17 + 1, "CNY") == "CNY 1,000,000,000,000,000.01"
    assert amount(5, "USD") == "USD 0.05"


def test_every_dimension_of_a_scope_and_every_flag_of_terms_has_words() -> None:
    assert set(SCOPE_LABELS) == {field.name for field in fields(Scope)}
    flags = {
        field.name for field in fields(GrantTerms) if field.type == "bool" or field.type is bool
    }
    assert set(TERM_LABELS) == flags


def test_a_scope_is_said_only_where_it_is_limited() -> None:
    limited = Scope(territories=frozenset({"CN-37", "CN-11"}), purposes=frozenset())

    assert scope_sayings(EVERYTHING) == []
    assert scope_sayings(limited) == [("Purposes", "none"), ("Territories", "CN-11, CN-37")]


def test_terms_say_what_they_allow_and_nothing_more() -> None:
    assert terms_sayings(GrantTerms()) == []
    assert terms_sayings(GrantTerms(may_resell=True, max_uses=3, scenario="导诊")) == [
        "may resell",
        "at most 3 uses",
        "personal data for “导诊” only",
    ]
