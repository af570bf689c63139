"""A certificate line by line, as it was issued beside the register as it is now (invariant C5)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from django.db.models import TextChoices
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from certificates.models import Certificate
from certificates.stating import statement_of
from ledger.proofs import prove_entry
from primitives.canonical_json import instant_from_text
from registry.kinds import (
    AssetKind,
    DataForm,
    DataStructure,
    IndustrySection,
    PartyKind,
    RegionScope,
    SourceKind,
    UpdateFrequency,
)
from registry.masking import masked_identifier, masked_name
from registry.models import Party
from registry.parties import PERSONAL_SCHEMES
from rights.kinds import RightKind
from rights.queries import standing_interests_of
from web.templatetags.register_text import grouped, last_second, share

StatementJson: TypeAlias = Mapping[str, Any]
"""``quanji.statement/1``, which our own code wrote."""
NOTHING = "–"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a certificate: as issued, and as the register has it now."""

    label: str
    stated: Sequence[str]
    current: Sequence[str]

    @property
    def agrees(self) -> bool:
        """Whether the register still says what the certificate says."""
        return self.stated == self.current


def lines_of(certificate: Certificate) -> list[Line]:
    """Return what an issued certificate states, in the order in which it is printed.

    Raises:
        NotPublishedError: no signed checkpoint covers the registration.
    """
    proof = prove_entry(certificate.registration)
    now = statement_of(
        certificate,
        proof=proof,
        issued_at=certificate.numbered_at,
        interests=standing_interests_of(certificate.asset),
    )
    stated, current = json.loads(bytes(certificate.statement)), now.to_json()
    return [
        Line(label=label, stated=[value], current=[other])
        for (label, value), (_label, other) in zip(
            _description(stated), _description(current), strict=True
        )
    ] + _rights(stated, current)


def _description(statement: StatementJson) -> list[tuple[str, str]]:
    """Return the label and the words of each field of Annex 1."""
    asset = statement["asset"]
    period = [asset["period_from"] or NOTHING, asset["period_to"] or NOTHING]
    records = asset["record_count"]
    return [
        (_("Data name"), asset["name"]),
        (_("Asset number"), asset["number"]),
        (_("Filing number"), statement["filing"]),
        (_("Kind of asset"), _word(AssetKind, asset["kind"])),
        (_("Data summary"), asset["summary"]),
        (_("Industry"), f"{asset['industry']} {_word(IndustrySection, asset['industry'][:1])}"),
        (_("Source of the data"), _word(SourceKind, asset["source_kind"])),
        (_("Region"), f"{_word(RegionScope, asset['region_scope'])} {asset['region']}".strip()),
        (_("Period"), " – ".join(period) if period != [NOTHING, NOTHING] else NOTHING),
        (_("Update frequency"), _word(UpdateFrequency, asset["update_frequency"])),
        (_("Number of records"), NOTHING if records is None else grouped(records)),
        (_("Size in bytes"), grouped(asset["size_bytes"])),
        (
            _("Form"),
            f"{_word(DataForm, asset['form'])} · {_word(DataStructure, asset['structure'])}",
        ),
        (_("Limits"), asset["limits"]),
        (_("Version"), str(asset["version"])),
        ("SHA-256", asset["sha256"]),
        ("SM3", asset["sm3"]),
    ]


def _rights(stated: StatementJson, current: StatementJson) -> list[Line]:
    now = {right["reference"]: _right(right) for right in current["rights"]}
    return [
        Line(
            label=_word(RightKind, right["kind"]),
            stated=_right(right),
            current=now.get(right["reference"], [NOTHING]),
        )
        for right in stated["rights"]
    ]


def _right(right: StatementJson) -> list[str]:
    start = localtime(instant_from_text(right["valid_from"]))
    last = localtime(last_second(instant_from_text(right["valid_to"])))
    term = f"{start:%Y-%m-%d %H:%M:%S} – {last:%Y-%m-%d %H:%M:%S}"
    limits = [right["limits"]] if right["limits"] else []
    return [*(_holder(holder) for holder in right["holders"]), term, *limits]


def _holder(holder: StatementJson) -> str:
    is_natural = holder["identifier_scheme"] in PERSONAL_SCHEMES
    party = Party(
        kind=PartyKind.NATURAL if is_natural else PartyKind.LEGAL,
        name=holder["name"],
        identifier=holder["identifier"],
    )
    shown = f"{masked_name(party)} ({masked_identifier(party)})"
    return f"{shown}: {share(Fraction(holder['share']))}"


def _word(choices: type[TextChoices], code: str) -> str:
    return str(choices(code).label)
