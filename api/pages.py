"""Pages by keyset: a page goes on after the last key shown, so rows that are added shift nothing.

The cursor is that key as eight bytes in base64url; to callers it is opaque.
"""

import base64
import struct
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

ModelT = TypeVar("ModelT", bound=Model)

DEFAULT_LIMIT = 20
MAX_LIMIT = 100


@extend_schema_field(OpenApiTypes.STR)
class CursorField(serializers.Field[int, str, str, Any]):
    """Where a page goes on: the key of the last row of the page before."""

    default_error_messages = {"invalid": _("This is not the cursor of an earlier answer.")}

    def to_internal_value(self, data: str) -> int:
        """Return the key.

        Raises:
            ValidationError: `write_cursor` did not write this.
        """
        try:
            return int(*struct.unpack(">q", base64.urlsafe_b64decode(data + "=")))
        except (ValueError, struct.error):
            self.fail("invalid")


class PageQuery(serializers.Serializer[dict[str, Any]]):
    """What a caller says about the page."""

    cursor = CursorField(required=False, help_text="From `next` of the page before; opaque.")
    limit = serializers.IntegerField(
        default=DEFAULT_LIMIT, min_value=1, max_value=MAX_LIMIT, help_text="Rows on a page."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[ModelT]):
    """Some rows, and the cursor of the next page; None on the last page."""

    rows: list[ModelT]
    next_cursor: str | None


def page_of(
    newest_first: QuerySet[ModelT], *, limit: int, cursor: int | None = None
) -> Page[ModelT]:
    """Return up to ``limit`` rows older than the key ``cursor``, of a query in order of ``-pk``."""
    rest = newest_first if cursor is None else newest_first.filter(pk__lt=cursor)
    rows = list(rest[: limit + 1])
    shown = rows[:limit]
    return Page(rows=shown, next_cursor=write_cursor(shown[-1].pk) if len(rows) > limit else None)


def write_cursor(key: int) -> str:
    """Return the cursor of the page after the row with this key."""
    return base64.urlsafe_b64encode(struct.pack(">q", key)).decode().rstrip("=")
