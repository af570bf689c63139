"""Verification with the register at hand: the offline verdict, and what the register adds to it.

Entry point: `verify_file`. The parser of an uploaded file runs in a limited process of its own.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from certificates.models import ArchivalFile, Certificate, Document
from certificates.queries import (
    archival_by_digest,
    find_by_digest,
    find_document_by_digest,
    issued_certificates,
    log_verifier_keys,
    proof_text,
)
from certificates.sealing import load_certificates, trust_pem, tsa_trust_pem
from certificates.status import Status, status_at
from ledger.proofs import NotPublishedError
from primitives.canonical_json import JsonObject
from verifier.isolation import verify_isolated
from verifier.verdict import Outcome, Verdict

END_MARK = re.compile(rb"%%EOF\n?")
MAX_END_MARKS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterVerdict:
    """The offline verdict beside what the register says at the same instant.

    Attributes:
        certificate: the issued certificate whose file these very bytes are, or None.
        named: the issued certificate that the file is, was before it was altered, or claims to be.
        status: the status of ``certificate``; None if there is none.
        document: the issued document, other than a certificate, whose file these very bytes are.
    """

    verdict: Verdict
    certificate: Certificate | None
    named: Certificate | None
    status: Status | None
    document: Document | None = None

    @property
    def outcome(self) -> Outcome:
        """VALID only if the offline verdict is, the bytes are registered and in force."""
        if self.document:
            return self.verdict.outcome
        if self.certificate is None:
            # A file that states a certificate and is not in the register is not ours.
            claims = self.verdict.certificate is not None
            return Outcome.INVALID if claims else self.verdict.outcome
        if self.status is not Status.IN_FORCE:
            return Outcome.INVALID
        return self.verdict.outcome

    def to_json(self) -> JsonObject:
        """Return the verdict's JSON with the register's answer beside it."""
        return {
            **self.verdict.to_json(),
            "verdict": self.outcome.value,
            "register": {
                "is_registered": (self.certificate or self.document) is not None,
                "number": str(self.certificate or self.document or "") or None,
                "status": self.status.value if self.status else None,
            },
        }


def verify_file(pdf: bytes, *, proof: str | None, at: datetime) -> RegisterVerdict:
    """Return the verdict on a file as of ``at``.

    Args:
        pdf: the file's bytes.
        proof: the text of a ``.tlog-proof`` that came with it; the register's own if None.
        at: the instant for which to answer, aware UTC.
    """
    digest = hashlib.sha256(pdf).hexdigest()
    certificate, document = find_by_digest(digest), find_document_by_digest(digest)
    archival = archival_by_digest(digest)
    if archival:
        certificate, document = archival.certificate, archival.document
    issued = archival or certificate or document
    own_proof = _proof(issued) if issued else None
    verdict = _verdict(pdf, proof or own_proof, at)
    named = certificate or _begins_with(pdf) or _named(verdict)
    if proof is None and issued is None and named:
        # With the proof of what the file claims to be, the verdict can say how it differs.
        verdict = _verdict(pdf, _proof(named), at)
    return RegisterVerdict(
        verdict=verdict,
        certificate=certificate,
        named=named,
        status=status_at(certificate, at) if certificate else None,
        document=document,
    )


def _verdict(pdf: bytes, proof: str | None, at: datetime) -> Verdict:
    return verify_isolated(
        pdf,
        proof=proof,
        trust=load_certificates(trust_pem().encode()),
        log_key=log_verifier_keys(),
        at=at,
        tsa_trust=load_certificates(tsa_trust_pem().encode()),
    )


def _proof(certificate: Certificate | Document | ArchivalFile) -> str | None:
    """Return the certificate's proof, or None while no checkpoint covers it yet."""
    try:
        return proof_text(certificate)
    except NotPublishedError:
        return None


def _begins_with(pdf: bytes) -> Certificate | None:
    """Return the issued certificate to which something was appended to give ``pdf``, or None.

    An appended revision leaves the issued bytes in place: they end at one of the first end marks.
    """
    digest, hashed = hashlib.sha256(), 0
    for mark in islice(END_MARK.finditer(pdf), MAX_END_MARKS):
        digest.update(pdf[hashed : mark.end()])
        hashed = mark.end()
        if issued := find_by_digest(digest.hexdigest()):
            return issued
    return None


def _named(verdict: Verdict) -> Certificate | None:
    number = (verdict.certificate or {}).get("number")
    return issued_certificates().filter(number=number).first() if number else None
