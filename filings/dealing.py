"""From the acts that a filing asks for to a dealing of title.

Entry points: `dealing_of`, `concerned_assets`. The acts are kept as they are asked for, by the
shapes that entries have too (`primitives.shapes`).
"""

from typing import Any

from filings.models import Filing
from primitives.shapes import from_json
from registry.models import DataAsset
from rights.acts import ACTS
from rights.dealing import Dealing
from rights.facts import ActOfTitle, Consent, Order
from rights.kinds import AuthorityKind
from rights.recording import assets_of

BY_NAME: dict[str, ActOfTitle[Any]] = {act.name: act for act in ACTS}


def dealing_of(filing: Filing) -> Dealing:
    """Return the acts that the filing asks for, with their applicants, papers and consents.

    Raises:
        ShapeError: what is kept is not what the act asks.
    """
    consents = list(filing.given_consents.select_related("party", "paper__instrument"))
    given = {consent.paper.instrument.reference for consent in consents}
    papers = filing.papers.values_list("instrument__reference", flat=True)
    order = getattr(filing, "order", None)
    return Dealing(
        filing=filing.number,
        items=tuple(
            from_json(BY_NAME[asked.act].request, asked.asked) for asked in filing.acts.all()
        ),
        applicants=frozenset(filing.applicants.values_list("reference", flat=True)),
        # A consent names the dealing's digest; it cannot be part of what it names.
        instruments=frozenset(papers) - given,
        consents=tuple(
            Consent(
                instrument=consent.paper.instrument.reference,
                party=consent.party.reference,
                dealing=consent.dealing,
            )
            for consent in consents
        ),
        order=order
        and Order(authority=AuthorityKind(order.authority), level=order.level, number=order.number),
    )


def concerned_assets(filing: Filing) -> list[DataAsset]:
    """Return the assets that the filing's acts concern, in order of their numbers."""
    numbers = assets_of(dealing_of(filing))
    return list(DataAsset.objects.filter(number__in=numbers).order_by("number"))
