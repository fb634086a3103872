"""Times the search for like problems among many; prints the figures as JSON.

Started by bench/run.py in an environment of its own, whose database it fills first: texts put
together out of parts, so that all speak of the same matters, and a tenth copied from one sample
with names, dates and places changed. Their keys are made by the command that an upgrade runs.
"""

import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator

import django

from bench.filling import Figures, filled_once
from bench.organisation import BATCH

PER_PERSON = 50
COPIED_OF_TEN = 1  # of ten items, from one sample
AT_ONCE = 20_000  # items in one transaction
WARM_UP = 10
LONGEST = 1000
COPIES = 300
LIKE = 0.6
SAMPLE = "来办理经营许可变更"
WHEN = ("上午", "下午", "临近下班", "中午", "周一早上", "节后第一天", "赶集那天", "下雨那天")
PLACES = [
    "城关",
    "河西",
    "清水",
    "柳林",
    "北关",
    "东街",
    "石桥",
    "马庄",
    "高集",
    "牛角店",
    "铜城",
    "新城",
    "鱼山",
    "大桥",
    "刘集",
]
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
NAMES = [
    "建国",
    "桂兰",
    "秀英",
    "志强",
    "海燕",
    "文华",
    "玉珍",
    "立军",
    "晓梅",
    "德福",
    "春生",
    "凤霞",
    "永刚",
    "淑芬",
    "振华",
]
MATTERS = """来大厅办低保复核，材料里缺一张收入证明
到窗口补办不动产证，原件落在家里
反映春播农机补贴迟迟没有到户
申请残疾人护理补贴，表格填错了一栏
来问宅基地审批走到哪一步
投诉楼下烧烤摊夜里十二点还在冒烟
送来创业担保贷款的申请，少一个公章
要求查看村里上半年的收支明细
报修自来水管道，家里停水两天
来办门诊慢性病认定，病历复印得不清楚
企业来报环评备案，缺一页现状监测
咨询孩子转学要哪些手续
反映路灯坏了半个月，老人夜里摔了跤
催问征地青苗补偿款何时发放
来领取高龄津贴，银行卡过了期
申报技改项目资金，附件格式不合要求""".splitlines()
DID = """我没有一次讲清要补什么，让他先回去
我正忙着报表，头也没抬，说去隔壁问
我把材料放进抽屉，想着凑够几份一起办
我说这事不归我管，没有告诉他归谁管
我在电话里答应回头联系，转身就忘了
我嫌麻烦，让他下周再来一趟
我没有到现场看，凭经验说没问题
我让他去找村里开证明，其实系统里能查到
我以领导不在为由没有收件
我当着别人的面说了句你急什么
我只登记了名字，没有录进系统
我把文件压在桌上没有看""".splitlines()
THEN = """他先后跑了三趟才办成
直到县里督办才签字
第二周他托人打听才知道缺什么
后来是同事替我补录的
他在群里发了火，我才去处理
过了时限系统亮了红灯
他只好花钱找中介代办
老人又走了十里路回去取
等我想起来已经过了申报期
最后由分管领导出面道歉
他一气之下打了热线
一直拖到月底""".splitlines()
COST = """前后耽误了九天
58户晚领了半个月
多花了两百多块路费
误了孩子报名
少拿了一个季度的补贴
企业为此停工三天
他说再也不来这个窗口了
村里人因此说闲话
合同因此黄了
地里的苗也误了
群众评议时被点了名
补贴下一年才能再报""".splitlines()


def main(items: int, rounds: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    found = filled_once(lambda: _fill_and_key(items))
    found["copies found, %"] = _copies_found()
    print(json.dumps({"milliseconds": _measure(rounds), "figures": found | _sizes()}))


def event(chance: random.Random) -> str:
    """Something that happened; one of some ten million sentences, with names and numbers."""
    parts = (MATTERS, DID, THEN, COST)
    matter, did, then, cost = (chance.choice(part) for part in parts)
    more = f"。{chance.choice(DID)}" if chance.random() < 0.5 else ""
    return f"{_who(chance)}{matter}，{did}。{then}，{cost}{more}。"


def copied(chance: random.Random) -> str:
    """The one sample, with other names, dates and places."""
    days = chance.randint(2, 40)
    return (
        f"{_who(chance)}{SAMPLE}，我看申请表上少填了一栏经营面积，没有当场指出来，"
        f"收下后放在一边，{days}天后才通知重填，他又从乡下赶来，前后跑了三趟。"
    )


def _who(chance: random.Random) -> str:
    month, day, village = chance.randint(1, 12), chance.randint(1, 28), chance.choice(PLACES)
    name = chance.choice(SURNAMES) + chance.choice(NAMES)
    return f"{month}月{day}日{chance.choice(WHEN)}，{chance.choice(PLACES)}镇{village}村的{name}"


def _fill_and_key(items: int) -> Figures:
    filling = _seconds(lambda: _fill(items))
    keying = _seconds(_make_keys)
    return {"fill, s": filling, "keys, s": keying, "keys per second": items / keying}


def _fill(items: int) -> None:
    from django.db import transaction

    from bench.notices import _campaign, _issue
    from bench.organisation import fill
    from issues.models import Issue
    from organisation.models import User

    with transaction.atomic():
        fill(max(items // PER_PERSON, 200))
        campaign, category = _campaign()
    people = list(User.objects.filter(username__startswith="p").values_list("pk", "unit"))
    events = _events(items)
    for start in range(0, items, AT_ONCE):
        made = []
        for number in range(start, min(start + AT_ONCE, items)):
            person = people[number % len(people)]
            made.append(_issue(number, *person, campaign=campaign, category=category))
            made[-1].event = next(events)
        with transaction.atomic():
            Issue.objects.bulk_create(made, batch_size=BATCH)


def _events(items: int) -> Iterator[str]:
    chance = random.Random(1)
    for number in range(items):
        yield copied(chance) if number % 10 < COPIED_OF_TEN else event(chance)


def _make_keys() -> None:
    from django.core.management import call_command
    from django.db import connection

    call_command("index_likeness", stdout=sys.stderr)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _measure(rounds: int) -> dict[str, dict[str, float]]:
    """Median and 95th percentile of each kind of check, and of the floor."""
    from issues.models import Issue
    from issues.queries import like_items
    from organisation.models import User

    chance = random.Random(2)
    cadre, office = (User.objects.get(username=name) for name in ("p7", "office"))
    keys = list(Issue.objects.order_by("pk").values_list("pk", flat=True)[::97])
    stored = Issue.objects.values_list("event", flat=True)

    def copy() -> str:
        return _rewritten(stored.get(pk=chance.choice(keys)), chance)

    long = "。".join(event(chance) for _ in range(30))
    kinds: dict[str, tuple[Callable[[], str], User]] = {
        "like nothing": (lambda: _strange(chance), cadre),
        "of the same matters": (lambda: event(chance), cadre),
        "a copy, names changed": (
            lambda: _rewritten(stored.get(pk=chance.choice(keys)), chance),
            cadre,
        ),
        "copied by a tenth": (lambda: copied(chance), cadre),
        "the same, office": (lambda: copied(chance), office),
        "of 1,000 signs": (lambda: long[chance.randint(0, 300) :][:LONGEST], cadre),
    }
    found = {"one row by its key": _times(rounds, lambda: chance.choice(keys), _reader(stored))}
    for name, (text, reader) in kinds.items():
        found[name] = _times(rounds, text, lambda each, r=reader: like_items(each, reader=r))
    return found


def _rewritten(old: str, chance: random.Random) -> str:
    """With another name, date and place."""
    _, _, name_and_matter = old.partition("村的")
    return _who(chance) + name_and_matter[3:]


def _copies_found() -> float:
    """Of copies with names changed: for how many one as like as the original is found."""
    from issues.likeness import likeness
    from issues.models import Issue
    from issues.queries import like_items
    from organisation.models import User

    chance, office = random.Random(3), User.objects.get(username="office")
    events = Issue.objects.exclude(event__contains=SAMPLE).values_list("event", flat=True)
    found = []
    for old in events.order_by("pk")[:: max(events.count() // COPIES, 1)]:
        new = _rewritten(old, chance)
        if likeness(old, new) >= LIKE:
            best = max((each.share for each in like_items(new, reader=office)), default=0)
            found.append(best >= likeness(old, new))
    return 100 * sum(found) / len(found)


def _reader(stored: object) -> Callable[[object], object]:
    return lambda key: stored.get(pk=key)


def _strange(chance: random.Random) -> str:
    return "".join(chr(0x4E00 + chance.randrange(3000)) for _ in range(100))


def _times(
    rounds: int, argument: Callable[[], object], do: Callable[[object], object]
) -> dict[str, float]:
    times = []
    for number in range(WARM_UP + rounds):
        given = argument()
        began = time.perf_counter()
        do(given)
        if number >= WARM_UP:
            times.append((time.perf_counter() - began) * 1000)
    return {"median": statistics.median(times), "p95": statistics.quantiles(times, n=20)[-1]}


def _sizes() -> dict[str, float]:
    """Megabytes of the keys with their indexes, and of all."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'issues_likenesskeys%'"
                " OR name LIKE 'likeness_%'"
            )
            keys = cursor.fetchone()[0]
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
        else:
            cursor.execute("SELECT pg_total_relation_size('issues_likenesskeys')")
            keys = cursor.fetchone()[0]
            cursor.execute("SELECT pg_database_size(current_database())")
        return {"keys, MB": keys / 2**20, "database, MB": cursor.fetchone()[0] / 2**20}


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
