"""What a query reads, for one tenant: each kind of thing by a loader of its own."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from jobs.errors import NotFound
from jobs.knowledge import Label
from jobs.model import Job, Member, State
from stores.corpus import Corpus
from stores.documents import Record, Shelf
from stores.graph import Condition, Node, Selection
from stores.ports import BatchPage, Files, Jobs, Page
from web.api_v2.documents import position, position_of
from web.api_v2.knowledge import InstructionsQuery, found_instructions
from web.api_v2.rems import RecordsQuery, visible_records
from web.api_v2.things import Knowledge
from web.caller import caller
from web.graphql.limits import MOST_LEVELS
from web.graphql.loading import Loader, one_by_one
from web.graphql.sweeps import levels_of, may_be_sweep
from web.routing import JobId

BUDGET_S = 5.0
TOGETHER = 2000
"""Findings and figures of all instructions of one level."""
REPORTS_KEPT = 16
POSSIBLE = re.compile(JobId.regex)


@dataclass(frozen=True, slots=True)
class JobsAsked:
    """Which page of jobs."""

    kind: str | None
    state: State | None
    tag: str | None
    after: str | None
    first: int


@dataclass(frozen=True, slots=True)
class SweepsAsked:
    """Which page of batches, to look for sweeps in."""

    after: str | None
    first: int


@dataclass(frozen=True, slots=True)
class WeaknessesAsked:
    """Which page of vulnerabilities."""

    severity: str | None
    campaign: str | None
    function: str | None
    after: str | None
    first: int


@dataclass(frozen=True, slots=True)
class BatchesAsked:
    """Which page of what was taken in."""

    kind: str | None
    after: str | None
    first: int


@dataclass(frozen=True, slots=True)
class Slice:
    """A page, and the cursor of the next one."""

    items: Sequence[Any]
    cursor: str | None


class Reads:
    """The loaders of one query. Everything is of the caller's tenant; what is another's is not there."""

    def __init__(self, jobs: Jobs, files: Files, knowledge: Knowledge) -> None:
        """Read from these stores, for the caller of the present request."""
        self._jobs = jobs
        self._files = files
        self._knowledge = knowledge
        self._tenant = caller().tenant
        self.truncated = False
        """Whether a level asked for more findings or figures than are read together."""
        self.job_pages = Loader(one_by_one(self._job_page))
        self.jobs = Loader(self._jobs_of)
        self.members = Loader(self._members)
        self.batch_id_pages = Loader(one_by_one(self._batch_id_page))
        self.reports = Loader(partial(self._reports, "report.json"))
        self.profiles = Loader(partial(self._reports, "profile.json"))
        self.calibrations = Loader(partial(self._reports, "calibration.json"))
        self.instruction_pages = Loader(one_by_one(self._instruction_page))
        self.nodes = Loader(self._nodes)
        self.weakness_pages = Loader(one_by_one(self._weakness_page))
        self.weaknesses = Loader(self._weaknesses)
        self.figures = Loader(self._figures)
        self.batch_pages = Loader(one_by_one(self._batch_page))
        self.rem_pages = Loader(one_by_one(self._rem_page))
        self.rems = Loader(self._rems)
        self.versions = Loader(one_by_one(self._version))
        self._loaders = [loader for loader in vars(self).values() if isinstance(loader, Loader)]

    def settle(self) -> bool:
        """Read what the last level asked for; return whether that was anything; raise StoreUnavailable or OutOfBudget."""
        # All of them, in one level.
        settled = [loader.settle() for loader in self._loaders]
        return any(settled)

    def levels(self, batch: str) -> list[Job]:
        """Return the campaigns of a sweep by their noise; nothing of what is no sweep, or was one and has expired in part."""
        members = self.members.get(batch) or ()
        if not may_be_sweep(members):
            return []
        jobs = [job for member in members if (job := self.jobs.get(member.id)) is not None]
        return levels_of(jobs) if len(jobs) == len(members) else []

    @cached_property
    def corpus(self) -> Corpus:
        """Return what is to be seen, read once for a query."""
        return self._knowledge.corpus()

    def _job_page(self, asked: JobsAsked) -> Page:
        return self._jobs.find(
            tenant=self._tenant,
            kind=asked.kind,
            state=asked.state,
            tag=asked.tag,
            cursor=asked.after,
            limit=asked.first,
        )

    def _jobs_of(self, ids: Sequence[str]) -> Mapping[str, Job]:
        found = self._jobs.many(_possible(ids))
        return {job_id: job for job_id, job in found.items() if job.tenant == self._tenant}

    def _members(self, batches: Sequence[str]) -> Mapping[str, Sequence[Member]]:
        """Look into batches, a little further than a sweep reaches; their jobs are then read as the tenant's own."""
        return self._jobs.members(_possible(batches), limit=MOST_LEVELS + 1)

    def _batch_id_page(self, asked: SweepsAsked) -> BatchPage:
        return self._jobs.batches(tenant=self._tenant, cursor=asked.after, limit=asked.first)

    def _reports(self, name: str, jobs: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """Open the reports of jobs that the query has already read as the tenant's own."""
        found = {}
        for job in jobs:
            try:
                path = self._files.path(job, name)
            except NotFound:
                continue
            found[job] = _report(path, path.stat().st_mtime_ns)
        return found

    def _instruction_page(self, asked: InstructionsQuery) -> Slice:
        page = found_instructions(self._knowledge, asked)
        return Slice(page.things, page.cursor)

    def _nodes(self, ids: Sequence[str]) -> Mapping[str, Node]:
        return self._knowledge.graph.nodes(self._tenant, ids, hidden=self.corpus.hidden)

    def _weakness_page(self, asked: WeaknessesAsked) -> Slice:
        wanted = {"severity": asked.severity, "campaign": asked.campaign, "function": asked.function}
        where = tuple(Condition(name, "=", value) for name, value in wanted.items() if value is not None)
        if asked.after is not None:
            where += (Condition("id", ">", asked.after),)
        nodes = self._select(Selection(Label.VULNERABILITY.value, where, limit=asked.first + 1))
        shown = nodes[: asked.first]
        return Slice(shown, shown[-1].id if len(nodes) > asked.first else None)

    def _weaknesses(self, instructions: Sequence[str]) -> Mapping[str, Sequence[Node]]:
        where = (Condition("instruction", "in", tuple(instructions)),)
        worst = Selection(
            Label.VULNERABILITY.value, where, order_by="severity_rank", descending=True, limit=TOGETHER + 1
        )
        return self._grouped(self._select(worst), lambda node: str(node.properties.get("instruction")))

    def _figures(self, instructions: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        records = self._knowledge.documents.find(
            self._tenant, Shelf.PROFILES, groups=list(instructions), limit=TOGETHER + 1
        )
        seen = [record for record in records if record.batch not in self.corpus.hidden]
        return self._grouped(seen, lambda record: record.group)

    def _batch_page(self, asked: BatchesAsked) -> Slice:
        groups = None if asked.kind is None else [asked.kind]
        records = self._knowledge.documents.find(
            self._tenant, Shelf.BATCHES, groups=groups, after=position(asked.after), limit=asked.first + 1
        )
        return _sliced(records, asked.first)

    def _rem_page(self, asked: RecordsQuery) -> Slice:
        return _sliced(visible_records(self._knowledge, asked, self.corpus), asked.limit)

    def _rems(self, ids: Sequence[str]) -> Mapping[str, Record]:
        found = self._knowledge.documents.get(self._tenant, Shelf.REMS, ids)
        return {name: record for name, record in found.items() if record.batch not in self.corpus.hidden}

    def _version(self, _key: str) -> int:
        return self.corpus.version

    def _select(self, selection: Selection) -> list[Node]:
        return self._knowledge.graph.select(self._tenant, selection, hidden=self.corpus.hidden, budget_s=BUDGET_S)

    def _grouped(self, found: Sequence[Any], key: Any) -> Mapping[str, Sequence[Any]]:
        self.truncated = self.truncated or len(found) > TOGETHER
        groups: defaultdict[str, list[Any]] = defaultdict(list)
        for item in found[:TOGETHER]:
            groups[key(item)].append(item)
        return groups


def _possible(ids: Sequence[str]) -> list[str]:
    """Return what can be the id of a job or a batch: of anything else a store is not asked, as REST does not."""
    return [one for one in ids if POSSIBLE.fullmatch(one)]


def _sliced(records: Sequence[Record], first: int) -> Slice:
    shown = records[:first]
    return Slice(shown, position_of(shown[-1]) if len(records) > first else None)


@lru_cache(maxsize=REPORTS_KEPT)
def _report(path: Path, _changed_ns: int) -> Mapping[str, Any]:
    """Read a report; one that is whole never changes. Its curves, which are most of it, are not shown, nor kept."""
    told = dict(from_json(path.read_bytes()))
    told.pop("series", None)
    return told
