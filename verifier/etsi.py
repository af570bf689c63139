"""The verdict in the standard's words: ETSI EN 319 102-1, 5.1.3, tables 5 and 6.

Entry point: `conclude`. The standard judges a signature and knows no ledger: what only the ledger
says is given the nearest word. It does not ask whether a right or a certificate is in force either,
so that a genuine certificate whose rights have ended is TOTAL-PASSED.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from primitives.canonical_json import JsonObject
from verifier.verdict import Outcome, Reason, Verdict


class Indication(StrEnum):
    """The main status indication."""

    TOTAL_PASSED = "TOTAL-PASSED"
    INDETERMINATE = "INDETERMINATE"
    TOTAL_FAILED = "TOTAL-FAILED"


class SubIndication(StrEnum):
    """Why it is not TOTAL-PASSED; of the standard's, those that a verdict here can have."""

    FORMAT_FAILURE = "FORMAT_FAILURE"
    HASH_FAILURE = "HASH_FAILURE"
    SIG_CRYPTO_FAILURE = "SIG_CRYPTO_FAILURE"
    REVOKED = "REVOKED"
    SIG_CONSTRAINTS_FAILURE = "SIG_CONSTRAINTS_FAILURE"
    CRYPTO_CONSTRAINTS_FAILURE = "CRYPTO_CONSTRAINTS_FAILURE"
    POLICY_PROCESSING_ERROR = "POLICY_PROCESSING_ERROR"
    NO_SIGNING_CERTIFICATE_FOUND = "NO_SIGNING_CERTIFICATE_FOUND"
    NO_CERTIFICATE_CHAIN_FOUND = "NO_CERTIFICATE_CHAIN_FOUND"
    OUT_OF_BOUNDS_NO_POE = "OUT_OF_BOUNDS_NO_POE"
    TIMESTAMP_ORDER_FAILURE = "TIMESTAMP_ORDER_FAILURE"
    NO_POE = "NO_POE"
    SIGNED_DATA_NOT_FOUND = "SIGNED_DATA_NOT_FOUND"


TOTAL_FAILED = frozenset(
    {
        SubIndication.FORMAT_FAILURE,
        SubIndication.HASH_FAILURE,
        SubIndication.SIG_CRYPTO_FAILURE,
        SubIndication.REVOKED,
    }
)
"""Those that make the indication TOTAL-FAILED (table 6); all others leave it INDETERMINATE."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """An indication; without a sub-indication it is TOTAL-PASSED."""

    sub_indication: SubIndication | None = None

    @property
    def indication(self) -> Indication:
        """The main status indication."""
        if self.sub_indication is None:
            return Indication.TOTAL_PASSED
        failed = self.sub_indication in TOTAL_FAILED
        return Indication.TOTAL_FAILED if failed else Indication.INDETERMINATE

    def to_json(self) -> JsonObject:
        """Return both as data."""
        sub = self.sub_indication
        return {
            "indication": self.indication.value,
            "sub_indication": sub.value if sub else None,
        }


CONCLUSIONS: Mapping[Reason, Conclusion] = {
    Reason.ALTERED_AFTER_ISSUE: Conclusion(SubIndication.HASH_FAILURE),
    Reason.NOT_THE_REGISTERED_BYTES: Conclusion(SubIndication.HASH_FAILURE),
    Reason.NOT_SEALED: Conclusion(SubIndication.FORMAT_FAILURE),
    Reason.MORE_THAN_ONE_SIGNATURE: Conclusion(SubIndication.FORMAT_FAILURE),
    Reason.MORE_THAN_ONE_REVISION: Conclusion(SubIndication.FORMAT_FAILURE),
    Reason.NOT_WHOLLY_COVERED: Conclusion(SubIndication.FORMAT_FAILURE),
    Reason.VERIFICATION_REPORT: Conclusion(SubIndication.SIG_CONSTRAINTS_FAILURE),
    Reason.STATEMENT_MISSING: Conclusion(SubIndication.SIGNED_DATA_NOT_FOUND),
    Reason.SEAL_BROKEN: Conclusion(SubIndication.HASH_FAILURE),
    Reason.SEAL_PROFILE: Conclusion(SubIndication.SIG_CONSTRAINTS_FAILURE),
    Reason.ISSUER_NOT_TRUSTED: Conclusion(SubIndication.NO_CERTIFICATE_CHAIN_FOUND),
    Reason.SEAL_OUT_OF_TERM: Conclusion(SubIndication.OUT_OF_BOUNDS_NO_POE),
    Reason.SEAL_REVOKED: Conclusion(SubIndication.REVOKED),
    Reason.TIMESTAMP_FALSE: Conclusion(SubIndication.SIG_CONSTRAINTS_FAILURE),
    Reason.TIMESTAMP_CONTRADICTS: Conclusion(SubIndication.TIMESTAMP_ORDER_FAILURE),
    Reason.TIMESTAMP_NOT_TRUSTED: Conclusion(SubIndication.NO_CERTIFICATE_CHAIN_FOUND),
    # Of the ledger's evidence, which shows that the file existed: without it there is none.
    Reason.LOG_SIGNATURE_FALSE: Conclusion(SubIndication.NO_POE),
    Reason.LOG_KEY_UNKNOWN: Conclusion(SubIndication.NO_POE),
    Reason.LOG_CONTRADICTS_ITSELF: Conclusion(SubIndication.NO_POE),
    Reason.PROOF_FALSE: Conclusion(SubIndication.NO_POE),
    Reason.PROOF_MISSING: Conclusion(SubIndication.NO_POE),
    Reason.PROOF_MALFORMED: Conclusion(SubIndication.NO_POE),
    Reason.PROOF_OF_ANOTHER_ACT: Conclusion(SubIndication.NO_POE),
    # Its signature is what the standard asks about.
    Reason.LETTER: Conclusion(),
    # Of what a certificate must say, as our policy has it.
    Reason.OPENING_FALSE: Conclusion(SubIndication.SIG_CONSTRAINTS_FAILURE),
    Reason.OPENING_MISSING: Conclusion(SubIndication.SIG_CONSTRAINTS_FAILURE),
    Reason.REGISTRATION_CONTRADICTS: Conclusion(SubIndication.SIG_CONSTRAINTS_FAILURE),
    Reason.ISSUANCE_CONTRADICTS: Conclusion(SubIndication.SIG_CONSTRAINTS_FAILURE),
    Reason.STATEMENT_UNREADABLE: Conclusion(SubIndication.SIG_CONSTRAINTS_FAILURE),
    # Of rights and of what was decided about a certificate, not of its signature.
    Reason.TERM_ENDED: Conclusion(),
    Reason.NOT_YET_IN_FORCE: Conclusion(),
    Reason.CERTIFICATE_SUSPENDED: Conclusion(),
    Reason.CERTIFICATE_SUPERSEDED: Conclusion(),
    Reason.CERTIFICATE_REVOKED: Conclusion(),
    Reason.RIGHTS_CHANGED: Conclusion(),
    Reason.RIGHTS_ENDED: Conclusion(),
    Reason.STATUS_LIST_MALFORMED: Conclusion(),
    Reason.STATUS_LIST_FALSE: Conclusion(),
    Reason.STATUS_LIST_OLD: Conclusion(),
    Reason.STATUS_NOT_SAID: Conclusion(),
    # Of state proofs, which bear no signature of their own.
    Reason.STATE_ITEM_FALSE: Conclusion(SubIndication.NO_POE),
    Reason.STATE_NOT_SHOWN: Conclusion(SubIndication.NO_POE),
    Reason.STATE_KEY_UNKNOWN: Conclusion(SubIndication.NO_POE),
    # Of the QR code on paper, which is signed by itself.
    Reason.PAPER_SIGNATURE_FALSE: Conclusion(SubIndication.SIG_CRYPTO_FAILURE),
    Reason.PAPER_KEY_OUT_OF_TERM: Conclusion(SubIndication.OUT_OF_BOUNDS_NO_POE),
    Reason.PAPER_KEY_UNKNOWN: Conclusion(SubIndication.NO_SIGNING_CERTIFICATE_FOUND),
    Reason.PAPER_ALGORITHM: Conclusion(SubIndication.CRYPTO_CONSTRAINTS_FAILURE),
    Reason.PAPER_MALFORMED: Conclusion(SubIndication.FORMAT_FAILURE),
    # Of files that cannot be read.
    Reason.NOT_A_PDF: Conclusion(SubIndication.FORMAT_FAILURE),
    Reason.UNREADABLE: Conclusion(SubIndication.FORMAT_FAILURE),
    Reason.TOO_LARGE: Conclusion(SubIndication.POLICY_PROCESSING_ERROR),
    Reason.RESOURCE_LIMIT: Conclusion(SubIndication.POLICY_PROCESSING_ERROR),
}
GRAVITY = (Indication.TOTAL_FAILED, Indication.INDETERMINATE, Indication.TOTAL_PASSED)


def conclude(verdict: Verdict) -> Conclusion:
    """Return the gravest conclusion that a reason of the verdict leads to."""
    found = [CONCLUSIONS[reason] for reason in verdict.reasons]
    if not found and verdict.outcome != Outcome.VALID:
        return Conclusion(SubIndication.POLICY_PROCESSING_ERROR)
    return min(found or [Conclusion()], key=lambda each: GRAVITY.index(each.indication))
