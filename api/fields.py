"""Fields of more than one answer."""

from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from registry.masking import masked_name
from registry.models import Party


class InstantField(serializers.DateTimeField):
    """An instant, answered in UTC; without an offset nobody knows which one is meant."""

    default_error_messages = {
        "offset": _("Write the instant with its offset, e.g. 2026-11-25T04:00:00Z.")
    }

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 # DRF's options
        super().__init__(default_timezone=UTC, **options)

    def enforce_timezone(self, value: datetime) -> datetime:
        """Return the instant in UTC.

        Raises:
            ValidationError: it has no offset, or none that fits the calendar.
        """
        if value.tzinfo is None:
            self.fail("offset")
        return super().enforce_timezone(value)


@extend_schema_field(OpenApiTypes.STR)
class HexField(serializers.Field[bytes, str, str, Any]):
    """Bytes in lower-case hexadecimal."""

    def to_representation(self, value: bytes) -> str:
        """Return the digits."""
        return bytes(value).hex()


@extend_schema_field(OpenApiTypes.STR)
class PartyNameField(serializers.Field[Party, str, str, Any]):
    """A party by its name, a natural person's masked."""

    def to_representation(self, value: Party) -> str:
        """Return the public name."""
        return masked_name(value)
