"""One reading of an uploaded register: every row of it, beside the register as it is."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import IO, Any

from core.columns import RowError, in_order
from core.exports.marked import MarkedCopy
from core.jobs import Running
from core.sheets.values import Book
from core.workbook import Read, fingerprint, read_lines
from visits.choices import TargetKind
from visits.models import RegisterUpload, Target
from visits.queries import gazetteer_for, registered_entries
from visits.queries.likeness import registered_alike
from visits.register.columns import layout_of
from visits.register.comparison import Comparison, compare
from visits.register.fields import FIELDS, MAX_ROWS
from visits.register.places import Gazetteer
from visits.register.rows import Entry, read_entry, repeated, strange_code
from visits.register.tally import Tally
from visits.register.twins import Twins, known_alike, resemblance
from visits.services.register import Sealing

BATCH = 900  # rows whose codes are looked up at once
SOON = 5 * BATCH  # rows between two signs of life


@dataclass
class Prepared:
    """A sound file as it will be written; ``rows`` holds the sealed batches."""

    tally: Tally
    sealing: Sealing
    rows: IO[bytes]
    phones: dict[str, str] = field(default_factory=dict)

    def keep(self, found: Comparison) -> None:
        self.sealing.begin_batch()
        rows = [self.sealing.row(entry) for entry in found.new]
        self.rows.write(json.dumps(rows).encode() + b"\n")
        self.phones |= {entry.code: entry.phone for entry in found.phones}

    def batches(self, running: Running) -> Iterator[list[tuple[Any, ...]]]:
        """Raises LeaseLost between two batches when the import has been given up."""
        self.rows.seek(0)
        for line in self.rows:
            running.require_held()
            yield json.loads(line)


class Reading:
    """One reading of a file against the register."""

    def __init__(
        self,
        upload: RegisterUpload,
        book: Book,
        running: Running,
        chosen: Mapping[str, Sequence[str]],
    ) -> None:
        self.upload, self.book, self.running, self.chosen = upload, book, running, chosen
        self.kind = TargetKind(upload.kind)
        self.applied: dict[str, Sequence[str]] = {}  # of the chosen what this file has met
        self.gazetteer: Gazetteer = gazetteer_for(upload.uploaded_by, upload.campaign)
        self.twins = Twins(self.kind)
        self.tally = Tally(self.kind)
        self.width = 0
        self.resembles = False

    @cached_property
    def _has_register(self) -> bool:
        """Whether there is anything that a new entry may be like."""
        return Target.objects.filter(campaign=self.upload.campaign, kind=self.kind).exists()

    @property
    def is_wrong(self) -> bool:
        return bool(self.tally.kinds or self.twins.repeats)

    @property
    def is_clean(self) -> bool:
        return not (self.tally.kinds or self.twins.found or self.resembles)

    def count(self, prepared: Prepared | None = None) -> Tally:
        """Every row once; what is new is kept, as long as nothing is wrong."""
        tally = self.tally
        for batch in self._batches():
            found = self._compared(self._sound(batch, prepared is None))
            tally.wrong += len({error.row for error in found.errors})
            tally.kinds.update(error.kind.value for error in found.errors)
            tally.new += len(found.new)
            tally.phones += len(found.phones)
            if prepared is None:  # one is enough: then every row is looked at once more
                self.resembles = self.resembles or bool(self._known_alike(found))
            elif not tally.kinds:
                prepared.keep(found)
        self.twins.settle()
        return tally

    def _sound(self, batch: Sequence[Read], looks_for_twins: bool) -> list[Entry]:
        """The entries of the rows in which nothing is wrong; what is confirmed has no twins."""
        entries = []
        for read in batch:
            if read.row is None:
                continue
            self._note(read)
            entry, errors = read_entry(self.kind, read.row, self.gazetteer)
            if entry and looks_for_twins:
                self.twins.add(entry)
                self.resembles = self.resembles or bool(strange_code(self.kind, entry))
            if errors:
                self.tally.wrong += 1
                self.tally.faults(read.row, errors)
            elif entry:
                entries.append(entry)
        return entries

    def mark(self, book: Book, marked: MarkedCopy) -> Tally:
        """Every row once more, with what is wrong with it, or alike."""
        self.book, self.tally, place = book, Tally(self.kind), -1
        for batch in self._batches():
            judged: list[tuple[Read, list[RowError], list[RowError]]] = []
            entries: list[Entry] = []
            for read in batch:
                errors: list[RowError] = []
                warnings: list[RowError] = []
                if read.row is not None:
                    entry, errors = read_entry(self.kind, read.row, self.gazetteer)
                    if entry:
                        place += 1
                        first = self.twins.repeated(place)
                        if first is not None:
                            errors.append(repeated(self.kind, read.row, entry.code, first))
                        elif not errors:
                            entries.append(entry)
                        warnings = strange_code(self.kind, entry) + self._alike(read, place)
                judged.append((read, errors, warnings))
            self._mark_batch(judged, self._compared(entries), marked)
        return self.tally

    def _mark_batch(
        self,
        judged: list[tuple[Read, list[RowError], list[RowError]]],
        found: Comparison,
        marked: MarkedCopy,
    ) -> None:
        tally = self.tally
        differing: dict[int, list[RowError]] = {}
        for error in found.errors:
            differing.setdefault(error.row, []).append(error)
        alike: dict[int, list[RowError]] = {}
        for each in self._known_alike(found):
            alike.setdefault(each.row, []).append(each)
        tally.new += len(found.new)
        tally.phones += len(found.phones)
        for read, errors, warnings in judged:
            if read.row is not None:
                self._note(read)
                warnings.extend(alike.get(read.row.number, ()))
                errors.extend(differing.get(read.row.number, ()))
                tally.wrong += bool(errors)
                tally.faults(read.row, in_order(errors, FIELDS[self.kind]))
                for warning in warnings:
                    tally.warn(read.row, warning)
            marked.line(read, errors, warnings)

    def _alike(self, read: Read, place: int) -> list[RowError]:
        return [
            resemblance(self.kind, read.line.number, likeness, first)
            for likeness, first in self.twins.like(place)
        ]

    def _known_alike(self, found: Comparison) -> list[RowError]:
        """How the new entries resemble those of the register."""
        if not (self._has_register and found.new):
            return []
        by, campaign = self.upload.uploaded_by, self.upload.campaign
        alike = registered_alike(by, campaign, self.kind, found.new, self.gazetteer)
        return [
            known_alike(self.kind, each.row, each.likeness, f"「{each.code}」（{each.name}）")
            for each in alike
        ]

    def _compared(self, entries: Sequence[Entry]) -> Comparison:
        codes = [entry.code for entry in entries]
        registered = registered_entries(self.upload.campaign, self.kind, codes)
        return compare(self.kind, entries, registered, self.gazetteer)

    def _note(self, read: Read) -> None:
        """Figures, and a sign of life: how many rows of about how many."""
        tally = self.tally
        tally.rows += 1
        tally.hidden += read.line.hidden
        if not tally.sheets or tally.sheets[-1] != read.sheet:
            tally.sheets.append(read.sheet)
        if tally.rows % SOON == 0:
            about = round(tally.rows / max(self.book.share, 0.001))
            self.running.progress(tally.rows, max(tally.rows, about))

    def _note_columns(self, read: Read) -> None:
        """As what the columns of a sheet are read, and whether somebody has said so."""
        mark = fingerprint(read.line)
        if mark in self.chosen:
            self.applied[mark] = self.chosen[mark]
        self.tally.note_columns(read, by_hand=mark in self.chosen)

    def _batches(self) -> Iterator[list[Read]]:
        """Lines of one sheet each, in order."""
        batch: list[Read] = []
        layout = layout_of(self.kind, self.chosen)
        for read in read_lines(self.book, layout, max_rows=MAX_ROWS, several=True):
            if read.is_heading:
                self._note_columns(read)
            if len(batch) == BATCH or (batch and batch[-1].sheet != read.sheet):
                yield batch
                batch = []
            batch.append(read)
            self.width = max(self.width, len(read.line.cells))
        if batch:
            yield batch
