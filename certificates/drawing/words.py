"""Coded values of a statement in words, Chinese and English (NDA35 annex 1, GB/T 4754-2017)."""

from typing import NamedTuple

from drawing.errors import UnknownCodeError


class Words(NamedTuple):
    """The same in both languages."""

    zh: str
    en: str


RIGHTS = {
    "HOLD": Words("数据持有权", "Right to hold"),
    "USE": Words("数据使用权", "Right to use"),
    "OPERATE": Words("数据经营权", "Right to operate"),
}
OLDER_RIGHTS = {
    "HOLD": "数据资源持有权",
    "USE": "数据加工使用权",
    "OPERATE": "数据产品经营权",
}
IDENTIFIER_SCHEMES = {
    "USCC": Words("统一社会信用代码", "USCC"),
    "RESIDENT_ID": Words("居民身份证号码", "Resident ID"),
    "PASSPORT": Words("护照号码", "Passport"),
    "WEBSITE": Words("网站", "Website"),
    "FOREIGN": Words("境外登记号", "Foreign register"),
}
ASSET_KINDS = {
    "RESOURCE": Words("数据资源", "Data resource"),
    "PRODUCT": Words("数据产品", "Data product"),
    "SERVICE": Words("数据服务", "Data service"),
}
SOURCE_KINDS = {
    "COLLECTED": Words("采集生成", "Collected or generated"),
    "CRAWLED": Words("通过自动化程序收集公开数据", "Public data gathered by automated programs"),
    "AGREEMENT": Words("协议取得", "Obtained by agreement"),
    "DERIVED": Words("衍生创造", "Derived and created"),
}
REGION_SCOPES = {
    "INTERNATIONAL": Words("国际", "International"),
    "NATIONAL": Words("全国", "National"),
    "PROVINCIAL": Words("省级", "Provincial"),
    "CITY": Words("市级", "City"),
    "COUNTY": Words("区县级", "County"),
    "BELOW_COUNTY": Words("区县级以下", "Below county"),
}
UPDATE_FREQUENCIES = {
    "REAL_TIME": Words("实时更新", "Real time"),
    "DAILY": Words("按天更新", "Daily"),
    "WEEKLY": Words("按周更新", "Weekly"),
    "MONTHLY": Words("按月更新", "Monthly"),
    "YEARLY": Words("按年更新", "Yearly"),
    "ON_DEMAND": Words("按需更新", "On demand"),
    "OTHER": Words("其他", "Other"),
}
FORMS = {
    "IMAGE": Words("图像", "Image"),
    "TEXT": Words("文本", "Text"),
    "VIDEO": Words("视频", "Video"),
    "AUDIO": Words("音频", "Audio"),
    "TABLE": Words("表格", "Table"),
    "OTHER": Words("其他形态", "Other form"),
}
STRUCTURES = {
    "STRUCTURED": Words("结构化", "structured"),
    "SEMI_STRUCTURED": Words("半结构化", "semi-structured"),
    "UNSTRUCTURED": Words("非结构化", "unstructured"),
}
INDUSTRY_SECTIONS = {
    "A": Words("农、林、牧、渔业", "Agriculture, forestry, fishery"),
    "B": Words("采矿业", "Mining"),
    "C": Words("制造业", "Manufacturing"),
    "D": Words("电力、热力、燃气及水生产和供应业", "Electricity, heat, gas, water"),
    "E": Words("建筑业", "Construction"),
    "F": Words("批发和零售业", "Wholesale and retail trade"),
    "G": Words("交通运输、仓储和邮政业", "Transport, storage and post"),
    "H": Words("住宿和餐饮业", "Accommodation and catering"),
    "I": Words("信息传输、软件和信息技术服务业", "Information transmission, software, IT"),
    "J": Words("金融业", "Finance"),
    "K": Words("房地产业", "Real estate"),
    "L": Words("租赁和商务服务业", "Leasing and business services"),
    "M": Words("科学研究和技术服务业", "Scientific research, technical services"),
    "N": Words("水利、环境和公共设施管理业", "Water, environment, public facilities"),
    "O": Words("居民服务、修理和其他服务业", "Residential services, repair, other"),
    "P": Words("教育", "Education"),
    "Q": Words("卫生和社会工作", "Health and social work"),
    "R": Words("文化、体育和娱乐业", "Culture, sports and entertainment"),
    "S": Words("公共管理、社会保障和社会组织", "Public administration, social security"),
    "T": Words("国际组织", "International organisations"),
}
NONE = Words("无", "None")
NO_SOURCES = Words("未载明上游来源", "No upstream source stated")
ALL_PROVEN = Words("● 所载来源权源均已证明", "PROVEN for every source stated")
NOT_STATED = Words("未载明", "Not stated")
PROVEN = Words("● 权源已证明", "PROVEN")
UNPROVEN = Words("▲ 权源未证明", "UNPROVEN")


def in_words(table: dict[str, Words], code: str) -> Words:
    """Return a code in words.

    Raises:
        UnknownCodeError: the table does not have the code.
    """
    try:
        return table[code]
    except KeyError as error:
        raise UnknownCodeError(f"no words for the code {code!r}") from error
