"""The trail of accounts: who signed in, who gave what to whom. Read by the audit administrator."""

from datetime import datetime

from accounts.models import AccountEvent, EventKind, Organisation, User

MAX_DETAIL = 200


def record(
    kind: EventKind,
    *,
    at: datetime,
    by: User | None = None,
    about: User | None = None,
    organisation: Organisation | None = None,
    detail: str = "",
) -> AccountEvent:
    """Write one line of the trail: at ``at``, ``by`` did ``kind`` to ``about``."""
    return AccountEvent.objects.create(
        kind=kind, at=at, by=by, about=about, organisation=organisation, detail=detail[:MAX_DETAIL]
    )
