"""What a statement says outside its tables, as rows.

Entry points: `front_rows`, `remark_rows`, `description_rows`, `ledger_rows`,
`end_row`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from certificates.drawing import words
from certificates.drawing.fields import (
    DIGEST,
    HALF_VALUE,
    UNPROVEN,
    UNPROVEN_EN,
    WIDE_VALUE,
    WIDTH,
    heading,
    pair_row,
    value_lines,
    wide_row,
    words_lines,
)
from certificates.drawing.words import Words, in_words
from certificates.statement import LedgerPosition, StatedAsset, StatedSource, Statement
from drawing.fonts import Typeface
from drawing.layout import Cell, Row
from drawing.moments import moment_text
from drawing.palette import GREY, INK
from drawing.text import Line, Style, set_line, set_lines

GRANT = Style(Typeface.SONGTI, 10.5, 17, INK)
GRANT_EN = Style(Typeface.SONGTI, 6.8, 9.2, GREY)
END = Style(Typeface.SONGTI, 7.5, 10, GREY)
NAME = Style(Typeface.KAI, 13, 17, INK)

GRANT_TEXT = Words(
    "依照《数据产权登记工作指引（试行）》，经登记机构审查，下列数据产权已予登记，特发此凭证。",
    "Under the Guidelines for Data Property Rights Registration (Trial), and after examination by"
    " the registrar, the rights in data set out below have been entered in the register. This"
    " certificate evidences that registration.",
)


def front_rows(statement: Statement) -> Iterator[Row]:
    """Yield what the reader came for: the grant, the data, whether title to its sources is proven.

    Raises:
        RenderingError: a character cannot be drawn.
    """
    asset = statement.asset
    yield _grant_row()
    yield wide_row(Words("数据名称", "Name of the data"), set_lines(asset.name, NAME, WIDE_VALUE))
    yield pair_row(
        (Words("资产编号", "Asset number"), value_lines(asset.number, HALF_VALUE)),
        (Words("登记申请", "Filing"), value_lines(statement.filing, HALF_VALUE)),
    )
    yield wide_row(Words("数据概述", "Summary"), value_lines(asset.summary, WIDE_VALUE))
    yield wide_row(Words("限制范围", "Limits of use"), value_lines(asset.limits, WIDE_VALUE))
    yield wide_row(Words("权源状况", "Title to sources"), _title_lines(statement.provenance))


def description_rows(asset: StatedAsset) -> Iterator[Row]:
    """Yield the rest of the description of the data (NDA35 annex 1).

    Raises:
        RenderingError: a character cannot be drawn, or a code has no words.
    """
    yield heading(Words("数据描述", "Description of the data"))
    yield pair_row(
        (Words("资产类型", "Kind"), _coded(words.ASSET_KINDS, asset.kind)),
        (Words("所属行业", "Industry"), _industry(asset.industry)),
    )
    yield pair_row(
        (Words("数据来源", "Origin"), _coded(words.SOURCE_KINDS, asset.source_kind)),
        (Words("地域范围", "Region"), _region(asset)),
    )
    yield pair_row(
        (Words("时域范围", "Period"), words_lines(_period(asset), HALF_VALUE)),
        (Words("更新频率", "Updated"), _coded(words.UPDATE_FREQUENCIES, asset.update_frequency)),
    )
    yield pair_row(
        (Words("数据形态", "Form"), words_lines(_form(asset), HALF_VALUE)),
        (Words("数据量", "Volume"), words_lines(_volume(asset), HALF_VALUE)),
    )
    yield wide_row(
        Words("数据摘要值", f"Digests, version {asset.version}"),
        _named_digests(("SHA-256", asset.sha256), ("SM3", asset.sm3)),
    )


def remark_rows(remarks: Sequence[str]) -> Iterator[Row]:
    """Yield the remarks, each a row."""
    label = Words("备注", "Remarks")
    for remark in remarks or [""]:
        yield wide_row(label, value_lines(remark, WIDE_VALUE))


def ledger_rows(ledger: LedgerPosition) -> list[Row]:
    """Return where in the ledger the registration stands; the rows keep with what ends the page."""
    position = Words(
        f"第 {ledger.entry_index} 号，树中共 {ledger.tree_size} 条",
        f"No. {ledger.entry_index} in the tree of {ledger.tree_size} entries",
    )
    rows = [
        heading(Words("账本存证", "Deposit in the ledger")),
        pair_row(
            (
                Words("存证时间", "Deposited"),
                value_lines(moment_text(ledger.deposited_at), HALF_VALUE),
            ),
            (Words("账本条目", "Ledger entry"), words_lines(position, HALF_VALUE)),
        ),
        wide_row(
            Words("条目与树根", "Leaf and root hash"),
            _named_digests(("leaf", ledger.leaf_hash), ("root", ledger.root_hash)),
        ),
    ]
    return [replace(row, keeps_with_next=True) for row in rows]


def _title_lines(sources: Sequence[StatedSource]) -> list[Line]:
    unproven = sum(not source.is_proven for source in sources)
    if unproven:
        mark = words.UNPROVEN
        text = Words(
            f"{mark.zh}：{unproven} 项来源，详见附页",
            f"{mark.en}: {unproven} of {len(sources)} sources stated overleaf",
        )
        return [set_line(text.zh, UNPROVEN), *set_lines(text.en, UNPROVEN_EN, WIDE_VALUE)]
    return words_lines(words.ALL_PROVEN if sources else words.NO_SOURCES, WIDE_VALUE)


def _grant_row() -> Row:
    """Return the sentence of grant: the certificate evidences a registration, it makes no right."""
    lines = (*set_lines(GRANT_TEXT.zh, GRANT, WIDTH), *set_lines(GRANT_TEXT.en, GRANT_EN, WIDTH))
    return Row(cells=(Cell(0, lines),), space_below=9, has_rule=False)


def end_row(name: str = "certificate") -> Row:
    """Return the line that leaves no room for additions."""
    line = set_line(f"（以下空白 End of {name}）", END)
    return Row(cells=(Cell((WIDTH - line.width) / 2, (line,)),), space_above=10)


def _named_digests(*digests: tuple[str, str]) -> list[Line]:
    return [set_line(f"{name:<8}{digest}", DIGEST) for name, digest in digests]


def _coded(table: dict[str, Words], code: str) -> list[Line]:
    return words_lines(in_words(table, code), HALF_VALUE)


def _industry(code: str) -> list[Line]:
    section = in_words(words.INDUSTRY_SECTIONS, code[:1])
    return words_lines(Words(section.zh, f"{code} {section.en}"), HALF_VALUE)


def _region(asset: StatedAsset) -> list[Line]:
    scope = in_words(words.REGION_SCOPES, asset.region_scope)
    zh = f"{scope.zh}：{asset.region}" if asset.region else scope.zh
    return words_lines(Words(zh, scope.en), HALF_VALUE)


def _period(asset: StatedAsset) -> Words:
    start, end = asset.period_from, asset.period_to
    if start and end:
        return Words(f"{start} 至 {end}", f"from {start} to {end}")
    if start:
        return Words(f"{start} 起", f"from {start}")
    if end:
        return Words(f"至 {end}", f"until {end}")
    return words.NOT_STATED


def _form(asset: StatedAsset) -> Words:
    form = in_words(words.FORMS, asset.form)
    structure = in_words(words.STRUCTURES, asset.structure)
    return Words(f"{form.zh}，{structure.zh}", f"{form.en}, {structure.en}")


def _volume(asset: StatedAsset) -> Words:
    size = Words(f"{asset.size_bytes:,} 字节", f"{asset.size_bytes:,} bytes")
    if asset.record_count is None:
        return size
    return Words(
        f"{asset.record_count:,} 条，{size.zh}", f"{asset.record_count:,} records, {size.en}"
    )
