"""The six steps over certificates that a registrar issued, or could have issued."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.verifier.example import (
    IN_TERM,
    LOG_NAME,
    NUMBER,
    TERM,
    Issued,
    Log,
    Office,
    log_signer,
    prepared_page,
)
from tlog.encoding import MalformedError, encode_base64
from tlog.proof import TlogProof
from verifier.verdict import Outcome, Reason, Step, StepName, StepOutcome, Verdict
from verifier.verification import verify


def step(verdict: Verdict, name: StepName) -> Step:
    return next(step for step in verdict.steps if step.name == name)


def test_an_issued_certificate_is_valid(office: Office, issued: Issued) -> None:
    verdict = office.verify(issued.pdf, issued.proof)

    assert verdict.outcome == Outcome.VALID
    assert verdict.reasons == ()
    assert [step.outcome for step in verdict.steps] == [StepOutcome.PASSED] * 6 + [
        StepOutcome.NOT_CHECKED
    ]
    assert verdict.certificate == issued.statement.to_json()
    assert verdict.checkpoint == office.log.head()


def test_a_proof_under_a_later_checkpoint_proves_the_same(office: Office, issued: Issued) -> None:
    for number in range(20):
        office.log.append("party.registered/1", {"number": number}, recorded_at=IN_TERM)

    later = office.log.prove(1).format()

    verdict = office.verify(issued.pdf, later)
    assert verdict.outcome == Outcome.VALID
    assert verdict.checkpoint is not None
    assert verdict.checkpoint.size == 22


def test_without_its_proof_a_certificate_cannot_be_verified_and_it_is_said_what_was_proven(
    office: Office, issued: Issued
) -> None:
    verdict = office.verify(issued.pdf, None)

    assert verdict.outcome == Outcome.CANNOT_VERIFY
    assert verdict.reasons == (Reason.PROOF_MISSING,)
    unproven = [step.name for step in verdict.steps if step.outcome != StepOutcome.PASSED]
    assert unproven == [StepName.ISSUED_BYTES, StepName.STATUS]
    assert verdict.checkpoint is None


@pytest.mark.parametrize("damaged", ["", "\n", "c2sp.org/tlog-proof@v1\n", "x" * 600_000, "\udcff"])
def test_a_malformed_proof_proves_nothing(office: Office, issued: Issued, damaged: str) -> None:
    verdict = office.verify(issued.pdf, damaged)

    assert verdict.outcome == Outcome.CANNOT_VERIFY
    assert verdict.reasons == (Reason.PROOF_MALFORMED,)


def test_a_proof_without_its_entry_proves_nothing(office: Office, issued: Issued) -> None:
    bare = replace(TlogProof.parse(issued.proof), extra=None).format()

    assert office.verify(issued.pdf, bare).reasons == (Reason.PROOF_MALFORMED,)


def test_the_proof_of_another_act_is_not_the_proof_of_the_file(
    office: Office, issued: Issued
) -> None:
    verdict = office.verify(issued.pdf, office.log.prove(0).format())

    assert verdict.outcome == Outcome.CANNOT_VERIFY
    assert verdict.reasons == (Reason.PROOF_OF_ANOTHER_ACT,)


def test_the_proof_of_another_certificate_makes_the_file_invalid(
    office: Office, issued: Issued
) -> None:
    other = office.issue(number="SJ3702026110002")

    verdict = office.verify(issued.pdf, other.proof)

    assert verdict.outcome == Outcome.INVALID
    assert verdict.reasons == (Reason.NOT_THE_REGISTERED_BYTES,)


def test_a_forged_entry_is_not_in_the_log(office: Office, issued: Issued) -> None:
    genuine = TlogProof.parse(issued.proof)
    assert genuine.extra is not None
    forged = replace(genuine, extra=genuine.extra.replace(NUMBER.encode(), b"SJ3702026119999"))

    verdict = office.verify(issued.pdf, forged.format())

    assert verdict.outcome == Outcome.INVALID
    assert verdict.reasons == (Reason.PROOF_FALSE,)


def test_a_checkpoint_with_another_root_was_not_signed_by_the_log(
    office: Office, issued: Issued
) -> None:
    root = encode_base64(office.log.head().root)
    forged = issued.proof.replace(root, encode_base64(b"\x01" * 32))

    verdict = office.verify(issued.pdf, forged)

    assert verdict.outcome == Outcome.INVALID
    assert verdict.reasons == (Reason.LOG_SIGNATURE_FALSE,)


def test_a_log_whose_key_is_not_known_proves_nothing(office: Office, issued: Issued) -> None:
    other_key = str(log_signer(b"o").verifier_key)

    verdict = verify(
        issued.pdf, proof=issued.proof, trust=office.trust, log_key=other_key, at=IN_TERM
    )

    assert verdict.outcome == Outcome.CANNOT_VERIFY
    assert verdict.reasons == (Reason.LOG_KEY_UNKNOWN, Reason.LOG_KEY_UNKNOWN)


def test_a_log_key_that_is_none_is_the_callers_mistake(office: Office, issued: Issued) -> None:
    with pytest.raises(MalformedError):
        verify(issued.pdf, proof=None, trust=office.trust, log_key="nonsense", at=IN_TERM)


def test_another_ca_with_the_same_names_is_not_trusted(office: Office, impostor: Office) -> None:
    # The impostor even controls the log, so that only the chain can tell.
    forged = replace(impostor, log=office.log).issue()

    verdict = office.verify(forged.pdf, forged.proof)

    assert verdict.outcome == Outcome.INVALID
    assert verdict.reasons == (Reason.ISSUER_NOT_TRUSTED,)
    assert step(verdict, StepName.SEAL).outcome == StepOutcome.PASSED


def test_the_seal_certificate_itself_may_be_the_anchor(office: Office, issued: Issued) -> None:
    pinned = replace(office.pki, trust_pem=office.pki.seal_chain_pem.decode())

    verdict = replace(office, pki=pinned).verify(issued.pdf, issued.proof)

    assert verdict.outcome == Outcome.VALID


def test_a_statement_of_another_registration_contradicts_its_proof(office: Office) -> None:
    registration = office.register()
    other = office.register()
    statement = office.state(registration)
    pdf = office.seal(statement, office.log.prove(other).format())

    verdict = office.verify(pdf, office.enter(pdf, statement).format())

    assert verdict.outcome == Outcome.INVALID
    assert verdict.reasons == (Reason.REGISTRATION_CONTRADICTS,)


@pytest.mark.parametrize(
    "changes",
    [
        {"certificate": "SJ3702026119999"},
        {"asset": "DA-999999999"},
        {"statement_sha256": "ab" * 32},
    ],
)
def test_the_issued_number_asset_and_statement_must_be_those_of_the_file(
    office: Office, changes: dict[str, str]
) -> None:
    registration = office.register()
    statement = office.state(registration)
    pdf = office.seal(statement, office.log.prove(registration).format())

    verdict = office.verify(pdf, office.enter(pdf, statement, **changes).format())

    assert verdict.outcome == Outcome.INVALID
    assert verdict.reasons == (Reason.ISSUANCE_CONTRADICTS,)


def test_two_trees_of_one_size_show_that_the_log_contradicts_itself(office: Office) -> None:
    registration = office.register()
    statement = office.state(registration)
    forked = replace(statement, ledger=replace(statement.ledger, root_hash="ab" * 32))
    pdf = office.seal(forked, office.log.prove(registration).format())

    verdict = office.verify(pdf, office.enter(pdf, forked).format())

    assert verdict.outcome == Outcome.INVALID
    assert verdict.reasons == (Reason.LOG_CONTRADICTS_ITSELF,)


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        (TERM[0] - timedelta(seconds=1), Reason.NOT_YET_IN_FORCE),
        (TERM[0], None),
        (TERM[1] - timedelta(seconds=1), None),
        (TERM[1], Reason.TERM_ENDED),
    ],
)
def test_a_term_is_half_open(
    office: Office, issued: Issued, at: datetime, reason: Reason | None
) -> None:
    verdict = office.verify(issued.pdf, issued.proof, at=at)

    assert verdict.reasons == ((reason,) if reason else ())
    assert verdict.outcome == (Outcome.INVALID if reason else Outcome.VALID)


def test_one_right_in_force_is_enough(office: Office, issued: Issued) -> None:
    ends = [right.valid_to for right in issued.statement.rights]

    assert min(ends) < IN_TERM < max(ends)
    assert office.verify(issued.pdf, issued.proof, at=IN_TERM).outcome == Outcome.VALID


@pytest.mark.parametrize(
    "statement",
    [b"", b"{}", b"[]", b"\xff", b'{"schema":"quanji.statement/2"}', b"[" * 100_000],
)
def test_a_statement_of_unknown_form_cannot_be_verified(office: Office, statement: bytes) -> None:
    proof = office.log.prove(office.register()).format()
    pdf = office.seal_files(statement, proof.encode())

    verdict = office.verify(pdf, None)

    assert verdict.outcome == Outcome.CANNOT_VERIFY
    assert verdict.reasons == (Reason.STATEMENT_UNREADABLE, Reason.PROOF_MISSING)


def test_a_sealed_file_that_carries_no_statement_is_no_certificate(office: Office) -> None:
    pdf = office.sealer.seal(prepared_page(signed_at=IN_TERM), at=IN_TERM)

    verdict = office.verify(pdf, None)

    assert verdict.outcome == Outcome.INVALID
    assert verdict.reasons[0] == Reason.STATEMENT_MISSING


def test_logs_of_two_names_do_not_vouch_for_one_another(issued: Issued, office: Office) -> None:
    stranger = log_signer(b"l").verifier_key
    other_name = replace(stranger, name="other.example/log")

    verdict = verify(
        issued.pdf, proof=issued.proof, trust=office.trust, log_key=str(other_name), at=IN_TERM
    )

    assert other_name.name != LOG_NAME
    assert verdict.outcome == Outcome.CANNOT_VERIFY


def test_the_verdict_survives_its_journey_as_json(office: Office, issued: Issued) -> None:
    for proof in (issued.proof, None, "nonsense"):
        verdict = office.verify(issued.pdf, proof)

        assert Verdict.from_json(verdict.to_json()) == verdict


def test_a_fresh_log_does_not_know_the_certificate(office: Office, issued: Issued) -> None:
    empty = replace(office, log=Log(signer=log_signer(b"f")))

    assert empty.verify(issued.pdf, issued.proof).outcome == Outcome.CANNOT_VERIFY
