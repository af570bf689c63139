"""No certificate is released that does not say what its statement states."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest

from certificates import issuance
from certificates.issuance import issue_waiting
from certificates.models import Certificate, CertificateState
from certificates.proofreading import MisprintError, proofread
from certificates.rendering import render_certificate
from certificates.statement import Statement
from drawing import embedding
from ledger.models import Entry
from tests.certificates.test_rendering import (
    COMPANY,
    LONG,
    PERSON,
    RIGHT,
    SOURCE,
    STATEMENT,
)
from tests.factories import NOON, Office, make_party, register_asset

RARE = "䶮𬭚喆𠮷田镕𪚥㐂〇ﬁ"
"""Beyond the basic plane, from extension A, from a last-resort font, and a ligature."""


def with_holder(name: str) -> Statement:
    return replace(STATEMENT, rights=[replace(RIGHT, holders=[replace(PERSON, name=name)])])


@pytest.mark.parametrize("statement", [STATEMENT, LONG], ids=["short", "long"])
def test_a_certificate_says_what_it_states(statement: Statement) -> None:
    proofread(render_certificate(statement), statement)


@pytest.mark.parametrize("name", [RARE, "甲 (Beijing) - 乙-丙", "A" * 150 + "-" + "B" * 90])
def test_rare_characters_and_broken_lines_are_read_as_they_are_stated(name: str) -> None:
    statement = with_holder(name)

    proofread(render_certificate(statement), statement)


def test_a_remark_that_runs_on_overleaf_is_read_as_one() -> None:
    remark = "".join(f"第{number}项约定，从其约定；" for number in range(300))
    statement = replace(STATEMENT, remarks=[remark])

    proofread(render_certificate(statement), statement)


@pytest.mark.parametrize(
    ("stated", "missing"),
    [
        (replace(STATEMENT, number="SJ3702026119999"), "SJ3702026119999"),
        (replace(STATEMENT, check_code="0000-0000-0000-0000"), "0000-0000-0000-0000"),
        (replace(STATEMENT, remarks=["另有约定。"]), "另有约定。"),
        (with_holder("䶮𬭚喆 𠮷田熔"), "䶮𬭚喆𠮷田熔"),
        (replace(STATEMENT, rights=[*STATEMENT.rights, RIGHT]), "R-000001"),
        (
            replace(
                STATEMENT,
                rights=[replace(RIGHT, holders=[replace(COMPANY, share=Fraction(5, 7))])],
            ),
            "5/7",
        ),
        (
            replace(
                STATEMENT,
                rights=[replace(RIGHT, valid_to=RIGHT.valid_to + timedelta(days=1))],
            ),
            "2029-11-25止",
        ),
        (replace(STATEMENT, provenance=[replace(SOURCE, is_proven=False)] * 2), "权源未证明"),
        (replace(STATEMENT, asset=replace(STATEMENT.asset, kind="SERVICE")), "数据服务"),
    ],
)
def test_what_is_stated_and_not_printed_is_named(stated: Statement, missing: str) -> None:
    with pytest.raises(MisprintError, match=missing):
        proofread(render_certificate(STATEMENT), stated)


def test_a_font_that_calls_its_characters_by_wrong_names_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    uncached = embedding._cut.__wrapped__  # noqa: SLF001 # a font that was right is not made anew
    monkeypatch.setattr(embedding, "_cut", uncached)
    faithful = embedding._to_unicode  # noqa: SLF001 # what some programs do to rare characters
    monkeypatch.setattr(
        embedding,
        "_to_unicode",
        lambda codes, characters: faithful(codes, [chr(ord(char) & 0xFFFF) for char in characters]),
    )

    with pytest.raises(MisprintError, match="𬭚"):
        proofread(render_certificate(STATEMENT), STATEMENT)


@pytest.mark.django_db
def test_a_misprinted_certificate_is_not_issued_and_waits(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    register_asset(office, make_party(office))
    draw: Callable[..., bytes] = render_certificate
    monkeypatch.setattr(
        issuance,
        "render_certificate",
        lambda statement, **rest: draw(replace(statement, filing="F-0000"), **rest),
    )

    assert issue_waiting(at=NOON + timedelta(minutes=1)) == 0

    assert Certificate.objects.get().state == CertificateState.NUMBERED
    assert not Entry.objects.filter(kind="certificate.issued/1").exists()
