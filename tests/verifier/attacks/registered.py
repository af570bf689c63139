"""The attackers' scene at a registrar whose register and doors are the real ones."""

import json
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from certificates.development_pki import ensure_development_pki
from certificates.models import Certificate
from certificates.queries import proof_text, read_certificate
from certificates.sealing import sealer
from certificates.signing import PadesSealer
from certificates.stating import openings_of, statement_of
from ledger.proofs import prove_entry
from tests.verifier.attacks.variants import Scene
from tests.verifier.example import Issued, Log, Office


@dataclass(frozen=True)
class RegisteredScene(Scene):
    """A scene whose two certificates the register issued."""

    proof_of_registration: str = ""

    @property
    def registration_proof(self) -> str:
        return self.proof_of_registration


def registered_scene(
    certificate: Certificate, other: Certificate, impostor: Office
) -> RegisteredScene:
    """Return the scene in which these two certificates are attacked."""
    seal = sealer()
    assert isinstance(seal, PadesSealer)
    openings = json.loads(openings_of(certificate))["openings"]
    office = Office(seal, ensure_development_pki(Path(settings.PKI_DIR)), Log(openings=openings))
    return RegisteredScene(
        office,
        _issued(certificate),
        _issued(other),
        impostor,
        proof_of_registration=prove_entry(certificate.registration).format(),
    )


def _issued(certificate: Certificate) -> Issued:
    assert certificate.issued_at
    proof = prove_entry(certificate.registration)
    statement = statement_of(certificate, proof=proof, issued_at=certificate.issued_at)
    return Issued(read_certificate(certificate), proof_text(certificate), statement)
