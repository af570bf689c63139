"""The forms of the office: a draft's pages, its papers, the checklist, a step's note."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms.formsets import DELETION_FIELD_NAME
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import ChoiceSelect
from filings.checklist import CheckItem
from filings.forms import ShareField, require_whole
from filings.models import (
    ClaimedResponsibility,
    ClaimedRight,
    ClaimedShare,
    ClaimedSource,
    Filing,
    Likeness,
)
from filings.review import Finding
from registry.kinds import InstrumentKind, Stage

EARLIEST_YEAR = 1900


class HolderForm(forms.ModelForm[ClaimedShare]):
    """One holder of a claimed right."""

    share = ShareField(
        label=_("share"), widget=forms.TextInput(attrs={"placeholder": "1/3", "size": 10})
    )

    class Meta:
        model = ClaimedShare
        fields = ("party",)
        widgets = {
            "party": ChoiceSelect(
                ClaimedShare._meta.get_field("party"),  # noqa: SLF001 # Django's public name
                admin.site,
            ),
        }

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> object:
        """Show a kept share as it is written."""
        if field_name == "share" and self.instance.pk:
            return str(self.instance.fraction)
        return super().get_initial_for_field(field, field_name)

    def clean(self) -> dict[str, Any]:
        """Keep the share as the two whole numbers of the row."""
        data = super().clean() or self.cleaned_data
        if share := data.get("share"):
            self.instance.numerator, self.instance.denominator = share.numerator, share.denominator
        return data


class HolderFormSet(forms.BaseInlineFormSet[ClaimedShare, ClaimedRight, HolderForm]):
    """The holders of one claimed right; their shares make up exactly one."""

    def clean(self) -> None:
        """Look at the holders together.

        Raises:
            ValidationError: a holder stands twice, or the shares are not one; says by how much.
        """
        if any(self.errors):
            return
        require_whole(
            [
                (row["party"], row["share"])
                for row in (form.cleaned_data for form in self.forms)
                if row.get("share") and not row.get(DELETION_FIELD_NAME)
            ]
        )


HOLDERS = forms.inlineformset_factory(
    ClaimedRight,
    ClaimedShare,
    form=HolderForm,
    formset=HolderFormSet,
    extra=3,
    max_num=50,
    absolute_max=100,
)


class ClaimForm(forms.ModelForm[ClaimedRight]):
    """One claimed right; its holders are a formset of their own inside it."""

    holders: forms.BaseInlineFormSet[ClaimedShare, ClaimedRight, HolderForm]

    def has_changed(self) -> bool:
        """A right changes with its holders."""
        return super().has_changed() or self.holders.has_changed()


class ClaimFormSet(forms.BaseInlineFormSet[ClaimedRight, Filing, ClaimForm]):
    """The claimed rights of a filing, each with its holders."""

    def add_fields(self, form: ClaimForm, index: int | None) -> None:
        """Give the right its holders."""
        super().add_fields(form, index)
        form.holders = HOLDERS(
            form.data if form.is_bound else None,
            instance=form.instance,
            prefix=f"{form.prefix}-holders",
        )

    def is_valid(self) -> bool:
        """Judge the holders with the rights."""
        return super().is_valid() and all(
            form.holders.is_valid() or form.cleaned_data.get(DELETION_FIELD_NAME)
            for form in self.forms
        )

    def save_new(self, form: ClaimForm, commit: bool = True) -> ClaimedRight:
        """Save a right and then its holders."""
        right = super().save_new(form, commit=commit)
        form.holders.save(commit=commit)
        return right

    def save_existing(
        self,
        form: ClaimForm,
        obj: ClaimedRight,
        commit: bool = True,
    ) -> ClaimedRight:
        """Save a right and then its holders."""
        right = super().save_existing(form, obj, commit=commit)
        form.holders.save(commit=commit)
        return right


class OwnPapersFormSet(forms.BaseInlineFormSet[Model, Filing, forms.ModelForm[Model]]):
    """Parts of a filing that may point at a paper: at one of its own."""

    def add_fields(self, form: forms.ModelForm[Model], index: int | None) -> None:
        """Offer only the filing's papers."""
        super().add_fields(form, index)
        papers = self.instance.papers.select_related("instrument")
        for name in ("basis_paper", "consent"):
            field = form.fields.get(name)
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = papers


class SourceForm(forms.ModelForm[ClaimedSource]):
    """One source of the data."""

    class Meta:
        model = ClaimedSource
        fields = "__all__"  # noqa: DJ007 # the admin's fieldsets choose
        widgets = {"method": forms.Textarea(attrs={"rows": 3})}

    def clean_ended_at(self) -> datetime:
        """Return when the activity ended.

        Raises:
            ValidationError: before there was any data to speak of.
        """
        ended_at: datetime = self.cleaned_data["ended_at"]
        if ended_at.year < EARLIEST_YEAR:
            raise ValidationError(
                _("The year is %(year)s or later."), params={"year": EARLIEST_YEAR}
            )
        return ended_at


class ResponsibilityForm(forms.ModelForm[ClaimedResponsibility]):
    """Who is responsible at one stage."""

    class Meta:
        model = ClaimedResponsibility
        fields = ("stage", "party")

    def has_changed(self) -> bool:
        """Take a new row for written if it names a party, though nobody touched what it offers."""
        return super().has_changed() if self.instance.pk else bool(self["party"].data)


class ResponsibilityFormSet(
    forms.BaseInlineFormSet[ClaimedResponsibility, Filing, ResponsibilityForm]
):
    """Who is responsible; a stage that has nobody is offered with the only applicant."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # passed through
        super().__init__(*args, **kwargs)
        applicants = list(self.instance.applicants.all()[:2])
        only = applicants[0] if len(applicants) == 1 else None
        named = set(self.instance.responsibilities.values_list("stage", flat=True))
        offered = [{"stage": stage, "party": only} for stage in Stage if stage not in named]
        self.initial_extra, self.extra = offered, len(offered)


class PaperForm(forms.Form):
    """One paper to hand in."""

    kind = forms.ChoiceField(label=_("kind"), choices=InstrumentKind.choices)
    title = forms.CharField(label=_("title"), max_length=200)
    file = forms.FileField(
        label=_("file"),
        allow_empty_file=True,  # refused where every door's files are refused, in its words
        help_text=_("PDF, PNG, JPEG or UTF-8 text (.txt, .csv, .json)."),
    )


class ChecklistForm(forms.Form):
    """An examiner's answers; items may stay open and be answered later."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # passed through
        super().__init__(*args, **kwargs)
        for item in CheckItem:
            self.fields[item.value] = forms.ChoiceField(
                label=item.label,
                choices=[("yes", _("met")), ("no", _("not met"))],
                widget=forms.RadioSelect,
                required=False,
            )
            self.fields[f"{item.value}_note"] = forms.CharField(
                label=_("note"), max_length=400, required=False
            )

    def findings(self) -> dict[CheckItem, Finding]:
        """Return the answered items; the form must be valid."""
        data = self.cleaned_data
        return {
            item: Finding(is_met=data[item.value] == "yes", note=data[f"{item.value}_note"])
            for item in CheckItem
            if data[item.value]
        }


class MatchForm(forms.Form):
    """An examiner's finding on one near match."""

    finding = forms.ChoiceField(
        label=_("finding"), choices=Likeness.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(label=_("what shows it"), max_length=400)


class RestForm(forms.Form):
    """An examiner's finding that all other names alike are of other data."""

    note = forms.CharField(label=_("what shows it"), max_length=400)


class ListAnswerForm(forms.Form):
    """An examiner's answer to one item of the negative list."""

    applies = forms.ChoiceField(
        label=_("finding"),
        choices=[("no", _("does not apply")), ("yes", _("applies"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=_("what shows it"), max_length=400)


class StepForm(forms.Form):
    """What a step asks of its officer beside the button."""

    note = forms.CharField(
        label=_("ground"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("The applicant will read it."),
    )
    shown_digest = forms.CharField(required=False, widget=forms.HiddenInput)
    declared = forms.MultipleChoiceField(
        label=_("declarations"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self,
        *args: Any,
        declarations: Sequence[tuple[str, str]] = (),
        **kwargs: Any,
    ) -> None:
        """Offer ``declarations``, each by its name with its text."""
        super().__init__(*args, **kwargs)
        self.fields["declared"].choices = declarations  # type: ignore[attr-defined] # the stubs know the base only
