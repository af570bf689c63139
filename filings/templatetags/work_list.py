"""Template tags of the office's start page and of its states."""

from dataclasses import dataclass, field, replace
from typing import Any

from django import template
from django.conf import settings
from django.db.models import prefetch_related_objects
from django.template.context import RequestContext
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localdate
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from accounts.admin_site import held_roles, officer_of
from filings.investigation import objections_for
from filings.models import Filing, Objection, Step
from filings.office import state_tag
from filings.work_list import Pile, WorkList, read
from ledger.models import Pending
from ledger.queries import latest_checkpoint
from primitives.citations import cited
from primitives.clock import now_utc
from registry.models import Counter, DataAsset

register = template.Library()
register.simple_tag(state_tag)

MAX_RECENT = 8
MAX_STEPS_READ = 80
"""Among so many steps those of `MAX_RECENT` cases are nearly always found."""
MAX_NEWEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One list of the start page; ``note`` says what is in it."""

    key: str
    title: StrOrPromise
    note: StrOrPromise = ""
    pile: Pile
    cases: list[Filing] = field(default_factory=list)


@register.simple_tag(takes_context=True)
def sections(context: RequestContext) -> list[Section]:
    """Return what waits for the signed-in officer: the urgent first, then step by step."""
    request = context["request"]
    work = WorkList(officer_of(request), today=localdate(now_utc()), roles=held_roles(request))
    lists = [
        Section(
            key="due",
            title=_("Due soon"),
            note=_("Yours to do, and due within three days or overdue."),
            pile=work.due_soon(),
        ),
        *(Section(key=action, title=action.label, pile=pile) for action, pile in work.to_do()),
        Section(
            key="another",
            title=_("Waiting for a second person"),
            note=_("You took part; the next step is another officer's."),
            pile=work.for_another(),
        ),
        Section(
            key="stopped",
            title=_("Stopped"),
            note=_("You took part; the case waits for the applicant, the public or an objection."),
            pile=work.stopped(),
        ),
    ]
    cases = read(section.pile for section in lists)
    return [
        replace(section, cases=[cases[pk] for pk in section.pile.keys if pk in cases])
        for section in lists
        if section.pile
    ]


@register.simple_tag
def recent_cases() -> list[Step]:
    """Return the last steps of the cases that moved last."""
    steps = Step.objects.select_related("filing__filed_by").order_by("-pk")[:MAX_STEPS_READ]
    latest: dict[int, Step] = {}
    for step in steps:
        latest.setdefault(step.filing_id, step)
    shown = list(latest.values())[:MAX_RECENT]
    prefetch_related_objects([step.filing for step in shown], "applicants")
    return shown


@register.simple_tag
def office_figures() -> dict[str, Any]:
    """Return the sizes of register and ledger, and what waits behind them.

    Nothing here counts a table: what has no certificate yet is looked for among the newest.
    """
    checkpoint = latest_checkpoint()
    newest = DataAsset.objects.order_by("-pk").values("pk")[:MAX_NEWEST]
    certified = DataAsset.objects.filter(pk__in=newest, certificates__issued_at__isnull=False)
    assets = Counter.objects.filter(series="asset").first()
    return {
        "assets": assets.value if assets else 0,
        "entries": checkpoint.tree_head.size if checkpoint else 0,
        "unpublished": Pending.objects.count(),
        "uncertified": len(newest) - certified.distinct().count(),
        "checkpoint": checkpoint,
        "age": now_utc() - checkpoint.signed_at if checkpoint else None,
    }


@register.simple_tag
def due_in(case: Filing) -> SafeString | str:
    """Say in words when a case is due; the day stands beside it."""
    if case.due_on is None:
        return _("no time runs")
    days = (case.due_on - localdate(now_utc())).days
    if days < 0:
        words = ngettext("overdue by %(days)s day", "overdue by %(days)s days", -days)
        return format_html('<strong class="overdue">{}</strong>', words % {"days": -days})
    if days == 0:
        return format_html('<strong class="due">{}</strong>', _("due today"))
    return ngettext("%(days)s day left", "%(days)s days left", days) % {"days": days}


@register.filter
def spelled_out(source: str) -> str:
    """Return an article as the reader's language cites it."""
    return cited(source, get_language() or settings.LANGUAGE_CODE)


@register.simple_tag(takes_context=True)
def objections(context: RequestContext) -> list[Objection]:
    """Return the objections that wait for the officer."""
    return objections_for(officer_of(context["request"]))
