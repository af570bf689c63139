"""The logical structure of a document, for those who have it read to them (ISO 32000-1, 14.7-14.8).

Entry points: `Element`, `language_of`, `write_structure`. The tree says in which order the page is
read, what is a heading, a table or a picture, and in which language each part is.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from reportlab.pdfbase.pdfdoc import (
    PDFArray,
    PDFDictionary,
    PDFDocument,
    PDFName,
    PDFObject,
    PDFObjectReference,
    PDFString,
)

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
    reference: Any  # ReportLab's, untyped


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


def language_of(text: str) -> str:
    """Return the language that a text is read in; signs and digits are in that around them."""
    if HAN.search(text):
        return CHINESE
    return ENGLISH if LATIN.search(text) else INHERITED


def write_structure(document: PDFDocument, root: Element, pages: int) -> Any:  # noqa: ANN401 # ReportLab's
    """Add the tree to a document of so many pages and return the reference to its root."""
    tree = PDFDictionary({"Type": PDFName("StructTreeRoot")})
    tree_reference = document.Reference(tree)
    parents = _Parents()
    tree["K"] = PDFArray([_write(document, root, tree_reference, parents)])
    tree["ParentTree"] = document.Reference(parents.to_tree(document, pages))
    tree["ParentTreeNextKey"] = FIRST_WIDGET + len(parents.of_widgets)
    return tree_reference


class _Parents:
    """The way back from what is on the pages to its elements (14.7.4.4)."""

    def __init__(self) -> None:
        self.of_marks: dict[Mark, Any] = {}
        self.of_widgets: list[Any] = []

    def to_tree(self, document: PDFDocument, pages: int) -> PDFDictionary:
        numbers: list[object] = []
        for page in range(pages):
            marks = sorted(mark for mark in self.of_marks if mark.page == page)
            on_page = PDFArray([self.of_marks[mark] for mark in marks])
            numbers += [page, document.Reference(on_page, f"Parents{page}")]
        for place, parent in enumerate(self.of_widgets):
            numbers += [FIRST_WIDGET + place, parent]
        return PDFDictionary({"Nums": PDFArray(numbers)})


def _write(document: PDFDocument, element: Element, parent: PDFObject, parents: _Parents) -> Any:  # noqa: ANN401 # ReportLab's
    written = PDFDictionary({"Type": PDFName("StructElem"), "S": PDFName(element.tag), "P": parent})
    reference = document.Reference(written)
    if element.language:
        written["Lang"] = PDFString(element.language)
    if element.alternative:
        written["Alt"] = PDFString(element.alternative)
    if attributes := _attributes(element):
        written["A"] = attributes
    children: list[object] = []
    for child in element.children:
        if isinstance(child, Element):
            children.append(_write(document, child, reference, parents))
        elif isinstance(child, Mark):
            parents.of_marks[child] = reference
            children.append(_content(child.page, {"Type": PDFName("MCR"), "MCID": child.number}))
        else:
            parents.of_widgets.append(reference)
            children.append(_content(child.page, {"Type": PDFName("OBJR"), "Obj": child.reference}))
    written["K"] = PDFArray(children)
    return reference


def _content(page: int, of: dict[str, object]) -> PDFDictionary:
    return PDFDictionary({**of, "Pg": page_reference(page)})


def page_reference(page: int) -> PDFObjectReference:
    """Return the reference to a page, counted from 0, as ReportLab names it."""
    return PDFObjectReference(f"Page{page + 1}")


def _attributes(element: Element) -> PDFDictionary | None:
    if element.box:
        box = PDFArray([round(edge, 2) for edge in element.box])
        return PDFDictionary({"O": PDFName("Layout"), "BBox": box, "Placement": PDFName("Block")})
    of_table: dict[str, object] = {}
    if element.scope:
        of_table["Scope"] = PDFName(element.scope)
    if element.span > 1:
        of_table["ColSpan"] = element.span
    return PDFDictionary({"O": PDFName("Table"), **of_table}) if of_table else None
