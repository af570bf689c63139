"""One walk over the log: every entry, every leaf, every tile, every root that was ever stored.

Entries are read and hashed a tile at a time, and a stored tile is compared when its last entry is
hashed; no more than a page of them is held. Where entries and tiles differ, the next root decides
which of them was changed, and the walk goes on by what that root vouches for: one change is thus
reported where it is, and not again at every later root.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from audit.checkpoints import CHECKPOINT, TREE_HEAD, OurKeys, invalid_checkpoint
from audit.entries import ENTRY, LEAF, hash_altered
from audit.findings import Finding, FindingKind
from audit.page import (
    PAGE_LEAVES,
    Page,
    log_size,
    next_leaf,
    outside,
    read_page,
    read_tiles,
    stored_tile,
)
from audit.reading import Row, fetch, stream, text
from audit.tree import Tree, split_hashes
from primitives.progress import SILENT, Progress
from tlog.errors import TlogError
from tlog.merkle import HASH_BYTES
from tlog.tiles import MAX_LEVEL, TILE_HEIGHT, TILE_WIDTH

TILE = "ledger_tile"


@dataclass(frozen=True, slots=True)
class Start:
    """Where an audit begins: behind the leaves of a signed checkpoint; by default at the first.

    Attributes:
        size: how many leaves are left out.
        root: the root of the tree over them.
    """

    size: int = 0
    root: bytes = b""


BEGINNING = Start()


@dataclass(slots=True)
class Run:
    """Faults of one cause in a row: the first is reported, with how many follow it."""

    first: Finding | None = None
    more: int = 0

    def add(self, finding: Finding) -> None:
        """Keep the first and count the others."""
        if self.first is None:
            self.first = finding
        else:
            self.more += 1

    def end(self) -> list[Finding]:
        """Return what is to be reported and begin anew."""
        first, more = self.first, self.more
        self.first, self.more = None, 0
        if first is None:
            return []
        after = f"; so it is with the {more} stored after it" if more else ""
        return [replace(first, detail=first.detail + after)]


class Walk:
    """Walks once over the log from ``start`` on."""

    def __init__(self, start: Start, progress: Progress = SILENT) -> None:
        self._start = start
        self._progress = progress
        self._size = log_size()
        self._keys = OurKeys.load()
        self._tree: Tree | None = Tree()
        # While entries and tiles differ: the tree as the tiles have it, and the leaves in doubt.
        self._by_tiles: Tree | None = None
        self._doubtful: list[int] = []
        self._gap: tuple[int, int] | None = None
        self._agreed = start.size
        self._bad_heads, self._bad_notes = Run(), Run()
        self._found: list[Finding] = []

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong, in the order of the log."""
        end = max(self._size, self._start.size)
        self._progress.stage("log", end - self._start.size)
        first = self._start.size - self._start.size % TILE_WIDTH
        if first:
            self._resume(first)
        while first < end:
            page = read_page(first, max(first, self._start.size))
            if not page.leaves and not page.tiles:
                self._miss(first, (following := next_leaf(first) or end) - 1)
                self._tree = self._by_tiles = None
                first = following - following % TILE_WIDTH
                continue
            for start in range(first, min(first + PAGE_LEAVES, end), TILE_WIDTH):
                self._walk_tile(start // TILE_WIDTH, page)
            yield from self._take()
            first += PAGE_LEAVES
        self._end_gap()
        self._found += [*self._bad_heads.end(), *self._bad_notes.end()]
        yield from self._take()
        yield from self._ends()

    def _take(self) -> list[Finding]:
        found, self._found = self._found, []
        return found

    def _resume(self, first: int) -> None:
        """Take over the tree of the full tiles before the start."""
        try:
            self._tree = Tree.resume(first // TILE_WIDTH, stored_tile)
        except TlogError as error:
            self._tree = None
            detail = f"its tree cannot be taken over: {error}"
            self._found.append(_root_finding(self._start.size, detail))
        if first == self._start.size:
            self._check_start()

    def _walk_tile(self, index: int, page: Page) -> None:
        start = index * TILE_WIDTH
        end = min(start + TILE_WIDTH, max(self._size, self._start.size))
        old = max(0, min(end, self._start.size) - start)
        tile = page.tiles.get(index)
        stored = split_hashes(tile) if tile and len(tile) == (end - start) * HASH_BYTES else []
        computed = self._leaf_hashes(page.leaves_of(index), start + old, end)
        self._progress.advance(len(computed))
        known = [hash_ for hash_ in computed if hash_]
        if len(known) < end - start:
            # Where an entry is missing, or was not asked for, the tile still has its hash.
            pairs = zip(computed, stored[old:] or computed, strict=True)
            known = [*stored[:old], *(hash_ for pair in pairs if (hash_ := pair[0] or pair[1]))]
        if len(known) < end - start:
            self._tree = self._by_tiles = None
        if self._tree is None:
            self._check_signatures(page, start, end)
            return
        self._compare_tile(index, known, tile, stored)
        if old:
            self._check_start()
        for size in sorted(page.heads.keys() | page.notes.keys()):
            if max(start, self._start.size) < size <= end:
                self._check_root(size, page)
        if end - start == TILE_WIDTH:
            self._close_tile()

    def _leaf_hashes(self, rows: list[Row], start: int, end: int) -> Sequence[bytes | None]:
        """Hash the entries of a tile; None where there is no entry."""
        if len(rows) == end - start and rows and (rows[0][0], rows[-1][0]) == (start, end - 1):
            try:
                hashes = [sha256(b"\x00" + row[3]).digest() for row in rows]
            except TypeError:
                hashes = []
            if hashes == [row[4] for row in rows]:
                return hashes
        return self._leaf_hashes_one_by_one(rows, start, end)

    def _leaf_hashes_one_by_one(self, rows: list[Row], start: int, end: int) -> list[bytes | None]:
        hashes: list[bytes | None] = []
        for index, named, pk, content, leaf_hash in rows:
            if index != start + len(hashes):
                self._miss(start + len(hashes), index - 1)
                hashes += [None] * (index - start - len(hashes))
            is_readable = isinstance(content, bytes)
            hashes.append(sha256(b"\x00" + content).digest() if is_readable else None)
            if pk is None:
                self._found.append(_no_entry(named, index))
            elif hashes[-1] != leaf_hash:
                self._found.append(hash_altered(pk, index))
        if start + len(hashes) < end:
            self._miss(start + len(hashes), end - 1)
            hashes += [None] * (end - start - len(hashes))
        return hashes

    def _miss(self, start: int, last: int) -> None:
        """Note that leaves are missing; neighbours are reported together."""
        if self._gap and self._gap[1] + 1 == start:
            self._gap = self._gap[0], last
        else:
            self._end_gap()
            self._gap = start, last

    def _end_gap(self) -> None:
        if self._gap:
            start, last = self._gap
            self._found.append(
                Finding(
                    kind=FindingKind.INDEX_GAP,
                    table=LEAF,
                    pk=str(start),
                    column="index",
                    index=start,
                    detail=f"leaf {start} is missing"
                    + (f", and so are all up to {last}" if last > start else ""),
                )
            )
        self._gap = None

    def _compare_tile(
        self, index: int, hashes: list[bytes], tile: bytes | None, stored: list[bytes]
    ) -> None:
        """Put the tile's leaves into the tree, and into a second one where the tile differs."""
        if tree := self._tree:
            if stored and stored != hashes:
                self._by_tiles = self._by_tiles or tree.copy()
                for position, (hash_, other) in enumerate(zip(hashes, stored, strict=True)):
                    if hash_ != other:
                        leaf = index * TILE_WIDTH + position
                        self._doubtful.append(leaf)
                        self._found.append(
                            _tile_finding(0, index, leaf, f"leaf {leaf} hashes otherwise")
                        )
            elif not stored:
                what = "is not stored" if tile is None else f"holds {len(tile)} bytes"
                self._found.append(_tile_finding(0, index, index * TILE_WIDTH, f"the tile {what}"))
            tree.set_tile(hashes)
            if self._by_tiles:
                self._by_tiles.set_tile(stored or hashes)

    def _check_start(self) -> None:
        if self._tree and self._tree.root(self._start.size) != self._start.root:
            self._found.append(
                _root_finding(self._start.size, "the stored tiles do not give this root")
            )

    def _check_root(self, size: int, page: Page) -> None:
        """Hold the tree against the head and the checkpoint of one size."""
        signed = self._open(size, page.notes[size]) if size in page.notes else None
        head = page.heads.get(size)
        self._settle(size, signed if signed is not None else head)
        root = self._tree.root(size) if self._tree else b""
        if size not in page.heads:
            self._found.append(_no_head(size, "the checkpoint's tree head is not stored"))
        elif head == root:
            self._found += self._bad_heads.end()
        else:
            self._bad_heads.add(_root_finding(size, "the entries do not give this root"))
        if signed == root:
            self._agreed = size
            self._found += self._bad_notes.end()
        elif signed is not None:
            self._bad_notes.add(
                invalid_checkpoint(
                    size,
                    "its signature is good and it signs another tree: an entry from "
                    f"{self._agreed} to {size - 1} is not the one that was signed",
                    index=self._agreed,
                )
            )

    def _open(self, size: int, note: bytes | None) -> bytes | None:
        """Return the root that a checkpoint signs, or None with a finding."""
        try:
            signed = self._keys.open((note or b"").decode())
        except (TlogError, ValueError) as error:
            self._found.append(invalid_checkpoint(size, str(error)))
            return None
        if signed.size != size:
            self._found.append(invalid_checkpoint(size, f"it signs a tree of {signed.size}"))
            return None
        return signed.root

    def _settle(self, size: int, vouched: bytes | None) -> None:
        """Let a root decide between the entries and the tiles, for the leaves that it covers."""
        tree, by_tiles = self._tree, self._by_tiles
        if tree is None or by_tiles is None or size <= self._doubtful[0]:
            return
        if tree.root(size) == vouched:
            right = tree
        elif by_tiles.root(size) == vouched:
            right = by_tiles
            self._found.append(_root_finding(size, "the tiles give this root, the entries not"))
            self._found += [_leaf_finding(leaf) for leaf in self._doubtful if leaf < size]
        else:
            return
        self._doubtful = [leaf for leaf in self._doubtful if leaf >= size]
        if self._doubtful:
            self._tree = right.with_end_of(tree, size)
            self._by_tiles = right.with_end_of(by_tiles, size)
        else:
            self._tree, self._by_tiles = right, None

    def _close_tile(self) -> None:
        filled = self._tree.close_tile() if self._tree else {}
        other = self._by_tiles.close_tile() if self._by_tiles else filled
        for key, tile in filled.items():
            self._compare_upper(key, tile, other[key])

    def _compare_upper(self, key: tuple[int, int], tile: bytes, other: bytes) -> None:
        level, index = key
        stored = read_tiles(level, index, index + 1).get(index)
        if stored is not None and stored in (tile, other):
            return
        positions = zip(split_hashes(tile), split_hashes(stored or b""), strict=False)
        first = next((place for place, (a, b) in enumerate(positions) if a != b), 0)
        leaf = (index * TILE_WIDTH + first) << TILE_HEIGHT * level
        detail = "the tile is not stored" if stored is None else "the tile holds other hashes"
        self._found.append(_tile_finding(level, index, leaf, detail))

    def _check_signatures(self, page: Page, start: int, end: int) -> None:
        """Without a tree nothing but the signatures can be checked."""
        for size, note in page.notes.items():
            if max(start, self._start.size) < size <= end:
                self._open(size, note)

    def _ends(self) -> Iterator[Finding]:
        """A head was committed with the last leaf, and signed soon after; nothing lies behind."""
        if self._tree:
            for key, tile in self._tree.edge().items():
                other = self._by_tiles.edge()[key] if self._by_tiles else tile
                self._compare_upper(key, tile, other)
            yield from self._take()
            yield from _tiles_beyond(self._tree.size)
        for (size,) in outside("ledger_treehead", "size", "size", first=1, last=self._size):
            yield _root_finding(size, f"the log has only {self._size} leaves")
        for (size,) in outside(
            CHECKPOINT, "tree_head_id", "tree_head_id", first=1, last=self._size
        ):
            yield invalid_checkpoint(size, f"the log has only {self._size} leaves")
        place = '"index"'
        for index, entry in outside(LEAF, f"{place}, entry_id", place, first=0, last=self._size):
            yield Finding(
                kind=FindingKind.INDEX_GAP,
                table=LEAF,
                pk=text(index),
                column="index",
                detail=f"the place of entry {text(entry)} is none",
            )
        yield from self._last_head()

    def _last_head(self) -> Iterator[Finding]:
        if not self._size:
            return
        if not fetch("SELECT 1 FROM ledger_treehead WHERE size = %s", self._size):
            yield _no_head(self._size, f"the log has {self._size} leaves and no head over them")
        if not fetch("SELECT 1 FROM ledger_checkpoint WHERE tree_head_id = %s", self._size):
            yield Finding(
                kind=FindingKind.HEAD_UNSIGNED,
                table=CHECKPOINT,
                pk=str(self._size),
                detail=f"no checkpoint signs the tree of {self._size}; publish_ledger signs one",
            )


def _tile_finding(level: int, index: int, leaf: int, detail: str) -> Finding:
    return Finding(
        kind=FindingKind.TILE_ALTERED,
        table=TILE,
        pk=f"{level}/{index}",
        column="data",
        index=leaf,
        detail=detail,
    )


def _tiles_beyond(size: int) -> Iterator[Finding]:
    """Find tiles that a tree of this size does not have."""
    known = " OR ".join(
        f'level = {level} AND "index" >= 0 AND "index" < {tiles}'
        for level in range(MAX_LEVEL + 1)
        if (tiles := -(-(size >> TILE_HEIGHT * level) // TILE_WIDTH)) or not level
    )
    for level, index in stream(f'SELECT level, "index" FROM ledger_tile WHERE NOT ({known})'):  # noqa: S608 # numbers
        yield Finding(
            kind=FindingKind.TILE_ALTERED,
            table=TILE,
            pk=f"{text(level)}/{text(index)}",
            column="index",
            detail=f"a tree of {size} leaves has no such tile",
        )


def _root_finding(size: object, detail: str) -> Finding:
    number = size if isinstance(size, int) else None
    return Finding(
        kind=FindingKind.ROOT_MISMATCH,
        table=TREE_HEAD,
        pk=text(size),
        column="root_hash",
        index=None if number is None else number - 1,
        detail=detail,
    )


def _no_entry(named: object, index: int) -> Finding:
    return Finding(
        kind=FindingKind.ENTRY_MISSING,
        table=ENTRY,
        pk=text(named),
        index=index,
        detail="the leaf names an entry that is not stored",
    )


def _leaf_finding(leaf: int) -> Finding:
    return Finding(
        kind=FindingKind.LEAF_MISMATCH,
        table=LEAF,
        pk=str(leaf),
        column="entry",
        index=leaf,
        detail="what stands at this place is not what the signed tree has there",
    )


def _no_head(size: int, detail: str) -> Finding:
    return Finding(
        kind=FindingKind.HEAD_MISSING, table=TREE_HEAD, pk=str(size), index=size - 1, detail=detail
    )
