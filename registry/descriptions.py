"""The description of a data asset as it stands in entries, and how an act changes it.

The row has the present values. What they were before stands in the acts that changed them
(`rights.change`), and in the registration.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from primitives.texts import unprintable
from registry.entries import DESCRIPTION_FIELDS, asset_json
from registry.models import AssetDescription, DataAsset

MAX_INTEGER = 2**53 - 1
"""The largest that canonical JSON writes exactly."""

FIELDS = {field.name: field for field in AssetDescription._meta.fields}  # noqa: SLF001 # Django's public model API


def description_json(asset: DataAsset) -> dict[str, Any]:
    """Return the values of the description by field, as entries have them."""
    values: dict[str, Any] = asset_json(asset)
    return {name: values[name] for name in DESCRIPTION_FIELDS}


def faults(values: Mapping[str, object]) -> Iterator[str]:
    """Yield the names of those that are no fields, or have a value that Annex 1 does not take.

    A value must be written as entries write it, fit the field, and be printable.
    """
    for name, value in values.items():
        if name not in FIELDS or not _fits(name, value):
            yield name


def describe(asset: DataAsset, values: Mapping[str, object]) -> DataAsset:
    """Set the values, written as in entries, on the row; return it, not saved."""
    for name, value in values.items():
        setattr(asset, name, FIELDS[name].to_python(value))
    return asset


def _fits(name: str, value: object) -> bool:
    field = FIELDS[name]
    if isinstance(value, str) and unprintable(value):
        return False
    if isinstance(value, int) and abs(value) > MAX_INTEGER:
        return False
    try:
        clean = field.clean(value, None)
    except (TypeError, ValidationError):
        return False
    written = clean.isoformat() if isinstance(clean, date) else clean
    return type(written) is type(value) and bool(written == value)
