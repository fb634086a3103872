"""Choices of a campaign, in the words of the seeds (domain §1)."""

from django.db.models import TextChoices


class StageKind(TextChoices):
    MOBILISATION = "mobilisation", "动员部署"
    SELF_EXAMINATION = "self_examination", "自查自纠"
    SUPERVISION = "supervision", "监督检查"
    SUMMARY = "summary", "总结提升"


# 作风十弊: exact names and one-line glosses (domain §1.5).
TEN_ILLS = (
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
