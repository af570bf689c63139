"""A dealing: acts of title that are decided together and take effect together, or not at all (W6).

Entry point: `decide`. Pure: it turns a `Title` and a `Dealing` into the rules that are broken and
the change that would be made. Each act is judged on the title as the acts before it leave it; what
must hold at the end (TIT) is judged once, on the title as all of them leave it.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from primitives.canonical_json import Json, JsonObject, canonical_json
from primitives.rules import Rule, broken, rule
from primitives.shapes import to_json
from rights.acts import BY_REQUEST
from rights.facts import Consent, Facts, Limits, Order, Override, Request, common_rules
from rights.kinds import RemarkKind
from rights.remarks import Cancellation, RemarkFacts
from rights.title import Change, InterestFacts, Title

ENDS_WITH_RIGHT = frozenset(
    {
        RemarkKind.PLEDGE,
        RemarkKind.COVENANT,
        RemarkKind.PRIORITY_NOTICE,
        RemarkKind.BREACH,
        RemarkKind.AUTHORISATION,
        RemarkKind.BASIS_WITHDRAWN,
        RemarkKind.CLEARANCE,
        RemarkKind.REVENUE_TERMS,
    }
)
"""What falls with the right or asset that it lies on (E5); an order or a dispute does not."""

OVERRIDABLE = frozenset({"GRT-8"})
"""Rules that two persons may set aside, with a ground that stands on later certificates (W8)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dealing:
    """What is asked for in one decision.

    Attributes:
        filing: number of the case, or of the order's journal.
        items: the acts, in the order in which they are to be judged and ranked.
        applicants: references of the parties that ask for it.
        instruments: references of the papers that it rests on.
        order: set if it is done under an order and not at the holders' wish.
    """

    filing: str
    items: tuple[Request, ...]
    applicants: frozenset[str] = frozenset()
    instruments: frozenset[str] = frozenset()
    consents: tuple[Consent, ...] = ()
    overrides: tuple[Override, ...] = ()
    order: Order | None = None

    def items_json(self) -> list[JsonObject]:
        """Return what is asked for, as it stands in the entry."""
        return [{"act": BY_REQUEST[type(item)].name, "asked": to_json(item)} for item in self.items]

    def parties(self) -> frozenset[str]:
        """Return the references of every party that it names."""
        asked = frozenset(_parties_in(self.items_json()))
        return asked | self.applicants | {consent.party for consent in self.consents}

    def digest(self) -> str:
        """Return the SHA-256 that a consent must name: of everything but consents and overrides."""
        asked: JsonObject = {
            "filing": self.filing,
            "items": self.items_json(),
            "applicants": to_json(self.applicants),
            "instruments": to_json(self.instruments),
            "order": to_json(self.order),
        }
        return hashlib.sha256(canonical_json(asked)).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a dealing would do.

    Attributes:
        broken: every rule that does not hold, each once; overridden ones are not among them.
        overridden: numbers of the rules that an override set aside.
        change: what all acts do together; nothing if a rule is broken.
    """

    broken: tuple[Rule[Any], ...]
    overridden: frozenset[str]
    change: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Final:
    """The title as all acts leave it, and those of its assets and rights that they touched."""

    title: Title
    change: Change
    dealing: Dealing
    officer: str
    at: datetime


@rule("TIT-1", source="invariant R1", zh="每项权利的份额均大于零，合计恰为一。")
def shares_sum_to_one(final: Final) -> bool:
    """The shares of every right are positive and sum to exactly one."""
    return all(
        sum(fact.shares.values()) == 1 and all(share > 0 for share in fact.shares.values())
        for fact in final.change.interests
    )


@rule("TIT-2", source="invariant R4", zh="被授予的权利不超出其来源权利的期限，约定存续的除外。")
def nothing_outlives_its_source(final: Final) -> bool:
    """No right outlives the right that it was granted from, unless its terms say it survives."""
    return all(
        fact.terms.survives or source is None or fact.until <= source.until
        for fact in final.title.interests.values()
        if fact.granted_from and fact.in_force_at(final.at)
        for source in [final.title.interests.get(fact.granted_from)]
    )


@rule("TIT-3", source="invariants R9; NDA35 art. 37", zh="注销登记后，资产上无有效的权利和限制。")
def cancelled_asset_is_empty(final: Final) -> bool:
    """On a cancelled asset no right and no restriction is in force."""
    cancelled = {fact.asset for fact in final.change.remarks if isinstance(fact.body, Cancellation)}
    left: Iterable[InterestFacts | RemarkFacts] = (
        *final.title.interests.values(),
        *(fact for fact in final.title.remarks.values() if not isinstance(fact.body, Cancellation)),
    )
    return not any(fact.asset in cancelled and fact.until > final.at for fact in left)


@rule("TIT-4", source="invariant E5", zh="限制的期限不超出所附权利的期限。")
def restriction_ends_with_its_right(final: Final) -> bool:
    """A restriction that this dealing enters ends no later than the right it lies on."""
    return all(
        fact.interest not in final.title.interests
        or fact.until <= final.title.interests[fact.interest].until
        for fact in final.change.remarks
        if fact.interest and fact.kind in ENDS_WITH_RIGHT
    )


@rule("TIT-5", source="invariant W8", zh="例外处理须写明理由，由第二人批准，且限于可以例外的规则。")
def overrides_are_sound(final: Final) -> bool:
    """An override has a ground, a second person, and a rule that may be set aside."""
    return all(
        override.ground.strip()
        and override.approved_by not in ("", final.officer)
        and override.rule in OVERRIDABLE
        for override in final.dealing.overrides
    )


@rule("TIT-6", source="NDA35 Annex 1; PIPL art. 47", zh="所涉主体均已登记且未被删除。")
def parties_are_known(final: Final) -> bool:
    """Every party that the dealing names is entered and was not erased."""
    return final.dealing.parties() <= final.title.parties


FINAL_RULES: tuple[Rule[Final], ...] = (
    shares_sum_to_one,
    nothing_outlives_its_source,
    cancelled_asset_is_empty,
    restriction_ends_with_its_right,
    overrides_are_sound,
    parties_are_known,
)


def decide(
    dealing: Dealing,
    title: Title,
    *,
    at: datetime,
    officer: str,
    versions: Mapping[str, int],
    limits: Limits,
) -> Outcome:
    """Return the rules that the dealing breaks and the change that it makes.

    Args:
        dealing: what is asked for.
        title: the open facts of every asset concerned, read under their locks.
        at: aware UTC, whole seconds.
        officer: reference of who decides.
        versions: asset -> the version that the entry will be of it.
        limits: what the rule profile fixes.
    """
    found: list[Rule[Any]] = []
    change, digest = Change(), dealing.digest()
    for position, item in enumerate(dealing.items):
        act = BY_REQUEST[type(item)]
        facts = Facts(
            request=item,
            title=title,
            at=at,
            applicants=dealing.applicants,
            officer=officer,
            order=dealing.order,
            consents=dealing.consents,
            digest=digest,
            versions=versions,
            position=position,
            limits=limits,
            papers=dealing.instruments,
        )
        stopping = broken((*common_rules(act), *act.rules), facts)
        found.extend(stopping)
        if all(rule.number in _overridden(dealing) for rule in stopping):
            following = act.change(facts)
            change, title = change.and_then(following), title.after(following)
    final = Final(title=title, change=change, dealing=dealing, officer=officer, at=at)
    found.extend(broken(FINAL_RULES, final))
    set_aside = {rule.number for rule in found} & _overridden(dealing)
    standing = tuple(_once(rule for rule in found if rule.number not in set_aside))
    return Outcome(
        broken=standing,
        overridden=frozenset(set_aside),
        change=Change() if standing else change,
    )


def _parties_in(value: Json) -> Iterator[str]:
    if isinstance(value, str) and value.startswith("P-"):
        yield value
    elif isinstance(value, Mapping):
        yield from _parties_in([*value.keys(), *value.values()])
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for member in value:
            yield from _parties_in(member)


def _overridden(dealing: Dealing) -> frozenset[str]:
    return frozenset(override.rule for override in dealing.overrides) & OVERRIDABLE


def _once(rules: Iterable[Rule[Any]]) -> Iterator[Rule[Any]]:
    seen: set[str] = set()
    for each in rules:
        if each.number not in seen:
            seen.add(each.number)
            yield each
