"""Random changes to a genuine file: of any of its bytes, or of those that no digest covers."""

import random  # noqa: TID251 # the same mutants in each run
from collections.abc import Iterator
from itertools import count, islice

from tests.verifier.attacks.editing import contents_of
from tests.verifier.attacks.variants import Scene

CHANGES = 8
"""At most so many edits are made to one mutant."""


def mutants(scene: Scene, wanted: int) -> Iterator[bytes]:
    """Give so many files that differ from the genuine one, every second in its signature alone."""
    draw = random.Random(20261126)  # noqa: S311 # mutants, not secrets
    made = (
        _disturbed(scene.pdf, draw) if number % 2 else _edited(scene, draw) for number in count()
    )
    return islice((pdf for pdf in made if pdf != scene.pdf), wanted)


def _edited(scene: Scene, draw: random.Random) -> bytes:
    """Return the file with a few bytes altered, inserted, taken out or taken from another one."""
    pdf, other = bytearray(scene.pdf), scene.other.pdf
    for _ in range(draw.randint(1, CHANGES)):
        place, length = draw.randrange(len(pdf)), draw.randint(1, CHANGES)
        fresh = draw.randbytes(length)
        match draw.randrange(4):
            case 0:
                pdf[place : place + length] = fresh
            case 1:
                pdf[place:place] = fresh
            case 2:
                del pdf[place : place + length]
            case _:
                end = min(place + draw.randint(1, 4_000), len(other))
                pdf[place:end] = other[place:end]
    return bytes(pdf)


def _disturbed(pdf: bytes, draw: random.Random) -> bytes:
    """Return the file with a few bytes of its signature altered."""
    start, end = contents_of(pdf)
    signature = bytearray.fromhex(pdf[start:end].decode("ascii"))
    used = len(signature.rstrip(b"\0"))
    for _ in range(draw.randint(1, CHANGES)):
        signature[draw.randrange(used)] = draw.randrange(256)
    return pdf[:start] + signature.hex().encode() + pdf[end:]
