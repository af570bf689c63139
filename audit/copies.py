"""Copies that are kept outside the database, held against the log: nobody here can rewrite them.

A copy is a signed checkpoint, a ``.tlog-proof`` file, or a folder that `export_ledger` wrote; the
signer's memory is one of the first kind, and so is what a witness shows. Whatever our key signed,
our log must extend. Read copies before the snapshot that they are held against is taken: what is
signed meanwhile is then no contradiction.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings

from audit.checkpoints import OurKeys
from audit.findings import Finding, FindingKind
from audit.page import log_size, stored_tile
from audit.tree import Tree, split_hashes
from ledger.export import tile_paths
from ledger.memory import SignerMemory, SignerMemoryError
from ledger.tiles import stored_entries, tile_bytes, tile_ranges
from tlog.encoding import MalformedError
from tlog.errors import TlogError
from tlog.merkle import leaf_hash, verify_inclusion
from tlog.proof import HEADER, TlogProof
from tlog.tiles import TILE_WIDTH, TilePath, unpack_bundle

COPY = "copy"
MEMORY = "the signer's memory"


class CopyUnreadableError(Exception):
    """There is no file, or no exported log, at the path of a copy."""


@dataclass(frozen=True, slots=True)
class Copy:
    """What was kept outside.

    Attributes:
        source: where it was found, for people.
        text: the signed checkpoint or the proof.
        folder: an exported log.
    """

    source: str
    text: str
    folder: Path | None = None


def read_copy(path: Path) -> Copy:
    """Read a checkpoint, a proof, or the checkpoint of an exported log.

    Raises:
        CopyUnreadableError: nothing of the kind is there.
    """
    folder = path if path.is_dir() else None
    file = path / "checkpoint" if folder else path
    try:
        return Copy(str(path), file.read_text(encoding="utf-8"), folder)
    except (OSError, ValueError) as error:
        raise CopyUnreadableError(f"{file} cannot be read: {error}") from error


def read_memory() -> Copy | None:
    """Return the signer's memory; None where this machine has none."""
    try:
        note = SignerMemory(Path(settings.LEDGER_MEMORY_FILE)).note()
    except SignerMemoryError:
        note = ""
    return None if note is None else Copy(MEMORY, note)


def check_copy(copy: Copy) -> Iterator[Finding]:
    """Yield a finding for whatever of a copy our log does not bear out."""
    if copy.folder:
        yield from _check_folder(copy, copy.folder)
    elif copy.text.startswith(HEADER):
        yield from _check_proof(copy)
    else:
        yield from check_checkpoint_copy(copy.text, copy.source)


def check_checkpoint_copy(note: str, source: str) -> Iterator[Finding]:
    """Yield a finding if our log does not extend the signed checkpoint that ``source`` kept."""
    try:
        signed = OurKeys.load().open(note)
    except TlogError as error:
        yield _damaged(source, f"it is no checkpoint that our key signed: {error}")
        return
    size = log_size()
    if signed.size > size:
        detail = f"a tree of {signed.size} was signed and the log has {size} entries"
        yield _contradicts(source, signed.size, detail, index=size)
        return
    # A damaged tile is found by the walk; it does not make the entries another history.
    if _stored_root(signed.size) != signed.root != _computed_root(signed.size):
        detail = f"our key signed another tree of {signed.size}"
        yield _contradicts(source, signed.size, detail)


def _check_proof(copy: Copy) -> Iterator[Finding]:
    try:
        proof = TlogProof.parse(copy.text)
    except TlogError as error:
        yield _damaged(copy.source, f"it is no proof: {error}")
        return
    contradictions = list(check_checkpoint_copy(proof.checkpoint, copy.source))
    yield from contradictions
    try:
        ours = stored_entries(proof.index, proof.index + 1)[0]
    except TlogError:
        ours = b""
    if proof.extra is not None and _proves(proof, proof.extra):
        if proof.extra != ours:
            yield _contradicts(
                copy.source,
                OurKeys.load().open(proof.checkpoint).size,
                f"our entry {proof.index} is not the one that is proven",
                index=proof.index,
            )
    elif not _proves(proof, ours) and not contradictions:
        yield _damaged(copy.source, f"it does not prove our entry {proof.index}")


def _proves(proof: TlogProof, entry: bytes) -> bool:
    try:
        signed = OurKeys.load().open(proof.checkpoint)
        verify_inclusion(
            index=proof.index,
            size=signed.size,
            leaf_hash=leaf_hash(entry),
            proof=proof.hashes,
            root=signed.root,
        )
    except TlogError:
        return False
    return True


def _check_folder(copy: Copy, folder: Path) -> Iterator[Finding]:
    """Compare every file; where the checkpoints disagree, say which entry is the first to do so."""
    contradictions = list(check_checkpoint_copy(copy.text, copy.source))
    if any(finding.kind == FindingKind.COPY_DAMAGED for finding in contradictions):
        yield from contradictions
        return
    first: int | None = None
    for path, content in _files(folder, OurKeys.load().open(copy.text).size):
        ours = _our_bytes(path)
        if content == ours:
            continue
        if contradictions and not path.level:
            differing = _first_difference(path, content, ours)
            first = differing if first is None else min(first, differing)
        elif not contradictions:
            what = "is missing" if content is None else "is not what its checkpoint covers"
            yield _damaged(f"{copy.source}/{path}", f"the file {what}")
    for finding in contradictions:
        yield finding if first is None else replace(finding, index=first)


def _files(folder: Path, size: int) -> Iterator[tuple[TilePath, bytes | None]]:
    """Yield every tile and bundle that the copy has or should have."""
    expected = {str(path) for path in tile_paths(size)}
    found = {
        file.relative_to(folder).as_posix()
        for file in (folder / "tile").rglob("*")
        if file.is_file()
    }
    for name in sorted(expected | found):
        try:
            path = TilePath.parse(name)
        except MalformedError:
            continue  # what else lies there is no part of the log
        yield path, (folder / name).read_bytes() if name in found else None


def _our_bytes(path: TilePath) -> bytes:
    try:
        return tile_bytes(path)
    except TlogError:
        return b""


def _first_difference(path: TilePath, content: bytes | None, ours: bytes) -> int:
    """Return the first leaf at which two bundles, or two tiles of level 0, differ."""
    if path.level is None:
        theirs, mine = _entries(content), _entries(ours)
    else:
        theirs, mine = split_hashes(content or b""), split_hashes(ours)
    same = (one == other for one, other in zip(theirs, mine, strict=False))
    place = next((place for place, is_same in enumerate(same) if not is_same), len(mine))
    return path.index * TILE_WIDTH + place


def _entries(bundle: bytes | None) -> list[bytes]:
    try:
        return unpack_bundle(bundle or b"")
    except MalformedError:
        return []


def _stored_root(size: int) -> bytes | None:
    """Return the root that the stored tiles give a tree of ``size`` leaves; None if they cannot."""
    index, width = divmod(size, TILE_WIDTH)
    try:
        tree = Tree.resume(index, stored_tile)
        hashes = split_hashes(stored_tile(0, index)) if width else []
    except TlogError:
        return None
    tree.set_tile(hashes[:width])
    return tree.root(size) if len(hashes) >= width else None


def _computed_root(size: int) -> bytes | None:
    """Return the root that the stored entries give; None if one of them is missing."""
    tree = Tree()
    try:
        for _index, start, end in tile_ranges(0, size):
            tree.set_tile([leaf_hash(entry) for entry in stored_entries(start, end)])
            if end - start == TILE_WIDTH:
                tree.close_tile()
    except (TlogError, TypeError, ValueError):
        return None
    return tree.root(size)


def _damaged(source: str, detail: str) -> Finding:
    return Finding(kind=FindingKind.COPY_DAMAGED, table=COPY, pk=source, detail=detail)


def _contradicts(source: str, size: int, detail: str, *, index: int | None = None) -> Finding:
    return Finding(
        kind=FindingKind.COPY_CONTRADICTS,
        table=COPY,
        pk=source,
        index=index,
        checkpoint=size,
        detail=detail,
    )
