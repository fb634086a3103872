"""Invented names: plausible, and nobody's."""

from random import Random

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = (
    "建国 秀兰 志强 桂英 海燕 文博 立新 玉梅 长河 春生 洪涛 雪梅 广福 俊杰 金凤 传友 "
    "维民 淑珍 学军 红霞 庆山 月英 兴旺 丽萍 东升 爱华 宝田 晓敏 振华 凤霞 光明 素云 "
    "树林 翠平 永刚 改英 少波 冬梅 怀德 巧云"
).split()
COMPANY_WORDS = "鲁东 阿城 恒源 泰和 金河 润田 新铭 华阳 盛通 瑞丰 中昊 宏业 东昌 齐鲁".split()
TRADES = (
    ("机械制造有限公司", True),
    ("阿胶制品有限公司", True),
    ("纺织有限公司", True),
    ("食品加工有限公司", True),
    ("商贸有限公司", False),
    ("物流有限公司", False),
    ("农业科技有限公司", False),
    ("建筑安装有限公司", False),
)
CODE_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015, in value order


def person(random: Random) -> str:
    return random.choice(SURNAMES) + random.choice(GIVEN)


def company(random: Random, place: str) -> tuple[str, bool]:
    """A company's name and whether it is industrial."""
    trade, industrial = random.choice(TRADES)
    return f"{place}{random.choice(COMPANY_WORDS)}{trade}", industrial


def credit_code(random: Random, county: str) -> str:
    """A well-formed unified social credit code with its check character (domain §4.3)."""
    body = f"91{county}" + "".join(random.choices(CODE_CHARACTERS, k=9))
    total = sum(
        CODE_CHARACTERS.index(character) * pow(3, place, 31) for place, character in enumerate(body)
    )
    return body + CODE_CHARACTERS[-total % 31]
