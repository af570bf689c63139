"""The parties that the caller acts for: what they hold, and what is pledged to them."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from api.authentication import HasKey, caller
from api.fields import InstantField
from api.openapi import LANGUAGE, answer_example, problem_responses
from api.pages import PageQuery, page_of
from api.v1 import examples
from api.v1.ledger import HeadSerializer
from api.v1.rights import AsOfQuery, RightInForceSerializer
from api.v1.title import RemarkSerializer
from api.views import RegisterView, read_query
from ledger.queries import latest_checkpoint
from primitives.clock import now_utc
from registry.models import Party
from registry.queries import parties_of
from rights.answers import laid_of
from rights.queries import PLACE, AsOf, held_by, pledged_to

PARTY = OpenApiParameter(
    "reference", str, OpenApiParameter.PATH, description="The party's, from `parties`."
)


class PartySerializer(serializers.ModelSerializer[Party]):
    """A party that the caller acts for."""

    portfolio_url = serializers.HyperlinkedIdentityField(
        view_name="api:v1:portfolio", lookup_field="reference", read_only=True
    )
    secured_url = serializers.HyperlinkedIdentityField(
        view_name="api:v1:secured", lookup_field="reference", read_only=True
    )

    class Meta:
        model = Party
        fields = ["reference", "name", "identifier", "portfolio_url", "secured_url"]


class PartiesSerializer(serializers.Serializer[dict[str, Any]]):
    """The caller's parties."""

    checkpoint = HeadSerializer(allow_null=True)
    parties = PartySerializer(many=True)


class HeldSerializer(RightInForceSerializer):
    """A right of which the party holds a share."""

    asset = serializers.CharField(source="asset.number")


class SecuringSerializer(RemarkSerializer):
    """A pledge in favour of the party."""

    asset = serializers.CharField(source="remark.asset.number")


class PortfolioSerializer(serializers.Serializer[dict[str, Any]]):
    """What a party holds at one instant, registered last first."""

    checkpoint = HeadSerializer(allow_null=True)
    party = serializers.CharField(help_text="Reference.")
    at = InstantField()
    size = serializers.IntegerField(
        allow_null=True, help_text="Number of entries that was asked for, or null."
    )
    rights = HeldSerializer(many=True)
    next = serializers.URLField(allow_null=True, help_text="The next page; null on the last.")


class SecuredSerializer(serializers.Serializer[dict[str, Any]]):
    """What is pledged to a party at one instant, registered last first."""

    checkpoint = HeadSerializer(allow_null=True)
    party = serializers.CharField(help_text="Reference.")
    at = InstantField()
    size = serializers.IntegerField(
        allow_null=True, help_text="Number of entries that was asked for, or null."
    )
    pledges = SecuringSerializer(many=True)
    next = serializers.URLField(allow_null=True, help_text="The next page; null on the last.")


class PortfolioQuery(AsOfQuery, PageQuery):
    """For when, as known when, and which page."""


class PartiesView(RegisterView):
    """The caller's parties."""

    permission_classes = [HasKey]

    @extend_schema(
        operation_id="list_parties",
        tags=["parties"],
        summary="List the parties that you act for",
        parameters=[LANGUAGE],
        responses={200: PartiesSerializer, **problem_responses(401, 406)},
        examples=[answer_example(examples.PARTIES)],
    )
    def get(self, request: Request) -> Response:
        """Return the parties that the key owner's organisations are."""
        answer = {"checkpoint": latest_checkpoint(), "parties": parties_of(caller(request))}
        return Response(PartiesSerializer(answer, context={"request": request}).data)


class PortfolioView(RegisterView):
    """What a party holds."""

    permission_classes = [HasKey]

    @extend_schema(
        operation_id="read_portfolio",
        tags=["parties"],
        summary="List the rights that a party of yours holds at an instant",
        parameters=[LANGUAGE, PARTY, PortfolioQuery],
        responses={200: PortfolioSerializer, **problem_responses(400, 401, 404, 406)},
        examples=[answer_example(examples.PORTFOLIO)],
    )
    def get(self, request: Request, reference: str) -> Response:
        """Return one page."""
        query, party = read_query(PortfolioQuery, request), _party(request, reference)
        as_of = _as_of(query)
        answer = _answer(party, as_of)
        page = page_of(
            held_by(party, as_of).prefetch_related(PLACE).order_by("-pk"),
            limit=query["limit"],
            cursor=query.get("cursor"),
        )
        answer |= {"rights": page.rows, "next": _next(request, page.next_cursor)}
        return Response(PortfolioSerializer(answer).data)


class SecuredView(RegisterView):
    """What is pledged to a party."""

    permission_classes = [HasKey]

    @extend_schema(
        operation_id="read_secured_portfolio",
        tags=["parties"],
        summary="List the pledges in favour of a party of yours at an instant, each with its rank",
        parameters=[LANGUAGE, PARTY, PortfolioQuery],
        responses={200: SecuredSerializer, **problem_responses(400, 401, 404, 406)},
        examples=[answer_example(examples.SECURED)],
    )
    def get(self, request: Request, reference: str) -> Response:
        """Return one page."""
        query, party = read_query(PortfolioQuery, request), _party(request, reference)
        as_of = _as_of(query)
        answer = _answer(party, as_of)
        page = page_of(
            pledged_to(party, as_of).prefetch_related(PLACE).order_by("-pk"),
            limit=query["limit"],
            cursor=query.get("cursor"),
        )
        answer |= {
            "pledges": laid_of(page.rows, as_of),
            "next": _next(request, page.next_cursor),
        }
        return Response(SecuredSerializer(answer).data)


def _party(request: Request, reference: str) -> Party:
    """Return a party that the caller acts for; of others it is not even said that they exist."""
    party = parties_of(caller(request)).filter(reference=reference).first()
    if party is None:
        raise NotFound
    return party


def _as_of(query: dict[str, Any]) -> AsOf:
    return AsOf(at=query.get("at") or now_utc(), size=query.get("size"))


def _answer(party: Party, as_of: AsOf) -> dict[str, Any]:
    return {
        "checkpoint": latest_checkpoint(),
        "party": party.reference,
        "at": as_of.at,
        "size": as_of.size,
    }


def _next(request: Request, cursor: str | None) -> str | None:
    return cursor and replace_query_param(request.build_absolute_uri(), "cursor", cursor)
