"""The demo's appeals, some at every step of their way."""

from collections.abc import Callable
from itertools import cycle

from campaign.models import Campaign
from organisation.models import User
from reports.management.demo.people import Cast
from reports.management.demo.register import MATTERS
from visits.choices import AppealState, CallResult, Matter
from visits.models import Appeal
from visits.services import Given, record_call_back, take_appeal_step

ANSWER = "已到现场看过，本周内处理好；处理后请您再看看，不满意随时打电话。"
NOT_CONTENT = "人来看过，但水还是排不走。"


def build_appeals(campaign: Campaign, cast: Cast) -> None:
    """Move each but every fourth or so some steps on, through the steps of the product."""
    caller = User.objects.get(username="zuzhibu")
    departments = cycle(cast.departments)
    running = Appeal.objects.filter(campaign=campaign).order_by("pk")
    for state, ways in WAYS.items():
        for appeal, way in zip(running.filter(state=state), cycle(ways), strict=False):
            journey = Journey(appeal, cast, caller)
            if appeal.unit is None:
                journey.department = next(departments)
            for step in way:
                step(journey)


class Journey:
    """One appeal on its way, and who takes its steps."""

    def __init__(self, appeal: Appeal, cast: Cast, caller: User) -> None:
        self.appeal, self.cast, self.caller = appeal, cast, caller
        self.department = appeal.unit

    def assign(self) -> None:
        self._take("assign", self.cast.office, unit=self.department, category=self._matter())

    def hand_over(self) -> None:
        number = f"DEMO{self.appeal.number:05d}"
        self._take("hotline", self.cast.office, number=number, category=self._matter())

    def sign(self) -> None:
        self._take("sign", self._head())

    def answer(self) -> None:
        self._take("answer", self._head(), note=ANSWER, category=self._matter())

    def ask(self) -> None:
        self._take("ask", self.caller)

    def satisfied(self) -> None:
        self._hear(CallResult.SATISFIED)

    def basically(self) -> None:
        self._hear(CallResult.BASICALLY)

    def dissatisfied(self) -> None:
        self._hear(CallResult.DISSATISFIED)

    def _matter(self) -> Matter:
        return MATTERS[self.appeal.content]

    def _head(self) -> User:
        assert self.department is not None
        return self.cast.heads[self.department.pk]

    def _take(self, name: str, actor: User, **given: object) -> None:
        take_appeal_step(
            appeal=self.appeal,
            name=name,
            actor=actor,
            seen=self.appeal.step_count,
            given=Given(**given),  # type: ignore[arg-type]
        )

    def _hear(self, result: CallResult) -> None:
        content = result != CallResult.DISSATISFIED
        voice = self.appeal.voices.get()
        record_call_back(
            appeal=self.appeal,
            voice=voice,
            actor=self.caller,
            seen=self.appeal.step_count,
            result=result,
            solved=content,
            said="" if content else NOT_CONTENT,
        )


J = Journey
Step = Callable[[Journey], None]
WAYS: dict[AppealState, list[list[Step]]] = {
    AppealState.HANDLING: [
        [J.answer, J.satisfied],
        [],
        [J.answer],
        [J.answer, J.dissatisfied],
        [J.answer, J.basically],
    ],
    AppealState.SETTLED: [
        [J.ask, J.satisfied],
        [],
        [J.ask],
        [],
    ],
    AppealState.UNASSIGNED: [
        [J.assign, J.sign, J.answer, J.satisfied],
        [J.assign],
        [J.hand_over],
        [],
        [J.assign, J.sign],
    ],
}
