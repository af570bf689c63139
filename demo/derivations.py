"""The computed steps of the demonstration: from public files to the data that is registered.

Pure: bytes in, bytes out. Every table is CSV in UTF-8 with LF line ends, one header line and sorted
rows, so the same sources give the same digests everywhere. A step's evidence is the SHA-256 of this
whole file, because a step is more than its own lines: anyone can repeat it with ``sha256sum``.
"""

import ast
import csv
import gettext
import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

Row: TypeAlias = Mapping[str, object]

ADMIN1_TO_ISO = {
    "01": "AH", "02": "ZJ", "03": "JX", "04": "JS", "05": "JL", "06": "QH", "07": "FJ", "08": "HL",
    "09": "HA", "10": "HE", "11": "HN", "12": "HB", "13": "XJ", "14": "XZ", "15": "GS", "16": "GX",
    "18": "GZ", "19": "LN", "20": "NM", "21": "NX", "22": "BJ", "23": "SH", "24": "SX", "25": "SD",
    "26": "SN", "28": "TJ", "29": "YN", "30": "GD", "31": "HI", "32": "SC", "33": "CQ",
}  # fmt: skip
"""GeoNames first-order codes of the mainland to ISO 3166-2:CN; our own correspondence."""
ISO_BY_COUNTRY = {"HK": "HK", "MO": "MO", "TW": "TW"}
"""ISO 3166-2:CN has these as subdivisions; GeoNames lists their places under codes of their own."""
OTHER_TIME_ZONES = frozenset({"Asia/Macau", "Asia/Hong_Kong", "Asia/Taipei"})
MISSING_TRANSLATIONS = {"CN-NX": "宁夏回族自治区"}
"""The one subdivision whose Chinese name iso-codes lacks; supplied by us."""

FIRST_YEAR, LAST_YEAR = 2024, 2026
FUSED_YEAR = "2026"


class DerivationError(Exception):
    """An input is not what the step expects, e.g. after an upgrade of a package."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One named step.

    Attributes:
        name: the name of the function that computes it.
        activity: RECEIVE, CRAWL, DERIVE or FUSE.
        method_zh, method_en: what it does, in one sentence.
        columns: the table's columns in order, each with its meaning in Chinese.
    """

    name: str
    activity: str
    method_zh: str
    method_en: str
    columns: Mapping[str, str]

    @property
    def method(self) -> str:
        """The method in both languages, with the place of the code."""
        return f"{self.method_zh} {self.method_en} (demo/derivations.py: {self.name})"


PLACES = Step(
    name="clean_places",
    activity="RECEIVE",
    method_zh="选取中国（含港澳台）地点，剔除缺一级行政区或时区与归属矛盾的记录，统一字段后按编号排序。",
    method_en=(
        "Select the places of China including Hong Kong, Macao and Taiwan, leave out those without "
        "a first-order division or with a contradictory time zone, and sort by identifier."
    ),
    columns={
        "geonameid": "GeoNames 编号",
        "name": "地点名称（拉丁字母）",
        "country_code": "GeoNames 所列国家或地区代码",
        "admin1_code": "GeoNames 一级行政区代码",
        "latitude": "纬度，十进制度",
        "longitude": "经度，十进制度",
        "population": "人口，人",
        "time_zone": "IANA 时区名称",
    },
)
SUBDIVIDED_PLACES = Step(
    name="join_subdivisions",
    activity="DERIVE",
    method_zh="将一级行政区代码对应到 ISO 3166-2:CN，连接区划名称、中文译名和类型，补一处缺译。",
    method_en=(
        "Map first-order codes to ISO 3166-2:CN, join each subdivision's name, Chinese name and "
        "type, and supply the one Chinese name that is missing."
    ),
    columns={
        "subdivision": "ISO 3166-2 代码",
        "subdivision_name": "区划名称（拉丁字母）",
        "subdivision_name_zh": "区划中文名称",
        "subdivision_type": "区划类型",
        "geonameid": "GeoNames 编号",
        "name": "地点名称（拉丁字母）",
        "population": "人口，人",
        "latitude": "纬度，十进制度",
        "longitude": "经度，十进制度",
        "time_zone": "IANA 时区名称",
    },
)
CONCENTRATION = Step(
    name="concentrate",
    activity="DERIVE",
    method_zh="按省级行政区汇总地点数与地点人口，计算首位地点占比和赫芬达尔集中度指数。",
    method_en=(
        "Per subdivision, count places and sum their population, then compute the share of the "
        "largest place and the Herfindahl index of concentration."
    ),
    columns={
        "subdivision": "ISO 3166-2 代码",
        "subdivision_name_zh": "区划中文名称",
        "places": "地点数",
        "population": "地点人口合计，人（地点可重叠，非统计人口）",
        "largest_place": "人口最多的地点",
        "largest_population": "该地点人口，人",
        "largest_share": "首位地点占合计的比例，四位小数",
        "herfindahl": "赫芬达尔指数，六位小数",
    },
)
WORKING_DAYS = Step(
    name="list_days",
    activity="CRAWL",
    method_zh="解析节假日与调休日期表（不执行其代码），逐日判定2024年至2026年的工作日。",
    method_en=(
        "Parse the table of holidays and shifted days without running it, and state for each day "
        "of 2024 to 2026 whether it is a working day."
    ),
    columns={
        "date": "日期",
        "weekday": "星期，1为星期一",
        "is_working_day": "是否工作日，1为是",
        "kind": "类别：WORKDAY、SHIFTED_WORKDAY、WEEKEND、HOLIDAY",
        "holiday": "所属节假日",
    },
)
MONTHS = Step(
    name="count_working_days",
    activity="DERIVE",
    method_zh="按年月统计日历天数、工作日、调休上班日、节假日和普通周末天数。",
    method_en="Per month, count all days, working days, shifted working days, holidays, weekends.",
    columns={
        "month": "年月",
        "days": "日历天数",
        "working_days": "工作日天数，含调休上班",
        "shifted_working_days": "其中调休上班天数",
        "holidays": "节假日放假天数",
        "weekend_days": "普通周末天数",
    },
)
PERSON_DAYS = Step(
    name="fuse_person_days",
    activity="FUSE",
    method_zh="将省级地点人口与2026年逐月工作日相乘，得到人口工作日上限估计。",
    method_en=(
        "Multiply each subdivision's population in places by the working days of each month of "
        "2026, an upper estimate of person-days."
    ),
    columns={
        "subdivision": "ISO 3166-2 代码",
        "subdivision_name_zh": "区划中文名称",
        "month": "年月",
        "population": "地点人口合计，人",
        "working_days": "工作日天数",
        "person_working_days": "人口与工作日之积，人·日",
    },
)
CURRENCIES = Step(
    name="match_currencies",
    activity="RECEIVE",
    method_zh="以 ISO 3166-1 为准，连接 GeoNames 所列货币与 ISO 4217，标出不在现行表中的货币。",
    method_en=(
        "For each ISO 3166-1 code join the currency that GeoNames lists with ISO 4217, and mark "
        "currencies that are no longer in the table."
    ),
    columns={
        "alpha_2": "国家和地区二位代码",
        "alpha_3": "国家和地区三位代码",
        "numeric": "国家和地区数字代码",
        "name": "英文名称",
        "name_zh": "中文名称",
        "currency": "货币代码，空为无",
        "currency_numeric": "货币数字代码",
        "currency_name": "货币英文名称",
        "currency_name_zh": "货币中文名称，空为无译名",
        "is_current": "货币是否在 ISO 4217 现行表中，1为是",
    },
)
TIME_ZONES = Step(
    name="summarise_time_zones",
    activity="DERIVE",
    method_zh="按 IANA 时区汇总全球地点数、人口、所涉国家和地区及首位地点。",
    method_en=(
        "Per IANA time zone, summarise the world's places, their population, the countries and "
        "regions concerned and the largest place."
    ),
    columns={
        "time_zone": "IANA 时区名称",
        "places": "地点数",
        "population": "地点人口合计，人",
        "regions": "国家和地区代码，空格分隔",
        "largest_place": "人口最多的地点",
        "largest_population": "该地点人口，人",
    },
)


def code() -> bytes:
    """Return the source text of every step: the bytes of this file."""
    return Path(__file__).read_bytes()


def clean_places(cities: bytes) -> bytes:
    """Return the places of China from GeoNames' cities file.

    Raises:
        DerivationError: ``cities`` is not that file.
    """
    rows: list[dict[str, Any]] = [
        {
            "geonameid": city["geonameid"],
            "name": city["name"],
            "country_code": city["countrycode"],
            "admin1_code": city["admin1code"],
            "latitude": city["latitude"],
            "longitude": city["longitude"],
            "population": city["population"],
            "time_zone": city["timezone"],
        }
        for city in _json(cities).values()
        if _is_consistent_place_of_china(city)
    ]
    rows.sort(key=lambda row: int(row["geonameid"]))
    return _table(PLACES, rows)


def join_subdivisions(places: bytes, *, subdivisions: bytes, names_zh: bytes) -> bytes:
    """Return the cleaned places with their ISO 3166-2 subdivision.

    Raises:
        DerivationError: an input is not what it should be, or a place has an unknown division.
    """
    known = {row["code"]: row for row in _json(subdivisions)["3166-2"]}
    translate = _translator(names_zh)
    rows: list[dict[str, Any]] = []
    for place in _rows(places):
        iso = _subdivision_of(place)
        name = known[iso]["name"]
        rows.append(
            {
                **{column: place.get(column) for column in SUBDIVIDED_PLACES.columns},
                "subdivision": iso,
                "subdivision_name": name,
                "subdivision_name_zh": MISSING_TRANSLATIONS.get(iso) or translate(name),
                "subdivision_type": known[iso]["type"],
            }
        )
    rows.sort(key=lambda row: (row["subdivision"], int(row["geonameid"])))
    return _table(SUBDIVIDED_PLACES, rows)


def concentrate(places: bytes) -> bytes:
    """Return one row per subdivision from the joined places.

    Raises:
        DerivationError: ``places`` is not a CSV table.
    """
    rows = []
    for iso, group in sorted(_grouped(_rows(places), "subdivision").items()):
        sizes = [int(place["population"]) for place in group]
        largest, total = _largest(group), sum(sizes)
        rows.append(
            {
                "subdivision": iso,
                "subdivision_name_zh": largest["subdivision_name_zh"],
                "places": len(group),
                "population": total,
                "largest_place": largest["name"],
                "largest_population": largest["population"],
                "largest_share": _ratio(int(largest["population"]), total, "0.0001"),
                "herfindahl": _ratio(sum(size**2 for size in sizes), total**2, "0.000001"),
            }
        )
    return _table(CONCENTRATION, rows)


def list_days(constants: bytes) -> bytes:
    """Return one row per day from chinesecalendar's table of dates.

    Raises:
        DerivationError: ``constants`` is not that module.
    """
    assignments = _assignments(constants)
    holidays, shifted = (_dates(assignments, name) for name in ("holidays", "workdays"))
    names = _holiday_names(assignments)
    first, last = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
    rows = []
    for day in (first + timedelta(days=offset) for offset in range((last - first).days + 1)):
        kind = _kind_of(day, holidays, shifted)
        rows.append(
            {
                "date": day.isoformat(),
                "weekday": day.isoweekday(),
                "is_working_day": int(kind.endswith("WORKDAY")),
                "kind": kind,
                "holiday": names.get(holidays.get(day) or shifted.get(day, ""), ""),
            }
        )
    return _table(WORKING_DAYS, rows)


def count_working_days(days: bytes) -> bytes:
    """Return one row per month from the calendar of `list_days`.

    Raises:
        DerivationError: ``days`` is not a CSV table.
    """
    months = _grouped([{**day, "month": day["date"][:7]} for day in _rows(days)], "month")
    rows = []
    for month, group in sorted(months.items()):
        kinds = [day["kind"] for day in group]
        rows.append(
            {
                "month": month,
                "days": len(group),
                "working_days": kinds.count("WORKDAY") + kinds.count("SHIFTED_WORKDAY"),
                "shifted_working_days": kinds.count("SHIFTED_WORKDAY"),
                "holidays": kinds.count("HOLIDAY"),
                "weekend_days": kinds.count("WEEKEND"),
            }
        )
    return _table(MONTHS, rows)


def fuse_person_days(concentration: bytes, months: bytes) -> bytes:
    """Return one row per subdivision and month of 2026.

    Raises:
        DerivationError: an input is not a CSV table.
    """
    year = [month for month in _rows(months) if month["month"].startswith(FUSED_YEAR)]
    rows = [
        {
            "subdivision": area["subdivision"],
            "subdivision_name_zh": area["subdivision_name_zh"],
            "month": month["month"],
            "population": area["population"],
            "working_days": month["working_days"],
            "person_working_days": int(area["population"]) * int(month["working_days"]),
        }
        for area in _rows(concentration)
        for month in year
    ]
    return _table(PERSON_DAYS, rows)


def match_currencies(
    countries: bytes,
    *,
    codes: bytes,
    names_zh: bytes,
    currencies: bytes,
    currency_names_zh: bytes,
) -> bytes:
    """Return one row per ISO 3166-1 code with the currency that GeoNames lists for it.

    Raises:
        DerivationError: an input is not what it should be.
    """
    used = {code: row["currencycode"] for code, row in _json(countries).items()}
    current = {row["alpha_3"]: row for row in _json(currencies)["4217"]}
    country_name, currency_name = _translator(names_zh), _translator(currency_names_zh)
    rows = []
    for country in sorted(_json(codes)["3166-1"], key=lambda row: str(row["alpha_2"])):
        currency = used.get(country["alpha_2"], "")
        listed = current.get(currency, {})
        rows.append(
            {
                "alpha_2": country["alpha_2"],
                "alpha_3": country["alpha_3"],
                "numeric": country["numeric"],
                "name": country["name"],
                "name_zh": country_name(country["name"]),
                "currency": currency,
                "currency_numeric": listed.get("numeric", ""),
                "currency_name": listed.get("name", ""),
                "currency_name_zh": currency_name(listed["name"]) if listed else "",
                "is_current": int(bool(listed)),
            }
        )
    return _table(CURRENCIES, rows)


def summarise_time_zones(cities: bytes) -> bytes:
    """Return one row per time zone from GeoNames' cities file.

    Raises:
        DerivationError: ``cities`` is not that file.
    """
    rows = []
    for zone, group in sorted(_grouped(_json(cities).values(), "timezone").items()):
        largest = _largest(group)
        rows.append(
            {
                "time_zone": zone,
                "places": len(group),
                "population": sum(int(city["population"]) for city in group),
                "regions": " ".join(sorted({city["countrycode"] for city in group})),
                "largest_place": largest["name"],
                "largest_population": largest["population"],
            }
        )
    return _table(TIME_ZONES, rows)


def record_count(table: bytes) -> int:
    """Return how many rows a table has, without its header."""
    return len(_rows(table))


def first_rows(table: bytes, count: int) -> bytes:
    """Return the header and the first ``count`` rows of a table."""
    rows = _rows(table)
    return _csv(list(rows[0]), rows[:count])


def _is_consistent_place_of_china(city: Mapping[str, Any]) -> bool:
    if city["countrycode"] == "CN":
        return bool(city["admin1code"]) and city["timezone"] not in OTHER_TIME_ZONES
    return city["countrycode"] in ISO_BY_COUNTRY


def _subdivision_of(place: Mapping[str, str]) -> str:
    part = ISO_BY_COUNTRY.get(place["country_code"]) or ADMIN1_TO_ISO.get(place["admin1_code"])
    if part is None:
        raise DerivationError(f"place {place['geonameid']} lies in no known subdivision")
    return f"CN-{part}"


def _kind_of(day: date, holidays: Mapping[date, str], shifted: Mapping[date, str]) -> str:
    if day in shifted:
        return "SHIFTED_WORKDAY"
    if day in holidays:
        return "HOLIDAY"
    return "WEEKEND" if day.isoweekday() > 5 else "WORKDAY"  # noqa: PLR2004 # Friday


def _largest(group: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the most populous place; among equals the one with the smallest identifier."""
    return min(group, key=lambda place: (-int(place["population"]), int(place["geonameid"])))


def _ratio(part: int, whole: int, step: str) -> str:
    return str((Decimal(part) / Decimal(whole)).quantize(Decimal(step)))


def _json(content: bytes) -> Any:  # noqa: ANN401 # each file has a shape of its own
    try:
        # Numbers stay the text they are: no binary rounding of coordinates.
        return json.loads(content, parse_float=str)
    except ValueError as error:
        raise DerivationError(f"not JSON: {error}") from error


def _translator(catalogue: bytes) -> Callable[[str], str]:
    """Return a function from a text to its translation, empty where the catalogue has none."""
    try:
        translations = gettext.GNUTranslations(io.BytesIO(catalogue))
    except (OSError, UnicodeDecodeError) as error:
        raise DerivationError(f"not a message catalogue: {error}") from error

    def translate(text: str) -> str:
        found = translations.gettext(text)
        return "" if found == text else found

    return translate


def _assignments(module: bytes) -> dict[str, ast.stmt]:
    """Return a module's top-level assignments and classes by name."""
    try:
        body = ast.parse(module).body
    except (SyntaxError, ValueError) as error:
        raise DerivationError(f"not a Python module: {error}") from error
    found: dict[str, ast.stmt] = {}
    for statement in body:
        match statement:
            case ast.ClassDef(name=name) | ast.Assign(targets=[ast.Name(id=name)]):
                found[name] = statement
            case _:
                pass
    return found


def _dates(assignments: Mapping[str, ast.stmt], name: str) -> dict[date, str]:
    """Return ``{day: holiday}`` from ``name = {date(year=…, month=…, day=…): Holiday.x.value}``."""
    match assignments.get(name):
        case ast.Assign(value=ast.Dict(keys=keys, values=values)):
            return {
                _date(key): _member(value) for key, value in zip(keys, values, strict=True) if key
            }
        case _:
            raise DerivationError(f"the module does not define {name} as a dictionary")


def _date(call: ast.expr) -> date:
    match call:
        case ast.Call(keywords=keywords):
            parts = {str(word.arg): _literal(word.value) for word in keywords}
        case _:
            parts = {}
    try:
        return date(**parts)
    except (TypeError, ValueError) as error:
        raise DerivationError(f"line {call.lineno}: no date") from error


def _member(value: ast.expr) -> str:
    match value:
        case ast.Attribute(value=ast.Attribute(attr=name), attr="value"):
            return name
        case _:
            raise DerivationError(f"line {value.lineno}: no holiday")


def _holiday_names(assignments: Mapping[str, ast.stmt]) -> dict[str, str]:
    """Return each holiday's Chinese name from ``member = "English", "Chinese", days``."""
    names = {}
    match assignments.get("Holiday"):
        case ast.ClassDef(body=body):
            for statement in body:
                match statement:
                    case ast.Assign(
                        targets=[ast.Name(id=name)], value=ast.Tuple(elts=[_, chinese, _])
                    ):
                        names[name] = _literal(chinese)
                    case _:
                        pass
        case _:
            raise DerivationError("the module does not define Holiday")
    return names


def _literal(expression: ast.expr) -> Any:  # noqa: ANN401 # a number or a text, as written
    match expression:
        case ast.Constant(value=value):
            return value
        case _:
            raise DerivationError(f"line {expression.lineno}: no literal")


def _grouped(
    rows: Iterable[Mapping[str, Any]], column: str
) -> Mapping[str, list[Mapping[str, Any]]]:
    groups: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row[column]].append(row)
    return groups


def _rows(table: bytes) -> list[dict[str, str]]:
    try:
        return list(csv.DictReader(io.StringIO(table.decode(), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DerivationError(f"not a CSV table: {error}") from error


def _table(step: Step, rows: Iterable[Row]) -> bytes:
    return _csv(list(step.columns), rows)


def _csv(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
