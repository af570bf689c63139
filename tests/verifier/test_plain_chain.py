"""Chains of certificates: what the plain code takes pyHanko takes; each defect alone stops it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import cms, crl
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pyhanko.sign.validation.generic_cms import cms_basic_validation
from pyhanko.sign.validation.status import SignatureStatus

from certificates.cms import sign
from certificates.suites import key_file_suite
from verifier.plain_cms import leads_to, read_signature
from verifier.plainness import plainly
from verifier.seal import KEY_USAGE
from verifier.timestamp import Revocations, judging, to_asn1

NOW = datetime(2026, 11, 27, tzinfo=UTC)
DAY = timedelta(days=1)
DIGEST = bytes(32)
UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
LISTS = x509.CRLDistributionPoints(
    [
        x509.DistributionPoint(
            [x509.UniformResourceIdentifier("http://127.0.0.1:9/")], None, None, None
        )
    ]
)


@dataclass(frozen=True)
class Plan:
    """A certificate to be made."""

    name: str
    issuer: str
    is_authority: bool = True
    path_length: int | None = None
    signs_certificates: bool = True
    starts: datetime = NOW - DAY
    ends: datetime = NOW + DAY
    key_of: str | None = None
    signed_by: str | None = None
    key_id_of: str | None = None
    more: tuple[tuple[x509.ExtensionType, bool], ...] = ()


@dataclass(frozen=True)
class Case:
    """What is judged: three certificates and what is known of their revocation."""

    root: Plan = Plan("root", "root")
    middle: Plan = Plan("middle", "root")
    leaf: Plan = Plan("leaf", "middle", is_authority=False)
    crls: Mapping[str, tuple[int, timedelta]] = field(default_factory=dict)
    """By issuer: by whom which certificate is revoked, and how long the list holds."""


KEYS = {name: generate_private_key(SECP256R1()) for name in ("root", "middle", "leaf", "other")}
NUMBERS = {"root": 1, "middle": 2, "leaf": 3, "other": 4}
FAR, NONE = DAY, 0
GOOD = Case()
WITH_LISTS = Case(
    middle=replace(GOOD.middle, more=((LISTS, False),)),
    leaf=replace(GOOD.leaf, more=((LISTS, False),)),
    crls={"root": (NONE, FAR), "middle": (NONE, FAR)},
)
TAKEN = {"good": GOOD, "with lists that lack them": WITH_LISTS}
REFUSED = {
    "the leaf ended": replace(GOOD, leaf=replace(GOOD.leaf, ends=NOW - DAY / 2)),
    "the leaf has not begun": replace(GOOD, leaf=replace(GOOD.leaf, starts=NOW + DAY / 2)),
    "the middle ended": replace(GOOD, middle=replace(GOOD.middle, ends=NOW - DAY / 2)),
    "the middle is no authority": replace(GOOD, middle=replace(GOOD.middle, is_authority=False)),
    "the middle may not certify": replace(
        GOOD, middle=replace(GOOD.middle, signs_certificates=False)
    ),
    "the root is too far up": replace(GOOD, root=replace(GOOD.root, path_length=0)),
    "the leaf is another's": replace(GOOD, leaf=replace(GOOD.leaf, signed_by="other")),
    "the middle is another's": replace(GOOD, middle=replace(GOOD.middle, signed_by="other")),
    "another key is named": replace(GOOD, leaf=replace(GOOD.leaf, key_id_of="other")),
    "something critical is unknown": replace(
        GOOD, leaf=replace(GOOD.leaf, more=((UNKNOWN, True),))
    ),
    "no list": replace(WITH_LISTS, crls={}),
    "the leaf is revoked": replace(WITH_LISTS, crls={"root": (NONE, FAR), "middle": (3, FAR)}),
    "the middle is revoked": replace(WITH_LISTS, crls={"root": (2, FAR), "middle": (NONE, FAR)}),
    "the list is old": replace(WITH_LISTS, crls={"root": (NONE, FAR), "middle": (NONE, -DAY / 4)}),
}

LEFT_TO_PYHANKO = {"no list", "the root is too far up"}
"""It asks for a list only where one is to be had, and takes a root whatever the root says."""


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def made(plan: Plan) -> x509.Certificate:
    key = KEYS[plan.key_of or plan.name].public_key()
    key_id_of = KEYS[plan.key_id_of or plan.issuer].public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(named(plan.name))
        .issuer_name(named(plan.issuer))
        .public_key(key)
        .serial_number(NUMBERS[plan.name])
        .not_valid_before(plan.starts)
        .not_valid_after(plan.ends)
    )
    usages = dict.fromkeys(
        (
            *("key_encipherment", "data_encipherment", "key_agreement"),
            *("encipher_only", "decipher_only"),
        ),
        False,
    )
    for extension, critical in (
        (x509.BasicConstraints(plan.is_authority, plan.path_length), True),
        (
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=True,
                key_cert_sign=plan.signs_certificates,
                crl_sign=plan.is_authority,
                **usages,
            ),
            True,
        ),
        (x509.SubjectKeyIdentifier.from_public_key(key), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(key_id_of), False),
        *plan.more,
    ):
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(KEYS[plan.signed_by or plan.issuer], SHA256())


def listed(issuer: str, number: int, holds: timedelta) -> bytes:
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(named(issuer))
        .last_update(NOW - DAY)
        .next_update(NOW + holds)
    )
    if number:
        revoked = x509.RevokedCertificateBuilder().serial_number(number).revocation_date(NOW - DAY)
        builder = builder.add_revoked_certificate(revoked.build())
    return builder.sign(KEYS[issuer], SHA256()).public_bytes(Encoding.DER)


def pem_of(key: EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def judge(case: Case, root: x509.Certificate | None = None) -> tuple[bool, bool]:
    """Return what the plain code and what pyHanko say of a signature under the chain."""
    trusted = made(case.root)
    chain = b"".join(made(plan).public_bytes(Encoding.PEM) for plan in (case.leaf, case.middle))
    der = sign(key_file_suite(pem_of(KEYS["leaf"]), chain), DIGEST)
    lists = [listed(issuer, *said) for issuer, said in case.crls.items()]
    roots = [root or trusted]

    signature = read_signature(der)
    assert signature.is_over(DIGEST)
    crls = [x509.load_der_x509_crl(content) for content in lists]
    plain = plainly(lambda: leads_to(roots, signature, NOW, crls))

    revocations = Revocations(crls=[crl.CertificateList.load(content) for content in lists])
    judged = cms_basic_validation(
        cms.ContentInfo.load(der)["content"],
        DIGEST,
        judging(to_asn1(roots), NOW, revocations),
        key_usage_settings=KEY_USAGE,
    )
    status = SignatureStatus(**asyncio.run(judged))
    return bool(plain), bool(status.intact and status.valid and status.trusted)


@pytest.mark.parametrize("case", TAKEN.values(), ids=TAKEN)
def test_a_good_chain_is_taken_by_both(case: Case) -> None:
    assert judge(case) == (True, True)


@pytest.mark.parametrize("name", REFUSED)
def test_a_chain_with_one_defect_is_not_confirmed(name: str) -> None:
    plain, by_pyhanko = judge(REFUSED[name])
    assert not plain
    assert by_pyhanko == (name in LEFT_TO_PYHANKO)


def test_another_root_of_the_same_name_is_not_led_to() -> None:
    stranger = made(replace(GOOD.root, key_of="other", signed_by="other", key_id_of="other"))
    assert judge(GOOD, root=stranger) == (False, False)
