"""Sixty and more hostile variants, each with the reason it must get; and many random mutants."""

import asyncio
import io
import json
from collections import Counter

import pytest
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from tests.verifier.attacks.mutants import mutants
from tests.verifier.attacks.variants import VARIANTS, Scene, Variant, make_scene
from tests.verifier.example import IN_TERM, Office
from verifier.cli import main
from verifier.verdict import Outcome, Reason


@pytest.fixture
def scene(office: Office, impostor: Office) -> Scene:
    return make_scene(office, impostor)


def named(variant: Variant) -> str:
    return f"{variant.family}: {variant.name}"


def test_there_are_sixty_variants_in_ten_classes() -> None:
    families = Counter(variant.family for variant in VARIANTS)
    assert len({variant.name for variant in VARIANTS}) == len(VARIANTS) >= 60
    assert len(families) >= 10


def test_the_genuine_file_is_valid(scene: Scene) -> None:
    assert scene.office.verify(scene.pdf, scene.issued.proof).outcome == Outcome.VALID


@pytest.mark.parametrize("variant", VARIANTS, ids=named)
def test_a_variant_is_found_out_by_itself_and_beside_the_genuine_proof(
    scene: Scene, variant: Variant
) -> None:
    pdf = variant.make(scene)
    assert pdf != scene.pdf
    assert pdf.startswith(scene.pdf) == variant.extends

    alone = scene.office.verify(pdf, None)
    assert alone.outcome != Outcome.VALID
    assert set(alone.reasons) & variant.alone, alone.reasons

    disowned = scene.office.verify(pdf, scene.issued.proof)
    assert disowned.outcome == Outcome.INVALID
    expected = Reason.ALTERED_AFTER_ISSUE if variant.extends else Reason.NOT_THE_REGISTERED_BYTES
    assert disowned.reasons == (expected,)


def test_pyhanko_alone_as_the_judge_takes_some_of_them(scene: Scene) -> None:
    """What a signature cannot know: whether the ledger lists these very bytes."""
    roots = [
        root
        for certificate in (scene.office.pki.trust_pem, scene.office.pki.tsa_trust_pem)
        for root in load_certs_from_pemder_data(certificate.encode())
    ]

    def accepts(pdf: bytes) -> bool:
        context = ValidationContext(trust_roots=roots, moment=IN_TERM)
        try:
            signatures = PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures
            status = asyncio.run(async_validate_pdf_signature(signatures[0], context))
        except Exception:  # noqa: BLE001 # whatever it is, it does not say yes
            return False
        return bool(status.bottom_line)

    assert accepts(scene.pdf)
    taken = {variant.name for variant in VARIANTS if accepts(variant.make(scene))}
    assert {"well sealed and not in the ledger", "a number that is taken"} <= taken
    assert len(taken) >= 4, taken


def test_the_command_finds_none_of_a_folder_of_variants_valid(
    scene: Scene, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path_factory.mktemp("variants")
    first = {variant.family: variant for variant in reversed(VARIANTS)}
    for place, variant in enumerate(first.values()):
        (folder / f"{place}.pdf").write_bytes(variant.make(scene))
        (folder / f"{place}.pdf.tlog-proof").write_text(scene.issued.proof)
    (folder / "trust.pem").write_text(scene.office.pki.trust_pem)

    asked = [str(folder), "--trust", str(folder / "trust.pem"), "--log-key", scene.office.log_key]
    assert main([*asked, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)["files"]
    assert len(found) == len(first)
    assert {row["verdict"] for row in found} == {"invalid"}


def judge(scene: Scene, wanted: int) -> None:
    for number, pdf in enumerate(mutants(scene, wanted)):
        assert scene.office.verify(pdf, scene.issued.proof).outcome == Outcome.INVALID, number
        assert scene.office.verify(pdf, None).outcome != Outcome.VALID, number


def test_no_mutant_is_valid(scene: Scene) -> None:
    judge(scene, 300)


@pytest.mark.long
def test_none_of_ten_thousand_mutants_is_valid(scene: Scene) -> None:
    judge(scene, 10_000)
