"""The verdict in the words of ETSI EN 319 102-1."""

import pytest
from pyhanko.sign.ades.report import AdESFailure, AdESIndeterminate

from tests.verifier.attacks.variants import signed_too
from tests.verifier.example import Issued, Office
from verifier.etsi import CONCLUSIONS, TOTAL_FAILED, Indication, SubIndication, conclude
from verifier.verdict import Reason, Verdict


def test_every_reason_has_a_conclusion() -> None:
    assert set(CONCLUSIONS) == set(Reason)


def test_the_words_are_those_of_the_standard_as_another_program_has_them() -> None:
    failed = {each.standard_name for each in AdESFailure}
    undecided = {each.standard_name for each in AdESIndeterminate}

    assert {each.value for each in TOTAL_FAILED} <= failed
    assert {each.value for each in set(SubIndication) - TOTAL_FAILED} <= undecided


def test_a_valid_certificate_is_totally_passed(office: Office, issued: Issued) -> None:
    conclusion = conclude(office.verify(issued.pdf, issued.proof))

    assert conclusion.to_json() == {"indication": "TOTAL-PASSED", "sub_indication": None}


def test_the_end_of_a_term_is_none_of_the_signatures(office: Office, issued: Issued) -> None:
    at = issued.statement.rights[0].valid_to

    assert conclude(office.verify(issued.pdf, issued.proof, at=at)).sub_indication is None


@pytest.mark.parametrize(
    ("reason", "indication", "sub_indication"),
    [
        (Reason.SEAL_BROKEN, "TOTAL-FAILED", "HASH_FAILURE"),
        (Reason.NOT_A_PDF, "TOTAL-FAILED", "FORMAT_FAILURE"),
        (Reason.ISSUER_NOT_TRUSTED, "INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND"),
        (Reason.PROOF_MISSING, "INDETERMINATE", "NO_POE"),
    ],
)
def test_a_reason_leads_to_its_indication(
    reason: Reason, indication: str, sub_indication: str
) -> None:
    conclusion = conclude(Verdict.undecided(reason))

    assert conclusion.to_json() == {"indication": indication, "sub_indication": sub_indication}


def test_the_gravest_conclusion_leads(office: Office, issued: Issued) -> None:
    verdict = office.verify(signed_too(issued.pdf, office.pki), None)

    assert verdict.reasons == (Reason.MORE_THAN_ONE_SIGNATURE, Reason.PROOF_MISSING)
    assert conclude(verdict).indication == Indication.TOTAL_FAILED
