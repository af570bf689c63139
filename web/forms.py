"""What readers and applicants send through the people's door."""

from collections.abc import Sequence
from decimal import Decimal

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from primitives.identifiers import is_certificate_number
from registry.kinds import InstrumentKind
from rights.models import Interest

MAX_PROOF_BYTES = 1024 * 1024
MAX_VERSION = 2**31 - 1
AMOUNT_DIGITS, FEN_DIGITS = 15, 2
LEAST_AMOUNT = Decimal("0.01")
CURRENCY = "CNY"


class SearchForm(forms.Form):
    """The search of the register; ``before`` is the key of the asset after which a page goes on."""

    q = forms.CharField(
        label=_("Search the register"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    before = forms.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput
    )


class HistoryForm(forms.Form):
    """Where a page of the history goes on: before a version of the asset."""

    before = forms.IntegerField(required=False, min_value=1, max_value=MAX_VERSION)


class DayForm(forms.Form):
    """A day of which something is asked; without one, today."""

    on = forms.DateField(
        label=_("Day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


class PledgeForm(forms.Form):
    """What a bank asks: on which right, and for how much, which does not change the rank."""

    right = forms.ChoiceField(
        label=_("Right"),
        error_messages={"invalid_choice": _("Choose one of the rights that are in force.")},
    )
    amount = forms.DecimalField(
        label=_("Amount to be secured"),
        required=False,
        min_value=LEAST_AMOUNT,
        max_digits=AMOUNT_DIGITS,
        decimal_places=FEN_DIGITS,
        widget=forms.NumberInput(attrs={"step": "0.01", "inputmode": "decimal"}),
    )
    currency = forms.RegexField(
        "^[A-Z]{3}$",
        label=_("Currency"),
        initial=CURRENCY,
        error_messages={"invalid": _("Three capital letters (ISO 4217), such as CNY.")},
        widget=forms.TextInput(attrs={"size": "4", "autocomplete": "off"}),
    )

    def __init__(self, data: QueryDict, *, interests: Sequence[Interest]) -> None:
        super().__init__({"currency": CURRENCY, **data.dict()} if data else None)
        self.fields["right"].choices = [  # type: ignore[attr-defined] # it is the one above
            (interest.reference, f"{interest.get_kind_display()} · {interest.reference}")
            for interest in interests
        ]

    @property
    def fen(self) -> int:
        """The amount of a valid form in hundredths; 0 if none was given."""
        return int((self.cleaned_data["amount"] or 0) * 10**FEN_DIGITS)


class CertificateForm(forms.Form):
    """A certificate's number and verification code, as they are printed on it."""

    number = forms.CharField(
        label=_("Certificate number"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "placeholder": "SJ…"}
        ),
        error_messages={"required": _("Enter the certificate number.")},
    )
    code = forms.CharField(
        label=_("Verification code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "spellcheck": "false",
                "placeholder": "XXXX-XXXX-XXXX-XXXX",
            }
        ),
        error_messages={"required": _("Enter the verification code.")},
    )

    def clean_number(self) -> str:
        """Refuse what is not of the form of NDA35 Annex 6; whether it exists is not asked here."""
        number = str(self.cleaned_data["number"]).upper()
        if not is_certificate_number(number):
            raise forms.ValidationError(
                _("A certificate number is SJ and 13 digits, for example SJ3702026110001.")
            )
        return number


class FileForm(forms.Form):
    """A file to be verified, and the proof that came with it, if one did."""

    file = forms.FileField(
        label=_("Certificate file (PDF)"),
        allow_empty_file=True,
        error_messages={"required": _("Choose the certificate file.")},
    )
    proof = forms.FileField(label=_("Proof file (.tlog-proof), if you have it"), required=False)

    def clean_proof(self) -> str | None:
        """Return the proof's text, or None if none was sent."""
        proof = self.cleaned_data["proof"]
        if proof is None:
            return None
        if proof.size > MAX_PROOF_BYTES:
            raise forms.ValidationError(_("This is not a proof file: it is too large."))
        try:
            return str(proof.read().decode())
        except UnicodeDecodeError as error:
            raise forms.ValidationError(_("This is not a proof file: it is not text.")) from error


class ObjectionForm(forms.Form):
    """What somebody with an interest says against an application."""

    objector = forms.CharField(label=_("Your name or organisation"), max_length=200)
    contact = forms.CharField(
        label=_("How we reach you"),
        max_length=200,
        help_text=_("Telephone, e-mail or postal address. It is not published."),
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        help_text=_("Optional. We write to it at each step, and do not publish it."),
    )
    ground = forms.CharField(
        label=_("Your interest, and your ground"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    evidence = forms.FileField(
        label=_("Evidence"),
        help_text=_("PDF, PNG, JPEG, or UTF-8 text (.txt, .csv, .json)."),
        allow_empty_file=True,
    )


class ObjectionStatusForm(forms.Form):
    """The number and the code of an objection, as its receipt shows them."""

    number = forms.CharField(
        label=_("Receipt number"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    code = forms.CharField(
        label=_("Query code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class PaperForm(forms.Form):
    """A paper that an applicant hands in."""

    kind = forms.ChoiceField(label=_("What it proves"), choices=InstrumentKind.choices)
    title = forms.CharField(label=_("Title"), max_length=200)
    file = forms.FileField(
        label=_("File"),
        help_text=_("PDF, PNG, JPEG, or UTF-8 text (.txt, .csv, .json)."),
        allow_empty_file=True,
    )
