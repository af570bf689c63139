"""Hashes and proofs against RFC 6962, against published vectors, and against forgeries."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reference import merkle as reference
from tlog.merkle import (
    EMPTY_ROOT,
    ProofError,
    consistency_ranges,
    inclusion_ranges,
    leaf_hash,
    node_hash,
    tree_hash,
    verify_consistency,
    verify_inclusion,
)

VECTORS = Path(__file__).parent / "vectors"
# It wants equal roots of 12 bytes accepted; see the README beside the vectors.
JUDGED_OTHERWISE = "additional/sizes-are-equal-one-and-proof-is-empty"

# transparency-dev/merkle, testonly/constants.go
LEAF_INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    bytes.fromhex(text)
    for text in (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    )
]

ENTRIES = [f"entry {number}".encode() for number in range(70)]


def vectors(name: str) -> list[Any]:
    published = json.loads((VECTORS / f"{name}.json").read_text())
    return [
        pytest.param(vector, vector["wantErr"] or key == JUDGED_OTHERWISE, id=key)
        for key, vector in published.items()
    ]


def decode(text: str) -> bytes:
    return base64.b64decode(text)


def include(*, index: int, size: int, entry: bytes, proof: list[bytes], root: bytes) -> None:
    verify_inclusion(index=index, size=size, leaf_hash=leaf_hash(entry), proof=proof, root=root)


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_rfc_6962(size: int) -> None:
    assert tree_hash([leaf_hash(entry) for entry in LEAF_INPUTS[:size]]) == ROOTS[size]
    assert reference.root(LEAF_INPUTS[:size]) == ROOTS[size]


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert ROOTS[0] == EMPTY_ROOT


def test_a_leaf_is_never_a_node() -> None:
    left, right = leaf_hash(b"left"), leaf_hash(b"right")
    assert leaf_hash(left + right) != node_hash(left, right)


@pytest.mark.parametrize(("vector", "refused"), vectors("inclusion"))
def test_published_inclusion_proofs_are_judged_as_published(
    vector: dict[str, Any], *, refused: bool
) -> None:
    def judge() -> None:
        verify_inclusion(
            index=vector["leafIdx"],
            size=vector["treeSize"],
            leaf_hash=decode(vector["leafHash"]),
            proof=[decode(text) for text in vector["proof"] or ()],
            root=decode(vector["root"]),
        )

    if refused:
        with pytest.raises(ProofError):
            judge()
    else:
        judge()


@pytest.mark.parametrize(("vector", "refused"), vectors("consistency"))
def test_published_consistency_proofs_are_judged_as_published(
    vector: dict[str, Any], *, refused: bool
) -> None:
    def judge() -> None:
        verify_consistency(
            old_size=vector["size1"],
            old_root=decode(vector["root1"]),
            new_size=vector["size2"],
            new_root=decode(vector["root2"]),
            proof=[decode(text) for text in vector["proof"] or ()],
        )

    if refused:
        with pytest.raises(ProofError):
            judge()
    else:
        judge()


def test_every_small_inclusion_proof_is_that_of_the_reference() -> None:
    for size in range(1, len(ENTRIES) + 1):
        root = reference.root(ENTRIES[:size])
        for index in range(size):
            ranges = inclusion_ranges(index, size)
            proof = [reference.root(ENTRIES[start:end]) for start, end in ranges]
            assert proof == reference.inclusion_proof(index, ENTRIES[:size])
            include(index=index, size=size, entry=ENTRIES[index], proof=proof, root=root)


def test_every_small_consistency_proof_is_that_of_the_reference() -> None:
    roots = [reference.root(ENTRIES[:size]) for size in range(len(ENTRIES) + 1)]
    for new_size in range(1, len(ENTRIES) + 1):
        for old_size in range(1, new_size + 1):
            ranges = consistency_ranges(old_size, new_size)
            proof = [reference.root(ENTRIES[start:end]) for start, end in ranges]
            assert proof == reference.consistency_proof(old_size, ENTRIES[:new_size])
            verify_consistency(
                old_size=old_size,
                old_root=roots[old_size],
                new_size=new_size,
                new_root=roots[new_size],
                proof=proof,
            )


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=80), st.data())
def test_a_proof_of_any_tree_admits_its_own_leaf_only(
    entries: list[bytes], data: st.DataObject
) -> None:
    size = len(entries)
    index = data.draw(st.integers(0, size - 1))
    proof = reference.inclusion_proof(index, entries)
    root = reference.root(entries)

    include(index=index, size=size, entry=entries[index], proof=proof, root=root)
    with pytest.raises(ProofError):
        include(index=index, size=size, entry=entries[index] + b"!", proof=proof, root=root)


@given(st.integers(1, 70), st.data())
def test_a_flipped_bit_anywhere_in_a_consistency_proof_is_found(
    new_size: int, data: st.DataObject
) -> None:
    old_size = data.draw(st.integers(1, new_size))
    old_root, new_root = reference.root(ENTRIES[:old_size]), reference.root(ENTRIES[:new_size])
    hashes = [old_root, new_root, *reference.consistency_proof(old_size, ENTRIES[:new_size])]
    place = data.draw(st.integers(0, len(hashes) - 1))
    bit = data.draw(st.integers(0, 255))
    hashes[place] = (int.from_bytes(hashes[place], "big") ^ 1 << bit).to_bytes(32, "big")

    with pytest.raises(ProofError):
        verify_consistency(
            old_size=old_size,
            old_root=hashes[0],
            new_size=new_size,
            new_root=hashes[1],
            proof=hashes[2:],
        )


def test_a_rewritten_entry_breaks_consistency() -> None:
    rewritten = [*ENTRIES[:20], b"another past", *ENTRIES[21:]]
    with pytest.raises(ProofError, match="old root"):
        verify_consistency(
            old_size=33,
            old_root=reference.root(ENTRIES[:33]),
            new_size=70,
            new_root=reference.root(rewritten),
            proof=reference.consistency_proof(33, rewritten),
        )


def test_a_proof_of_another_index_or_size_is_refused() -> None:
    proof, root = reference.inclusion_proof(9, ENTRIES[:13]), reference.root(ENTRIES[:13])
    for index, size in [(8, 13), (10, 13), (9, 12), (9, 17), (12, 13), (13, 13), (-1, 13)]:
        with pytest.raises(ProofError):
            include(index=index, size=size, entry=ENTRIES[9], proof=proof, root=root)


def test_a_shortened_or_lengthened_proof_is_refused() -> None:
    proof, root = reference.inclusion_proof(9, ENTRIES[:13]), reference.root(ENTRIES[:13])
    for wrong in (proof[1:], proof[:-1], [*proof, root], [root, *proof], [b"", *proof[1:]]):
        with pytest.raises(ProofError):
            include(index=9, size=13, entry=ENTRIES[9], proof=wrong, root=root)


def test_every_tree_extends_the_empty_one() -> None:
    new_root = reference.root(ENTRIES)
    verify_consistency(old_size=0, old_root=EMPTY_ROOT, new_size=70, new_root=new_root, proof=[])
    verify_consistency(old_size=0, old_root=EMPTY_ROOT, new_size=0, new_root=EMPTY_ROOT, proof=[])


def test_the_empty_tree_has_one_root() -> None:
    root = reference.root(ENTRIES)
    for old_root, new_size, new_root in [(root, 70, root), (EMPTY_ROOT, 0, root), (root, 0, root)]:
        with pytest.raises(ProofError):
            verify_consistency(
                old_size=0, old_root=old_root, new_size=new_size, new_root=new_root, proof=[]
            )


def test_a_smaller_tree_extends_nothing() -> None:
    with pytest.raises(ProofError, match="does not extend"):
        consistency_ranges(5, 4)
    with pytest.raises(ProofError, match="does not extend"):
        consistency_ranges(-1, 4)
