"""A ReportLab canvas whose output depends on nothing but what is drawn and when it is dated.

Entry point: `PageCanvas`. The file is an archival one that can be read aloud (`drawing.archival`):
whatever is drawn is either `marked` as part of the text or an `artifact`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from operator import attrgetter
from time import gmtime
from typing import Any

from reportlab import rl_config
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import TimeStamp
from reportlab.pdfbase.pdfdoc import (
    PDFArray,
    PDFDate,
    PDFDictionary,
    PDFName,
    PDFObjectReference,
    PDFStream,
    PDFString,
    xObjectName,
)
from reportlab.pdfgen.canvas import Canvas

from drawing.archival import (
    Attachment,
    ValidationEvidence,
    embedded_file,
    metadata,
    output_intent,
    security_store,
)
from drawing.structure import (
    FIRST_WIDGET,
    Box,
    Element,
    Mark,
    Widget,
    page_reference,
    write_structure,
)

# Streams are binary (ASCII85 makes them a quarter longer).
rl_config.useA85 = 0

PRINTED_AND_LOCKED = 4 | 128
"""Annotation flags (ISO 32000-1, 12.5.3)."""
SIGNATURES_EXIST_APPEND_ONLY = 3
NO_CHANGES = 1
PADES = PDFDictionary({"BaseVersion": PDFName("1.7"), "ExtensionLevel": 1})
"""The extension to PDF 1.7 by which signatures are PAdES (ETSI EN 319 142-1)."""
BYTE_RANGE_PLACEHOLDER = b"/ByteRange [0 " + b" ".join([b"0" * 10] * 3) + b"]"


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


class PageCanvas(Canvas):  # type: ignore[misc] # ReportLab ships no types
    """An A4 canvas with its metadata, without ReportLab's default Helvetica and clock."""

    def __init__(
        self, *, title: str, author: str, created_at: datetime, language: str = "zh-CN"
    ) -> None:
        """Start a document dated ``created_at`` (aware UTC), in a language for readers aloud."""
        self._output = BytesIO()
        super().__init__(
            self._output,
            pagesize=A4,
            pageCompression=1,
            invariant=1,
            lang=language,
            pdfVersion=(1, 7),
        )
        self._doc._timeStamp = _stamp(created_at)  # noqa: SLF001 # invariant mode says the year 2000
        self.language = language
        self._created_at = created_at
        self.setTitle(title)
        self.setAuthor(author)
        self.setSubject(title)
        self.setCreator("Quanji")
        self.setViewerPreference("DisplayDocTitle", "true")
        self._root = Element(tag="Document", language=language)
        self._open = [self._root]
        self._marks_on_page = 0
        self._widgets: list[Any] = []
        self._fields: list[Any] = []
        self._attachments: list[Attachment] = []

    @property
    def page(self) -> int:
        """The current page, counted from 0."""
        return int(self.getPageNumber()) - 1

    @contextmanager
    def within(self, element: Element) -> Iterator[Element]:
        """Put what is marked meanwhile into an element, new here or begun before."""
        if element not in self._open[-1].children:
            self._open[-1].children.append(element)
        self._open.append(element)
        yield element
        self._open.pop()

    @contextmanager
    def marked(self, element: Element) -> Iterator[None]:
        """Mark what is drawn meanwhile as an element's content."""
        with self.within(element):
            mark = Mark(self.page, self._marks_on_page)
            self._marks_on_page += 1
            element.children.append(mark)
            with self._sequence(f"/{element.tag} <</MCID {mark.number}>> BDC"):
                yield

    @contextmanager
    def artifact(self) -> Iterator[None]:
        """Mark what is drawn meanwhile as decoration, which is not read aloud."""
        with self._sequence("/Artifact BMC"):
            yield

    def attach(self, attachment: Attachment) -> None:
        """Carry a file inside the document."""
        self._attachments.append(attachment)

    def embed_evidence(self, evidence: ValidationEvidence) -> None:
        """Carry what later readers need to judge the signatures."""
        if evidence.certificates:
            self._set_in_catalog(DSS=self._doc.Reference(security_store(self._doc, evidence)))

    def end_isolated_form(self) -> None:
        """End a form whose parts cover one another before they meet what lies beneath."""
        name = xObjectName(self._formData[0])
        self.endForm()
        form = self._doc.idToObject[name]
        group = {"Type": PDFName("Group"), "S": PDFName("Transparency"), "I": "true"}
        form.Contents = PDFStream(PDFDictionary({"Group": PDFDictionary(group)}), form.stream)

    def add_signature(self, field: SignatureField) -> None:
        """Put a field on this page that certifies the document against any change once signed.

        The file then has `BYTE_RANGE_PLACEHOLDER` and room for the signature (ISO 32000-1, 12.8).
        """
        document = self._doc
        signature = document.Reference(_signature_dictionary(field))
        widget = document.Reference(
            PDFDictionary(
                {
                    "Type": PDFName("Annot"),
                    "Subtype": PDFName("Widget"),
                    "FT": PDFName("Sig"),
                    "T": PDFString(field.name),
                    "TU": PDFString(field.spoken),
                    "Contents": PDFString(field.spoken),
                    "F": PRINTED_AND_LOCKED,
                    "P": page_reference(self.page),
                    "Rect": PDFArray([round(edge, 2) for edge in field.box]),
                    "V": signature,
                    "AP": PDFDictionary({"N": document.Reference(_stamped(field))}),
                    "StructParent": FIRST_WIDGET + len(self._fields),
                }
            )
        )
        self._widgets.append(widget)
        self._fields.append(widget)
        self._open[-1].children.append(
            Element(tag="Form", alternative=field.spoken, children=[Widget(self.page, widget)])
        )
        self._set_in_catalog(
            Extensions=PDFDictionary({"ESIC": PADES}),
            AcroForm=PDFDictionary(
                {"Fields": PDFArray(self._fields), "SigFlags": SIGNATURES_EXIST_APPEND_ONLY}
            ),
            Perms=PDFDictionary({"DocMDP": signature}),
        )

    def showPage(self) -> None:  # noqa: N802 # ReportLab's method
        """Finish the page."""
        place = self.page
        super().showPage()
        more = {"StructParents": place, "Tabs": PDFName("S")}
        if self._widgets:
            more["Annots"] = PDFArray(self._widgets)
        _set_more(self._doc.Pages.pages[place], more)
        self._marks_on_page, self._widgets = 0, []

    def to_bytes(self) -> bytes:
        """Finish the document and return the file."""
        document = self._doc
        self._set_in_catalog(
            MarkInfo=PDFDictionary({"Marked": "true"}),
            Metadata=metadata(document, language=self.language, created_at=self._created_at),
            OutputIntents=PDFArray([output_intent(document)]),
            StructTreeRoot=write_structure(document, self._root, len(document.Pages.pages)),
        )
        self._embed_attachments()
        self.save()
        return self._output.getvalue()

    def _embed_attachments(self) -> None:
        date = PDFDate(self._doc._timeStamp)  # noqa: SLF001 # as above
        # ISO 32000-1, 7.9.6: the names in a name tree stand in order.
        files = sorted(self._attachments, key=attrgetter("name"))
        specifications = [
            self._doc.Reference(embedded_file(self._doc, file, date)) for file in files
        ]
        if not files:
            return
        names = [
            part
            for file, specification in zip(files, specifications, strict=True)
            for part in (PDFString(file.name), specification)
        ]
        self._set_in_catalog(
            AF=PDFArray(specifications),
            Names=PDFDictionary({"EmbeddedFiles": PDFDictionary({"Names": PDFArray(names)})}),
        )

    @contextmanager
    def _sequence(self, begin: str) -> Iterator[None]:
        self._code.append(begin)
        yield
        self._code.append("EMC")

    def _set_in_catalog(self, **entries: object) -> None:
        _set_more(self._doc.Catalog, entries)

    def _make_preamble(self) -> None:
        # ReportLab would select Helvetica, which is not embedded, on every page and form.
        self._preamble = "1 0 0 1 0 0 cm"


def _stamped(field: SignatureField) -> PDFStream:
    """Return the field's appearance: its form over the page as red ink is over black."""
    width, height = field.box.right - field.box.left, field.box.top - field.box.bottom
    over = PDFDictionary({"Type": PDFName("ExtGState"), "BM": PDFName("Multiply")})
    ink = PDFObjectReference(xObjectName(field.form))
    resources = PDFDictionary(
        {"ExtGState": PDFDictionary({"Over": over}), "XObject": PDFDictionary({"Ink": ink})}
    )
    form = {
        "Type": PDFName("XObject"),
        "Subtype": PDFName("Form"),
        "BBox": PDFArray([-width / 2, -height / 2, width / 2, height / 2]),
        "Resources": resources,
    }
    return PDFStream(PDFDictionary(form), "/Over gs /Ink Do", filters=[])


def _signature_dictionary(field: SignatureField) -> PDFDictionary:
    parameters = PDFDictionary(
        {"Type": PDFName("TransformParams"), "P": NO_CHANGES, "V": PDFName("1.2")}
    )
    reference = PDFDictionary(
        {
            "Type": PDFName("SigRef"),
            "TransformMethod": PDFName("DocMDP"),
            "TransformParams": parameters,
        }
    )
    return PDFDictionary(
        {
            "Type": PDFName("Sig"),
            "Filter": PDFName("Adobe.PPKLite"),
            "SubFilter": PDFName("ETSI.CAdES.detached"),
            "Name": PDFString(field.signer),
            "Reason": PDFString(field.reason),
            "Location": PDFString(field.location),
            "M": PDFDate(_stamp(field.signed_at)),
            "Reference": PDFArray([reference]),
            **_placeholders(field.hex_digits),
        }
    )


def _placeholders(hex_digits: int) -> dict[str, str]:
    key, _, value = BYTE_RANGE_PLACEHOLDER.decode().removeprefix("/").partition(" ")
    return {key: value, "Contents": f"<{'0' * hex_digits}>"}


def _set_more(written: Any, entries: dict[str, object]) -> None:  # noqa: ANN401 # ReportLab's, untyped
    """Set entries of a catalog or page, also such as ReportLab does not know."""
    names = written.__NoDefault__
    written.__NoDefault__ = [*names, *(name for name in entries if name not in names)]
    for name, value in entries.items():
        setattr(written, name, value)


def _stamp(instant: datetime) -> TimeStamp:
    stamp = TimeStamp(invariant=1)
    stamp.t = instant.timestamp()
    stamp.lt = gmtime(stamp.t)
    stamp.YMDhms = tuple(stamp.lt)[:6]
    return stamp
