"""What the forms of a filing share at every door: its description, shares, parties, assets."""

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from filings.fingerprints import (
    field_names,
    fields_in,
    lines_of,
    part_digests,
    parts_in,
)
from filings.models import Filing
from filings.profiles import offered
from primitives.clock import CHINA, now_utc
from primitives.digests import CHUNK_BYTES, digest_chunks
from registry.kinds import IdentifierScheme
from registry.models import DataAsset, Party

MAX_DENOMINATOR = 1_000_000
WRITTEN_SHARE = re.compile(r"\d{1,15}/\d{1,15}|\d{0,15}\.?\d{1,15}[%％]?")
"""No exponents: ``1e6000000`` is a number of six million digits."""
DIGESTS = ("sha256", "sm3", "size_bytes")


class ProcedureField(forms.ChoiceField):
    """The rule profile that a filing follows, of those that are offered today."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 # Django's options
        super().__init__(
            label=_("rule profile"),
            required=False,
            help_text=_("The procedure that the case follows, fixed when it is drafted."),
            choices=_procedures,
            **options,
        )

    def clean(self, value: Any) -> str:  # noqa: ANN401 # Django's signature
        """Return its name; of nothing chosen, the usual one's.

        Raises:
            ValidationError: it is not offered, or none is in force.
        """
        chosen = str(super().clean(value))
        if not chosen and not (usual := _procedures()):
            raise ValidationError(_("No rule profile is in force today."))
        return chosen or usual[0][0]


def _procedures() -> list[tuple[str, str]]:
    day = now_utc().astimezone(CHINA).date()
    language = get_language() or settings.LANGUAGE_CODE
    return [(one.name, one.title(language)) for one in offered(day)]


class DescriptionForm(forms.ModelForm[Filing]):
    """Annex 1: the applicants, the data, and the digests that pin it."""

    data_file = forms.FileField(
        label=_("Compute from the data file"),
        required=False,
        help_text=_("The digests and the size are computed from it; the file is not kept."),
    )

    procedure = ProcedureField()

    class Meta:
        model = Filing
        fields: str | Sequence[str] = "__all__"  # each door chooses
        widgets: Mapping[str, forms.Widget] = {
            "summary": forms.Textarea(attrs={"rows": 4}),
            "field_names": forms.Textarea(attrs={"rows": 4}),
            "part_digests": forms.Textarea(attrs={"rows": 4}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 # passed through
        super().__init__(*args, **kwargs)
        for name in DIGESTS:
            self.fields[name].required = False
        if self.instance.pk:
            self.fields.pop("procedure", None)

    def clean(self) -> dict[str, Any]:
        """Fill in the digests from the file, or insist on them; look at the period."""
        data = super().clean() or self.cleaned_data
        if procedure := data.get("procedure"):
            self.instance.profile = procedure
        if file := data.get("data_file"):
            digests = digest_chunks(file.chunks(CHUNK_BYTES))
            data |= {name: getattr(digests, name) for name in DIGESTS}
            self._look_into(file, data)
        elif not self.instance.pk or set(self.changed_data) & set(DIGESTS):
            self._require_digests(data)
        if (start := data.get("period_from")) and (end := data.get("period_to")) and end < start:
            self.add_error("period_to", _("The period ends before it begins."))
        return data

    def clean_field_names(self) -> str:
        """Return the names of the fields, one on each line."""
        return "\n".join(field_names(self.cleaned_data["field_names"]))

    def clean_part_digests(self) -> str:
        """Return the lines as they are written, once each begins with a digest."""
        text: str = self.cleaned_data["part_digests"]
        part_digests(text)
        return text.strip()

    def _look_into(self, file: UploadedFile[bytes], data: dict[str, Any]) -> None:
        """Take names of fields and digests of parts from the file, where nobody wrote them."""
        if "field_names" in self.fields and not data.get("field_names"):
            data["field_names"] = "\n".join(fields_in(file))
        if "part_digests" in self.fields and not data.get("part_digests"):
            data["part_digests"] = lines_of(parts_in(file))

    def _require_digests(self, data: Mapping[str, Any]) -> None:
        for name in DIGESTS:
            if name not in self.errors and data.get(name) in (None, ""):
                self.add_error(name, _("Choose the data file above, or write the value here."))


def _read_share(text: str) -> Fraction:
    if not WRITTEN_SHARE.fullmatch(text):
        raise ValueError(text)
    return Fraction(text[:-1]) / 100 if text[-1] in "%％" else Fraction(text)


class ShareField(forms.CharField):
    """An exact share: ``1/3``, ``1``, ``0.25`` or ``25%`` becomes a `Fraction`."""

    def to_python(self, value: object) -> Fraction | None:  # type: ignore[override] # a share is no text
        """Return the share.

        Raises:
            ValidationError: it is not a fraction above zero and of at most one.
        """
        text = str(value or "").replace(" ", "").replace("／", "/")  # as Chinese keyboards type it
        if not text:
            return None
        try:
            share = _read_share(text)
        except (ValueError, ZeroDivisionError):
            raise ValidationError(_("Write the share as a fraction, such as 1/3.")) from None
        if not 0 < share <= 1 or share.denominator > MAX_DENOMINATOR:
            raise ValidationError(_("A share is above zero and at most one."))
        return share


def require_whole(shares: Sequence[tuple[Party, Fraction]]) -> None:
    """Look at the holders of one right together; no holders at all are nobody's mistake yet.

    Raises:
        ValidationError: a holder stands twice, or the shares are not one; says by how much.
    """
    if len({party for party, _share in shares}) < len(shares):
        raise ValidationError(_("A holder stands twice; write one share for each holder."))
    total = sum((share for _party, share in shares), start=Fraction())
    if shares and total < 1:
        raise ValidationError(
            _("The shares sum to %(total)s; %(rest)s is missing."),
            params={"total": total, "rest": 1 - total},
        )
    if total > 1:
        raise ValidationError(
            _("The shares sum to %(total)s; that is %(rest)s too much."),
            params={"total": total, "rest": total - 1},
        )


class PartyField(forms.CharField):
    """A party by its unified social credit code, as outsiders name it."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 # Django's options
        super().__init__(max_length=18, **options)

    def clean(self, value: Any) -> Party | None:  # noqa: ANN401 # Django's signature
        """Return the party, or None if nothing is written.

        Raises:
            ValidationError: no party of that code is entered.
        """
        code = str(super().clean(value)).upper()
        if not code:
            return None
        party = Party.objects.filter(
            identifier_scheme=IdentifierScheme.USCC, identifier=code
        ).first()
        if party is None:
            raise ValidationError(
                _(
                    "No party with the code %(code)s is entered. Compare it with the business "
                    "licence, or ask a registrar to enter the party."
                ),
                params={"code": code},
            )
        return party


class AssetField(forms.CharField):
    """A registered asset by its number, its certificate's number, or its whole name."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 # Django's options
        options.setdefault(
            "help_text", _("Number of the asset or of its certificate, or its whole name.")
        )
        super().__init__(max_length=100, **options)

    def clean(self, value: Any) -> DataAsset | None:  # noqa: ANN401 # Django's signature
        """Return the asset, or None if nothing is written.

        Raises:
            ValidationError: none is called that, or several are.
        """
        text = str(super().clean(value))
        if not text:
            return None
        named = Q(number=text.upper()) | Q(certificates__number=text.upper()) | Q(name=text)
        found = list(DataAsset.objects.filter(named).distinct()[:2])
        if not found:
            raise ValidationError(_("No data asset is registered under this."))
        if len(found) > 1:
            raise ValidationError(_("Several assets have this name; write the number."))
        return found[0]
