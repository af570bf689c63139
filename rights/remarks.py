"""What is recorded on a right or an asset beside who holds it (备注, NDA35 art. 23). Pure.

One `RemarkFacts` for all: pledges, freezes, cautions, notices, controls, objections and records
that restrict nothing. Its `body` says what it is; `BODIES` is the list of kinds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from fractions import Fraction
from typing import Protocol

from rights.kinds import (
    AuthorityKind,
    BreachGround,
    CancellationCause,
    ClearanceRoute,
    CorrectionCause,
    ObjectionStage,
    RemarkKind,
    RevenueRole,
)
from rights.scope import EVERYTHING, Codes, Scope

Rank = tuple[int, int]
"""Version of the asset in which the first revision was entered, and its place in that entry: total,
without ties, never typed (E1)."""


class Body(Protocol):
    """What a kind of remark says: a frozen dataclass of codes, numbers, instants and references."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pledge:
    """Security over a share of a right (Civil Code art. 427, 440).

    Attributes:
        secured_fen: the principal, or the ceiling of a maximum-amount pledge (art. 439), in fen.
        currency: ISO 4217.
        burdens: party -> the pledged part of the right that is in its hands (E4).
        no_disposal: the pledgor may not dispose without the pledgee's consent (E3).
        external_registry, external_number, external_at: where it stands besides, e.g. 中登网.
        due_on: the day by whose end the debt is to be paid, if known; of a maximum-amount pledge
            the one on which the claims are determined (art. 423).
    """

    secured_fen: int
    currency: str = "CNY"
    is_maximum_amount: bool = False
    burdens: Mapping[str, Fraction]
    no_disposal: bool = True
    external_registry: str = ""
    external_number: str = ""
    external_at: datetime | None = None
    due_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subordination:
    """That one pledge stands behind another that was registered later (E2)."""

    yields: str
    favours: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """A seizure by a court, procuratorate, police or regulator (NDA35 art. 23(2)).

    Attributes:
        level: of the authority; an order of the same or a higher level lifts it (E6).
        order: number of the order.
        months: its term from when it takes effect, at most 36.
        since: when it took effect, written down by its first renewal.
        renewed_to: where a renewal ends it instead.
    """

    authority: AuthorityKind
    level: int
    order: str
    months: int
    since: datetime | None = None
    renewed_to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """A warning that blocks nothing and is shown on everything (E7)."""

    extends: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityNotice:
    """A place kept for one act that is announced (E8).

    Attributes:
        act: name of the act that may take the place.
        used_by: reference of what was entered under it.
        secured_fen, currency, burdens: the most that may be pledged under it, as in `Pledge`.
    """

    act: str
    used_by: str = ""
    secured_fen: int = 0
    currency: str = "CNY"
    burdens: Mapping[str, Fraction] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Covenant:
    """That the holder grants nothing out of a right within a scope (NDA35 art. 23(1))."""

    scope: Scope = EVERYTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """Temporary control in the public interest (NDA35 art. 23(3)); binds like a freeze."""

    authority: AuthorityKind
    level: int
    order: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """That title is disputed (NDA35 art. 25, 29)."""

    stage: ObjectionStage


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceEnded:
    """That a right on which derivations rely ended before its term; it lies on that right."""

    ended: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation:
    """That the asset's registration is cancelled (NDA35 art. 37)."""

    cause: CancellationCause


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """That a rule was set aside by two persons; the words are the ground (W8)."""

    rule: str
    approved_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """That the description of the data changed: values by field of Annex 1 (NDA35 Annex 3).

    Its revisions are one chain for each asset, each with what it changed and nothing else. Values
    stand as in the registration's entry.
    """

    before: Mapping[str, object]
    after: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """That the register was wrong, by whose error, and which paper shows it.

    Attributes:
        wrong: the revision that was wrong, ``I-…@1``, or the number of the asset.
    """

    wrong: str
    cause: CorrectionCause
    paper: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeteredUse:
    """That a right was used: by the remark's party, during the remark's term.

    Attributes:
        quantity: how many times.
        evidence: reference of the paper that shows it.
        counts_for: the rights whose limits it counts against: the one that was used and all that
            it was granted from.
        breaches: what it went beyond; nothing if it was lawful.
    """

    quantity: int
    evidence: str
    counts_for: frozenset[str]
    breaches: frozenset[BreachGround] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """The mark of a right that was used, itself or below it, beyond what it allows.

    Attributes:
        use: reference of the use.
    """

    use: str
    grounds: frozenset[BreachGround]


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorisation:
    """That those whom personal data is about agree to one scenario (PIPL art. 14, 23).

    Attributes:
        group: code of the persons who gave it; empty if the remark's party did.
        paper: reference of the consent.
    """

    scenario: str
    group: str = ""
    paper: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BasisWithdrawn:
    """The mark of a right whose personal data was authorised and no longer is (PIPL art. 15)."""

    authorisation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """That data may leave the country (PIPL art. 38, DSL art. 31).

    Attributes:
        number: under which whoever cleared it keeps it.
        destinations: codes of the territories; None for any.
        paper: reference of the document.
    """

    route: ClearanceRoute
    number: str
    destinations: Codes = None
    paper: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueRule:
    """What one payee gets of the revenue of a right.

    Attributes:
        party: its reference; empty if the role alone says who it is.
        rate: exact part of what the fixed amounts leave.
        per_use_fen, per_year_fen: fixed amounts, in fen.
    """

    role: RevenueRole
    party: str = ""
    rate: Fraction = Fraction(0)
    per_use_fen: int = 0
    per_year_fen: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueTerms:
    """How the revenue of a right is shared; what the rules leave is the holders'.

    Attributes:
        rules: in the order in which they are paid.
        paper: reference of the contract.
    """

    rules: tuple[RevenueRule, ...]
    paper: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Circulation:
    """That data flowed to the remark's party, at the remark's instant (流转备案).

    The right that it rests on is the remark's.

    Attributes:
        number: of the filing, ``<asset>-LZ-<serial>``.
        giver: reference of the party that it flowed from.
        paper: reference of the paper that it rests on, if any.
    """

    number: str
    giver: str
    purpose: str
    territory: str
    channel: str
    scenario: str = ""
    paper: str = ""


BODIES: Mapping[RemarkKind, type[Body]] = {
    RemarkKind.PLEDGE: Pledge,
    RemarkKind.SUBORDINATION: Subordination,
    RemarkKind.FREEZE: Freeze,
    RemarkKind.CAUTION: Caution,
    RemarkKind.PRIORITY_NOTICE: PriorityNotice,
    RemarkKind.COVENANT: Covenant,
    RemarkKind.CONTROL: Control,
    RemarkKind.OBJECTION: Objection,
    RemarkKind.SOURCE_ENDED: SourceEnded,
    RemarkKind.CANCELLATION: Cancellation,
    RemarkKind.OVERRIDE: SetAside,
    RemarkKind.DESCRIPTION: Description,
    RemarkKind.CORRECTION: Corrected,
    RemarkKind.METERED_USE: MeteredUse,
    RemarkKind.BREACH: Breach,
    RemarkKind.AUTHORISATION: Authorisation,
    RemarkKind.BASIS_WITHDRAWN: BasisWithdrawn,
    RemarkKind.CLEARANCE: Clearance,
    RemarkKind.REVENUE_TERMS: RevenueTerms,
    RemarkKind.CIRCULATION: Circulation,
}
KINDS: Mapping[type[Body], RemarkKind] = {body: kind for kind, body in BODIES.items()}

HEEDED_WHEN_ENDED: tuple[type[Body], ...] = (Freeze, Authorisation, Clearance, Circulation)
"""What a title keeps after an entry ended it: one that waits behind a lifted freeze must know when
that was; what was done while it was authorised or cleared stays lawful; no number comes twice."""
KINDS_HEEDED = frozenset(KINDS[body] for body in HEEDED_WHEN_ENDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemarkFacts:
    """One remark as it stands, or is about to.

    Attributes:
        interest: reference of the right it lies on; empty for the whole asset.
        party: reference of whom it favours or who ordered it; empty if nobody.
        until: where it ends: ``valid_to``, or where an entry ended it before.
        words: free text; a commitment in the ledger.
    """

    reference: str
    revision: int = 1
    asset: str
    interest: str = ""
    party: str = ""
    valid_from: datetime
    valid_to: datetime
    until: datetime
    rank: Rank
    body: Body
    words: str = ""

    @property
    def kind(self) -> RemarkKind:
        """What it is."""
        return KINDS[type(self.body)]

    def in_force_at(self, instant: datetime) -> bool:
        """Say whether its term includes ``instant``; of a freeze see `rights.freezes` as well."""
        return self.valid_from <= instant < self.until

    @property
    def is_cause(self) -> bool:
        """Whether it also concerns whatever was derived from what it lies on (P5)."""
        if isinstance(self.body, Objection):
            return self.body.stage == ObjectionStage.SUSTAINED
        return isinstance(self.body, Freeze | Control | SourceEnded)

    def lies_on(self, asset: str, interest: str) -> bool:
        """Say whether it concerns the right: it lies on that, or on the whole asset."""
        return self.asset == asset and self.interest in ("", interest)

    def revised(self, *, at: datetime, body: Body | None = None) -> "RemarkFacts":
        """Return the next revision, which begins at ``at``; rank and term stay (E9)."""
        return replace(
            self,
            revision=self.revision + 1,
            valid_from=at,
            until=self.valid_to,
            body=body or self.body,
        )
