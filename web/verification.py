"""Is it real, is it in force: verification by file, by digest, and by number and code.

Numbers are public, what a certificate states is shown only with its code or its file: a wrong
number and a wrong code give the same answer, and nothing here is kept by caches.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from certificates.detached import check_signature
from certificates.forensics import examine
from certificates.history import history
from certificates.models import ArchivalFile, Certificate, Document
from certificates.paper import check_paper
from certificates.queries import (
    archival_by_digest,
    find_by_digest,
    find_document_by_digest,
    find_issued,
    latest_archival,
)
from certificates.status import Status, status_at, status_of
from certificates.suites import SealingError
from certificates.verification import RegisterVerdict, since_of, verify_file
from certificates.verification_report import verification_report
from ledger.queries import entry_index
from primitives.clock import now_utc
from registry.models import AssetVersion, DataAsset
from verifier.answers import QUESTIONS
from verifier.etsi import conclude
from verifier.messages import (
    Sentence,
    sm2_sentence,
    step_sentence,
    step_title,
    verdict_sentence,
)
from verifier.paper import PaperVerdict
from verifier.verdict import Outcome, Reason, Step, StepName, StepOutcome
from web.documents import shown_statement
from web.downloads import (
    attachment,
    proof_response,
    renewed_proof_response,
    signature_response,
)
from web.errors import too_large, unavailable
from web.forms import CertificateForm, FileForm
from web.paper import paper_finding
from web.record import lines_of
from web.throttles import throttled
from web.uploads import limited_upload

LOOKED_UP = frozenset({"GET", "HEAD"})
GENUINE = {
    Status.NOT_YET: gettext_lazy("Genuine, not yet in force"),
    Status.SUSPENDED: gettext_lazy("Genuine, suspended"),
    Status.REVOKED: gettext_lazy("Genuine, but revoked"),
    None: gettext_lazy("Genuine, no longer in force"),
}
"""In a word, what is an issued certificate and not in force."""
HEX_SHA256 = re.compile(r"[0-9a-f]{64}")


@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """Offer the ways to verify a certificate."""
    return _verify_page(request)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@throttled("verification", "VERIFICATIONS_PER_HOUR")
@limited_upload(lambda: settings.MAX_VERIFY_BYTES)
def verify_upload(request: HttpRequest) -> HttpResponse:
    """Take a file, with its proof or without, and show the whole verdict; nothing is kept."""
    return _judged(request, _verdict_page)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@throttled("report", "REPORTS_PER_HOUR")
@limited_upload(lambda: settings.MAX_VERIFY_BYTES)
def verify_report(request: HttpRequest) -> HttpResponse:
    """Take a file again and hand out the sealed report on it, as PDF or as its JSON.

    Nothing is kept here either, so that there is no report to be found later.
    """
    return _judged(request, _report_file)


@never_cache
@require_GET
def verify_digest(request: HttpRequest) -> JsonResponse:
    """Say what the register knows of the bytes with this SHA-256, in words for the page's script.

    The answer is ``{"found": "certificate" | "document" | "asset" | null,
    "in_force": true | false | null, "sentence": text, "facts": [[label, value, address or null],
    ...]}``; the file itself stays with the reader.
    """
    sha256 = request.GET.get("sha256", "").lower()
    if not HEX_SHA256.fullmatch(sha256):
        sentence = _("A SHA-256 digest has 64 hexadecimal digits.")
        return JsonResponse(_answer(sentence), status=400)
    renewed = archival_by_digest(sha256)
    if certificate := renewed.certificate if renewed else find_by_digest(sha256):
        return JsonResponse(_certificate_answer(certificate, renewed, now_utc()))
    if document := renewed.document if renewed else find_document_by_digest(sha256):
        return JsonResponse(_document_answer(document, renewed, now_utc()))
    version = AssetVersion.objects.select_related("asset").filter(sha256=sha256).first()
    if version:
        return JsonResponse(_asset_answer(version))
    sentence = _(
        "The register knows no file with these bytes. If it should be a certificate, it was "
        "changed, or it was not issued here: let the full check say which. Of letters of the "
        "procedure the register keeps no files: the full check looks at their seal."
    )
    return JsonResponse(_answer(sentence))


@never_cache
@require_GET
def verify_number(request: HttpRequest) -> HttpResponse:
    """Lead from the typed number and code to the record; whether it exists is not told here."""
    form = CertificateForm(request.GET)
    if not form.is_valid():
        return _verify_page(request, certificate_form=form, status=400)
    address = reverse("web:certificate", args=[form.cleaned_data["number"]])
    return redirect(f"{address}?{urlencode({'c': form.cleaned_data['code']})}")


@never_cache
@require_safe
@throttled("certificate", "CERTIFICATE_LOOKUPS_PER_HOUR", methods=LOOKED_UP)
def certificate_record(request: HttpRequest, number: str) -> HttpResponse:
    """Show what a certificate or document states, for comparison with the paper."""
    code = request.GET.get("c", "")
    return _record_page(request, find_issued(number, code), at=now_utc())


@never_cache
@require_safe
@throttled("certificate", "CERTIFICATE_LOOKUPS_PER_HOUR", methods=LOOKED_UP)
def paper_record(request: HttpRequest, content: str) -> HttpResponse:
    """Show the same to whoever scans the QR code, and whether the code is genuine and agrees.

    Number and code are those of the QR code, genuine or not: a copied or forged one leads to the
    record of what it claims to be, if there is one.
    """
    at = now_utc()
    paper = check_paper(content, at=at)
    claimed = paper.claimed
    issued = find_issued(claimed.number, claimed.check_code) if claimed else None
    return _record_page(request, issued, at=at, paper=paper)


@never_cache
@require_safe
@throttled("certificate", "CERTIFICATE_LOOKUPS_PER_HOUR", methods=LOOKED_UP)
def certificate_proof(request: HttpRequest, number: str) -> HttpResponse:
    """Hand out the proof of a certificate's file to whoever has its number and code."""
    code = request.GET.get("c", "")
    found = find_issued(number, code)
    return proof_response(request, found) if found else _no_such_certificate(request)


@never_cache
@require_safe
@throttled("certificate", "CERTIFICATE_LOOKUPS_PER_HOUR", methods=LOOKED_UP)
def renewed_certificate_proof(request: HttpRequest, number: str) -> HttpResponse:
    """Hand out the proof of the renewed file to whoever has its number and code."""
    found = find_issued(number, request.GET.get("c", ""))
    if found is None or latest_archival(found) is None:
        return _no_such_certificate(request)
    return renewed_proof_response(request, found)


@never_cache
@require_safe
@throttled("certificate", "CERTIFICATE_LOOKUPS_PER_HOUR", methods=LOOKED_UP)
def certificate_signature(request: HttpRequest, number: str) -> HttpResponse:
    """Hand out the second signature (SM2) of a file to whoever has its number and code."""
    code = request.GET.get("c", "")
    found = find_issued(number, code)
    return signature_response(request, found) if found else _no_such_certificate(request)


def _judged(
    request: HttpRequest,
    show: Callable[[HttpRequest, UploadedFile[bytes], bytes, RegisterVerdict], HttpResponse],
) -> HttpResponse:
    """Verify the file that was sent and answer as ``show`` does."""
    if request.method != "POST":
        return redirect("web:verify")
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _verify_page(request, file_form=form, status=400)
    upload = form.cleaned_data["file"]
    if upload.size > settings.MAX_VERIFY_BYTES:
        return too_large(request, limit_bytes=settings.MAX_VERIFY_BYTES)
    content = upload.read()
    answer = verify_file(content, proof=form.cleaned_data["proof"], at=now_utc())
    return show(request, upload, content, answer)


def _verdict_page(
    request: HttpRequest, upload: UploadedFile[bytes], content: bytes, answer: RegisterVerdict
) -> HttpResponse:
    forensics = examine(content, answer)
    return render(
        request,
        "web/verdict.html",
        {
            "answer": answer,
            "history": answer.past.told() if answer.past else None,
            "headline": headline(answer),
            "answers": answers(answer),
            "since": _of(answer.since) if answer.since else None,
            "forensics": forensics,
            "compared": [_of(each) for each in forensics.sentences()] if forensics else [],
            "findings": findings(answer),
            "second": _second_signature(answer.issued),
            "conclusion": conclude(answer.verdict),
            "report_form": FileForm(auto_id="report-%s"),
            "file_name": upload.name,
            "size_bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "at": answer.at,
        },
    )


def _report_file(
    request: HttpRequest, _upload: UploadedFile[bytes], content: bytes, answer: RegisterVerdict
) -> HttpResponse:
    try:
        report = verification_report(content, answer, examine(content, answer))
    except SealingError:
        reason = _("The report cannot be sealed at this moment. Try again shortly.")
        return unavailable(request, reason=reason)
    name = f"verification-report-{hashlib.sha256(content).hexdigest()[:12]}"
    if request.POST.get("form") == "json":
        return attachment(report.json, name=f"{name}.json", media_type="application/json")
    return attachment(report.pdf, name=f"{name}.pdf", media_type="application/pdf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bilingual:
    """A sentence in the page's language and in the other one."""

    text: str
    other: str
    other_language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The answer in one word, its shape and colour (by ``kind``), and one sentence."""

    kind: str
    word: Bilingual
    sentence: Bilingual


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """An answer, or a step of the verdict, in words; ``code`` is for machines, "" if none."""

    title: str
    outcome: StepOutcome
    sentence: Bilingual
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondSignature:
    """What is found of the SM2 signature of an issued file, beside the verdict."""

    file: Certificate | Document
    outcome: StepOutcome
    sentence: Bilingual


def headline(answer: RegisterVerdict) -> Headline:
    """Return what the reader must take away, were it the only thing they read."""
    return Headline(
        kind="letter" if answer.verdict.is_genuine_letter else answer.outcome.value,
        word=_bilingual(lambda _language: _word(answer)),
        sentence=_bilingual(lambda language: _sentence(answer, language)),
    )


def answers(answer: RegisterVerdict) -> list[Finding]:
    """Return the five separate answers in words."""
    return [
        Finding(
            title=_of(QUESTIONS[each.question]).text,
            outcome=each.outcome,
            sentence=_of(each.sentence),
            code=each.code,
        )
        for each in answer.answers
    ]


def findings(answer: RegisterVerdict) -> list[Finding]:
    """Return the steps of the offline verdict in words.

    Not a status list that nobody looked at: the page says what the register says now.
    """
    return [
        _finding(step)
        for step in answer.verdict.steps
        if step.name != StepName.STATUS or step.reason
    ]


def _second_signature(file: Certificate | Document | None) -> SecondSignature | None:
    """Return what the file's own SM2 signature says, if it was issued and has one."""
    found = check_signature(file) if file else None
    if file is None or found is None:
        return None
    return SecondSignature(
        file=file,
        outcome=found.outcome,
        sentence=_bilingual(lambda language: sm2_sentence(found, language)),
    )


def _finding(step: Step) -> Finding:
    return Finding(
        title=step_title(step.name, get_language() or settings.LANGUAGE_CODE),
        outcome=step.outcome,
        sentence=_bilingual(lambda language: step_sentence(step, language)),
        code=step.reason.value if step.reason else "",
    )


def _of(sentence: Sentence) -> Bilingual:
    return _bilingual(sentence.in_language)


def _word(answer: RegisterVerdict) -> str:
    if answer.outcome == Outcome.VALID:
        return _("Valid")
    if answer.verdict.is_genuine_letter:
        return _("A letter, no certificate")
    if answer.outcome == Outcome.CANNOT_VERIFY:
        return _("Cannot verify")
    reasons = set(answer.verdict.reasons)
    if answer.issued and answer.status and reasons <= {Reason.TERM_ENDED, Reason.NOT_YET_IN_FORCE}:
        return str(GENUINE.get(answer.status, GENUINE[None]))
    if reasons & {Reason.ALTERED_AFTER_ISSUE, Reason.NOT_THE_REGISTERED_BYTES}:
        return _("Altered")
    return _("Not valid")


def _sentence(answer: RegisterVerdict, language: str) -> str:
    if answer.outcome == answer.verdict.outcome:
        return verdict_sentence(answer.verdict, language)
    if answer.status:
        sentence = _("This is the certificate as issued, but the register now says: %(status)s.")
        return sentence % {"status": answer.status.label}
    return _("Not valid: the file states a certificate, and the register has issued no such file.")


def _bilingual(say: Callable[[str], str]) -> Bilingual:
    language = get_language() or settings.LANGUAGE_CODE
    other_language = "en" if language.startswith("zh") else "zh-hans"
    with override(other_language):
        other = say(other_language)
    return Bilingual(text=say(language), other=other, other_language=other_language)


def _verify_page(
    request: HttpRequest,
    *,
    file_form: FileForm | None = None,
    certificate_form: CertificateForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "file_form": file_form or FileForm(),
        "certificate_form": certificate_form or CertificateForm(),
        "max_bytes": settings.MAX_VERIFY_BYTES,
    }
    return render(request, "web/verify.html", context, status=status)


def _record_page(
    request: HttpRequest,
    issued: Certificate | Document | None,
    *,
    at: datetime,
    paper: PaperVerdict | None = None,
) -> HttpResponse:
    if issued is None:
        return _no_such_certificate(request, paper)
    context = {"at": at, "paper": paper_finding(paper, issued) if paper else None}
    if isinstance(issued, Document):
        return render(request, "web/document.html", context | _of_document(issued, at))
    return render(request, "web/record.html", context | _of_certificate(issued, at))


def _of_certificate(certificate: Certificate, at: datetime) -> dict[str, object]:
    return {
        "certificate": certificate,
        "status": status_at(certificate, at),
        "history": history(certificate, at),
        "lines": lines_of(certificate),
        "index": entry_index(certificate.registration),
        "renewed": latest_archival(certificate),
    }


def _of_document(document: Document, at: datetime) -> dict[str, object]:
    return {
        "document": document,
        "status": (status := status_of(document, at)),
        "history": history(document, at) if status else None,
        "since": _of(since) if (since := since_of(document, at)) else None,
        "statement": shown_statement(document),
        "renewed": latest_archival(document),
        "index": entry_index(document.entry) if document.entry else None,
    }


def _no_such_certificate(request: HttpRequest, paper: PaperVerdict | None = None) -> HttpResponse:
    context = {
        "certificate_form": CertificateForm(),
        "paper": paper_finding(paper) if paper else None,
    }
    return render(request, "web/no_such_certificate.html", context, status=404)


def _answer(
    sentence: str,
    *facts: Sequence[str | None],
    found: str | None = None,
    in_force: bool | None = None,
) -> dict[str, object]:
    return {"found": found, "in_force": in_force, "sentence": sentence, "facts": facts}


def _certificate_answer(
    certificate: Certificate, renewed: ArchivalFile | None, at: datetime
) -> dict[str, object]:
    status = status_at(certificate, at)
    sentence = _("These bytes are those of certificate %(number)s.")
    return _answer(
        sentence % {"number": certificate.number},
        [_("In the register now"), str(status.label), None],
        _asset_fact(certificate.asset),
        [_("Registered"), _moment(certificate.registration.recorded_at), None],
        [_("Issued"), _moment(certificate.issued_at), None],
        *_file_facts(renewed or certificate),
        found="certificate",
        in_force=status == Status.IN_FORCE,
    )


def _document_answer(
    document: Document, renewed: ArchivalFile | None, at: datetime
) -> dict[str, object]:
    status = status_of(document, at)
    sentence = _("These bytes are those of document %(number)s.")
    return _answer(
        sentence % {"number": document.number},
        *([[_("In the register now"), str(status.label), None]] if status else []),
        [_("Kind"), str(document.get_kind_display()), None],
        [_("As of"), _moment(document.as_of), None],
        [_("Issued"), _moment(document.issued_at), None],
        *_file_facts(renewed or document),
        found="document",
        in_force=status == Status.IN_FORCE if status else None,
    )


def _file_facts(file: Certificate | Document | ArchivalFile) -> Iterator[Sequence[str | None]]:
    if isinstance(file, ArchivalFile):
        yield [_("Renewed for keeping"), _moment(file.renewed_at), None]
    index = entry_index(file.entry) if file.entry else None
    yield [_("Ledger entry of the file"), str(index), None]


def _asset_answer(version: AssetVersion) -> dict[str, object]:
    sentence = _("These bytes are registered data: version %(version)d of %(asset)s.")
    return _answer(
        sentence % {"version": version.number, "asset": version.asset.number},
        _asset_fact(version.asset),
        [_("Registered"), _moment(version.asset.registered_at), None],
        found="asset",
    )


def _asset_fact(asset: DataAsset) -> list[str]:
    text = f"{asset.name} ({asset.number})"
    return [_("Data asset"), text, reverse("web:asset", args=[asset.number])]


def _moment(instant: datetime | None) -> str:
    return f"{localtime(instant):%Y-%m-%d %H:%M:%S}" if instant else ""
