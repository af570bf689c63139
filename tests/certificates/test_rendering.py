"""The printed certificate: what it says, how it is paged, what it refuses, what others read."""

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp

from certificates.rendering import render_certificate
from certificates.statement import (
    Holder,
    LedgerPosition,
    Registrar,
    StatedAsset,
    StatedRight,
    StatedSource,
    Statement,
)
from drawing.errors import (
    ForbiddenCharacterError,
    GlyphMissingError,
    RenderingError,
    TooTallError,
)

COMPANY = Holder(
    name="示例数据科技有限公司",
    identifier_scheme="USCC",
    identifier="91370200MA0EXAMP1X",
    share=Fraction(1, 2),
)
PORT = replace(
    COMPANY,
    name="示例港口数据运营股份有限公司",
    identifier="91370200MA0EXAMP2X",
    share=Fraction(1, 3),
)
PERSON = Holder(
    name="䶮𬭚喆 𠮷田镕",
    identifier_scheme="PASSPORT",
    identifier="EX1234567",
    share=Fraction(1, 6),
)
TERM_START = datetime(2026, 11, 24, 16, tzinfo=UTC)  # midnight in China
RIGHT = StatedRight(
    reference="R-000001",
    kind="HOLD",
    valid_from=TERM_START,
    valid_to=datetime(2029, 11, 24, 16, tzinfo=UTC),
    limits="",
    holders=[COMPANY, PORT, PERSON],
)
SOURCE = StatedSource(
    title="GeoNames cities15000 2026-09-30",
    publisher="GeoNames",
    activity="下载、统一编码并去重",
    responsible="示例数据科技有限公司",
    basis="CC BY 4.0",
    is_proven=True,
    depth=1,
)
STATEMENT = Statement(
    number="SJ3702026110001",
    check_code="7K3M-9QXT-2WVB-C4HN",
    verify_url="http://127.0.0.1:8000/v/SJ3702026110001?c=7K3M-9QXT-2WVB-C4HN",
    registrar=Registrar(
        name_zh="示例数据产权登记中心",
        name_en="Example Data Rights Registry",
        code="370",
        is_example=True,
    ),
    issued_at=datetime(2026, 11, 25, 2, 31, tzinfo=UTC),
    filing="F-2026-000001",
    asset=StatedAsset(
        number="DA-000001",
        name="全球城市地理名称与人口数据集（2026年第三季度）",
        summary="以 GeoNames 城市数据为基础，统一编码、去重而成。",
        kind="PRODUCT",
        industry="I65",
        source_kind="DERIVED",
        region_scope="INTERNATIONAL",
        region="全球",
        period_from=date(2015, 1, 1),
        period_to=date(2026, 9, 30),
        update_frequency="MONTHLY",
        record_count=26467,
        size_bytes=5242880,
        form="TABLE",
        structure="STRUCTURED",
        limits="不允许再次转售；不允许数据出境",
        version=1,
        sha256="a1" * 32,
        sm3="b2" * 32,
    ),
    rights=[
        RIGHT,
        replace(RIGHT, reference="R-000002", kind="USE", limits="限于自有业务"),
        replace(RIGHT, reference="R-000003", kind="OPERATE"),
    ],
    provenance=[
        SOURCE,
        replace(
            SOURCE,
            title="示例行政区划代码表",
            publisher="示例地理信息研究院",
            basis="",
            is_proven=False,
        ),
    ],
    remarks=["经营权的行使须经全体权利人书面同意。"],
    ledger=LedgerPosition(
        entry_index=12,
        leaf_hash="c3" * 32,
        deposited_at=datetime(2026, 11, 25, 2, 30, tzinfo=UTC),
        tree_size=14,
        root_hash="d4" * 32,
    ),
)
LONG = replace(
    STATEMENT,
    rights=[
        replace(
            RIGHT,
            holders=[
                replace(
                    COMPANY, name=f"示例联合体第{number}成员有限责任公司", share=Fraction(1, 40)
                )
                for number in range(40)
            ],
        )
    ],
    remarks=["当事人另有约定的，从其约定。" * 60],
)
CODED = {
    "kind",
    "industry",
    "source_kind",
    "region_scope",
    "update_frequency",
    "form",
    "structure",
    "identifier_scheme",
}


def text_of(pdf: bytes, tmp_path: Path, *options: str) -> str:
    path = tmp_path / "certificate.pdf"
    path.write_bytes(pdf)
    run = subprocess.run(  # noqa: S603 # poppler, on our own file
        ["pdftotext", "-raw", *options, path, "-"],  # noqa: S607 # from the PATH, as users run it
        capture_output=True,
        check=True,
    )
    return run.stdout.decode()


def unspaced(text: str) -> str:
    return "".join(text.split())


def stated_texts(value: object) -> Iterator[str]:
    """Yield every text of a statement that is printed as it stands."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            if field.name not in CODED:
                yield from stated_texts(getattr(value, field.name))
    elif isinstance(value, Sequence):
        for item in value:
            yield from stated_texts(item)


def test_the_same_statement_gives_the_same_bytes() -> None:
    assert render_certificate(STATEMENT) == render_certificate(replace(STATEMENT))


def test_every_text_of_the_statement_is_printed(tmp_path: Path) -> None:
    printed = unspaced(text_of(render_certificate(STATEMENT), tmp_path))
    texts = [unspaced(text) for text in stated_texts(STATEMENT)]
    assert len(texts) > 40
    assert [text for text in texts if text not in printed] == []


@pytest.mark.parametrize(
    "words",
    [
        "数据产权登记凭证",
        "CERTIFICATE OF DATA PROPERTY RIGHTS REGISTRATION",
        "数据持有权",
        "原称数据资源持有权",
        "数据使用权",
        "原称数据加工使用权",
        "数据经营权",
        "原称数据产品经营权",
        "统一社会信用代码",
        "护照号码",
        "数据产品\nData product",
        "衍生创造\nDerived and created",
        "国际：全球\nInternational",
        "按月更新\nMonthly",
        "表格，结构化\nTable, structured",
        "I65 Information transmission",
        "26,467 条，5,242,880 字节",
        "2015-01-01 至 2026-09-30",
        "1/2",
        "1/3",
        "1/6",
        "● 权源已证明",
        "▲ 权源未证明",
        "UNPROVEN: 1 of 2 sources",
        "以登记簿为准",
        "the register prevails",
        "2026年11月25日",
        "2026-11-25 10:30:00 +08:00",
        "2026-11-25 10:31:00 +08:00",
    ],
)
def test_codes_names_and_times_are_printed_in_words(words: str, printed: str) -> None:
    assert words in printed


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> str:
    return text_of(render_certificate(STATEMENT), tmp_path_factory.mktemp("printed"))


def test_a_term_of_whole_local_days_ends_on_its_last_included_day(printed: str) -> None:
    assert "2026-11-25 起\n2029-11-24 止" in printed


def test_any_other_term_ends_at_its_last_included_second(tmp_path: Path) -> None:
    right = replace(
        RIGHT,
        valid_from=TERM_START + timedelta(hours=10),
        valid_to=TERM_START + timedelta(days=1, hours=10),
    )
    pdf = render_certificate(replace(STATEMENT, rights=[right]))
    text = unspaced(text_of(pdf, tmp_path))
    assert "2026-11-2510:00:00起2026-11-2609:59:59止" in text


def test_an_example_registrar_is_marked_on_every_page(tmp_path: Path) -> None:
    pdf = render_certificate(STATEMENT)
    for page in ("1", "2"):
        assert "无法律效力" in text_of(pdf, tmp_path, "-f", page, "-l", page)


def test_a_real_registrar_is_not_marked(tmp_path: Path) -> None:
    registrar = replace(STATEMENT.registrar, name_zh="某某登记中心", is_example=False)
    text = text_of(render_certificate(replace(STATEMENT, registrar=registrar)), tmp_path)
    assert "EXAMPLE" not in text
    assert "无法律效力" not in text


def test_long_content_flows_to_numbered_pages_and_loses_nothing(tmp_path: Path) -> None:
    pdf = render_certificate(LONG)
    count = len(pypdfium2.PdfDocument(pdf))
    assert count > 3
    for page in range(1, count + 1):
        text = text_of(pdf, tmp_path, "-f", str(page), "-l", str(page))
        assert f"{page} / {count}" in text
        assert LONG.number in text
    text = unspaced(text_of(pdf, tmp_path))
    assert [n for n in range(40) if f"第{n}成员有限责任公司" not in text] == []
    assert text.count("当事人另有约定的") == 60


def test_a_character_that_no_font_has_refuses_the_certificate() -> None:
    holder = replace(COMPANY, name="示例ا公司")
    statement = replace(STATEMENT, rights=[replace(RIGHT, holders=[holder])])
    with pytest.raises(GlyphMissingError, match=r"U\+0627"):
        render_certificate(statement)


def test_a_bidirectional_override_refuses_the_certificate() -> None:
    with pytest.raises(ForbiddenCharacterError):
        render_certificate(replace(STATEMENT, remarks=["abc\u202ecba"]))


def test_a_code_without_words_refuses_the_certificate() -> None:
    with pytest.raises(RenderingError, match="NO_SUCH"):
        render_certificate(replace(STATEMENT, rights=[replace(RIGHT, kind="NO_SUCH")]))


def test_a_name_longer_than_a_page_refuses_the_certificate() -> None:
    holder = replace(COMPANY, name="示例" * 1000)
    with pytest.raises(TooTallError):
        render_certificate(replace(STATEMENT, rights=[replace(RIGHT, holders=[holder])]))


def test_the_qr_code_leads_to_the_verification_page() -> None:
    page = pypdfium2.PdfDocument(render_certificate(STATEMENT))[0]
    image = page.render(scale=150 / 72).to_pil()
    assert [code.text for code in zxingcpp.read_barcodes(image)] == [STATEMENT.verify_url]


def test_qpdf_finds_nothing_wrong_and_only_embedded_fonts_are_used(tmp_path: Path) -> None:
    path = tmp_path / "certificate.pdf"
    path.write_bytes(render_certificate(STATEMENT))
    subprocess.run(["qpdf", "--check", path], check=True, capture_output=True)  # noqa: S603, S607 # our own file, from the PATH
    fonts = subprocess.run(  # noqa: S603 # our own file
        ["pdffonts", path],  # noqa: S607 # from the PATH
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert "Helvetica" not in fonts
    assert all(line.split()[-5] == "yes" for line in fonts.splitlines()[2:])
    assert path.read_bytes().count(b"%%EOF") == 1
