"""Every act that the sources record has a Chinese name."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from config.celery import app
from core import acts
from issues.slip_way import STEPS
from issues.workflow import MOVES
from organisation.roster.comparison import Act
from organisation.roster.units import UnitAct
from visits.appeal_way import STEPS as APPEAL_STEPS

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("core", "organisation", "campaign", "visits", "issues", "evaluations", "reports")
LOOKS_LIKE_AN_ACT = re.compile(r"[a-z]+\.[a-z_]+")
NOT_ACTS = {  # labels of columns, names of modules and files
    "campaign.calendar",
    "campaign.list",
    "core.sought",
    "issues.step",
    "issues.waits",
    "organisation.session",
    "organisation.throttle",
    "rules.toml",
    "serve.lock",
    "socket.connect",
    "tmp.lock",
    "vbaproject.bin",
    "wsgi.url_scheme",
}


def sources() -> Iterator[ast.AST]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts and path.name != "acts.py":
                yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def literals() -> set[str]:
    """``act="…"`` wherever it is passed, and whatever else reads like an act."""
    found = set()
    for node in sources():
        if isinstance(node, ast.keyword) and node.arg == "act":
            found |= {str(node.value.value)} if isinstance(node.value, ast.Constant) else set()
        if isinstance(node, ast.Constant) and LOOKS_LIKE_AN_ACT.fullmatch(str(node.value)):
            found.add(str(node.value))
    app.loader.import_default_modules()
    return found - NOT_ACTS - (set(app.tasks) - set(acts.LABELS))


def details() -> set[str]:
    """What is said of an act beside who, what and whom."""
    calls = [node for node in sources() if isinstance(node, ast.Call)]
    names = {"record", "record_alone", "_record"}
    recording = [
        call for call in calls if getattr(call.func, "attr", getattr(call.func, "id", "")) in names
    ]
    given = {keyword.arg for call in recording for keyword in call.keywords}
    counted = {act.value for act in (*Act, *UnitAct)} | {"unchanged"}  # what an import did
    return counted | {name for name in given if name} - {"actor", "act", "subject"}


def rated() -> set[str]:
    """The verbs that the evaluations put behind their name."""
    tree = ast.parse((ROOT / "evaluations" / "services.py").read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = [call for call in calls if getattr(call.func, "id", "") == "_record"]
    return {f"evaluations.{ast.literal_eval(call.args[2])}" for call in named}


def moved() -> set[str]:
    issues = {f"issues.{move.name}" for move in MOVES} | {f"issues.{step.act}" for step in STEPS}
    return issues | {f"visits.{step.act}" for step in APPEAL_STEPS} | {"visits.appeal_call_back"}


def test_every_act_has_a_name() -> None:
    """A name without an act is fine: rows of earlier versions keep theirs."""
    recorded = literals() | rated() | moved()
    assert recorded - set(acts.LABELS) == set()
    assert len(recorded) > 50


def test_every_detail_has_a_name() -> None:
    assert details() - set(acts.DETAILS) == set()


def test_every_name_is_chinese_and_stands_in_a_group() -> None:
    assert all(re.search(r"[\u4e00-\u9fff]", label) for label in acts.LABELS.values())
    listed = [act for _group, group in acts.choices() for act, _label in group]
    assert sorted(listed) == sorted(acts.LABELS)


def test_an_act_of_an_earlier_version_stays_readable() -> None:
    assert (acts.label_of("visits.record"), acts.label_of("old.act")) == ("登记走访", "old.act")


def test_what_else_is_known_is_one_line() -> None:
    detail = {"number": 3, "done": True, "other": None, "weights": {"甲": 1}, "note": "x"}
    assert acts.detail_of(detail) == "数量：3；done：是；other：无；权重：甲 1；note：x"


def test_what_is_known_by_parts_reads_as_words() -> None:
    changes = {"second_factor": [False, True], "idle_minutes": [30, 15]}
    weights = {"superior": 25, "peer": 25, "served": 50}
    assert [acts.detail_of({"changes": changes}), acts.detail_of({"weights": weights})] == [
        "改动：必须用动态口令 否 → 是，无操作自动退出（分钟） 30 → 15",
        "权重：上级 25，同级 25，服务对象 50",
    ]
    assert acts.detail_of({"units": [3, 4], "powers": []}) == "单位编号：3、4；手中权力：无"
