"""Logs and error reports that repeat nothing of what people typed or the register holds.

An exception's message may hold a value: PostgreSQL's names the whole row that broke a constraint.
So a traceback names files, lines and the exception's class, and leaves the message out, except
where it can only speak of the machinery (`SPEAKING`).
"""

import logging
import re
import traceback
from collections.abc import ItemsView
from types import FrameType, TracebackType
from typing import Any, TypeAlias

from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from django.views.debug import SafeExceptionReporterFilter

SPEAKING: tuple[type[BaseException], ...] = (ImproperlyConfigured, OperationalError, OSError)
QUERY = re.compile(r"\?\S*")

ExceptionInfo: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


class ReticentFormatter(logging.Formatter):
    """Writes tracebacks without the messages of exceptions that could hold a value."""

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802 # the library's name
        """Return each exception of the chain: where it passed, and its class."""
        return "\n".join(_lines(ei[1])) if ei[1] else ""


class WithoutQuery(logging.Filter):
    """Cuts the query from the address in what servers log of a request: a search names people."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, without queries."""
        if isinstance(record.args, tuple):
            record.args = tuple(map(_without_query, record.args))
        return True


class NoValues(SafeExceptionReporterFilter):
    """For Django's own error reports, wherever someone switches them on: no value at all."""

    def is_active(self, request: object) -> bool:  # noqa: ARG002 # the library's signature
        """Hide in development too."""
        return True

    def get_post_parameters(self, request: Any) -> dict[str, Any]:  # noqa: ANN401 # Django's request or None
        """Return which fields were posted, without what."""
        return dict.fromkeys(request.POST, self.cleansed_substitute) if request else {}

    def get_traceback_frame_variables(
        self,
        request: object,  # noqa: ARG002 # the library's signature
        tb_frame: FrameType,
    ) -> ItemsView[str, Any]:
        """Return the names of a frame's variables, without what they hold."""
        return dict.fromkeys(tb_frame.f_locals, self.cleansed_substitute).items()


def _lines(error: BaseException) -> list[str]:
    """Return the lines of a traceback, causes first."""
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    before = [*_lines(earlier), "-> then:"] if earlier else []
    frames = [line.rstrip() for line in traceback.format_tb(error.__traceback__)]
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    return [*before, *frames, f"{kind}: {error}" if isinstance(error, SPEAKING) else kind]


def _without_query(argument: object) -> object:
    return QUERY.sub("", argument) if isinstance(argument, str) else argument
