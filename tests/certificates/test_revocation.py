"""What authorities say of the seal's certificates: kept, carried in the file, and heeded."""

from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from django.core.management import CommandError, call_command
from pytest_django import Settings

from certificates.revocation import RevocationError, evidence_at, refresh, stored

NOW = datetime(2026, 11, 25, 2, 31, tzinfo=UTC)
DAY = timedelta(days=1)


class Authority:
    """A root that certifies a seal and says of it what it is told to."""

    def __init__(self, *extensions: x509.ExtensionType) -> None:
        self.key = generate_private_key(SECP256R1())
        self.root = self.certify("示例 EXAMPLE ROOT", self.key.public_key(), 1)
        seal_key = generate_private_key(SECP256R1())
        self.seal = self.certify("示例 EXAMPLE SEAL", seal_key.public_key(), 2, *extensions)

    @property
    def known(self) -> list[x509.Certificate]:
        return [self.seal, self.root]

    def certify(
        self,
        name: str,
        key: Any,
        serial: int,
        *extensions: x509.ExtensionType,
        until: datetime = NOW + 300 * DAY,
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(_name("示例 EXAMPLE ROOT"))
            .public_key(key)
            .serial_number(serial)
            .not_valid_before(NOW - 300 * DAY)
            .not_valid_after(until)
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(self.key, SHA256())

    def crl(
        self,
        *revoked: int,
        at: datetime = NOW,
        key: EllipticCurvePrivateKey | None = None,
    ) -> bytes:
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(_name("示例 EXAMPLE ROOT"))
            .last_update(at)
            .next_update(at + DAY)
        )
        for serial in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(key or self.key, SHA256()).public_bytes(Encoding.DER)

    def answer(
        self, *, at: datetime = NOW, is_good: bool = True, by: "Authority | None" = None
    ) -> bytes:
        signer = by or self
        builder = self._about_the_seal(at, is_good=is_good)
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.NAME, signer.root)
        return builder.sign(signer.key, SHA256()).public_bytes(Encoding.DER)

    def answer_by(self, responder: x509.Certificate, key: EllipticCurvePrivateKey) -> bytes:
        builder = self._about_the_seal(NOW, is_good=True).certificates([responder])
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, responder)
        return builder.sign(key, SHA256()).public_bytes(Encoding.DER)

    def _about_the_seal(self, at: datetime, *, is_good: bool) -> ocsp.OCSPResponseBuilder:
        good, revoked = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED
        return ocsp.OCSPResponseBuilder().add_response(
            cert=self.seal,
            issuer=self.root,
            algorithm=SHA256(),
            cert_status=good if is_good else revoked,
            this_update=at,
            next_update=at + DAY,
            revocation_time=None if is_good else at,
            revocation_reason=None,
        )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def test_a_file_carries_what_holds_now_and_nothing_else() -> None:
    authority = Authority()
    crl, answer = authority.crl(), authority.answer()
    stale, foreign = authority.crl(at=NOW - 2 * DAY), Authority().answer(at=NOW + DAY)
    found = evidence_at(authority.known, [stale, crl, answer, foreign], NOW)
    assert (found.crls, found.ocsps) == ((crl,), (answer,))
    assert found.certificates == tuple(
        certificate.public_bytes(Encoding.DER) for certificate in authority.known
    )


@pytest.mark.parametrize("said", ["nothing", "stale", "to come", "by another", "of another"])
def test_without_a_word_that_holds_nothing_is_sealed(said: str) -> None:
    authority = Authority()
    sayings = {
        "nothing": [],
        "stale": [authority.crl(at=NOW - 2 * DAY), authority.answer(at=NOW - 2 * DAY)],
        "to come": [authority.crl(at=NOW + DAY)],
        "by another": [
            authority.crl(key=generate_private_key(SECP256R1())),
            authority.answer(by=Authority()),
        ],
        # Signed by the very authority, about a certificate with the same serial of another's.
        "of another": [Authority().answer(by=authority)],
    }
    with pytest.raises(RevocationError, match="refresh_revocation"):
        evidence_at(authority.known, sayings[said], NOW)


@pytest.mark.parametrize("purpose", ["OCSP_SIGNING", "TIME_STAMPING"])
def test_a_responder_answers_only_if_the_authority_let_it(purpose: str) -> None:
    authority = Authority()
    key = generate_private_key(SECP256R1())
    usage = x509.ExtendedKeyUsage([getattr(ExtendedKeyUsageOID, purpose)])
    responder = authority.certify("示例 EXAMPLE RESPONDER", key.public_key(), 3, usage)
    answer = authority.answer_by(responder, key)
    if purpose == "OCSP_SIGNING":
        assert evidence_at(authority.known, [answer], NOW).ocsps == (answer,)
        return
    with pytest.raises(RevocationError, match="refresh_revocation"):
        evidence_at(authority.known, [answer], NOW)


def test_a_responder_whose_term_is_over_answers_for_nobody() -> None:
    authority = Authority()
    key = generate_private_key(SECP256R1())
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])
    responder = authority.certify(
        "示例 EXAMPLE RESPONDER", key.public_key(), 3, usage, until=NOW + DAY / 2
    )
    answer = authority.answer_by(responder, key)
    assert evidence_at(authority.known, [answer], NOW).ocsps == (answer,)
    with pytest.raises(RevocationError, match="refresh_revocation"):
        evidence_at(authority.known, [answer], NOW + DAY * 3 / 4)


def test_what_held_for_one_file_is_not_taken_for_good_for_the_next() -> None:
    authority = Authority()
    crl = authority.crl()
    assert evidence_at(authority.known, [crl], NOW).crls == (crl,)
    assert evidence_at(authority.known, [crl], NOW + DAY).crls == (crl,)
    with pytest.raises(RevocationError, match="refresh_revocation"):
        evidence_at(authority.known, [crl], NOW + DAY + timedelta(seconds=1))
    with pytest.raises(RevocationError, match="is revoked"):
        evidence_at(authority.known, [crl, authority.crl(authority.seal.serial_number)], NOW)


@pytest.mark.parametrize("by", ["crl", "ocsp"])
def test_a_revoked_seal_seals_nothing(by: str) -> None:
    authority = Authority()
    saying = authority.crl(2) if by == "crl" else authority.answer(is_good=False)
    with pytest.raises(RevocationError, match="示例 EXAMPLE SEAL is revoked"):
        evidence_at(authority.known, [saying], NOW)


@pytest.mark.enable_socket
@pytest.mark.parametrize("by", ["crl", "ocsp"])
def test_authorities_are_asked_at_the_addresses_in_our_own_certificates(
    by: str, tmp_path: Path
) -> None:
    answers: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answers[by])

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    address = x509.UniformResourceIdentifier(f"http://127.0.0.1:{server.server_port}/")
    access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, address)
    point = x509.DistributionPoint([address], None, None, None)
    authority = Authority(
        x509.AuthorityInformationAccess([access])
        if by == "ocsp"
        else x509.CRLDistributionPoints([point])
    )
    answers |= {"crl": authority.crl(), "ocsp": authority.answer()}
    told = list(refresh(authority.known, tmp_path))
    server.shutdown()
    server.server_close()
    assert len(told) == 1
    assert by in told[0]
    assert stored(tmp_path) == [answers[by]]
    evidence_at(authority.known, stored(tmp_path), NOW)
    (line,) = refresh(authority.known, tmp_path)
    assert "refused" in line
    assert stored(tmp_path) == [answers[by]]


def test_a_certificate_that_names_no_address_is_told(tmp_path: Path) -> None:
    (line,) = refresh(Authority().known, tmp_path)
    assert "put its CRL into the folder" in line


def test_the_command_says_whether_all_is_good(settings: Settings, tmp_path: Path) -> None:
    settings.REVOCATION_DIR = tmp_path
    told = StringIO()
    call_command("refresh_revocation", stdout=told)
    assert "good as of now" in told.getvalue()
    (tmp_path / "bad.crl").write_bytes(b"nonsense")
    with pytest.raises(CommandError, match="neither a CRL"):
        call_command("refresh_revocation", stdout=told)
