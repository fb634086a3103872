"""What is due, and what must have been told of it in the end."""

from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import date

from core import calendars
from core.notices.steps import steps_on
from issues.choices import Kind, Nature, Source, State
from issues.models import Issue
from tests.personas import World

PER_DAY = 30
AHEAD = 1  # working days from the day an item is written to its deadline


@dataclass
class Ledger:
    """Problems written day by day; ``told`` are the days on which the clock was carried out."""

    world: World
    due: dict[int, tuple[date, date]] = field(default_factory=dict)  # written, due
    told: list[date] = field(default_factory=list)

    def write(self, today: date) -> None:
        """Some problems of two people, due on the next working day."""
        people = [self.world.cadre, self.world.colleague]
        due_on = calendars.current().due(today, AHEAD)
        rows = Issue.objects.bulk_create(
            Issue(
                campaign=self.world.campaign,
                unit=self.world.unit,
                author=people[n % 2],
                responsible=people[n % 2],
                category=self.world.category,
                source=Source.SELF,
                nature=Nature.INDIVIDUAL,
                kind=Kind.BY_DATE,
                title=f"问题{n}",
                happened_on=today,
                place="窗口",
                event="压了九天",
                cause="不急",
                root_cause="没有意识",
                direction="当天办",
                measures="每天清",
                due_on=due_on,
                state=State.RECTIFYING,
            )
            for n in range(PER_DAY)
        )
        self.due |= {row.pk: (today, due_on) for row in rows}

    def expected(self) -> set[tuple[str, int]]:
        """Event and person of every reminder that the days asked for, by the steps alone."""
        calendar, found = calendars.current(), set()
        people = self._people()
        for key, (written, due_on) in self.due.items():
            for day in self.told[bisect_left(self.told, written) :]:
                for step in steps_on(day, due_on, calendar):
                    event = f"rectification:{key}:{due_on:%Y%m%d}:{step.name}"
                    found |= {(event, person) for person in people(key, step.addressee)}
        return found

    def _people(self):
        own = dict(Issue.objects.values_list("pk", "responsible"))
        above = {
            "liaison": self.world.liaison.pk,
            "head": self.world.head.pk,
            "office": self.world.office.pk,
        }
        return lambda key, addressee: {above.get(addressee, own[key])}
