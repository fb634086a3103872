"""The database that is told about, the letters that arrive, and the count in the end."""

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from email.message import Message
from pathlib import Path

from django.conf import settings

from core import calendars
from core.choices import ChannelKind, Way
from core.models import Channel, Digest, Notice, Reminder, Telling
from tests.faults.ledger import Ledger
from tests.faults.tasks import DAY_FILE
from tests.personas import World
from tests.receivers import mail_server

State = Digest.State


@dataclass
class Machine:
    folder: Path
    world: World
    letters: list[Message]

    @classmethod
    def build(cls, folder: Path, stack: ExitStack) -> "Machine":
        """A small city; the cadre is reminded by e-mail as well."""
        mail = stack.enter_context(mail_server(settings.EMAIL_PORT))
        world = World().build()
        Channel.objects.create(person=world.cadre, kind=ChannelKind.EMAIL, address="a@example.cn")
        return cls(folder, world, mail.letters)

    def next_workday(self, day: date) -> date:
        return calendars.current().due(day, 1)

    def let_day_be(self, day: date) -> None:
        draft = self.folder / "day.draft"
        draft.write_text(day.isoformat())
        draft.rename(self.folder / DAY_FILE)

    def is_drained(self, day: date) -> bool:
        """Whether the day was looked for, all of it gathered, and all digests sent."""
        made = Telling.objects.filter(day=day, made_at__isnull=False).exists()
        return made and not Digest.objects.filter(state=State.WAITING).exists()

    def numbers(self) -> str:
        counts = Reminder.objects.count(), Digest.objects.count(), len(self.letters)
        return "{} reminders, {} digests, {} letters".format(*counts)

    def report(self, ledger: Ledger) -> int:
        """Print what was found; 0 when every reminder is there once and everybody was told once."""
        rows = list(Reminder.objects.filter(way=Way.INBOX).values_list("event", "person"))
        expected = ledger.expected()
        digests = Digest.objects.filter(way=Way.INBOX, state=State.SENT).count()
        faults = {
            "missing reminders": len(expected - set(rows)),
            "reminders nobody asked for": len(set(rows) - expected),
            "reminders twice": len(rows) - len(set(rows)),
            "reminders in no digest": Reminder.objects.filter(digest=None).count(),
            "digests not sent": Digest.objects.exclude(state=State.SENT).count(),
            "digests without a message, or messages twice": abs(digests - Notice.objects.count()),
            "letters missing": len(self._identities() ^ self._mailed()),
        }
        twice = len(self.letters) - len(self._identities())
        print(f"{self.numbers()}; expected {len(expected)} reminders in the box")
        print("\n".join(f"{count:6} {name}" for name, count in faults.items()))
        print(f"{twice:6} letters twice (killed between sending and noting), same Message-ID")
        for event, person in sorted(expected ^ set(rows))[:10]:
            print(f"       {event} to {person}")
        return int(any(faults.values()))

    def _identities(self) -> set[str]:
        found = Counter(str(letter["Message-ID"]).partition("@")[0] for letter in self.letters)
        return set(found)

    def _mailed(self) -> set[str]:
        sent = Digest.objects.filter(way=Way.EMAIL, state=State.SENT)
        return {f"<digest-{pk}" for pk in sent.values_list("pk", flat=True)}
