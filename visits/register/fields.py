"""The columns of the three registers, for the template and for the reading."""

from collections.abc import Mapping

from core.columns import Field
from visits.choices import EnterpriseStatus, Size, TargetKind

MAX_ROWS = 1_200_000  # within 512 MB; a larger city sends several files
TEMPLATE_ROWS = 20_000  # that the template's drop-downs reach
TOWNSHIP, VILLAGE, GRID, ADDRESS = "乡镇（街道）", "村（社区）", "网格", "地址"
PHONE, MEMBERS, ABOVE_SCALE, INDUSTRIAL, SIZE = "联系电话", "常住人口", "规上", "工业", "规模"
STATUS = "登记状态"
MAX_MEMBERS = 99


_TOWNSHIP = Field(TOWNSHIP, "村（社区）一栏填代码时可不填", "柳园街道", optional=True, width=18)
_VILLAGE = Field(VILLAGE, "必填：12 位区划代码，或村（社区）名称", "利民社区", width=22)
_GRID = Field(GRID, "可不填：15 位网格代码，或本村（社区）的网格名称", "第一网格", True, width=20)
_ADDRESS = Field(ADDRESS, "可不填", "利民路 12 号", optional=True, width=28, longest=120)
_PLACE = (_TOWNSHIP, _VILLAGE, _GRID, _ADDRESS)
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
    TargetKind.VILLAGE: (_VILLAGE, _TOWNSHIP, _ADDRESS),
}
KEY_OF = {kind: fields[0].heading for kind, fields in FIELDS.items()}
NAME_OF = {TargetKind.HOUSEHOLD: "户主姓名", TargetKind.ENTERPRISE: "企业名称"}
_OWN: Mapping[TargetKind, Mapping[str, str]] = {
    TargetKind.HOUSEHOLD: {
        "户号": "户编号",
        "户编码": "户编号",
        "家庭编号": "户编号",
        "户主": "户主姓名",
        "姓名": "户主姓名",
    },
    TargetKind.ENTERPRISE: {
        "信用代码": "统一社会信用代码",
        "社会信用代码": "统一社会信用代码",
        "统一信用代码": "统一社会信用代码",
        "单位名称": "企业名称",
        "企业全称": "企业名称",
        "名称": "企业名称",
        "是否规上": ABOVE_SCALE,
        "规上企业": ABOVE_SCALE,
        "是否工业": INDUSTRIAL,
        "工业企业": INDUSTRIAL,
        "企业规模": SIZE,
        "经营状态": STATUS,
    },
    TargetKind.VILLAGE: {},
}
_SHARED = {
    "乡镇": TOWNSHIP,
    "街道": TOWNSHIP,
    "镇街": TOWNSHIP,
    "乡镇街道": TOWNSHIP,
    "所在乡镇": TOWNSHIP,
    "村": VILLAGE,
    "村居": VILLAGE,
    "社区": VILLAGE,
    "村社区": VILLAGE,
    "村名": VILLAGE,
    "行政村": VILLAGE,
    "所在村": VILLAGE,
    "村代码": VILLAGE,
    "网格名": GRID,
    "网格名称": GRID,
    "网格代码": GRID,
    "网格编码": GRID,
    "网格编号": GRID,
    "所在网格": GRID,
    "所属网格": GRID,
    "住址": ADDRESS,
    "家庭住址": ADDRESS,
    "家庭地址": ADDRESS,
    "详细地址": ADDRESS,
    "手机": PHONE,
    "电话": PHONE,
    "手机号": PHONE,
    "手机号码": PHONE,
    "电话号码": PHONE,
    "联系方式": PHONE,
    "人口": MEMBERS,
    "人口数": MEMBERS,
    "家庭人口": MEMBERS,
    "常住人口数": MEMBERS,
}
SYNONYMS: Mapping[TargetKind, Mapping[str, str]] = {
    kind: dict(own)
    | {name: h for name, h in _SHARED.items() if h in {field.heading for field in FIELDS[kind]}}
    for kind, own in _OWN.items()
}
IGNORED = ("序号",)
