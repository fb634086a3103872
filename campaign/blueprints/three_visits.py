"""三遍访三评议三提升: the drive of the first seed (domain §1.1-1.6)."""

from campaign.blueprints.plan import Entry, Plan, StagePlan, TaskPlan, TermList
from campaign.choices import Audience, DueFrom, ListKind, StageKind, Watch

# Exact names and one-line glosses (domain §1.5).
TEN_ILLS: tuple[tuple[str, str], ...] = (
    ("浑浑噩噩、混天度日", "不用力、不尽责，任务不推就不动，拈轻怕重。"),
    ("浮皮潦草、粗枝大叶", "不用心、不细心，审核不严、层层失守。"),
    ("不敢担当、不想作为", "上推下卸、怕担风险，小事拖大、大事拖炸。"),
    ("故步自封、因循守旧", "没有细则就不动，等待观望。"),
    ("效率低下、拖拖拉拉", "一天能办的拖上几天，领导不盯就搁置。"),
    ("标准不高、小成即满", "满足于不垫底，刚部署就总结经验。"),
    ("高高在上、不接地气", "坐办公室听汇报，当层层转批的“二传手”。"),
    ("弄虚作假、粉饰太平", "报喜不报忧，瞒报谎报、遮掩问题。"),
    ("境界不高、自私自利", "自己的事斤斤计较，群众的事高高挂起。"),
    ("脱离实际、闭门造车", "不调研，频繁开会发通知提要求，不顾基层压力和群众意愿。"),
)

LISTS = (
    TermList("作风十弊", ListKind.PROBLEM, tuple(Entry(*row) for row in TEN_ILLS)),
    TermList(
        "问题来源",
        ListKind.SOURCE,
        (
            Entry("上级点出的问题"),
            Entry("巡视巡察发现的问题"),
            Entry("在美丽宜居乡村建设中暴露的问题"),
            Entry("曾引发负面舆情的问题"),
            Entry("省市电视问政曝光的问题"),
        ),
    ),
    TermList(
        "被动暴露渠道",
        ListKind.EXPOSURE,
        (
            Entry("上级通报"),
            Entry("考核评比"),
            Entry("媒体曝光"),
            Entry("群众上访"),
            Entry("重大舆情或群体性事件"),
        ),
    ),
    TermList(
        "三遍访",
        ListKind.VISIT,
        (
            Entry("遍访企业", "规模以上企业、小微企业，工业企业、其他企业，都要走访到。"),
            Entry("遍访村居", "不管是城市还是农村，必须实现全覆盖。"),
            Entry("遍访群众", "主动上门，嘘寒问暖，鼓励群众提出意见建议。"),
        ),
    ),
    TermList(
        "三评议",
        ListKind.RATING,
        (
            Entry("上级领导评"),
            Entry("同级部门评"),
            Entry("服务对象评", "其中最重要的是服务对象评。"),
        ),
    ),
    TermList(
        "三提升",
        ListKind.LIFT,
        (Entry("干部作风提升"), Entry("营商环境提升"), Entry("群众满意度提升")),
    ),
)

STAGES = (
    StagePlan(
        StageKind.MOBILISATION,
        15,
        "召开动员大会，明确任务、步骤和要求。",
        (
            TaskPlan(
                "召开动员大会",
                Audience.UNITS,
                "一条动员大会记录",
                Watch.MOBILISED,
                DueFrom.STAGE_START,
                5,
            ),
            TaskPlan("开展专题学习", Audience.UNITS, "一条学习教育记录", Watch.STUDIED),
            TaskPlan(
                "组建民情书记服务队，划定包联区域",
                Audience.OFFICE,
                "服务队和包联区域编排完成",
            ),
        ),
    ),
    StagePlan(
        StageKind.SELF_EXAMINATION,
        60,
        "干部人人建问题清单，单位汇总备案；遍访企业、村居、群众。",
        (
            TaskPlan(
                "写下自己的问题",
                Audience.CADRES,
                "至少一个具体的问题，提交到单位",
                Watch.OWN_LIST,
                DueFrom.STAGE_START,
                10,
            ),
            TaskPlan(
                "干部人人有问题清单",
                Audience.UNITS,
                "本单位每名干部都有问题清单",
                Watch.CADRE_LISTS,
                DueFrom.STAGE_START,
                15,
            ),
            TaskPlan(
                "单位问题清单报办公室审核备案",
                Audience.UNITS,
                "已备案的单位问题清单",
                Watch.UNIT_LIST,
                DueFrom.STAGE_START,
                25,
            ),
            TaskPlan(
                "遍访企业、村居、群众",
                Audience.OFFICE,
                "登记册全覆盖",
                Watch.COVERAGE,
            ),
        ),
    ),
    StagePlan(
        StageKind.SUPERVISION,
        40,
        "监督检查整改落实，开展三评议。",
        (
            TaskPlan("抽查回访走访记录", Audience.OFFICE, "抽查的范围、比例和结果"),
            TaskPlan("接受三评议", Audience.UNITS, "一轮结束的评议", Watch.ROUND_CLOSED),
            TaskPlan(
                "对照单位和下级的问题主动认领",
                Audience.LEADING,
                "认领了哪些问题，带头怎么改",
            ),
        ),
    ),
    StagePlan(
        StageKind.SUMMARY,
        22,
        "总结经验，建章立制，防止反弹回潮。",
        (
            TaskPlan(
                "建立健全制度",
                Audience.UNITS,
                "首问负责制、限时办结制、一次性告知制等",
                Watch.INSTITUTION,
                DueFrom.STAGE_START,
                10,
            ),
            TaskPlan("上传工作总结", Audience.UNITS, "一份总结", Watch.FILE),
            TaskPlan("形成总结报告", Audience.OFFICE, "一份总结报告", Watch.FILE),
        ),
    ),
)

THREE_VISITS = Plan(
    "遍访企业、村居、群众，上级、同级、服务对象评议，提升干部作风、营商环境、群众满意度。",
    LISTS,
    STAGES,
)
