"""What the public may see of a natural person: enough to compare with a paper, not to find them.

Organisations are shown in full: their names and codes are public record.
"""

from django.utils.translation import gettext as _

from registry.kinds import PartyKind
from registry.models import Party

LONG_IDENTIFIER = 15
LEAST_HIDDEN = 2


def masked_name(party: Party) -> str:
    """Return the party's name; of a natural person the first character, as ``张**``."""
    if party.is_erased:
        return _("(erased)")
    return party.name[:1] + "**" if party.kind == PartyKind.NATURAL else party.name


def masked_identifier(party: Party) -> str:
    """Return the party's identifier; a natural person's as ``3701**********1234``.

    Of a short one (a passport's) one character stays at each end.
    """
    if party.is_erased or party.kind != PartyKind.NATURAL:
        return party.identifier
    shown = 4 if len(party.identifier) >= LONG_IDENTIFIER else 1
    stars = "*" * max(len(party.identifier) - 2 * shown, LEAST_HIDDEN)
    return party.identifier[:shown] + stars + party.identifier[-shown:]
