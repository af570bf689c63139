"""The parties of the demonstration: real publishers by their websites, applicants by example codes.

No identifier of a real person or institution is invented: a publisher is named by its website, and
an applicant's unified social credit code is well formed (GB 32100) but made of a plain serial.
"""

from dataclasses import dataclass

from primitives.identifiers import uscc_check_character


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoParty:
    """One party; the fields after ``key`` are those of the register's party.

    Attributes:
        key: how the demonstration refers to the party.
        kind: NATURAL, LEGAL or UNINCORPORATED.
        identifier_scheme: USCC, RESIDENT_ID or WEBSITE.
    """

    key: str
    kind: str
    name: str
    identifier_scheme: str
    identifier: str
    is_example: bool


def _example_uscc(serial: int) -> str:
    first_17 = f"91370100MA{serial:07d}"
    return first_17 + uscc_check_character(first_17)


def _publisher(key: str, *, kind: str, name: str, website: str) -> DemoParty:
    return DemoParty(
        key=key,
        kind=kind,
        name=name,
        identifier_scheme="WEBSITE",
        identifier=website,
        is_example=False,
    )


def _applicant(
    key: str, *, kind: str, name: str, identifier: str, scheme: str = "USCC"
) -> DemoParty:
    return DemoParty(
        key=key,
        kind=kind,
        name=name,
        identifier_scheme=scheme,
        identifier=identifier,
        is_example=True,
    )


GEONAMES = _publisher(
    "geonames", kind="UNINCORPORATED", name="GeoNames", website="https://www.geonames.org/"
)
ISO_CODES = _publisher(
    "iso-codes",
    kind="UNINCORPORATED",
    name="Debian iso-codes team",
    website="https://salsa.debian.org/iso-codes-team/iso-codes",
)
CHINESE_CALENDAR = _publisher(
    "chinese-calendar",
    kind="UNINCORPORATED",
    name="chinesecalendar 项目",
    website="https://github.com/LKI/chinese-calendar",
)
STATE_COUNCIL_OFFICE = _publisher(
    "state-council-office", kind="LEGAL", name="国务院办公厅", website="https://www.gov.cn/"
)

EXAMPLE_DATA = _applicant(
    "example-data", kind="LEGAL", name="示例数据科技有限公司", identifier=_example_uscc(1)
)
EXAMPLE_GEO = _applicant(
    "example-geo", kind="LEGAL", name="示例地理信息有限公司", identifier=_example_uscc(2)
)
EXAMPLE_PARTNERSHIP = _applicant(
    "example-partnership",
    kind="UNINCORPORATED",
    name="示例䶮𬭚数据合伙企业",  # two rare characters: the certificate must be able to draw them
    identifier=_example_uscc(3),
)
EXAMPLE_PERSON = _applicant(
    "example-person",
    kind="NATURAL",
    name="示例甲",
    scheme="RESIDENT_ID",
    identifier="示例证件0001",  # no well-formed number, so that it is nobody's
)

PUBLISHERS = (GEONAMES, ISO_CODES, CHINESE_CALENDAR, STATE_COUNCIL_OFFICE)
APPLICANTS = (EXAMPLE_DATA, EXAMPLE_GEO, EXAMPLE_PARTNERSHIP, EXAMPLE_PERSON)
