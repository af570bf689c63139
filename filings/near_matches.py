"""Data with a name like the case's: found by the index of names, shown, and decided one by one.

Entry points: `near_matches`, `compared`. Whatever is registered counts, and of the cases those that
were drafted earlier and still wait; nobody can hold a case up by filing after it. Each two are
compared once: what was found stands for both, also when one of them is registered. How alike is
alike enough says the rule profile (`near_name`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import Q

from filings.kinds import FilingType
from filings.likeness import bare, likeness
from filings.models import Filing, Likeness, NearMatch
from filings.workflow import FINAL, State
from registry.models import DataAsset, Named
from registry.search import MAX_KEY, alike

LOOKED_AT = 500
SHOWN = 10
"""At most so many are to be decided; the most alike."""
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
    """A registered asset or an earlier case with a similar name, and what was found of it.

    An earlier case on a file with the same digest is one whatever its name; of the two that one is
    registered (REG-12).
    """

    other: DataAsset | Filing
    likeness: Fraction
    decision: NearMatch | None
    has_same_digest: bool = False

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{'case' if self.is_case else 'asset'}-{self.other.pk}"

    @property
    def is_case(self) -> bool:
        """Whether it is applied for only."""
        return isinstance(self.other, Filing)

    @property
    def percent(self) -> int:
        """How alike the names are, in whole hundredths, rounded down."""
        return int(self.likeness * PERCENT)

    @property
    def is_other_data(self) -> bool | None:
        """What was found, or None where nobody looked yet."""
        return None if self.decision is None else self.decision.finding == Likeness.OTHER


def near_matches(filing: Filing) -> list[Match]:
    """Return what has a name like that of an application for new data, the most alike first."""
    if filing.type != FilingType.INITIAL:
        return []
    least = Fraction(filing.procedure.near_name.value, PERCENT)
    before = {Named.ASSET: MAX_KEY, Named.FILING: filing.pk}
    found = alike(before, bare(filing.name), limit=LOOKED_AT)
    grades = {
        (named, key): grade
        for named, key, name in found
        if (grade := likeness(filing.name, name)) >= least
    }
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
    assets = DataAsset.objects.filter(pk__in=_keys(grades, Named.ASSET))
    cases = Filing.objects.filter(
        Q(pk__in=_keys(grades, Named.FILING)) | Q(sha256=filing.sha256, pk__lt=filing.pk),
        type=FilingType.INITIAL,
    ).exclude(state__in={State.DRAFT, *FINAL})
    matches = [
        *(
            Match(
                other=asset,
                likeness=grades[Named.ASSET, asset.pk],
                decision=by_asset.get(asset.pk),
            )
            for asset in assets
        ),
        *(
            Match(
                other=case,
                likeness=likeness(filing.name, case.name),
                decision=by_case.get(case.pk),
                has_same_digest=case.sha256 == filing.sha256,
            )
            for case in cases
        ),
    ]
    return sorted(
        matches,
        key=lambda match: (
            not match.has_same_digest,
            -match.likeness,
            match.is_case,
            -match.other.pk,
        ),
    )[:SHOWN]


def compared(filing: Filing, other: DataAsset | Filing) -> Iterator[tuple[str, str, str, bool]]:
    """Yield each line of the two descriptions: what it is, the case's, the other's, if they differ.

    What both leave empty is left out.
    """
    for name in COMPARED_FIELDS:
        ours, theirs = _shown(filing, name), _shown(other, name)
        if ours or theirs:
            field = Filing._meta.get_field(name)  # noqa: SLF001 # Django's public name
            yield str(getattr(field, "verbose_name", name)), ours, theirs, ours != theirs


def _keys(grades: dict[tuple[Named, int], Fraction], kind: Named) -> list[int]:
    return [key for named, key in grades if named == kind]


def _shown(described: DataAsset | Filing, name: str) -> str:
    display = getattr(described, f"get_{name}_display", None)
    value = display() if display else getattr(described, name)
    return "" if value is None else str(value)
