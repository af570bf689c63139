"""The court kit: an archive with which a certificate is verified without us and without a network.

Entry point: `court_kit`. It holds the file and its proof, what the file states, the ledger's latest
checkpoint with its cosignatures, the keys, our own report, and a guide that leads through them with
programs that we did not write. The same certificate at the same instant gives the same bytes.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from datetime import datetime

from django.template.loader import render_to_string
from django.utils.translation import override

from certificates.detached import SignatureMissingError, check_signature, read_signature
from certificates.history import History, past_of
from certificates.models import Document, Issued
from certificates.paper import paper_keys
from certificates.queries import (
    latest_archival,
    log_verifier_key,
    proof_text,
    read_certificate,
    read_file,
)
from certificates.sealing import sm2_trust_pem, trust_pem, tsa_trust_pem
from certificates.status_list import published_status_list, status_list_text
from certificates.suites import SealingError
from certificates.verification import RegisterVerdict, verify_file
from ledger.proofs import NotPublishedError
from ledger.queries import latest_checkpoint
from ledger.state_map import NoStateMapError, StateMapWrongError, prove_state
from primitives.canonical_json import JsonObject, instant_text
from registry.entries import asset_key
from verifier.messages import (
    report,
    sm2_sentence,
    step_sentence,
    step_title,
    verdict_sentence,
)
from verifier.sm2_signature import Sm2Finding
from verifier.verdict import StepOutcome

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of every member, so that the archive depends on its content alone."""
LANGUAGES = {"zh": "zh-hans", "en": "en"}
MARKS = {StepOutcome.PASSED: "✓", StepOutcome.FAILED: "✗", StepOutcome.NOT_CHECKED: "–"}


def court_kit(certificate: Issued, *, at: datetime) -> bytes:
    """Return the archive (ZIP) for an issued certificate, the first or one after a change.

    Its report answers as of ``at``.

    Raises:
        CertificateMissingError: the sealed file is gone from the store or was changed.
        NotPublishedError: no signed checkpoint covers the file yet.
    """
    pdf, proof = read_certificate(certificate), proof_text(certificate)
    answer, second = verify_file(pdf, proof=proof, at=at), check_signature(certificate)
    members: dict[str, bytes] = {
        "certificate.pdf": pdf,
        "certificate.pdf.tlog-proof": proof.encode(),
        "statement.json": bytes(certificate.statement),
        "trust.pem": trust_pem().encode(),
        "tsa_trust.pem": tsa_trust_pem().encode(),
        "log_key.txt": f"{log_verifier_key()}\n".encode(),
        "paper_keys.json": _json(paper_keys().to_json()),
        "report.json": _json(_report(answer, second, at)),
        "verify.sh": render_to_string("certificates/verify.sh").encode(),
        **_checkpoint(),
        **_state_proof(certificate),
        **_second_signature(certificate),
        **_renewed(certificate),
    }
    members |= _status_list()
    past = answer.past or past_of(certificate, at)
    for language, code in LANGUAGES.items():
        with override(code):
            since = past.told()
        members[f"report.{language}.txt"] = _report_text(
            answer, second, since, language, at
        ).encode()
        members[f"READ-ME.{language}.txt"] = _guide(certificate, members, language).encode()
    members["SHA256SUMS"] = _sums(members)
    return _archive(certificate.number, members)


def _checkpoint() -> dict[str, bytes]:
    latest = latest_checkpoint()
    return {"checkpoint": latest.public_note().encode()} if latest else {}


def _state_proof(certificate: Issued) -> dict[str, bytes]:
    """Return the proof of which act on the asset is the latest, once the ledger committed to it."""
    try:
        text = prove_state(asset_key(_asset(certificate))).format()
    except (NoStateMapError, StateMapWrongError):
        return {}
    return {"asset.state-proof": text.encode()}


def _asset(certificate: Issued) -> str:
    return certificate.asset.number if certificate.asset else ""


def _status_list() -> dict[str, bytes]:
    latest = published_status_list()
    return {"status-list": status_list_text(latest).encode()} if latest else {}


def _second_signature(certificate: Issued) -> dict[str, bytes]:
    """Return the SM2 signature and whom it leads to, once it is made."""
    try:
        signature, issuers = read_signature(certificate), sm2_trust_pem().encode()
    except (SignatureMissingError, SealingError):
        return {}
    return {"certificate.pdf.p7s": signature, "sm2_chain.pem": issuers}


def _renewed(certificate: Issued) -> dict[str, bytes]:
    """Return the file under its latest further time-stamp, if it was renewed, and its proof."""
    archival = latest_archival(certificate)
    if archival is None:
        return {}
    try:
        proof = proof_text(archival)
    except NotPublishedError:  # the issued file is complete without it
        return {}
    return {"renewed.pdf": read_file(archival), "renewed.pdf.tlog-proof": proof.encode()}


def _report(answer: RegisterVerdict, second: Sm2Finding | None, at: datetime) -> JsonObject:
    return {
        **report(answer.verdict, "en"),
        **answer.to_json(),
        "sm2_signature": second.to_json() if second else None,
        "at": instant_text(at),
    }


def _report_text(
    answer: RegisterVerdict, second: Sm2Finding | None, since: History, language: str, at: datetime
) -> str:
    steps = [
        f"{MARKS[step.outcome]} {step_title(step.name, language)}: {step_sentence(step, language)}"
        for step in answer.verdict.steps
    ]
    with override(LANGUAGES[language]):
        status = str(answer.status.label) if answer.status else ""
    sentence = verdict_sentence(answer.verdict, language)
    beside = [sm2_sentence(second, language)] if second else []
    told = [since.sentence, *since.notes]
    return "\n".join([*steps, "", sentence, status, *told, *beside, instant_text(at), ""])


def _guide(certificate: Issued, members: Mapping[str, bytes], language: str) -> str:
    with override(LANGUAGES[language]):
        return render_to_string(
            "certificates/court_kit.txt",
            {
                "number": certificate.number,
                "asset": _asset(certificate),
                "follows_a_change": isinstance(certificate, Document),
                "has_checkpoint": "checkpoint" in members,
                "has_state_proof": "asset.state-proof" in members,
                "has_status_list": "status-list" in members,
                "has_renewed": "renewed.pdf" in members,
                "has_p7s": "certificate.pdf.p7s" in members,
            },
        )


def _json(value: JsonObject) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def _sums(members: Mapping[str, bytes]) -> bytes:
    lines = [f"{hashlib.sha256(members[name]).hexdigest()}  {name}\n" for name in sorted(members)]
    return "".join(lines).encode()


def _archive(folder: str, members: Mapping[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(members):
            info = zipfile.ZipInfo(f"{folder}/{name}", date_time=EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, members[name])
    return whole.getvalue()
