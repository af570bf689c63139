"""Our proofs against the published vectors for subtrees (draft-ietf-plants-merkle-tree-certs).

We make no subtree proofs of our own: a subtree's inclusion proof is that of the tree its leaves
make, and a subtree from the first leaf on is an old tree.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tlog.compact_range import CompactRange
from tlog.errors import TlogError
from tlog.merkle import (
    inclusion_ranges,
    leaf_hash,
    tree_hash,
    verify_consistency,
    verify_inclusion,
)

VECTORS = Path(__file__).parent / "vectors"
# They want equal roots of 12 bytes accepted; see the README beside the vectors.
JUDGED_OTHERWISE = {
    "additional/sizes-are-equal-(one)-and-proof-is-empty",
    "additional/sizes-are-equal-one-and-proof-is-empty",
}
MAX_SIZE = 130
LEAVES = [leaf_hash(bytes([number])) for number in range(MAX_SIZE)]


def published(name: str) -> list[Any]:
    vectors = json.loads((VECTORS / f"{name}.json").read_text())
    return [
        pytest.param(vector, id=key)
        for key, vector in vectors.items()
        if key not in JUDGED_OTHERWISE
    ]


def decoded(vector: dict[str, Any], *names: str) -> list[bytes]:
    return [base64.b64decode(vector[name]) for name in names]


def is_subtree(start: int, end: int) -> bool:
    """Section 4.1: the start is a multiple of the smallest power of two that holds the range."""
    return start < end and start % (1 << (end - start - 1).bit_length()) == 0


def all_subtrees() -> Iterator[tuple[int, int]]:
    for end in range(1, MAX_SIZE + 1):
        for start in range(end):
            if is_subtree(start, end):
                yield start, end


@pytest.mark.parametrize("vector", published("subtree_inclusion"))
def test_published_subtree_inclusion_proofs(vector: dict[str, Any]) -> None:
    def check() -> None:
        start, end = vector["start"], vector["end"]
        if not is_subtree(start, end):
            raise TlogError
        root, leaf = decoded(vector, "root", "leafHash")
        proof = [base64.b64decode(hash_) for hash_ in vector["proof"] or []]
        index = vector["leafIdx"] - start
        verify_inclusion(index=index, size=end - start, leaf_hash=leaf, proof=proof, root=root)

    if vector["wantErr"]:
        with pytest.raises(TlogError):
            check()
    else:
        check()


@pytest.mark.parametrize("vector", published("subtree_consistency"))
def test_published_subtree_consistency_proofs_from_the_first_leaf(vector: dict[str, Any]) -> None:
    def check() -> None:
        if not is_subtree(0, vector["end"]):
            raise TlogError
        old_root, new_root = decoded(vector, "root1", "root2")
        proof = [base64.b64decode(hash_) for hash_ in vector["proof"] or []]
        verify_consistency(
            old_size=vector["end"],
            old_root=old_root,
            new_size=vector["size"],
            new_root=new_root,
            proof=proof,
        )

    if vector["wantErr"]:
        with pytest.raises(TlogError):
            check()
    else:
        check()


def test_the_hashes_of_all_subtrees_to_130_are_those_of_the_draft() -> None:
    rolling = hashlib.sha256()
    for start, end in all_subtrees():
        # Moved to the left the leaves make the same perfect subtrees.
        compact = CompactRange()
        for leaf in LEAVES[start:end]:
            compact.append(leaf)
        rolling.update(f"[{start}, {end}) {compact.root().hex()}\n".encode())
    assert rolling.hexdigest() == "94a95384a8c69acea9b50d035a58285b3a777cb7a724005faa5e1f1e1190007f"


def test_the_inclusion_proofs_of_all_subtrees_to_130_are_those_of_the_draft() -> None:
    rolling = hashlib.sha256()
    known: dict[tuple[int, int], str] = {}

    def subtree(start: int, end: int) -> str:
        if (start, end) not in known:
            known[start, end] = tree_hash(LEAVES[start:end]).hex()
        return known[start, end]

    for start, end in all_subtrees():
        for index in range(start, end):
            ranges = inclusion_ranges(index - start, end - start)
            hashes = [subtree(start + first, start + last) for first, last in ranges]
            rolling.update(" ".join([f"{index} [{start}, {end})", *hashes]).encode() + b"\n")
    assert rolling.hexdigest() == "ac2a8f989e44d99e399db448050ff5f19757df53cfb716aa81015d3955d8163f"


def test_googles_argon_log_of_2020_proves_a_certificate_and_its_past() -> None:
    argon = json.loads((VECTORS / "argon2020.json").read_text())
    size, root = argon["sth"]["tree_size"], base64.b64decode(argon["sth"]["sha256_root_hash"])
    verify_inclusion(
        index=10_000,
        size=size,
        leaf_hash=leaf_hash(base64.b64decode(argon["entries"]["entries"][0]["leaf_input"])),
        proof=[base64.b64decode(hash_) for hash_ in argon["proof"]["audit_path"]],
        root=root,
    )
    verify_consistency(
        old_size=3_654_490,
        old_root=base64.b64decode("AuIZ5V6sDUj1vn3Y1K85oOaQ7y+FJJKtyRTl1edIKBQ="),
        new_size=size,
        new_root=root,
        proof=[base64.b64decode(hash_) for hash_ in argon["consistency"]["consistency"]],
    )
