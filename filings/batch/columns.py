"""The columns of the template: what each is called, what it takes, and what it fills."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cache

from django.db import models
from django.utils.text import format_lazy
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from filings.models import Filing
from rights.kinds import RightKind

VERSION = "1"
"""Of the template; a workbook of another one is refused."""
LANGUAGES = ("zh-hans", "en")
OF_THE_DATA = (
    "name",
    "summary",
    "kind",
    "industry_section",
    "industry_division",
    "source_kind",
    "situation",
    "is_substantive",
    "grade",
    "personal_information",
    "personal_basis",
    "public_data",
    "public_data_code",
    "region_scope",
    "region",
    "period_from",
    "period_to",
    "update_frequency",
    "record_count",
    "form",
    "structure",
    "sha256",
    "sm3",
    "size_bytes",
    "limit_users",
    "limit_qualification",
    "limit_environment",
    "limit_territory",
    "resale_allowed",
    "export_allowed",
    "remarks",
)
DIGESTS = frozenset({"sha256", "sm3", "size_bytes"})


class Takes(Enum):
    """What the cells of a column hold."""

    TEXT = auto()
    NUMBER = auto()
    DAY = auto()
    YES_OR_NO = auto()
    CODE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the template.

    Attributes:
        choices: code -> words, where the cells hold one of these.
        default: the code that an empty cell stands for.
    """

    name: str
    label: StrOrPromise
    note: StrOrPromise
    takes: Takes
    is_needed: bool
    choices: Mapping[str, StrOrPromise] = field(default_factory=dict)
    default: str = ""

    def heading(self) -> str:
        """Return the column's heading in the language that is active."""
        text = str(self.label)
        return text[:1].upper() + text[1:]


@cache
def columns() -> Sequence[Column]:
    """Return the columns in the order of the template."""
    return (
        Column(
            name="applicants",
            label=_("applicants"),
            note=_("Unified social credit codes, several with a semicolon between them."),
            takes=Takes.TEXT,
            is_needed=True,
        ),
        *(_of_the_data(name) for name in OF_THE_DATA),
        *(column for kind in RightKind for column in _of_a_right(kind)),
    )


@cache
def by_heading() -> Mapping[str, Column]:
    """Return the columns by their headings in every language."""
    found = dict[str, Column]()
    for language in LANGUAGES:
        with override(language):
            found |= {column.heading(): column for column in columns()}
    return found


@cache
def codes_of(name: str) -> Mapping[str, str]:
    """Return what a cell of a column of codes may say: the code or its words in any language."""
    column = next(column for column in columns() if column.name == name)
    written = {code: code for code in column.choices}
    for language in LANGUAGES:
        with override(language):
            written |= {str(words): code for code, words in column.choices.items()}
    return written


@cache
def words_of_yes_and_no() -> Mapping[str, bool]:
    """Return how yes and no may be written."""
    written = {"1": True, "0": False, "true": True, "false": False}
    for language in LANGUAGES:
        with override(language):
            written |= {gettext("yes"): True, gettext("no"): False}
    return written


def _of_the_data(name: str) -> Column:
    model_field = Filing._meta.get_field(name)  # noqa: SLF001 # Django's public name
    if not isinstance(model_field, models.Field):
        raise TypeError(name)
    choices = {str(code): words for code, words in model_field.flatchoices if code}
    return Column(
        name=name,
        label=model_field.verbose_name,
        note=model_field.help_text,
        takes=Takes.CODE if choices else _takes(model_field),
        is_needed=name in DIGESTS or not (model_field.blank or model_field.has_default()),
        choices=choices,
        default=str(model_field.default) if choices and model_field.has_default() else "",
    )


def _takes(model_field: models.Field[object, object]) -> Takes:
    if isinstance(model_field, models.BooleanField):
        return Takes.YES_OR_NO
    if isinstance(model_field, models.DateField):
        return Takes.DAY
    return Takes.NUMBER if isinstance(model_field, models.IntegerField) else Takes.TEXT


def _of_a_right(kind: RightKind) -> tuple[Column, Column, Column]:
    return (
        Column(
            name=f"{kind}-months",
            label=format_lazy(_("{right}: term in months"), right=kind.label),
            note=_("Empty: the right is not applied for."),
            takes=Takes.NUMBER,
            is_needed=False,
        ),
        Column(
            name=f"{kind}-limits",
            label=format_lazy(_("{right}: limits"), right=kind.label),
            note="",
            takes=Takes.TEXT,
            is_needed=False,
        ),
        Column(
            name=f"{kind}-holders",
            label=format_lazy(_("{right}: holders"), right=kind.label),
            note=_(
                "Empty: the only applicant. Otherwise codes with shares that make up one, such as "
                "91370100MA00000010 1/3; 91370100MA00000029 2/3."
            ),
            takes=Takes.TEXT,
            is_needed=False,
        ),
    )
