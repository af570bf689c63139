"""A certificate read aloud: what is said, in which order, as what, in which language.

veraPDF judges the same by its rules in `make interop`.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import Any, NamedTuple

import pikepdf
import pypdfium2
import pytest

from certificates.rendering import render_certificate
from drawing.structure import CHINESE, ENGLISH, INHERITED, language_of
from tests.certificates.test_rendering import LONG, STATEMENT

TEXT_SHOWN = {"Tj", "TJ", "'", '"'}
PAINTED = {"S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "Do", "sh", "EI"}


class Node(NamedTuple):
    """An element as a screen reader meets it."""

    tag: str
    language: str
    text: str
    attributes: dict[str, object]
    children: "list[Node]"

    def every(self, tag: str) -> "Iterator[Node]":
        if self.tag == tag:
            yield self
        for child in self.children:
            yield from child.every(tag)


@pytest.fixture(scope="module")
def short() -> bytes:
    return render_certificate(STATEMENT)


@pytest.fixture(scope="module")
def long() -> bytes:
    return render_certificate(LONG)


def texts_by_mark(pdf: bytes) -> dict[tuple[int, int], str]:
    found: dict[tuple[int, int], str] = {}
    for place, page in enumerate(pypdfium2.PdfDocument(pdf)):
        kinds = [pypdfium2.raw.FPDF_PAGEOBJ_TEXT]
        for item in page.get_objects(kinds, max_depth=1, textpage=page.get_textpage()):
            mark = (place, pypdfium2.raw.FPDFPageObj_GetMarkedContentID(item))
            found[mark] = found.get(mark, "") + item.extract()
    return found


def opened(pdf: bytes) -> Any:
    """Return a document of pikepdf, whose objects have no types of their own."""
    return pikepdf.open(BytesIO(pdf))


def operations(page: Any) -> Iterator[tuple[Any, str]]:
    for instruction in pikepdf.parse_content_stream(page):
        yield instruction.operands, str(instruction.operator)


def tree_of(pdf: bytes) -> Node:
    document = opened(pdf)
    pages = {page.objgen: place for place, page in enumerate(document.pages)}
    texts = texts_by_mark(pdf)

    def node(element: Any, language: str) -> Node:
        language = str(element.get("/Lang", language))
        children, text = [], ""
        for child in element.K:
            if "/MCID" in child:
                text += texts.get((pages[child.Pg.objgen], int(child.MCID)), "")
            elif "/S" in child:
                children.append(node(child, language))
        attributes = {
            **{str(key): value for key, value in element.get("/A", {}).items()},
            "/Alt": str(element.get("/Alt", "")),
        }
        return Node(str(element.S)[1:], language, text, attributes, children)

    (root,) = document.Root.StructTreeRoot.K
    return node(root, str(document.Root.Lang))


def said(node: Node) -> str:
    return "".join([node.text, *(said(child) for child in node.children)])


@pytest.mark.parametrize("pdf", ["short", "long"])
def test_whatever_is_drawn_is_text_or_decoration(pdf: str, request: pytest.FixtureRequest) -> None:
    for page in opened(request.getfixturevalue(pdf)).pages:
        depth = 0
        for operands, operator in operations(page):
            if operator in {"BDC", "BMC"}:
                depth += 1
                assert depth == 1, "a marked sequence within another"
            elif operator == "EMC":
                depth -= 1
            elif operator in TEXT_SHOWN | PAINTED:
                assert depth == 1, f"{operands} {operator} is not marked"


@pytest.mark.parametrize("pdf", ["short", "long"])
def test_every_mark_leads_to_an_element_and_back(pdf: str, request: pytest.FixtureRequest) -> None:
    document = opened(request.getfixturevalue(pdf))
    tree = document.Root.StructTreeRoot
    numbers = list(tree.ParentTree.Nums)
    parents = dict(zip(map(int, numbers[::2]), numbers[1::2], strict=True))
    for page in document.pages:
        marks = [
            int(operands[1].MCID) for operands, operator in operations(page) if operator == "BDC"
        ]
        assert marks == list(range(len(parents[int(page.StructParents)])))
        for mark, element in zip(marks, parents[int(page.StructParents)], strict=True):
            owned = [(int(child.MCID), child.Pg.objgen) for child in element.K]
            assert (mark, page.objgen) in owned
    (field,) = document.Root.AcroForm.Fields
    form = parents[int(field.StructParent)]
    assert (form.S, form.K[0].Obj.objgen) == ("/Form", field.objgen)


def test_the_title_is_read_first_in_both_languages(short: bytes) -> None:
    first = tree_of(short).children[0]
    assert first.tag == "H1"
    assert [(child.language, said(child)) for child in first.children] == [
        (CHINESE, "数据产权登记凭证"),
        (ENGLISH, "CERTIFICATE OF DATA PROPERTY RIGHTS REGISTRATION"),
    ]


def test_sections_are_headings_in_their_order(short: bytes) -> None:
    headings = [node.children[0].text.strip() for node in tree_of(short).every("H2")]
    assert headings == ["登记权利", "数据描述", "数据来源与权源", "账本存证"]


def test_a_table_has_as_many_columns_in_each_row_and_names_its_heads(long: bytes) -> None:
    tables = list(tree_of(long).every("Table"))
    assert len(tables) > 3
    for table in tables:
        widths = {
            sum(int(str(cell.attributes.get("/ColSpan", 1))) for cell in row.children)
            for row in table.children
        }
        assert len(widths) == 1
        heads = list(table.every("TH"))
        assert {cell.attributes["/Scope"] for cell in heads} <= {"/Row", "/Column"}
        assert heads


def test_a_right_that_pages_cut_stays_one_row_of_one_table(long: bytes) -> None:
    (table,) = [
        table for table in tree_of(long).every("Table") if "权利人及证件号码" in said(table)
    ]
    head, *rows = table.children
    assert [cell.tag for cell in head.children] == ["TH"] * 5
    (row,) = rows
    name, holders, shares, _term, _limits = row.children
    assert name.tag == "TH"
    assert "续" not in said(name), "what is repeated for the eye is read out"
    assert [n for n in range(40) if f"第{n}成员有限责任公司" not in said(holders)] == []
    assert said(shares).count("1/40") == 40


def test_running_heads_and_page_numbers_are_not_read(long: bytes) -> None:
    text = said(tree_of(long))
    assert "·附页" not in text
    assert "1 / " not in text


def test_the_qr_code_and_the_seal_say_what_they_are(short: bytes) -> None:
    tree = tree_of(short)
    (figure,) = tree.every("Figure")
    assert STATEMENT.verify_url in str(figure.attributes["/Alt"])
    (form,) = tree.every("Form")
    assert STATEMENT.registrar.name_zh in str(form.attributes["/Alt"])


def test_each_part_is_in_the_language_that_it_says(short: bytes) -> None:
    for node in [*tree_of(short).every("P"), *tree_of(short).every("Span")]:
        assert node.language == (language_of(node.text) or node.language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("编号 No. 1", CHINESE),
        ("𠮷", CHINESE),
        ("Right to hold", ENGLISH),
        ("2026-11-25", INHERITED),
        ("1/2", INHERITED),
        ("", INHERITED),
    ],
)
def test_a_text_is_read_in_the_language_of_its_letters(text: str, language: str) -> None:
    assert language_of(text) == language


def test_the_file_says_that_it_is_an_archival_and_accessible_one(short: bytes) -> None:
    document = opened(short)
    root = document.Root
    metadata = document.open_metadata()
    assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
    assert metadata["pdfuaid:part"] == "1"
    assert metadata["dc:title"] == str(document.docinfo["/Title"])
    assert root.MarkInfo.Marked
    assert root.Lang == "zh-CN"
    assert root.ViewerPreferences.DisplayDocTitle
    (intent,) = root.OutputIntents
    assert intent.DestOutputProfile.N == 3
    assert {str(page.Tabs) for page in document.pages} == {"/S"}
