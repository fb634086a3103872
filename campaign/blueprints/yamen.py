"""机关病·衙门作风专项整治: the drive of the second seed (domain §1.7-1.9)."""

from campaign.blueprints.plan import Entry, Plan, StagePlan, TaskPlan, TermList
from campaign.choices import Audience, DueFrom, ListKind, StageKind, Watch

LISTS = (
    TermList(
        "五类突出问题",
        ListKind.PROBLEM,
        (
            Entry("脱离实际、脱离基层、脱离群众问题"),
            Entry("工作“慵懒散”问题"),
            Entry("办事“推拖绕”问题", "不一次性告知所需材料，让群众来回跑。"),
            Entry("态度“横冷硬”问题", "耍威风、摆架子。"),
            Entry("落实“假大空”问题", "阳奉阴违、敷衍塞责。"),
        ),
    ),
    # The official text is not public: ten rows to be replaced by the county's own.
    TermList(
        "整治“机关病”和“衙门作风”十个不得",
        ListKind.CHECKLIST,
        (
            Entry("不得闭门决策、脱离实际", "示例：没有调研就定方案、下任务。", True),
            Entry("不得上班迟到早退、办私事", "示例：工作时间不在岗、不在状态。", True),
            Entry("不得推诿扯皮、上推下卸", "示例：职责内的事推给别的科室、别的单位。", True),
            Entry("不得拖延办理、超时不办", "示例：能当天办的压上几天。", True),
            Entry("不得不一次性告知", "示例：材料要求分几次说，让群众来回跑。", True),
            Entry("不得态度生硬、冷漠对待群众", "示例：对来办事的人爱答不理、训斥。", True),
            Entry("不得耍威风、摆架子", "示例：对基层、对企业颐指气使。", True),
            Entry("不得弄虚作假、虚报瞒报", "示例：数字、台账与实际不符。", True),
            Entry("不得吃拿卡要、以权谋私", "示例：办事先讲条件、收好处。", True),
            Entry("不得以会议落实会议、以文件落实文件", "示例：层层转发，没有具体措施。", True),
        ),
    ),
    TermList(
        "重点对象",
        ListKind.TIER,
        (
            Entry(
                "关键少数",
                "县委常委、县人大常委会、县政府、县政协领导班子成员，各乡镇（街道）、县直各单位主要负责同志",
            ),
            Entry("关键岗位干部", "掌管审批权、执法权、资金分配权等关键岗位干部"),
            Entry("普通党员干部和公职人员"),
        ),
    ),
    TermList(
        "监督检查方式",
        ListKind.METHOD,
        (
            Entry("明察暗访"),
            Entry("随机抽查"),
            Entry("专项检查"),
            Entry("交叉互查"),
            Entry("大数据监督"),
        ),
    ),
    TermList(
        "检查重点",
        ListKind.FOCUS,
        (
            Entry("自查自纠是否到位"),
            Entry("问题整改是否落实"),
            Entry("制度执行是否严格"),
        ),
    ),
)

STAGES = (
    StagePlan(
        StageKind.MOBILISATION,
        15,
        "传达部署要求，明确重要意义、目标任务、方法步骤和工作要求。",
        (
            TaskPlan(
                "召开动员大会",
                Audience.UNITS,
                "一条动员大会记录",
                Watch.MOBILISED,
                DueFrom.STAGE_START,
                5,
            ),
            TaskPlan("开展学习教育和警示教育", Audience.UNITS, "一条学习教育记录", Watch.STUDIED),
        ),
    ),
    StagePlan(
        StageKind.SELF_EXAMINATION,
        45,
        "对照十个不得自查自纠，建立问题清单，制定整改措施。",
        (
            TaskPlan(
                "对照十个不得自查",
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
                "建立问题台账并报备",
                Audience.UNITS,
                "已备案的单位问题清单",
                Watch.UNIT_LIST,
                DueFrom.STAGE_START,
                20,
            ),
        ),
    ),
    StagePlan(
        StageKind.SUPERVISION,
        45,
        "检查自查自纠是否到位、问题整改是否落实、制度执行是否严格。",
        (
            TaskPlan(
                "成立专项监督检查组",
                Audience.OFFICE,
                "组长、成员和分工",
                Watch.TOLD,
                DueFrom.STAGE_START,
                5,
            ),
            TaskPlan(
                "开展明察暗访、随机抽查、专项检查",
                Audience.OFFICE,
                "检查了哪些单位、发现了什么",
            ),
        ),
    ),
    StagePlan(
        StageKind.SUMMARY,
        30,
        "总结经验做法，建立健全长效机制，防止反弹回潮。",
        (
            TaskPlan(
                "建立健全长效机制",
                Audience.UNITS,
                "首问负责制、限时办结制、一次性告知制等",
                Watch.INSTITUTION,
                DueFrom.STAGE_START,
                10,
            ),
            TaskPlan("分析不足，上传工作总结", Audience.UNITS, "一份总结", Watch.FILE),
            TaskPlan("形成总结报告", Audience.OFFICE, "一份总结报告", Watch.FILE),
        ),
    ),
)

YAMEN = Plan(
    "对照五类突出问题和十个不得，动员部署、自查自纠、监督检查、总结提升，破除机关病、狠刹衙门作风。",
    LISTS,
    STAGES,
)
