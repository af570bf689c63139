"""Drafting a filing that asks for acts of title.

Entry points: `create_dealing`, `ask`, `drop`, `state_order`, `consent_by_paper`, `consent_online`.
"""

import hashlib
from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from accounts.permissions import allow
from accounts.roles import Role, require_role
from filings.cases import CaseStateError, lock_case, take_part
from filings.dealing import concerned_assets, dealing_of
from filings.kinds import TYPE_OF_ACT, FilingType
from filings.messages import VIEW
from filings.models import AskedAct, Filing, GivenConsent, OrderBehind, Paper, Part
from filings.submission import create_filing, require_editable
from filings.workflow import FINAL
from primitives.canonical_json import canonical_json, instant_text
from primitives.shapes import to_json
from registry.instruments import store_instrument
from registry.kinds import IdentifierScheme, InstrumentKind
from registry.models import Party
from rights.acts import BY_REQUEST
from rights.facts import Order, Request
from rights.models import Interest, Remark

UNDESCRIBED = ("grade", "personal_information", "public_data")
"""What an initial registration has defaults for and other filings do not say."""


class ActNotOfTypeError(Exception):
    """The act is not asked for in a filing of this type; the message says in which."""


@transaction.atomic
def create_dealing(
    filing_type: FilingType,
    *,
    applicants: Collection[Party],
    organisation: Organisation | None = None,
    profile: str = "",
    by: User,
    at: datetime,
) -> Filing:
    """Draft a filing without acts; every applicant that has an account may follow it.

    Raises:
        PermissionDenied: ``by`` is neither a registrar nor an enterprise's user; an order is the
            registrar's to enter.
    """
    if filing_type == FilingType.ORDER:
        require_role(by, Role.REGISTRAR)
    filing = Filing(type=filing_type, organisation=organisation, size_bytes=0)
    if profile:
        filing.profile = profile
    for name in UNDESCRIBED:
        setattr(filing, name, "")
    create_filing(filing, by=by, at=at)
    filing.applicants.set(applicants)
    codes = [party.identifier for party in applicants]
    for account in Organisation.objects.filter(uscc__in=codes).select_related("group"):
        allow(account.group, VIEW, filing)
    return filing


@transaction.atomic
def ask(filing: Filing, request: Request, *, by: User) -> AskedAct:
    """Add an act to a draft, after those that it asks for already.

    Raises:
        PermissionDenied: ``by`` is neither a registrar nor an enterprise's user.
        CaseStateError: the case is no longer in the applicant's hands.
        ActNotOfTypeError: the act belongs to another type of filing.
    """
    case = _draft(filing, by)
    name = BY_REQUEST[type(request)].name
    if case.type not in (TYPE_OF_ACT[name], FilingType.ORDER):
        raise ActNotOfTypeError(
            _("This act is applied for in a filing of the type “%(type)s”.")
            % {"type": TYPE_OF_ACT[name].label}
        )
    last = case.acts.last()
    asked = AskedAct.objects.create(
        filing=case,
        position=last.position + 1 if last else 0,
        act=name,
        asked=to_json(request),
    )
    _keep_concerned(case)
    return asked


@transaction.atomic
def drop(asked: AskedAct, *, by: User) -> None:
    """Take an act back from a draft.

    Raises:
        PermissionDenied: ``by`` is neither a registrar nor an enterprise's user.
        CaseStateError: the case is no longer in the applicant's hands.
    """
    case = _draft(asked.filing, by)
    asked.delete()
    _keep_concerned(case)


@transaction.atomic
def state_order(filing: Filing, order: Order, *, by: User) -> OrderBehind:
    """Write under whose order a filing of the type ORDER is made.

    Raises:
        PermissionDenied: ``by`` is no registrar.
        CaseStateError: the case is no longer a draft.
        ActNotOfTypeError: the filing is of another type.
    """
    require_role(by, Role.REGISTRAR)
    case = _draft(filing, by)
    if case.type != FilingType.ORDER:
        raise ActNotOfTypeError(_("Only the execution of an order is made under an order."))
    return OrderBehind.objects.update_or_create(
        filing=case,
        defaults={
            "authority": order.authority,
            "level": order.level,
            "number": order.number,
        },
    )[0]


@transaction.atomic
def consent_by_paper(filing: Filing, paper: Paper, party: Party, *, by: User, at: datetime) -> None:
    """Record that a paper of the filing is the party's consent to what is asked for now.

    Raises:
        PermissionDenied: ``by`` is no registrar.
        CaseStateError: the case has ended.
    """
    require_role(by, Role.REGISTRAR)
    case = _open(filing)
    _consent(case, paper, party, by=by, at=at)


@transaction.atomic
def consent_online(filing: Filing, party: Party, *, by: User, at: datetime) -> Paper:
    """Consent to what is asked for now as a member of the party's organisation; return the paper.

    Raises:
        PermissionDenied: ``by`` belongs to no organisation of the party's code, or the party has
            nothing to do with what is asked for.
        CaseStateError: the case has ended.
    """
    if party.identifier_scheme != IdentifierScheme.USCC or not by.organisations.filter(
        uscc=party.identifier
    ):
        raise PermissionDenied(_("You consent for an organisation to which you belong."))
    case = _open(filing)
    if not _is_concerned(case, party):
        raise PermissionDenied(_("The filing does not concern this party."))
    text = canonical_json(
        {
            "consents": party.reference,
            "to": dealing_of(case).digest(),
            "filing": case.number,
            "by": by.reference,
            "at": instant_text(at.replace(microsecond=0)),
        }
    )
    name = f"consent-{hashlib.sha256(text).hexdigest()[:16]}.json"
    upload = SimpleUploadedFile(name, text)
    instrument = store_instrument(
        upload,
        kind=InstrumentKind.CONSENT,
        title=str(_("Consent given online")),
        stored_at=at,
    )
    paper = Paper.objects.create(filing=case, instrument=instrument)
    _consent(case, paper, party, by=by, at=at)
    return paper


def _is_concerned(case: Filing, party: Party) -> bool:
    """Say whether the party applies, is named, or has a right or remark on an asset concerned."""
    if party.reference in dealing_of(case).parties():
        return True
    assets = case.concerned.values("pk")
    rights = Interest.objects.filter(asset__in=assets, shares__party=party, ended_by=None)
    remarks = Remark.objects.filter(asset__in=assets, party=party, ended_by=None)
    return rights.exists() or remarks.exists()


def _consent(case: Filing, paper: Paper, party: Party, *, by: User, at: datetime) -> None:
    if paper.filing_id != case.pk or paper.instrument.kind != InstrumentKind.CONSENT:
        raise PermissionDenied(_("A consent is a paper of this kind among those of the filing."))
    case.given_consents.filter(party=party).delete()
    GivenConsent.objects.create(
        filing=case,
        party=party,
        paper=paper,
        given_by=by,
        given_at=at,
        dealing=dealing_of(case).digest(),
    )


def _draft(filing: Filing, by: User) -> Filing:
    case = require_editable(lock_case(filing.pk), by=by)
    take_part(case, Part.FILED, by=by)
    return case


def _open(filing: Filing) -> Filing:
    case = lock_case(filing.pk)
    if case.state in FINAL:
        raise CaseStateError(
            _("The filing is “%(state)s”; nothing is consented to any more.")
            % {"state": case.get_state_display()}
        )
    return case


def _keep_concerned(case: Filing) -> None:
    assets = concerned_assets(case)
    case.concerned.set(assets)
    case.name = assets[0].name if assets else ""
    case.save(update_fields=["name"])
