"""The state map shows what a dictionary knows, and nothing that it does not know."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from primitives.canonical_json import JsonObject, canonical_json
from tests.reference.merkle import root as naive_root
from tlog.encoding import MalformedError
from tlog.errors import TlogError
from tlog.merkle import EMPTY_ROOT, leaf_hash, tree_hash
from tlog.state_map import (
    ITEM_CONTEXT,
    ItemProof,
    StateCommitment,
    StateItem,
    StateMap,
    StateMapError,
    is_state_key,
    item_hash,
    verify_absence,
    verify_presence,
)

TREE_SIZE = 1000
KEYS = st.text("abzé中\uff5e\U00010000", min_size=1, max_size=4)
HEADS = st.dictionaries(KEYS, st.tuples(st.integers(1, 99), st.integers(0, 999)), max_size=20)
SEVERAL = st.dictionaries(KEYS, st.tuples(st.integers(1, 99), st.integers(0, 999)), min_size=3)


def item(key: str, version: int = 1, index: int = 0) -> StateItem:
    return StateItem(key=key, version=version, index=index, leaf_hash=leaf_hash(key.encode()))


def items_of(heads: dict[str, tuple[int, int]]) -> list[StateItem]:
    by_bytes = sorted(heads.items(), key=lambda head: head[0].encode())
    return [item(key, version, index) for key, (version, index) in by_bytes]


def commitment_to(items: Sequence[StateItem]) -> StateCommitment:
    """Commit to the items as they stand, in whatever order, as a dishonest log could."""
    root = tree_hash([item_hash(item.content()) for item in items])
    return StateCommitment(tree_size=TREE_SIZE, root=bytes(32), map_size=len(items), map_root=root)


def naive_proof(items: Sequence[StateItem], place: int) -> ItemProof:
    """Prove from the whole list by the definition, sorted or not."""
    hashes = [item_hash(item.content()) for item in items]
    proof: list[bytes] = []
    start, end = 0, len(hashes)
    while end - start > 1:
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        if place < middle:
            proof, end = [tree_hash(hashes[middle:end]), *proof], middle
        else:
            proof, start = [tree_hash(hashes[start:middle]), *proof], middle
    return ItemProof(place=place, content=items[place].content(), hashes=tuple(proof))


@given(HEADS, KEYS)
def test_every_answer_of_a_dictionary_is_proven(
    heads: dict[str, tuple[int, int]], other: str
) -> None:
    built = StateMap(items_of(heads))
    commitment = commitment_to(items_of(heads))
    assert (built.size, built.root) == (commitment.map_size, commitment.map_root)

    for key in {*heads, other}:
        found, proofs = built.prove(key)
        if key in heads:
            assert found == verify_presence(key, proofs[0], commitment) == item(key, *heads[key])
            with pytest.raises(StateMapError):
                verify_absence(key, proofs, commitment)
        else:
            assert found is None
            verify_absence(key, proofs, commitment)
            for proof in proofs:
                with pytest.raises(StateMapError):
                    verify_presence(key, proof, commitment)


@given(HEADS)
def test_the_root_is_that_of_the_definition(heads: dict[str, tuple[int, int]]) -> None:
    contents = [ITEM_CONTEXT + item.content() for item in items_of(heads)]

    assert StateMap(items_of(heads)).root == naive_root(contents)


@given(SEVERAL, KEYS, st.data())
def test_no_two_items_of_a_map_show_that_a_key_in_it_is_absent(
    heads: dict[str, tuple[int, int]], other: str, data: st.DataObject
) -> None:
    items = items_of(heads)
    key = data.draw(st.sampled_from([*heads]))
    places = data.draw(st.lists(st.integers(0, len(items) - 1), max_size=3))

    with pytest.raises(TlogError):
        verify_absence(key, [naive_proof(items, place) for place in places], commitment_to(items))


def shift(proofs: list[ItemProof]) -> list[ItemProof]:
    return [replace(proof, place=proof.place + 1) for proof in proofs]


def claim_same_place(proofs: list[ItemProof]) -> list[ItemProof]:
    return [replace(proof, place=proofs[0].place) for proof in proofs]


def rewrite(proofs: list[ItemProof]) -> list[ItemProof]:
    later = replace(StateItem.parse(proofs[0].content), version=100).content()
    return [replace(proofs[0], content=later), *proofs[1:]]


def lengthen(proofs: list[ItemProof]) -> list[ItemProof]:
    return [replace(proof, hashes=(*proof.hashes, bytes(32))) for proof in proofs]


def shorten(proofs: list[ItemProof]) -> list[ItemProof]:
    return [replace(proof, hashes=proof.hashes[:-1]) for proof in proofs]


FORGERIES: dict[str, Callable[[list[ItemProof]], list[ItemProof]]] = {
    "swapped": lambda proofs: proofs[::-1],
    "left alone": lambda proofs: proofs[:1],
    "right alone": lambda proofs: proofs[1:],
    "left twice": lambda proofs: [proofs[0], proofs[0]],
    "none": lambda _proofs: [],
    "shifted": shift,
    "at one place": claim_same_place,
    "rewritten": rewrite,
    "longer": lengthen,
    "shorter": shorten,
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
@given(SEVERAL, KEYS)
def test_a_forged_proof_of_absence_is_refused(
    forge: Callable[[list[ItemProof]], list[ItemProof]],
    heads: dict[str, tuple[int, int]],
    other: str,
) -> None:
    items = items_of(heads)
    _, proofs = StateMap(items).prove(other)
    assume(len(proofs) == 2)

    with pytest.raises(TlogError):
        verify_absence(other, forge([*proofs]), commitment_to(items))


@pytest.mark.parametrize("forge", [shift, rewrite, lengthen, shorten])
@given(SEVERAL, st.data())
def test_a_forged_proof_of_presence_is_refused(
    forge: Callable[[list[ItemProof]], list[ItemProof]],
    heads: dict[str, tuple[int, int]],
    data: st.DataObject,
) -> None:
    items = items_of(heads)
    key = data.draw(st.sampled_from([*heads]))
    _, proofs = StateMap(items).prove(key)

    with pytest.raises(TlogError):
        verify_presence(key, forge([*proofs])[0], commitment_to(items))


@given(SEVERAL, KEYS, st.binary(min_size=32, max_size=32))
def test_a_proof_is_good_for_one_root(
    heads: dict[str, tuple[int, int]], other: str, root: bytes
) -> None:
    items = items_of(heads)
    commitment = replace(commitment_to(items), map_root=root)
    for key in {*heads, other}:
        found, proofs = StateMap(items).prove(key)
        with pytest.raises(TlogError):
            check(key, proofs, commitment, is_present=found is not None)


@given(SEVERAL, st.integers(-1, 40))
def test_that_nothing_comes_after_the_last_item_is_good_for_one_size(
    heads: dict[str, tuple[int, int]], size: int
) -> None:
    items = items_of(heads)
    assume(size != len(items))
    _, proofs = StateMap(items).prove("\U0010fffd" * 5)

    with pytest.raises(TlogError):
        check("\U0010fffd" * 5, proofs, replace(commitment_to(items), map_size=size))


def check(
    key: str,
    proofs: Sequence[ItemProof],
    commitment: StateCommitment,
    *,
    is_present: bool = False,
) -> None:
    if is_present:
        verify_presence(key, proofs[0], commitment)
    else:
        verify_absence(key, proofs, commitment)


def test_an_entry_beyond_the_tree_that_the_map_speaks_of_is_refused() -> None:
    items = [item("a", index=5), item("c", index=6)]
    proof = naive_proof(items, 1)

    assert verify_presence("c", proof, replace(commitment_to(items), tree_size=7)) == items[1]
    with pytest.raises(StateMapError, match="entry 6 is not in the tree of 6"):
        verify_presence("c", proof, replace(commitment_to(items), tree_size=6))


def test_the_empty_map_shows_that_everything_is_absent() -> None:
    empty = commitment_to([])
    assert StateMap([]).prove("a") == (None, ())

    verify_absence("a", (), empty)
    with pytest.raises(StateMapError, match="another root"):
        verify_absence("a", (), replace(empty, map_root=bytes(32)))
    with pytest.raises(StateMapError):
        verify_absence("a", (), replace(empty, map_size=1, map_root=EMPTY_ROOT))


@pytest.mark.parametrize(
    ("order", "key", "places"),
    [
        ("cabd", "c", [1, 2]),
        ("dcba", "c", [2]),
        ("dcba", "c", [2, 3]),
        ("dcba", "b", [0, 3]),
        ("aacd", "b", [0, 1]),
        ("acbd", "b", [0, 2]),
    ],
)
def test_items_that_do_not_surround_the_key_side_by_side_are_refused(
    order: str, key: str, places: list[int]
) -> None:
    items = [item(letter) for letter in order]

    with pytest.raises(StateMapError):
        verify_absence(key, [naive_proof(items, place) for place in places], commitment_to(items))


def test_a_map_that_hides_a_key_among_others_is_seen_by_whoever_builds_it_again() -> None:
    """What two items cannot show: that the others are in order. The audit builds every map."""
    items = [item(letter) for letter in "adbc"]
    verify_absence("b", [naive_proof(items, 0), naive_proof(items, 1)], commitment_to(items))

    assert StateMap(sorted(items, key=lambda item: item.key)).root != commitment_to(items).map_root


@pytest.mark.parametrize("keys", ["ba", "aa", "abb", "éz"])
def test_a_map_that_is_not_sorted_is_not_built(keys: str) -> None:
    with pytest.raises(StateMapError, match="does not come after"):
        StateMap(item(key) for key in keys)


def test_keys_are_in_the_order_of_their_utf_8_bytes() -> None:
    # In UTF-16 the surrogates of the second would come before the first.
    keys = ["z", "é", "\uff5e", "\U00010000"]

    built = StateMap(item(key) for key in keys)

    assert [built.item(place).key for place in range(4)] == keys


def test_an_item_is_never_an_entry_of_the_log() -> None:
    content = item("asset:DA-000000001").content()

    assert item_hash(content) != leaf_hash(content)
    assert not ITEM_CONTEXT.startswith(b"{")


GOOD: JsonObject = {"index": 0, "key": "a", "leaf_hash": "00" * 32, "version": 1}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        canonical_json({**GOOD, "version": 0}),
        canonical_json({**GOOD, "index": -1}),
        canonical_json({**GOOD, "index": True}),
        canonical_json({**GOOD, "key": 1}),
        canonical_json({**GOOD, "leaf_hash": "00"}),
        canonical_json({**GOOD, "leaf_hash": "AA" * 32}),
        canonical_json({**GOOD, "leaf_hash": "zz" * 32}),
        canonical_json({**GOOD, "more": 1}),
        json.dumps({**GOOD, "key": "\ud800"}).encode(),
        json.dumps({**GOOD, "index": 2**60}).encode(),
        json.dumps(GOOD).encode(),
    ],
)
def test_what_is_no_item_is_refused(content: bytes) -> None:
    assert StateItem.parse(canonical_json(GOOD)).key == "a"
    with pytest.raises(MalformedError):
        StateItem.parse(content)


@given(st.text(), st.integers(1, 2**53 - 1), st.integers(0, 2**53 - 1))
def test_an_items_bytes_are_its_canonical_json(key: str, version: int, index: int) -> None:
    written = item(key, version, index)

    assert written.content() == canonical_json(
        {"key": key, "version": version, "index": index, "leaf_hash": written.leaf_hash.hex()}
    )


@given(HEADS)
def test_an_item_reads_as_it_was_written(heads: dict[str, tuple[int, int]]) -> None:
    for written in items_of(heads):
        assert StateItem.parse(written.content()) == written


COMMITMENT = commitment_to([item("a")]).payload()


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        {},
        {**COMMITMENT, "tree_size": True},
        {**COMMITMENT, "tree_size": -1},
        {**COMMITMENT, "tree_size": 2**63},
        {**COMMITMENT, "map_size": "1"},
        {**COMMITMENT, "map_size": -1},
        {**COMMITMENT, "root": "00"},
        {**COMMITMENT, "map_root": "AA" * 32},
        {**COMMITMENT, "map_root": "zz" * 32},
        {**COMMITMENT, "more": 1},
    ],
)
def test_what_is_no_commitment_is_refused(payload: object) -> None:
    assert StateCommitment.parse(COMMITMENT) == commitment_to([item("a")])
    with pytest.raises(MalformedError):
        StateCommitment.parse(payload)  # type: ignore[arg-type] # JSON of any shape


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("asset:DA-000000001", True),
        ("state-map", True),
        ("公司", True),
        ("x" * 80, True),
        ("x" * 81, False),
        ("", False),
        ("a b", False),
        ("a\n", False),
        ("a\u202eb", False),
        ("\ud800", False),
    ],
)
def test_what_can_be_asked_for(text: str, expected: object) -> None:
    assert is_state_key(text) is expected
