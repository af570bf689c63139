"""Search by name: whatever a name contains finds it, as Python's ``in`` would."""

import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from registry import search
from registry.kinds import IdentifierScheme, PartyKind
from registry.models import DataAsset, Named, Party, SearchGram, SearchName
from registry.search import fold
from tests.factories import Office, make_party, register_asset

# Few characters, so that pairs repeat: common and rare Chinese ones, some beyond the BMP, Latin
# letters in both cases and widths, half-width kana, a ligature, and signs of LIKE.
CHARACTERS = "数据集市省𠮷𪚥𫠝aAbBｂＡ１1ßſﬁｱ㈱ %_\\'"
TEXTS = st.text(alphabet=CHARACTERS, min_size=1, max_size=12)


def parts(names: list[str]) -> st.SearchStrategy[str]:
    """Return substrings of the names, so that much is found."""
    cuts = st.tuples(st.integers(0, 11), st.integers(1, 12))
    return st.sampled_from(names or ["无"]).flatmap(
        lambda name: cuts.map(lambda cut: name[cut[0] : cut[0] + cut[1]] or name)
    )


def naive(names: list[str], text: str, before: int, limit: int) -> list[int]:
    wanted = fold(text)
    hits = [key for key, name in enumerate(names, 1) if wanted and wanted in fold(name)]
    return [key for key in reversed(hits) if key < before][:limit]


class Searching(TestCase):
    @settings(max_examples=150, deadline=None)
    @given(st.lists(TEXTS, max_size=12), st.data())
    def test_what_is_found_is_what_contains_it_newest_first(
        self, names: list[str], data: st.DataObject
    ) -> None:
        is_other, is_rebuilt = data.draw(st.booleans()), data.draw(st.booleans())
        for key, name in enumerate(names, 1):
            search.write(Named.ASSET, key, "旧名" if is_other else name)
            search.write(Named.ASSET, key, name)
            search.write(Named.PARTY, key, "数据集")
        if is_rebuilt:
            search.rebuild(Named.ASSET, enumerate(names, 1))
        text = data.draw(st.one_of(TEXTS, parts(names)))
        before, limit = data.draw(st.integers(1, 14)), data.draw(st.integers(1, 14))

        found = search.find(Named.ASSET, text, limit=limit, before=before)

        assert found == naive(names, text, before, limit)


@pytest.mark.django_db
def test_a_pair_that_is_everywhere_and_one_that_is_rare_find_the_same(office: Office) -> None:
    names = [f"城市数据{'集' if key % 300 == 0 else key}" for key in range(1, 1000)]
    search.rebuild(Named.ASSET, enumerate(names, 1))
    for text in ("数据", "数据集", "市数据集", "城市数据9", "据99"):
        assert search.find(Named.ASSET, text, limit=2000) == naive(names, text, 2000, 2000)


@pytest.mark.django_db(transaction=True)
def test_a_name_is_found_from_its_act_on_and_rebuilding_changes_nothing(office: Office) -> None:
    party = make_party(office, 1, name="示例检索公司")
    asset = register_asset(office, party)
    person = make_party(
        office,
        2,
        kind=PartyKind.NATURAL,
        identifier_scheme=IdentifierScheme.RESIDENT_ID,
        name="示例某人",
    )

    assert search.find(Named.PARTY, "检索", limit=9) == [party.pk]
    assert search.find(Named.PARTY, "某人", limit=9) == []
    assert search.find(Named.ASSET, asset.name[3:5], limit=9) == [asset.pk]
    assert not SearchName.objects.filter(named=Named.PARTY, target=person.pk).exists()

    before = set(SearchGram.objects.values_list("pk", flat=True))
    call_command("rebuild_search", verbosity=0)
    assert set(SearchGram.objects.values_list("pk", flat=True)) == before
    assert {row.pk for row in DataAsset.objects.all()} == {asset.pk}


@pytest.mark.django_db
def test_what_is_forgotten_leaves_nothing() -> None:
    search.write(Named.PARTY, 7, "示例公司")
    search.forget(Named.PARTY, 7)
    assert not SearchName.objects.exists()
    assert not SearchGram.objects.exists()


@pytest.mark.django_db
def test_an_erased_party_is_in_no_index() -> None:
    search.write_party(Party(pk=7, kind=PartyKind.LEGAL, name="示例公司"))
    search.write_party(Party(pk=7, kind=PartyKind.LEGAL, name=""))
    assert not SearchGram.objects.exists()
