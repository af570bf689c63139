"""A seal in twenty years: judged by pyHanko's AdES validation (ETSI EN 319 102-1), all expired."""

import asyncio
from datetime import UTC, datetime
from io import BytesIO

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.validation.ades import simulate_future_ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    PdfSignatureValidationSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager

from certificates import development_pki
from drawing.archival import NO_EVIDENCE
from tests.verifier.example import Office, make_office
from verifier.timestamp import to_asn1

EXPIRY = datetime(2031, 1, 1, tzinfo=UTC)
ISSUED = datetime(2026, 11, 26, tzinfo=UTC)
NOW, LATER = datetime(2026, 12, 1, tzinfo=UTC), datetime(2046, 11, 27, tzinfo=UTC)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A registrar whose authorities, and their word on revocation, all end in 2031."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(development_pki, "VALID_TO", EXPIRY)
        pki = development_pki.ensure_development_pki(tmp_path_factory.mktemp("keys") / "seal")
    return make_office(pki)


def passes(pdf: bytes, office: Office, at: datetime) -> bool:
    (seal,) = PdfFileReader(BytesIO(pdf)).embedded_signatures
    roots = to_asn1([*office.trust, *office.tsa_trust])
    policy = CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build(trust_roots=roots),
        revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO),
    )
    specification = PdfSignatureValidationSpec(SignatureValidationSpec(policy))
    try:
        found = asyncio.run(
            simulate_future_ades_lta_validation(
                seal, specification, at, current_reference_time=ISSUED
            )
        )
    except ValueError:
        return False
    return found.ades_subindic is AdESPassed.OK


@pytest.mark.parametrize("at", [NOW, LATER], ids=["now", "in 2046"])
def test_a_certificate_passes_with_what_it_carries(office: Office, at: datetime) -> None:
    assert passes(office.issue().pdf, office, at)


def test_without_the_evidence_that_it_carries_it_would_not(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office.sealer, "_evidence", lambda _at: NO_EVIDENCE)
    assert not passes(office.issue().pdf, office, LATER)
