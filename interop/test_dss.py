"""Our certificates before EU DSS: what banks and courts in Europe would be told of them."""

import re
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from django.conf import settings

from certificates.development_pki import DevelopmentPki, ensure_development_pki
from interop.eu_dss import FAILED, INDETERMINATE, PASSED, Finding, eu_dss, why_no_eu_dss
from interop.register import Register
from interop.test_documents import sealed
from tests.certificates.test_rendering import LONG, STATEMENT
from tests.verifier.attacks.editing import append_revision, numbers_of, source_of, stream
from tests.verifier.attacks.variants import VARIANTS, Scene, make_scene
from tests.verifier.example import example_sealer, make_office, renewed

MISSING = why_no_eu_dss()

pytestmark = pytest.mark.skipif(MISSING is not None, reason=MISSING or "")

LEVEL_T, LEVEL_LT = "PAdES-BASELINE-T", "PAdES-BASELINE-LT"
WITHOUT_ADDRESSES = [
    "The authority info access is not present!",
    "The revocation info access is not present!",
]
"""What is said of the example authorities, which can be asked nowhere."""
CHANGED = "The document contains undefined object modifications after the signature revision!"

OVERLOOKED = {
    # Bytes behind the signed ones that change no object that anything names.
    *(variant.name for variant in VARIANTS if variant.family == "behind the end"),
    "an empty revision",
    "an object that nothing names",
    "revocation data added",
    "a time stamp by a third party",
    # What stands in the signature's own place and is not signed.
    *("a time stamp by a stranger", "the time stamp taken out", "two time stamps"),
    "two signers in one signature",
    # A signature cannot know what the ledger holds.
    *(variant.name for variant in VARIANTS if variant.family == "leaked key"),
}
"""The hostile variants that EU DSS takes without a word; `verifier` takes none."""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    genuine, other = (
        ensure_development_pki(tmp_path_factory.mktemp("keys") / "seal") for _ in range(2)
    )
    return make_scene(make_office(genuine), make_office(other))


@pytest.fixture(scope="module")
def found(
    scene: Scene, register: Register, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[Finding]]:
    """Return what is said of every file, asked together, for Java takes its time to start."""
    sealer = example_sealer(scene.office.pki)
    at_hand = {
        "issued": scene.pdf,
        "rare names": sealed(sealer, STATEMENT),
        "many pages": sealed(sealer, LONG),
        **{variant.name: variant.make(scene) for variant in VARIANTS},
    }
    alone = {
        "alone": scene.pdf,
        "evidence repeated": with_evidence_repeated(scene.pdf),
        "references repeated": with_references_repeated(scene.pdf),
        "renewed": renewed(scene.pdf, scene.office.pki),
    }
    demo = register.certificate_proof.parent
    demonstration = {"demonstration": (demo / "certificate.pdf").read_bytes()}
    demo_pki = DevelopmentPki.read(Path(settings.PKI_DIR))
    told = eu_dss(
        laid(tmp_path_factory.mktemp("at_hand"), at_hand, scene.office.pki),
        laid(tmp_path_factory.mktemp("demonstration"), demonstration, demo_pki),
        laid(tmp_path_factory.mktemp("alone"), alone, scene.office.pki, has_lists=False),
    )
    return {path.stem: signatures for path, signatures in told.items()}


@pytest.mark.parametrize("name", ["issued", "rare names", "many pages", "demonstration"])
def test_eu_dss_passes_a_certificate(name: str, found: dict[str, list[Finding]]) -> None:
    assert found[name] == [passed(LEVEL_T)]


def test_eu_dss_finds_level_lt_where_a_later_revision_repeats_the_evidence(
    found: dict[str, list[Finding]],
) -> None:
    assert found["evidence repeated"] == [passed(LEVEL_LT)]


def test_eu_dss_finds_level_lta_in_a_renewed_file_with_the_roots_alone(
    found: dict[str, list[Finding]],
) -> None:
    (signature,) = found["renewed"]
    assert (signature.indication, signature.format) == (PASSED, "PAdES-BASELINE-LTA")
    assert not signature.errors
    assert CHANGED not in signature.warnings


@pytest.mark.parametrize("name", ["alone", "references repeated"])
def test_eu_dss_looks_at_no_evidence_in_the_revision_of_the_seal(
    name: str, found: dict[str, list[Finding]]
) -> None:
    """Since 5.13 it counts only what later revisions bring."""
    (signature,) = found[name]
    assert (signature.indication, signature.format) == (INDETERMINATE, LEVEL_T)
    assert "No revocation data found for the certificate!" in signature.errors


@pytest.mark.parametrize(
    ("name", "indication", "reason"),
    [
        ("one bit of the page", FAILED, "HASH_FAILURE"),
        ("another version in the head", FAILED, "HASH_FAILURE"),
        ("contents of another certificate", FAILED, "HASH_FAILURE"),
        ("byte range leaves the end out", FAILED, "HASH_FAILURE"),
        ("saved anew", FAILED, "FORMAT_FAILURE"),
        ("the same look under another authority", INDETERMINATE, "NO_CERTIFICATE_CHAIN_FOUND"),
    ],
)
def test_eu_dss_does_not_pass(
    name: str, indication: str, reason: str, found: dict[str, list[Finding]]
) -> None:
    (signature,) = found[name]
    assert (signature.indication, signature.sub_indication) == (indication, reason)


@pytest.mark.parametrize(
    "name", ["another page content", "another statement attached", "shadow replace", "shadow hide"]
)
def test_eu_dss_warns_of_a_revision_with(name: str, found: dict[str, list[Finding]]) -> None:
    assert CHANGED in found[name][0].warnings


def test_eu_dss_takes_without_a_word_only_the_variants_that_are_named(
    found: dict[str, list[Finding]],
) -> None:
    assert {variant.name for variant in VARIANTS if is_taken(found[variant.name])} == OVERLOOKED


def is_taken(signatures: list[Finding]) -> bool:
    """Say whether a reader would be told nothing that makes them doubt."""
    return bool(signatures) and all(
        signature.indication == PASSED and set(signature.warnings) <= set(WITHOUT_ADDRESSES)
        for signature in signatures
    )


def passed(level: str) -> Finding:
    return Finding(PASSED, "", level, [], WITHOUT_ADDRESSES, [])


def laid(
    folder: Path, files: dict[str, bytes], pki: DevelopmentPki, *, has_lists: bool = True
) -> Path:
    """Return the folder with the files and what they are judged by."""
    for name, pdf in files.items():
        (folder / f"{name}.pdf").write_bytes(pdf)
    (folder / "trust.pem").write_text(pki.trust_pem)
    (folder / "tsa_trust.pem").write_text(pki.tsa_trust_pem)
    for place, crl in enumerate(pki.crls if has_lists else ()):
        (folder / f"{place}.crl").write_bytes(crl)
    return folder


def with_evidence_repeated(pdf: bytes) -> bytes:
    """Return the file with a revision that brings its revocation lists once more."""
    with pikepdf.open(BytesIO(pdf)) as file:
        lists = [crl.read_bytes() for crl in file.Root.DSS.CRLs]
    number, store = evidence_of(pdf)
    first = numbers_of(pdf).size
    copies = {first + place: stream(crl) for place, crl in enumerate(lists)}
    references = b" ".join(b"%d 0 R" % copy for copy in copies)
    renewed = re.sub(rb"/CRLs \[.*?\]", b"/CRLs [%b]" % references, store)
    return append_revision(pdf, {number: renewed, **copies})


def with_references_repeated(pdf: bytes) -> bytes:
    """Return the file with a revision that says again where its evidence is."""
    number, store = evidence_of(pdf)
    return append_revision(pdf, {number: store})


def evidence_of(pdf: bytes) -> tuple[int, bytes]:
    """Return the number and the text of the DSS dictionary (ISO 32000-2, 12.8.4.3)."""
    with pikepdf.open(BytesIO(pdf)) as file:
        number = file.Root.DSS.objgen[0]
    return number, source_of(pdf, number)
