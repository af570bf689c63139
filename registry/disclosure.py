"""Disclosure of chosen fields of one entry to one recipient, recorded for good (NDA35 art. 30).

Entry points: `open_fields` says what can be disclosed, `disclose_fields` does it. What the
recipient gets is a file that proves itself offline (verifier/disclosure.py, docs/verify.md).
"""

import hashlib
from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Role, require_role
from ledger.models import Entry
from ledger.proofs import prove_entry
from primitives.texts import unprintable
from registry.models import Derivation, Disclosure, Instrument, Opening, Party
from verifier import disclosure

FIELD_LABELS = {
    field.name: field.verbose_name
    for model in (Instrument, Derivation, Party)
    for field in model._meta.fields  # noqa: SLF001 # Django's public model API
} | {"remarks": _("remarks")}
COLLECTION_LABELS = {"derivations": _("source"), "instruments": _("paper")}

DISCLOSING = (Role.REGISTRAR, Role.APPROVER)


class DisclosureRefusedError(Exception):
    """Nothing is disclosed; the message says why and what to do."""


def open_fields(entry: Entry) -> list[str]:
    """Return the JSON pointers of an entry's committed members whose openings are kept."""
    return list(entry.openings.order_by("path").values_list("path", flat=True))


def field_label(pointer: str) -> str:
    """Return a committed member in the reader's words, e.g. ``source 1: method``."""
    *way, name = pointer[1:].split("/")
    label = str(FIELD_LABELS.get(name, name))
    if len(way) != len(("collection", "place")):
        return label
    collection = COLLECTION_LABELS.get(way[0], way[0])
    return f"{collection} {int(way[1]) + 1}: {label}"


def disclose_fields(
    entry: Entry, *, fields: Collection[str], recipient: str, purpose: str, by: User, at: datetime
) -> str:
    """Return the text of a disclosure file; that it was made is on record before it is returned.

    Args:
        entry: the entry of which something is to be shown.
        fields: JSON pointers of committed members.
        recipient: to whom, one line.
        purpose: for what, one line.
        by: who answers for it.
        at: aware UTC.

    Raises:
        PermissionDenied: ``by`` may not disclose.
        DisclosureRefusedError: no field, no such field, one that is erased, or no recipient or
            purpose in one printable line.
        NotPublishedError: no signed checkpoint covers the entry yet.
    """
    require_role(by, *DISCLOSING)
    for text in (recipient, purpose):
        if len(text.strip().splitlines()) != 1 or unprintable(text):
            raise DisclosureRefusedError(_("Say in one line for whom and for what."))
    with transaction.atomic():
        kept = {opening.path: opening for opening in _locked_openings(entry)}
        if not fields or not kept.keys() >= set(fields):
            raise DisclosureRefusedError(
                _("Choose among the fields that the entry holds as commitments and can still open.")
            )
        text = disclosure.Disclosure(
            recipient=recipient.strip(),
            purpose=purpose.strip(),
            disclosed_at=at,
            openings=tuple(kept[field].disclosure for field in sorted(set(fields))),
            proof=prove_entry(entry).format(),
        ).format()
        Disclosure.objects.create(
            entry=entry,
            fields=sorted(set(fields)),
            recipient=recipient.strip(),
            purpose=purpose.strip(),
            disclosed_by=by,
            disclosed_at=at,
            sha256=hashlib.sha256(text.encode()).hexdigest(),
        )
    return text


def _locked_openings(entry: Entry) -> list[Opening]:
    """Return the openings, locked, so that none is erased while it is disclosed."""
    return list(Opening.objects.select_for_update().filter(entry=entry))
