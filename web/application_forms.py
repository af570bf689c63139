"""What an enterprise fills in to apply online: the data, the rights, the sources, the acts."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from filings.claims import WrittenClaim
from filings.forms import (
    AssetField,
    DescriptionForm,
    PartyField,
    ProcedureField,
    ShareField,
    require_whole,
)
from filings.kinds import FilingType
from filings.models import ClaimedSource, Filing, Paper
from registry.kinds import Stage
from registry.models import AssetVersion, Party
from registry.queries import latest_version
from rights.forms import ShanghaiField
from rights.kinds import RightKind
from rights.models import Interest

HOLDER_ROWS = 6
PARTICIPANT_ROWS = 4
LONGEST_TERM = 1200
SECTIONS: Sequence[tuple[StrOrPromise, Sequence[str]]] = (
    (_("Procedure"), ("procedure",)),
    (_("The data"), ("name", "summary", "kind", "industry_section", "industry_division")),
    (
        _("Digests of the data"),
        ("data_file", "sha256", "sm3", "size_bytes", "field_names", "part_digests"),
    ),
    (_("Origin"), ("source_kind", "situation", "is_substantive")),
    (
        _("Classification"),
        ("grade", "personal_information", "personal_basis", "public_data", "public_data_code"),
    ),
    (
        _("Scope"),
        (
            "region_scope",
            "region",
            "period_from",
            "period_to",
            "update_frequency",
            "record_count",
            "form",
            "structure",
        ),
    ),
    (
        _("Limits"),
        (
            "limit_users",
            "limit_qualification",
            "limit_environment",
            "limit_territory",
            "resale_allowed",
            "export_allowed",
        ),
    ),
    (_("Other"), ("remarks",)),
)


OURS = frozenset({"data_file", "procedure"})
"""Fields of the form that are none of the filing."""


class DataForm(DescriptionForm):
    """The data that an enterprise applies for, and for which of its organisations."""

    class Meta(DescriptionForm.Meta):
        fields = [name for _title, names in SECTIONS for name in names if name not in OURS]
        widgets = {
            **DescriptionForm.Meta.widgets,
            "period_from": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "period_to": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def sections(self) -> Iterator[tuple[StrOrPromise, list[forms.BoundField]]]:
        """Return the fields under their headings."""
        for title, names in SECTIONS:
            if fields := [self[name] for name in names if name in self.fields]:
                yield title, fields


class ApplicantForm(forms.Form):
    """For which of their organisations somebody applies."""

    organisation = forms.ChoiceField(label=_("Applicant"))

    def __init__(self, data: QueryDict | None, *, applicants: Sequence[Party]) -> None:
        super().__init__(data)
        self.fields["organisation"].choices = [  # type: ignore[attr-defined] # it is the one above
            (party.identifier, str(party)) for party in applicants
        ]


class NewActsForm(ApplicantForm):
    """An application about what is registered: of which type, on which asset, and who joins it."""

    type = forms.ChoiceField(
        label=_("What for"),
        choices=[
            (member.value, member.label)
            for member in FilingType
            if member not in (FilingType.INITIAL, FilingType.ORDER)
        ],
    )
    asset = AssetField(label=_("Data asset"))
    other = PartyField(
        label=_("Other applicant"),
        required=False,
        help_text=_(
            "Unified social credit code of the party that applies together with you: of a "
            "transfer the other side, of a pledge the pledgor or the pledgee. It is asked to "
            "confirm online."
        ),
    )
    procedure = ProcedureField()


class RightsForm(forms.Form):
    """Which of the three rights are applied for, each with its term, limits and holders."""

    def __init__(self, data: QueryDict | None, *, filing: Filing, applicant: Party) -> None:
        written = _written(filing, applicant)
        super().__init__(data, initial=written)
        # An officer may have written more than the page offers: nothing of it is dropped.
        self.holder_rows = max(HOLDER_ROWS, *(_rows(written, f"{kind}-") for kind in RightKind))
        self.participant_rows = max(PARTICIPANT_ROWS, _rows(written, "participant-"))
        for kind in RightKind:
            self.fields |= _fields_of_a_right(kind, self.holder_rows)
        for stage in Stage:
            self.fields[f"stage-{stage}"] = PartyField(label=stage.label, required=False)
        papers = filing.papers.select_related("instrument").order_by("pk")
        for row in range(self.participant_rows):
            self.fields[f"participant-{row}"] = PartyField(label=_("Party"), required=False)
            self.fields[f"participant-{row}-consent"] = forms.ModelChoiceField(
                label=_("Paper with its consent"), queryset=papers, required=False
            )

    @property
    def rights(self) -> Iterator[dict[str, Any]]:
        """Return the fields of each right for a page."""
        for kind in RightKind:
            yield {
                "kind": kind,
                "claimed": self[f"{kind}-claimed"],
                "months": self[f"{kind}-months"],
                "limits": self[f"{kind}-limits"],
                "holders": [
                    (self[f"{kind}-{row}-party"], self[f"{kind}-{row}-share"])
                    for row in range(self.holder_rows)
                ],
                "is_joint": bool(self[f"{kind}-1-party"].value()),
            }

    @property
    def stages(self) -> list[forms.BoundField]:
        """Return the fields that name who is responsible."""
        return [self[f"stage-{stage}"] for stage in Stage]

    @property
    def participants(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Return the fields that name the other parties to a fusion."""
        return [
            (self[f"participant-{row}"], self[f"participant-{row}-consent"])
            for row in range(self.participant_rows)
        ]

    def clean(self) -> dict[str, Any]:
        """Look at each right that is claimed: its term, and its holders together."""
        data = super().clean() or self.cleaned_data
        for kind in RightKind:
            if data.get(f"{kind}-claimed"):
                self._look_at(kind, data)
        return data

    def _look_at(self, kind: RightKind, data: Mapping[str, Any]) -> None:
        if not data.get(f"{kind}-months") and f"{kind}-months" not in self.errors:
            self.add_error(f"{kind}-months", _("Write for how many months."))
        holders = self._holders(kind)
        named = {
            f"{kind}-{row}-{part}" for row in range(self.holder_rows) for part in ("party", "share")
        }
        if named & set(self.errors):
            return
        for row in range(self.holder_rows):
            if bool(data.get(f"{kind}-{row}-party")) != bool(data.get(f"{kind}-{row}-share")):
                self.add_error(
                    f"{kind}-{row}-share",
                    _("Choose a party and write its share, or leave both empty."),
                )
                return
        try:
            require_whole(holders)
        except ValidationError as error:
            self.add_error(f"{kind}-0-share", error)
        if not holders:
            self.add_error(f"{kind}-0-party", _("Name who holds the right."))

    def _holders(self, kind: RightKind) -> list[tuple[Party, Fraction]]:
        rows = [
            (self.cleaned_data.get(f"{kind}-{n}-party"), self.cleaned_data.get(f"{kind}-{n}-share"))
            for n in range(self.holder_rows)
        ]
        return [(party, share) for party, share in rows if party and share]

    def claims(self) -> list[WrittenClaim]:
        """Return the rights that a valid form claims."""
        data = self.cleaned_data
        return [
            WrittenClaim(
                kind=kind,
                term_months=data[f"{kind}-months"],
                limits=data[f"{kind}-limits"],
                holders=self._holders(kind),
            )
            for kind in RightKind
            if data[f"{kind}-claimed"]
        ]

    def responsible(self) -> dict[Stage, Party]:
        """Return whom a valid form names for each stage."""
        data = self.cleaned_data
        return {stage: data[f"stage-{stage}"] for stage in Stage if data[f"stage-{stage}"]}

    def others(self) -> dict[Party, Paper | None]:
        """Return the other parties to a fusion, each with the paper of its consent."""
        data = self.cleaned_data
        return {
            data[f"participant-{row}"]: data[f"participant-{row}-consent"]
            for row in range(self.participant_rows)
            if data[f"participant-{row}"]
        }


class GroundsForm(forms.ModelForm[Filing]):
    """Which rights the contract gives."""

    class Meta:
        model = Filing
        fields = ("contract_gives_hold", "contract_gives_use", "contract_gives_operate")


class SourceForm(forms.ModelForm[ClaimedSource]):
    """One source of the data: a registered asset, or one outside the register."""

    asset = AssetField(label=_("Registered data asset"), required=False)
    version = forms.IntegerField(
        label=_("Version"),
        required=False,
        min_value=1,
        max_value=2**31 - 1,
        help_text=_("Empty: the latest."),
    )
    publisher = PartyField(
        label=_("Publisher"), required=False, help_text=_("Unified social credit code.")
    )
    responsible = PartyField(
        label=_("Responsible party"), help_text=_("Unified social credit code.")
    )
    interest = forms.CharField(
        label=_("Registered right relied on"),
        required=False,
        max_length=20,
        help_text=_("Its reference, as the page of the asset's title shows it: I-…"),
    )
    ended_at = ShanghaiField(label=_("activity ended"))

    class Meta:
        model = ClaimedSource
        fields = (
            "title",
            "edition",
            "locator",
            "sha256",
            "licence",
            "activity",
            "method",
            "code_sha256",
            "ended_at",
            "basis",
            "basis_paper",
        )
        widgets = {"method": forms.Textarea(attrs={"rows": 3})}

    OF_A_REGISTERED = ("asset", "version", "interest")
    FROM_OUTSIDE = ("title", "publisher", "edition", "locator", "sha256", "licence")
    WHAT_WAS_DONE = (
        "activity",
        "method",
        "responsible",
        "ended_at",
        "code_sha256",
        "basis",
        "basis_paper",
    )

    def __init__(self, data: QueryDict | None, *, filing: Filing, applicant: Party) -> None:
        super().__init__(
            data,
            instance=ClaimedSource(filing=filing),
            initial={"responsible": applicant.identifier},
        )
        self.fields["basis_paper"].queryset = filing.papers.select_related(  # type: ignore[attr-defined] # a choice of rows
            "instrument"
        )
        self.fields["ended_at"].required = True

    def sections(self) -> Iterator[tuple[StrOrPromise, list[forms.BoundField]]]:
        """Return the fields under their headings."""
        yield _("Either: a registered data asset"), [self[name] for name in self.OF_A_REGISTERED]
        yield _("Or: a source outside the register"), [self[name] for name in self.FROM_OUTSIDE]
        yield (
            _("What was done with it, and on which basis"),
            [self[name] for name in self.WHAT_WAS_DONE],
        )

    def clean(self) -> dict[str, Any]:
        """Find the version and the right that are named."""
        data = super().clean() or self.cleaned_data
        asset, source = data.get("asset"), self.instance
        if asset:
            number = data.get("version")
            source.source_version = (
                AssetVersion.objects.filter(asset=asset, number=number).first()
                if number
                else latest_version(asset)
            )
            if source.source_version is None:
                self.add_error("version", _("The asset has no such version."))
        if reference := data.get("interest"):
            source.basis_interest = Interest.objects.filter(reference=reference).first()
            if source.basis_interest is None:
                self.add_error("interest", _("No right of this reference is registered."))
        source.publisher = data.get("publisher")
        outside = [bool(data.get(name)) for name in ("title", "publisher", "sha256")]
        is_whole = not any(outside) if asset else all(outside)
        if not is_whole and not set(self.errors) & {"asset", "version", "publisher", "sha256"}:
            self.add_error(
                None,
                _(
                    "Name one source: a registered version, a source known from outside, or a new "
                    "one with its title, publisher and SHA-256."
                ),
            )
        if responsible := data.get("responsible"):
            source.responsible = responsible
        return data


def _rows(written: Mapping[str, Any], start: str) -> int:
    """Return how many rows are written of the fields that begin so and go on with their place."""
    places = (
        name.removeprefix(start).partition("-")[0] for name in written if name.startswith(start)
    )
    return max((int(place) + 1 for place in places if place.isdecimal()), default=0)


def _fields_of_a_right(kind: RightKind, rows: int) -> dict[str, forms.Field]:
    return {
        f"{kind}-claimed": forms.BooleanField(label=kind.label, required=False),
        f"{kind}-months": forms.IntegerField(
            label=_("term in months"), required=False, min_value=1, max_value=LONGEST_TERM
        ),
        f"{kind}-limits": forms.CharField(label=_("limits"), required=False, max_length=400),
        **{
            f"{kind}-{row}-party": PartyField(label=_("Holder"), required=False)
            for row in range(rows)
        },
        **{
            f"{kind}-{row}-share": ShareField(label=_("Share"), required=False)
            for row in range(rows)
        },
    }


def _written(filing: Filing, applicant: Party) -> dict[str, Any]:
    """Return what the draft claims so far; to a new one the applicant alone is offered."""
    claims = list(filing.claims.prefetch_related("shares__party").order_by("pk"))
    named = {row.stage: row.party for row in filing.responsibilities.select_related("party")}
    written: dict[str, Any] = {
        f"stage-{stage}": (named.get(stage, applicant) if stage in named or not named else "")
        for stage in Stage
    }
    written = {name: getattr(party, "identifier", "") for name, party in written.items()}
    for kind in RightKind:
        written |= {f"{kind}-0-party": applicant.identifier, f"{kind}-0-share": "1"}
    for claim in claims:
        kind = RightKind(claim.kind)
        written |= {
            f"{kind}-claimed": True,
            f"{kind}-months": claim.term_months,
            f"{kind}-limits": claim.limits,
        }
        for row, share in enumerate(claim.shares.all()):
            written[f"{kind}-{row}-party"] = share.party.identifier
            written[f"{kind}-{row}-share"] = str(share.fraction)
    for row, other in enumerate(filing.participants.select_related("party").order_by("pk")):
        written[f"participant-{row}"] = other.party.identifier
        written[f"participant-{row}-consent"] = other.consent_id
    return written
