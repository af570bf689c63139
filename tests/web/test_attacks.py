"""The hostile variants by every way to verify: the public page, the JSON API, the wheel.

One variant of each class goes every way; the long run sends them all, and takes a document and a
renewed file for the genuine one as well.
"""

import json
import re
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.api_keys import create_api_key
from certificates import comparison
from certificates.development_pki import ensure_development_pki
from certificates.documents.ordering import Order, order
from certificates.issuance import issue_waiting
from certificates.models import Certificate, DocumentKind
from certificates.queries import log_verifier_key, proof_text, read_certificate, read_file
from certificates.renewal import renew
from certificates.sealing import load_certificates, trust_pem, tsa_trust_pem
from primitives.canonical_json import JsonObject
from primitives.clock import now_utc
from tests.factories import (
    NOON,
    Office,
    bring_to_publicity,
    decide,
    make_complete_draft,
    make_party,
)
from tests.verifier.attacks.registered import RegisteredScene, registered_scene
from tests.verifier.attacks.variants import VARIANTS, Scene, Variant
from tests.verifier.example import make_office
from tests.verifier.wheel import Wheel
from verifier.verdict import Outcome, Reason
from verifier.verification import verify

PAGE, API = "/verify/file/", "/api/v1/verify/file"
DECISIVE = {Outcome.INVALID.value, Outcome.CANNOT_VERIFY.value}

Found = tuple[str, set[str]]
"""A verdict and its reasons."""


@pytest.fixture
def scene(office: Office, tmp_path_factory: pytest.TempPathFactory) -> RegisteredScene:
    company = make_party(office)
    for data in (b"one", b"other"):
        draft = make_complete_draft(office, company, data=data)
        decide(office, bring_to_publicity(office, draft), at=now_utc())
    issue_waiting(at=now_utc())
    other, certificate = Certificate.objects.order_by("pk")
    impostor = ensure_development_pki(tmp_path_factory.mktemp("impostor") / "seal")
    return registered_scene(certificate, other, make_office(impostor))


@pytest.fixture
def key(office: Office) -> str:
    return create_api_key(owner=office.alice, label="bank", created_at=NOON)


def ask_page(content: bytes, proof: str | None = None) -> Found:
    files = {"file": SimpleUploadedFile("certificate.pdf", content)}
    if proof:
        files["proof"] = SimpleUploadedFile("certificate.pdf.tlog-proof", proof.encode())
    response = Client().post(PAGE, files)
    assert response.status_code == 200
    text = response.content.decode()
    verdict = re.search(r'class="verdict verdict-(\w+)"', text)
    assert verdict
    codes = set(re.findall(r"<code>(\w+)</code>", text))
    return verdict[1], codes & {reason.value for reason in Reason}


def ask_api(content: bytes, key: str, proof: str | None = None) -> Found:
    files = {"file": SimpleUploadedFile("certificate.pdf", content)}
    if proof:
        files["proof"] = SimpleUploadedFile("certificate.pdf.tlog-proof", proof.encode())
    response = Client().post(API, files, headers={"authorization": f"Bearer {key}"})
    assert response.status_code == 200
    answer = response.json()
    return answer["verdict"], set(answer["reasons"])


def test_the_genuine_file_is_valid_at_both_doors(scene: RegisteredScene, key: str) -> None:
    assert ask_page(scene.pdf) == ask_api(scene.pdf, key) == ("valid", set())


@pytest.fixture
def _no_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the comparison with the issued file fail, which never changes a verdict."""

    def fail(module: str, question: JsonObject) -> bytes:
        raise subprocess.TimeoutExpired(module, 0)

    monkeypatch.setattr(comparison, "ask_child", fail)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Wheel:
    return Wheel.build(tmp_path_factory.mktemp("wheel"))


def ask_wheel(
    wheel: Wheel, folder: Path, files: dict[str, bytes], proof: str | None = None
) -> dict[str, Found]:
    """Return what the command of the wheel finds of a folder, and check that it exits by it."""
    folder.mkdir()
    for name, content in files.items():
        (folder / f"{name}.pdf").write_bytes(content)
        if proof:
            (folder / f"{name}.pdf.tlog-proof").write_text(proof)
    for name, text in (("trust", trust_pem()), ("tsa_trust", tsa_trust_pem())):
        (folder / f"{name}.pem").write_text(text)
    told = wheel.verify(
        *(".", "--trust", "trust.pem", "--tsa-trust", "tsa_trust.pem"),
        *("--log-key", log_verifier_key(), "--json"),
        folder=folder,
    )
    answers = json.loads(told.stdout)
    assert told.returncode == {"invalid": 1, "cannot_verify": 2}[answers["verdict"]], told.stderr
    return {
        Path(answer["file"]).stem: (answer["verdict"], set(answer["reasons"]))
        for answer in answers["files"]
    }


def disowned(scene: Scene, pdf: bytes) -> str:
    """Return the reason for which bytes that the genuine file's proof lies beside are not it."""
    extends = pdf.startswith(scene.pdf)
    reason = Reason.ALTERED_AFTER_ISSUE if extends else Reason.NOT_THE_REGISTERED_BYTES
    return reason.value


def first_of_each_class() -> list[Variant]:
    return list({variant.family: variant for variant in reversed(VARIANTS)}.values())


def require_one_answer_for_each(
    variants: Iterable[Variant], scene: RegisteredScene, key: str, *, wheel: Wheel, folder: Path
) -> None:
    """Send each by itself and beside the genuine proof, and compare what is answered."""
    chosen = {str(place): variant for place, variant in enumerate(variants)}
    files = {place: variant.make(scene) for place, variant in chosen.items()}
    by_itself = ask_wheel(wheel, folder / "alone", files)
    for place, variant in chosen.items():
        verdict, reasons = ask_page(files[place])
        assert ask_api(files[place], key) == (verdict, reasons), variant
        assert verdict in DECISIVE, variant
        # The register adds the proof of what it recognises, and then disowns the bytes.
        is_recognised = reasons == {disowned(scene, files[place])}
        assert is_recognised or reasons & variant.alone, (variant, reasons)
        assert is_recognised or not variant.extends, variant
        offline, reasons_offline = by_itself[place]
        assert offline in DECISIVE, variant
        assert is_recognised or reasons_offline == reasons, (variant, reasons_offline)

    proof = scene.issued.proof
    beside = ask_wheel(wheel, folder / "beside", files, proof)
    for place, variant in chosen.items():
        expected = ("invalid", {disowned(scene, files[place])})
        assert beside[place] == expected, variant
        assert ask_page(files[place], proof) == expected, variant
        assert ask_api(files[place], key, proof) == expected, variant


@pytest.mark.usefixtures("_no_comparison")
def test_one_variant_of_each_class_gets_the_same_answer_every_way(
    scene: RegisteredScene, key: str, wheel: Wheel, tmp_path: Path
) -> None:
    chosen = first_of_each_class()
    require_one_answer_for_each(chosen, scene, key, wheel=wheel, folder=tmp_path)


@pytest.mark.long
@pytest.mark.usefixtures("_no_comparison")
def test_every_variant_gets_the_same_answer_every_way(
    scene: RegisteredScene, key: str, wheel: Wheel, tmp_path: Path
) -> None:
    require_one_answer_for_each(VARIANTS, scene, key, wheel=wheel, folder=tmp_path)


@pytest.fixture
def genuine(scene: RegisteredScene) -> dict[str, RegisteredScene]:
    """The scene with another genuine file in the place of the certificate."""
    certificate = Certificate.objects.get(number=scene.issued.statement.number)
    wanted = Order(kind=DocumentKind.STATUS, asset=certificate.asset)
    document = order(wanted, by=None, at=now_utc())
    issue_waiting(at=now_utc())
    document.refresh_from_db()
    renewed = renew(certificate, at=now_utc())
    files = {
        "a document": (read_certificate(document), proof_text(document)),
        "a renewed file": (read_file(renewed), proof_text(renewed)),
    }
    return {
        name: replace(scene, issued=replace(scene.issued, pdf=pdf, proof=proof))
        for name, (pdf, proof) in files.items()
    }


@pytest.mark.long
def test_no_variant_of_a_document_or_of_a_renewed_file_is_valid(
    genuine: dict[str, RegisteredScene],
) -> None:
    for name, scene in genuine.items():
        assert judged(scene.pdf, scene.issued.proof) == (Outcome.VALID, ())
        for variant in VARIANTS:
            pdf = variant.make(scene)
            beside = judged(pdf, scene.issued.proof)
            assert beside == (Outcome.INVALID, (disowned(scene, pdf),)), (name, variant)
            assert judged(pdf, None)[0] != Outcome.VALID, (name, variant)


def judged(pdf: bytes, proof: str | None) -> tuple[Outcome, tuple[Reason, ...]]:
    verdict = verify(
        pdf,
        proof=proof,
        trust=load_certificates(trust_pem().encode()),
        tsa_trust=load_certificates(tsa_trust_pem().encode()),
        log_key=log_verifier_key(),
        at=now_utc(),
    )
    return verdict.outcome, verdict.reasons
