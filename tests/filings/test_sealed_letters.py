"""Letters under the registrar's seal: whole, stamped, erasable, and taken for no certificate."""

import json
import subprocess
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm

from certificates.queries import log_verifier_keys
from certificates.sealing import load_certificates, sealer, trust_pem, tsa_trust_pem
from certificates.timestamping import ServiceError, TimestampServices
from certificates.verification import RegisterVerdict, verify_file
from certificates.verification_report import verification_report
from filings.letter_pages import IN_VAIN, letter_response, sealed_letter
from filings.letters import letters_of
from filings.models import Letter
from filings.review import decline
from filings.submission import submit
from primitives.clock import now_utc
from registry.kinds import IdentifierScheme, PartyKind
from registry.models import Party
from tests.factories import NOON, Office, make_complete_draft, make_party, sign_in
from verifier.cli import main
from verifier.document import LETTER_FILE
from verifier.etsi import Indication, conclude
from verifier.seal import check_issuer
from verifier.timestamp import NO_REVOCATIONS, token_of
from verifier.verdict import Outcome, Reason, StepOutcome

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _try_the_seal() -> None:
    cache.delete(IN_VAIN)


@pytest.fixture
def letter(office: Office) -> Letter:
    filing = submit(make_complete_draft(office, make_party(office)), by=office.wang, at=NOON)
    return letters_of(filing).get()


@pytest.fixture
def sealed(letter: Letter) -> bytes:
    return sealed_letter(letter, language="zh-hans", at=now_utc())


class Off:
    """A time-stamp service that is down; it counts how often it is asked."""

    name = "a service that is down"

    def __init__(self) -> None:
        self.asked = 0

    def token(self, digest: bytes, *, at: datetime) -> bytes:  # noqa: ARG002 # the protocol's
        self.asked += 1
        raise ServiceError("down")


@pytest.fixture
def off(monkeypatch: pytest.MonkeyPatch) -> Off:
    found, service = sealer(), Off()
    services: TimestampServices = found._services  # type: ignore[attr-defined]  # noqa: SLF001 # the one place between
    down = TimestampServices([service], services.trust, services.tolerance)
    monkeypatch.setattr(found, "_services", down)
    return service


def text_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        pages = [page.get_textpage().get_text_bounded() for page in document]
    return "".join("".join(pages).split())


def verdict_on(pdf: bytes) -> RegisterVerdict:
    return verify_file(pdf, proof=None, at=now_utc())


def test_a_letter_is_sealed_and_stamped_in_its_first_and_only_revision(
    sealed: bytes, letter: Letter
) -> None:
    reader = PdfFileReader(BytesIO(sealed), strict=True)
    (seal,) = reader.embedded_signatures
    assert reader.total_revisions == 1
    assert (seal.field_name, seal.docmdp_level) == ("LetterSeal", MDPPerm.NO_CHANGES)
    assert seal.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert seal.sig_object["/Reason"].endswith(letter.number)
    assert token_of(seal.signer_info) is not None
    assert reader.root["/DSS"]["/CRLs"]
    check_issuer(seal, load_certificates(trust_pem().encode()), now_utc(), NO_REVOCATIONS)


def test_other_programs_find_the_whole_letter_signed(sealed: bytes, tmp_path: Path) -> None:
    path = tmp_path / "letter.pdf"
    path.write_bytes(sealed)
    told = subprocess.run(  # noqa: S603 # poppler, on our own file
        ["pdfsig", "-nocert", path],  # noqa: S607 # from the PATH, as users run it
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "Signature is Valid" in told
    assert "Total document signed" in told
    (seal,) = PdfFileReader(BytesIO(sealed)).embedded_signatures
    (tmp_path / "cms.der").write_bytes(seal.pkcs7_content)
    start, first, second, rest = map(int, seal.byte_range)
    (tmp_path / "signed").write_bytes(sealed[start:first] + sealed[second : second + rest])
    (tmp_path / "trust.pem").write_text(trust_pem())
    command = "openssl cms -verify -binary -inform DER -in cms.der -content signed"
    subprocess.run(  # noqa: S603 # openssl, on our own file
        [*command.split(), "-CAfile", "trust.pem", "-purpose", "any", "-out", "/dev/null"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )


def test_a_sealed_letter_carries_which_it_is_and_no_name(letter: Letter, sealed: bytes) -> None:
    with pypdfium2.PdfDocument(sealed) as document:
        attached = document.get_attachment(0)
        assert attached.get_name() == LETTER_FILE
        facts = json.loads(bytes(attached.get_data()))
    assert facts["schema"] == "quanji.letter/1"
    assert (facts["number"], facts["case"]) == (letter.number, letter.step.filing.number)
    assert "示例数据科技" not in json.dumps(facts, ensure_ascii=False)
    assert "签章" in text_of(sealed) or "Sealed" in text_of(sealed)


def test_the_verdict_calls_it_a_genuine_letter_and_no_certificate(
    letter: Letter, sealed: bytes
) -> None:
    answer = verdict_on(sealed)
    assert answer.outcome == Outcome.CANNOT_VERIFY
    assert answer.verdict.reasons == (Reason.LETTER,)
    assert answer.verdict.is_genuine_letter
    said = answer.sentence.en
    assert said.startswith(f"No certificate, but a genuine letter: {letter.number}")
    assert "time-stamped the seal at" in said
    assert "不是登记凭证，是真实的程序文书" in answer.sentence.zh
    assert StepOutcome.FAILED not in {each.outcome for each in answer.answers}
    assert [each.code for each in answer.answers] == [
        "AS_SEALED",
        "SEALED_BY_TRUSTED_ISSUER",
        "STAMPED",
        "LETTER",
        "LETTER",
    ]
    assert conclude(answer.verdict).indication == Indication.TOTAL_PASSED
    report = text_of(verification_report(sealed, answer, None).pdf)
    assert "程序文书（不是登记凭证）" in report
    assert "无法核验" not in report


def test_the_page_says_so_without_alarm(client: Client, sealed: bytes) -> None:
    upload = BytesIO(sealed)
    upload.name = "letter.pdf"
    page = client.post(reverse("web:verify-upload"), {"file": upload}).content.decode()
    assert "verdict-letter" in page
    assert "真实的程序文书" in page
    assert "verdict-invalid" not in page
    assert "verdict-valid" not in page


def test_the_command_says_so_and_a_letter_is_not_valid(
    sealed: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, trust, tsa = (tmp_path / name for name in ("letter.pdf", "trust.pem", "tsa.pem"))
    path.write_bytes(sealed)
    trust.write_text(trust_pem())
    tsa.write_text(tsa_trust_pem())
    options = ["--trust", str(trust), "--tsa-trust", str(tsa), "--log-key", log_verifier_keys()]
    assert main([str(path), *options]) == 2
    assert "No certificate, but a genuine letter" in capsys.readouterr().out
    path.write_bytes(sealed + b"\n")
    assert main([str(path), *options]) == 1
    assert "genuine" not in capsys.readouterr().out


def test_a_letter_that_was_changed_or_sealed_by_another_is_not_genuine(sealed: bytes) -> None:
    changed = sealed.replace(b"/Creator(Quanji)", b"/Creator(Quanjj)")
    assert changed != sealed
    for pdf, reason in ((changed, Reason.SEAL_BROKEN), (sealed + b" ", Reason.NOT_WHOLLY_COVERED)):
        answer = verdict_on(pdf)
        assert answer.outcome == Outcome.INVALID
        assert reason in answer.verdict.reasons
        assert not answer.verdict.is_genuine_letter
        assert "genuine" not in answer.sentence.en


def test_while_no_seal_is_to_be_had_a_copy_to_be_read_is_handed_out_at_once(
    office: Office, letter: Letter, off: Off
) -> None:
    address = reverse("web:letter", args=[letter.step.filing.number, letter.number])
    alice = sign_in(office.alice)
    copies = [alice.get(address) for _ in range(3)]
    assert off.asked == 1, "the others would wait as long and hear the same"
    for answer in copies:
        assert answer.status_code == 200
        assert PdfFileReader(BytesIO(answer.content)).embedded_signatures == []
        assert "阅读件" in text_of(answer.content)
        assert letter.number in text_of(answer.content)
    assert verdict_on(copies[0].content).outcome == Outcome.INVALID
    officer = sign_in(office.wang).get(
        reverse("admin:filings_filing_letter", args=[letter.step.filing_id, letter.number])
    )
    assert officer.status_code == 200


def test_a_sealed_letter_is_handed_out_again_once_a_seal_is_to_be_had(
    office: Office, letter: Letter
) -> None:
    cache.set(IN_VAIN, "then", 60)
    assert b"ETSI.CAdES" not in letter_response(letter, at=now_utc()).content
    cache.delete(IN_VAIN)
    content = letter_response(letter, at=now_utc()).content
    assert b"ETSI.CAdES.detached" in content
    assert "阅读件" not in text_of(content)


def test_two_files_of_one_letter_differ_in_the_seal_alone(letter: Letter) -> None:
    at = now_utc()
    one, other = (sealed_letter(letter, language="zh-hans", at=at) for _ in range(2))
    assert one != other
    (seal,) = PdfFileReader(BytesIO(one)).embedded_signatures
    _start, first, second, _rest = map(int, seal.byte_range)
    assert (one[:first], one[second:]) == (other[:first], other[second:])


def test_v2_an_erasure_reaches_the_letter_that_is_sealed_after_it(office: Office) -> None:
    person = make_party(
        office,
        kind=PartyKind.NATURAL,
        name="欧阳示例",
        identifier_scheme=IdentifierScheme.PASSPORT,
        identifier="EX1234567",
    )
    filing = submit(make_complete_draft(office, person), by=office.wang, at=NOON)
    letter = letters_of(filing).get()
    assert "欧阳示例" in text_of(sealed_letter(letter, language="zh-hans", at=now_utc()))
    Party.objects.filter(pk=person.pk).update(name="", identifier="")
    assert "欧阳示例" not in text_of(sealed_letter(letter, language="zh-hans", at=now_utc()))


def test_the_seal_stands_on_the_last_page_of_a_long_letter(office: Office) -> None:
    filing = submit(make_complete_draft(office, make_party(office)), by=office.wang, at=NOON)
    decline(filing, by=office.wang, at=NOON, note="示例：" + "材料与说明不一致，请更正。" * 150)
    letter = letters_of(filing).latest("pk")
    document = pikepdf.open(BytesIO(sealed_letter(letter, language="zh-hans", at=now_utc())))
    assert len(document.pages) > 2
    sealed_pages = [place for place, page in enumerate(document.pages, 1) if "/Annots" in page]
    assert sealed_pages == [len(document.pages)]
    (left, bottom, right, top) = map(float, document.pages[-1].Annots[0].Rect)
    assert 0 < left < right < 595
    assert 60 < bottom < top
