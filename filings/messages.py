"""Messages to both sides: what happened in their cases, on the page of their desk and by e-mail.

Entry points: `tell`, `tell_objector`, `messages_of`, `mark_read`, `send_waiting`. A message is
written in the transaction of its step and sent afterwards: a mail server that is down loses none.
The e-mail names the case and the step and leads to the desk, an objector's to the page of
objections; what was applied for and the ground do not stand in it.
"""

import logging
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import who_may
from filings.models import Filing, Message, Objection, Step

SHOWN = 20
BATCH = 100
MOST_ATTEMPTS = 10
PAUSE_AFTER_FAILURE = timedelta(minutes=10)
VIEW = "filings.view_filing"
"""Who has it on a case may follow it."""
LANGUAGES = ("zh-hans", "en")

logger = logging.getLogger(__name__)


def tell(step: Step) -> None:
    """Write a message to everyone who may follow the case but whoever took the step."""
    followers = who_may(VIEW, step.filing).exclude(pk=step.taken_by_id or 0)
    Message.objects.bulk_create(Message(step=step, recipient=person) for person in followers)


def tell_objector(step: Step, objection: Objection) -> None:
    """Write a message to who objects, if they left an e-mail address; the page tells the others."""
    if objection.email:
        Message.objects.create(step=step, objection=objection)


def messages_of(user: User) -> QuerySet[Message]:
    """Return the user's latest messages, newest first."""
    mine = Message.objects.filter(recipient=user).select_related("step__filing")
    return mine.order_by("-pk")[:SHOWN]


def mark_read(filing: Filing, user: User, *, at: datetime) -> None:
    """Keep that the user has seen the case."""
    Message.objects.filter(recipient=user, step__filing=filing, read_at=None).update(read_at=at)


def send_waiting(*, at: datetime) -> tuple[int, int]:
    """Send the messages that wait; return how many were sent, and how many could not be.

    One that cannot be sent is tried again later, at most `MOST_ATTEMPTS` times. A crash between the
    sending and its record sends one message twice rather than none.
    """
    sent = failed = 0
    waiting = (
        Message.objects.filter(mailed_at=None, attempts__lt=MOST_ATTEMPTS)
        .filter(Q(tried_at=None) | Q(tried_at__lte=at - PAUSE_AFTER_FAILURE))
        .exclude(recipient__email="")
        .select_related("step__filing", "recipient", "objection")
        .order_by("pk")
    )
    for message in waiting[:BATCH]:
        row = Message.objects.filter(pk=message.pk)
        try:
            _email(message).send()
        except (SMTPException, OSError, ValueError):  # the last for an address that is none
            logger.exception("Message %s could not be sent", message.pk)
            row.update(attempts=F("attempts") + 1, tried_at=at)
            failed += 1
        else:
            row.update(mailed_at=at)
            sent += 1
    return sent, failed


def _email(message: Message) -> EmailMessage:
    """Return the message in both languages: which one its reader wants is not known here."""
    subjects, bodies = [], []
    for language in LANGUAGES:
        with translation.override(language):
            subject, body = (
                _written_to_objector(message.step, message.objection)
                if message.objection
                else _written(message.step)
            )
        subjects.append(subject)
        bodies.append(body)
    reader = message.objection or message.recipient
    return EmailMessage(
        subject=" / ".join(subjects),
        body="\n\n".join(bodies),
        to=[reader.email] if reader else [],
    )


def _written(step: Step) -> tuple[str, str]:
    filing = step.filing
    what = {"number": filing.number, "step": step.get_action_display()}
    lines = [
        _("Case %(number)s: %(step)s") % what,
        _("At %(time)s.") % {"time": f"{localtime(step.taken_at):%Y-%m-%d %H:%M}"},
    ]
    if filing.due_on and filing.steps.latest("pk") == step:
        lines.append(_("The next step is due on %(day)s.") % {"day": filing.due_on})
    address = settings.PUBLIC_BASE_URL + reverse("web:case", args=[filing.number])
    lines.append(_("Read it at your desk: %(address)s") % {"address": address})
    return lines[0], "\n".join(lines)


def _written_to_objector(step: Step, objection: Objection) -> tuple[str, str]:
    what = {"number": objection.number, "step": step.get_action_display()}
    address = settings.PUBLIC_BASE_URL + reverse("web:objection")
    lines = [
        _("Objection %(number)s: %(step)s") % what,
        _("At %(time)s.") % {"time": f"{localtime(step.taken_at):%Y-%m-%d %H:%M}"},
        _("Read it with its number and your query code: %(address)s") % {"address": address},
    ]
    return lines[0], "\n".join(lines)
