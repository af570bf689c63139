"""Documents: extracts, searches, evidence, receipts and certificates after a change.

Each is read by its number together with the verification code printed on it, as a certificate is.
"""

from typing import Any

from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api.fields import InstantField
from api.openapi import LANGUAGE, answer_example, problem_responses
from api.throttles import CertificateThrottle
from api.v1 import examples
from api.v1.certificates import CodeQuery, RenewalSerializer
from api.v1.ledger import HeadSerializer, PositionSerializer
from api.views import RegisterView, read_query
from certificates.models import CertificateEvent, Document, DocumentKind, EventGround, EventKind
from certificates.queries import events_of, find_document, latest_archival
from certificates.status import Status, status_of
from certificates.verification import since_of
from ledger.queries import latest_checkpoint
from primitives.clock import now_utc

WITH_CODE = "Add `?c=` and the verification code."


class DocumentSerializer(serializers.Serializer[Document]):
    """A document and the instant that it speaks for; `at` in the context is the answer's."""

    number = serializers.CharField()
    kind = serializers.ChoiceField(DocumentKind.choices)
    status = serializers.SerializerMethodField(
        help_text="Of a certificate after a change; null of what stays true of its instant."
    )
    as_of = InstantField(help_text="The instant that it speaks for.")
    issued_at = InstantField()
    sha256 = serializers.CharField(help_text="Of the sealed file, as SM3.")
    sm3 = serializers.CharField()
    size_bytes = serializers.IntegerField()
    asset = serializers.CharField(
        source="asset.number", allow_null=True, default=None, help_text="Null if about no asset."
    )
    issuance = PositionSerializer(source="entry", help_text="The entry of the file's digests.")
    renewal = serializers.SerializerMethodField(
        help_text="The latest renewed file; null before the first. The issued file stays good."
    )

    @extend_schema_field(serializers.ChoiceField(Status.choices, allow_null=True))
    def get_status(self, document: Document) -> str | None:
        """Return the status at the instant of the answer."""
        status = status_of(document, self.context["at"])
        return status.value if status else None

    @extend_schema_field(RenewalSerializer(allow_null=True))
    def get_renewal(self, document: Document) -> dict[str, Any] | None:
        """Return the file under the latest further time-stamp, or None."""
        archival = latest_archival(document)
        return dict(RenewalSerializer(archival).data) if archival else None


class StatusEventSerializer(serializers.Serializer[CertificateEvent]):
    """What was decided about a certificate after a change, as the ledger has it."""

    number = serializers.IntegerField(help_text="Counted from 1.")
    event = serializers.ChoiceField(EventKind.choices, source="kind")
    ground = serializers.ChoiceField(EventGround.choices)
    words = serializers.CharField(allow_blank=True, help_text="The ground in words, or empty.")
    effective_at = InstantField()
    successor = serializers.CharField(
        source="successor.number",
        allow_null=True,
        default=None,
        help_text="The number of the certificate that supersedes it; else null.",
    )
    ledger = PositionSerializer(source="entry")


class DocumentRecordSerializer(DocumentSerializer):
    """A document, what was decided about it, and where to read on."""

    events = serializers.SerializerMethodField(
        help_text="What was decided until now, first things first; empty of an extract."
    )
    asset_url = serializers.SerializerMethodField(help_text="Null if about no asset.")
    record_url = serializers.HyperlinkedIdentityField(
        view_name="web:certificate",
        lookup_field="number",
        read_only=True,
        help_text=f"What it states, names of persons in part. {WITH_CODE}",
    )
    proof_url = serializers.HyperlinkedIdentityField(
        view_name="web:certificate-proof",
        lookup_field="number",
        read_only=True,
        help_text=f"The `.tlog-proof` of the file. {WITH_CODE}",
    )
    signature_url = serializers.SerializerMethodField(
        help_text=f"The SM2 signature of the file; null until it is made. {WITH_CODE}"
    )

    @extend_schema_field(StatusEventSerializer(many=True))
    def get_events(self, document: Document) -> list[dict[str, Any]]:
        """Return what holds at the instant of the answer of what was decided."""
        events = events_of(document).filter(effective_at__lte=self.context["at"])
        decided = events.select_related("entry__leaf", "successor")
        return [dict(StatusEventSerializer(event).data) for event in decided]

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_asset_url(self, document: Document) -> str | None:
        """Return where the asset is read, or None."""
        asset = document.asset
        return self._url("api:v1:asset", asset.number) if asset else None

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_signature_url(self, document: Document) -> str | None:
        """Return where the second signature is handed out, or None."""
        if not document.p7s_sha256:
            return None
        return self._url("web:certificate-signature", document.number)

    def _url(self, view: str, number: str) -> str:
        return str(reverse(view, args=[number], request=self.context["request"]))


class DocumentAnswerSerializer(serializers.Serializer[dict[str, Any]]):
    """A document and the tree that the answer speaks for."""

    checkpoint = HeadSerializer(allow_null=True)
    document = DocumentRecordSerializer()
    since = serializers.CharField(
        allow_null=True,
        help_text="What happened since it was issued, if it is about an asset; else null.",
    )


class DocumentView(RegisterView):
    """One document."""

    throttle_classes = (CertificateThrottle,)

    @extend_schema(
        operation_id="read_document",
        tags=["documents"],
        summary="Read a document by its number and verification code",
        description="A wrong number and a wrong code get the same answer.",
        parameters=[
            LANGUAGE,
            OpenApiParameter("number", str, OpenApiParameter.PATH, description="Document number."),
            CodeQuery,
        ],
        responses={200: DocumentAnswerSerializer, **problem_responses(400, 401, 404, 406, 429)},
        examples=[answer_example(examples.DOCUMENT_ANSWER)],
    )
    def get(self, request: Request, number: str) -> Response:
        """Return it if the code is its own."""
        code = read_query(CodeQuery, request)["code"]
        at, checkpoint = now_utc(), latest_checkpoint()
        document = find_document(number, code)
        if document is None:
            raise NotFound
        since = since_of(document, at)
        answer = {
            "checkpoint": checkpoint,
            "document": document,
            "since": since.in_language(get_language() or "") if since else None,
        }
        context = {"at": at, "request": request}
        return Response(DocumentAnswerSerializer(answer, context=context).data)
