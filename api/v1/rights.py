"""The rights in an asset and who holds which share of each."""

from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from api.fields import InstantField, PartyNameField
from api.openapi import ASSET_NUMBER, LANGUAGE, answer_example, problem_responses
from api.v1 import examples
from api.v1.ledger import HeadSerializer, PositionSerializer
from api.views import RegisterView, read_query
from ledger.queries import latest_checkpoint
from primitives.clock import now_utc
from registry.kinds import IdentifierScheme, PartyKind
from registry.masking import masked_identifier
from registry.queries import find_asset
from rights.kinds import RightKind
from rights.models import Interest, Share
from rights.queries import interests_of


class HolderSerializer(serializers.Serializer[Share]):
    """One party's share of one right; a natural person is masked."""

    name = PartyNameField(source="party")
    kind = serializers.ChoiceField(PartyKind.choices, source="party.kind")
    identifier_scheme = serializers.ChoiceField(
        IdentifierScheme.choices, source="party.identifier_scheme"
    )
    identifier = serializers.SerializerMethodField()
    is_example = serializers.BooleanField(
        source="party.is_example", help_text="Made up for demonstration, not a real party."
    )
    share = serializers.SerializerMethodField(help_text="Exact, in lowest terms: `1/3`, `1/1`.")

    def get_identifier(self, share: Share) -> str:
        """Return the public form of the identifier."""
        return masked_identifier(share.party)

    def get_share(self, share: Share) -> str:
        """Return numerator and denominator."""
        return f"{share.fraction.numerator}/{share.fraction.denominator}"


class RightSerializer(serializers.Serializer[Interest]):
    """One registered right; the term is half-open, [valid_from, valid_to)."""

    reference = serializers.CharField()
    kind = serializers.ChoiceField(RightKind.choices)
    valid_from = InstantField()
    valid_to = InstantField()
    limits = serializers.CharField()
    holders = serializers.SerializerMethodField()
    ledger = PositionSerializer(source="entry")

    @extend_schema_field(HolderSerializer(many=True))
    def get_holders(self, interest: Interest) -> list[dict[str, Any]]:
        """Return the shares in order of registration."""
        shares = sorted(interest.shares.all(), key=lambda share: share.pk)
        return [HolderSerializer(share).data for share in shares]


class RightsSerializer(serializers.Serializer[dict[str, Any]]):
    """The rights in one asset at one instant."""

    checkpoint = HeadSerializer(allow_null=True)
    asset = serializers.CharField(help_text="Asset number.")
    at = InstantField()
    rights = RightSerializer(many=True)


class RightsQuery(serializers.Serializer[dict[str, datetime]]):
    """For when the caller asks."""

    at = InstantField(required=False, help_text="With offset; now if not given.")


class RightsView(RegisterView):
    """Who holds what."""

    @extend_schema(
        operation_id="list_rights",
        tags=["rights"],
        summary="List the rights in force in an asset at an instant",
        parameters=[
            LANGUAGE,
            ASSET_NUMBER,
            RightsQuery,
        ],
        responses={200: RightsSerializer, **problem_responses(400, 401, 404, 406)},
        examples=[answer_example(examples.RIGHTS)],
    )
    def get(self, request: Request, number: str) -> Response:
        """Return the interests in force with every holder's exact share."""
        at = read_query(RightsQuery, request).get("at", now_utc())
        checkpoint = latest_checkpoint()
        asset = find_asset(number)
        if asset is None:
            raise NotFound
        rights = interests_of(asset, at=at)
        answer = {"checkpoint": checkpoint, "asset": asset.number, "at": at, "rights": rights}
        return Response(RightsSerializer(answer).data)
