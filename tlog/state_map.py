"""The state map: a Merkle tree over the latest entry of every key, sorted by key.

An inclusion proof shows that an act is in the log, not that it is the latest on its asset, nor
that nothing stands under a key. A map sorted by key shows both: presence by one item, absence by
the two items between which the key would stand. The log says in an entry which map it commits to
(`StateCommitment`); whoever has the entries computes the map again, so a false one convicts it.

Keys are in the order of their UTF-8 bytes. Hashing is that of RFC 6962; `item_hash` sets a context
before the item, so that no entry of the log is ever taken for an item of a map.
"""

import json
import struct
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self, TypeVar

from primitives.canonical_json import Json, JsonObject, canonical_json
from tlog.encoding import MAX_NUMBER, MalformedError
from tlog.errors import TlogError
from tlog.merkle import EMPTY_ROOT, HASH_BYTES, leaf_hash, verify_inclusion
from tlog.tiles import TileReader, TreeBuilder

ITEM_CONTEXT = b"quanji.state-item/1\n"
MAX_KEY_CHARACTERS = 80

MemberT = TypeVar("MemberT", int, str)

RECORD = struct.Struct(f">{HASH_BYTES}sQQ")
"""How `StateMap` keeps an item, before the bytes of its key: leaf hash, index, version."""


class StateMapError(TlogError):
    """Items do not make a map, or do not show what they are said to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateItem:
    """The latest entry under one key.

    Attributes:
        key: what the entry is about, e.g. ``asset:DA-000000001``.
        version: which version of it the entry makes, from 1.
        index: the entry's leaf index in the log, from 0.
        leaf_hash: the entry's 32-byte leaf hash in the log.
    """

    key: str
    version: int
    index: int
    leaf_hash: bytes

    def content(self) -> bytes:
        """Return the item's bytes: the canonical JSON of its four members.

        Raises:
            UnicodeEncodeError: the key holds a lone surrogate.
        """
        # What `canonical_json` gives, at a tenth of the time: a map may have a million items.
        key, hash_ = json.dumps(self.key, ensure_ascii=False), self.leaf_hash.hex()
        text = (
            f'{{"index":{self.index},"key":{key},"leaf_hash":"{hash_}","version":{self.version}}}'
        )
        return text.encode()

    @classmethod
    def parse(cls, content: bytes) -> Self:
        """Parse what `content` wrote.

        Raises:
            MalformedError: anything else; one item has one form.
        """
        try:
            value = json.loads(content)
            item = cls._from_json(value)
            is_exact = content == item.content() == canonical_json(value)
        except (ValueError, RecursionError) as error:
            raise MalformedError("an item is not canonical JSON") from error
        if not is_exact or item.version < 1 or item.index < 0:
            raise MalformedError("an item is not in the one form of its values")
        return item

    @classmethod
    def _from_json(cls, json: Json) -> Self:
        key, hash_ = _member(json, "key", str), bytes.fromhex(_member(json, "leaf_hash", str))
        if len(hash_) != HASH_BYTES:
            raise MalformedError(f"the leaf hash of an item has {len(hash_)} bytes")
        version, index = _member(json, "version", int), _member(json, "index", int)
        return cls(key=key, version=version, index=index, leaf_hash=hash_)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateCommitment:
    """What the log says of its own state: the payload of ``state.committed/1``.

    Attributes:
        tree_size: the map speaks of the entries with a leaf index below it.
        root: the log's 32-byte root at that size.
        map_size: how many keys have an entry there.
        map_root: the map's 32-byte root.
    """

    tree_size: int
    root: bytes
    map_size: int
    map_root: bytes

    def payload(self) -> JsonObject:
        """Return the payload; hashes are in hexadecimal."""
        return {
            "tree_size": self.tree_size,
            "root": self.root.hex(),
            "map_size": self.map_size,
            "map_root": self.map_root.hex(),
        }

    @classmethod
    def parse(cls, payload: Json) -> Self:
        """Read what `payload` wrote.

        Raises:
            MalformedError: anything else.
        """
        try:
            commitment = cls(
                tree_size=_member(payload, "tree_size", int),
                root=bytes.fromhex(_member(payload, "root", str)),
                map_size=_member(payload, "map_size", int),
                map_root=bytes.fromhex(_member(payload, "map_root", str)),
            )
        except ValueError as error:
            raise MalformedError("a root is not hexadecimal") from error
        sizes = (commitment.tree_size, commitment.map_size)
        if commitment.payload() != payload or min(sizes) < 0 or max(sizes) > MAX_NUMBER:
            raise MalformedError("a commitment is not in the one form of its values")
        if {len(commitment.root), len(commitment.map_root)} != {HASH_BYTES}:
            raise MalformedError(f"a root is not {HASH_BYTES} bytes")
        return commitment


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemProof:
    """That an item stands at a place of a map; nothing of it is checked before it is verified.

    Attributes:
        place: how many items stand before it.
        content: the item's bytes.
        hashes: the inclusion proof, the item's sibling first.
    """

    place: int
    content: bytes
    hashes: tuple[bytes, ...]


class StateMap:
    """A whole map, to prove from; about 110 bytes an item.

    Attributes:
        size: how many items it has.
        root: its 32-byte root.
    """

    def __init__(self, items: Iterable[StateItem]) -> None:
        """Build the map of ``items``.

        Raises:
            StateMapError: the keys are not in strictly ascending order.
        """
        records, ends, tree, last = bytearray(), array("Q", [0]), TreeBuilder(), None
        for item in items:
            key = item.key.encode()
            if last is not None and key <= last:
                raise StateMapError(f"{item.key} does not come after the key before it")
            last = key
            records += RECORD.pack(item.leaf_hash, item.index, item.version) + key
            ends.append(len(records))
            tree.append(item_hash(item.content()))
        self.size, self.root = tree.size, tree.root()
        self._records, self._ends, self._tiles = bytes(records), ends, tree.drain()

    def item(self, place: int) -> StateItem:
        """Return the item that has ``place`` items before it."""
        record = self._records[self._ends[place] : self._ends[place + 1]]
        hash_, index, version = RECORD.unpack_from(record)
        key = record[RECORD.size :].decode()
        return StateItem(key=key, version=version, index=index, leaf_hash=hash_)

    def prove(self, key: str) -> tuple[StateItem | None, tuple[ItemProof, ...]]:
        """Return what stands under ``key``, or None, with the items that show it.

        They are one for a key that is there; otherwise the neighbours of where it would stand.
        """
        gap = bisect_left(range(self.size), key.encode(), key=self._key)
        if gap < self.size and self._key(gap) == key.encode():
            return self.item(gap), (self._prove(gap),)
        return None, tuple(self._prove(place) for place in _neighbours(gap, self.size))

    def _key(self, place: int) -> bytes:
        return self._records[self._ends[place] + RECORD.size : self._ends[place + 1]]

    def _prove(self, place: int) -> ItemProof:
        tree = TileReader(self.size, lambda keys: {key: self._tiles[key] for key in keys})
        hashes = tree.inclusion_proof(place)
        return ItemProof(place=place, content=self.item(place).content(), hashes=hashes)


def item_hash(content: bytes) -> bytes:
    """Return the 32-byte hash of an item's bytes."""
    return leaf_hash(ITEM_CONTEXT + content)


def is_state_key(text: str) -> bool:
    """Say whether ``text`` can be asked for: 1 to 80 printable characters without a space."""
    return 0 < len(text) <= MAX_KEY_CHARACTERS and text.isprintable() and " " not in text


def verify_presence(key: str, proof: ItemProof, commitment: StateCommitment) -> StateItem:
    """Check that the map has an item under ``key`` and return it: the latest entry on the key.

    Raises:
        ProofError: the item is not in the map.
        MalformedError: it is in the map and is no item.
        StateMapError: it is another key's, or lies outside of the tree that the map speaks of.
    """
    item = _verify_item(proof, commitment)
    if item.key != key:
        raise StateMapError(f"the item is that of {item.key}, not of {key}")
    return item


def verify_absence(key: str, proofs: Sequence[ItemProof], commitment: StateCommitment) -> None:
    """Check that a map has no item under ``key``: the neighbours of its place leave no room.

    This holds for a sorted map. That the map is sorted is not shown by two items: whoever has the
    log's entries computes the map again and sees it.

    Raises:
        ProofError: an item is not in the map.
        MalformedError: one is in the map and is no item.
        StateMapError: they are not the neighbours of the place of ``key``.
    """
    wanted = key.encode()
    keys = [_verify_item(proof, commitment).key.encode() for proof in proofs]
    places = [proof.place for proof in proofs]
    is_sorted = keys == sorted(set(keys)) and wanted not in keys
    gap = max((place + 1 for place, at in zip(places, keys, strict=True) if at < wanted), default=0)
    if not is_sorted or places != _neighbours(gap, commitment.map_size):
        raise StateMapError(f"the items are not those between which {key} would stand")
    if not proofs and commitment.map_root != EMPTY_ROOT:
        raise StateMapError("the map of no items has another root")


def _verify_item(proof: ItemProof, commitment: StateCommitment) -> StateItem:
    verify_inclusion(
        index=proof.place,
        size=commitment.map_size,
        leaf_hash=item_hash(proof.content),
        proof=proof.hashes,
        root=commitment.map_root,
    )
    item = StateItem.parse(proof.content)
    if item.index >= commitment.tree_size:
        raise StateMapError(f"entry {item.index} is not in the tree of {commitment.tree_size}")
    return item


def _neighbours(gap: int, size: int) -> list[int]:
    """Return the places beside the gap that has ``gap`` items before it."""
    return [place for place in (gap - 1, gap) if 0 <= place < size]


def _member(json: Json, name: str, kind: type[MemberT]) -> MemberT:
    value = json.get(name) if isinstance(json, dict) else None
    if type(value) is not kind:
        raise MalformedError(f"{name} is missing or is no {kind.__name__}")
    return value
