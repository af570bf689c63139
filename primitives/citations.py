"""Sources of rules as each reader knows them: written once, in short, and spelled out in Chinese.

The short form is what the code and the English pages write: ``NDA35 art. 21(4), Annex 1``.
"""

import re

ABBREVIATIONS = {
    "NDA35": "《数据产权登记工作指引（试行）》",
    "DSL": "《数据安全法》",
    "PIPL": "《个人信息保护法》",
    "NETREG": "《网络数据安全管理条例》",
    "BJ20": "北京市《关于更好发挥数据要素作用进一步加快发展数字经济的实施意见》",
    "invariant": "设计约束",
}
RANGE = re.compile(r" ?art\. (\d+)-(\d+)")
ARTICLES = re.compile(r" ?art\. (\d+(?:\(\d+\))?(?:, \d+(?:\(\d+\))?)*)")
ITEM = re.compile(r"(\d+)(?:\((\d+)\))?")
ANNEX = re.compile(r",? ?Annex (\d+)")


def cited(source: str, language: str) -> str:
    """Return a rule's source in Chinese for a code that begins with zh, else as it is written."""
    if not language.startswith("zh"):
        return source
    text = RANGE.sub(r"第\1至\2条", source)
    text = ARTICLES.sub(_articles, text)
    text = ANNEX.sub(r"附件\1", text)
    for short, spelled in ABBREVIATIONS.items():
        text = text.replace(short, spelled)
    return text.replace("; ", "；").replace(", ", "、")


def _articles(match: re.Match[str]) -> str:
    return "、".join(
        f"第{number}条第（{item}）项" if item else f"第{number}条"
        for number, item in ITEM.findall(match[1])
    )
