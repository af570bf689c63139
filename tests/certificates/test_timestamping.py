"""Time-stamps: who is asked, what is believed, and what a seal without one is worth."""

import hashlib
import subprocess
import time
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import cms
from cryptography.x509 import load_pem_x509_certificates
from pyhanko.pdf_utils.reader import PdfFileReader

from certificates.development_pki import DevelopmentPki, ensure_development_pki
from certificates.development_tsa import DevelopmentTimestampAuthority
from certificates.suites import key_file_suite
from certificates.timestamping import (
    HttpTimestampService,
    TimestampServices,
    TimestampUnavailableError,
)
from tests.certificates.tsa_server import LATE, REJECTION, Answer, granted, honest, served
from tests.verifier.example import example_sealer, make_office, prepared_page, sealer_with
from verifier.timestamp import check_timestamp, imprint_of
from verifier.verdict import Outcome, Reason, StepError, StepName

NOW = datetime(2026, 11, 25, 2, 31, tzinfo=UTC)
SIGNATURE = b"a raw signature"

pytestmark = pytest.mark.enable_socket


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> DevelopmentPki:
    return ensure_development_pki(tmp_path_factory.mktemp("keys") / "seal")


@pytest.fixture(scope="module")
def impostor(tmp_path_factory: pytest.TempPathFactory) -> DevelopmentTimestampAuthority:
    return authority_of(ensure_development_pki(tmp_path_factory.mktemp("others") / "seal"))


def authority_of(pki: DevelopmentPki) -> DevelopmentTimestampAuthority:
    return DevelopmentTimestampAuthority(key_file_suite(pki.tsa_key_pem, pki.tsa_chain_pem))


def services(pki: DevelopmentPki, *addresses: str, seconds: float = 1) -> TimestampServices:
    trust = load_pem_x509_certificates(pki.tsa_trust_pem.encode())
    asked = [HttpTimestampService(address, seconds) for address in addresses]
    return TimestampServices(asked, trust, timedelta(minutes=1))


def test_a_service_over_http_stamps_a_signature(pki: DevelopmentPki) -> None:
    with served(honest(authority_of(pki), NOW)) as address:
        token = services(pki, address).stamp(SIGNATURE, at=NOW)

    stamped = check_timestamp(
        content_of(token),
        imprint_of(SIGNATURE),
        trust=load_pem_x509_certificates(pki.tsa_trust_pem.encode()),
    )
    assert stamped.at == NOW
    assert stamped.authority == "示例时间戳机构 EXAMPLE TIME-STAMP AUTHORITY"


def liars(pki: DevelopmentPki, impostor: DevelopmentTimestampAuthority) -> dict[str, Answer]:
    """Return services whose answers must not be believed, by what is wrong with them."""
    genuine = authority_of(pki)
    other = hashlib.sha256(b"another signature").digest()
    return {
        "rejection": lambda _query: REJECTION,
        "nonce": lambda query: granted(genuine, query, NOW, nonce=7),
        "TIMESTAMP_FALSE": lambda query: granted(genuine, query, NOW, imprint=other),
        "TIMESTAMP_NOT_TRUSTED": lambda query: granted(impostor, query, NOW),
        "our clock": lambda query: granted(genuine, query, NOW + LATE),
        "no time-stamp response": lambda _query: b"<html>Maintenance</html>",
        "longer than": lambda _query: b"0" * 100_000,
    }


@pytest.mark.parametrize(
    "why",
    [
        "rejection",
        "nonce",
        "TIMESTAMP_FALSE",
        "TIMESTAMP_NOT_TRUSTED",
        "our clock",
        "no time-stamp response",
        "longer than",
    ],
)
def test_a_lying_service_is_not_believed_and_the_next_is_asked(
    why: str, pki: DevelopmentPki, impostor: DevelopmentTimestampAuthority
) -> None:
    with ExitStack() as stack:
        liar = stack.enter_context(served(liars(pki, impostor)[why]))
        good = stack.enter_context(served(honest(authority_of(pki), NOW)))
        with pytest.raises(TimestampUnavailableError, match=why):
            services(pki, liar).stamp(SIGNATURE, at=NOW)
        assert services(pki, liar, good).stamp(SIGNATURE, at=NOW)


def test_a_service_that_is_down_fails_or_sends_elsewhere_is_passed_over(
    pki: DevelopmentPki,
) -> None:
    good = honest(authority_of(pki), NOW)
    with ExitStack() as stack:
        down = "http://127.0.0.1:9/"
        failing = stack.enter_context(served(good, status=503))
        moved = stack.enter_context(served(good, status=307))
        working = stack.enter_context(served(good))
        with pytest.raises(TimestampUnavailableError) as refusal:
            services(pki, down, failing, moved).stamp(SIGNATURE, at=NOW)
        assert services(pki, down, failing, moved, working).stamp(SIGNATURE, at=NOW)
    for word in (down, "refused", "503", "307"):
        assert word in str(refusal.value)


@pytest.mark.parametrize("drip", [False, True], ids=["says nothing", "drips"])
def test_a_slow_service_costs_no_more_than_its_time(pki: DevelopmentPki, *, drip: bool) -> None:
    good = honest(authority_of(pki), NOW)

    def late(query: bytes) -> bytes:
        if not drip:
            time.sleep(3)
        return good(query)

    with served(late, drip=drip) as address:
        began = time.monotonic()
        with pytest.raises(TimestampUnavailableError):
            services(pki, address, seconds=0.5).stamp(SIGNATURE, at=NOW)
        assert time.monotonic() - began < 2


def test_without_a_time_stamp_nothing_is_sealed(pki: DevelopmentPki) -> None:
    sealer = sealer_with(pki, services(pki, "http://127.0.0.1:9/"))
    with pytest.raises(TimestampUnavailableError):
        sealer.seal(prepared_page(signed_at=NOW), at=NOW)


def test_openssl_verifies_the_token_over_the_seal(pki: DevelopmentPki, tmp_path: Path) -> None:
    sealed = example_sealer(pki).seal(prepared_page(signed_at=NOW), at=NOW)
    (seal,) = PdfFileReader(BytesIO(sealed)).embedded_signatures
    attributes = seal.signer_info["unsigned_attrs"]
    (tmp_path / "token").write_bytes(attributes[0]["values"][0].dump())
    (tmp_path / "signature").write_bytes(seal.signer_info["signature"].native)
    (tmp_path / "roots.pem").write_text(pki.tsa_trust_pem)
    command = ["openssl", "ts", "-verify", "-token_in", "-in", "token", "-CAfile", "roots.pem"]

    def verifies(data: str) -> bool:
        told = subprocess.run(  # noqa: S603 # on our own files
            [*command, "-data", data], cwd=tmp_path, capture_output=True, check=False
        )
        return told.returncode == 0

    assert verifies("signature")
    assert not verifies("roots.pem")


def test_a_token_over_another_signature_is_false(pki: DevelopmentPki) -> None:
    token = authority_of(pki).token(hashlib.sha256(SIGNATURE).digest(), at=NOW)
    assert check_timestamp(content_of(token), imprint_of(SIGNATURE), trust=None).at == NOW
    with pytest.raises(StepError) as found:
        check_timestamp(content_of(token), imprint_of(b"another"), trust=None)
    assert found.value.reason == Reason.TIMESTAMP_FALSE


def test_the_verdict_names_who_stamped_the_seal_and_when(pki: DevelopmentPki) -> None:
    office = make_office(pki)
    issued = office.issue()
    verdict = office.verify(issued.pdf, issued.proof)
    issuer = next(step for step in verdict.steps if step.name == StepName.ISSUER)
    assert verdict.outcome == Outcome.VALID
    assert issuer.facts["stamped_at"] == "2026-11-25T02:31:00Z"
    assert "EXAMPLE TIME-STAMP AUTHORITY" in str(issuer.facts["authority"])


def test_a_seal_stamped_by_whom_the_reader_does_not_trust_cannot_be_verified(
    pki: DevelopmentPki, impostor: DevelopmentTimestampAuthority
) -> None:
    trust = impostor.suite.chain
    office = make_office(pki)
    sealer = sealer_with(pki, TimestampServices([impostor], trust, timedelta(minutes=1)))
    issued = replace(office, sealer=sealer).issue()
    verdict = office.verify(issued.pdf, issued.proof)
    assert verdict.outcome == Outcome.CANNOT_VERIFY
    assert verdict.reasons == (Reason.TIMESTAMP_NOT_TRUSTED,)


def test_a_seal_stamped_after_the_ledger_took_it_in_contradicts_itself(
    pki: DevelopmentPki,
) -> None:
    office = make_office(pki)
    sealer = example_sealer(pki)
    clock = DevelopmentTimestampAuthority(authority_of(pki).suite)

    class Fast:
        name = "a clock that is fast"

        def token(self, digest: bytes, *, at: datetime) -> bytes:
            return clock.token(digest, at=at + timedelta(days=1))

    trust = load_pem_x509_certificates(pki.tsa_trust_pem.encode())
    sealer = sealer_with(pki, TimestampServices([Fast()], trust, timedelta(days=2)))
    issued = replace(office, sealer=sealer).issue()
    verdict = office.verify(issued.pdf, issued.proof)
    assert verdict.reasons == (Reason.TIMESTAMP_CONTRADICTS,)


def test_a_seal_of_an_older_release_without_a_time_stamp_stays_valid(pki: DevelopmentPki) -> None:
    office = make_office(pki)
    sealer = sealer_with(pki, None)
    issued = replace(office, sealer=sealer).issue()
    assert office.verify(issued.pdf, issued.proof).outcome == Outcome.VALID


def content_of(token: bytes) -> cms.SignedData:
    return cms.ContentInfo.load(token)["content"]
