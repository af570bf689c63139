"""What a change, a correction or a renewal makes different: before and after, in words.

Entry point: `differences`. Read from the register as it stands, so while the case is open.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from filings.act_forms import LABELS
from filings.models import AskedAct
from registry.descriptions import FIELDS, description_json
from registry.models import DataAsset, Party
from rights.models import Interest

OF_A_RIGHT = ("valid_to", "limits", "shares")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One member that would be different."""

    label: StrOrPromise
    before: str
    after: str


def differences(asked: AskedAct) -> list[Difference]:
    """Return what the act would make different; nothing for acts that begin or end something."""
    wanted = asked.asked
    if "after" in wanted:
        asset = DataAsset.objects.filter(number=wanted["asset"]).first()
        return list(_of_a_description(asset, wanted["after"])) if asset else []
    right = Interest.objects.filter(reference=wanted.get("interest", "")).first()
    if right is None or asked.act not in {"renew", "change_limits", "correct_right"}:
        return []
    return list(_of_a_right(right, wanted))


def _of_a_description(asset: DataAsset, after: dict[str, Any]) -> Iterator[Difference]:
    before = description_json(asset)
    for name, value in after.items():
        field = FIELDS[name]
        yield Difference(
            label=field.verbose_name,
            before=_of_a_field(name, before[name]),
            after=_of_a_field(name, value),
        )


def _of_a_field(name: str, value: Any) -> str:  # noqa: ANN401 # any JSON
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    choices = {str(code): str(words) for code, words in FIELDS[name].flatchoices}
    return choices.get(str(value), "" if value is None else str(value))


def _of_a_right(right: Interest, wanted: dict[str, Any]) -> Iterator[Difference]:
    if wanted.get("valid_to"):
        yield Difference(
            label=LABELS["valid_to"],
            before=_moment(right.valid_to),
            after=_moment(datetime.fromisoformat(wanted["valid_to"])),
        )
    if wanted.get("limits") is not None:
        yield Difference(label=LABELS["limits"], before=right.limits, after=wanted["limits"])
    if wanted.get("shares"):
        shares = right.shares.select_related("party").order_by("pk")
        parties = {
            party.reference: str(party)
            for party in Party.objects.filter(reference__in=wanted["shares"])
        }
        yield Difference(
            label=LABELS["shares"],
            before="、".join(f"{share.party} {share.fraction}" for share in shares),
            after="、".join(
                f"{parties.get(reference, reference)} {Fraction(share)}"
                for reference, share in wanted["shares"].items()
            ),
        )


def _moment(instant: datetime) -> str:
    return f"{localtime(instant):%Y-%m-%d %H:%M:%S}"
