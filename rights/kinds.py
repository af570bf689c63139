"""The three rights of NDA35 article 3, under their present and their older names."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RightKind(models.TextChoices):
    """Mutually independent (art. 21): holding one says nothing about the others."""

    HOLD = "HOLD", _("Right to hold")
    USE = "USE", _("Right to use")
    OPERATE = "OPERATE", _("Right to operate")


OLDER_NAMES = {
    RightKind.HOLD: _("Right to hold data resources"),
    RightKind.USE: _("Right to process and use data"),
    RightKind.OPERATE: _("Right to operate data products"),
}
"""The names of 2022-2024, shown beside the present ones."""
