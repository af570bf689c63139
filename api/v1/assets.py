"""Data assets: finding them, and everything the register says of one."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from api.fields import InstantField, PartyNameField
from api.openapi import ASSET_NUMBER, LANGUAGE, answer_example, problem_responses
from api.pages import PageQuery, page_of
from api.v1 import examples
from api.v1.ledger import HeadSerializer, PositionSerializer
from api.views import RegisterView, read_query
from ledger.queries import latest_checkpoint
from registry.kinds import ActivityKind, Grade, InstrumentKind, PersonalInformation, PublicData
from registry.models import AssetVersion, DataAsset, ExternalSource, Instrument, Responsibility
from registry.provenance import Ancestor, ancestry
from registry.queries import find_asset, latest_version, search_assets

SUMMARY_FIELDS = ["number", "name", "summary", "registered_at", "url"]
DESCRIPTION_FIELDS = [
    "kind",
    "source_kind",
    "industry_section",
    "industry_division",
    "situation",
    "grade",
    "personal_information",
    "personal_basis",
    "public_data",
    "public_data_code",
    "region_scope",
    "region",
    "period_from",
    "period_to",
    "update_frequency",
    "record_count",
    "form",
    "structure",
    "limit_users",
    "limit_qualification",
    "limit_environment",
    "limit_territory",
    "resale_allowed",
    "export_allowed",
]
REFERENCE_FIELDS = [
    "responsibilities",
    "versions",
    "provenance",
    "rights_url",
    "remarks_url",
    "history_url",
    "ledger",
]

UNCLASSIFIED = "Empty for what was registered before this was asked for."
CONFIDENTIAL = "Always empty: not public. The certificate states it, and it can be disclosed."


class VersionSerializer(serializers.ModelSerializer[AssetVersion]):
    """The exact data that was registered."""

    ledger = PositionSerializer(source="entry")

    class Meta:
        model = AssetVersion
        fields = ["number", "sha256", "sm3", "size_bytes", "ledger"]


class ResponsibilitySerializer(serializers.ModelSerializer[Responsibility]):
    """Someone responsible for the data at one stage; a natural person is masked."""

    party = PartyNameField()

    class Meta:
        model = Responsibility
        fields = ["stage", "party"]


class PinnedVersionSerializer(serializers.Serializer[AssetVersion]):
    """One version as provenance names it."""

    asset = serializers.CharField(source="asset.number")
    version = serializers.IntegerField(source="number")
    sha256 = serializers.CharField()


class ExternalSourceSerializer(serializers.ModelSerializer[ExternalSource]):
    """A pinned source outside the register."""

    publisher = PartyNameField()

    class Meta:
        model = ExternalSource
        fields = ["title", "publisher", "locator", "edition", "licence", "sha256"]


class BasisInstrumentSerializer(serializers.Serializer[Instrument]):
    """The document that proves a basis: its kind and digest; its content is not public."""

    kind = serializers.ChoiceField(InstrumentKind.choices)
    sha256 = serializers.SerializerMethodField(help_text="Empty for a paper of identity.")

    def get_sha256(self, instrument: Instrument) -> str:
        """Return the digest; of a paper of identity it is personal and stays a commitment."""
        return "" if instrument.kind == InstrumentKind.IDENTITY else instrument.sha256


class EdgeSerializer(serializers.Serializer[Ancestor]):
    """One edge of provenance: `derived` came from `source_version` or from `external_source`."""

    depth = serializers.IntegerField(help_text="Steps back from the asset; 1 is a direct source.")
    derived = PinnedVersionSerializer(source="derivation.derived_version")
    source_version = PinnedVersionSerializer(source="derivation.source_version", allow_null=True)
    external_source = ExternalSourceSerializer(source="derivation.external_source", allow_null=True)
    activity = serializers.ChoiceField(ActivityKind.choices, source="derivation.activity")
    method = serializers.SerializerMethodField(help_text=CONFIDENTIAL)
    code_sha256 = serializers.CharField(source="derivation.code_sha256")
    ended_at = InstantField(source="derivation.ended_at")
    responsible = PartyNameField(source="derivation.responsible")
    basis = serializers.SerializerMethodField(help_text=CONFIDENTIAL)
    basis_interest = serializers.CharField(
        source="derivation.basis_interest", help_text="The right relied on, or empty."
    )
    basis_instrument = BasisInstrumentSerializer(
        source="derivation.basis_instrument", allow_null=True
    )
    is_proven = serializers.BooleanField(
        source="derivation.is_proven", help_text="False: the legal basis is UNPROVEN."
    )

    def get_method(self, _edge: Ancestor) -> str:
        """Return nothing: a member of a version that is out stays, its value is not public."""
        return ""

    def get_basis(self, _edge: Ancestor) -> str:
        """See `get_method`."""
        return ""


class SummarySerializer(serializers.ModelSerializer[DataAsset]):
    """An asset in a list."""

    registered_at = InstantField()
    url = serializers.HyperlinkedIdentityField(
        view_name="api:v1:asset", lookup_field="number", read_only=True
    )

    class Meta:
        model = DataAsset
        fields = SUMMARY_FIELDS


class AssetSerializer(SummarySerializer):
    """An asset as registered, with its versions and everything that it came from."""

    grade = serializers.ChoiceField(Grade.choices, allow_blank=True, help_text=UNCLASSIFIED)
    personal_information = serializers.ChoiceField(
        PersonalInformation.choices, allow_blank=True, help_text=UNCLASSIFIED
    )
    public_data = serializers.ChoiceField(
        PublicData.choices, allow_blank=True, help_text=UNCLASSIFIED
    )
    responsibilities = serializers.SerializerMethodField()
    versions = serializers.SerializerMethodField()
    provenance = serializers.SerializerMethodField()
    rights_url = serializers.HyperlinkedIdentityField(
        view_name="api:v1:rights", lookup_field="number", read_only=True
    )
    remarks_url = serializers.HyperlinkedIdentityField(
        view_name="api:v1:remarks", lookup_field="number", read_only=True
    )
    history_url = serializers.HyperlinkedIdentityField(
        view_name="api:v1:history", lookup_field="number", read_only=True
    )
    ledger = PositionSerializer(source="entry")

    class Meta:
        model = DataAsset
        fields = [*SUMMARY_FIELDS, *DESCRIPTION_FIELDS, *REFERENCE_FIELDS]

    @extend_schema_field(ResponsibilitySerializer(many=True))
    def get_responsibilities(self, asset: DataAsset) -> list[dict[str, Any]]:
        """Return who is responsible at which stage, in order of registration."""
        named = asset.responsibilities.select_related("party").order_by("pk")
        return [ResponsibilitySerializer(each).data for each in named]

    @extend_schema_field(VersionSerializer(many=True))
    def get_versions(self, asset: DataAsset) -> list[dict[str, Any]]:
        """Return all versions, the first registered first."""
        versions = asset.versions.select_related("entry__leaf").order_by("number")
        return [VersionSerializer(version).data for version in versions]

    @extend_schema_field(EdgeSerializer(many=True))
    def get_provenance(self, asset: DataAsset) -> list[dict[str, Any]]:
        """Return every edge behind the latest version, nearest first."""
        return [EdgeSerializer(edge).data for edge in ancestry(latest_version(asset))]


class AssetAnswerSerializer(serializers.Serializer[dict[str, Any]]):
    """One asset and the tree that the answer speaks for."""

    checkpoint = HeadSerializer(allow_null=True)
    asset = AssetSerializer()


class AssetsAnswerSerializer(serializers.Serializer[dict[str, Any]]):
    """A page of assets and the tree that the answer speaks for."""

    checkpoint = HeadSerializer(allow_null=True)
    assets = SummarySerializer(many=True)
    next = serializers.URLField(allow_null=True, help_text="The next page; null on the last.")


class AssetsQuery(PageQuery):
    """What a caller looks for."""

    q = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=100,
        help_text="Part of the name, or of a holding organisation's name; or the number.",
    )


class AssetsView(RegisterView):
    """All assets, or those found."""

    @extend_schema(
        operation_id="list_assets",
        tags=["assets"],
        summary="List or search the registered assets, newest first",
        parameters=[LANGUAGE, AssetsQuery],
        responses={200: AssetsAnswerSerializer, **problem_responses(400, 401, 406)},
        examples=[answer_example(examples.ASSETS)],
    )
    def get(self, request: Request) -> Response:
        """Return one page; an asset registered meanwhile shifts no later page."""
        query = read_query(AssetsQuery, request)
        checkpoint = latest_checkpoint()
        limit, cursor = query["limit"], query.get("cursor")
        found = search_assets(query["q"], limit=limit + 1, before=cursor)
        page = page_of(found, limit=limit, cursor=cursor)
        here = request.build_absolute_uri()
        following = page.next_cursor and replace_query_param(here, "cursor", page.next_cursor)
        answer = {"checkpoint": checkpoint, "assets": page.rows, "next": following}
        return Response(AssetsAnswerSerializer(answer, context={"request": request}).data)


class AssetView(RegisterView):
    """One asset."""

    @extend_schema(
        operation_id="read_asset",
        tags=["assets"],
        summary="Read one asset, its versions and its provenance",
        parameters=[LANGUAGE, ASSET_NUMBER],
        responses={200: AssetAnswerSerializer, **problem_responses(401, 404, 406)},
        examples=[answer_example(examples.ASSET)],
    )
    def get(self, request: Request, number: str) -> Response:
        """Return what the register says of it."""
        checkpoint = latest_checkpoint()
        asset = find_asset(number)
        if asset is None:
            raise NotFound
        answer = {"checkpoint": checkpoint, "asset": asset}
        return Response(AssetAnswerSerializer(answer, context={"request": request}).data)
