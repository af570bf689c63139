"""Search by name by the number of names: what every class of question takes, newest twenty first.

The names are made as the form asks (time, region, industry, content, kind of data) from real words,
some common and some rare, with an invented word of two characters in each so that there is a tail.
"""

import random  # noqa: TID251 # names and questions, the same in each run
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from django.db import connection

from bench.filling import insert
from bench.measuring import Report, percentiles
from registry.models import Named
from registry.search import LENGTHS, find, fold, grams
from registry.statements import fetch

SAMPLES = 400
SHOWN = 20
CHUNK = 20_000
KEY = "SELECT text FROM registry_searchname WHERE named = %s AND target = %s"

REGIONS = (
    *("全国", "北京市", "天津市", "河北省", "山西省", "内蒙古", "辽宁省", "吉林省", "黑龙江省"),
    *("上海市", "江苏省", "浙江省", "安徽省", "福建省", "江西省", "山东省", "河南省", "湖北省"),
    *("湖南省", "广东省", "广西", "海南省", "重庆市", "四川省", "贵州省", "云南省", "新疆"),
)
INDUSTRIES = (
    *("制造业", "零售业", "金融业", "软件业", "建筑业", "农业", "采矿业", "批发业", "物流业"),
    *("住宿业", "餐饮业", "房地产", "医疗", "教育", "文化", "水利", "电力", "环保"),
)
CONTENTS = (
    *("交易", "用户", "订单", "信用", "位置", "轨迹", "价格", "库存", "客流", "能耗", "气象"),
    *("人口", "企业", "专利", "图像", "语音", "文本", "知识图谱", "遥感影像", "病历", "课程"),
    *("运单", "税务", "发票", "招聘", "舆情", "车辆", "充电", "光伏", "排放", "水质", "土壤"),
)
KINDS = (
    *("数据集", "数据", "明细表", "统计表", "指标", "样本库", "标签库", "语料库"),
    *("时间序列", "数据产品"),
)
WORDS = ("AI", "IoT", "ESG", "GPS", "API", "OCR", "ERP", "Wi-Fi")


def measure(report: Report, sizes: Sequence[int]) -> None:
    """Grow the names from size to size and ask at each."""
    old = 0
    for size in sizes:
        _fill(old, size)
        key = _run([partial(fetch, KEY, (Named.ASSET, number)) for number in _spread(size)])
        report.add(f"name by key, {size:,} names", _figure(key))
        for kind, texts in _questions(size).items():
            asked = _run([partial(find, Named.ASSET, text, limit=SHOWN) for text in texts])
            report.add(
                f"search, {kind}, {size:,} names",
                _figure(asked),
                ratio=asked[1] / key[0],
                to="p50 of a name by key (p99)",
            )
        old = size


def _name(number: int) -> str:
    draw = random.Random(number)  # noqa: S311 # names, not secrets

    def word(words: Sequence[str]) -> str:
        return words[int(len(words) * draw.random() ** 2)]  # the first are the commonest

    rare = "".join(chr(0x4E00 + int(6_000 * draw.random() ** 2)) for _ in range(2))
    latin = word(WORDS) if draw.random() < 0.2 else ""  # noqa: PLR2004 # a fifth
    year = 2026 - int(10 * draw.random() ** 2)
    return f"{year}年{word(REGIONS)}{rare}{latin}{word(INDUSTRIES)}{word(CONTENTS)}{word(KINDS)}"


def _questions(size: int) -> dict[str, list[str]]:
    draw = random.Random(size)  # noqa: S311 # questions, not secrets

    def parts(length: int) -> list[str]:
        texts = []
        for number in _spread(size):
            name = _name(number)
            start = draw.randrange(max(1, len(name) - length + 1))
            texts.append(name[start : start + length])
        return texts

    return {
        **{f"{length} characters": parts(length) for length in (2, 3, 4, 8)},
        "Latin": [draw.choice(WORDS).lower() for _ in range(SAMPLES)],
        "the commonest": [draw.choice(KINDS[:2] + REGIONS[:3]) for _ in range(SAMPLES)],
        "common pairs that never meet": [
            draw.choice(KINDS) + draw.choice(REGIONS) for _ in range(SAMPLES)
        ],
    }


def _spread(size: int) -> list[int]:
    return [place * 7_919 % size + 1 for place in range(SAMPLES)]


def _run(works: Sequence[Callable[[], object]]) -> tuple[float, float]:
    for work in works[:100]:
        work()
    spent = []
    for work in works:
        turns = []
        for _ in range(3):
            start = time.perf_counter()
            work()
            turns.append(time.perf_counter() - start)
        spent.append(sorted(turns)[1])
    return percentiles(spent)


def _figure(latency: tuple[float, float]) -> str:
    return f"p50 {latency[0] * 1e3:.3f} p99 {latency[1] * 1e3:.3f} ms"


def _fill(old: int, size: int) -> None:
    for first in range(old, size, CHUNK):
        numbers = range(first + 1, min(first + CHUNK, size) + 1)
        names = [(str(Named.ASSET), number, fold(_name(number))) for number in numbers]
        insert("registry_searchname", "named, target, text", names)
        insert("registry_searchgram", "named, gram, target", sorted(_grams(names)))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _grams(names: Sequence[tuple[str, int, str]]) -> Iterator[tuple[str, str, int]]:
    for named, target, text in names:
        for length in LENGTHS:
            for gram in grams(text, length):
                yield named, gram, target
