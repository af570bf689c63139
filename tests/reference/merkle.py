"""The definitions of RFC 6962 section 2.1, line by line: slow, and plain enough to trust."""

import hashlib
from collections.abc import Sequence


def root(entries: Sequence[bytes]) -> bytes:
    """MTH(D[n])."""
    if not entries:
        return hashlib.sha256().digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    k = split(len(entries))
    return hashlib.sha256(b"\x01" + root(entries[:k]) + root(entries[k:])).digest()


def inclusion_proof(m: int, entries: Sequence[bytes]) -> list[bytes]:
    """PATH(m, D[n])."""
    if len(entries) == 1:
        return []
    k = split(len(entries))
    if m < k:
        return [*inclusion_proof(m, entries[:k]), root(entries[k:])]
    return [*inclusion_proof(m - k, entries[k:]), root(entries[:k])]


def consistency_proof(m: int, entries: Sequence[bytes]) -> list[bytes]:
    """PROOF(m, D[n]), for 0 < m <= n."""
    return _subproof(m, entries, whole=True)


def _subproof(m: int, entries: Sequence[bytes], *, whole: bool) -> list[bytes]:
    """SUBPROOF(m, D[n], b)."""
    if m == len(entries):
        return [] if whole else [root(entries)]
    k = split(len(entries))
    if m <= k:
        return [*_subproof(m, entries[:k], whole=whole), root(entries[k:])]
    return [*_subproof(m - k, entries[k:], whole=False), root(entries[:k])]


def split(n: int) -> int:
    """Return k, the largest power of two smaller than n."""
    k = 1
    while 2 * k < n:
        k *= 2
    return k
