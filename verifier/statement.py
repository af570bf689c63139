"""What a file says of itself in an attachment, as far as it is checked against the ledger."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from primitives.canonical_json import Json, JsonObject, instant_from_text
from verifier.canonical import member, read_object
from verifier.verdict import Reason, StepError

SCHEMA = "quanji.statement/1"
DOCUMENT_SCHEMA = "quanji.document/1"
CERTIFICATE_AFTER_CHANGE = "TITLE"
"""The kind of the documents that are certificates."""
LETTER_SCHEMA = "quanji.letter/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedStatement:
    """The embedded bytes and what they say.

    Attributes:
        entry_index: where the registration stands in the ledger.
        tree_size, root_hash: the tree that the statement speaks for; the hash in hexadecimal.
        terms: the half-open terms [from, to) of the stated rights, at least one.
    """

    content: bytes
    json: JsonObject
    number: str
    asset: str
    entry_index: int
    tree_size: int
    root_hash: str
    terms: tuple[tuple[datetime, datetime], ...]

    @classmethod
    def parse(cls, content: bytes) -> Self:
        """Parse ``quanji.statement/1``.

        Raises:
            StepError: STATEMENT_UNREADABLE, also for a later version of the shape.
        """
        try:
            return cls._parse(content)
        except ValueError as error:
            raise StepError(Reason.STATEMENT_UNREADABLE) from error

    @classmethod
    def _parse(cls, content: bytes) -> Self:
        json = read_object(content)
        rights = member(json, "rights", of=list)
        if member(json, "schema", of=str) != SCHEMA or not rights:
            raise StepError(Reason.STATEMENT_UNREADABLE)
        return cls(
            content=content,
            json=json,
            number=member(json, "number", of=str),
            asset=member(json, "asset", "number", of=str),
            entry_index=member(json, "ledger", "entry_index", of=int),
            tree_size=member(json, "ledger", "tree_size", of=int),
            root_hash=member(json, "ledger", "root_hash", of=str),
            terms=tuple(_term(right, "valid_to") for right in rights),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedDocument:
    """What a document says: an extract, a search, a receipt, a certificate after a change.

    Attributes:
        is_certificate: it is a certificate after a change.
        terms: the half-open terms [from, until) of the rights in force that such one states.
        as_of: the instant that it speaks for.
        tree_size, root_hash: the tree that it speaks for; the hash in hexadecimal.
    """

    content: bytes
    json: JsonObject
    number: str
    as_of: datetime
    tree_size: int
    root_hash: str
    is_certificate: bool
    terms: tuple[tuple[datetime, datetime], ...]

    @classmethod
    def parse(cls, content: bytes) -> Self:
        """Parse ``quanji.document/1``.

        Raises:
            StepError: STATEMENT_UNREADABLE, also for a later version of the shape.
        """
        try:
            json = read_object(content)
            if member(json, "schema", of=str) != DOCUMENT_SCHEMA:
                raise StepError(Reason.STATEMENT_UNREADABLE)
            is_certificate = member(json, "kind", of=str) == CERTIFICATE_AFTER_CHANGE
            rights = member(json, "facts", "rights", of=list) if is_certificate else []
            return cls(
                content=content,
                json=json,
                is_certificate=is_certificate,
                terms=tuple(_term(right, "until") for right in rights),
                number=member(json, "number", of=str),
                as_of=instant_from_text(member(json, "as_of", "at", of=str)),
                tree_size=member(json, "as_of", "tree_size", of=int),
                root_hash=member(json, "as_of", "root_hash", of=str),
            )
        except ValueError as error:
            raise StepError(Reason.STATEMENT_UNREADABLE) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedLetter:
    """What a letter of the procedure says of itself: a notice, of which the ledger holds nothing.

    Attributes:
        number: of the letter.
        case: the number of the case.
        written_at: the instant of which the letter is, aware UTC.
    """

    number: str
    case: str
    written_at: datetime

    @classmethod
    def parse(cls, content: bytes) -> Self:
        """Parse ``quanji.letter/1``.

        Raises:
            StepError: STATEMENT_UNREADABLE, also for a later version of the shape.
        """
        try:
            json = read_object(content)
            if member(json, "schema", of=str) != LETTER_SCHEMA:
                raise StepError(Reason.STATEMENT_UNREADABLE)
            return cls(
                number=member(json, "number", of=str),
                case=member(json, "case", of=str),
                written_at=instant_from_text(member(json, "written_at", of=str)),
            )
        except ValueError as error:
            raise StepError(Reason.STATEMENT_UNREADABLE) from error


def _term(right: Json, end: str) -> tuple[datetime, datetime]:
    """Return the half-open term of a right, whose end is the member ``end``."""
    return (
        instant_from_text(member(right, "valid_from", of=str)),
        instant_from_text(member(right, end, of=str)),
    )
