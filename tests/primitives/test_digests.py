import pytest
from hypothesis import given
from hypothesis import strategies as st

from primitives.digests import digest_bytes, digest_chunks


def test_sm3_is_that_of_the_standards_example() -> None:
    """GB/T 32905-2016 annex A.1."""
    assert digest_bytes(b"abc").sm3 == (
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    )


def test_sha256_is_that_of_the_standards_example() -> None:
    assert digest_bytes(b"abc").sha256 == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


@given(st.lists(st.binary(max_size=20)))
def test_chunks_do_not_matter(chunks: list[bytes]) -> None:
    assert digest_chunks(chunks) == digest_bytes(b"".join(chunks))


@pytest.mark.parametrize("size", [0, 1, 64])
def test_the_size_is_counted(size: int) -> None:
    assert digest_bytes(bytes(size)).size_bytes == size
