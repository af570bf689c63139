"""What a QR code says was printed: the payload of a paper, of a certificate or of a document.

A payload is a CBOR map whose labels tell the form: 1 to 11 of a certificate, as since the first
code; 0 to 9 of another document (docs/entries.md). A form is never edited: codes stand on paper.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Self, TypeAlias, TypeVar

import cbor2
from cryptography.hazmat.primitives.hashes import SHA256

from primitives.canonical_json import JsonObject, instant_text
from primitives.identifiers import CROCKFORD, is_certificate_number
from verifier.verdict import Reason, StepError

MAX_NAME = 16
ELLIPSIS = "…"
LEAF_BYTES = 16
"""As many of a hash as tell one leaf, or one tree, from all others."""
MAX_DEPTH = 3
DAY_ZERO = date(1970, 1, 1)
"""Days are counted as in RFC 8943."""
LAST_DAY = 100_000
MAX_INTEGER = 2**53 - 1
MAX_INSTANT = LAST_DAY * 86_400

CODE = re.compile(rf"[{CROCKFORD}]{{4}}(?:-[{CROCKFORD}]{{4}}){{3}}")
ASSET = re.compile(r"[0-9A-Z-]{1,20}")
KIND = re.compile(r"[A-Z]{1,12}")
DOCUMENT_NUMBER = re.compile(r"[0-9A-Z]{1,15}")
CERTIFICATE_LABELS, DOCUMENT_LABELS = list(range(1, 12)), list(range(10))

ValueT = TypeVar("ValueT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What a certificate says, in short: a CBOR map with the labels 1 to 11 in this order.

    Attributes:
        holder: the first holder, as `shortened` has it.
        holders: how many hold a right.
        sha256: of the data, hexadecimal.
        entry_index: of the registration, or of the change that it follows, in the ledger.
        leaf_hash: its first 16 bytes, hexadecimal.
        issued_day: the day of issue, in China.
        last_day: the last day of the last right, in China.
    """

    number: str
    check_code: str
    holder: str
    holders: int
    asset: str
    asset_name: str
    sha256: str
    entry_index: int
    leaf_hash: str
    issued_day: date
    last_day: date

    def to_cbor(self) -> bytes:
        """Return the payload."""
        values = (
            self.number,
            self.check_code,
            self.holder,
            self.holders,
            self.asset,
            self.asset_name,
            bytes.fromhex(self.sha256),
            self.entry_index,
            bytes.fromhex(self.leaf_hash),
            (self.issued_day - DAY_ZERO).days,
            (self.last_day - DAY_ZERO).days,
        )
        return to_cbor(dict(zip(CERTIFICATE_LABELS, values, strict=True)))

    @classmethod
    def from_members(cls, members: dict[int, object]) -> Self:
        """Read the members.

        Raises:
            StepError: PAPER_MALFORMED.
        """
        value = _Members(members)
        return cls(
            number=value.text(1, is_certificate_number),
            check_code=value.text(2, CODE.fullmatch),
            holder=value.text(3, _is_name),
            holders=value.integer(4, least=1),
            asset=value.text(5, ASSET.fullmatch),
            asset_name=value.text(6, _is_name),
            sha256=value.digest(7, SHA256.digest_size),
            entry_index=value.integer(8),
            leaf_hash=value.digest(9, LEAF_BYTES),
            issued_day=value.day(10),
            last_day=value.day(11),
        )

    def to_json(self) -> JsonObject:
        """Return the members by their names."""
        return {
            "number": self.number,
            "check_code": self.check_code,
            "holder": self.holder,
            "holders": self.holders,
            "asset": self.asset,
            "asset_name": self.asset_name,
            "sha256": self.sha256,
            "entry_index": self.entry_index,
            "leaf_hash": self.leaf_hash,
            "issued_day": self.issued_day.isoformat(),
            "last_day": self.last_day.isoformat(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedDocument:
    """What another document says, in short: a CBOR map with the labels 0 to 9 in this order.

    Attributes:
        kind: what it is, as in its entry: ``STATUS``, ``SEARCH``, …
        subject: the asset's number, or what was searched for, in short; empty if about neither.
        party: whose pledge or accounts, as `shortened` has it; empty if about nobody.
        as_of: the instant that it speaks for, aware UTC, in whole seconds.
        tree_size: the tree that it speaks for.
        root_hash: the first 16 bytes of its root, hexadecimal.
        statement_sha256: of all that it states, as its entry in the ledger has it; hexadecimal.
        issued_day: the day of issue, in China.
    """

    kind: str
    number: str
    check_code: str
    subject: str
    party: str
    as_of: datetime
    tree_size: int
    root_hash: str
    statement_sha256: str
    issued_day: date

    def to_cbor(self) -> bytes:
        """Return the payload."""
        values = (
            self.kind,
            self.number,
            self.check_code,
            self.subject,
            self.party,
            int(self.as_of.timestamp()),
            self.tree_size,
            bytes.fromhex(self.root_hash),
            bytes.fromhex(self.statement_sha256),
            (self.issued_day - DAY_ZERO).days,
        )
        return to_cbor(dict(zip(DOCUMENT_LABELS, values, strict=True)))

    @classmethod
    def from_members(cls, members: dict[int, object]) -> Self:
        """Read the members.

        Raises:
            StepError: PAPER_MALFORMED.
        """
        value = _Members(members)
        return cls(
            kind=value.text(0, KIND.fullmatch),
            number=value.text(1, DOCUMENT_NUMBER.fullmatch),
            check_code=value.text(2, CODE.fullmatch),
            subject=value.text(3, _is_name_or_none),
            party=value.text(4, _is_name_or_none),
            as_of=datetime.fromtimestamp(value.integer(5, most=MAX_INSTANT), UTC),
            tree_size=value.integer(6, least=1),
            root_hash=value.digest(7, LEAF_BYTES),
            statement_sha256=value.digest(8, SHA256.digest_size),
            issued_day=value.day(9),
        )

    def to_json(self) -> JsonObject:
        """Return the members by their names."""
        return {
            "kind": self.kind,
            "number": self.number,
            "check_code": self.check_code,
            "subject": self.subject,
            "party": self.party,
            "as_of": instant_text(self.as_of),
            "tree_size": self.tree_size,
            "root_hash": self.root_hash,
            "statement_sha256": self.statement_sha256,
            "issued_day": self.issued_day.isoformat(),
        }


AnyPrinted: TypeAlias = Printed | PrintedDocument


def read_printed(content: bytes) -> AnyPrinted:
    """Read a payload; whether it was written as `to_cbor` does is left to the caller.

    Raises:
        StepError: PAPER_MALFORMED, also for a member more or less.
    """
    members = loaded(content, dict)
    if list(members) == CERTIFICATE_LABELS:
        return Printed.from_members(members)
    if list(members) == DOCUMENT_LABELS:
        return PrintedDocument.from_members(members)
    raise malformed("the members are not those of a certificate or document")


def shortened(name: str) -> str:
    """Return a name as the payload has it: at most 16 characters, an ellipsis for the rest."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    return plain if len(plain) <= MAX_NAME else plain[: MAX_NAME - 1] + ELLIPSIS


def to_cbor(value: object) -> bytes:
    """Return the one way in which a value is written (RFC 8949, section 4.2.1)."""
    return cbor2.dumps(value, canonical=True)


def loaded(content: bytes, shape: type[ValueT]) -> ValueT:
    """Return one CBOR item of this type; a tag in it is refused before anything is made of it.

    Raises:
        StepError: PAPER_MALFORMED.
    """
    try:
        value = cbor2.loads(
            content,
            max_depth=MAX_DEPTH,
            allow_indefinite=False,
            allow_duplicate_keys=False,
            semantic_decoders=_NO_TAGS,
        )
    except cbor2.CBORDecodeError as error:
        raise malformed("no CBOR of this shape") from error
    if type(value) is not shape:
        raise malformed("no CBOR of this shape")
    return value


def malformed(error: str) -> StepError:
    """Return the refusal of what is not written in our one way."""
    return StepError(Reason.PAPER_MALFORMED, error=error)


class _NoTags(dict[int, Callable[..., object]]):
    """What cbor2 looks up for a tag: that it is refused, whichever it is."""

    def __missing__(self, tag: int) -> Callable[..., object]:
        raise ValueError(f"tag {tag} does not belong here")


_NO_TAGS = _NoTags()


@dataclass(frozen=True, slots=True)
class _Members:
    """The members of a payload, each taken as what it must be.

    Its methods raise `StepError`, PAPER_MALFORMED.
    """

    values: dict[int, object]

    def text(self, label: int, is_right: Callable[[str], object]) -> str:
        value = self.values[label]
        if not isinstance(value, str) or not is_right(value):
            raise malformed(f"member {label} is wrong")
        return value

    def integer(self, label: int, *, least: int = 0, most: int = MAX_INTEGER) -> int:
        value = self.values[label]
        if type(value) is not int or not least <= value <= most:
            raise malformed(f"member {label} is wrong")
        return value

    def digest(self, label: int, size: int) -> str:
        value = self.values[label]
        if not isinstance(value, bytes) or len(value) != size:
            raise malformed(f"member {label} is wrong")
        return value.hex()

    def day(self, label: int) -> date:
        return DAY_ZERO + timedelta(days=self.integer(label, most=LAST_DAY))


def _is_name(text: str) -> bool:
    return bool(text) and text == shortened(text)


def _is_name_or_none(text: str) -> bool:
    return text == shortened(text)
