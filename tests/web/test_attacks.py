"""The hostile variants at the public page and at the JSON API: the same verdict, the same reason.

One variant of each class goes through both doors; the long run sends them all.
"""

import re
import subprocess
from itertools import groupby
from operator import attrgetter

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.api_keys import create_api_key
from certificates import comparison
from certificates.development_pki import ensure_development_pki
from certificates.issuance import issue_waiting
from certificates.models import Certificate
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
from tests.verifier.attacks.variants import VARIANTS, Variant
from tests.verifier.example import make_office
from verifier.verdict import Outcome, Reason

PAGE, API = "/verify/file/", "/api/v1/verify/file"
DECISIVE = {Outcome.INVALID.value, Outcome.CANNOT_VERIFY.value}

Found = tuple[str, set[str]]
"""A verdict and its reasons."""


def sampled() -> list[object]:
    """Return every variant; those beside the first of each class are for the long run."""
    ordered = sorted(VARIANTS, key=attrgetter("family"))
    return [
        pytest.param(
            variant,
            id=f"{family}: {variant.name}",
            marks=[pytest.mark.long] if place else [],
        )
        for family, variants in groupby(ordered, key=attrgetter("family"))
        for place, variant in enumerate(variants)
    ]


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


@pytest.mark.usefixtures("_no_comparison")
@pytest.mark.parametrize("variant", sampled())
def test_a_variant_gets_the_same_verdict_at_both_doors(
    scene: RegisteredScene, key: str, variant: Variant
) -> None:
    pdf = variant.make(scene)

    verdict, reasons = ask_page(pdf)
    assert verdict in DECISIVE
    assert ask_api(pdf, key) == (verdict, reasons)
    # The register adds the proof of what it recognises, and then disowns the bytes.
    disowned = Reason.ALTERED_AFTER_ISSUE if variant.extends else Reason.NOT_THE_REGISTERED_BYTES
    assert reasons & {disowned, *variant.alone}
    assert reasons == {disowned} or not variant.extends


@pytest.mark.long
@pytest.mark.parametrize("variant", sampled())
def test_beside_the_genuine_proof_both_doors_disown_it(
    scene: RegisteredScene, key: str, variant: Variant
) -> None:
    pdf, proof = variant.make(scene), scene.issued.proof

    disowned = Reason.ALTERED_AFTER_ISSUE if variant.extends else Reason.NOT_THE_REGISTERED_BYTES
    assert ask_page(pdf, proof) == ("invalid", {disowned.value})
    assert ask_api(pdf, key, proof) == ("invalid", {disowned.value})
