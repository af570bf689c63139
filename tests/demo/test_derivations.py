import csv
import io
from datetime import date
from fractions import Fraction

import chinese_calendar
import pytest

from demo import derivations
from demo.assets import demo_assets
from demo.derivations import DerivationError
from demo.sources import CITIES, SUBDIVISION_NAMES, SUBDIVISIONS
from primitives.digests import digest_bytes

EXPECTED = {
    "places": (2314, "43d1adbb624c5111611ca8e0b944a86eb21b40566fb8b88ee3260ecadf594626"),
    "subdivided-places": (
        2314,
        "7cf7dd7316c06c37f9d1ca8bf8d0ffe6e423f9b6d8c14993270d0ebe37402c1e",
    ),
    "concentration": (34, "9bd103dae27ae3420c2e135cbc2de5694a737bc870a899a029de6a96dea93a56"),
    "working-days": (1096, "a37d337881578fc5dc027c32486d3ff664bc50746f7ca8737db0b961ecae0cc2"),
    "months": (36, "78bf82ca5650e7af554f84cfbedc130582b6167340ab3d3106a470600719d515"),
    "person-days": (408, "7c42fca4c6b01d6a9f48877ca66e247f60733cc87bdb90d4856972c74e84ef6a"),
    "currencies": (249, "5babb8e66015b1aaa4a07050af254dcaf253965d2363b7c53fb3f2ae0ceb8dd5"),
    "time-zones": (356, "27e203ded22354e93006f7e1baf08262c8aa65020f1fe41c80d8eb723de7290c"),
}
CAPITALS = {
    "CN-AH": "Hefei", "CN-BJ": "Beijing", "CN-CQ": "Chongqing", "CN-FJ": "Fuzhou",
    "CN-GD": "Guangzhou", "CN-GS": "Lanzhou", "CN-GX": "Nanning", "CN-GZ": "Guiyang",
    "CN-HA": "Zhengzhou", "CN-HB": "Wuhan", "CN-HE": "Shijiazhuang", "CN-HI": "Haikou",
    "CN-HK": "Hong Kong", "CN-HL": "Harbin", "CN-HN": "Changsha", "CN-JL": "Changchun",
    "CN-JS": "Nanjing", "CN-JX": "Nanchang", "CN-LN": "Shenyang", "CN-MO": "Macau",
    "CN-NM": "Hohhot", "CN-NX": "Yinchuan", "CN-QH": "Xining", "CN-SC": "Chengdu",
    "CN-SD": "Jinan", "CN-SH": "Shanghai", "CN-SN": "Xi’an", "CN-SX": "Taiyuan",
    "CN-TJ": "Tianjin", "CN-TW": "Taipei", "CN-XJ": "Ürümqi", "CN-XZ": "Lhasa",
    "CN-YN": "Kunming", "CN-ZJ": "Hangzhou",
}  # fmt: skip


def rows(key: str) -> list[dict[str, str]]:
    content = next(asset.content for asset in demo_assets() if asset.key == key)
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_the_pinned_packages_give_the_pinned_tables() -> None:
    found = {
        asset.key: (asset.description.record_count, asset.digests.sha256) for asset in demo_assets()
    }
    assert found == EXPECTED


def test_a_step_computed_again_gives_the_same_bytes() -> None:
    once, twice = (derivations.summarise_time_zones(CITIES.file.content) for _ in range(2))
    assert once == twice


def test_tables_are_utf8_with_lf_and_say_their_columns() -> None:
    for asset in demo_assets():
        text = asset.content.decode()
        assert "\r" not in text
        assert text.endswith("\n")


def test_every_subdivision_of_the_standard_has_its_capital_among_its_places() -> None:
    places = {(row["subdivision"], row["name"]) for row in rows("subdivided-places")}
    assert set(CAPITALS.items()) <= places
    assert {row["subdivision"] for row in rows("concentration")} == set(CAPITALS)


def test_every_subdivision_has_a_chinese_name() -> None:
    names = {row["subdivision"]: row["subdivision_name_zh"] for row in rows("concentration")}
    assert names["CN-NX"] == "宁夏回族自治区"
    assert names["CN-TW"] == "台湾省"
    assert all(name.endswith(("省", "市", "区")) for name in names.values())


def test_concentration_agrees_with_a_naive_reckoning() -> None:
    for area in rows("concentration"):
        sizes = [
            int(place["population"])
            for place in rows("subdivided-places")
            if place["subdivision"] == area["subdivision"]
        ]
        total = sum(sizes)
        assert (int(area["places"]), int(area["population"])) == (len(sizes), total)
        assert abs(Fraction(area["largest_share"]) - Fraction(max(sizes), total)) <= Fraction(
            1, 20_000
        )
        herfindahl = sum(Fraction(size, total) ** 2 for size in sizes)
        assert abs(Fraction(area["herfindahl"]) - herfindahl) <= Fraction(1, 2_000_000)


def test_the_calendar_agrees_with_the_package_on_every_day() -> None:
    for row in rows("working-days"):
        day = date.fromisoformat(row["date"])
        assert row["is_working_day"] == str(int(chinese_calendar.is_workday(day)))


def test_the_calendar_of_2026_agrees_with_the_notice_of_4_november_2025() -> None:
    days = [row for row in rows("working-days") if row["date"].startswith("2026")]
    shifted = {row["date"] for row in days if row["kind"] == "SHIFTED_WORKDAY"}
    assert shifted == {
        "2026-01-04",
        "2026-02-14",
        "2026-02-28",
        "2026-05-09",
        "2026-09-20",
        "2026-10-10",
    }
    off = [row["holiday"] for row in days if row["kind"] == "HOLIDAY"]
    assert {name: off.count(name) for name in off} == {
        "元旦": 3,
        "春节": 9,
        "清明": 3,
        "劳动节": 5,
        "端午": 3,
        "中秋": 3,
        "国庆节": 7,
    }


def test_months_add_up_to_the_calendar() -> None:
    for month in rows("months"):
        parts = ("working_days", "holidays", "weekend_days")
        assert int(month["days"]) == sum(int(month[part]) for part in parts)
    assert sum(int(month["days"]) for month in rows("months")) == len(rows("working-days"))


def test_person_days_are_the_product_of_both_sources() -> None:
    for row in rows("person-days"):
        product = int(row["population"]) * int(row["working_days"])
        assert int(row["person_working_days"]) == product


def test_a_currency_no_longer_in_the_standard_is_marked() -> None:
    stale = {
        row["alpha_2"]: row["currency"] for row in rows("currencies") if row["is_current"] == "0"
    }
    assert stale == {"AQ": "", "BG": "BGN"}


@pytest.mark.parametrize("cities", [b"{", b"\xff"])
def test_cities_that_are_no_json_are_refused(cities: bytes) -> None:
    with pytest.raises(DerivationError, match="not JSON"):
        derivations.clean_places(cities)


def test_a_table_that_is_no_csv_is_refused() -> None:
    with pytest.raises(DerivationError, match="not a CSV table"):
        derivations.concentrate(b"\xff")


def test_names_that_are_no_message_catalogue_are_refused() -> None:
    with pytest.raises(DerivationError, match="not a message catalogue"):
        derivations.join_subdivisions(
            b"", subdivisions=SUBDIVISIONS.file.content, names_zh=b"no catalogue"
        )


@pytest.mark.parametrize(
    ("constants", "reason"),
    [
        (b"holidays =", "not a Python module"),
        (b"holidays = 1", "does not define holidays"),
        (b"holidays = {1: Holiday.x.value}", "no date"),
        (b"holidays = {date(year=2024, month=13, day=1): Holiday.x.value}", "no date"),
        (b"holidays = {date(year=today(), month=1, day=1): Holiday.x.value}", "no literal"),
        (b"holidays = {date(year=2024, month=1, day=1): 1}", "no holiday"),
        (b"holidays = {}\nworkdays = {}", "does not define Holiday"),
        (b"holidays = {}\nworkdays = {}\nclass Holiday:\n    x = '', f(), 1", "no literal"),
    ],
)
def test_a_module_that_is_not_the_calendar_is_refused(constants: bytes, reason: str) -> None:
    with pytest.raises(DerivationError, match=reason):
        derivations.list_days(constants)


def test_a_place_in_an_unknown_division_is_refused() -> None:
    place = b"geonameid,name,country_code,admin1_code\n1,Nowhere,CN,99\n"
    with pytest.raises(DerivationError, match="place 1 lies in no known subdivision"):
        derivations.join_subdivisions(
            place,
            subdivisions=SUBDIVISIONS.file.content,
            names_zh=SUBDIVISION_NAMES.file.content,
        )


def test_the_code_digest_is_that_of_the_file_that_was_run() -> None:
    sha256 = digest_bytes(derivations.code()).sha256
    assert {edge.code_sha256 for asset in demo_assets() for edge in asset.edges} == {sha256}
