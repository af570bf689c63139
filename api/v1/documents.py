"""Documents: extracts, searches, evidence, receipts and certificates after a change."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.fields import InstantField
from api.v1.ledger import PositionSerializer
from certificates.models import Document, DocumentKind
from certificates.status import Status, status_of


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

    @extend_schema_field(serializers.ChoiceField(Status.choices, allow_null=True))
    def get_status(self, document: Document) -> str | None:
        """Return the status at the instant of the answer."""
        status = status_of(document, self.context["at"])
        return status.value if status else None
