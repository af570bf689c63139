"""The logical structure of a document, for those who have it read to them (ISO 32000-1, 14.7-14.8).

Entry points: `Element`, `language_of`, `write_structure`. The tree says in which order the page is
read, what is a heading, a table or a picture, and in which language each part is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, NamedTuple

from drawing.pdf import PdfFile, Reference, text_string

Tag = Literal[
    "Document", "Sect", "H1", "H2", "P", "Span", "Table", "TR", "TH", "TD", "Figure", "Form"
]

CHINESE, ENGLISH = "zh-CN", "en"
HAN = re.compile("[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
LATIN = re.compile("[A-Za-z]")
INHERITED = ""
FIRST_WIDGET = 100_000
"""The key of the first widget in the tree of parents; those of the pages come before."""


class Mark(NamedTuple):
    """A marked sequence in the content of a page; both count from 0."""

    page: int
    number: int


class Widget(NamedTuple):
    """A form field's place on a page."""

    page: int
    reference: Reference


class Box(NamedTuple):
    """Where a figure stands on its page, in points from the lower left."""

    left: float
    bottom: float
    right: float
    top: float


@dataclass(eq=False, slots=True, kw_only=True)
class Element:
    """Part of the document and what it is; one without a language is in that of its parent.

    Attributes:
        alternative: what a picture shows, in words.
        scope: what a TH is the head of, "Row" or "Column".
        span: over how many columns a cell reaches.
        box: where a Figure stands.
    """

    tag: Tag
    language: str = INHERITED
    alternative: str = ""
    scope: Literal["", "Row", "Column"] = ""
    span: int = 1
    box: Box | None = None
    children: "list[Element | Mark | Widget]" = field(default_factory=list)


@lru_cache(maxsize=8192)
def language_of(text: str) -> str:
    """Return the language that a text is read in; signs and digits are in that around them."""
    if HAN.search(text):
        return CHINESE
    return ENGLISH if LATIN.search(text) else INHERITED


def write_structure(file: PdfFile, root: Element, pages: Sequence[Reference]) -> Reference:
    """Add the tree to a document of these pages and return the reference to its root."""
    tree = file.reserve()
    writing = _Writing(file, pages)
    document = writing.write(root, tree)
    file.define(
        tree,
        f"/Type/StructTreeRoot/K[{document}]/ParentTree {writing.parents()}"
        f"/ParentTreeNextKey {FIRST_WIDGET + len(writing.of_widgets)}",
    )
    return tree


class _Writing:
    """The elements written so far, and the way back to them from what is on the pages."""

    def __init__(self, file: PdfFile, pages: Sequence[Reference]) -> None:
        self._file = file
        self._pages = pages
        self._of_marks: dict[Mark, Reference] = {}
        self.of_widgets: list[Reference] = []

    def write(self, element: Element, parent: Reference) -> Reference:
        reference = self._file.reserve()
        children = " ".join(self._child(child, reference) for child in element.children)
        self._file.define(
            reference,
            f"/Type/StructElem/S/{element.tag}/P {parent}{_attributes(element)}/K[{children}]",
        )
        return reference

    def parents(self) -> Reference:
        """Add the tree of parents (14.7.4.4)."""
        marks = sorted(self._of_marks)
        pages = (
            f"{page}[{' '.join(self._of_marks[mark] for mark in marks if mark.page == page)}]"
            for page in range(len(self._pages))
        )
        widgets = (f" {FIRST_WIDGET + place} {each}" for place, each in enumerate(self.of_widgets))
        return self._file.add(f"/Nums[{''.join([*pages, *widgets])}]")

    def _child(self, child: "Element | Mark | Widget", reference: Reference) -> str:
        if isinstance(child, Element):
            return self.write(child, reference)
        if isinstance(child, Mark):
            self._of_marks[child] = reference
            return f"<</Type/MCR/MCID {child.number}/Pg {self._pages[child.page]}>>"
        self.of_widgets.append(reference)
        return f"<</Type/OBJR/Obj {child.reference}/Pg {self._pages[child.page]}>>"


def _attributes(element: Element) -> str:
    language = f"/Lang{text_string(element.language)}" if element.language else ""
    spoken = f"/Alt{text_string(element.alternative)}" if element.alternative else ""
    return f"{language}{spoken}{_layout(element)}"


def _layout(element: Element) -> str:
    if element.box:
        edges = " ".join(f"{edge:.2f}" for edge in element.box)
        return f"/A<</O/Layout/BBox[{edges}]/Placement/Block>>"
    scope = f"/Scope/{element.scope}" if element.scope else ""
    span = f"/ColSpan {element.span}" if element.span > 1 else ""
    return f"/A<</O/Table{scope}{span}>>" if scope or span else ""
