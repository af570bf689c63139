"""Digests of files: SHA-256 for the world and SM3 (GB/T 32905) for Chinese law, always both."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDigests:
    """What identifies the bytes of one file; both digests in lower-case hexadecimal."""

    sha256: str
    sm3: str
    size_bytes: int


def digest_chunks(chunks: Iterable[bytes]) -> FileDigests:
    """Digest a file given as its chunks in order, reading it once."""
    sha256, sm3, size_bytes = hashlib.sha256(), hashes.Hash(hashes.SM3()), 0
    for chunk in chunks:
        sha256.update(chunk)
        sm3.update(chunk)
        size_bytes += len(chunk)
    return FileDigests(sha256=sha256.hexdigest(), sm3=sm3.finalize().hex(), size_bytes=size_bytes)


def digest_bytes(content: bytes) -> FileDigests:
    """Digest a file held in memory."""
    return digest_chunks([content])


def sm3(content: bytes) -> bytes:
    """Return the SM3 digest (GB/T 32905-2016) as 32 bytes."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(content)
    return digest.finalize()
