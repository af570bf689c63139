"""The three gates of review (NDA35 art. 18-21), as items that an examiner answers one by one."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _

from filings.kinds import FilingType


class CheckItem(models.TextChoices):
    """What the examiner must find before a case can pass."""

    NAME_PRECISE = "NAME_PRECISE", _("The name is short, precise and unambiguous")
    SUMMARY_TRUE = "SUMMARY_TRUE", _("Summary, form and volume agree with the sample")
    SOURCE_LAWFUL = "SOURCE_LAWFUL", _("The source is lawful and shown by the papers")
    BASIS_CHECKED = "BASIS_CHECKED", _("The basis of each source was checked; gaps are marked")
    PERSONAL_DATA = "PERSONAL_DATA", _("Personal information and important data are in order")
    RIGHTS_CLEAR = "RIGHTS_CLEAR", _("Rights, holders, shares and terms are clear")
    NO_DISPUTE = "NO_DISPUTE", _("There is no unresolved ownership dispute")


OF_ACTS = frozenset({CheckItem.RIGHTS_CLEAR, CheckItem.NO_DISPUTE})
"""What is looked at where nothing is registered anew."""


def required_items(filing_type: FilingType) -> frozenset[str]:
    """Return the items that an examiner answers for a filing of this type."""
    return frozenset(CheckItem) if filing_type == FilingType.INITIAL else OF_ACTS


ARTICLES: Mapping[CheckItem, str] = {
    CheckItem.NAME_PRECISE: "NDA35 art. 19",
    CheckItem.SUMMARY_TRUE: "NDA35 art. 18-19",
    CheckItem.SOURCE_LAWFUL: "NDA35 art. 20",
    CheckItem.BASIS_CHECKED: "NDA35 art. 20",
    CheckItem.PERSONAL_DATA: "NDA35 art. 20; PIPL art. 13",
    CheckItem.RIGHTS_CLEAR: "NDA35 art. 21",
    CheckItem.NO_DISPUTE: "NDA35 art. 22(3)",
}
