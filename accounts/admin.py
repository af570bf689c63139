"""The office's pages on people: users with their roles, organisations with their members.

The system administrator manages them and proposes roles, which the security administrator confirms;
the audit administrator reads. There is no permission picker and no superuser: what a person may do
follows from their roles alone.
"""

from collections.abc import Callable
from typing import Any

import allauth.account.admin
import allauth.mfa.admin  # noqa: F401 # registers what is taken out below
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import UserChangeForm, UserCreationForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import (
    ChoiceFieldsMixin,
    ModelT,
    ReadOnlyModelAdmin,
    holds_role,
    officer_of,
    refusal,
)
from accounts.api_keys import create_api_key
from accounts.events import record
from accounts.lockout import forget_tries
from accounts.models import (
    AccountEvent,
    ApiKey,
    EventKind,
    Membership,
    Organisation,
    RoleProposal,
    User,
)
from accounts.organisations import add_member, create_organisation, remove_member
from accounts.proposals import confirm, propose, refuse
from accounts.roles import (
    ADMINISTRATORS,
    ROLE_RULES,
    Role,
    RoleFacts,
    has_role,
    replace_roles,
    roles_of,
)
from accounts.second_factor import require_fresh_factor, reset_second_factor
from primitives.clock import now_utc
from primitives.rules import RulesBrokenError, broken

# Second factors and addresses are the people's own: the office has no page that shows them.
admin.site.unregister([Group, Authenticator, EmailAddress])


class PeoplePermissions:
    """The system administrator adds and changes; every administrator looks; nobody deletes."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Only the system administrator adds."""
        return holds_role(request, Role.SYSTEM_ADMINISTRATOR)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Only the system administrator changes."""
        return holds_role(request, Role.SYSTEM_ADMINISTRATOR)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """People stay on record: they are made inactive, not deleted."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """All three administrators look."""
        return holds_role(request, *ADMINISTRATORS)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Other officers do not see the pages at all."""
        return request.user.is_authenticated and self.has_view_permission(request)


class StepUpAdmin(admin.ModelAdmin[ModelT]):
    """Asks for a fresh second factor before anything is changed."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Take the form only with a fresh second factor; what was typed is not lost."""
        if request.method == "POST":
            require_fresh_factor(request)
        return super().changeform_view(request, object_id, form_url, extra_context)


class RolesMixin(forms.Form):
    """Checkboxes for the roles, judged together by the ROL rules."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=Role.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def clean_roles(self) -> frozenset[Role]:
        """Return the chosen roles.

        Raises:
            ValidationError: together they break a ROL rule.
        """
        roles = frozenset(Role(value) for value in self.cleaned_data["roles"])
        if found := broken(ROLE_RULES, RoleFacts(roles=roles)):
            raise ValidationError([refusal(rule) for rule in found])
        return roles


class NewUserForm(RolesMixin, UserCreationForm[User]):
    """A new person with a first password."""

    class Meta:
        model = User
        fields = ("username", "first_name", "email")


class UserForm(RolesMixin, UserChangeForm[User]):
    """A person on record."""

    class Meta:
        model = User
        fields = ("username", "first_name", "email", "is_active")

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> object:
        """Tick the roles that the person holds."""
        if field_name == "roles":
            return [role.value for role in roles_of(self.instance)]
        return super().get_initial_for_field(field, field_name)


class RoleFilter(admin.SimpleListFilter):
    """Filter people by role; the groups of organisations stay out of the list."""

    title = _("role")
    parameter_name = "role"

    def lookups(
        self,
        request: HttpRequest,
        model_admin: admin.ModelAdmin[Any],
    ) -> list[tuple[Any, str]]:
        """Return every role."""
        return [(role.value, str(role.label)) for role in Role]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return those who hold the chosen role."""
        return queryset.filter(groups__name=self.value()) if self.value() else queryset


@admin.register(User)
class UserAdmin(PeoplePermissions, StepUpAdmin[User], DjangoUserAdmin[User]):
    """People and their roles."""

    form = UserForm
    add_form = NewUserForm
    actions = ("unlock", "reset_factor")
    list_display = ("username", "first_name", "role_names", "is_active", "last_login")
    list_filter = ("is_active", RoleFilter)
    search_fields = ("username", "first_name", "last_name", "email", "reference")
    ordering = ("username",)
    filter_horizontal = ()
    readonly_fields = ("reference", "last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password", "first_name", "email", "is_active")}),
        (_("Roles"), {"fields": ("roles",)}),
        (_("On record"), {"fields": ("reference", "last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "first_name", "email", "password1", "password2")}),
        (_("Roles"), {"fields": ("roles",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Read the groups of all listed people at once."""
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description=_("roles"))
    def role_names(self, user: User) -> str:
        """Return the roles in words."""
        names = {group.name for group in user.groups.all()}
        return ", ".join(str(role.label) for role in Role if role.value in names)

    def save_model(
        self, request: HttpRequest, obj: User, form: forms.ModelForm[User], change: object
    ) -> None:
        """Save the person; take away what was unticked, and propose what was ticked.

        Whoever comes back into an account that was closed is proposed every role anew.
        """
        was_open = change and User.objects.filter(pk=obj.pk, is_active=True).exists()
        if change and was_open != obj.is_active:
            obj.session_epoch += 1
        super().save_model(request, obj, form, change)
        at, by, held = now_utc(), officer_of(request), roles_of(obj)
        wanted: frozenset[Role] = form.cleaned_data["roles"]
        kept = held & wanted if was_open or not obj.is_active else frozenset[Role]()
        if kept != held:
            detail = ", ".join(sorted(kept))
            record(EventKind.ROLES_CHANGED, at=at, by=by, about=obj, detail=detail)
            replace_roles(obj, kept)
        if further := wanted - kept:
            self._propose(request, obj, further)

    def _propose(self, request: HttpRequest, obj: User, roles: frozenset[Role]) -> None:
        try:
            propose(obj, roles, by=officer_of(request), at=now_utc())
        except RulesBrokenError as error:
            for rule in error.rules:
                messages.error(request, refusal(rule))
        else:
            names = ", ".join(str(role.label) for role in sorted(roles))
            messages.warning(
                request,
                _("Proposed: %(roles)s. The security administrator confirms it.")
                % {"roles": names},
            )

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:  # noqa: A002 # Django's
        """Set somebody's password, with a fresh second factor."""
        if request.method == "POST":
            require_fresh_factor(request)
        return super().user_change_password(request, id, form_url)

    def has_security_permission(self, request: HttpRequest) -> bool:
        """Only the security administrator unlocks and resets."""
        return holds_role(request, Role.SECURITY_ADMINISTRATOR)

    @admin.action(description=_("Unlock the chosen accounts"), permissions=["security"])
    def unlock(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Let people try their passwords again."""
        for user in queryset:
            forget_tries(user, EventKind.UNLOCKED, at=now_utc(), by=officer_of(request))
        messages.success(request, _("Accounts unlocked: %(count)s") % {"count": len(queryset)})

    @admin.action(
        description=_("Reset the second factor of the chosen accounts"), permissions=["security"]
    )
    def reset_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Take lost second factors away; the people are signed out and led to a new one."""
        require_fresh_factor(request)
        for user in queryset:
            reset_second_factor(user, by=officer_of(request), at=now_utc())
        messages.success(request, _("Second factors reset: %(count)s") % {"count": len(queryset)})


@admin.register(RoleProposal)
class RoleProposalAdmin(ReadOnlyModelAdmin[RoleProposal]):
    """Roles that one administrator proposed and another confirms."""

    actions = ("confirm", "refuse")
    list_display = ("person", "role_names", "proposed_by", "proposed_at", "result", "decided_by")
    list_filter = ("outcome",)
    list_select_related = ("person", "proposed_by", "decided_by")
    search_fields = ("person__username", "person__first_name")
    ordering = ("-pk",)
    fields = (
        "person",
        "role_names",
        "proposed_by",
        "proposed_at",
        "result",
        "decided_by",
        "decided_at",
    )

    def has_view_permission(self, request: HttpRequest, obj: RoleProposal | None = None) -> bool:
        """All three administrators look."""
        return holds_role(request, *ADMINISTRATORS)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Other officers do not see the page."""
        return request.user.is_authenticated and self.has_view_permission(request)

    def has_security_permission(self, request: HttpRequest) -> bool:
        """Only the security administrator decides."""
        return holds_role(request, Role.SECURITY_ADMINISTRATOR)

    @admin.display(description=_("roles to be given"))
    def role_names(self, proposal: RoleProposal) -> str:
        """Return the roles in words."""
        return ", ".join(str(Role(role).label) for role in proposal.roles)

    @admin.display(description=_("outcome"), ordering="outcome")
    def result(self, proposal: RoleProposal) -> str:
        """Return what became of it."""
        return proposal.get_outcome_display() or str(_("open"))

    @admin.action(description=_("Confirm the chosen proposals"), permissions=["security"])
    def confirm(self, request: HttpRequest, queryset: QuerySet[RoleProposal]) -> None:
        """Give the roles."""
        require_fresh_factor(request)
        self._decide(request, queryset, confirm)

    @admin.action(description=_("Refuse the chosen proposals"), permissions=["security"])
    def refuse(self, request: HttpRequest, queryset: QuerySet[RoleProposal]) -> None:
        """Give nothing."""
        require_fresh_factor(request)
        self._decide(request, queryset, refuse)

    def _decide(
        self,
        request: HttpRequest,
        queryset: QuerySet[RoleProposal],
        use_case: Callable[..., None],
    ) -> None:
        for proposal in queryset.select_related("person"):
            try:
                use_case(proposal, by=officer_of(request), at=now_utc())
            except RulesBrokenError as error:
                for rule in error.rules:
                    messages.error(request, f"{proposal.person}: {refusal(rule)}")
            else:
                messages.success(request, _("Decided: %(proposal)s") % {"proposal": proposal})


class MembershipInline(
    PeoplePermissions, ChoiceFieldsMixin, admin.TabularInline[Membership, Organisation]
):
    """The members: added and removed, never turned into someone else."""

    model = Membership
    autocomplete_fields = ("user",)
    extra = 0

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """A membership is ended and made again."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """A membership can end."""
        return self.has_add_permission(request, obj)


MembershipFormSet = forms.BaseInlineFormSet[Membership, Organisation, forms.ModelForm[Membership]]


@admin.register(Organisation)
class OrganisationAdmin(PeoplePermissions, StepUpAdmin[Organisation]):
    """Institutions and who acts for them."""

    actions = None
    list_display = ("name", "uscc")
    ordering = ("name", "pk")
    search_fields = ("name", "uscc", "members__username", "members__first_name")
    fields = ("name", "uscc")
    inlines = (MembershipInline,)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """A registrar looks too: a filing names the account that may follow it."""
        return super().has_view_permission(request, obj) or has_role(
            officer_of(request), Role.REGISTRAR
        )

    def has_module_permission(self, request: HttpRequest) -> bool:
        """The pages themselves are the administrators'."""
        return request.user.is_authenticated and super().has_view_permission(request)

    def get_readonly_fields(
        self,
        request: HttpRequest,
        obj: Organisation | None = None,
    ) -> tuple[str, ...]:
        """The code names the organisation's group, so it stays."""
        return ("uscc",) if obj else ()

    def save_model(
        self, request: HttpRequest, obj: Organisation, form: object, change: object
    ) -> None:
        """Create a new organisation together with its group."""
        if change:
            super().save_model(request, obj, form, change)
            return
        created = create_organisation(name=obj.name, uscc=obj.uscc)
        obj.pk, obj.group = created.pk, created.group

    def save_formset(
        self,
        request: HttpRequest,
        form: object,
        formset: MembershipFormSet,
        change: object,
    ) -> None:
        """Let members in and out through the organisation's group."""
        for membership in formset.save(commit=False):
            add_member(
                membership.organisation,
                membership.user,
                is_administrator=membership.is_administrator,
            )
        for membership in formset.deleted_objects:
            remove_member(membership)


@admin.register(ApiKey)
class ApiKeyAdmin(PeoplePermissions, ChoiceFieldsMixin, StepUpAdmin[ApiKey]):
    """Callers' keys: the secret is shown once, when the key is made."""

    actions = ("revoke",)
    list_display = ("label", "owner", "requests_per_hour", "created_at", "revoked_at")
    list_select_related = ("owner",)
    search_fields = ("label", "owner__username")
    fields = ("label", "owner", "requests_per_hour")
    autocomplete_fields = ("owner",)

    def get_readonly_fields(
        self,
        request: HttpRequest,
        obj: ApiKey | None = None,
    ) -> tuple[str, ...]:
        """A key keeps its owner."""
        return ("owner", "created_at", "revoked_at") if obj else ()

    def save_model(self, request: HttpRequest, obj: ApiKey, form: object, change: object) -> None:
        """Make the key and show its secret, this once."""
        if change:
            super().save_model(request, obj, form, change)
            return
        at, by = now_utc(), officer_of(request)
        secret = create_api_key(
            owner=obj.owner,
            label=obj.label,
            created_at=at,
            requests_per_hour=obj.requests_per_hour,
        )
        record(EventKind.KEY_MADE, at=at, by=by, about=obj.owner, detail=obj.label)
        obj.pk = ApiKey.objects.latest("pk").pk
        messages.warning(
            request, _("Copy the key now; it is not shown again: %(key)s") % {"key": secret}
        )

    @admin.action(description=_("Revoke the chosen keys"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        """Make keys useless from now on."""
        at, by = now_utc(), officer_of(request)
        for key in queryset.filter(revoked_at=None).select_related("owner"):
            record(EventKind.KEY_REVOKED, at=at, by=by, about=key.owner, detail=key.label)
        count = queryset.filter(revoked_at=None).update(revoked_at=at)
        messages.success(request, _("Keys revoked: %(count)s") % {"count": count})


@admin.register(AccountEvent)
class AccountEventAdmin(ReadOnlyModelAdmin[AccountEvent]):
    """The trail of accounts: the audit administrator reads it, nobody changes it."""

    list_display = ("at", "kind", "by", "about", "organisation", "address", "detail")
    list_filter = ("kind",)
    list_select_related = ("by", "about", "organisation")
    search_fields = ("by__username", "about__username", "organisation__name", "address")
    ordering = ("-pk",)
    fields = list_display
    show_full_result_count = False

    def has_view_permission(self, request: HttpRequest, obj: AccountEvent | None = None) -> bool:
        """Only the audit administrator reads it."""
        return holds_role(request, Role.AUDIT_ADMINISTRATOR)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Only they see the page."""
        return request.user.is_authenticated and self.has_view_permission(request)
