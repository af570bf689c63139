"""What a document says, as data: sections of fields and tables in Chinese and English.

Pure. Entry point: `DocumentStatement`; its published JSON shape is ``quanji.document/1``
(docs/entries.md) and is never edited: a change is ``/2`` beside it. What is printed is what stands
here, word for word; ``facts`` repeats for machines what the sections say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from certificates.drawing.words import Words
from certificates.statement import Registrar
from primitives.canonical_json import Json, JsonObject, canonical_json, instant_text

SCHEMA = "quanji.document/1"


@dataclass(frozen=True, slots=True)
class Field:
    """A label and its value; a warning is set in red."""

    label: Words
    value: Words
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under their columns; ``widths`` are parts of the page's measure."""

    columns: Sequence[Words]
    widths: Sequence[int]
    rows: Sequence[Sequence[Words]]


Block: TypeAlias = Field | Table


@dataclass(frozen=True, slots=True)
class Section:
    """Blocks under a title."""

    title: Words
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterState:
    """As of when, and as known when, the register is stated.

    Attributes:
        at: the instant of legal time.
        tree_size, root_hash: the tree that the register knew; the hash in hexadecimal.
    """

    at: datetime
    tree_size: int
    root_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentStatement:
    """A document: evidence of what the register says, never the right."""

    kind: str
    title: Words
    lead: Words
    number: str
    check_code: str
    verify_url: str
    registrar: Registrar
    issued_at: datetime
    as_of: RegisterState
    sections: Sequence[Section]
    facts: Mapping[str, Json] = field(default_factory=dict)

    def to_json(self) -> JsonObject:
        """Return the published shape ``quanji.document/1``."""
        return {
            "schema": SCHEMA,
            "kind": self.kind,
            "title": _words(self.title),
            "lead": _words(self.lead),
            "number": self.number,
            "check_code": self.check_code,
            "verify_url": self.verify_url,
            "registrar": {
                "name": {"zh": self.registrar.name_zh, "en": self.registrar.name_en},
                "code": self.registrar.code,
                "is_example": self.registrar.is_example,
            },
            "issued_at": instant_text(self.issued_at),
            "as_of": {
                "at": instant_text(self.as_of.at),
                "tree_size": self.as_of.tree_size,
                "root_hash": self.as_of.root_hash,
            },
            "sections": [
                {
                    "title": _words(section.title),
                    "blocks": [_block(block) for block in section.blocks],
                }
                for section in self.sections
            ],
            "facts": dict(self.facts),
        }

    def to_bytes(self) -> bytes:
        """Return the canonical bytes: what is embedded in the file and digested in the ledger."""
        return canonical_json(self.to_json())


def _block(block: Block) -> JsonObject:
    if isinstance(block, Field):
        return {"label": _words(block.label), "value": _words(block.value)}
    return {
        "columns": [_words(column) for column in block.columns],
        "rows": [[_words(cell) for cell in row] for row in block.rows],
    }


def _words(words: Words) -> JsonObject:
    return {"zh": words.zh, "en": words.en}
