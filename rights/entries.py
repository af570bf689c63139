"""Title as it stands in ledger entries. A published shape is never edited.

A dealing's entry says what was asked for and, in full, what begins and what ends by it; whoever
folds the ledger needs none of the rules.
"""

from collections.abc import Iterable, Iterator

from primitives.canonical_json import JsonObject, instant_text
from primitives.shapes import from_json, object_json, to_json
from registry.entries import committed_of_instruments
from rights.dealing import Dealing
from rights.kinds import RemarkKind, RightKind
from rights.models import Interest, Remark, Share
from rights.remarks import BODIES, RemarkFacts
from rights.scope import EVERYTHING, Scope
from rights.title import NO_TERMS, Change, GrantTerms, InterestFacts

TITLE_DEALING = "title.dealing/1"

WORDS = "words"
"""The one member of remarks and requests that is free text; it stands as a commitment."""


def registered_interest_json(interest: Interest, shares: Iterable[Share]) -> JsonObject:
    """Return a right as an initial registration has it, with exact shares by party reference."""
    return {
        "reference": interest.reference,
        "asset": interest.asset.number,
        "kind": interest.kind,
        "valid_from": instant_text(interest.valid_from),
        "valid_to": instant_text(interest.valid_to),
        "limits": interest.limits,
        "shares": shares_json(shares),
    }


def interest_json(fact: InterestFacts) -> JsonObject:
    """Return a revision of a right as a dealing has it."""
    members = object_json(fact)
    del members["until"]
    return members


def remark_json(fact: RemarkFacts) -> JsonObject:
    """Return a revision of a remark as a dealing has it."""
    members = object_json(fact)
    del members["until"]
    return {"kind": fact.kind.value, **members}


def ended_json(change: Change, revisions: dict[str, int]) -> JsonObject:
    """Return what ends, as ``reference@revision``, and at which instant of legal time."""
    return {
        f"{reference}@{revisions[reference]}": instant_text(at)
        for reference, at in sorted(change.ended.items())
    }


def dealing_json(
    dealing: Dealing,
    change: Change,
    *,
    ended: JsonObject,
    reach: JsonObject,
    new_papers: list[JsonObject],
) -> JsonObject:
    """Return the payload of a dealing's entry."""
    return {
        "filing": dealing.filing,
        "applicants": to_json(dealing.applicants),
        "order": to_json(dealing.order),
        "items": dealing.items_json(),
        "papers": to_json(dealing.instruments),
        "instruments": new_papers,
        "consents": to_json(dealing.consents),
        "overrides": to_json(dealing.overrides),
        "interests": [interest_json(fact) for fact in change.interests],
        "remarks": [remark_json(fact) for fact in change.remarks],
        "ended": ended,
        "used": to_json(change.used),
        "reach": reach,
    }


def committed_of_dealing(payload: JsonObject) -> Iterator[str]:
    """Yield the pointers to what stands as commitments in a dealing's entry (ADR 0010)."""
    for position, item in enumerate(_objects(payload["items"])):
        asked = item["asked"]
        if isinstance(asked, dict) and WORDS in asked:
            yield f"/items/{position}/asked/{WORDS}"
    for position, override in enumerate(_objects(payload["overrides"])):
        if "ground" in override:
            yield f"/overrides/{position}/ground"
    for position, _remark in enumerate(_objects(payload["remarks"])):
        yield f"/remarks/{position}/{WORDS}"
    yield from committed_of_instruments(payload)


def interest_facts(interest: Interest) -> InterestFacts:
    """Return a row as the rules see it."""
    return InterestFacts(
        reference=interest.reference,
        revision=interest.revision,
        asset=interest.asset.number,
        kind=RightKind(interest.kind),
        shares={share.party.reference: share.fraction for share in interest.shares.all()},
        valid_from=interest.valid_from,
        valid_to=interest.valid_to,
        until=interest.until,
        granted_from=interest.granted_from,
        scope=from_json(Scope, interest.scope) if interest.scope else EVERYTHING,
        terms=from_json(GrantTerms, interest.terms) if interest.terms else NO_TERMS,
        limits=interest.limits,
    )


def remark_facts(remark: Remark) -> RemarkFacts:
    """Return a row as the rules see it."""
    return RemarkFacts(
        reference=remark.reference,
        revision=remark.revision,
        asset=remark.asset.number,
        interest=remark.interest,
        party=remark.party.reference if remark.party else "",
        valid_from=remark.valid_from,
        valid_to=remark.valid_to,
        until=remark.until,
        rank=(remark.rank_version, remark.rank_position),
        body=from_json(BODIES[RemarkKind(remark.kind)], remark.body),
        words=remark.words,
    )


def shares_json(shares: Iterable[Share]) -> JsonObject:
    """Return the shares as their rows have them, by party reference."""
    return {
        share.party.reference: f"{share.numerator}/{share.denominator}"
        for share in sorted(shares, key=lambda share: share.party.reference)
    }


def _objects(value: object) -> list[JsonObject]:
    return (
        [member for member in value if isinstance(member, dict)] if isinstance(value, list) else []
    )
