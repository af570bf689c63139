"""When the session ends, for the pages on which somebody writes."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.conf import settings
from django.template.context import RequestContext
from django.utils.timezone import localtime

from accounts.middleware import SIGNED_IN_AT
from primitives.clock import now_utc

register = template.Library()


@register.inclusion_tag("accounts/session_end.html", takes_context=True)
def session_end(context: RequestContext) -> dict[str, Any]:
    """Say when the session ends if nothing is done; nothing of somebody who is not signed in."""
    session, now = getattr(context["request"], "session", None), now_utc()
    # The page of an error may be that of a session which cannot be read.
    if session is None or not session.accessed or SIGNED_IN_AT not in session:
        return {}
    idle = now + timedelta(minutes=settings.SESSION_IDLE_MINUTES)
    last = datetime.fromtimestamp(session[SIGNED_IN_AT], now.tzinfo) + timedelta(
        hours=settings.SESSION_HOURS
    )
    return {
        "ends_at": localtime(min(idle, last)),
        "idle_seconds": settings.SESSION_IDLE_MINUTES * 60,
        "last_seconds": int((last - now).total_seconds()),
    }
