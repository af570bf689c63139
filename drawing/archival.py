"""What makes a file archival and accessible: PDF/A-3a (ISO 19005-3) and PDF/UA-1 (ISO 14289-1).

Entry points: `metadata`, `output_intents`, `associated_files`, `security_store`; each but the first
returns entries of the catalog. Together with the structure (`drawing.structure`) and fonts that are
all embedded, with their characters (`drawing.embedding`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import md5
from operator import attrgetter
from xml.sax.saxutils import escape

from PIL import ImageCms

from drawing.pdf import (
    DEFLATED,
    PdfFile,
    Reference,
    deflated,
    deflated_once,
    pdf_date,
    text_string,
)

PRODUCER = "Quanji"
PROFILE_DATE = slice(24, 36)
"""Where an ICC profile says when it was made (ICC.1, 7.2.8): else no file were like another."""
SRGB = "sRGB IEC61966-2.1"

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
<xmp:CreatorTool>{producer}</xmp:CreatorTool>
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
class Description:
    """What a file says of itself, dated in aware UTC."""

    title: str
    author: str
    language: str
    created_at: datetime

    def to_entries(self) -> str:
        """Return the entries of the information dictionary (ISO 32000-1, 14.3.3)."""
        title, producer = text_string(self.title), text_string(PRODUCER)
        date = pdf_date(self.created_at)
        return (
            f"/Title{title}/Subject{title}/Author{text_string(self.author)}/Creator{producer}"
            f"/Producer{producer}/CreationDate{date}/ModDate{date}"
        )


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


def metadata(file: PdfFile, description: Description) -> Reference:
    """Add the XMP packet, which repeats what the information dictionary says."""
    packet = XMP.format(
        title=escape(description.title),
        author=escape(description.author),
        producer=PRODUCER,
        language=description.language,
        date=f"{description.created_at:%Y-%m-%dT%H:%M:%S}Z",
    )
    # Left as plain text, so that an archive finds it without reading PDF.
    return file.add_stream("/Type/Metadata/Subtype/XML", packet.encode())


def output_intents(file: PdfFile) -> str:
    """Say what the colours mean: sRGB."""
    profile = file.add_stream(f"/N 3{DEFLATED}", _srgb())
    named = text_string(SRGB)
    return (
        f"/OutputIntents[<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier{named}"
        f"/Info{named}/DestOutputProfile {profile}>>]"
    )


def associated_files(file: PdfFile, attachments: Sequence[Attachment], at: datetime) -> str:
    """Carry files whose data the document is about."""
    if not attachments:
        return ""
    # ISO 32000-1, 7.9.6: the names in a name tree stand in order.
    ordered = sorted(attachments, key=attrgetter("name"))
    specifications = [file.add(_specification(file, each, at)) for each in ordered]
    names = "".join(
        f"{text_string(each.name)} {specification} "
        for each, specification in zip(ordered, specifications, strict=True)
    )
    return f"/AF[{' '.join(specifications)}]/Names<</EmbeddedFiles<</Names[{names}]>>>>"


def security_store(file: PdfFile, evidence: ValidationEvidence) -> str:
    """Carry the document security store (ISO 32000-2, 12.8.4.3)."""
    if not evidence.certificates:
        return ""
    store = ""
    for name, contents in (
        ("Certs", evidence.certificates),
        ("CRLs", evidence.crls),
        ("OCSPs", evidence.ocsps),
    ):
        streams = [file.add_stream(DEFLATED, deflated_once(content)) for content in contents]
        store += f"/{name}[{' '.join(streams)}]" if streams else ""
    return f"/DSS {file.add(f'/Type/DSS{store}')}"


def _specification(file: PdfFile, attachment: Attachment, at: datetime) -> str:
    content, name = attachment.content, text_string(attachment.name)
    digest = md5(content, usedforsecurity=False).hexdigest()
    kind = attachment.media_type.replace("/", "#2F")
    embedded = file.add_stream(
        f"/Type/EmbeddedFile/Subtype/{kind}/Params<</Size {len(content)}"
        f"/ModDate{pdf_date(at)}/CheckSum<{digest}>>>{DEFLATED}",
        deflated(content),
    )
    return (
        f"/Type/Filespec/F{name}/UF{name}/Desc{text_string(attachment.description)}"
        f"/AFRelationship/Data/EF<</F {embedded}/UF {embedded}>>"
    )


@cache
def _srgb() -> bytes:
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[PROFILE_DATE] = b"".join(part.to_bytes(2, "big") for part in (2026, 1, 1, 0, 0, 0))
    return deflated(bytes(profile))
