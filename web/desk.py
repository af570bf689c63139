"""The enterprise's desk: where are my cases, and what do I own.

A case or certificate of others does not exist here: every read starts from what the person may
see, and anything else is answered 404.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import TypeVar

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_stubs_ext import StrOrPromise

from accounts.invitations import administered_by
from accounts.models import Organisation, User
from accounts.roles import Role, has_role
from certificates.queries import certificates_of
from filings.application import application_of, sources_of
from filings.cases import CaseStateError
from filings.drafting import consent_online
from filings.fees import shown_fees
from filings.kinds import FilingType
from filings.letter_pages import letter_response
from filings.letters import letters_of
from filings.messages import mark_read, messages_of
from filings.models import Filing, Step
from filings.office import case_content, declarations_asked
from filings.predictor import predict
from filings.queries import (
    cases_of,
    consents_due_from,
    drafts_of,
    possible_actions,
    whole,
)
from filings.submission import hand_in, submit, supply
from filings.workflow import Action, State
from primitives.clock import now_utc
from primitives.rules import NumberedRule, RulesBrokenError
from registry.instruments import InstrumentRefusedError
from registry.kinds import IdentifierScheme
from registry.models import Party
from rights.answers import Laid, laid_of
from rights.models import Interest
from rights.queries import AsOf, portfolio_of, secured_portfolio_of
from web.downloads import (
    certificate_response,
    kit_response,
    proof_response,
    renewed_proof_response,
    renewed_response,
    signature_response,
)
from web.forms import PaperForm
from web.throttles import throttled
from web.uploads import limited_upload

PAGE_SIZE = 50
ENDS_SOON = timedelta(days=90)
NOT_ASKED = gettext_lazy(
    "Papers and answers are taken in a draft and while a correction or a supplement is requested."
)

ANSWERED = frozenset({State.DRAFT, State.CORRECTION_REQUESTED, State.SUPPLEMENT_REQUESTED})
"""Where the case is in the applicant's hands."""

NEXT: Mapping[State, StrOrPromise] = {
    State.DRAFT: gettext_lazy("The application is being drafted; it is not yet submitted."),
    State.SUBMITTED: gettext_lazy("A registrar checks whether the application can be accepted."),
    State.CORRECTION_REQUESTED: gettext_lazy(
        "You are asked for corrections: hand in what is missing, then submit again."
    ),
    State.NOT_ACCEPTED: gettext_lazy("The application was not accepted; the ground stands below."),
    State.ACCEPTED: gettext_lazy("An examiner reviews the application and its papers."),
    State.SUPPLEMENT_REQUESTED: gettext_lazy(
        "You are asked for a supplement: hand in what is missing, then say that it is complete."
    ),
    State.CLEARED: gettext_lazy("The review is passed; an approver decides."),
    State.OBJECTED: gettext_lazy("An objection was raised; it is being investigated."),
    State.TERMINATED: gettext_lazy("The review was terminated; the ground stands below."),
    State.LAPSED: gettext_lazy("The last day for your answer is over; the application lapsed."),
    State.EXAMINED: gettext_lazy("The review is passed; the publicity opens next."),
    State.PUBLICISED: gettext_lazy("The case is public; after the publicity an approver decides."),
    State.REGISTERED: gettext_lazy("The rights are registered; the certificate can be downloaded."),
    State.REFUSED: gettext_lazy("Registration was refused; the ground stands below."),
    State.WITHDRAWN: gettext_lazy("The application was withdrawn; nothing was registered."),
}
"""What happens next, told to the applicant."""


Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCase:
    """A case as its applicant sees it in the list."""

    filing: Filing
    last_step: Step | None
    next_text: StrOrPromise


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """An interest that an organisation holds a share of."""

    interest: Interest
    fraction: Fraction
    days_left: int
    ends_soon: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """What an organisation holds, and what is pledged to it."""

    organisation: Organisation
    holdings: Sequence[Holding]
    pledges: Sequence[Laid]


@login_required
@never_cache
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Show the person's cases, their organisations' rights, and their certificates."""
    user, at = _user(request), now_utc()
    cases = _page(request, cases_of(user).prefetch_related("steps"), "cases")
    return render(
        request,
        "web/desk.html",
        {
            "news": messages_of(user),
            "case_page": cases,
            "cases": [_shown(filing) for filing in cases],
            "portfolios": [
                _portfolio(organisation, AsOf(at=at))
                for organisation in user.organisations.order_by("name")
            ],
            "certificate_page": _page(request, certificates_of(user), "certificates"),
            "administered": administered_by(user),
            "may_apply": has_role(user, Role.ENTERPRISE),
        },
    )


@login_required
@never_cache
@require_safe
def case(request: HttpRequest, number: str) -> HttpResponse:
    """Show one case: where it is, what is asked of the applicant, what was applied for."""
    user = _user(request)
    filing = get_object_or_404(_shown_whole(cases_of(user)), number=number)
    mark_read(filing, user, at=now_utc())
    return _whole_case_page(request, filing)


@login_required
@never_cache
@require_POST
@limited_upload(lambda: settings.MAX_INSTRUMENT_BYTES)
def add_paper(request: HttpRequest, number: str) -> HttpResponse:
    """Take in a paper while the case is in the applicant's hands."""
    filing = _filing(request, number)
    if not _is_in_hand(filing, _user(request)):
        return _case_page(request, filing, refusal=str(NOT_ASKED), status=409)
    form = PaperForm(request.POST, request.FILES)
    if not form.is_valid():
        return _case_page(request, filing, form=form, status=400)
    data = form.cleaned_data
    try:
        hand_in(
            filing,
            data["file"],
            kind=data["kind"],
            title=data["title"],
            by=_user(request),
            at=now_utc(),
        )
    except InstrumentRefusedError as error:
        form.add_error("file", str(error))
        return _case_page(request, filing, form=form, status=400)
    except CaseStateError as error:
        return _case_page(request, filing, refusal=str(error), status=409)
    messages.success(request, _("The paper was handed in."))
    return redirect("web:case", number)


@login_required
@never_cache
@require_POST
def resubmit(request: HttpRequest, number: str) -> HttpResponse:
    """Submit a draft or a corrected application, or say that a supplement is complete."""
    filing = _filing(request, number)
    if not _is_in_hand(filing, _user(request)):
        return _case_page(request, filing, refusal=str(NOT_ASKED), status=409)
    try:
        if filing.state == State.SUPPLEMENT_REQUESTED:
            supply(filing, by=_user(request), at=now_utc())
        else:
            declared = request.POST.getlist("declared")
            submit(filing, by=_user(request), at=now_utc(), declared=declared)
    except RulesBrokenError as error:
        return _case_page(request, filing, broken=error.rules, status=400)
    except CaseStateError as error:
        return _case_page(request, filing, refusal=str(error), status=409)
    messages.success(request, _("It was taken in; the case goes on."))
    return redirect("web:case", number)


@login_required
@never_cache
@require_POST
def consent(request: HttpRequest, number: str) -> HttpResponse:
    """Consent, for one's own organisation, to what a joint application asks for now."""
    filing, user = _filing(request, number), _user(request)
    due = consents_due_from(filing, user)
    if not due:
        refusal = _("Nothing waits for the consent of your organisation.")
        return _case_page(request, filing, refusal=refusal, status=409)
    try:
        for party in due:
            consent_online(filing, party, by=user, at=now_utc())
    except CaseStateError as error:
        return _case_page(request, filing, refusal=str(error), status=409)
    messages.success(request, _("The consent is kept among the papers of the case."))
    return redirect("web:case", number)


@login_required
@never_cache
@require_safe
@throttled("letter", "LETTERS_PER_HOUR", methods=frozenset({"GET", "HEAD"}))
def letter(request: HttpRequest, number: str, letter: str) -> HttpResponse:
    """Hand out a letter of a case that the person may follow, sealed now."""
    letters = letters_of(_filing(request, number))
    return letter_response(get_object_or_404(letters, number=letter), at=now_utc())


@login_required
@never_cache
@require_safe
def certificate_file(request: HttpRequest, number: str) -> HttpResponse:
    """Hand out the sealed certificate."""
    certificate = get_object_or_404(certificates_of(_user(request)), number=number)
    return certificate_response(request, certificate)


@login_required
@never_cache
@require_safe
def certificate_proof(request: HttpRequest, number: str) -> HttpResponse:
    """Hand out the proof that travels beside the certificate's file."""
    certificate = get_object_or_404(certificates_of(_user(request)), number=number)
    return proof_response(request, certificate)


@login_required
@never_cache
@require_safe
def renewed_certificate(request: HttpRequest, number: str) -> HttpResponse:
    """Hand out the certificate as it was last renewed for keeping."""
    certificate = get_object_or_404(certificates_of(_user(request)), number=number)
    return renewed_response(request, certificate)


@login_required
@never_cache
@require_safe
def renewed_certificate_proof(request: HttpRequest, number: str) -> HttpResponse:
    """Hand out the proof that travels beside the renewed file."""
    certificate = get_object_or_404(certificates_of(_user(request)), number=number)
    return renewed_proof_response(request, certificate)


@login_required
@never_cache
@require_safe
def certificate_signature(request: HttpRequest, number: str) -> HttpResponse:
    """Hand out the second signature (SM2) of the certificate's file."""
    certificate = get_object_or_404(certificates_of(_user(request)), number=number)
    return signature_response(request, certificate)


@login_required
@never_cache
@require_safe
def certificate_kit(request: HttpRequest, number: str) -> HttpResponse:
    """Hand out the archive with which a court verifies the certificate offline."""
    certificate = get_object_or_404(certificates_of(_user(request)), number=number)
    return kit_response(request, certificate)


def _page(request: HttpRequest, rows: QuerySet[Row], name: str) -> Page[Row]:
    """Return the page of the rows that the address asks for under this name."""
    return Paginator(rows, PAGE_SIZE).get_page(request.GET.get(name))


def _case_page(
    request: HttpRequest,
    filing: Filing,
    *,
    form: PaperForm | None = None,
    refusal: str = "",
    broken: Sequence[NumberedRule] = (),
    status: int = 200,
) -> HttpResponse:
    # It is read anew: a step that was refused may have changed the object, and not the case.
    anew = _shown_whole(Filing.objects.all()).get(pk=filing.pk)
    return _whole_case_page(request, anew, form=form, refusal=refusal, broken=broken, status=status)


def _shown_whole(cases: QuerySet[Filing]) -> QuerySet[Filing]:
    return whole(cases).prefetch_related("declarations")


def _whole_case_page(
    request: HttpRequest,
    filing: Filing,
    *,
    form: PaperForm | None = None,
    refusal: str = "",
    broken: Sequence[NumberedRule] = (),
    status: int = 200,
) -> HttpResponse:
    user, at = _user(request), now_utc()
    steps = list(filing.steps.select_related("letter").order_by("pk"))
    actions = set(possible_actions(filing, user))
    is_own = filing.organisation in user.organisations.all()
    may_edit = is_own and filing.is_editable and _is_drafted_by(filing, user)
    is_in_hand = may_edit if filing.state == State.DRAFT else filing.state in ANSWERED
    may_correct = bool({Action.SUBMIT, Action.SUPPLY} & actions) and is_in_hand
    application, sources = None, None
    if filing.type == FilingType.INITIAL:
        sources = sources_of(filing)
        application = application_of(filing, sources=sources)
    context = {
        **case_content(filing, at=at, application=application, sources=sources),
        **shown_fees(filing),
        "filing": filing,
        "next_text": NEXT[State(filing.state)],
        "steps": steps,
        "ground": steps[-1].note if steps else "",
        "certificates": certificates_of(user).filter(asset=filing.asset_id)
        if filing.asset_id
        else [],
        "may_correct": may_correct,
        "may_edit": may_edit,
        "may_withdraw": is_own and Action.WITHDRAW in actions,
        "prediction": predict(filing, by=user, at=at, application=application)
        if may_edit
        else None,
        "declarations": declarations_asked(filing) if filing.is_editable else [],
        "is_for_acts": filing.type != FilingType.INITIAL,
        "consents_due": consents_due_from(filing, user),
        "paper_form": form or PaperForm(),
        "refusal": refusal,
        "broken": broken,
    }
    return render(request, "web/case.html", context, status=status)


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise TypeError("only a signed-in person has a desk")
    return request.user


def _filing(request: HttpRequest, number: str) -> Filing:
    return get_object_or_404(cases_of(_user(request)), number=number)


def _is_drafted_by(filing: Filing, user: User) -> bool:
    """Say whether the user drafted their own organisation's case, or a colleague did."""
    return filing.filed_by == user or drafts_of(user).filter(pk=filing.pk).exists()


def _is_in_hand(filing: Filing, user: User) -> bool:
    """Say whether the user's side hands the case on: its own draft, or what it is asked for."""
    if filing.state == State.DRAFT:
        return drafts_of(user).filter(pk=filing.pk).exists()
    return filing.state in ANSWERED


def _shown(filing: Filing) -> ShownCase:
    steps = sorted(filing.steps.all(), key=lambda step: step.pk)
    return ShownCase(
        filing=filing,
        last_step=steps[-1] if steps else None,
        next_text=NEXT[State(filing.state)],
    )


def _portfolio(organisation: Organisation, as_of: AsOf) -> Portfolio:
    party = Party.objects.filter(
        identifier_scheme=IdentifierScheme.USCC, identifier=organisation.uscc
    ).first()
    if party is None:
        return Portfolio(organisation=organisation, holdings=[], pledges=[])
    return Portfolio(
        organisation=organisation,
        holdings=[
            _holding(interest, party, as_of.at) for interest in portfolio_of(party, at=as_of.at)
        ],
        pledges=laid_of(secured_portfolio_of(party, at=as_of.at), as_of),
    )


def _holding(interest: Interest, party: Party, at: datetime) -> Holding:
    parts = [share.fraction for share in interest.shares.all() if share.party_id == party.pk]
    return Holding(
        interest=interest,
        fraction=sum(parts, Fraction(0)),
        days_left=(interest.until - at).days,
        ends_soon=interest.until - at <= ENDS_SOON,
    )
