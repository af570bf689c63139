"""Titles and dealings made of plain values, for tests that need no database."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from rights.dealing import Dealing, Outcome, decide
from rights.facts import Consent, Limits, Request
from rights.kinds import RightKind
from rights.remarks import Body, RemarkFacts
from rights.title import AssetFacts, InterestFacts, Title

NOW = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)
LATER = datetime(2029, 11, 26, 4, 0, tzinfo=UTC)
ASSET = "DA-000000001"
ANNE, BEN, CARL, DORA = "P-ANNE", "P-BEN", "P-CARL", "P-DORA"
OFFICER = "U-ZHAO"
WHOLE = {ANNE: Fraction(1)}


def an_interest(reference: str = "I-1", **changes: Any) -> InterestFacts:
    """Return a right of Anne's from a year ago until `LATER`; ``until`` follows ``valid_to``."""
    fields: dict[str, Any] = {
        "reference": reference,
        "asset": ASSET,
        "kind": RightKind.OPERATE,
        "shares": WHOLE,
        "valid_from": datetime(2025, 11, 26, 4, 0, tzinfo=UTC),
        "valid_to": LATER,
    } | changes
    return InterestFacts(until=fields.pop("until", fields["valid_to"]), **fields)


def a_remark(reference: str, body: Body, **changes: Any) -> RemarkFacts:
    """Return a remark on the whole asset from a year ago until `LATER`, ranked first."""
    fields: dict[str, Any] = {
        "reference": reference,
        "asset": ASSET,
        "valid_from": datetime(2025, 11, 26, 4, 0, tzinfo=UTC),
        "valid_to": LATER,
        "rank": (2, 0),
        "body": body,
    } | changes
    return RemarkFacts(until=fields.pop("until", fields["valid_to"]), **fields)


def a_title(*facts: InterestFacts | RemarkFacts, **changes: Any) -> Title:
    """Return a title of one asset that knows Anne, Ben, Carl and Dora."""
    title = Title(
        assets={ASSET: AssetFacts(number=ASSET)},
        interests={fact.reference: fact for fact in facts if isinstance(fact, InterestFacts)},
        remarks={fact.reference: fact for fact in facts if isinstance(fact, RemarkFacts)},
        parties=frozenset({ANNE, BEN, CARL, DORA}),
    )
    return replace(title, **changes)


def a_dealing(*items: Request, applicants: Iterable[str] = (ANNE,), **changes: Any) -> Dealing:
    return Dealing(filing="F1", items=items, applicants=frozenset(applicants), **changes)


def outcome(dealing: Dealing, title: Title, *, at: datetime = NOW, version: int = 7) -> Outcome:
    return decide(
        dealing,
        title,
        at=at,
        officer=OFFICER,
        versions=dict.fromkeys(title.assets, version),
        limits=Limits(),
    )


def broken(dealing: Dealing, title: Title, *, at: datetime = NOW) -> list[str]:
    """Return the numbers of the rules that the dealing breaks."""
    return [rule.number for rule in outcome(dealing, title, at=at).broken]


def after(dealing: Dealing, title: Title, *, at: datetime = NOW, version: int = 7) -> Title:
    """Return the title after a dealing that breaks nothing."""
    found = outcome(dealing, title, at=at, version=version)
    assert found.broken == ()
    return title.after(found.change)


def consenting(dealing: Dealing, *parties: str, instrument: str = "D-1") -> Dealing:
    """Return the dealing with the parties' consents to it."""
    consents = tuple(
        Consent(instrument=f"{instrument}{place}", party=party, dealing=dealing.digest())
        for place, party in enumerate(parties)
    )
    return replace(dealing, consents=consents)
