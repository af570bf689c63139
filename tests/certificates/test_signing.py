"""The registrar's seal and the example PKI it is made with in development."""

import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from cryptography.x509 import (
    BasicConstraints,
    ExtendedKeyUsage,
    KeyUsage,
    load_pem_x509_certificate,
)
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm

from certificates.development_pki import (
    ADOBE_AUTHENTIC_DOCUMENTS,
    DOCUMENT_SIGNING,
    DevelopmentPki,
    ensure_development_pki,
)
from certificates.suites import SealingError, key_file_suite
from drawing.archival import Attachment
from drawing.canvas import BYTE_RANGE_PLACEHOLDER
from drawing.seal import Sealer
from tests.verifier.example import example_sealer, prepared_page

SIGNED_AT = datetime(2026, 11, 25, 2, 31, tzinfo=UTC)


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> DevelopmentPki:
    return ensure_development_pki(tmp_path_factory.mktemp("keys") / "seal")


@pytest.fixture
def sealer(pki: DevelopmentPki) -> Sealer:
    return example_sealer(pki)


def attachment(name: str, content: bytes) -> Attachment:
    return Attachment(
        name=name, media_type="application/json", content=content, description="Example 示例"
    )


def test_a_seal_certifies_the_file_against_any_change(sealer: Sealer) -> None:
    reader = PdfFileReader(BytesIO(sealer.seal(prepared_page(signed_at=SIGNED_AT), at=SIGNED_AT)))

    (seal,) = reader.embedded_signatures
    assert seal.field_name == "RegistrarSeal"
    assert seal.docmdp_level == MDPPerm.NO_CHANGES
    assert seal.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert reader.total_revisions == 1


def test_a_seal_says_who_why_where_and_when(sealer: Sealer) -> None:
    reader = PdfFileReader(BytesIO(sealer.seal(prepared_page(signed_at=SIGNED_AT), at=SIGNED_AT)))

    (seal,) = reader.embedded_signatures
    words = seal.sig_object
    assert (words["/Name"], words["/Reason"], words["/Location"]) == (
        "示例数据产权登记中心",
        "Registration 登记",
        "CN",
    )
    assert seal.self_reported_timestamp == SIGNED_AT


def test_attachments_are_associated_files_in_the_order_of_their_names(sealer: Sealer) -> None:
    attachments = [attachment("b.json", b"{}"), attachment("a.json", b"[]")]

    sealed = sealer.seal(prepared_page(*attachments, signed_at=SIGNED_AT), at=SIGNED_AT)

    catalog = PdfFileReader(BytesIO(sealed)).root
    names = catalog["/Names"]["/EmbeddedFiles"]["/Names"]
    assert [names[0], names[2]] == ["a.json", "b.json"]
    assert [names[1]["/EF"]["/F"].data, names[3]["/EF"]["/F"].data] == [b"[]", b"{}"]
    assert {file.get_object()["/AFRelationship"] for file in catalog["/AF"]} == {"/Data"}
    assert names[1]["/EF"]["/F"]["/Subtype"] == "/application/json"


@pytest.mark.parametrize("places", [0, 2])
def test_a_file_without_one_place_for_a_seal_is_not_sealed(sealer: Sealer, places: int) -> None:
    with pytest.raises(SealingError, match=f"{places} places"):
        sealer.seal(prepared_page(signed_at=SIGNED_AT) * places, at=SIGNED_AT)


def test_a_seal_that_needs_more_room_than_there_is_seals_nothing(sealer: Sealer) -> None:
    with pytest.raises(SealingError, match="room for 1000"):
        sealer.seal(prepared_page(signed_at=SIGNED_AT, hex_digits=1000), at=SIGNED_AT)


def test_the_same_file_is_sealed_with_the_same_bytes_but_those_of_the_seal(sealer: Sealer) -> None:
    prepared = prepared_page(signed_at=SIGNED_AT)

    sealed = sealer.seal(prepared, at=SIGNED_AT)

    assert len(sealed) == len(prepared)
    (seal,) = PdfFileReader(BytesIO(sealed)).embedded_signatures
    start, first, second, rest = map(int, seal.byte_range)
    assert (start, second + rest) == (0, len(sealed))
    unsigned = prepared.replace(BYTE_RANGE_PLACEHOLDER, b"")
    assert sealed[second:] == prepared[second:]
    assert sealed[:first].partition(b"/ByteRange")[0] == unsigned[: sealed.index(b"/ByteRange")]


def test_another_program_finds_the_whole_file_signed(sealer: Sealer, tmp_path: Path) -> None:
    path = tmp_path / "sealed.pdf"
    path.write_bytes(sealer.seal(prepared_page(signed_at=SIGNED_AT), at=SIGNED_AT))

    told = subprocess.run(  # noqa: S603 # poppler, on our own file
        ["pdfsig", "-nocert", path],  # noqa: S607 # from the PATH, as users run it
        capture_output=True,
        text=True,
        check=False,
    ).stdout

    assert "Total document signed" in told
    assert "Signature is Valid" in told


@pytest.mark.parametrize("chain", [b"", b"nonsense"])
def test_a_seal_needs_a_certificate(pki: DevelopmentPki, chain: bytes) -> None:
    with pytest.raises(SealingError, match="chain"):
        key_file_suite(pki.seal_key_pem, chain)


def test_a_seal_needs_the_key_of_its_certificate(pki: DevelopmentPki) -> None:
    for key in (pki.tsa_key_pem, b"nonsense"):
        with pytest.raises(SealingError, match="key"):
            key_file_suite(key, pki.seal_chain_pem)


def test_the_example_certificates_say_that_nobody_licensed_them(pki: DevelopmentPki) -> None:
    root = load_pem_x509_certificate(pki.trust_pem.encode())
    seal = load_pem_x509_certificate(pki.seal_chain_pem)

    for certificate in (root, seal):
        (organisation,) = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
        assert organisation.value == "示例 EXAMPLE - NOT A LICENSED CA"
    seal.verify_directly_issued_by(root)


def test_the_seal_certificate_has_the_profile_that_readers_accept(pki: DevelopmentPki) -> None:
    extensions = load_pem_x509_certificate(pki.seal_chain_pem).extensions

    usage = extensions.get_extension_for_class(KeyUsage).value
    purposes = extensions.get_extension_for_class(ExtendedKeyUsage).value
    assert usage.digital_signature
    assert usage.content_commitment
    assert not usage.key_cert_sign
    assert {DOCUMENT_SIGNING, ADOBE_AUTHENTIC_DOCUMENTS} < set(purposes)
    assert not extensions.get_extension_for_class(BasicConstraints).value.ca


def test_the_example_pki_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    directory = tmp_path / "keys" / "seal"

    first = ensure_development_pki(directory)

    assert ensure_development_pki(directory) == first
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in directory.iterdir()} == {0o600}
    assert [path.name for path in directory.parent.iterdir()] == ["seal"]


def test_a_folder_of_an_older_release_is_named_with_what_to_do(tmp_path: Path) -> None:
    directory = tmp_path / "seal"
    ensure_development_pki(directory)
    (directory / "tsa_key.pem").unlink()
    with pytest.raises(FileNotFoundError, match=r"older release and lacks tsa_key\.pem: move it"):
        ensure_development_pki(directory)


def test_two_first_runs_at_once_agree_on_one_example_pki(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(ensure_development_pki, [tmp_path / "seal"] * 2))

    assert made[0] == made[1]


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "seal").mkdir()
    (tmp_path / "seal" / "other").touch()

    with pytest.raises(OSError, match="not empty"):
        ensure_development_pki(tmp_path / "seal")


def test_the_key_does_not_reach_a_log(pki: DevelopmentPki) -> None:
    assert "KEY" not in repr(pki)
