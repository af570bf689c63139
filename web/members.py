"""The members of an organisation, kept by its own administrators; others' do not exist here."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import UserCreationForm
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.invitations import (
    accept_invitation,
    administered_by,
    end_membership,
    invite,
    open_invitation,
    send_invitation,
    set_administrator,
    token_of,
)
from accounts.models import Invitation, Membership, Organisation, User
from accounts.second_factor import has_second_factor, require_fresh_factor
from primitives.clock import now_utc
from web.throttles import throttled


class InvitationForm(forms.Form):
    """Whom to invite."""

    email = forms.EmailField(label=gettext_lazy("E-mail address"))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def members(request: HttpRequest, uscc: str) -> HttpResponse:
    """Show the members; on POST invite one more."""
    organisation = _organisation(request, uscc)
    form = InvitationForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        at = now_utc()
        invitation = invite(organisation, form.cleaned_data["email"], by=_user(request), at=at)
        send_invitation(invitation, reverse("web:invitation", args=[token_of(invitation)]))
        messages.success(request, _("The invitation was sent."))
        return redirect("web:members", uscc)
    context = {
        "organisation": organisation,
        "memberships": organisation.memberships.select_related("user").order_by("user__username"),
        "open_invitations": organisation.invitations.filter(
            accepted_at=None, expires_at__gt=now_utc()
        ).order_by("pk"),
        "form": form,
    }
    return render(request, "web/members.html", context, status=400 if form.errors else 200)


@login_required
@never_cache
@require_POST
def change_member(request: HttpRequest, uscc: str, reference: str) -> HttpResponse:
    """Remove a member, or make them administrator or not; ``change`` says which."""
    organisation = _organisation(request, uscc)
    membership = get_object_or_404(
        Membership.objects.select_related("user", "organisation"),
        organisation=organisation,
        user__reference=reference,
    )
    user, at = _user(request), now_utc()
    if has_second_factor(user):
        require_fresh_factor(request)
    try:
        match request.POST.get("change"):
            case "remove":
                end_membership(membership, by=user, at=at)
            case "administrator":
                set_administrator(membership, to=True, by=user, at=at)
            case "member":
                set_administrator(membership, to=False, by=user, at=at)
            case _:
                return redirect("web:members", uscc)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The change was made."))
    is_still_theirs = organisation in administered_by(user)
    return redirect("web:members", uscc) if is_still_theirs else redirect("web:desk")


class NewMemberForm(UserCreationForm[User]):
    """The account of somebody who follows an invitation and has none."""

    class Meta:
        model = User
        fields = ("username", "first_name")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@throttled("invitation", "INVITATIONS_PER_HOUR", methods=frozenset({"GET", "HEAD", "POST"}))
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show an invitation; on POST accept it, with a new account for who is not signed in."""
    found = open_invitation(token, at=now_utc())
    if found is None:
        return render(request, "web/invitation.html", {"invitation": None}, status=404)
    if not request.user.is_authenticated:
        return _new_member(request, found)
    refusal = ""
    if request.method == "POST":
        try:
            accept_invitation(found, _user(request), at=now_utc())
        except ValidationError as error:
            refusal = " ".join(error.messages)
        else:
            messages.success(request, _("You are a member now."))
            return redirect("web:desk")
    status = 409 if refusal else 200
    context = {"invitation": found, "refusal": refusal}
    return render(request, "web/invitation.html", context, status=status)


def _new_member(request: HttpRequest, found: Invitation) -> HttpResponse:
    form = NewMemberForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with transaction.atomic():
            form.instance.email = found.email
            accept_invitation(found, form.save(), at=now_utc())
        messages.success(request, _("Your account is made; sign in now."))
        return redirect("account_login")
    context = {"invitation": found, "form": form, "return_to": request.path}
    return render(request, "web/invitation.html", context, status=400 if form.errors else 200)


def _organisation(request: HttpRequest, uscc: str) -> Organisation:
    mine = [organisation.pk for organisation in administered_by(_user(request))]
    return get_object_or_404(Organisation.objects.filter(pk__in=mine), uscc=uscc)


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise TypeError("only a signed-in person has an organisation")
    return request.user
