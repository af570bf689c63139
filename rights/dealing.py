"""A dealing: acts of title that are decided together and take effect together, or not at all (W6).

Entry point: `decide`. Pure: it turns a `Title` and a `Dealing` into the rules that are broken and
the change that would be made. Each act is judged on the title as the acts before it leave it; what
must hold at the end (TIT) is judged once, on the title as all of them leave it.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from primitives.canonical_json import Json, JsonObject, canonical_json
from primitives.rules import Rule, broken, rule
from primitives.shapes import to_json
from rights.acts import BY_REQUEST
from rights.facts import Consent, Facts, Limits, Order, Override, Request, common_rules
from rights.freezes import binding_freeze, effects
from rights.grant import terms_include
from rights.kinds import ENDS_WITH_RIGHT, RECORDS
from rights.remarks import (
    Cancellation,
    Control,
    Description,
    Freeze,
    Pledge,
    RemarkFacts,
    SetAside,
)
from rights.terms import FOREVER
from rights.title import Change, InterestFacts, Title

TEXTS = frozenset({"words", "limits", "after"})
"""Members of requests that are text and name nobody, whatever they begin with."""

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
        change: what all acts do together, with a remark for each rule that was set aside (W8);
            nothing if a rule is broken.
    """

    broken: tuple[Rule[Any], ...]
    change: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Final:
    """The title as all acts leave it, and those of its assets and rights that they touched.

    ``before`` is the title as they found it.
    """

    title: Title
    change: Change
    dealing: Dealing
    officer: str
    at: datetime
    before: Title = field(default_factory=Title)


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
        fact.terms.survives or (source is not None and fact.until <= source.until)
        for fact in final.title.interests.values()
        if fact.granted_from and fact.until > final.at
        for source in [final.title.interests.get(fact.granted_from)]
    )


@rule("TIT-3", source="invariants R9; NDA35 art. 37", zh="注销登记后，资产上无有效的权利和限制。")
def cancelled_asset_is_empty(final: Final) -> bool:
    """On a cancelled asset no right and no restriction is in force."""
    cancelled = {fact.asset for fact in final.change.remarks if isinstance(fact.body, Cancellation)}
    over = {effect.remark.reference for effect in effects(final.title) if effect.until <= final.at}
    left: Iterable[InterestFacts | RemarkFacts] = (
        *final.title.interests.values(),
        *(fact for fact in final.title.remarks.values() if fact.kind not in RECORDS),
    )
    return not any(
        fact.asset in cancelled
        and fact.until > max(final.at, fact.valid_from)
        and fact.reference not in over
        for fact in left
    )


@rule("TIT-4", source="invariant E5", zh="限制的期限不超出所附权利的期限。")
def restriction_ends_with_its_right(final: Final) -> bool:
    """A restriction ends no later than the right it lies on."""
    return all(
        fact.interest in final.title.interests
        and fact.until <= final.title.interests[fact.interest].until
        for fact in final.title.remarks.values()
        if fact.interest and fact.kind in ENDS_WITH_RIGHT and fact.until > final.at
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


@rule("TIT-7", source="invariant E4", zh="质押的份额不超过出质人持有的份额。")
def pledges_lie_on_what_is_held(final: Final) -> bool:
    """No pledge lies on more of a right than the pledgor holds."""
    return all(
        burden <= interest.shares.get(party, 0)
        for remark, pledge in final.title.remarks_of(Pledge, at=final.at)
        for interest in [final.title.interests.get(remark.interest)]
        if interest is not None
        for party, burden in pledge.burdens.items()
    )


@rule(
    "TIT-8", source="invariant R4", zh="被授予的权利不超出其来源权利的范围和条件，约定存续的除外。"
)
def nothing_is_wider_than_its_source(final: Final) -> bool:
    """No right is wider than the right that it was granted from, unless its terms say it survives.

    This is asked of what the dealing touched and of what was granted out of that.
    """
    touched = {fact.reference for fact in final.change.interests}
    return all(
        source.scope.includes(fact.scope)
        and (source.is_original or terms_include(source.terms, fact.terms))
        for fact in final.title.interests.values()
        if fact.until > final.at
        and not fact.terms.survives
        and {fact.reference, fact.granted_from} & touched
        for source in [final.title.interests.get(fact.granted_from)]
        if source
    )


@rule(
    "TIT-9",
    source="invariant E6",
    zh="被查封、冻结或者受临时管制的权利不因本次办理而消灭，依同级或者上级有权机关文书的除外。",
)
def nothing_frozen_falls(final: Final) -> bool:
    """No right under a freeze or control falls, unless an order of its rank is behind it."""
    order = final.dealing.order
    return all(
        order is not None and order.level >= bond.level
        for interest in _fallen(final)
        for bond in _bonds(final, interest)
    )


@rule("TIT-10", source="invariant L2", zh="后一版本自前一版本终止之时起生效，不倒签，且期限为正。")
def revisions_follow_one_another(final: Final) -> bool:
    """Every revision begins where the one before it ends, and lasts."""
    facts: Iterable[InterestFacts | RemarkFacts] = (*final.change.interests, *final.change.remarks)
    return all(
        fact.valid_from < fact.valid_to
        and (fact.revision == 1 or final.change.ended.get(fact.reference) == fact.valid_from)
        for fact in facts
    )


FINAL_RULES: tuple[Rule[Final], ...] = (
    shares_sum_to_one,
    nothing_outlives_its_source,
    cancelled_asset_is_empty,
    restriction_ends_with_its_right,
    overrides_are_sound,
    parties_are_known,
    pledges_lie_on_what_is_held,
    nothing_is_wider_than_its_source,
    nothing_frozen_falls,
    revisions_follow_one_another,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What the acts before have done in a dealing, and what the next one would."""

    before: Change
    following: Change


@rule(
    "TIT-11", source="invariant L2", zh="同一次登记不再改动其更正、续期或者变更描述所产生的版本。"
)
def a_revision_is_begun_once(step: Step) -> bool:
    """What a dealing began at another instant, or a description, it does not end or alter again."""
    begun: Iterable[InterestFacts | RemarkFacts] = (*step.before.interests, *step.before.remarks)
    return not any(
        fact.reference in step.following.ended
        and (
            step.following.ended[fact.reference] != fact.valid_from
            or (isinstance(fact, RemarkFacts) and isinstance(fact.body, Description))
        )
        for fact in begun
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """What a dealing cites and what it names anew, beside what the register has of both.

    Attributes:
        papers: references of its papers and consents; ``papers_on_file`` those that are there.
        names: references of the rights and remarks that it begins; ``names_taken`` those in use.
    """

    papers: frozenset[str]
    papers_on_file: frozenset[str]
    names: frozenset[str]
    names_taken: frozenset[str]


@rule("TIT-12", source="NDA35 art. 33-37", zh="所依据的材料和同意书均已存档。")
def papers_are_on_file(cited: Cited) -> bool:
    """Every paper and every consent that the dealing rests on is on file."""
    return cited.papers <= cited.papers_on_file


@rule("TIT-13", source="invariant W10", zh="新登记的权利和备注编号未曾使用；同一申请不重复登记。")
def names_are_new(cited: Cited) -> bool:
    """What the dealing begins has a reference that was never used: nothing is entered twice."""
    return not cited.names & cited.names_taken


CITATION_RULES: tuple[Rule[Cited], ...] = (papers_are_on_file, names_are_new)


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
    change, digest, before = Change(), dealing.digest(), title
    overrides = {override.rule: override for override in dealing.overrides}
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
        against = broken((*common_rules(act), *act.rules), facts)
        set_aside = [rule for rule in against if rule.number in overrides.keys() & OVERRIDABLE]
        found.extend(rule for rule in against if rule not in set_aside)
        if len(set_aside) == len(against):
            noted = [_noted(overrides.pop(rule.number), facts) for rule in set_aside]
            following = act.change(facts).and_then(Change(remarks=tuple(noted)))
            step = Step(before=change, following=following)
            found.extend(broken([a_revision_is_begun_once], step))
            change = change.and_then(following)
            # A consent serves every act of its one dealing: none of them uses it up for the next.
            title = replace(title.after(following), used=title.used)
    final = Final(
        title=title, change=change, dealing=dealing, officer=officer, at=at, before=before
    )
    found.extend(broken(FINAL_RULES, final))
    standing = tuple(dict.fromkeys(found))
    # A consent names the dealing and not one of its acts: all of them rest on it, then it is used.
    used = frozenset(consent.instrument for consent in dealing.consents)
    return Outcome(
        broken=standing, change=Change() if standing else replace(change, used=change.used | used)
    )


def _noted(override: Override, facts: Facts[Any]) -> RemarkFacts:
    asset = min(facts.assets())
    return RemarkFacts(
        reference=override.reference,
        asset=asset,
        valid_from=facts.at,
        valid_to=FOREVER,
        until=FOREVER,
        rank=facts.rank(asset),
        body=SetAside(rule=override.rule, approved_by=override.approved_by),
        words=override.ground,
    )


def _fallen(final: Final) -> Iterator[InterestFacts]:
    """Yield the rights that end by the dealing and do not go on in another revision."""
    following = {fact.reference for fact in final.change.interests}
    for reference in final.change.ended.keys() - following:
        if interest := final.before.interests.get(reference):
            yield interest


def _bonds(final: Final, interest: InterestFacts) -> Iterator[Freeze | Control]:
    if found := binding_freeze(final.title, interest, at=final.at):
        yield found[1]
    for _remark, control in final.title.remarks_on(interest, Control, at=final.at):
        yield control


def _parties_in(value: Json) -> Iterator[str]:
    if isinstance(value, str) and value.startswith("P-"):
        yield value
    elif isinstance(value, Mapping):
        for name, member in value.items():
            if name not in TEXTS:
                yield from _parties_in([name, member])
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for member in value:
            yield from _parties_in(member)
