"""A campaign to be filled by hand: four stages, no tasks, one list with one row to rename."""

from campaign.blueprints.plan import Entry, Plan, StagePlan, TermList
from campaign.choices import ListKind, StageKind

EXAMPLE = Entry("作风问题", "示例：请改成自己的类别。", is_example=True)
DAYS_AND_GOALS = (
    (StageKind.MOBILISATION, 15, "动员部署，明确任务和要求。"),
    (StageKind.SELF_EXAMINATION, 45, "自查自纠，建立问题清单。"),
    (StageKind.SUPERVISION, 30, "监督检查，推动整改落实。"),
    (StageKind.SUMMARY, 30, "总结提升，巩固成果。"),
)

EMPTY = Plan(
    "只有四个阶段，类别和任务由自己填写。",
    (TermList("问题类别", ListKind.PROBLEM, (EXAMPLE,)),),
    tuple(StagePlan(kind, days, goal) for kind, days, goal in DAYS_AND_GOALS),
)
