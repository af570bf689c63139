"""Verification against the register: by number and code, or by the file itself."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.authentication import HasKey
from api.openapi import LANGUAGE, answer_example, problem_responses, request_example
from api.parsers import LimitedMultiPartParser, PDFParser
from api.problems import NotAvailableYetError
from api.throttles import CertificateThrottle
from api.v1 import examples
from api.v1.certificates import CertificateSerializer
from api.v1.documents import DocumentSerializer
from api.v1.ledger import HeadSerializer
from api.views import RegisterView, read_content
from certificates.forensics import examine
from certificates.models import Certificate, Document
from certificates.paper import check_paper, printed_on
from certificates.queries import find_issued
from certificates.status import Status, status_of
from certificates.verification import RegisterVerdict, since_of, verify_file
from ledger.proofs import NotPublishedError
from ledger.queries import latest_checkpoint
from primitives.canonical_json import JsonObject
from primitives.clock import now_utc
from verifier.answers import Question
from verifier.canonical import member
from verifier.etsi import Indication, SubIndication
from verifier.messages import paper_limit, paper_sentence, report
from verifier.paper import MAX_CHARACTERS
from verifier.verdict import Outcome, Reason, StepName, StepOutcome


class NumberQuestionSerializer(serializers.Serializer[dict[str, Any]]):
    """What is printed on the certificate or document."""

    number = serializers.CharField(max_length=40)
    code = serializers.CharField(max_length=40, help_text="The verification code.")


class NumberVerdictSerializer(serializers.Serializer[dict[str, Any]]):
    """What the register says of a number with its code."""

    checkpoint = HeadSerializer(allow_null=True)
    verdict = serializers.ChoiceField([Outcome.VALID.value, Outcome.INVALID.value])
    sentence = serializers.CharField(help_text="The answer in words.")
    certificate = CertificateSerializer(allow_null=True)
    document = DocumentSerializer(
        allow_null=True, help_text="If the number is that of a document; `certificate` is null."
    )
    since = serializers.CharField(
        allow_null=True,
        help_text="What happened since it was issued, if it is about an asset; else null.",
    )


class PaperQuestionSerializer(serializers.Serializer[dict[str, Any]]):
    """What a scanner read from a QR code."""

    text = serializers.CharField(
        max_length=MAX_CHARACTERS, help_text="The whole address, or its last part."
    )


class PaperVerdictSerializer(serializers.Serializer[dict[str, Any]]):
    """The verdict on a QR code, in the shape of `quanji-verify --paper --json`."""

    verdict = serializers.ChoiceField([outcome.value for outcome in Outcome])
    reasons = serializers.ListField(child=serializers.CharField())
    kid = serializers.CharField(allow_null=True, help_text="The name of the key.")
    printed = serializers.DictField(
        allow_null=True, help_text="What was printed; null unless the registrar has signed it."
    )
    sentence = serializers.CharField(help_text="The answer in words.")
    limit = serializers.CharField(help_text="What no QR code proves.")


class PaperAnswerSerializer(serializers.Serializer[dict[str, Any]]):
    """A QR code, and the register beside it."""

    paper = PaperVerdictSerializer()
    agrees = serializers.BooleanField(
        allow_null=True,
        help_text="What the code says is what was issued; null if it is not genuine.",
    )
    register = NumberVerdictSerializer(
        help_text="What the register says of the number and code that it names."
    )


class FileQuestionSerializer(serializers.Serializer[dict[str, Any]]):
    """The certificate's file, and its proof if the caller has one; else the register's is used."""

    file = serializers.FileField(help_text="The PDF.")
    proof = serializers.FileField(required=False, help_text="Its `.tlog-proof`.")


class StepSerializer(serializers.Serializer[JsonObject]):
    """One step of the verification."""

    name = serializers.ChoiceField([name.value for name in StepName])
    outcome = serializers.ChoiceField([outcome.value for outcome in StepOutcome])
    reason = serializers.ChoiceField([reason.value for reason in Reason], allow_null=True)
    facts = serializers.DictField(help_text="What the sentence names.")
    detail = serializers.CharField(help_text="What the step found, in words.")


class AnswerSerializer(serializers.Serializer[JsonObject]):
    """One of the separate answers."""

    question = serializers.ChoiceField([question.value for question in Question])
    outcome = serializers.ChoiceField([outcome.value for outcome in StepOutcome])
    code = serializers.CharField(help_text="A reason's code, or a word of what was found.")
    sentence = serializers.CharField(help_text="The answer in words.")


class EtsiSerializer(serializers.Serializer[JsonObject]):
    """The verdict in the words of ETSI EN 319 102-1."""

    indication = serializers.ChoiceField([each.value for each in Indication])
    sub_indication = serializers.ChoiceField(
        [each.value for each in SubIndication], allow_null=True
    )


class DifferenceSerializer(serializers.Serializer[JsonObject]):
    """What stands at a place in the issued file and in the one that was sent."""

    place = serializers.CharField(
        allow_blank=True, help_text="A page, or a JSON pointer into the statement."
    )
    issued = serializers.CharField(allow_blank=True)
    file = serializers.CharField(allow_blank=True)


class LookSerializer(serializers.Serializer[JsonObject]):
    """A page that looks different."""

    page = serializers.IntegerField(help_text="Counted from 1.")
    changed_ppm = serializers.IntegerField(help_text="Changed pixels per million.")


class ForensicsSerializer(serializers.Serializer[JsonObject]):
    """How a file differs from the issued one that it was made from or claims to be.

    A member that is null could not be compared, or may not be shown.
    """

    number = serializers.CharField(help_text="The issued certificate or document.")
    is_extended = serializers.BooleanField(help_text="It begins with the issued bytes.")
    sentences = serializers.ListField(child=serializers.CharField())
    added_bytes = serializers.IntegerField(allow_null=True)
    members = DifferenceSerializer(many=True, allow_null=True)
    lines = DifferenceSerializer(many=True, allow_null=True)
    looks = LookSerializer(many=True, allow_null=True)


class RegisterAnswerSerializer(serializers.Serializer[JsonObject]):
    """What the register adds to the offline verdict."""

    is_registered = serializers.BooleanField(help_text="These very bytes were issued.")
    number = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField(Status.choices, allow_null=True)
    checkpoint = HeadSerializer(allow_null=True)


class FileVerdictSerializer(serializers.Serializer[JsonObject]):
    """The verdict in the shape of `quanji-verify --json`, and the register's answer."""

    verdict = serializers.ChoiceField([outcome.value for outcome in Outcome])
    reasons = serializers.ListField(child=serializers.CharField())
    sentence = serializers.CharField(help_text="The answer in words.")
    steps = StepSerializer(many=True)
    certificate = serializers.DictField(
        allow_null=True, help_text="What the file says; true only if the verdict is `valid`."
    )
    checkpoint = HeadSerializer(
        allow_null=True, help_text="The tree as of which the file is proven to be the issued one."
    )
    register = RegisterAnswerSerializer()
    answers = AnswerSerializer(many=True, help_text="Five separate answers, always all of them.")
    since = serializers.CharField(
        allow_null=True, help_text="What changed since a file that was correct when issued."
    )
    etsi = EtsiSerializer()
    forensics = ForensicsSerializer(allow_null=True, help_text="Of a file that was altered.")


class VerifyNumberView(RegisterView):
    """Verification by number and code."""

    throttle_classes = (CertificateThrottle,)

    @extend_schema(
        operation_id="verify_number",
        tags=["verification"],
        summary="Verify a certificate or document by its number and verification code",
        description="A wrong number and a wrong code get the same answer.",
        parameters=[LANGUAGE],
        request=NumberQuestionSerializer,
        responses={
            200: NumberVerdictSerializer,
            **problem_responses(400, 401, 406, 413, 415, 422, 429),
        },
        examples=[
            request_example(examples.NUMBER_QUESTION),
            answer_example(examples.NUMBER_VERDICT),
        ],
    )
    def post(self, request: Request) -> Response:
        """Answer whether it was issued, and what the register says of it now."""
        question = read_content(NumberQuestionSerializer, request)
        return Response(_number_verdict(find_issued(question["number"], question["code"])))


class VerifyPaperView(RegisterView):
    """Verification of paper by its QR code."""

    throttle_classes = (CertificateThrottle,)

    @extend_schema(
        operation_id="verify_paper",
        tags=["verification"],
        summary="Verify the QR code of a certificate or document on paper",
        description="The code proves what was printed; the register says what holds now.",
        parameters=[LANGUAGE],
        request=PaperQuestionSerializer,
        responses={
            200: PaperAnswerSerializer,
            **problem_responses(400, 401, 406, 413, 415, 422, 429),
        },
        examples=[
            request_example(examples.PAPER_QUESTION),
            answer_example(examples.PAPER_ANSWER),
        ],
    )
    def post(self, request: Request) -> Response:
        """Answer whether the code is genuine, agrees with what was issued, and what holds now."""
        text = read_content(PaperQuestionSerializer, request)["text"]
        paper, lang = check_paper(text, at=now_utc()), get_language() or ""
        claimed = (paper.claimed.number, paper.claimed.check_code) if paper.claimed else ("", "")
        issued = find_issued(*claimed)
        answer = {
            "paper": {
                **paper.to_json(),
                "sentence": paper_sentence(paper, lang),
                "limit": paper_limit(paper, lang),
            },
            "agrees": None
            if paper.printed is None
            else issued is not None and printed_on(issued) == paper.printed,
            "register": _number_verdict(issued),
        }
        return Response(answer)


class VerifyFileView(RegisterView):
    """Verification of a file; it costs seconds, so it needs a key. The public page needs none."""

    permission_classes = [HasKey]
    parser_classes = [PDFParser, LimitedMultiPartParser]

    @extend_schema(
        operation_id="verify_file",
        tags=["verification"],
        summary="Verify a certificate's file",
        description="Send the PDF itself, or a form with the PDF and its proof. Nothing is kept.",
        parameters=[LANGUAGE],
        request={
            "application/pdf": OpenApiTypes.BINARY,
            "multipart/form-data": FileQuestionSerializer,
        },
        responses={
            200: FileVerdictSerializer,
            **problem_responses(400, 401, 406, 413, 415, 422, 503),
        },
        examples=[answer_example(examples.FILE_VERDICT)],
    )
    def post(self, request: Request) -> Response:
        """Answer with the verdict, step by step."""
        question = read_content(FileQuestionSerializer, request)
        checkpoint, content = latest_checkpoint(), question["file"].read()
        try:
            verdict = verify_file(
                content,
                proof=_proof(question.get("proof")),
                at=now_utc(),
            )
        except NotPublishedError as error:
            raise NotAvailableYetError from error
        head = HeadSerializer(checkpoint).data if checkpoint else None
        lang = get_language() or ""
        forensics = examine(content, verdict)
        return Response(
            {
                **_verdict_json(verdict, head, lang),
                "forensics": forensics.to_json(lang) if forensics else None,
            }
        )


def _number_verdict(issued: Certificate | Document | None) -> dict[str, Any]:
    """Return what the register says now of what was issued, or of what was not."""
    at, checkpoint = now_utc(), latest_checkpoint()
    status = status_of(issued, at) if issued else None
    is_extract = isinstance(issued, Document) and status is None
    is_valid = is_extract or status is Status.IN_FORCE
    since = since_of(issued, at) if issued else None
    answer = {
        "checkpoint": checkpoint,
        "verdict": (Outcome.VALID if is_valid else Outcome.INVALID).value,
        "sentence": str(ISSUED_DOCUMENT) if is_extract else _register_sentence(status),
        "certificate": issued if isinstance(issued, Certificate) else None,
        "document": issued if isinstance(issued, Document) else None,
        "since": since.in_language(get_language() or "") if since else None,
    }
    return dict(NumberVerdictSerializer(answer, context={"at": at}).data)


def _proof(part: UploadedFile[bytes] | None) -> str | None:
    # Bytes that are not UTF-8 make it a malformed proof, which is a verdict and not an error.
    return part.read().decode(errors="replace") if part else None


def _verdict_json(
    answer: RegisterVerdict, head: dict[str, Any] | None, lang: str
) -> dict[str, Any]:
    """Return the offline verdict with its sentences, and what the register says, as one."""
    offline = report(answer.verdict, lang)
    combined = answer.to_json(lang)
    sentence = offline["sentence"]
    if answer.outcome is not answer.verdict.outcome:
        sentence = _register_sentence(answer.status)
    return {
        **offline,
        **combined,
        "steps": offline["steps"],
        "sentence": sentence,
        "register": {**member(combined, "register", of=dict), "checkpoint": head},
    }


ISSUED_DOCUMENT = gettext_lazy(
    "Valid: the register has issued this document, and it says what held at the instant that it "
    "names."
)
REGISTER_SENTENCES = {
    Status.IN_FORCE: gettext_lazy(
        "Valid: the register holds this certificate, and it is in force."
    ),
    Status.NOT_YET: gettext_lazy(
        "Not valid: no right that this certificate states is in force yet."
    ),
    Status.SUSPENDED: gettext_lazy("Not valid now: the certificate is suspended."),
    Status.SUPERSEDED: gettext_lazy("Not valid any more: a later certificate has superseded it."),
    Status.REVOKED: gettext_lazy("Not valid any more: the certificate was revoked."),
    Status.LAPSED: gettext_lazy(
        "Not valid: the term of every right that this certificate states has ended."
    ),
    Status.CHANGED: gettext_lazy(
        "Not valid any more: rights that it states have changed since it was issued."
    ),
    Status.ENDED: gettext_lazy(
        "Not valid any more: every right that this certificate states was ended."
    ),
}


def _register_sentence(status: Status | None) -> str:
    """Return what the register says in words; None stands for "not in the register"."""
    if status is None:
        return _("Not valid: the register holds no such certificate.")
    return str(REGISTER_SENTENCES[status])
