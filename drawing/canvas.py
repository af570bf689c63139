"""A ReportLab canvas whose output depends on nothing but what is drawn and when it is dated.

Entry points: `PageCanvas`, `art`. The file is an archival one that can be read aloud
(`drawing.archival`): whatever is drawn is either `marked` as part of the text or an `artifact`.
ReportLab draws; what it drew is put into a file here, since its own takes most of a certificate's
time. What is the same in every file is drawn once (`Art`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from typing import NamedTuple

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from drawing.archival import (
    NO_EVIDENCE,
    Attachment,
    Description,
    ValidationEvidence,
    associated_files,
    metadata,
    output_intents,
    security_store,
)
from drawing.embedding import Codes, embed
from drawing.fonts import Typeface
from drawing.palette import Colour
from drawing.pdf import (
    DEFLATED,
    PdfFile,
    Reference,
    deflated,
    deflated_once,
    pdf_date,
    text_string,
)
from drawing.structure import (
    FIRST_WIDGET,
    Box,
    Element,
    Mark,
    Widget,
    write_structure,
)

PRINTED_AND_LOCKED = 4 | 128
"""Annotation flags (ISO 32000-1, 12.5.3)."""
SIGNATURES_EXIST_APPEND_ONLY = 3
NO_CHANGES = 1
PADES = "/ESIC<</BaseVersion/1.7/ExtensionLevel 1>>"
"""The extension to PDF 1.7 by which signatures are PAdES (ETSI EN 319 142-1)."""
BYTE_RANGE_PLACEHOLDER = b"/ByteRange [0 " + b" ".join([b"0" * 10] * 3) + b"]"
ISOLATED = "/Group<</Type/Group/S/Transparency/I true>>"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureField:
    """Where a signature is to be, and what readers show beside it.

    Attributes:
        name: of the field.
        spoken: what it is, in words, for those who do not see it.
        form: what it looks like, round its origin: a form ended by `end_isolated_form`, through
            which the text beneath shows.
        box: where on the page.
        signer, reason, location: as the signature will claim.
        signed_at: the time that it will claim, aware UTC.
        hex_digits: the room for the signature, which is left empty here.
    """

    name: str
    spoken: str
    form: str
    box: Box
    signer: str
    reason: str
    location: str
    signed_at: datetime
    hex_digits: int


class Art(NamedTuple):
    """A drawing that is the same in every file: its content as `DEFLATED`, and what it takes."""

    box: Box
    content: bytes
    forms: tuple[str, ...]
    characters: Mapping[Typeface, frozenset[str]]


@dataclass(slots=True)
class _Content:
    """What is drawn on a page or in a form, and what it takes from elsewhere."""

    code: list[str] = field(default_factory=list)
    typefaces: dict[Typeface, None] = field(default_factory=dict)
    forms: dict[str, None] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        return "\n".join(self.code).encode("ascii")


class _Marked:
    """A marked sequence of content, from where it is entered to where it is left."""

    __slots__ = ("_begin", "_code")

    def __init__(self, code: list[str], begin: str) -> None:
        self._code = code
        self._begin = begin

    def __enter__(self) -> None:
        self._code.append(self._begin)

    def __exit__(self, *_: object) -> None:
        self._code.append("EMC")


class Surface(Canvas):  # type: ignore[misc] # ReportLab ships no types
    """What is drawn on: ReportLab's canvas without its document, its fonts and its forms."""

    def __init__(self) -> None:
        super().__init__(BytesIO(), pagesize=A4, invariant=1)
        self._characters: dict[Typeface, set[str]] = {}
        self._codes = Codes()
        self._begin()

    def _begin(self) -> None:
        self._drawn = _Content()
        self._code = self._drawn.code

    def show_text(
        self,
        text: str,
        typeface: Typeface,
        *,
        place: tuple[float, float],
        size: float,
        colour: Colour,
        tracking: float,
    ) -> None:
        """Show a text from its baseline's start, all of which the typeface can draw."""
        self._drawn.typefaces[typeface] = None
        self._characters.setdefault(typeface, set()).update(text)
        x, y = place
        placed = f"1 0 0 1 {x:.2f} {y:.2f} Tm <{self._codes.of(text)}> Tj"
        if tracking:
            placed = f"{tracking:g} Tc {placed} 0 Tc"
        self._code.append(f"BT {_begun(typeface, size, colour)} {placed} ET")

    def doForm(self, name: str) -> None:  # noqa: N802 # ReportLab's method
        """Show a form."""
        self._drawn.forms[name] = None
        self._code.append(f"/{name} Do")

    def show_form(self, name: str, place: tuple[float, float]) -> None:
        """Show a form with its origin at a place."""
        x, y = place
        self._drawn.forms[name] = None
        self._code.append(f"q 1 0 0 1 {x:.2f} {y:.2f} cm /{name} Do Q")


@lru_cache(maxsize=1024)
def _begun(typeface: Typeface, size: float, colour: Colour) -> str:
    return f"{colour.red:g} {colour.green:g} {colour.blue:g} rg /{typeface.name} {size:g} Tf"


def art(box: Box, draw: Callable[[Surface], None]) -> Art:
    """Return a drawing, to be kept and shown in many files; all its texts are of the first plane.

    Raises:
        ValueError: a character is not, whose code each file gives anew.
    """
    surface = Surface()
    draw(surface)
    drawn, characters = surface._drawn, surface._characters  # noqa: SLF001 # ours
    if surface._codes:  # noqa: SLF001 # ours
        raise ValueError(f"no art shows {' '.join(surface._codes)}")  # noqa: SLF001 # ours
    return Art(
        box,
        deflated_once(drawn.to_bytes()),
        tuple(drawn.forms),
        {typeface: frozenset(shown) for typeface, shown in characters.items()},
    )


class PageCanvas(Surface):
    """A document of A4 pages."""

    def __init__(
        self, *, title: str, author: str, created_at: datetime, language: str = "zh-CN"
    ) -> None:
        """Start a document dated ``created_at`` (aware UTC), in a language for readers aloud."""
        super().__init__()
        self.language = language
        self._description = Description(
            title=title, author=author, language=language, created_at=created_at
        )
        self._file = PdfFile()
        self._pages_root = self._file.reserve()
        self._pages: list[Reference] = []
        self._finished = 0
        self._fonts: dict[Typeface, Reference] = {}
        self._forms: dict[str, Reference] = {}
        self._evidence = NO_EVIDENCE
        self._root = Element(tag="Document", language=language)
        self._open = [self._root]
        self._marks_on_page = 0
        self._outer: list[_Content] = []
        self._form: tuple[str, Box] | None = None
        self._widgets: list[Reference] = []
        self._fields: list[Reference] = []
        self._signature: Reference | None = None
        self._attachments: list[Attachment] = []

    @property
    def page(self) -> int:
        """The current page, counted from 0."""
        return self._finished

    @property
    def current(self) -> Element:
        """The element into which is put what is marked."""
        return self._open[-1]

    def add(self, element: Element) -> None:
        """Put an element into the current one; its content may come later."""
        self.current.children.append(element)

    @contextmanager
    def within(self, element: Element) -> Iterator[None]:
        """Put what is marked meanwhile into an element that begins here."""
        self.add(element)
        self._open.append(element)
        yield
        self._open.pop()

    def marked(self, element: Element, *, within: Element | None = None) -> _Marked:
        """Mark what is drawn meanwhile as the content of an element, in another or the current."""
        number = self._marks_on_page
        self._marks_on_page += 1
        element.children.append(Mark(self.page, number))
        (within or self.current).children.append(element)
        return _Marked(self._code, f"/{element.tag} <</MCID {number}>> BDC")

    def artifact(self) -> _Marked:
        """Mark what is drawn meanwhile as decoration, which is not read aloud."""
        return _Marked(self._code, "/Artifact BMC")

    def attach(self, attachment: Attachment) -> None:
        """Carry a file inside the document."""
        self._attachments.append(attachment)

    def embed_evidence(self, evidence: ValidationEvidence) -> None:
        """Carry what later readers need to judge the signatures."""
        self._evidence = evidence

    def keep_art(self, arts: Mapping[str, Art]) -> None:
        """Keep drawings as forms of these names; each comes after those that it shows."""
        for name, drawing in arts.items():
            for typeface, shown in drawing.characters.items():
                self._characters.setdefault(typeface, set()).update(shown)
            entries = _form_entries(drawing.box, self._resources(drawing.characters, drawing.forms))
            self._forms[name] = self._file.add_stream(f"{entries}{DEFLATED}", drawing.content)

    def show_stencil(self, name: str, box: Box, rows: Sequence[bytes]) -> None:
        """Paint through a stencil: rows of bits, 0 where the fill colour comes through."""
        entries = (
            f"/Type/XObject/Subtype/Image/ImageMask true/BitsPerComponent 1"
            f"/Width {8 * len(rows[0])}/Height {len(rows)}"
        )
        self._forms[name] = self._file.add_stream(entries + DEFLATED, deflated(b"".join(rows)))
        self._drawn.forms[name] = None
        width, height = box.right - box.left, box.top - box.bottom
        self._code.append(
            f"q {width:.3f} 0 0 {height:.3f} {box.left:.2f} {box.bottom:.2f} cm /{name} Do Q"
        )

    def beginForm(  # noqa: N802 # ReportLab's method
        self,
        name: str,
        lowerx: float = 0,
        lowery: float = 0,
        upperx: float = A4[0],
        uppery: float = A4[1],
    ) -> None:
        """Draw from here on in a form."""
        self._form = name, Box(lowerx, lowery, upperx, uppery)
        self._outer.append(self._drawn)
        self._begin()

    def endForm(self) -> None:  # noqa: N802 # ReportLab's method
        """End the form, and go on where it was begun."""
        self._end_form("")

    def end_isolated_form(self) -> None:
        """End a form whose parts cover one another before they meet what lies beneath."""
        self._end_form(ISOLATED)

    def _end_form(self, more: str) -> None:
        if self._form is None:
            raise ValueError("no form was begun")
        (name, box), drawn = self._form, self._drawn
        entries = _form_entries(box, self._resources(drawn.typefaces, drawn.forms)) + more
        content = deflated(drawn.to_bytes())
        self._forms[name] = self._file.add_stream(f"{entries}{DEFLATED}", content)
        self._form, self._drawn = None, self._outer.pop()
        self._code = self._drawn.code

    def add_signature(self, field: SignatureField) -> None:
        """Put a field on this page that certifies the document against any change once signed.

        The file then has `BYTE_RANGE_PLACEHOLDER` and room for the signature (ISO 32000-1, 12.8).
        """
        self._signature = self._file.add(_signature(field))
        edges = " ".join(f"{edge:.2f}" for edge in field.box)
        spoken = text_string(field.spoken)
        widget = self._file.add(
            f"/Type/Annot/Subtype/Widget/FT/Sig/T{text_string(field.name)}/TU{spoken}"
            f"/Contents{spoken}/F {PRINTED_AND_LOCKED}/P {self._this_page()}/Rect[{edges}]"
            f"/V {self._signature}/AP<</N {self._stamped(field)}>>"
            f"/StructParent {FIRST_WIDGET + len(self._fields)}"
        )
        self._widgets.append(widget)
        self._fields.append(widget)
        self._open[-1].children.append(
            Element(tag="Form", alternative=field.spoken, children=[Widget(self.page, widget)])
        )

    def showPage(self) -> None:  # noqa: N802 # ReportLab's method
        """Finish the page."""
        content = self._file.add_stream(DEFLATED, deflated(self._drawn.to_bytes()))
        width, height = A4
        annotations = f"/Annots[{' '.join(self._widgets)}]" if self._widgets else ""
        self._file.define(
            self._this_page(),
            f"/Type/Page/Parent {self._pages_root}/MediaBox[0 0 {width:.2f} {height:.2f}]"
            f"/Resources<<{self._resources(self._drawn.typefaces, self._drawn.forms)}>>"
            f"/Contents {content}/StructParents {self.page}/Tabs/S{annotations}",
        )
        self._finished += 1
        self._marks_on_page, self._widgets = 0, []
        self._begin()

    def to_bytes(self) -> bytes:
        """Finish the document and return the file."""
        file, pages = self._file, self._pages
        kids = " ".join(pages)
        file.define(self._pages_root, f"/Type/Pages/Count {len(pages)}/Kids[{kids}]")
        for typeface, reference in self._fonts.items():
            embed(file, reference, typeface, self._characters[typeface], self._codes)
        catalog = file.add(
            f"/Type/Catalog/Pages {self._pages_root}/Lang{text_string(self.language)}"
            "/ViewerPreferences<</DisplayDocTitle true>>/MarkInfo<</Marked true>>"
            f"/Metadata {metadata(file, self._description)}{output_intents(file)}"
            f"/StructTreeRoot {write_structure(file, self._root, pages)}"
            f"{associated_files(file, self._attachments, self._description.created_at)}"
            f"{security_store(file, self._evidence)}{self._certified()}"
        )
        return file.to_bytes(catalog=catalog, information=file.add(self._description.to_entries()))

    def _certified(self) -> str:
        if not self._signature:
            return ""
        form = f"/Fields[{' '.join(self._fields)}]/SigFlags {SIGNATURES_EXIST_APPEND_ONLY}"
        certified = f"/Perms<</DocMDP {self._signature}>>"
        return f"/Extensions<<{PADES}>>{certified}/AcroForm<<{form}>>"

    def _this_page(self) -> Reference:
        if self._finished == len(self._pages):
            self._pages.append(self._file.reserve())
        return self._pages[-1]

    def _stamped(self, field: SignatureField) -> Reference:
        """Return the field's appearance: its form over the page as red ink is over black."""
        x, y = (field.box.right - field.box.left) / 2, (field.box.top - field.box.bottom) / 2
        entries = _form_entries(
            Box(-x, -y, x, y),
            "/ExtGState<</Over<</Type/ExtGState/BM/Multiply>>>>"
            f"/XObject<</Ink {self._forms[field.form]}>>",
        )
        return self._file.add_stream(entries, b"/Over gs /Ink Do")

    def _resources(self, typefaces: Iterable[Typeface], forms: Iterable[str]) -> str:
        """Return what a content takes from elsewhere in the file."""
        for typeface in typefaces:
            if typeface not in self._fonts:
                self._fonts[typeface] = self._file.reserve()
        fonts = "".join(f"/{each.name} {self._fonts[each]}" for each in typefaces)
        shown = "".join(f"/{form} {self._forms[form]}" for form in forms)
        return f"/Font<<{fonts}>>/XObject<<{shown}>>"


def _form_entries(box: Box, resources: str) -> str:
    edges = " ".join(f"{edge:.2f}" for edge in box)
    return f"/Type/XObject/Subtype/Form/BBox[{edges}]/Resources<<{resources}>>"


def _signature(field: SignatureField) -> str:
    parameters = f"<</Type/TransformParams/P {NO_CHANGES}/V/1.2>>"
    return (
        "/Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached"
        f"/Name{text_string(field.signer)}/Reason{text_string(field.reason)}"
        f"/Location{text_string(field.location)}/M{pdf_date(field.signed_at)}"
        f"/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams{parameters}>>]"
        f"{BYTE_RANGE_PLACEHOLDER.decode()} /Contents <{'0' * field.hex_digits}>"
    )
