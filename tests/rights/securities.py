"""Pledges made of plain values, and titles that change one entry after another."""

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

from rights.dealing import Dealing, Outcome, decide
from rights.facts import Limits, Order
from rights.kinds import AuthorityKind
from rights.pledge import CreatePledge
from rights.release import Release
from rights.remarks import Pledge, RemarkFacts
from rights.title import Title
from tests.rights.plain import (
    ANNE,
    DORA,
    LATER,
    NOW,
    OFFICER,
    WHOLE,
    a_remark,
)

COURT = Order(authority=AuthorityKind.COURT, level=3, number="(2026)鲁01执1号")
POLICE = Order(authority=AuthorityKind.POLICE, level=3, number="(2026)1号")


def security(burdens: Mapping[str, Fraction] = WHOLE, **changes: Any) -> Pledge:
    """Return a pledge of 100 fen on what Anne holds, without a covenant."""
    fields: dict[str, Any] = {"secured_fen": 100, "no_disposal": False, "burdens": burdens}
    return Pledge(**fields | changes)


def a_pledge(
    reference: str = "N-1",
    body: Pledge | None = None,
    *,
    party: str = DORA,
    rank: int = 2,
    **changes: Any,
) -> RemarkFacts:
    """Return a pledge to Dora on the right I-1, entered in the asset's version ``rank``."""
    return a_remark(
        reference,
        body or security(),
        **{"interest": "I-1", "party": party, "rank": (rank, 0)} | changes,
    )


def pledge_to(pledgee: str = DORA, /, reference: str = "N-1", **changes: Any) -> CreatePledge:
    """Return the request to pledge what Anne holds; members of the pledge may be changed too."""
    fields = {
        "interest": "I-1",
        "valid_to": LATER,
        "under": "",
        "words": "示例：2026年借款合同",
    }
    asked = {name: changes.pop(name, value) for name, value in fields.items()}
    return CreatePledge(reference=reference, pledgee=pledgee, pledge=security(**changes), **asked)


def a_release(reference: str = "N-1", **parts: Fraction) -> Release:
    """Return the release of a pledge, or of the parts of it that lie on the named holders'."""
    return Release(
        interest="I-1",
        reference=reference,
        parts={f"P-{name.upper()}": part for name, part in parts.items()},
    )


def decided(
    dealing: Dealing,
    title: Title,
    *,
    version: int,
    at: datetime = NOW,
    limits: Limits | None = None,
) -> Outcome:
    """Return what the dealing does as the asset's entry ``version``."""
    return decide(
        dealing,
        title,
        at=at,
        officer=OFFICER,
        versions=dict.fromkeys(title.assets, version),
        limits=limits or Limits(),
    )


def body_of(title: Title, reference: str = "N-1") -> Pledge:
    """Return what the pledge says."""
    body = title.remarks[reference].body
    assert isinstance(body, Pledge)
    return body


BOTH = (ANNE, DORA)
