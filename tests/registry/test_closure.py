"""The closure of provenance: exact on every graph, linear on those where paths multiply."""

from collections.abc import Sequence
from typing import TypeAlias

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django import DjangoAssertNumQueries

from registry import closure
from registry.closure import (
    Closure,
    MoreVersionsError,
    ancestor_versions,
    descendant_versions,
    versions_relying_on,
)
from registry.models import AssetVersion, Derivation
from registry.provenance import ancestry
from tests.registry.graphs import (
    Edge,
    chain,
    derive,
    derive_from_outside,
    ladder,
    make_versions,
)
from web import provenance
from web.provenance import provenance_of

RIGHTS = ["", "R-1", "R-2"]
Places: TypeAlias = dict[Edge, str]
"""A graph before it is written: its edges by place, with the right each relies on."""


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, Places]:
    """Draw a number of versions and any edges from later to earlier ones."""
    count = draw(st.integers(1, 9))
    pairs = [(derived, source) for derived in range(count) for source in range(derived)]
    edges = draw(st.sets(st.sampled_from(pairs))) if pairs else set()
    return count, {edge: draw(st.sampled_from(RIGHTS)) for edge in sorted(edges)}


def behind(edges: Sequence[Edge], version: int) -> set[int]:
    """Walk every path, as the definition says."""
    sources = [source for derived, source in edges if derived == version]
    return set(sources).union(*(behind(edges, source) for source in sources))


def in_front(edges: Sequence[Edge], version: int) -> set[int]:
    return behind([(source, derived) for derived, source in edges], version)


def distance(edges: Sequence[Edge], version: int, ancestor: int) -> float:
    """Return the length of the shortest of all paths back to the ancestor."""
    if version == ancestor:
        return 0
    sources = [source for derived, source in edges if derived == version]
    return min((1 + distance(edges, source, ancestor) for source in sources), default=float("inf"))


class RandomGraphs(TestCase):
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(graph=graphs(), data=st.data())
    def test_the_closure_is_that_of_walking_every_path(
        self, graph: tuple[int, Places], data: st.DataObject
    ) -> None:
        count, places = graph
        versions = make_versions(count, assets=3)
        rights = {
            (versions[derived], versions[source]): right
            for (derived, source), right in places.items()
        }
        edges = list(rights)
        derive(edges, relying_on=rights)
        derive_from_outside(data.draw(st.sets(st.sampled_from(versions)), label="from outside"))
        starts = data.draw(st.lists(st.sampled_from(versions)), label="starts")
        relied = data.draw(st.sets(st.sampled_from(RIGHTS[1:])), label="rights")

        for version in versions:
            assert_is(ancestor_versions(version), behind(edges, version))
            assert_is(descendant_versions(version), in_front(edges, version))
            assert_nearest_first(edges, version)
        assert_is(
            ancestor_versions(*starts),
            set[int]().union(*(behind(edges, version) for version in starts)),
        )
        assert_is(
            descendant_versions(*starts),
            set[int]().union(*(in_front(edges, version) for version in starts)),
        )
        relying = {derived for derived, source in edges if rights[derived, source] in relied}
        assert_is(
            versions_relying_on(*relied),
            relying.union(*(in_front(edges, version) for version in relying)),
        )


def assert_is(found: Closure, expected: set[int]) -> None:
    versions = AssetVersion.objects.in_bulk(expected).values()
    assert sorted(found.pks()) == sorted(expected)
    assert found.asset_numbers() == sorted({version.asset.number for version in versions})


def assert_nearest_first(edges: Sequence[Edge], version: int) -> None:
    found = ancestry(AssetVersion.objects.get(pk=version))
    depths = [
        (distance(edges, version, edge.derived_version_id) + 1, edge.pk)
        for edge in Derivation.objects.all()
    ]
    assert [(ancestor.depth, ancestor.derivation.pk) for ancestor in found] == sorted(
        (depth, pk) for depth, pk in depths if depth < float("inf")
    )


@pytest.mark.django_db
def test_a_ladder_of_two_to_the_two_thousandth_paths_is_walked_once() -> None:
    versions = make_versions(4_000)
    derive(ladder(versions))

    assert sorted(ancestor_versions(versions[-1]).pks()) == versions[:-2]
    assert sorted(descendant_versions(versions[0]).pks()) == versions[2:]


@pytest.mark.django_db
def test_a_chain_of_ten_thousand_is_followed_to_its_end(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    versions = make_versions(10_000)
    derive(chain(versions))

    with django_assert_num_queries(2):
        found = ancestry(AssetVersion(pk=versions[-1]))

    assert [ancestor.depth for ancestor in found] == list(range(1, 10_000))
    assert [ancestor.derivation.source_version_id for ancestor in found] == versions[-2::-1]
    assert sorted(ancestor_versions(versions[-1]).pks()) == versions[:-1]
    assert sorted(descendant_versions(versions[0]).pks()) == versions[1:]


@pytest.mark.django_db
def test_a_star_is_seen_from_its_middle_and_from_its_tips() -> None:
    hub, *tips, last = make_versions(5_000)
    derive([*((tip, hub) for tip in tips), *((last, tip) for tip in tips)])

    assert sorted(descendant_versions(hub).pks()) == [*tips, last]
    assert sorted(ancestor_versions(last).pks()) == [hub, *tips]
    assert ancestor_versions(tips[0]).pks() == [hub]


@pytest.mark.django_db
def test_nothing_lies_behind_nothing() -> None:
    derive(chain(make_versions(2)))

    assert ancestor_versions().pks() == []
    assert descendant_versions().asset_numbers() == []
    assert versions_relying_on().pks() == []


@pytest.mark.django_db
def test_more_versions_than_the_budget_are_refused_in_plain_words() -> None:
    versions = make_versions(6)
    derive(chain(versions))
    found = descendant_versions(versions[0])

    assert len(found.pks(budget=5)) == 5
    assert len(found.asset_numbers(budget=5)) == 1
    with pytest.raises(MoreVersionsError, match="more than 4 versions"):
        found.pks(budget=4)
    with pytest.raises(MoreVersionsError, match="more than 4 versions"):
        found.asset_numbers(budget=4)


@pytest.mark.django_db
def test_more_versions_than_one_query_takes_are_read_by_several(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(closure, "KEYS_AT_ONCE", 2)
    versions = make_versions(6, assets=6)
    derive(chain(versions))

    assert len(ancestry(AssetVersion(pk=versions[-1]))) == 5
    assert len(ancestor_versions(versions[-1]).asset_numbers()) == 5


@pytest.mark.django_db
def test_of_an_ancestry_beyond_its_budget_a_page_shows_the_direct_sources(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    versions = make_versions(6)
    derive(chain(versions))
    last = AssetVersion.objects.select_related("asset").get(pk=versions[-1])
    with pytest.raises(MoreVersionsError, match="more than 4 versions"):
        ancestry(last, budget=4)
    assert len(ancestry(last, budget=5)) == len(provenance_of(last).derivations) == 5

    monkeypatch.setattr(provenance, "MAX_VERSIONS", 4)
    shown = provenance_of(last)
    assert (shown.budget, [edge.source_version_id for edge in shown.derivations]) == (
        4,
        [versions[-2]],
    )


def test_an_empty_reference_is_no_right_on_which_everything_relies() -> None:
    with pytest.raises(ValueError, match="empty reference"):
        versions_relying_on("R-1", "")


@pytest.mark.django_db
def test_a_mark_is_put_on_every_descendant_asset_by_one_statement() -> None:
    versions = make_versions(4, assets=2)
    derive(chain(versions[1:]))
    found = descendant_versions(versions[1])
    marks = f"""
        INSERT INTO mark (cause, asset)
        SELECT DISTINCT %s,
            (SELECT asset_id FROM registry_assetversion WHERE id = reached.version_id)
        FROM ({found.sql}) AS reached"""  # noqa: S608 # our statement

    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE mark (cause text, asset bigint)")
        cursor.execute(marks, ["F-1", *found.params])
        cursor.execute("SELECT cause, asset FROM mark ORDER BY asset")
        marked = cursor.fetchall()

    expected = AssetVersion.objects.filter(pk__in=versions[2:]).values_list("asset", flat=True)
    assert marked == [("F-1", asset) for asset in sorted(expected)]


@pytest.mark.django_db
def test_every_step_is_answered_by_an_index_however_many_versions_it_begins_from() -> None:
    versions = make_versions(4_000)
    edges = ladder(versions)
    derive(edges, relying_on={edge: f"R-{edge[1]}" for edge in edges})
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    for starts in (versions[:1], versions[:2_000]):
        assert_answered_by_index(ancestor_versions(*starts))
        assert_answered_by_index(descendant_versions(*starts))
        assert_answered_by_index(versions_relying_on(*(f"R-{version}" for version in starts)))


def assert_answered_by_index(found: Closure) -> None:
    """One look-up for the start and one for each step; nothing is read from end to end."""
    if connection.vendor == "postgresql":
        plan = plan_of(found, "EXPLAIN")
        assert plan.count("Index Cond") == 2
        assert not [word for word in ("Seq Scan", "Hash Join", "Merge Join", "JIT") if word in plan]
    else:
        plan = plan_of(found, "EXPLAIN QUERY PLAN")
        assert plan.count("SEARCH edge USING COVERING INDEX") == 2
        assert not [word for word in ("SCAN edge", "BLOOM FILTER") if word in plan]


def plan_of(found: Closure, explain: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {found.sql}", found.params)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())
