"""What lies on an asset and its rights, and every act on it: the past as it was, for good."""

from typing import Any

from django.db.models import prefetch_related_objects
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from api.fields import InstantField, PartyNameField
from api.openapi import ASSET_NUMBER, LANGUAGE, answer_example, problem_responses
from api.pages import DEFAULT_LIMIT, MAX_LIMIT
from api.v1 import examples
from api.v1.ledger import HeadSerializer, PositionSerializer
from api.v1.rights import AsOfQuery, read_as_of
from api.views import RegisterView, read_query
from ledger.queries import latest_checkpoint
from primitives.canonical_json import JsonObject
from registry.kinds import PartyKind
from registry.masking import masked_identifier
from registry.models import Party
from registry.queries import find_asset
from rights.answers import Laid, answer_for
from rights.kinds import RemarkKind, RightKind
from rights.models import Interest, Remark
from rights.queries import PLACE, Event, history_of
from rights.remarks import RemarkFacts
from rights.wording import public_body

MAX_VERSION = 2**31 - 1


class FavouredSerializer(serializers.Serializer[Party]):
    """Whom a remark favours; a natural person is masked."""

    name = PartyNameField(source="*")
    kind = serializers.ChoiceField(PartyKind.choices)
    identifier = serializers.SerializerMethodField()

    def get_identifier(self, party: Party) -> str:
        """Return the public form of the identifier."""
        return masked_identifier(party)


class RemarkSerializer(serializers.Serializer[Laid]):
    """One revision of a remark in force, as the register knew it; its free text is not public."""

    reference = serializers.CharField(source="remark.reference")
    revision = serializers.IntegerField(source="remark.revision")
    kind = serializers.ChoiceField(RemarkKind.choices, source="remark.kind")
    interest = serializers.CharField(
        source="remark.interest", help_text="The right that it lies on; empty for the whole asset."
    )
    party = FavouredSerializer(source="remark.party", allow_null=True)
    valid_from = InstantField(source="remark.valid_from")
    valid_to = InstantField(
        source="remark.valid_to", help_text="In the year 9999 if only an act ends it."
    )
    until = InstantField(
        help_text="Where it ends; of a freeze, where its effect ends if nobody lifts it before."
    )
    rank = serializers.IntegerField(
        source="place",
        allow_null=True,
        help_text="Of a pledge its place among those of the right, after subordinations.",
    )
    entered = serializers.SerializerMethodField(
        help_text="Version of the asset and place in its entry: the order of entry."
    )
    takes_effect = InstantField(
        allow_null=True,
        help_text="Of a freeze that waits behind another: when it takes effect at the latest.",
    )
    body = serializers.SerializerMethodField(help_text="What it says, by kind, as in the ledger.")
    ledger = PositionSerializer(source="remark.entry")

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_entered(self, laid: Laid) -> list[int]:
        """Return the rank of the first revision."""
        return [laid.remark.rank_version, laid.remark.rank_position]

    @extend_schema_field(serializers.DictField())
    def get_body(self, laid: Laid) -> JsonObject:
        """Return the public members."""
        return public_body(laid.remark)


class CauseSerializer(serializers.Serializer[RemarkFacts]):
    """A remark on another asset that reaches this one through its sources."""

    reference = serializers.CharField()
    kind = serializers.ChoiceField(RemarkKind.choices)
    asset = serializers.CharField()
    interest = serializers.CharField(
        help_text="The right there that it lies on; empty for the whole asset."
    )


class RemarksSerializer(serializers.Serializer[dict[str, Any]]):
    """What lies on one asset at one instant: on the whole first, then right by right.

    The pledges of a right come in the order in which they are paid, then the rest as entered.
    """

    checkpoint = HeadSerializer(allow_null=True)
    asset = serializers.CharField(help_text="Asset number.")
    at = InstantField()
    size = serializers.IntegerField(
        allow_null=True, help_text="Number of entries that was asked for, or null."
    )
    remarks = RemarkSerializer(many=True)
    causes = CauseSerializer(many=True)


class BegunSerializer(serializers.Serializer[Interest | Remark]):
    """A revision of a right or remark that an act began."""

    reference = serializers.CharField()
    revision = serializers.IntegerField()
    kind = serializers.ChoiceField([*RightKind.choices, *RemarkKind.choices])
    valid_from = InstantField()
    valid_to = InstantField()


class EndedSerializer(serializers.Serializer[Interest | Remark]):
    """A revision that an act ended, and where in legal time."""

    reference = serializers.CharField()
    revision = serializers.IntegerField()
    until = InstantField()


class EventSerializer(serializers.Serializer[Event]):
    """One act."""

    version = serializers.IntegerField(help_text="Which version of the asset the act made.")
    acts = serializers.ListField(child=serializers.CharField(), help_text="As in entries.")
    began = BegunSerializer(many=True)
    ended = EndedSerializer(many=True)
    ledger = PositionSerializer(source="entry")


class HistorySerializer(serializers.Serializer[dict[str, Any]]):
    """Acts on one asset, the latest first."""

    checkpoint = HeadSerializer(allow_null=True)
    asset = serializers.CharField(help_text="Asset number.")
    size = serializers.IntegerField(
        allow_null=True, help_text="Number of entries that was asked for, or null."
    )
    acts = EventSerializer(many=True)
    next = serializers.URLField(allow_null=True, help_text="The next page; null on the last.")


class HistoryQuery(AsOfQuery):
    """Which acts the caller wants."""

    at = None  # type: ignore[assignment] # every act has an instant of its own
    before = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=MAX_VERSION,
        help_text="Only acts that made an earlier version than this.",
    )
    limit = serializers.IntegerField(
        default=DEFAULT_LIMIT, min_value=1, max_value=MAX_LIMIT, help_text="Acts on a page."
    )


class RemarksView(RegisterView):
    """What lies on an asset."""

    @extend_schema(
        operation_id="list_remarks",
        tags=["rights"],
        summary="List what lies on an asset and its rights at an instant, pledges by rank",
        parameters=[LANGUAGE, ASSET_NUMBER, AsOfQuery],
        responses={200: RemarksSerializer, **problem_responses(400, 401, 404, 406)},
        examples=[answer_example(examples.REMARKS)],
    )
    def get(self, request: Request, number: str) -> Response:
        """Return every remark in force, and freezes that wait."""
        as_of = read_as_of(request)
        checkpoint = latest_checkpoint()
        asset = find_asset(number)
        if asset is None:
            raise NotFound
        found = answer_for(asset, as_of)
        prefetch_related_objects([one.remark for one in found.laid], PLACE)
        answer = {
            "checkpoint": checkpoint,
            "asset": asset.number,
            "at": as_of.at,
            "size": as_of.size,
            "remarks": found.laid,
            "causes": found.causes,
        }
        return Response(RemarksSerializer(answer).data)


class HistoryView(RegisterView):
    """Every act on an asset."""

    @extend_schema(
        operation_id="list_history",
        tags=["rights"],
        summary="List the acts on an asset, the latest first, with what each began and ended",
        parameters=[LANGUAGE, ASSET_NUMBER, HistoryQuery],
        responses={200: HistorySerializer, **problem_responses(400, 401, 404, 406)},
        examples=[answer_example(examples.HISTORY)],
    )
    def get(self, request: Request, number: str) -> Response:
        """Return one page of the history; an act entered meanwhile shifts no later page."""
        query = read_query(HistoryQuery, request)
        checkpoint = latest_checkpoint()
        asset = find_asset(number)
        if asset is None:
            raise NotFound
        events = history_of(
            asset,
            size=query.get("size"),
            before=query.get("before"),
            limit=query["limit"],
        )
        first = events[0].version if events else 1
        here = request.build_absolute_uri()
        answer = {
            "checkpoint": checkpoint,
            "asset": asset.number,
            "size": query.get("size"),
            "acts": events[::-1],
            "next": replace_query_param(here, "before", first) if first > 1 else None,
        }
        return Response(HistorySerializer(answer).data)
