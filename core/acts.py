"""What the acts of the audit trail are called; a test holds that every act has a name."""

LABELS = {
    "access.denied": "被拒绝访问",
    "access.form_expired": "提交了过期的页面",
    "accounts.change_password": "修改密码",
    "accounts.change_policy": "修改安全策略",
    "accounts.disable": "停用账号",
    "accounts.enable": "启用账号",
    "accounts.renew_recovery_codes": "重新生成恢复码",
    "accounts.reset_password": "重置密码",
    "accounts.reset_second_factor": "重置动态口令",
    "accounts.set_up_authenticator": "启用动态口令",
    "calendar.close_days": "登记停工",
    "calendar.land_year": "上传工作日历",
    "calendar.recompute": "按工作日历调整期限",
    "calendar.reopen_day": "撤销停工",
    "campaign.add_task": "新增阶段任务",
    "campaign.change_dates": "修改阶段日期",
    "campaign.change_list": "修改清单",
    "campaign.change_task": "修改阶段任务",
    "campaign.create": "新建专项行动",
    "campaign.end_stage": "结束阶段",
    "campaign.fetch_file": "下载任务或活动的文件",
    "campaign.join": "加入参与单位",
    "campaign.leave": "退出参与单位",
    "campaign.move_deadlines": "重算任务期限",
    "campaign.record_activity": "登记学习教育活动",
    "campaign.record_institution": "登记制度",
    "campaign.remove_activity": "删除学习教育活动",
    "campaign.remove_institution": "删除制度",
    "campaign.remove_task": "删除阶段任务",
    "campaign.resume_stage": "恢复阶段",
    "campaign.task_done": "报告任务完成",
    "campaign.task_not_done": "撤回任务完成",
    "core.retire_keys": "停用旧密钥",
    "core.rotate_keys": "更换密钥",
    "evaluations.close": "结束评议",
    "evaluations.create": "新建评议",
    "evaluations.open": "开始评议",
    "evaluations.print_codes": "生成评议码",
    "evaluations.set_groups": "修改权重和最少份数",
    "issues.add_evidence": "上传整改佐证",
    "issues.apply": "申请销号",
    "issues.confirm": "确认问题",
    "issues.fetch_evidence": "下载整改佐证",
    "issues.file": "审核备案",
    "issues.office_pass": "作风办审核通过",
    "issues.office_refuse": "作风办退回整改",
    "issues.office_return": "作风办退回修改",
    "issues.refuse": "纪委监委退回整改",
    "issues.return": "单位退回修改",
    "issues.rewrite": "修改问题",
    "issues.sign_off": "销号",
    "issues.submit": "提交单位审核",
    "issues.unit_refuse": "单位退回整改",
    "issues.unit_sign": "单位审签同意",
    "issues.withdraw": "撤回问题",
    "issues.write": "填写问题",
    "jobs.fetch_file": "下载文件",
    "jobs.request": "申请后台任务",
    "jobs.take_file": "领取一次性文件",
    "login.accepted": "登录",
    "login.end_sessions": "结束其他登录",
    "login.refused": "登录失败",
    "logout": "退出",
    "organisation.change_unit": "修改单位",
    "organisation.close_unit": "撤销单位",
    "organisation.correct_posting": "更正任职",
    "organisation.correct_person": "更正人员信息",
    "organisation.create_unit": "新建单位",
    "organisation.create_user": "新建人员",
    "organisation.enrol": "登记人员",
    "organisation.fetch_roster": "下载人员名册",
    "organisation.grant": "授权",
    "organisation.import_areas": "导入区划",
    "organisation.import_roster": "导入人员名册",
    "organisation.import_units": "导入单位",
    "organisation.move_unit": "调整单位隶属",
    "organisation.post": "任职",
    "organisation.reinstate": "办理返岗",
    "organisation.retire": "办理离任",
    "organisation.reveal": "查看完整手机号",
    "organisation.revoke": "收回授权",
    "organisation.search_phone": "按手机号查人",
    "organisation.upload_roster": "上传人员名册",
    "organisation.upload_units": "上传单位表",
    "proof.accepted": "再次验证身份",
    "proof.refused": "再次验证身份失败",
    "visits.add_phones": "补登电话",
    "visits.add_targets": "登记走访对象",
    "visits.apply_register": "导入登记册",
    "visits.create_team": "组建服务队",
    "visits.move_deadlines": "重算诉求期限",
    "visits.record": "登记走访",
    "visits.reveal": "查看走访对象完整信息",
    "visits.search_phone": "按电话查走访对象",
    "visits.upload_register": "上传登记册",
}
APPS = {
    "access": "访问",
    "accounts": "账号",
    "calendar": "工作日历",
    "campaign": "专项行动",
    "core": "密钥",
    "evaluations": "三评议",
    "issues": "问题清单",
    "jobs": "后台任务与文件",
    "login": "登录",
    "logout": "退出",
    "organisation": "组织",
    "proof": "再次验证",
    "visits": "走访",
}
DETAILS = {
    "address": "网络地址",
    "area": "区划编号",
    "by": "登录方式",
    "changed": "修改",
    "changes": "改动",
    "code": "编码",
    "complexity": "密码须含三类字符",
    "content": "内容校验值",
    "corrected": "更正",
    "created": "新增",
    "dates": "日期",
    "days": "日期",
    "deadlines": "调整的期限数",
    "ended": "结束的登录数",
    "file": "文件",
    "gate": "任务全部完成",
    "group": "组别",
    "idle_minutes": "无操作自动退出（分钟）",
    "initial_password_days": "初始密码有效天数",
    "kind": "类型",
    "locked": "已锁定",
    "method": "方式",
    "minimum": "最少份数",
    "moved": "调动或移动",
    "name": "名称",
    "number": "数量",
    "off": "改为放假",
    "on": "日期",
    "open": "未完成的任务",
    "parent": "上级单位编号",
    "password_days": "密码有效天数",
    "password_history": "不得重复最近几次密码",
    "path": "页面",
    "peer": "同级",
    "person": "人员编号",
    "phone": "手机有改动",
    "position": "职务",
    "posting": "任职编号",
    "powers": "手中权力",
    "purpose": "用途",
    "reason": "理由",
    "renamed": "更名",
    "retired": "离职",
    "role": "角色",
    "second_factor": "必须用动态口令",
    "served": "服务对象",
    "session_hours": "一次登录最长（小时）",
    "sha256": "文件校验值",
    "since": "起",
    "source": "依据",
    "step": "步骤",
    "superior": "上级",
    "target": "走访对象编号",
    "tier": "人员类别",
    "title": "标题",
    "to": "人员编号",
    "unchanged": "没有变化",
    "unit": "单位编号",
    "units": "单位编号",
    "until": "止",
    "username": "登录名",
    "version": "版本",
    "weights": "权重",
    "why": "原因",
    "worked": "改为上班",
    "year": "年份",
}


def label_of(act: str) -> str:
    """The act's name; of an act of an earlier version, what stands in the trail."""
    return LABELS.get(act, act)


def choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """The acts in groups, for a filter."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for act, label in LABELS.items():
        groups.setdefault(APPS[act.partition(".")[0]], []).append((act, label))
    return list(groups.items())


def detail_of(detail: dict[str, object]) -> str:
    """What else the trail knows of an act, in one line."""
    return "；".join(f"{DETAILS.get(key, key)}：{_shown(value)}" for key, value in detail.items())


VALUES = {
    "password": "密码",
    "totp": "动态口令",
    "recovery": "恢复码",
    "logout": "本人退出",
    "idle": "久未操作",
    "hours": "到了最长时间",
    "evaluations.print_codes": "生成评议码",
    "organisation.apply_roster": "导入花名册",
    "organisation.apply_units": "导入单位",
    "organisation.check_roster": "检查花名册",
    "organisation.check_units": "检查单位表",
    "organisation.export_audit": "导出审计记录",
    "organisation.export_roster": "导出人员名册",
    "reports.export_progress": "导出进展",
    "visits.apply_register": "导入登记册",
    "visits.check_register": "检查登记册",
}


def _part(value: object) -> str:
    """A value among several; of two the second came in place of the first."""
    if isinstance(value, list) and len(value) == 2:
        return " → ".join(map(_shown, value))
    return _shown(value)


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "，".join(f"{DETAILS.get(key, key)} {_part(each)}" for key, each in value.items())
    if isinstance(value, list):
        return "、".join(map(_shown, value)) or "无"
    if isinstance(value, bool):
        return "是" if value else "否"
    return "无" if value is None else VALUES.get(str(value), str(value))
