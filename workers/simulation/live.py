"""What a campaign shows while it runs: exact statistics of the traces so far, thinned to what a screen shows.

A `partial` event is small (below EVENT_BYTES) and cheap: but for those at the end of short shards, which take milliseconds,
it is left out where making it would take more than SHARE of the time that the traces took, SETTLED_SHARE where they
were counted. Its numbers are those that the report would give of these traces.
"""

from bisect import bisect_right
from functools import lru_cache
from pathlib import Path

from jobs.attempt import Attempt
from stores.ports import Files
from workers.simulation import part as parts
from workers.simulation.live_event import key_of, looks_of, partial, path_of
from workers.simulation.part import Part
from workers.simulation.prefix import latest_look
from workers.simulation.run import Runner
from workers.simulation.settle import empty_sums, sum_bytes
from workers.simulation.targets import Sums
from workers.simulation.together import Added, Together

EVENT_BYTES = 32 * 1024
PARTIALS = 16
"""Shards that publish, at most."""
FEW_SHARDS = 8
WITHIN = 3
"""Events of one of them before its end, at most."""
EVERY_S = 1.0
SHARE = 0.01
SETTLED_SHARE = 0.05
"""The same where levels are given their noise: their traces have been spared theirs."""
FREE_BYTES = 32 * 2**20
"""Parts that are always read: a few milliseconds."""
FREE_S = 0.05
"""What giving levels their noise may always take."""
KEPT_BYTES = 32 * 2**20
"""Up to which the sums stay in memory from one shard to the next."""
LEVELS_BYTES = 128 * 2**20
"""Levels of a campaign, one set of them for each look, beyond which it shows nothing while it runs."""
BYTES_PER_S = 1e9
"""At which parts are read and added up, roughly."""
SCORE_S_PER_SAMPLE = 25e-6
"""What ranking the guesses of all key bytes takes for each attacked sample, roughly."""


@lru_cache(maxsize=1)
def _kept(_plan: str) -> Added:
    """Return the sums of the campaign whose plan lies at this path: shards of one campaign follow each other."""
    return Added()


class Live:
    """Publishes what is known of a campaign, from within one of its shards."""

    def __init__(self, campaign: str, runner: Runner, *, files: Files, index: int) -> None:
        self._campaign, self._files = campaign, files
        self._plan, self._sampled, self._simulator = runner.plan, runner.samples, runner.simulator
        self._settler, self._timer = runner.settler, runner.timer
        self._share = SHARE if self._settler is None else SETTLED_SHARE
        self._bytes = sum_bytes(self._settler, self._sampled)
        self._step = -(-len(self._plan.shards) // PARTIALS)
        # Levels get their noise by segment, so they are held by segment; samples that have theirs add up.
        self._looks = self._plan.looks if self._settler is not None else ()
        held = self._bytes * max(1, len(self._looks))
        self._publishes = index % self._step == 0 and (self._settler is None or held <= LEVELS_BYTES)
        small = held <= KEPT_BYTES
        self._sums = _kept(str(files.path(campaign, "plan.npz"))) if small else Added()
        self._read_anew = not small and self._settler is None
        self._attack: Sums | None = None
        self._began = self._last = self._timer()
        self._within = 0
        self._spent_s = self._cost_s = 0.0
        # Of a long campaign's events only the newest are kept: there the path is told again by each that publishes.
        self._named = len(self._plan.shards) <= FEW_SHARDS

    def watch(self, part: Part, attempt: Attempt) -> None:
        """Look at a part that is being run: once in a while it is shown together with what was run before."""
        now = self._timer()
        if not self._publishes or self._within == WITHIN or now - self._last < EVERY_S:
            return
        if self._spent_s + self._cost_s > self._allowed_s or not self._affordable(part):
            return
        self._within += 1
        self._last = now
        self._publish(part, attempt)

    def begin(self) -> None:
        """Let go of the attack on the part before: another part is going to be run."""
        self._attack = None

    def ran(self, part: Part) -> None:
        """Take note of a part that has been stored: it need not be read again, unless its sums are too large to be held."""
        if self._publishes:
            self._attack = part.classes
            if not self._read_anew:
                self._sums.add(part, segment=self._segment(part.first))

    def end(self, attempt: Attempt) -> None:
        """Show what the parts so far say, at the end of a shard, and the attack on the last of them that it ran."""
        if self._publishes and self._affordable():
            self._publish(None, attempt, ranked=self._attack)

    def _publish(self, running: Part | None, attempt: Attempt, *, ranked: Sums | None = None) -> None:
        began = self._timer()
        if not self._read_anew:
            self._read()
        if not self._named:
            self._named = True
            attempt.publish(self._campaign, {"path": path_of(self._plan, self._sampled, self._simulator)})
        running_too = [] if running is None else [(self._segment(running.first), running)]
        stored = self._stored() if self._read_anew else []
        told = partial(self._plan, self._sampled, Together(self._settler, self._sums.totals, running_too, stored))
        if self._plan.looks and (seen := latest_look(self._campaign, self._files)) is not None:
            told["looks"] = looks_of(seen)
        if ranked is not None and self._ranks(ranked):
            told["key"] = key_of(self._plan, self._sampled, ranked)
        attempt.publish(self._campaign, told)
        self._cost_s = self._timer() - began
        self._spent_s += self._cost_s

    def _read(self) -> None:
        for cut in parts.stored(self._files, self._campaign):
            if cut not in self._sums.cuts:
                path = self._files.path(self._campaign, parts.sums_name(*cut))
                empty = Part.empty(*cut, empty_sums(self._settler, self._sampled))
                self._sums.read(path, empty=empty, segment=self._segment(cut[0]))

    def _stored(self) -> list[Path]:
        cuts = parts.stored(self._files, self._campaign)
        return [self._files.path(self._campaign, parts.sums_name(*cut)) for cut in cuts]

    def _segment(self, first: int) -> int:
        """Return between which looks a part lies that begins with trace `first`."""
        return bisect_right(self._looks, first)

    @property
    def _allowed_s(self) -> float:
        """Return what an event may take: the shards up to the next one that publishes take as long as this one."""
        return self._share * self._step * (self._timer() - self._began)

    def _affordable(self, running: Part | None = None) -> bool:
        new = len(set(parts.stored(self._files, self._campaign)) - self._sums.cuts)
        settles_s = 0.0
        if self._settler is not None:
            shown = [*self._sums.totals.values(), *([] if running is None else [running])]
            settles_s = sum(self._settler.takes_s(part) for part in shown)
        free = new * self._bytes <= FREE_BYTES and settles_s <= FREE_S
        return free or new * self._bytes / BYTES_PER_S + settles_s <= self._allowed_s

    def _ranks(self, attack: Sums) -> bool:
        return attack.count >= 8 and SCORE_S_PER_SAMPLE * attack.samples <= self._allowed_s
