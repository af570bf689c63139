"""Template tags of the office's start page and of its states."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import template
from django.conf import settings
from django.db.models import Max, QuerySet
from django.db.models.functions import Coalesce
from django.template.context import RequestContext
from django.utils.translation import get_language

from accounts.admin_site import officer_of
from accounts.roles import has_role
from filings.models import Filing
from filings.office import next_step, state_tag
from filings.queries import work_list
from filings.workflow import TRANSITIONS, Action
from ledger.models import Entry, Pending
from ledger.queries import latest_checkpoint
from primitives.citations import cited
from primitives.clock import now_utc
from registry.models import DataAsset, Party

register = template.Library()
register.simple_tag(state_tag)

MAX_SHOWN = 20
SINCE = Coalesce(Max("steps__taken_at"), "created_at")
"""When a case came to where it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The cases that wait for one step, the longest waiting first."""

    action: Action
    cases: list[Filing]

    @property
    def shown(self) -> list[Filing]:
        """As many as fit on the start page."""
        return self.cases[:MAX_SHOWN]


@register.simple_tag(takes_context=True)
def waiting_groups(context: RequestContext) -> list[Group]:
    """Return what the signed-in officer can do now, grouped by step in the order of procedure."""
    officer = officer_of(context["request"])
    cases = list(_with_waiting(work_list(officer)))
    groups = [
        Group(action=action, cases=[case for case in cases if next_step(case) == action])
        for action in Action
        if has_role(officer, *TRANSITIONS[action].roles)
    ]
    return [group for group in groups if group.cases]


@register.simple_tag
def recent_cases() -> list[Filing]:
    """Return the cases that moved last."""
    cases = _with_waiting(Filing.objects.select_related("filed_by"))
    return list(cases.order_by("-since")[:8])  # type: ignore[misc] # annotated above


@register.simple_tag
def office_figures() -> dict[str, Any]:
    """Return the sizes of register and ledger, and what waits behind them."""
    checkpoint = latest_checkpoint()
    issued = DataAsset.objects.filter(certificates__issued_at__isnull=False)
    return {
        "assets": DataAsset.objects.count(),
        "parties": Party.objects.count(),
        "entries": Entry.objects.count(),
        "unpublished": Pending.objects.count(),
        "uncertified": DataAsset.objects.exclude(pk__in=issued.values("pk")).count(),
        "checkpoint": checkpoint,
        "age": now_utc() - checkpoint.signed_at if checkpoint else None,
    }


@register.filter
def days_waiting(since: datetime) -> int:
    """Return the whole days since then."""
    return max(0, (now_utc() - since).days)


@register.filter
def spelled_out(source: str) -> str:
    """Return an article as the reader's language cites it."""
    return cited(source, get_language() or settings.LANGUAGE_CODE)


def _with_waiting(cases: QuerySet[Filing]) -> QuerySet[Filing]:
    return cases.annotate(since=SINCE).prefetch_related("applicants")
