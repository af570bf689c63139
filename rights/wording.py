"""How title is said to people: acts, scopes, terms and what a remark says, in their language.

Only what is public: codes, amounts, instants and references. The free text of a remark is not
among it, and parties are named by whoever shows them.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from primitives.canonical_json import JsonObject
from registry.descriptions import FIELDS
from rights.kinds import RemarkKind
from rights.models import Remark
from rights.remarks import (
    BODIES,
    BasisWithdrawn,
    Body,
    Breach,
    Cancellation,
    Caution,
    Clearance,
    Control,
    Corrected,
    Covenant,
    Description,
    Freeze,
    Objection,
    Pledge,
    PriorityNotice,
    SetAside,
    SourceEnded,
    Subordination,
)
from rights.scope import DIMENSIONS, Scope
from rights.title import GrantTerms

Saying: TypeAlias = tuple[str, str]
"""A label and what stands beside it."""

Names: TypeAlias = Mapping[str, str]
"""Reference of a party -> how it is shown; one that is missing is shown by its reference."""

ACTS: Mapping[str, StrOrPromise] = {
    "registration.initial": gettext_lazy("Initial registration"),
    "grant": gettext_lazy("Grant"),
    "transfer": gettext_lazy("Transfer"),
    "narrow": gettext_lazy("Narrowing"),
    "surrender": gettext_lazy("Surrender"),
    "renew": gettext_lazy("Renewal"),
    "cancel": gettext_lazy("Cancellation"),
    "succeed": gettext_lazy("Succession"),
    "change_description": gettext_lazy("Change of the description"),
    "change_limits": gettext_lazy("Change of limits"),
    "correct_description": gettext_lazy("Correction of the description"),
    "correct_right": gettext_lazy("Correction of a right"),
    "correct_remark": gettext_lazy("Correction of a remark"),
    "pledge": gettext_lazy("Pledge"),
    "pledge_change": gettext_lazy("Change of a pledge"),
    "pledge_assignment": gettext_lazy("Assignment of a pledge"),
    "subordination": gettext_lazy("Subordination"),
    "priority_notice": gettext_lazy("Priority notice"),
    "release": gettext_lazy("Release"),
    "enforcement": gettext_lazy("Enforcement"),
    "freeze": gettext_lazy("Freeze"),
    "freeze_renewal": gettext_lazy("Renewal of a freeze"),
    "freeze_lifting": gettext_lazy("Lifting of a freeze"),
    "control": gettext_lazy("Regulatory control"),
    "control_lifting": gettext_lazy("Lifting of a control"),
    "caution": gettext_lazy("Caution"),
    "caution_extension": gettext_lazy("Extension of a caution"),
    "caution_cancellation": gettext_lazy("Cancellation of a caution"),
    "covenant": gettext_lazy("Exclusivity covenant"),
    "covenant_release": gettext_lazy("Release from a covenant"),
    "objection": gettext_lazy("Objection"),
    "objection_sustaining": gettext_lazy("Sustaining of an objection"),
    "objection_conclusion": gettext_lazy("Conclusion of an objection"),
    "record_use": gettext_lazy("Metered use"),
    "authorise": gettext_lazy("Authorisation by data subjects"),
    "withdraw_authorisation": gettext_lazy("Withdrawal of an authorisation"),
    "record_clearance": gettext_lazy("Export clearance"),
    "revoke_clearance": gettext_lazy("Revocation of an export clearance"),
    "record_revenue_terms": gettext_lazy("Revenue-sharing terms"),
    "file_circulation": gettext_lazy("Circulation filing"),
}
"""Every act by its name in entries; one that is missing is shown by that name."""

SCOPE_LABELS: Mapping[str, StrOrPromise] = {
    "fields": gettext_lazy("Data fields"),
    "purposes": gettext_lazy("Purposes"),
    "territories": gettext_lazy("Territories"),
    "channels": gettext_lazy("Channels"),
    "environments": gettext_lazy("Environments"),
}

TERM_LABELS: Mapping[str, StrOrPromise] = {
    "may_sublicense": gettext_lazy("may grant further rights"),
    "may_resell": gettext_lazy("may resell"),
    "may_export": gettext_lazy("may export from China"),
    "may_transfer": gettext_lazy("may transfer it"),
    "is_exclusive": gettext_lazy("exclusive"),
    "survives": gettext_lazy("stays if the right that it was granted from ends early"),
    "binds_derivatives": gettext_lazy("what is derived under it ends with it"),
}


def act_name(name: str) -> str:
    """Return what an act is called."""
    return str(ACTS.get(name, name))


def scope_sayings(scope: Scope) -> list[Saying]:
    """Return each dimension in which a scope is limited, with its codes; nothing for everything."""
    return [
        (str(SCOPE_LABELS[name]), _(", ").join(sorted(codes)) or _("none"))
        for name in DIMENSIONS
        if (codes := getattr(scope, name)) is not None
    ]


def terms_sayings(terms: GrantTerms) -> list[str]:
    """Return what the terms of a grant allow beside using it, and how they bind."""
    said = [str(label) for name, label in TERM_LABELS.items() if getattr(terms, name)]
    if terms.max_uses is not None:
        said.append(_("at most %(count)s uses") % {"count": terms.max_uses})
    if terms.scenario:
        said.append(_("personal data for “%(scenario)s” only") % {"scenario": terms.scenario})
    return said


def amount(hundredths: int, currency: str) -> str:
    """Return an amount of money exactly: ``CNY 1,234,567.80``."""
    whole, part = divmod(hundredths, 100)
    return f"{currency} {whole:,}.{part:02d}"


def body_sayings(body: Body, names: Names) -> list[Saying]:
    """Return what a remark says beside its kind, party and term."""
    say = SAYINGS.get(type(body))
    return list(say(body, names)) if say else []


def public_body(remark: Remark) -> JsonObject:
    """Return what a remark says as the ledger has it; nothing of a kind that is not shown."""
    return dict(remark.body) if BODIES[RemarkKind(remark.kind)] in SAYINGS else {}


def _pledge(pledge: Pledge, names: Names) -> Iterator[Saying]:
    label = _("Secures at most") if pledge.is_maximum_amount else _("Secures")
    yield label, amount(pledge.secured_fen, pledge.currency)
    for party, part in pledge.burdens.items():
        yield _("Pledged part"), f"{part} · {names.get(party, party)}"
    if pledge.no_disposal:
        yield _("Covenant"), _("no disposal without the pledgee's consent")
    if pledge.external_registry:
        yield _("Registered also at"), f"{pledge.external_registry} {pledge.external_number}"


def _subordination(body: Subordination, _names: Names) -> Iterator[Saying]:
    yield _("Yields its place"), body.yields
    yield _("To"), body.favours


def _order(body: Freeze | Control, _names: Names) -> Iterator[Saying]:
    yield _("Ordered by"), str(body.authority.label)
    yield _("Number of the order"), body.order


def _caution(body: Caution, _names: Names) -> Iterator[Saying]:
    if body.extends:
        yield _("Extends"), body.extends


def _notice(body: PriorityNotice, _names: Names) -> Iterator[Saying]:
    yield _("Keeps a place for"), act_name(body.act)
    if body.secured_fen:
        yield _("Secures at most"), amount(body.secured_fen, body.currency)
    if body.used_by:
        yield _("Used by"), body.used_by


def _covenant(body: Covenant, _names: Names) -> Iterator[Saying]:
    yield _("Covenant"), _("nothing is granted out of the right within this scope")
    yield from scope_sayings(body.scope) or [(_("Scope"), _("everything"))]


def _objection(body: Objection, _names: Names) -> Iterator[Saying]:
    yield _("Stage"), str(body.stage.label)


def _source_ended(body: SourceEnded, _names: Names) -> Iterator[Saying]:
    yield _("Ended right"), body.ended


def _cancellation(body: Cancellation, _names: Names) -> Iterator[Saying]:
    yield _("Cause"), str(body.cause.label)


def _description(body: Description, _names: Names) -> Iterator[Saying]:
    yield _("Changed"), _(", ").join(str(FIELDS[name].verbose_name) for name in sorted(body.after))


def _corrected(body: Corrected, _names: Names) -> Iterator[Saying]:
    yield _("What was wrong"), body.wrong
    yield _("Cause"), str(body.cause.label)


def _breach(body: Breach, _names: Names) -> Iterator[Saying]:
    yield _("Ground"), _(", ").join(sorted(str(ground.label) for ground in body.grounds))


def _basis_withdrawn(body: BasisWithdrawn, _names: Names) -> Iterator[Saying]:
    yield _("Withdrawn authorisation"), body.authorisation


def _clearance(body: Clearance, _names: Names) -> Iterator[Saying]:
    yield _("Route"), str(body.route.label)
    if body.destinations is not None:
        yield _("Destinations"), _(", ").join(sorted(body.destinations))


def _set_aside(body: SetAside, _names: Names) -> Iterator[Saying]:
    yield _("Rule set aside"), body.rule


SAYINGS: Mapping[type[Body], Callable[[Any, Names], Iterator[Saying]]] = {
    Pledge: _pledge,
    Subordination: _subordination,
    Freeze: _order,
    Control: _order,
    Caution: _caution,
    PriorityNotice: _notice,
    Covenant: _covenant,
    Objection: _objection,
    SourceEnded: _source_ended,
    Cancellation: _cancellation,
    Description: _description,
    Corrected: _corrected,
    Breach: _breach,
    BasisWithdrawn: _basis_withdrawn,
    Clearance: _clearance,
    SetAside: _set_aside,
}
"""What is public. A kind that is missing, of how data is used and what it earns, says no more than
its kind, party and term."""
