"""Ordering documents, following and downloading them: extracts, searches, accounting evidence.

Whoever holds a right in an asset, or has it pledged, may order what the register says of it (NDA35
art. 30); a search that only says whether something is registered is open to everyone signed in.
"""

import json
import re
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from pyhanko.pdf_utils.reader import PdfFileReader

from accounts.models import User
from accounts.permissions import objects_for
from certificates.documents.accounting import SPREADSHEET
from certificates.documents.issuance import MEDIA_TYPE_XLSX
from certificates.documents.ordering import Order, OrderError, order
from certificates.models import CertificateState, Document, DocumentKind
from certificates.queries import CertificateMissingError, documents_of, read_certificate
from filings.queries import pending_cases_on
from primitives.clock import CHINA, now_utc
from registry.kinds import IdentifierScheme, PartyKind
from registry.masking import masked_identifier, masked_name
from registry.models import DataAsset, Party
from rights.kinds import RemarkKind
from web.downloads import (
    attachment,
    certificate_response,
    kit_response,
    proof_response,
    renewed_proof_response,
    renewed_response,
    signature_response,
)
from web.errors import unavailable

PAGE_SIZE = 50
ASSET_NUMBER = re.compile(r"DA-\d{9,}", re.ASCII)
ORDERED = (
    DocumentKind.STATUS,
    DocumentKind.ACCOUNTING,
    DocumentKind.PLEDGE,
    DocumentKind.SEARCH,
    DocumentKind.CANCELLATION,
    DocumentKind.CIRCULATION,
)
"""What a person may order; a certificate after a change comes by itself."""
OWN_PARTY = frozenset({DocumentKind.ACCOUNTING, DocumentKind.PLEDGE})
ABOUT_ASSET = frozenset(ORDERED) - {DocumentKind.SEARCH, DocumentKind.ACCOUNTING}
NOT_YOURS = gettext_lazy(
    "No such asset among those in which your organisations hold a right or have one pledged."
)


class OrderForm(forms.Form):
    """What a document is to state, and for which day."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Document"), choices=[(kind.value, kind.label) for kind in ORDERED]
    )
    asset = forms.CharField(
        label=gettext_lazy("Asset number"),
        max_length=20,
        required=False,
        help_text=gettext_lazy("For everything but a search and accounting evidence."),
    )
    party = forms.ModelChoiceField(
        label=gettext_lazy("For"),
        queryset=Party.objects.none(),
        required=False,
        help_text=gettext_lazy("Whose pledge, or whose accounts."),
    )
    query = forms.CharField(
        label=gettext_lazy("Search for"),
        max_length=100,
        required=False,
        help_text=gettext_lazy(
            "An asset number, the SHA-256 of the data, or an organisation's code; exactly."
        ),
    )
    since = forms.DateField(
        label=gettext_lazy("First day of the period"),
        required=False,
        widget=forms.DateInput({"type": "date"}),
        help_text=gettext_lazy("For accounting evidence."),
    )
    as_of = forms.DateField(
        label=gettext_lazy("As of the end of"),
        required=False,
        widget=forms.DateInput({"type": "date"}),
        help_text=gettext_lazy("The balance-sheet date, for instance; now if you leave it empty."),
    )

    def __init__(self, data: QueryDict | None, *, user: User) -> None:
        """Offer the parties that are the user's organisations."""
        super().__init__(data)
        self._user = user
        parties = _parties_of(user)
        field = self.fields["party"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = parties
            field.initial = parties.first()

    def clean_asset(self) -> DataAsset | None:
        """Return the asset, if the user may see its papers.

        Raises:
            ValidationError: it is none of theirs, or there is none.
        """
        number = self.cleaned_data["asset"].strip().upper()
        if not number:
            return None
        found = _assets_of(self._user).filter(number=number).first()
        if found is None:
            raise forms.ValidationError(NOT_YOURS)
        return found

    def to_order(self, at: datetime) -> Order:
        """Return the order; what its kind does not need is left out."""
        data = self.cleaned_data
        kind = DocumentKind(data["kind"])
        asset = data["asset"] if kind in ABOUT_ASSET else None
        return Order(
            kind=kind,
            asset=asset,
            party=data["party"] if kind in OWN_PARTY else None,
            query=data["query"] if kind == DocumentKind.SEARCH else "",
            since=_begin_of(data["since"]) if kind == DocumentKind.ACCOUNTING else None,
            as_of=min(_end_of(data["as_of"]), at) if data["as_of"] else None,
            pending_cases=pending_cases_on(asset) if asset else None,
        )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def documents(request: HttpRequest) -> HttpResponse:
    """Show what was ordered, and take an order."""
    user, at = _user(request), now_utc()
    form = OrderForm(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            document = order(form.to_order(at), by=user, at=at)
        except OrderError as error:
            form.add_error(None, str(error))
        else:
            text = _("Ordered: %(number)s. It can be downloaded here in a moment.")
            messages.success(request, text % {"number": document.number})
            return redirect("web:documents")
    page = Paginator(documents_of(user), PAGE_SIZE).get_page(request.GET.get("page"))
    status = 400 if form.errors else 200
    return render(request, "web/documents.html", {"form": form, "page": page}, status=status)


@login_required
@never_cache
@require_safe
def document_file(request: HttpRequest, number: str) -> HttpResponse:
    """Hand out the sealed document."""
    return certificate_response(request, _document(request, number))


@login_required
@never_cache
@require_safe
def document_proof(request: HttpRequest, number: str) -> HttpResponse:
    """Hand out the proof that travels beside the document's file."""
    return proof_response(request, _document(request, number))


@login_required
@never_cache
@require_safe
def document_kit(request: HttpRequest, number: str) -> HttpResponse:
    """Hand out the archive with which a court verifies a certificate after a change offline."""
    document = _document(request, number)
    if document.kind != DocumentKind.TITLE:
        raise Http404
    return kit_response(request, document)


@login_required
@never_cache
@require_safe
def renewed_document(request: HttpRequest, number: str) -> HttpResponse:
    """Hand out the document as it was last renewed for keeping."""
    return renewed_response(request, _document(request, number))


@login_required
@never_cache
@require_safe
def renewed_document_proof(request: HttpRequest, number: str) -> HttpResponse:
    """Hand out the proof that travels beside the renewed file."""
    return renewed_proof_response(request, _document(request, number))


@login_required
@never_cache
@require_safe
def document_signature(request: HttpRequest, number: str) -> HttpResponse:
    """Hand out the second signature (SM2) of the document's file."""
    return signature_response(request, _document(request, number))


@login_required
@never_cache
@require_safe
def workbook(request: HttpRequest, number: str) -> HttpResponse:
    """Hand out the workbook that accounting evidence carries, byte for byte."""
    document = _document(request, number)
    if document.kind != DocumentKind.ACCOUNTING:
        raise Http404
    try:
        content = _embedded(read_certificate(document), SPREADSHEET)
    except CertificateMissingError as error:
        return unavailable(request, reason=str(error))
    return attachment(content, name=f"{document.number}.xlsx", media_type=MEDIA_TYPE_XLSX)


def shown_statement(document: Document) -> dict[str, Any]:
    """Return what a document states, people's names and identifiers in part."""
    text = bytes(document.statement).decode()
    assets = DataAsset.objects.filter(number__in=set(ASSET_NUMBER.findall(text)))
    concerned = Q(shares__interest__asset__in=assets) | Q(remarks__asset__in=assets)
    for person in Party.objects.filter(concerned, kind=PartyKind.NATURAL).distinct():
        if person.is_erased:
            continue
        text = text.replace(person.identifier, masked_identifier(person))
        text = text.replace(person.name, masked_name(person))
    shown: dict[str, Any] = json.loads(text)
    return shown


def _document(request: HttpRequest, number: str) -> Document:
    issued = documents_of(_user(request)).filter(state=CertificateState.ISSUED)
    return get_object_or_404(issued.distinct(), number=number)


def _embedded(pdf: bytes, name: str) -> bytes:
    names = PdfFileReader(BytesIO(pdf)).root["/Names"]["/EmbeddedFiles"]["/Names"]
    for place in range(0, len(names), 2):
        if str(names[place]) == name:
            return bytes(names[place + 1]["/EF"]["/F"].data)
    raise Http404


def _parties_of(user: User) -> QuerySet[Party]:
    codes = user.organisations.values("uscc")
    return Party.objects.filter(
        identifier_scheme=IdentifierScheme.USCC, identifier__in=codes
    ).order_by("pk")


def _assets_of(user: User) -> QuerySet[DataAsset]:
    """Return the assets in which the user's organisations hold a right or have one pledged."""
    own = objects_for(user, "registry.view_dataasset", DataAsset.objects.all())
    pledged = Q(remarks__kind=RemarkKind.PLEDGE, remarks__party__in=_parties_of(user))
    held = Q(interests__shares__party__in=_parties_of(user))
    return DataAsset.objects.filter(Q(pk__in=own.values("pk")) | pledged | held).distinct()


def _begin_of(day: date | None) -> datetime | None:
    """Return the last instant before a day in China: what is held then is the opening."""
    return datetime.combine(day, time(), CHINA).astimezone(UTC) if day else None


def _end_of(day: date) -> datetime:
    """Return the last second of a day in China."""
    following = datetime.combine(day + timedelta(days=1), time(), CHINA)
    return (following - timedelta(seconds=1)).astimezone(UTC)


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user
