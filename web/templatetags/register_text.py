"""How the register's facts are written on the people's pages."""

import re
from datetime import datetime, timedelta
from fractions import Fraction

from django import template
from django.conf import settings
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from filings.models import Filing
from filings.office import state_tag
from primitives.citations import cited
from primitives.rules import NumberedRule
from registry.masking import masked_identifier, masked_name
from rights.kinds import OLDER_NAMES, RightKind
from rights.terms import FOREVER
from rights.wording import Names, act_name, amount
from web.title_timeline import detail_of, label_of

register = template.Library()
register.filter("public_name", masked_name)
register.filter("public_identifier", masked_identifier)
register.filter(act_name)
register.filter("money", amount)
register.filter("revision_label", label_of)
register.filter("revision_detail", detail_of)

MAX_DECIMALS = 4
REFERENCE = re.compile(r"\b[A-Z]{1,2}-[0-9A-Z]{6,20}\b")
"""As ``I-7H2K…`` and ``DA-000000001``; a browser would break the line after the hyphen."""


@register.filter
def share(fraction: Fraction) -> str:
    """Return an exact share: ``1/3``; with its percentage where that is exact: ``1/4 (25%)``."""
    if fraction == 1:
        return _("whole (100%)")
    percent = f"{float(fraction * 100):.{MAX_DECIMALS}f}".rstrip("0").rstrip(".")
    is_exact = Fraction(percent) == fraction * 100
    return f"{fraction} ({percent}%)" if is_exact else str(fraction)


@register.filter
def last_second(end: datetime) -> datetime:
    """Return the last second inside a half-open term (invariant C8)."""
    return end - timedelta(seconds=1)


@register.filter
def named(names: Names, party: str) -> str:
    """Return how a party is shown."""
    return names.get(party, party)


@register.filter
def is_endless(end: datetime) -> bool:
    """Say whether only an entry ends it."""
    return end.year >= FOREVER.year


@register.filter
def references(text: str) -> SafeString:
    """Return a text whose references are kept on one line."""
    kept = REFERENCE.sub(r'<span class="nowrap">\g<0></span>', conditional_escape(text))
    return mark_safe(kept)  # noqa: S308 # escaped, and a reference is letters and digits


@register.filter
def grouped(number: int) -> str:
    """Return a whole number with its thousands set apart."""
    return f"{number:,}"


@register.filter
def filing_state(filing: Filing) -> SafeString:
    """Return the state of a case as a word with its shape."""
    return state_tag(filing)


@register.simple_tag
def registrar() -> str:
    """Return the name of the institution that keeps this register."""
    is_chinese = (get_language() or "").startswith("zh")
    return settings.REGISTRAR_NAME_ZH if is_chinese else settings.REGISTRAR_NAME_EN


@register.simple_tag
def registrar_is_example() -> bool:
    """Say whether this installation only shows how a register works."""
    return settings.REGISTRAR_IS_EXAMPLE


@register.filter
def older_name(kind: str) -> str:
    """Return what a right was called from 2022 to 2024."""
    return str(OLDER_NAMES[RightKind(kind)])


@register.filter
def rule_sentence(rule: NumberedRule) -> str:
    """Return what a broken rule demands, in the reader's language."""
    return rule.sentence(get_language() or settings.LANGUAGE_CODE)


@register.filter
def rule_source(rule: NumberedRule) -> str:
    """Return the article that demands it, in the reader's language."""
    return cited(rule.source, get_language() or settings.LANGUAGE_CODE)
