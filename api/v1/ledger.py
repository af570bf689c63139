"""The ledger: its latest signed checkpoint, and where an entry stands."""

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from api.fields import HexField, InstantField
from api.openapi import LANGUAGE, answer_example, problem_responses
from api.v1 import examples
from api.views import RegisterView
from ledger.keys import log_verifier_key
from ledger.models import Checkpoint, Entry
from ledger.queries import latest_checkpoint


class HeadSerializer(serializers.Serializer[Checkpoint]):
    """The tree that an answer speaks for: the answer holds at least every act in it.

    A ledger index that is null, or not below `size`, belongs to an act that came after it.
    """

    origin = serializers.SerializerMethodField(help_text="The log's name.")
    size = serializers.IntegerField(source="tree_head.size", help_text="Number of entries.")
    root = HexField(  # type: ignore[assignment] # a field, not DRF's property
        source="tree_head.root_hash", help_text="RFC 6962 root hash, hexadecimal."
    )

    def get_origin(self, _checkpoint: Checkpoint) -> str:
        """Return the name of this installation's log."""
        return settings.LEDGER_ORIGIN


class CheckpointSerializer(HeadSerializer):
    """A checkpoint as it was signed."""

    note = serializers.CharField(
        source="public_note",
        help_text="The signed note with its cosignatures, verbatim (C2SP tlog-checkpoint).",
    )
    signed_at = InstantField()
    verifier_key = serializers.SerializerMethodField(help_text="What the note is checked with.")

    def get_verifier_key(self, _checkpoint: Checkpoint) -> str:
        """Return the log's verifier key as one line."""
        return str(log_verifier_key())


class PositionSerializer(serializers.Serializer[Entry]):
    """Where an act stands in the ledger."""

    index = serializers.SerializerMethodField(
        help_text="Leaf index, counted from 0; null while the entry waits for it."
    )
    leaf_hash = HexField(help_text="RFC 6962 leaf hash of the entry, hexadecimal.")
    recorded_at = InstantField()

    def get_index(self, entry: Entry) -> int | None:
        """Return the leaf index, or None before there is one."""
        return entry.leaf.index if hasattr(entry, "leaf") else None


class CheckpointView(RegisterView):
    """The latest checkpoint."""

    @extend_schema(
        operation_id="read_checkpoint",
        tags=["ledger"],
        summary="Read the latest signed checkpoint",
        parameters=[LANGUAGE],
        responses={200: CheckpointSerializer, **problem_responses(401, 404, 406)},
        examples=[answer_example(examples.CHECKPOINT)],
    )
    def get(self, _request: Request) -> Response:
        """Return it; there is none before the first act."""
        checkpoint = latest_checkpoint()
        if checkpoint is None:
            raise NotFound
        return Response(CheckpointSerializer(checkpoint).data)
