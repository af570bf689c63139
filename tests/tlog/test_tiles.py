"""Tiles: their paths, the bundles of entries, growing a tree and proving from what was stored."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reference import merkle as reference
from tlog.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from tlog.encoding import MalformedError
from tlog.errors import TlogError
from tlog.merkle import ProofError, leaf_hash, tree_hash, verify_consistency, verify_inclusion
from tlog.note import NoteSigner, VerifierKey
from tlog.tiles import (
    MAX_ENTRY_BYTES,
    EntryTooLargeError,
    FetchTiles,
    TileError,
    TileKey,
    TilePath,
    TileReader,
    TreeBuilder,
    bundle_path,
    pack_entries,
    tile_path,
    tile_width,
    unpack_bundle,
)

TESSERA_LOG = json.loads((Path(__file__).parent / "vectors" / "tessera_log.json").read_text())
LEAVES = [leaf_hash(f"entry {number}".encode()) for number in range(70_000)]


class TileStore:
    """What a log keeps: one growing row for each tile."""

    def __init__(self) -> None:
        self.tiles: dict[TileKey, bytes] = {}

    def save(self, changed: dict[TileKey, bytes]) -> None:
        for key, tile in changed.items():
            assert tile.startswith(self.tiles.get(key, b"")), "a tile only grows"
            assert tile != self.tiles.get(key), "an unchanged tile is not written again"
            self.tiles[key] = tile

    def fetch(self, keys: Sequence[TileKey]) -> dict[TileKey, bytes]:
        return {key: self.tiles[key] for key in keys if key in self.tiles}


def grown(size: int, *, batch: int) -> TileStore:
    """Return the store of a log that was loaded afresh for every batch."""
    store = TileStore()
    for start in range(0, size, batch):
        builder = TreeBuilder.resume(start, store.fetch)
        builder.extend(LEAVES[start : min(start + batch, size)])
        store.save(builder.drain())
    return store


@pytest.fixture(scope="module")
def large() -> TileStore:
    return grown(70_000, batch=4_096)


@pytest.mark.parametrize(
    ("level", "index", "width", "path"),
    [
        (0, 5, 256, "tile/0/005"),
        (0, 1234067, 256, "tile/0/x001/x234/067"),
        (2, 1000, 17, "tile/2/x001/000.p/17"),
        (63, 0, 1, "tile/63/000.p/1"),
        (None, 0, 255, "tile/entries/000.p/255"),
        (None, 999_999, 256, "tile/entries/x999/999"),
    ],
)
def test_paths_are_those_of_the_specification(
    level: int | None, index: int, width: int, path: str
) -> None:
    written = (
        bundle_path(index, width=width) if level is None else tile_path(level, index, width=width)
    )
    assert written == path
    assert TilePath.parse(path) == TilePath(level, index, width)


@given(st.one_of(st.none(), st.integers(0, 63)), st.integers(0, 2**60), st.integers(1, 256))
def test_every_path_has_one_spelling(level: int | None, index: int, width: int) -> None:
    path = TilePath(level, index, width)
    assert TilePath.parse(str(path)) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0",
        "tile/0/5",
        "tile/00/005",
        "tile/64/005",
        "tile/-1/005",
        "tile/data/005",
        "tile/0/1000",
        "tile/0/x000/005",
        "tile/0/001/005",
        "tile/0/x001/x005",
        "tile/0/005.p/0",
        "tile/0/005.p/01",
        "tile/0/005.p/256",
        "tile/0/005.p/257",
        "tile/0/005/",
        "/tile/0/005",
        "tile/0/005\n",
        "tile/0/٠٠٥",
        "tile/0/" + "x999/" * 10 + "999",
    ],
)
def test_any_other_path_is_refused(path: str) -> None:
    with pytest.raises(MalformedError):
        TilePath.parse(path)


def test_there_is_no_tile_before_the_first() -> None:
    with pytest.raises(MalformedError):
        tile_path(0, -1)
    with pytest.raises(MalformedError):
        bundle_path(0, width=0)


def test_a_tree_of_70000_has_the_tiles_the_specification_counts(large: TileStore) -> None:
    full = 256 * 32
    expected = {(0, index): full for index in range(273)}
    expected |= {(0, 273): 112 * 32, (1, 0): full, (1, 1): 17 * 32, (2, 0): 32}

    assert {key: len(tile) for key, tile in large.tiles.items()} == expected
    for level, index in expected:
        width = tile_width(level, index, size=70_000)
        assert width * 32 == expected[level, index]
    assert tile_width(0, 274, size=70_000) == 0
    assert tile_width(3, 0, size=70_000) == 0


def test_a_tree_of_256_has_a_full_tile_and_one_hash_above() -> None:
    store = grown(256, batch=256)
    assert {key: len(tile) for key, tile in store.tiles.items()} == {(0, 0): 8192, (1, 0): 32}


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_a_bundle_gives_back_its_entries(entries: list[bytes]) -> None:
    assert unpack_bundle(pack_entries(entries)) == entries


@given(st.binary(max_size=400))
def test_any_bytes_are_a_bundle_or_malformed(content: bytes) -> None:
    try:
        entries = unpack_bundle(content)
    except MalformedError:
        return
    assert pack_entries(entries) == content


def test_a_bundle_holds_the_longest_entry_and_no_longer_one() -> None:
    longest = b"x" * MAX_ENTRY_BYTES
    assert unpack_bundle(pack_entries([longest])) == [longest]
    with pytest.raises(EntryTooLargeError):
        pack_entries([longest + b"x"])


@pytest.mark.parametrize("bundle", [b"", b"\x00", b"\x00\x02a", b"\x00\x00" * 257])
def test_a_torn_or_overfull_bundle_is_malformed(bundle: bytes) -> None:
    with pytest.raises(MalformedError):
        unpack_bundle(bundle)


@pytest.mark.parametrize("size", [*range(1, 20), 255, 256, 257, 511, 512, 513, 1025])
@pytest.mark.parametrize("batch", [100, 256, 1000])
def test_a_builder_goes_on_where_the_last_one_stopped(size: int, batch: int) -> None:
    store = grown(size, batch=batch)
    root = tree_hash(LEAVES[:size])
    assert TreeBuilder.resume(size, store.fetch).root() == root
    assert TileReader(size, store.fetch).root() == root


def test_the_root_after_every_leaf_is_that_of_the_reference() -> None:
    entries = [f"entry {number}".encode() for number in range(300)]
    builder = TreeBuilder()
    for size in range(301):
        assert builder.size == size
        assert builder.root() == reference.root(entries[:size])
        if size < 300:
            builder.append(leaf_hash(entries[size]))


def test_a_drained_builder_has_nothing_to_store() -> None:
    builder = TreeBuilder()
    builder.append(LEAVES[0])
    assert builder.drain() == {(0, 0): LEAVES[0]}
    assert builder.drain() == {}


def test_a_builder_refuses_what_is_not_a_hash() -> None:
    builder = TreeBuilder()
    with pytest.raises(TileError):
        builder.append(b"an entry, not its hash")
    with pytest.raises(TileError):
        builder.extend([LEAVES[0], b"an entry, not its hash"])
    assert builder.size == 0
    assert builder.drain() == {}


@pytest.mark.parametrize("drained", [True, False])
@given(batches=st.lists(st.integers(0, 700), max_size=6))
def test_leaves_added_one_by_one_or_together_give_the_same_tiles(
    *, drained: bool, batches: list[int]
) -> None:
    single, together, kept = TreeBuilder(), TreeBuilder(), TileStore()
    for count in batches:
        leaves = LEAVES[single.size : single.size + count]
        together.extend(leaves)
        for leaf in leaves:
            single.append(leaf)
        if drained:
            kept.save(together.drain())
    kept.save(together.drain())
    assert kept.tiles == single.drain()
    assert together.root() == single.root() == tree_hash(LEAVES[: sum(batches)])


def test_a_tile_that_changed_is_not_taken_for_the_one_remembered(large: TileStore) -> None:
    before = TileReader(70_000, large.fetch).inclusion_proof(300)
    flipped = bytearray(large.tiles[1, 1])
    flipped[0] ^= 1
    other = {**large.tiles, (1, 1): bytes(flipped)}
    assert TileReader(70_000, lambda _keys: other).inclusion_proof(300) != before
    assert TileReader(70_000, large.fetch).inclusion_proof(300) == before


@given(st.data())
def test_a_log_proves_every_leaf_and_every_past_at_every_size(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 1_500))
    index, old_size = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    store = grown(1_500, batch=500)
    reader = TileReader(size, store.fetch)

    verify_inclusion(
        index=index,
        size=size,
        leaf_hash=LEAVES[index],
        proof=reader.inclusion_proof(index),
        root=tree_hash(LEAVES[:size]),
    )
    verify_consistency(
        old_size=old_size,
        old_root=tree_hash(LEAVES[:old_size]),
        new_size=size,
        new_root=reader.root(),
        proof=reader.consistency_proof(old_size),
    )


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 69_999, 70_000])
def test_a_tree_of_three_levels_proves_its_leaves_and_its_pasts(
    size: int, large: TileStore
) -> None:
    reader = TileReader(size, large.fetch)
    root = tree_hash(LEAVES[:size])
    assert reader.root() == root
    for index in (0, 255, 256, 32_768, 65_534, size - 1):
        verify_inclusion(
            index=index,
            size=size,
            leaf_hash=LEAVES[index],
            proof=reader.inclusion_proof(index),
            root=root,
        )
    for old_size in (1, 256, 257, 40_000, 65_535, size):
        verify_consistency(
            old_size=old_size,
            old_root=tree_hash(LEAVES[:old_size]),
            new_size=size,
            new_root=root,
            proof=reader.consistency_proof(old_size),
        )


def test_an_empty_log_has_a_root_and_no_leaf() -> None:
    reader = TileReader(0, TileStore().fetch)
    assert reader.root() == TreeBuilder().root() == reference.root([])
    assert reader.consistency_proof(0) == ()
    with pytest.raises(ProofError):
        reader.inclusion_proof(0)


@pytest.mark.parametrize(
    ("use", "tiles"),
    [
        # Beside the leaf's own tile and those above it stand the two at the right edge.
        (
            lambda fetch: TileReader(70_000, fetch).inclusion_proof(300),
            [(0, 1), (0, 273), (1, 0), (1, 1)],
        ),
        (
            lambda fetch: TileReader(70_000, fetch).consistency_proof(300),
            [(0, 1), (0, 273), (1, 0), (1, 1)],
        ),
        (lambda fetch: TileReader(70_000, fetch).root(), [(0, 273), (1, 1), (2, 0)]),
        (lambda fetch: TreeBuilder.resume(70_000, fetch), [(0, 273), (1, 1), (2, 0)]),
    ],
)
def test_the_tiles_of_a_proof_are_fetched_at_once_and_no_others(
    use: Callable[[FetchTiles], object], tiles: list[TileKey], large: TileStore
) -> None:
    calls = []

    def fetch(keys: Sequence[TileKey]) -> dict[TileKey, bytes]:
        calls.append(sorted(keys))
        return large.fetch(keys)

    use(fetch)

    assert calls == [tiles]


def test_a_torn_tile_is_found() -> None:
    store = grown(300, batch=300)
    store.tiles[0, 1] = store.tiles[0, 1][:-1]
    with pytest.raises(TileError):
        TileReader(300, store.fetch).root()
    with pytest.raises(TileError):
        TreeBuilder.resume(300, store.fetch)


def test_a_flipped_bit_in_a_tile_changes_the_root() -> None:
    store = grown(300, batch=300)
    root = TileReader(300, store.fetch).root()
    tile = bytearray(store.tiles[0, 1])
    tile[5] ^= 1
    store.tiles[0, 1] = bytes(tile)
    assert TileReader(300, store.fetch).root() != root


def test_tesseras_log_is_built_and_signed_byte_for_byte() -> None:
    signer = NoteSigner.parse(TESSERA_LOG["private_key"])
    bundle = bytes.fromhex(TESSERA_LOG["files"]["tile/entries/000.p/15"])
    entries = unpack_bundle(bundle)
    builder = TreeBuilder()

    notes = []
    for entry in [None, *entries]:
        if entry is not None:
            builder.append(leaf_hash(entry))
        head = Checkpoint(origin=signer.name, size=builder.size, root=builder.root())
        notes.append(sign_checkpoint(head, signer))

    assert notes == TESSERA_LOG["checkpoints"]
    assert builder.drain()[0, 0].hex() == TESSERA_LOG["files"]["tile/0/000.p/15"]
    assert pack_entries(entries) == bundle


def test_tesseras_checkpoints_are_consistent() -> None:
    key = VerifierKey.parse(TESSERA_LOG["verifier_key"])
    tile = bytes.fromhex(TESSERA_LOG["files"]["tile/0/000.p/15"])
    heads = [open_checkpoint(note, key) for note in TESSERA_LOG["checkpoints"]]
    for new in heads:
        for old in heads[: new.size + 1]:
            verify_consistency(
                old_size=old.size,
                old_root=old.root,
                new_size=new.size,
                new_root=new.root,
                proof=TileReader(new.size, lambda _keys: {(0, 0): tile}).consistency_proof(
                    old.size
                ),
            )


def test_every_error_is_of_one_family() -> None:
    for error in (MalformedError, ProofError, TileError, EntryTooLargeError):
        assert issubclass(error, TlogError)
