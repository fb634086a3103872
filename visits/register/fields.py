"""The columns of the three registers, for the template and for the reading."""

from collections.abc import Mapping

from core.columns import Field
from visits.choices import EnterpriseStatus, Size, TargetKind

MAX_ROWS = 20_000
TOWNSHIP, VILLAGE, ADDRESS = "乡镇（街道）", "村（社区）", "地址"
PHONE, MEMBERS, ABOVE_SCALE, INDUSTRIAL, SIZE = "联系电话", "常住人口", "规上", "工业", "规模"
STATUS = "登记状态"
MAX_MEMBERS = 99


_PLACE = (
    Field(TOWNSHIP, "村（社区）一栏填代码时可不填", "柳园街道", optional=True, width=18),
    Field(VILLAGE, "必填：12 位区划代码，或村（社区）名称", "利民社区", width=22),
    Field(ADDRESS, "可不填", "利民路 12 号", optional=True, width=28, longest=120),
)
_PHONE = Field(PHONE, "可不填：11 位手机号，或带区号的固定电话", "13800000000", True, width=18)
FIELDS: Mapping[TargetKind, tuple[Field, ...]] = {
    TargetKind.HOUSEHOLD: (
        Field("户编号", "必填：数字、字母或短横，不超过 24 位", "371502002001-0001", width=26),
        Field("户主姓名", "必填：只填姓名，不填证件号码", "张建国", longest=40),
        *_PLACE,
        _PHONE,
        Field(MEMBERS, f"可不填：0 至 {MAX_MEMBERS} 的整数", "4", optional=True),
    ),
    TargetKind.ENTERPRISE: (
        Field("统一社会信用代码", "必填：18 位，按执照填写", "91350100M000100Y43", width=26),
        Field("企业名称", "必填：按执照填写", "聊城示范机械有限公司", width=30),
        *_PLACE,
        _PHONE,
        Field(ABOVE_SCALE, "必填：是 或 否", "是", options=("是", "否")),
        Field(INDUSTRIAL, "必填：是 或 否", "是", options=("是", "否")),
        Field(SIZE, "可不填：大型、中型、小型、微型", "小型", True, options=tuple(Size.labels)),
        Field(
            STATUS,
            "可不填：正常、失联、僵尸、注销；找不到的企业也要走访核实",
            "正常",
            True,
            options=tuple(EnterpriseStatus.labels),
        ),
    ),
    TargetKind.VILLAGE: (_PLACE[1], _PLACE[0], _PLACE[2]),
}
KEY_OF = {kind: fields[0].heading for kind, fields in FIELDS.items()}
NAME_OF = {TargetKind.HOUSEHOLD: "户主姓名", TargetKind.ENTERPRISE: "企业名称"}
