"""The rights in an asset and who holds which share of each."""

from typing import Any

from django.db.models import prefetch_related_objects
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
from primitives.canonical_json import Json
from primitives.clock import now_utc
from primitives.shapes import to_json
from registry.kinds import IdentifierScheme, PartyKind
from registry.masking import masked_identifier
from registry.queries import find_asset
from rights.entries import interest_facts
from rights.forms import MAX_SIZE, size_refusal
from rights.kinds import RightKind
from rights.models import Interest, Share
from rights.queries import PLACE, AsOf, interests_of


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


class ScopeSerializer(serializers.Serializer[dict[str, Any]]):
    """What a right covers: codes in each dimension, or null for everything."""

    fields = serializers.ListField(child=serializers.CharField(), allow_null=True)  # type: ignore[assignment] # a field, not DRF's property
    purposes = serializers.ListField(child=serializers.CharField(), allow_null=True)
    territories = serializers.ListField(
        child=serializers.CharField(),
        allow_null=True,
        help_text="`CN` contains all that begin with `CN-`.",
    )
    channels = serializers.ListField(child=serializers.CharField(), allow_null=True)
    environments = serializers.ListField(child=serializers.CharField(), allow_null=True)


class TermsSerializer(serializers.Serializer[dict[str, Any]]):
    """What a granted right allows its holder beside using it."""

    may_sublicense = serializers.BooleanField()
    may_resell = serializers.BooleanField()
    may_export = serializers.BooleanField()
    may_transfer = serializers.BooleanField()
    is_exclusive = serializers.BooleanField()
    max_uses = serializers.IntegerField(allow_null=True)
    survives = serializers.BooleanField(
        help_text="It stays if the right that it was granted from ends early."
    )
    binds_derivatives = serializers.BooleanField(help_text="What is derived under it ends with it.")
    scenario = serializers.CharField(help_text="For which alone personal data may be used.")


class RightInForceSerializer(RightSerializer):
    """One revision of a right as the register knew it at the size that was asked for."""

    revision = serializers.IntegerField(help_text="Counts from 1: each act begins another.")
    granted_from = serializers.CharField(
        help_text="Reference of the right that it was granted from; empty for an original one."
    )
    scope = serializers.SerializerMethodField()
    terms = serializers.SerializerMethodField(help_text="Null for an original right.")
    until = InstantField(
        source="known_until", help_text="`valid_to`, or where an act ended the revision before."
    )

    @extend_schema_field(ScopeSerializer)
    def get_scope(self, interest: Interest) -> Json:
        """Return every dimension."""
        return to_json(interest_facts(interest).scope)

    @extend_schema_field(TermsSerializer(allow_null=True))
    def get_terms(self, interest: Interest) -> Json:
        """Return the terms of a grant."""
        facts = interest_facts(interest)
        return None if facts.is_original else to_json(facts.terms)


class AsOfQuery(serializers.Serializer[dict[str, Any]]):
    """For when, and as known when, the caller asks."""

    at = InstantField(required=False, help_text="With offset; now if not given.")
    size = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=MAX_SIZE,
        help_text="As the register was with so many entries; all that is registered if not given. "
        "With both `at` and `size` the answer never changes.",
    )

    def validate_size(self, size: int) -> int:
        """Refuse a size that the tree does not have yet."""
        if refusal := size_refusal(size):
            raise serializers.ValidationError(refusal)
        return size


def read_as_of(request: Request) -> AsOf:
    """Return for when and as known when the caller asks.

    Raises:
        QueryError: names every parameter that cannot be read.
    """
    query = read_query(AsOfQuery, request)
    return AsOf(at=query.get("at") or now_utc(), size=query.get("size"))


class RightsSerializer(serializers.Serializer[dict[str, Any]]):
    """The rights in one asset at one instant."""

    checkpoint = HeadSerializer(allow_null=True)
    asset = serializers.CharField(help_text="Asset number.")
    at = InstantField()
    size = serializers.IntegerField(
        allow_null=True, help_text="Number of entries that was asked for, or null."
    )
    rights = RightInForceSerializer(many=True)


class RightsView(RegisterView):
    """Who holds what."""

    @extend_schema(
        operation_id="list_rights",
        tags=["rights"],
        summary="List the rights in force in an asset at an instant",
        parameters=[LANGUAGE, ASSET_NUMBER, AsOfQuery],
        responses={200: RightsSerializer, **problem_responses(400, 401, 404, 406)},
        examples=[answer_example(examples.RIGHTS)],
    )
    def get(self, request: Request, number: str) -> Response:
        """Return the interests in force with every holder's exact share."""
        as_of = read_as_of(request)
        checkpoint = latest_checkpoint()
        asset = find_asset(number)
        if asset is None:
            raise NotFound
        rights = interests_of(asset, at=as_of.at, size=as_of.size)
        prefetch_related_objects(rights, PLACE)
        answer = {
            "checkpoint": checkpoint,
            "asset": asset.number,
            "at": as_of.at,
            "size": as_of.size,
            "rights": rights,
        }
        return Response(RightsSerializer(answer).data)
