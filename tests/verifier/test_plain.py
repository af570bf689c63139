"""The plain code against pyHanko: whatever it confirms, pyHanko confirms with the same words."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from certificates.development_pki import DevelopmentPki
from tests.verifier.attacks.mutants import mutants
from tests.verifier.attacks.variants import VARIANTS, Scene, make_scene
from tests.verifier.example import ISSUED_AT, Office, make_office
from verifier.document import WANTED
from verifier.frame import PyhankoFile
from verifier.plain import PlainSeal, read_plain_seal
from verifier.plain_file import read_plain_file
from verifier.plainness import plainly
from verifier.verdict import StepError

ROOT = Path(__file__).resolve().parents[2]
WITHOUT_PYHANKO = """
import sys
sys.modules["pyhanko"] = None
from verifier.cli import main
sys.exit(main(sys.argv[1:]))
"""

Answers = tuple[object, ...]


@pytest.fixture(scope="module")
def scene(pki: DevelopmentPki, impostor: Office) -> Scene:
    return make_scene(make_office(pki), impostor)


def plain_seal(pdf: bytes) -> PlainSeal | None:
    return plainly(lambda: read_plain_seal(pdf, read_plain_file(pdf, WANTED)))


def confirmed(office: Office, seal: PlainSeal) -> Iterator[tuple[str, object]]:
    """Give what the plain code says, each with its name, as far as a verdict would ask it."""
    yield "attachments", dict(seal.attachments)
    signer = plainly(seal.signer)
    if signer is None:
        return
    yield "signer", signer
    yield "trusted", plainly(lambda: seal.is_trusted(office.trust, ISSUED_AT)) or None
    yield "stamp", plainly(lambda: seal.stamp(office.tsa_trust))
    yield "stamp of anybody", plainly(lambda: seal.stamp(None))


def found_by_pyhanko(office: Office, pdf: bytes) -> Callable[[str], object]:
    """Return what answers to the same names, a reason where it is against."""
    file = PyhankoFile(pdf, WANTED)

    def trusted() -> bool:
        file.require_issuer(office.trust, ISSUED_AT)
        return True

    answers: dict[str, Callable[[], object]] = {
        "attachments": lambda: file.attachments,
        "signer": file.signer,
        "trusted": trusted,
        "stamp": lambda: file.stamp(office.tsa_trust),
        "stamp of anybody": lambda: file.stamp(None),
    }

    def answer(name: str) -> object:
        try:
            return answers[name]()
        except StepError as error:
            return error.reason

    return answer


def require_agreement(scene: Scene, pdf: bytes) -> int:
    """Check what is confirmed of a file against pyHanko; return how much that was."""
    seal = plain_seal(pdf)
    if seal is None:
        return 0
    pyhanko = found_by_pyhanko(scene.office, pdf)
    held = {name: answer for name, answer in confirmed(scene.office, seal) if answer is not None}
    assert {name: pyhanko(name) for name in held} == held
    return len(held)


def test_a_certificate_is_plain_all_through(scene: Scene) -> None:
    assert require_agreement(scene, scene.pdf) == 5


def test_a_certificate_is_verified_without_pyhanko(certificate_path: Path, office: Office) -> None:
    trust = certificate_path.with_name("trust.pem")
    trust.write_text(office.pki.trust_pem)
    tsa_trust = certificate_path.with_name("tsa_trust.pem")
    tsa_trust.write_text(office.pki.tsa_trust_pem)
    asked = subprocess.run(  # noqa: S603 # our own program
        [
            *(sys.executable, "-c", WITHOUT_PYHANKO, certificate_path),
            *("--trust", trust, "--tsa-trust", tsa_trust, "--log-key", office.log_key),
            *("--at", "2027-06-01T00:00:00Z"),
        ],
        cwd=ROOT,
        check=False,
    )
    assert asked.returncode == 0


def test_of_every_variant_the_plain_code_confirms_what_pyhanko_does(scene: Scene) -> None:
    counts = [require_agreement(scene, variant.make(scene)) for variant in VARIANTS]
    # Those that a leaked key sealed are plain, and of others the frame.
    assert sum(map(bool, counts)) >= 10


@pytest.mark.parametrize("word", [b"endobj", b"endstream"])
def test_an_object_whose_end_is_damaged_is_not_confirmed(scene: Scene, word: bytes) -> None:
    places = [found.start() for found in re.finditer(rb"\n%b\n" % word, scene.pdf)]
    pieces = [(scene.pdf[: place + 3], scene.pdf[place + 4 :]) for place in places]

    plain = [before + b"{" + after for before, after in pieces]

    assert any(plain_seal(pdf) is None for pdf in plain)
    for pdf in plain:
        require_agreement(scene, pdf)


def judge(scene: Scene, wanted: int) -> None:
    for pdf in mutants(scene, wanted):
        require_agreement(scene, pdf)


def test_of_mutants_the_plain_code_confirms_what_pyhanko_does(scene: Scene) -> None:
    judge(scene, 100)


@pytest.mark.long
def test_of_thousands_of_mutants_the_plain_code_confirms_what_pyhanko_does(scene: Scene) -> None:
    judge(scene, 10_000)
