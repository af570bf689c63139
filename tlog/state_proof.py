"""A ``.state-proof`` file: what is the latest entry under a key, or that there is none, offline.

A header, the claim, the items of the state map that show it, each with its inclusion proof, then
after an empty line the C2SP tlog-proof of the commitment's entry::

    quanji.state-proof/1
    present asset:DA-000000001
    item 3 {"index":1,"key":"asset:DA-000000001","leaf_hash":"5f...","version":1}
    <base64 of a hash>

    c2sp.org/tlog-proof@v1
    ...

An item is written as it is hashed. To check: verify the tlog-proof, read the commitment from the
entry that it proves, then `StateProof.verify` against that commitment.
"""

from dataclasses import dataclass, replace
from typing import Self

from tlog.encoding import MalformedError, encode_base64, parse_decimal
from tlog.proof import parse_hash
from tlog.state_map import (
    ItemProof,
    StateCommitment,
    StateItem,
    is_state_key,
    verify_absence,
    verify_presence,
)

HEADER = "quanji.state-proof/1"
ITEM_PREFIX = "item "
PRESENT, ABSENT = "present", "absent"
ITEM_COUNTS = {PRESENT: {1}, ABSENT: {0, 1, 2}}


@dataclass(frozen=True, slots=True, kw_only=True)
class StateProof:
    """What a ``.state-proof`` file says; nothing of it is checked before it is verified.

    Attributes:
        key: the key that it is about.
        is_present: whether it claims that an entry stands under the key.
        items: the item under the key, or the neighbours of where it would stand.
        commitment: the text of the tlog-proof of the commitment's entry, verbatim.
    """

    key: str
    is_present: bool
    items: tuple[ItemProof, ...]
    commitment: str

    def format(self) -> str:
        """Return the file's text."""
        claim = PRESENT if self.is_present else ABSENT
        lines = [HEADER, f"{claim} {self.key}"]
        for item in self.items:
            lines.append(f"{ITEM_PREFIX}{item.place} {item.content.decode()}")
            lines.extend(encode_base64(hash_) for hash_ in item.hashes)
        return "\n".join([*lines, "", self.commitment])

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse what `format` wrote.

        Raises:
            MalformedError: anything else. The commitment is parsed when it is verified.
        """
        head, separator, commitment = text.partition("\n\n")
        header, _, rest = head.partition("\n")
        claim_line, *lines = rest.split("\n")
        claim, _, key = claim_line.partition(" ")
        if header != HEADER or not separator:
            raise MalformedError(f"a state proof begins with {HEADER} and ends with a proof")
        if claim not in ITEM_COUNTS or not is_state_key(key):
            raise MalformedError("the second line says present or absent, and a key")
        items = _parse_items(lines)
        if len(items) not in ITEM_COUNTS[claim]:
            raise MalformedError(f"{len(items)} items cannot show that a key is {claim}")
        return cls(key=key, is_present=claim == PRESENT, items=items, commitment=commitment)

    def verify(self, commitment: StateCommitment) -> StateItem | None:
        """Return the latest entry under the key, or None: there is none, as of the commitment.

        Raises:
            ProofError: an item is not in the map that was committed to.
            MalformedError: one is in the map and is no item.
            StateMapError: the items do not show what the file claims.
        """
        if not self.is_present:
            verify_absence(self.key, self.items, commitment)
            return None
        return verify_presence(self.key, self.items[0], commitment)


def _parse_items(lines: list[str]) -> tuple[ItemProof, ...]:
    items: list[ItemProof] = []
    for line in lines:
        if line.startswith(ITEM_PREFIX):
            items.append(_parse_item(line))
        elif items:
            items[-1] = replace(items[-1], hashes=(*items[-1].hashes, parse_hash(line)))
        else:
            raise MalformedError("a hash stands before the first item")
    return tuple(items)


def _parse_item(line: str) -> ItemProof:
    place, _, content = line.removeprefix(ITEM_PREFIX).partition(" ")
    try:
        return ItemProof(place=parse_decimal(place), content=content.encode(), hashes=())
    except UnicodeEncodeError as error:
        raise MalformedError("an item is not UTF-8") from error
