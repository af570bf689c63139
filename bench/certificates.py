"""What a certificate costs: drawing, sealing, reading back, verifying, against what others need.

The page is the demonstration's first certificate. Stock pyHanko seals the very same page; its
signer loads the key anew for each signature, as it does for everybody.
"""

import asyncio
import hashlib
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

from asn1crypto import keys, pem
from django.conf import settings
from django.core.management import call_command
from django.test.utils import override_settings
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers import SimpleSigner
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from bench.measuring import Report, interleaved, seconds
from certificates.development_pki import ensure_development_pki
from certificates.models import Certificate
from certificates.proofreading import proofread
from certificates.queries import log_verifier_keys, proof_text, read_certificate
from certificates.rendering import render_certificate
from certificates.sealing import (
    load_certificates,
    seal_suite,
    sealer,
    trust_pem,
    tsa_trust_pem,
)
from certificates.statement import Statement
from certificates.stating import statement_of
from ledger.proofs import prove_entry
from ledger.publishing import publish
from primitives.clock import now_utc
from verifier.isolation import verify_isolated
from verifier.timestamp import to_asn1
from verifier.verification import verify

TIMES = 20
THOUSAND = 1000


def measure(report: Report) -> None:
    """Report each step of the way of a certificate, and the whole on one and two processes."""
    # The demonstration hands out its first certificate with the proof of it.
    with override_settings(LEDGER_PUBLISH_INLINE=True):
        call_command("load_demo", verbosity=0)
    publish(at=now_utc())
    certificate = Certificate.objects.order_by("pk")[0]
    statement = statement_of(
        certificate, proof=prove_entry(certificate.registration), issued_at=now_utc()
    )
    _measure_issue(report, statement)
    _measure_verdict(report, certificate)


def _measure_issue(report: Report, statement: Statement) -> None:
    at = now_utc()
    page = render_certificate(statement, evidence=sealer().evidence(at))
    sealed = sealer().seal(page, at=at)
    steps: dict[str, Callable[[], object]] = {
        "raw RSA-3072 signature": lambda: seal_suite().sign(b"0" * 64),
        "draw": lambda: render_certificate(statement, evidence=sealer().evidence(at)),
        "seal (PAdES B-LT, time-stamp made here)": lambda: sealer().seal(page, at=at),
        "read back": lambda: proofread(sealed, statement),
        "all of it": partial(issue, statement),
    }
    base, results = interleaved(
        partial(_rate, partial(_stock, statement)),
        [partial(_rate, step) for step in steps.values()],
    )
    report.add("same page drawn, sealed by stock pyHanko", f"{THOUSAND / base:.1f} ms")
    for name, (rate, ratio) in zip(steps, results, strict=True):
        report.add(f"certificate: {name}", f"{THOUSAND / rate:.2f} ms", ratio=ratio, to="its rate")
    one = TIMES / seconds(lambda: [issue(statement) for _ in range(TIMES)])
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(issue, [statement] * 4))
        two = 4 * TIMES / seconds(lambda: list(pool.map(issue, [statement] * 4 * TIMES)))
    report.add("certificates a second, one process", f"{one:.1f}")
    report.add("certificates a second, two processes", f"{two:.1f}", ratio=two / one, to="one")


def _measure_verdict(report: Report, certificate: Certificate) -> None:
    pdf, proof = read_certificate(certificate), proof_text(certificate)
    seals, stamps = trust_pem().encode(), tsa_trust_pem().encode()
    trust, tsa_trust = load_certificates(seals), load_certificates(stamps)
    asked: dict[str, Any] = {
        "proof": proof,
        "trust": trust,
        "tsa_trust": tsa_trust,
        "log_key": log_verifier_keys(),
        "at": now_utc(),
    }
    roots = to_asn1([*trust, *tsa_trust])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "certificate.pdf"
        path.write_bytes(pdf)
        judges: dict[str, Callable[[], object]] = {
            "pyHanko alone": lambda: validate_pdf_signature(
                PdfFileReader(BytesIO(pdf)).embedded_regular_signatures[0],
                ValidationContext(trust_roots=roots),
            ),
            "pdfsig": lambda: subprocess.run(  # noqa: S603 # poppler on our own file
                ["pdfsig", "-nocert", path],  # noqa: S607 # from the PATH
                capture_output=True,
                check=True,
            ),
            "in a process of its own": lambda: verify_isolated(pdf, **asked),
            "SHA-256 of the file alone": lambda: hashlib.sha256(pdf).digest(),
        }
        base, results = interleaved(
            partial(_rate, partial(verify, pdf, **asked)),
            [partial(_rate, judge) for judge in judges.values()],
        )
    report.add("verdict, in process", f"{THOUSAND / base:.1f} ms")
    report.add(
        "verdict, in process, CPU", f"{THOUSAND * _cpu(partial(verify, pdf, **asked)):.1f} ms"
    )
    for name, (rate, ratio) in zip(judges, results, strict=True):
        report.add(f"verdict: {name}", f"{THOUSAND / rate:.2f} ms", ratio=ratio, to="its rate")


def issue(statement: Statement) -> bytes:
    """Draw, seal and proofread a certificate."""
    at = now_utc()
    page = render_certificate(statement, evidence=sealer().evidence(at))
    sealed = sealer().seal(page, at=at)
    proofread(sealed, statement)
    return sealed


def _stock(statement: Statement) -> object:
    """Draw the page and let pyHanko's own signer and time-stamper make the signature."""
    pki = ensure_development_pki(Path(settings.PKI_DIR))
    page = render_certificate(statement)
    stamper = DummyTimeStamper(
        *_certificate_and_key(pki.seal_chain_pem, pki.seal_key_pem), certs_to_embed=None
    )
    certificate, key = _certificate_and_key(pki.seal_chain_pem, pki.seal_key_pem)
    signer = SimpleSigner(
        signing_cert=certificate,
        signing_key=key,
        cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call] # pyHanko's
    )
    digest = hashlib.sha256(page).digest()
    signing = signer.async_sign(digest, "sha256", use_pades=True, timestamper=stamper)
    return asyncio.run(signing).dump()


def _certificate_and_key(chain: bytes, key: bytes) -> tuple[object, keys.PrivateKeyInfo]:
    certificate, *_ = load_certs_from_pemder_data(chain)
    _, _, der = pem.unarmor(key)
    return certificate, keys.PrivateKeyInfo.load(der)


def _rate(work: Callable[[], object]) -> float:
    return TIMES / seconds(lambda: [work() for _ in range(TIMES)])


def _cpu(work: Callable[[], object]) -> float:
    """Return the seconds of CPU that the work takes, at its quickest of some rounds."""

    def once() -> float:
        start = time.process_time()
        for _ in range(TIMES):
            work()
        return (time.process_time() - start) / TIMES

    return min(once() for _ in range(TIMES))
