"""The two clocks on a form: for when, and as known when, a page of title answers."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.queries import tree_size, tree_size_at
from rights.queries import AsOf

FIRST_YEAR, LAST_YEAR = 2000, 2999
LOCAL = "%Y-%m-%dT%H:%M:%S"
"""How a browser writes an instant in a field of type datetime-local."""
LOCAL_FORMATS = [LOCAL, "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"]
MAX_SIZE = 2**63 - 1


def size_refusal(size: int) -> str:
    """Say why the register cannot be asked as of so many entries; nothing if it can.

    Nobody knows what will stand in entries to come.
    """
    present = tree_size()
    if size <= present:
        return ""
    return _("The register has %(present)s entries so far; it cannot be asked as of %(size)s.") % {
        "present": present,
        "size": size,
    }


class ShanghaiField(forms.DateTimeField):
    """An instant by the clock of Shanghai, to the second; a day alone means its first."""

    widget = forms.DateTimeInput(format=LOCAL, attrs={"type": "datetime-local", "step": "1"})
    default_error_messages = {
        "invalid": gettext_lazy("Write the day and time of day as 2026-11-25 12:00."),
        "range": gettext_lazy("Choose a year from %(first)s to %(last)s."),
    }

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 # Django's options
        super().__init__(input_formats=LOCAL_FORMATS, required=False, **options)

    def to_python(self, value: Any) -> datetime | None:  # noqa: ANN401 # Django's signature
        """Return the instant in UTC.

        Raises:
            ValidationError: it is not one, or of a year that no register has seen or will see.
        """
        try:
            read = super().to_python(value)
        except OverflowError as error:
            raise self._out_of_range() from error
        if read is None:
            return None
        # A year at the calendar's edge cannot be moved into another zone.
        if not FIRST_YEAR <= read.year <= LAST_YEAR:
            raise self._out_of_range()
        return read.astimezone(UTC).replace(microsecond=0)

    def bound_data(self, data: Any, initial: Any) -> Any:  # noqa: ANN401 # Django's signature
        """Return the instant as a browser's field shows it; what is none as it was sent."""
        try:
            read = self.to_python(super().bound_data(data, initial))
        except forms.ValidationError:
            return data
        return localtime(read).strftime(LOCAL) if read else data

    def _out_of_range(self) -> forms.ValidationError:
        limits = {"first": FIRST_YEAR, "last": LAST_YEAR}
        return forms.ValidationError(self.error_messages["range"], code="range", params=limits)


class AsOfForm(forms.Form):
    """An instant of legal time; and the register as it was, by its entries or by a day.

    Attributes:
        now: the present instant; it stands where no other is given.
    """

    at = ShanghaiField(label=gettext_lazy("In force at (Shanghai time)"))
    size = forms.IntegerField(
        label=gettext_lazy("As known with so many entries"),
        required=False,
        min_value=0,
        max_value=MAX_SIZE,
        error_messages={"invalid": gettext_lazy("Write the number of entries in digits.")},
    )
    known_at = ShanghaiField(label=gettext_lazy("or as known at (Shanghai time)"))

    def __init__(self, data: Mapping[str, Any], *, now: datetime) -> None:
        self.now = now.replace(microsecond=0)
        given = {name: data.get(name, "") for name in self.base_fields}
        super().__init__({**given, "at": given["at"] or localtime(self.now).strftime(LOCAL)})

    def clean_size(self) -> int | None:
        """Refuse a size that the tree does not have yet."""
        size: int | None = self.cleaned_data["size"]
        if size is not None and (refusal := size_refusal(size)):
            raise forms.ValidationError(refusal)
        return size

    def clean_known_at(self) -> datetime | None:
        """Refuse a day of record that has not come yet."""
        known_at: datetime | None = self.cleaned_data["known_at"]
        if known_at is not None and known_at > self.now:
            raise forms.ValidationError(
                _("That day has not come yet; nobody knows what will be entered by then.")
            )
        return known_at

    def clean(self) -> dict[str, Any]:
        """Refuse two answers to one question."""
        data = self.cleaned_data
        if data.get("size") is not None and data.get("known_at") is not None:
            raise forms.ValidationError(_("Give the number of entries or the day, not both."))
        return data

    @property
    def as_of(self) -> AsOf:
        """What a valid form asks for."""
        size, known_at = self.cleaned_data["size"], self.cleaned_data["known_at"]
        if known_at is not None:
            # An entry counts from the second in which it got its place.
            size = tree_size_at(known_at + timedelta(seconds=1, microseconds=-1))
        return AsOf(at=self.cleaned_data["at"], size=size)

    @property
    def asks_for_the_past(self) -> bool:
        """Whether it asks how the register was, and not how it is."""
        data = self.cleaned_data
        return data["size"] is not None or data["known_at"] is not None
