"""What people told the demo's visitors: no two of them the same, as in life."""

from random import Random

from visits.choices import TargetKind

TRIES = 50  # then it may be said twice: a county of millions runs out of words
_HOMES = (
    "家里{few}口人",
    "户主{old}岁，家里{few}口人",
    "老两口在家，年纪大的{old}岁",
    "老人{old}岁独居，子女在外务工",
    "三代同住，{few}口人",
    "夫妻俩带{little}个孩子",
    "儿子儿媳在外打工，老人带{little}个孙子",
    "新搬回村的一家{few}口",
)
_LIVINGS = (
    "种{few}亩玉米和{little}亩小麦",
    "承包{many}亩大棚，种黄瓜和西红柿",
    "地流转给合作社，一亩租金{hundreds}元",
    "养了{many}只羊，开春准备再添{little}只",
    "在镇上的厂里上班，一个月休{little}天",
    "开了间小卖部，顺带收发快递",
    "在聊城跑运输，{little}天回来一趟",
    "靠养老金和地里的收成，够用",
    "做{many}年木工了，活不断",
    "秋粮收了{hundreds}斤，价钱比去年好",
)
_THEMES = (
    (
        "对村里路灯维修满意",
        "路灯新换了{little}盏，晚上出门方便了",
        "村西的路硬化了{hundreds}米，下雨不再踩泥",
        "垃圾{little}天一清，比以前干净",
    ),
    (
        "身体尚好，希望村里常来看看",
        "上个月体检过，血压{high}，按时吃药",
        "腿脚不便，去镇卫生院要走{hundreds}米",
        "慢性病卡办好了，拿药方便",
    ),
    (
        "反映东头排水沟淤堵，门前积水有{many}厘米",
        "自来水早晚水压低，有{little}天上不来",
        "门口的路坑洼，{hundreds}米没有硬化",
        "电线低，离房顶只有{little}米，担心不安全",
    ),
    (
        "想了解农机购置补贴怎么申请",
        "问大棚保险一亩交多少，赔多少",
        "打听小额贷款，想借{little}万元扩种",
        "想知道高标准农田什么时候修到这一片，地有{few}亩",
    ),
    (
        "孩子上{little}年级，转学手续已办好",
        "孙子上幼儿园，每天接送{little}趟",
        "孩子今年高考，盼着少些杂事打扰",
        "孩子{few}岁，放学后没有人看，想有个托管的地方",
    ),
    (
        "对村务公开比较满意，建议公示栏字再大一些",
        "看得懂公示的账，问了{little}笔支出，村里当场说清",
        "希望开会早{little}天通知，好安排农活",
        "说村干部好找，{little}次去都有人",
    ),
)
_BUSINESS = (
    "现有职工{many}人，订单排到{little}个月以后",
    "上半年产值{hundreds}万元，比去年好",
    "开工{little}条线，还有一条在调试",
    "主要做外地客户，运费占了{few}个点",
    "今年新上{little}台设备，电费一个月{few}万元",
    "员工{many}人，{few}人是本村的",
)
_WISHES = (
    "用工缺口{many}人，希望帮助发布招工信息",
    "贷款{hundreds}万元年底到期，想问问续贷",
    "想扩{few}亩厂房，问用地怎么报",
    "环评手续跑了{little}趟，盼着一次说清",
    "税费优惠都享受到了，没有别的困难",
    "门前的路大车难进，绕行{few}公里",
)
_VILLAGES = (
    "全村{hundreds}户，常年在外的有{many}户",
    "党员{many}名，{few}名在外",
    "集体收入{few}万元，主要是土地发包",
    "今年修路{hundreds}米、换路灯{many}盏",
)
_COMMON = (
    "群众说得最多的是浇地用水，机井坏了{little}眼",
    "低保户{many}户，本月新增{little}户，名单贴在公示栏",
    "打算冬天前清沟{hundreds}米，缺{little}台机械",
    "村里想建{little}处晒场，问补助怎么申请",
)


def heard(kind: TargetKind, theme: int, random: Random, told: set[str]) -> str:
    """Some words that are not among those ``told``, and join them now."""
    sources = {
        TargetKind.HOUSEHOLD: (_HOMES, _LIVINGS, _THEMES[theme]),
        TargetKind.ENTERPRISE: (_BUSINESS, _WISHES),
        TargetKind.VILLAGE: (_VILLAGES, _COMMON),
    }[kind]
    for _ in range(TRIES):
        text = "，".join(_filled(random.choice(each), random) for each in sources) + "。"
        if text not in told:
            break
    told.add(text)
    return text


def _filled(part: str, random: Random) -> str:
    return part.format(
        little=random.randint(2, 4),
        few=random.randint(3, 9),
        many=random.randint(11, 48),
        hundreds=random.randint(12, 96) * 10,
        old=random.randint(62, 88),
        high=random.randint(128, 162),
    )


THEMES = len(_THEMES)
