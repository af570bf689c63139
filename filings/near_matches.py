"""Data like the case's: by its name, its fields or its parts; shown, and decided one by one.

Entry points: `near_matches`, `registered_alike`, `compared`. Whatever is registered counts, and of
the cases those that were drafted earlier and still wait; nobody can hold a case up by filing after
it. Each two are compared once: what was found stands for both, also when one of them is registered.
How alike is alike enough says the rule profile (`near_name`).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import Q

from filings.fingerprints import sharing
from filings.kinds import FilingType
from filings.likeness import bare, likeness
from filings.models import Filing, Likeness, NearMatch, Trait
from filings.workflow import FINAL, State
from registry.models import DataAsset, Named
from registry.search import MAX_KEY, alike

LOOKED_AT = 500
PERCENT = 100
COMPARED_FIELDS = (
    "name",
    "summary",
    "kind",
    "industry_section",
    "industry_division",
    "source_kind",
    "situation",
    "region",
    "period_from",
    "period_to",
    "update_frequency",
    "record_count",
    "form",
    "structure",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A registered asset or an earlier case with similar data, and what was found of it.

    One with the same fields, or with a part in common, is one whatever its name; so is an earlier
    case on a file with the same digest, of which one is registered (REG-12).
    """

    other: DataAsset | Filing
    likeness: Fraction
    decision: NearMatch | None
    has_same_digest: bool = False
    has_same_fields: bool = False
    shared_parts: int = 0

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{'case' if self.is_case else 'asset'}-{self.other.pk}"

    @property
    def is_case(self) -> bool:
        """Whether it is applied for only."""
        return isinstance(self.other, Filing)

    @property
    def is_by_name(self) -> bool:
        """Whether nothing but its name is like the case's."""
        return not (self.has_same_digest or self.has_same_fields or self.shared_parts)

    @property
    def percent(self) -> int:
        """How alike the names are, in whole hundredths, rounded down."""
        return int(self.likeness * PERCENT)

    @property
    def is_other_data(self) -> bool | None:
        """What was found, or None where nobody looked yet."""
        return None if self.decision is None else self.decision.finding == Likeness.OTHER


def near_matches(filing: Filing) -> list[Match]:
    """Return what is like an application for new data: what nobody decided first, by likeness."""
    if filing.type != FilingType.INITIAL:
        return []
    alike_names = _alike_names(filing, {Named.ASSET: MAX_KEY, Named.FILING: filing.pk})
    decisions = NearMatch.objects.filter(Q(filing=filing) | Q(case=filing)).select_related(
        "filing", "case", "decided_by"
    )
    by_asset: dict[int | None, NearMatch] = {}
    by_case: dict[int, NearMatch] = {}
    for row in decisions.order_by("decided_at", "pk"):  # of two findings the later counts
        other = row.filing if row.case_id == filing.pk else row.case
        by_asset[other.asset_id if other else row.asset_id] = row
        if other:
            by_case[other.pk] = row
    shared = sharing(filing)
    of_assets = {asset: traits for asset, traits in shared.values() if asset}
    assets = DataAsset.objects.filter(pk__in={*_keys(alike_names, Named.ASSET), *of_assets})
    cases = Filing.objects.filter(
        Q(pk__in={*_keys(alike_names, Named.FILING), *shared}) | Q(sha256=filing.sha256),
        pk__lt=filing.pk,
        type=FilingType.INITIAL,
    ).exclude(state__in={State.DRAFT, *FINAL})
    matches = [
        *(
            _match(filing, asset, by_asset.get(asset.pk), of_assets.get(asset.pk, ()))
            for asset in assets
        ),
        *(
            _match(filing, case, by_case.get(case.pk), shared.get(case.pk, (None, ()))[1])
            for case in cases
        ),
    ]
    return sorted(matches, key=_urgency)


def _alike_names(filing: Filing, before: Mapping[Named, int]) -> set[tuple[Named, int]]:
    """Return what has a name at least so much alike as the rule profile says."""
    least = Fraction(filing.procedure.near_name.value, PERCENT)
    found = alike(before, bare(filing.name), limit=LOOKED_AT)
    return {(named, key) for named, key, name in found if likeness(filing.name, name) >= least}


def _urgency(match: Match) -> tuple[object, ...]:
    """Return what puts matches in order: what nobody decided first, then the most alike."""
    return (
        match.decision is not None,
        not match.has_same_digest,
        -match.shared_parts,
        not match.has_same_fields,
        -match.likeness,
        match.is_case,
        -match.other.pk,
    )


def _match(
    filing: Filing,
    other: DataAsset | Filing,
    decision: NearMatch | None,
    traits: Sequence[Trait],
) -> Match:
    return Match(
        other=other,
        likeness=likeness(filing.name, other.name),
        decision=decision,
        has_same_digest=isinstance(other, Filing) and other.sha256 == filing.sha256,
        has_same_fields=Trait.SCHEMA in traits,
        shared_parts=traits.count(Trait.PART),
    )


def registered_alike(filing: Filing) -> list[Match]:
    """Return the registered data that `near_matches` would show first, none of it decided."""
    if filing.type != FilingType.INITIAL:
        return []
    found, shared = _alike_names(filing, {Named.ASSET: MAX_KEY}), sharing(filing)
    of_assets = {asset: traits for asset, traits in shared.values() if asset}
    assets = DataAsset.objects.filter(pk__in={*_keys(found, Named.ASSET), *of_assets})
    matches = [_match(filing, asset, None, of_assets.get(asset.pk, ())) for asset in assets]
    return sorted(matches, key=_urgency)


def compared(filing: Filing, other: DataAsset | Filing) -> Iterator[tuple[str, str, str, bool]]:
    """Yield each line of the two descriptions: what it is, the case's, the other's, if they differ.

    What both leave empty is left out.
    """
    for name in COMPARED_FIELDS:
        ours, theirs = _shown(filing, name), _shown(other, name)
        if ours or theirs:
            field = Filing._meta.get_field(name)  # noqa: SLF001 # Django's public name
            yield str(getattr(field, "verbose_name", name)), ours, theirs, ours != theirs


def _keys(found: Collection[tuple[Named, int]], kind: Named) -> list[int]:
    return [key for named, key in found if named == kind]


def _shown(described: DataAsset | Filing, name: str) -> str:
    display = getattr(described, f"get_{name}_display", None)
    value = display() if display else getattr(described, name)
    return "" if value is None else str(value)
