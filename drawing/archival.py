"""What makes a file archival and accessible: PDF/A-3a (ISO 19005-3) and PDF/UA-1 (ISO 14289-1).

Entry points: `metadata`, `output_intent`, `embedded_file`, `security_store`. Together with the
structure (`drawing.structure`) and fonts that are all embedded, with their characters
(`drawing.fonts`).
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache, partial
from hashlib import md5
from xml.sax.saxutils import escape

from PIL import ImageCms
from reportlab.pdfbase import pdfdoc
from reportlab.pdfbase.pdfdoc import (
    PDFArray,
    PDFDictionary,
    PDFDocument,
    PDFName,
    PDFStream,
    PDFStreamFilterZCompress,
    PDFString,
)

PROFILE_DATE = slice(24, 36)
"""Where an ICC profile says when it was made (ICC.1, 7.2.8): else no file were like another."""
STREAM_END = b"endstream\n"

XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
 xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:description>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<xmp:CreatorTool>{tool}</xmp:CreatorTool>
<xmp:CreateDate>{date}</xmp:CreateDate><xmp:ModifyDate>{date}</xmp:ModifyDate>
<pdf:Producer>{producer}</pdf:Producer>
<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>
<pdfuaid:part>1</pdfuaid:part>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 that the file conforms to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file carried inside the document, as its associated file (ISO 19005-3, 6.8)."""

    name: str
    media_type: str
    content: bytes
    description: str


@dataclass(frozen=True, slots=True)
class ValidationEvidence:
    """What a reader of decades later needs to judge the signatures of a file, each as DER.

    Attributes:
        certificates: of who signed and stamped, and of those above them.
        crls, ocsps: what was said of them when the file was made.
    """

    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()


NO_EVIDENCE = ValidationEvidence()


def metadata(document: PDFDocument, *, language: str, created_at: datetime) -> PDFStream:
    """Return the XMP packet, which repeats what the information dictionary says."""
    info = document.info
    packet = XMP.format(
        title=escape(info.title),
        author=escape(info.author),
        tool=escape(info.creator),
        producer=escape(info.producer),
        language=language,
        date=f"{created_at:%Y-%m-%dT%H:%M:%S}Z",
    )
    kind = {"Type": PDFName("Metadata"), "Subtype": PDFName("XML")}
    # Left as plain text, so that an archive finds it without reading PDF.
    return PDFStream(PDFDictionary(kind), packet.encode(), filters=[])


def output_intent(document: PDFDocument) -> PDFDictionary:
    """Return what the colours mean: sRGB."""
    profile = PDFStream(PDFDictionary({"N": 3}), _srgb(), filters=[pdfdoc.PDFZCompress])
    return PDFDictionary(
        {
            "Type": PDFName("OutputIntent"),
            "S": PDFName("GTS_PDFA1"),
            "OutputConditionIdentifier": PDFString("sRGB IEC61966-2.1"),
            "Info": PDFString("sRGB IEC61966-2.1"),
            "DestOutputProfile": document.Reference(profile),
        }
    )


def embedded_file(document: PDFDocument, attachment: Attachment, date: PDFString) -> PDFDictionary:
    """Return the specification of an attached file whose data the document is about."""
    content = attachment.content
    digest = md5(content, usedforsecurity=False).hexdigest()
    stream = PDFStream(
        PDFDictionary(
            {
                "Type": PDFName("EmbeddedFile"),
                "Subtype": "/" + attachment.media_type.replace("/", "#2F"),
                "Params": PDFDictionary(
                    {"Size": len(content), "ModDate": date, "CheckSum": f"<{digest}>"}
                ),
            }
        ),
        content,
        filters=[pdfdoc.PDFZCompress],
    )
    embedded = document.Reference(stream)
    return PDFDictionary(
        {
            "Type": PDFName("Filespec"),
            "F": PDFString(attachment.name),
            "UF": PDFString(attachment.name),
            "Desc": PDFString(attachment.description),
            "AFRelationship": PDFName("Data"),
            "EF": PDFDictionary({"F": embedded, "UF": embedded}),
        }
    )


def security_store(document: PDFDocument, evidence: ValidationEvidence) -> PDFDictionary:
    """Return the document security store (ISO 32000-2, 12.8.4.3)."""
    store: dict[str, object] = {"Type": PDFName("DSS")}
    for name, contents in (
        ("Certs", evidence.certificates),
        ("CRLs", evidence.crls),
        ("OCSPs", evidence.ocsps),
    ):
        streams = [
            PDFStream(PDFDictionary({}), content, filters=[pdfdoc.PDFZCompress])
            for content in contents
        ]
        if streams:
            store[name] = PDFArray([document.Reference(stream) for stream in streams])
    return PDFDictionary(store)


def end_streams_on_a_line_of_their_own() -> None:
    """Mend ReportLab 5.1, which puts no line end before ``endstream`` (ISO 19005-3, 6.1.7.1)."""
    unmended = PDFStream.format

    def mended(stream: PDFStream, document: PDFDocument) -> bytes:
        written: bytes = unmended(stream, document)
        return written.removesuffix(STREAM_END) + b"\n" + STREAM_END

    PDFStream.format = mended


def compress_what_comes_again_once() -> None:
    """Let ReportLab compress the frame, the colour profile and the like once to a process."""
    compress = PDFStreamFilterZCompress.encode
    once = lru_cache(maxsize=128)(partial(compress, pdfdoc.PDFZCompress))

    def encode(_filter: PDFStreamFilterZCompress, content: str | bytes) -> bytes:
        compressed: bytes = once(content)
        return compressed

    PDFStreamFilterZCompress.encode = encode


@cache
def _srgb() -> bytes:
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[PROFILE_DATE] = b"".join(part.to_bytes(2, "big") for part in (2026, 1, 1, 0, 0, 0))
    return bytes(profile)


end_streams_on_a_line_of_their_own()
compress_what_comes_again_once()
