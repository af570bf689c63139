"""Template tags of title in the office: what stands, what falls, who holds what at an instant."""

from dataclasses import dataclass
from datetime import datetime

from django import template
from django.template.context import RequestContext

from primitives.clock import now_utc
from registry.models import DataAsset, Party
from rights.answers import Laid, answer_for, laid_of, names_of
from rights.falling import Fall, what_falls
from rights.forms import AsOfForm
from rights.models import Interest
from rights.queries import AsOf, portfolio_of, secured_portfolio_of, standing_interests_of
from rights.targets import Target
from rights.terms import FOREVER
from rights.wording import Names

register = template.Library()

FIRST_DERIVED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """What a party holds and what is pledged to it, for what a valid form asks."""

    form: AsOfForm
    rights: list[Interest]
    pledges: list[Laid]


@register.simple_tag
def standing_rights(asset: DataAsset) -> list[Interest]:
    """Return the rights that no act has ended, each as it stands."""
    return standing_interests_of(asset)


@register.simple_tag
def standing_remarks(asset: DataAsset) -> list[Laid]:
    """Return what lies on the asset and its rights now."""
    return answer_for(asset, AsOf(at=now_utc())).laid


@register.simple_tag
def fall_of(interest: Interest) -> Fall | None:
    """Return what would fall if the right ended now; None if it stands no more."""
    at = now_utc()
    if interest.ended_by_id or interest.until <= at:
        return None
    return what_falls(Target(interest=interest.reference), at=at, first=FIRST_DERIVED)


@register.simple_tag
def names_in(fall: Fall) -> Names:
    """Return the names of all holders, by reference."""
    rights = (*fall.falls, *fall.survives)
    return names_of((party for right in rights for party in right.shares), shown=str)


@register.simple_tag(takes_context=True)
def portfolio(context: RequestContext, party: Party) -> Portfolio:
    """Return the portfolio of a party at the instant that the page's address asks for."""
    form = AsOfForm(context["request"].GET, now=now_utc())
    if not form.is_valid():
        return Portfolio(form=form, rights=[], pledges=[])
    as_of = form.as_of
    pledges = secured_portfolio_of(party, at=as_of.at, size=as_of.size)
    return Portfolio(
        form=form,
        rights=portfolio_of(party, at=as_of.at, size=as_of.size),
        pledges=laid_of(pledges, as_of),
    )


@register.filter
def named(names: Names, party: str) -> str:
    """Return how a party is shown."""
    return names.get(party, party)


@register.filter
def share_of(interest: Interest, party: Party) -> str:
    """Return the party's exact share of a right."""
    parts = [share.fraction for share in interest.shares.all() if share.party_id == party.pk]
    return str(sum(parts))


@register.filter
def ends(until: datetime) -> bool:
    """Say whether the clock ends it, not only an act."""
    return bool(until.year < FOREVER.year)
