"""From the acts that a filing asks for to a dealing of title.

Entry points: `dealing_of`, `concerned_assets`, `texts_in`. The acts are kept as they are asked for,
by the shapes that entries have too (`primitives.shapes`).
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from filings.models import AskedAct, Filing
from primitives.shapes import ShapeError, from_json
from registry.kinds import InstrumentKind
from registry.models import DataAsset
from rights.acts import ACTS
from rights.correction import REMARK_CORRECTION, RemarkCorrection
from rights.dealing import Dealing
from rights.facts import ActOfTitle, Consent, Limits, Order, Override, Request
from rights.kinds import AuthorityKind, RemarkKind
from rights.models import Remark
from rights.recording import assets_of, limits
from rights.remarks import BODIES

BY_NAME: dict[str, ActOfTitle[Any]] = {act.name: act for act in ACTS}


def dealing_of(filing: Filing) -> Dealing:
    """Return the acts that the filing asks for, with their applicants, papers and consents.

    Raises:
        ShapeError: what is kept is not what the act asks.
    """
    consents = list(filing.given_consents.select_related("party", "paper__instrument"))
    asked = list(filing.acts.all())
    named = set(texts_in([each.asked for each in asked]))
    # A consent names the dealing's digest and cannot be part of what it names; a paper of that
    # kind on which an act itself rests is no consent to the dealing.
    papers = {
        reference
        for reference, kind in filing.papers.values_list(
            "instrument__reference", "instrument__kind"
        )
        if kind != InstrumentKind.CONSENT or reference in named
    }
    order = getattr(filing, "order", None)
    return Dealing(
        filing=filing.number,
        items=tuple(request_of(each) for each in asked),
        applicants=frozenset(filing.applicants.values_list("reference", flat=True)),
        instruments=frozenset(papers),
        consents=tuple(
            Consent(
                instrument=consent.paper.instrument.reference,
                party=consent.party.reference,
                dealing=consent.dealing,
            )
            for consent in consents
        ),
        overrides=tuple(
            Override(
                reference=row.reference,
                rule=row.rule,
                ground=row.ground,
                approved_by=row.proposed_by.reference,
            )
            for row in filing.overrides.select_related("proposed_by").order_by("pk")
        ),
        order=order
        and Order(authority=AuthorityKind(order.authority), level=order.level, number=order.number),
    )


def request_of(asked: AskedAct) -> Request:
    """Return an act as it is asked for.

    Raises:
        ShapeError: what is kept is not what the act asks.
    """
    shape, written = BY_NAME[asked.act].request, asked.asked
    if asked.act != REMARK_CORRECTION.name or not written.get("body"):
        request: Request = from_json(shape, written)
        return request
    # What a body is made of depends on the kind of the remark, which no correction changes.
    remark = Remark.objects.filter(reference=written["remark"]).order_by("pk").first()
    if remark is None:
        raise ShapeError(f"there is no remark {written['remark']}")
    corrected: RemarkCorrection = from_json(shape, {**written, "body": None})
    body = from_json(BODIES[RemarkKind(remark.kind)], written["body"])
    return replace(corrected, body=body)


def texts_in(value: Any) -> Iterator[str]:  # noqa: ANN401 # any JSON
    """Yield every text in what an act asks."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from texts_in(list(value.values()))
    elif isinstance(value, list):
        for member in value:
            yield from texts_in(member)


def limits_of(filing: Filing) -> Limits:
    """Return what bounds the filing's acts: its rule profile, and the settings for the rest."""
    own, profile = limits(), filing.procedure
    return replace(
        own,
        term_months=min(own.term_months, profile.max_term.value),
        renewal_months=profile.renewal.value,
    )


def concerned_assets(filing: Filing) -> list[DataAsset]:
    """Return the assets that the filing's acts concern, in order of their numbers."""
    numbers = assets_of(dealing_of(filing))
    return list(DataAsset.objects.filter(number__in=numbers).order_by("number"))
