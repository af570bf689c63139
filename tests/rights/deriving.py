"""Dealings and derived assets in the real register, for the tests of propagation."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from fractions import Fraction

from filings.models import Filing
from ledger.acts import open_act
from ledger.models import Entry
from primitives.identifiers import new_reference
from registry.models import DataAsset, Party
from rights.dealing import Dealing
from rights.facts import Order, Request
from rights.freeze import FreezeLifting, FreezeOrder
from rights.grant import Grant
from rights.kinds import AuthorityKind, RightKind
from rights.models import Interest
from rights.recording import deal, keys_of
from rights.title import GrantTerms
from tests.factories import (
    NOON,
    Office,
    bring_to_publicity,
    decide,
    derive_from,
    make_complete_draft,
)

LATER = NOON + timedelta(days=30)
ORDER = Order(authority=AuthorityKind.COURT, level=2, number="示例1号")
SUBLICENSABLE = GrantTerms(may_sublicense=True)


def a_dealing(*items: Request, applicants: Iterable[Party] = ()) -> Dealing:
    """Return a dealing of the applicants, or under a court's order if there are none."""
    parties = frozenset(party.reference for party in applicants)
    return Dealing(
        filing="F-EXAMPLE", items=items, applicants=parties, order=None if parties else ORDER
    )


def enter(
    office: Office, *items: Request, applicants: Iterable[Party] = (), at: datetime = LATER
) -> Entry:
    dealing = a_dealing(*items, applicants=applicants)
    with open_act(
        recorded_at=at,
        actor=office.wang.reference,
        officer=office.zhao.reference,
        keys=keys_of(dealing),
    ) as act:
        return deal(act, dealing)


def draft_derived(
    office: Office, holder: Party, data: str, *sources: DataAsset | Interest
) -> Filing:
    """Return a case in publicity of data derived from assets, or in reliance on rights in them."""
    filing = make_complete_draft(office, holder, data=data.encode())
    for source in sources:
        asset = source.asset if isinstance(source, Interest) else source
        basis = source if isinstance(source, Interest) else None
        derive_from(filing, asset.versions.get(), holder, basis=basis)
    return bring_to_publicity(office, filing)


def register(office: Office, holder: Party, data: str, *sources: DataAsset | Interest) -> DataAsset:
    return decide(office, draft_derived(office, holder, data, *sources))


def operate(asset: DataAsset) -> Interest:
    """Return the original right to operate the asset."""
    return asset.interests.get(kind=RightKind.OPERATE, granted_from="", ended_by=None)


def license_from(
    office: Office,
    parent: Interest,
    holder: Party,
    *,
    terms: GrantTerms = SUBLICENSABLE,
    at: datetime = LATER,
) -> Interest:
    """Return a right to operate that the holder grants to itself out of its own, for 100 days."""
    grant = Grant(
        reference=new_reference("I"),
        parent=parent.reference,
        kind=RightKind.OPERATE,
        grantees={holder.reference: Fraction(1)},
        valid_from=at,
        valid_to=LATER + timedelta(days=100),
        terms=terms,
    )
    enter(office, grant, applicants=[holder], at=at)
    return Interest.objects.get(reference=grant.reference)


def a_freeze(target: DataAsset | Interest, *, months: int = 36, reference: str = "") -> FreezeOrder:
    return FreezeOrder(
        reference=reference or new_reference("N"), months=months, **target_of(target)
    )


def lifting(target: DataAsset | Interest, freeze: FreezeOrder) -> FreezeLifting:
    return FreezeLifting(remark=freeze.reference, **target_of(target))


def target_of(target: DataAsset | Interest) -> dict[str, str]:
    if isinstance(target, Interest):
        return {"interest": target.reference}
    return {"asset": target.number}
