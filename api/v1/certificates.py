"""Certificates: read by number together with the verification code printed on them."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from api.fields import InstantField
from api.openapi import LANGUAGE, answer_example, problem_responses
from api.throttles import CertificateThrottle
from api.v1 import examples
from api.v1.ledger import HeadSerializer, PositionSerializer
from api.v1.rights import RightSerializer
from api.views import RegisterView, read_query
from certificates.models import ArchivalFile, Certificate
from certificates.queries import find_certificate, latest_archival
from certificates.status import Status, status_at
from ledger.queries import latest_checkpoint
from primitives.clock import now_utc
from rights.models import Interest


class RenewalSerializer(serializers.Serializer[ArchivalFile]):
    """The same certificate under a further time-stamp, for long keeping."""

    renewed_at = InstantField()
    sha256 = serializers.CharField(help_text="Of the renewed file, as SM3.")
    sm3 = serializers.CharField()
    size_bytes = serializers.IntegerField()
    entry = PositionSerializer(help_text="The entry of the renewed file's digests.")


class CertificateSerializer(serializers.Serializer[Certificate]):
    """A certificate, what it states, and whether it is in force at the context's ``at``."""

    number = serializers.CharField()
    status = serializers.SerializerMethodField()
    issued_at = InstantField()
    sha256 = serializers.CharField(help_text="Of the sealed file, as SM3.")
    sm3 = serializers.CharField()
    size_bytes = serializers.IntegerField()
    asset = serializers.CharField(source="asset.number")
    asset_name = serializers.CharField(source="asset.name")
    rights = serializers.SerializerMethodField(help_text="The rights that it states.")
    registration = PositionSerializer(help_text="The act that it states.")
    issuance = PositionSerializer(source="entry", help_text="The entry of the file's digests.")
    renewal = serializers.SerializerMethodField(
        help_text="The latest renewed file; null before the first. The issued file stays good."
    )

    @extend_schema_field(serializers.ChoiceField(Status.choices))
    def get_status(self, certificate: Certificate) -> str:
        """Return the status at the instant of the answer."""
        return status_at(certificate, self.context["at"]).value

    @extend_schema_field(RenewalSerializer(allow_null=True))
    def get_renewal(self, certificate: Certificate) -> dict[str, Any] | None:
        """Return the file under the latest further time-stamp, or None."""
        archival = latest_archival(certificate)
        return dict(RenewalSerializer(archival).data) if archival else None

    @extend_schema_field(RightSerializer(many=True))
    def get_rights(self, certificate: Certificate) -> list[dict[str, Any]]:
        """Return the interests of the registration that the certificate states."""
        stated = Interest.objects.filter(entry=certificate.registration)
        rights = stated.select_related("entry__leaf").prefetch_related("shares__party")
        return [RightSerializer(right).data for right in rights.order_by("pk")]


class CertificateAnswerSerializer(serializers.Serializer[dict[str, Any]]):
    """A certificate and the tree that the answer speaks for."""

    checkpoint = HeadSerializer(allow_null=True)
    certificate = CertificateSerializer()


class CodeQuery(serializers.Serializer[dict[str, Any]]):
    """What shows that the caller has the certificate in hand."""

    code = serializers.CharField(max_length=40, help_text="The verification code printed on it.")


class CertificateView(RegisterView):
    """One certificate."""

    throttle_classes = (CertificateThrottle,)

    @extend_schema(
        operation_id="read_certificate",
        tags=["certificates"],
        summary="Read a certificate by its number and verification code",
        description="A wrong number and a wrong code get the same answer.",
        parameters=[
            LANGUAGE,
            OpenApiParameter(
                "number", str, OpenApiParameter.PATH, description="Certificate number."
            ),
            CodeQuery,
        ],
        responses={200: CertificateAnswerSerializer, **problem_responses(400, 401, 404, 406, 429)},
        examples=[answer_example(examples.CERTIFICATE_ANSWER)],
    )
    def get(self, request: Request, number: str) -> Response:
        """Return it if the code is its own."""
        code = read_query(CodeQuery, request)["code"]
        at, checkpoint = now_utc(), latest_checkpoint()
        certificate = find_certificate(number, code)
        if certificate is None:
            raise NotFound
        answer = {"checkpoint": checkpoint, "certificate": certificate}
        return Response(CertificateAnswerSerializer(answer, context={"at": at}).data)
