"""What was added to an altered file, and where it differs from the issued one."""

import io
import subprocess
from dataclasses import replace

import pikepdf
import pytest

from certificates import comparison
from certificates.comparison import Comparison, compare
from certificates.forensics import Forensics, examine
from certificates.issuance import issue_waiting
from certificates.models import Certificate
from certificates.queries import certificate_path, read_certificate
from certificates.verification import verify_file
from primitives.canonical_json import JsonObject
from primitives.clock import now_utc
from tests.factories import Office, make_party, register_asset
from tests.verifier.attacks.editing import append_revision, numbers_of, saved_anew, unsealed
from tests.verifier.attacks.registered import registered_scene
from tests.verifier.attacks.variants import VARIANTS
from tests.verifier.example import drawn_page
from verifier import isolation
from verifier.verdict import Outcome, Reason

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def certificate(office: Office) -> Certificate:
    register_asset(office, make_party(office))
    issue_waiting(at=now_utc())
    return Certificate.objects.get()


@pytest.fixture
def pdf(certificate: Certificate) -> bytes:
    return read_certificate(certificate)


def examined(pdf: bytes) -> Forensics:
    forensics = examine(pdf, verify_file(pdf, proof=None, at=now_utc()))
    assert forensics
    return forensics


def said(pdf: bytes) -> str:
    return " ".join(sentence.en for sentence in examined(pdf).sentences())


def attacked(name: str, certificate: Certificate) -> bytes:
    """Return the variant of this name; these attackers need no office of their own."""
    scene = registered_scene(certificate, certificate, None)  # type: ignore[arg-type] # as above
    return next(variant for variant in VARIANTS if variant.name == name).make(scene)


def test_an_issued_file_needs_no_help(certificate: Certificate, pdf: bytes) -> None:
    assert examine(pdf, verify_file(pdf, proof=None, at=now_utc())) is None


@pytest.mark.parametrize("content", [b"", b"text", b"%PDF-1.7", drawn_page()])
def test_of_a_strangers_file_nothing_is_said(certificate: Certificate, content: bytes) -> None:
    assert examine(content, verify_file(content, proof=None, at=now_utc())) is None


def test_a_further_revision_is_described(certificate: Certificate, pdf: bytes) -> None:
    altered = attacked("an annotation over the page", certificate)

    assert said(altered).startswith(
        f"The first {len(pdf)} bytes are {certificate.number} as issued; "
        f"{len(altered) - len(pdf)} bytes were added after it: a further revision "
        "(objects: 2; pages touched: 1; annotations: 1)."
    )


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("a second signature with the leaked key", "further signatures: 1"),
        ("an archive behind", "an archive (ZIP), and no revision of the PDF."),
        ("another whole file behind", "another whole PDF."),
        ("a line feed behind", "blank bytes, and no revision of the PDF."),
        ("a comment behind", "something that is no revision of a PDF."),
    ],
)
def test_what_was_added_is_named(certificate: Certificate, name: str, what: str) -> None:
    assert what in said(attacked(name, certificate))


def test_another_page_content_is_shown_beside_what_was_issued(certificate: Certificate) -> None:
    forensics = examined(attacked("another page content", certificate))

    found = forensics.comparison
    assert found
    assert found.members == ()
    assert found.lines
    assert {line.place for line in found.lines} == {"1"}
    assert "数据产权登记凭证" in found.lines[0].issued
    assert found.lines[0].file == "OWNER: SOMEBODY ELSE"
    assert found.looks
    assert found.looks[0].page == 1
    assert 100_000 < found.looks[0].changed_ppm < 1_000_000
    assert [sentence.zh for sentence in forensics.sentences()][1:3] == [
        "所附登记声明与核发时一致。",
        "文字不同的页：1。",
    ]


def test_a_member_of_the_statement_that_differs_is_named(
    certificate: Certificate, pdf: bytes
) -> None:
    forged = bytes(certificate.statement).replace(b'"share":"1/1"', b'"share":"1/2"', 1)
    forged = forged.replace(b'{"asset"', b'{"<b>aside</b>":"x","asset"', 1)
    whole = io.BytesIO()
    with pikepdf.open(io.BytesIO(unsealed(pdf))) as file:
        file.attachments["statement.json"] = pikepdf.AttachedFileSpec(file, forged)
        file.save(whole)

    found = examined(whole.getvalue()).comparison
    assert found
    assert found.members
    # A name that is not ours is not repeated.
    assert {(each.place, each.issued, each.file) for each in found.members} == {
        ("?", "", "x"),
        ("/rights/0/holders/0/share", "1/1", "1/2"),
    }
    assert (found.lines, found.looks) == ((), ())


def test_pages_taken_out_are_counted(certificate: Certificate, pdf: bytes) -> None:
    whole = io.BytesIO()
    with pikepdf.open(io.BytesIO(unsealed(pdf))) as file:
        del file.pages[1]
        file.save(whole)

    assert "Pages: 1; issued with: 2." in said(whole.getvalue())
    assert "Page 2 looks different: 100.00 % of it has changed." in said(whole.getvalue())


def test_a_file_written_anew_is_recognised_by_number_and_code(
    certificate: Certificate, pdf: bytes
) -> None:
    sentence = said(saved_anew(pdf))

    assert sentence.startswith("The file bears the number and the verification code of")
    assert "The text of each page is as issued." in sentence


def test_a_number_without_its_code_opens_nothing(certificate: Certificate, pdf: bytes) -> None:
    """Whoever forges a number must not be told what the certificate says."""
    code = certificate.check_code
    scene = registered_scene(certificate, certificate, None)  # type: ignore[arg-type] # none needed
    statement = replace(
        scene.issued.statement,
        check_code="0000-0000-0000-0000",
        verify_url="https://forger.example/",
    )
    forged = scene.office.seal(statement, scene.registration_proof)

    forensics = examined(forged)
    assert forensics.is_withheld
    assert forensics.comparison is None
    assert code not in str(forensics.to_json("en"))
    assert said(forged) == (
        f"The file bears the number of {certificate.number}, and not its verification code: what "
        "the issued file says is not shown beside it."
    )


def test_a_comparison_that_fails_says_so_and_leaves_the_verdict(
    certificate: Certificate, pdf: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(module: str, question: JsonObject) -> bytes:
        raise subprocess.CalledProcessError(-9, module, output=b'{"part": "look')

    monkeypatch.setattr(comparison, "ask_child", fail)
    answer = verify_file(pdf + b"\n", proof=None, at=now_utc())

    assert answer.verdict.reasons == (Reason.ALTERED_AFTER_ISSUE,)
    assert said(pdf + b"\n") == "It could not be compared with the issued file."
    assert answer.outcome == Outcome.INVALID


def test_parts_found_before_a_process_ended_are_kept(
    pdf: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = b'{"part": "page_counts", "found": {"issued": 2, "file": 3}}\n{"part": "mem'

    def fail(module: str, question: JsonObject) -> bytes:
        raise subprocess.TimeoutExpired(module, 20, output=written)

    monkeypatch.setattr(comparison, "ask_child", fail)
    assert compare(pdf, pdf) == Comparison(page_counts=(2, 3))


@pytest.mark.parametrize(
    "written", [b'{"part": "looks", "found": 7}', b'{"part": "lines", "found": [{"place": 1}]}']
)
def test_what_a_subverted_process_says_is_not_believed(
    pdf: bytes, monkeypatch: pytest.MonkeyPatch, written: bytes
) -> None:
    monkeypatch.setattr(comparison, "ask_child", lambda _module, _question: written)

    assert compare(pdf, pdf) == Comparison()


def test_the_store_may_have_lost_the_issued_file(certificate: Certificate, pdf: bytes) -> None:
    certificate_path(certificate.sha256).unlink()

    assert said(pdf + b"\n") == "It could not be compared with the issued file."


def test_a_process_that_takes_too_long_is_ended(
    pdf: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolation, "WALL_SECONDS", 0.01)

    assert compare(pdf + b"\n", pdf) == Comparison()


@pytest.mark.parametrize("box", [b"[0 0 14400 14400]", b"[0 0 1 1]", b"[0 0 0 0]"])
def test_a_page_of_any_size_is_drawn_small(pdf: bytes, box: bytes) -> None:
    page = numbers_of(pdf).page
    changed = append_revision(pdf, {page: b"<</Type /Page /MediaBox %s>>" % box})

    found = compare(changed, pdf)
    assert found.addition
    assert found.addition.kind == "revision"
    assert found.page_counts
