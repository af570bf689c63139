"""The papers that the example applicants hand in, as the bytes of text files.

Licence texts are the real files of the packages; what an applicant would write itself says plainly
that it is an example. Papers name no date, so that the same data gives the same papers.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from demo.derivations import Step, code, first_rows, record_count
from demo.parties import DemoParty
from demo.sources import PublicSource, SourceFile
from primitives.digests import FileDigests, digest_bytes

SAMPLE_ROWS = 20
EXAMPLE = "【示例】本文件仅供演示，不具有法律效力。"
GEONAMES_STATEMENT = (
    "This work is licensed under a Creative Commons Attribution 4.0 License,\n"
    "see https://creativecommons.org/licenses/by/4.0/"
)
"""The opening of GeoNames' readme.txt beside its export files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One file to hand in; ``kind`` is the register's code of what it proves."""

    kind: str
    title: str
    file_name: str
    content: bytes


def identity(party: DemoParty) -> Paper:
    """Return an applicant's proof of identity, an example."""
    return _written(
        "IDENTITY",
        f"示例身份证明：{party.name}",
        f"identity-{party.key}.txt",
        f"名称：{party.name}",
        f"证件：{party.identifier_scheme} {party.identifier}",
        "说明：示例主体，不对应任何真实的个人或者组织。",
    )


def acquisition(sources: Iterable[PublicSource], rights_relied_on: Iterable[str]) -> Paper:
    """Return the proof of lawful acquisition: what was taken from where, on what terms."""
    blocks = [block for source in sources for block in _source_lines(source)]
    rights = [f"已登记数据：{right}" for right in rights_relied_on]
    return _written(
        "LAWFUL_ACQUISITION", "数据取得说明", "lawful-acquisition.txt", *blocks, *rights
    )


def sample(table: bytes) -> Paper:
    """Return the header and first rows of a table."""
    return Paper(
        kind="DATA_SAMPLE",
        title=f"数据样例（前{SAMPLE_ROWS}行）",
        file_name="sample.csv",
        content=first_rows(table, SAMPLE_ROWS),
    )


def data_description(table: bytes, step: Step, *, known_faults: Iterable[str]) -> Paper:
    """Return what a table's columns mean, what pins it, and which faults are known."""
    return _written(
        "DATA_DESCRIPTION",
        "数据描述",
        "description.txt",
        "格式：CSV，UTF-8，换行符 LF，首行为列名。",
        f"记录数：{record_count(table)}",
        *_digest_lines(digest_bytes(table)),
        "列：",
        *(f"  {column}：{meaning}" for column, meaning in step.columns.items()),
        "已知缺陷：",
        *(f"  {fault}" for fault in known_faults),
    )


def processing(step: Step) -> Paper:
    """Return how a table was computed."""
    return _written(
        "OTHER",
        "加工说明",
        "processing.txt",
        f"步骤：{step.name}",
        step.method_zh,
        step.method_en,
        "代码：demo/derivations.py，全文另附。",
        f"代码 SHA-256：{digest_bytes(code()).sha256}",
    )


def processing_code() -> Paper:
    """Return the code of every step; its SHA-256 is the evidence in each edge of provenance."""
    return Paper(kind="OTHER", title="加工代码", file_name="derivations.py.txt", content=code())


def licences(source: PublicSource) -> tuple[Paper, ...]:
    """Return the papers on a source's licence, the one that states it first; none if unstated."""
    if not source.licence:
        return ()
    files = tuple(_licence_file(file) for file in source.licence_files)
    return files if source.package_states_licence else (_licence_note(source), *files)


def agreement(title: str, parties: Iterable[DemoParty], *clauses: str) -> Paper:
    """Return an example contract between example parties."""
    return _written("CONTRACT", title, "contract.txt", *_party_lines(parties), *clauses)


def consent(title: str, party: DemoParty, *clauses: str) -> Paper:
    """Return an example party's written consent."""
    return _written("CONSENT", title, f"consent-{party.key}.txt", *_party_lines([party]), *clauses)


def declaration(title: str, party: DemoParty, *clauses: str) -> Paper:
    """Return an example applicant's declaration."""
    return _written("DECLARATION", title, "declaration.txt", *_party_lines([party]), *clauses)


def _licence_file(file: SourceFile) -> Paper:
    name = PurePosixPath(file.path).name
    return Paper(
        kind="LICENCE",
        title=f"{file.package} {file.version} 所附 {name}",
        file_name=f"{file.package}-{name.removesuffix('.txt')}.txt",
        content=file.content,
    )


def _licence_note(source: PublicSource) -> Paper:
    return _written(
        "LICENCE",
        f"{source.publisher.name} 数据许可说明",
        f"{source.publisher.key}-licence-note.txt",
        f"发布者：{source.publisher.name}（{source.publisher.identifier}）",
        f"许可：{source.licence}（{source.licence_url}）",
        f"依据：{source.licence_stated_in}",
        "原文：",
        GEONAMES_STATEMENT,
        f"署名：数据来自 {source.publisher.name}，经清洗加工。",
        "说明：本说明由示例申请人整理，未经发布者单独确认。",
    )


def _source_lines(source: PublicSource) -> list[str]:
    return [
        f"来源：{source.title_zh} / {source.title_en}",
        f"发布者：{source.publisher.name}（{source.publisher.identifier}）",
        f"版本：{source.edition}",
        f"位置：{source.file.locator}",
        *_digest_lines(source.file.digests),
        f"取得：{source.obtained_zh}",
        source.obtained_en,
        f"许可：{source.licence or '未载明'} {source.licence_url}".rstrip(),
        f"许可依据：{source.licence_stated_in}",
        "",
    ]


def _digest_lines(digests: FileDigests) -> list[str]:
    return [
        f"字节数：{digests.size_bytes}",
        f"SHA-256：{digests.sha256}",
        f"SM3：{digests.sm3}",
    ]


def _party_lines(parties: Iterable[DemoParty]) -> list[str]:
    return [
        f"主体：{party.name}（{party.identifier_scheme} {party.identifier}）" for party in parties
    ]


def _written(kind: str, title: str, file_name: str, *lines: str) -> Paper:
    text = "\n".join([title, EXAMPLE, "", *lines]).rstrip() + "\n"
    return Paper(kind=kind, title=title, file_name=file_name, content=text.encode())
