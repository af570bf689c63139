"""The fixed cast and cases of the tests, built through the same use cases as the product's.

Wang files and accepts (registrar), Li examines (examiner), Zhao approves (approver); Alice belongs
to the applicant's organisation, Charlie to another and must see nothing.
"""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from allauth.account.internal.userkit import user_id_to_str
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Organisation, User
from accounts.organisations import add_member, create_organisation
from accounts.roles import Role, assign_roles
from accounts.second_factor import SECOND_FACTOR_ROLES
from filings.application import content_digest
from filings.cases import undeclared
from filings.checklist import CheckItem
from filings.decision import approve
from filings.models import (
    ClaimedResponsibility,
    ClaimedRight,
    ClaimedShare,
    ClaimedSource,
    Filing,
    Likeness,
    Paper,
)
from filings.near_matches import near_matches
from filings.review import (
    Finding,
    accept,
    decide_match,
    pass_examination,
    publicise,
    record_checks,
)
from filings.submission import create_filing, declare, hand_in, submit
from primitives.digests import digest_bytes
from primitives.identifiers import uscc_check_character
from registry.kinds import IdentifierScheme, InstrumentKind, PartyKind, Stage
from registry.models import AssetVersion, DataAsset, Instrument, Party
from registry.parties import enter_party
from rights.kinds import RightKind
from rights.models import Interest

NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
BEFORE = datetime(2023, 2, 6, 4, 0, tzinfo=UTC)
"""When cases are publicised, so that their publicity is over whenever a test decides them."""
TODAY = NOON.date()
PASSWORD = "Correct horse 4 battery staple"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PAPER_KINDS = (
    InstrumentKind.IDENTITY,
    InstrumentKind.LAWFUL_ACQUISITION,
    InstrumentKind.DATA_SAMPLE,
    InstrumentKind.DATA_DESCRIPTION,
)


def uscc(serial: int) -> str:
    """Return a well-formed example code."""
    first_17 = f"91370100MA{serial:07d}"
    return first_17 + uscc_check_character(first_17)


def make_user(username: str, *roles: Role) -> User:
    user = User.objects.create_user(username=username, password=PASSWORD)
    if roles:
        assign_roles(user, roles)
    if set(roles) & SECOND_FACTOR_ROLES:
        enrol(user)
    return user


def enrol(user: User) -> None:
    """Give ``user`` the second factor of the tests."""
    TOTP.activate(user, TOTP_SECRET)


def totp_code(step: int = 0) -> str:
    """Return the code that the authenticator shows ``step`` periods from now."""
    counter = int(time.time()) // 30 + step
    return str(format_hotp_value(hotp_value(TOTP_SECRET, counter)))


def sign_in(user: User, client: Client | None = None) -> Client:
    """Return a client of ``user``, who has just proved the second factor."""
    client = client or Client()
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time()}]
    session["account_authentication_methods_user"] = user_id_to_str(user)
    session.save()
    return client


@dataclass
class Office:
    """Three officers, two organisations and their members."""

    wang: User
    li: User
    zhao: User
    alice: User
    charlie: User
    organisation: Organisation


def make_office() -> Office:
    alice = make_user("alice", Role.ENTERPRISE)
    charlie = make_user("charlie", Role.ENTERPRISE)
    organisation = create_organisation(name="示例数据科技有限公司", uscc=uscc(1))
    add_member(organisation, alice)
    add_member(create_organisation(name="示例无关有限公司", uscc=uscc(99)), charlie)
    return Office(
        wang=make_user("wang", Role.REGISTRAR),
        li=make_user("li", Role.EXAMINER),
        zhao=make_user("zhao", Role.APPROVER),
        alice=alice,
        charlie=charlie,
        organisation=organisation,
    )


def make_party(office: Office, serial: int = 1, **changes: Any) -> Party:
    """Enter an example party at NOON; ``at`` and fields may be changed."""
    at = changes.pop("at", NOON)
    fields = {
        "kind": PartyKind.LEGAL,
        "name": f"示例数据科技有限公司{serial}",
        "identifier_scheme": IdentifierScheme.USCC,
        "identifier": uscc(serial),
        "is_example": True,
    } | changes
    return enter_party(Party(**fields), by=office.wang, at=at)


def description(**changes: Any) -> dict[str, Any]:
    """Return the fields of Annex 1 for an example asset."""
    return {
        "name": "2025年全国城市人口数据表",
        "summary": "示例：按城市列出人口，用于选址分析。",
        "kind": "RESOURCE",
        "industry_section": "I",
        "industry_division": "65",
        "source_kind": "COLLECTED",
        "situation": "OWN_BUSINESS",
        "grade": "GENERAL",
        "personal_information": "NONE",
        "personal_basis": "",
        "public_data": "NONE",
        "public_data_code": "",
        "region_scope": "NATIONAL",
        "region": "全国",
        "update_frequency": "YEARLY",
        "record_count": 100,
        "form": "TABLE",
        "structure": "STRUCTURED",
    } | changes


def make_draft(office: Office, *, data: bytes = b"data", **changes: Any) -> Filing:
    digests = digest_bytes(data)
    filing = create_filing(
        Filing(
            organisation=office.organisation,
            sha256=digests.sha256,
            sm3=digests.sm3,
            size_bytes=digests.size_bytes,
            **description(**changes),
        ),
        by=office.wang,
        at=NOON,
    )
    return declare_all(filing, by=office.wang)


def declare_all(filing: Filing, *, by: User) -> Filing:
    """Make every declaration that the rule profile asks for."""
    declare(filing, [row.name for row in undeclared(filing)], by=by, at=NOON)
    return filing


def name_applicants(filing: Filing, *parties: Party) -> None:
    """Name the applicants, the first of them responsible at every stage."""
    filing.applicants.add(*parties)
    for stage in Stage:
        ClaimedResponsibility.objects.create(filing=filing, stage=stage, party=parties[0])


def claim(
    filing: Filing,
    kind: RightKind,
    shares: Sequence[tuple[Party, Fraction]],
    *,
    term_months: int = 36,
) -> ClaimedRight:
    right = ClaimedRight.objects.create(filing=filing, kind=kind, term_months=term_months)
    for party, share in shares:
        ClaimedShare.objects.create(
            right=right, party=party, numerator=share.numerator, denominator=share.denominator
        )
    return right


def hand_in_papers(filing: Filing, *more: InstrumentKind) -> list[Paper]:
    return [
        hand_in(
            filing,
            SimpleUploadedFile(f"{kind}.txt", f"示例 {filing.number} {kind}".encode()),
            kind=kind,
            title=f"示例{kind.label}",
            by=filing.filed_by,
            at=NOON,
        )
        for kind in (*PAPER_KINDS, *more)
    ]


def make_paper(reference: str, kind: InstrumentKind = InstrumentKind.CONSENT) -> Instrument:
    """Keep the row of a paper, with no file behind it."""
    return Instrument.objects.create(
        reference=reference,
        kind=kind,
        title=f"示例{kind.label}",
        file_name="example.txt",
        media_type="text/plain",
        sha256=hashlib.sha256(reference.encode()).hexdigest(),
        sm3="0" * 64,
        size_bytes=1,
        stored_at=NOON,
    )


def derive_from(
    filing: Filing,
    source: AssetVersion,
    responsible: Party,
    *,
    basis: Interest | None = None,
) -> ClaimedSource:
    return ClaimedSource.objects.create(
        filing=filing,
        source_version=source,
        activity="DERIVE",
        method="示例：按省汇总。",
        code_sha256=hashlib.sha256(b"code").hexdigest(),
        ended_at=NOON,
        responsible=responsible,
        basis="示例：自有使用权" if basis else "",
        basis_interest=basis,
    )


def make_complete_draft(
    office: Office,
    holder: Party,
    *,
    data: bytes = b"data",
    kinds: Sequence[RightKind] = tuple(RightKind),
    **changes: Any,
) -> Filing:
    """Return a draft with one holder of every right and all papers, ready to be submitted."""
    filing = make_draft(office, data=data, **changes)
    name_applicants(filing, holder)
    for kind in kinds:
        claim(filing, kind, [(holder, Fraction(1))])
    hand_in_papers(filing)
    return filing


def bring_to_examination(office: Office, filing: Filing) -> Filing:
    submit(filing, by=office.wang, at=NOON)
    accept(filing, by=office.wang, at=NOON)
    findings = {item: Finding(is_met=True) for item in CheckItem}
    record_checks(filing, findings, by=office.li, at=NOON)
    filing.refresh_from_db()
    find_all_different(filing, by=office.li)
    return filing


def find_all_different(filing: Filing, *, by: User) -> None:
    """Find all data with a similar name to be other data, which in these tests it is."""
    for match in near_matches(filing):
        decide_match(
            filing, match.other, Likeness.OTHER, by=by, at=NOON, note="示例：年份和摘要不同。"
        )


def bring_to_publicity(office: Office, filing: Filing) -> Filing:
    bring_to_examination(office, filing)
    pass_examination(filing, by=office.li, at=NOON)
    return publicise(filing, by=office.li, at=BEFORE)


def decide(office: Office, filing: Filing, *, at: datetime = NOON) -> DataAsset:
    digest = content_digest(Filing.objects.get(pk=filing.pk))
    decided = approve(filing, by=office.zhao, at=at, shown_digest=digest)
    assert decided.asset is not None
    return decided.asset


def register_asset(office: Office, holder: Party, **changes: Any) -> DataAsset:
    """Carry one filing through the whole procedure and return the registered asset."""
    filing = make_complete_draft(office, holder, **changes)
    return decide(office, bring_to_publicity(office, filing))
