"""The check: run executions that differ in secrets alone, compare them, and say whether the target takes constant time."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from jobs.errors import InvalidInput
from jobs.payloads import CampaignRequest
from jobs.report_constant_time import CycleTest, Dependence, SecretAddress, SecretCheck, SecretWay
from renode.trace import Simulator, Stop
from workers.simulation.consttime.proof import Proof, prove
from workers.simulation.consttime.roles import roles_of
from workers.simulation.consttime.seen import Seen, see
from workers.simulation.consttime.told import ERROR_RATE, Describing, told_addresses, told_ways
from workers.simulation.consttime.told_cycles import told_cycles
from workers.simulation.consttime.trials import CHOSEN, FIXED, MOST_CHOSEN, VALUES, trials
from workers.simulation.engine import is_embedded
from workers.simulation.findings import where
from workers.simulation.plan import CampaignPlan
from workers.simulation.report_words import count

MOST_INSTRUCTIONS = 4 * 10**9
"""Of all executions of a check: some minutes."""
LONGEST = 10_000_000
"""Instructions of one execution: its footprint is kept."""


MOST_INPUT_BYTES = 2**28
FEWEST_MASKED = 16
"""Executions of each set, with masks, from which on laws of addresses are compared."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found, or why nothing was looked for."""

    found: SecretCheck | None
    absent: str | None


def fits(request: CampaignRequest, path_length: int) -> None:
    """Raise InvalidInput where the check would take too long, with executions as long as the reference."""
    asked = request.constant_time
    if asked is None:
        return
    if path_length > LONGEST:
        raise InvalidInput(
            f"an execution of {path_length} instructions is compared with others up to {LONGEST}",
            field="constant_time",
            reason="too-long",
        )
    drawn = asked.executions * sum(item.length for item in request.target.inputs)
    if drawn > MOST_INPUT_BYTES:
        raise InvalidInput(
            f"{asked.executions} executions take {drawn} bytes of inputs, at most {MOST_INPUT_BYTES} are drawn for a check",
            field="constant_time.executions",
            reason="too-long",
        )
    wanted = (asked.executions + VALUES * MOST_CHOSEN) * path_length
    if wanted > MOST_INSTRUCTIONS:
        raise InvalidInput(
            f"{asked.executions} executions of {path_length} instructions are {wanted} with the chosen ones, at most "
            f"{MOST_INSTRUCTIONS} are executed for a check",
            field="constant_time.executions",
            reason="too-long",
        )


def check(plan: CampaignPlan, simulator: Simulator, alive: Callable[[], None]) -> Checked:
    """Run and compare; the answer is a function of the plan. `alive` is called between executions and may raise."""
    request = plan.request
    asked = request.constant_time
    if asked is None:
        return Checked(None, "the campaign does not ask for it: set constant_time")
    if not is_embedded(request.simulator):
        return Checked(
            None, "Renode executes the campaign: thousands of executions would each start processes of their own"
        )
    roles = roles_of(request)
    masks = bool(roles.masks)
    seen = [
        see(trial, simulator, cache=asked.cache, masks=masks, alive=alive)
        for trial in trials(request, roles, asked.executions)
    ]
    whole = [one for one in seen if one.reference.stop is Stop.DONE]
    describing = Describing(request, plan.public, simulator.instruction)
    cached = asked.cache is not None
    ways = told_ways(whole, describing)
    addresses = told_addresses(whole, describing, cached=cached)
    cycles = told_cycles(whole, describing, cached=cached)
    depends = {("branch", way.place.address) for way in ways} | {(one.kind, one.place.address) for one in addresses}
    proof = prove(whole, simulator, describing, roles, seen=depends, alive=alive)
    verdict, why = _leak(ways, addresses, cycles, proof.operands) or _silence(
        seen, whole, addresses, proof, cached=cached
    )
    names = [item.name for item in request.target.inputs]
    return Checked(
        SecretCheck(
            verdict=verdict,
            why=why,
            secrets=tuple(names[place] for place in roles.secrets),
            masks=tuple(names[place] for place in roles.masks),
            public=tuple(names[place] for place in roles.public),
            values=len(seen),
            executions=sum(len(one.trial.rows) for one in seen),
            chosen=sum(int((one.trial.sets == CHOSEN).sum()) for one in seen),
            failed=sum(int((~one.ended_well).sum()) for one in seen),
            error_rate=ERROR_RATE if masks else None,
            ways=ways,
            addresses=addresses,
            cache=asked.cache,
            cycles=cycles,
            proven=proof.proven and len(whole) == len(seen),
            unproven=proof.unproven if len(whole) == len(seen) else "a reference execution did not end well",
            open=proof.open,
            operands=proof.operands,
        ),
        None,
    )


def check_s(plan: CampaignPlan, simulator: Simulator, alive: Callable[[], None]) -> float:
    """Return how many seconds the executions of a check take, by the time of one; 0 where there is none."""
    asked = plan.request.constant_time
    if asked is None or not is_embedded(plan.request.simulator):
        return 0.0
    roles = roles_of(plan.request)
    wanted, row = 0, np.zeros(0, np.uint8)
    for trial in trials(plan.request, roles, asked.executions):
        row = trial.rows[0]
        wanted += len(trial.rows) if roles.masks else int((trial.sets != FIXED).sum()) + 1
    alive()
    simulator.footprint(row)  # what is run the first time is translated meanwhile
    began = time.monotonic()
    simulator.footprint(row)
    return wanted * (time.monotonic() - began)


Said = tuple[Literal["constant-time", "leaks", "undecided"], str]
"""The verdict, and why."""


def _leak(
    ways: Sequence[SecretWay],
    addresses: Sequence[SecretAddress],
    cycles: Sequence[CycleTest],
    operands: Sequence[Dependence],
) -> Said | None:
    parted = sum(way.public is None for way in ways)
    cached = sum(bool(one.other_lines) for one in addresses if one.public is None)
    timed = sum(one.public is None for one in operands)
    slow = [test for test in cycles if counts(test)]
    told = [
        f"{count(parted, 'instruction parts', 'instructions part')} executions that differ in secrets alone"
        if parted
        else "",
        f"{count(cached, 'instruction goes', 'instructions go')} to other cache lines for other secrets"
        if cached
        else "",
        f"executions take {min(one.fewest for one in slow)} to {max(one.most for one in slow)} cycles" if slow else "",
        f"{count(timed, 'instruction takes', 'instructions take')} the core longer for some secrets" if timed else "",
    ]
    return ("leaks", "; ".join(filter(None, told))) if any(told) else None


def _silence(
    seen: Sequence[Seen], whole: Sequence[Seen], addresses: Sequence[SecretAddress], proof: Proof, *, cached: bool
) -> Said:
    moved = [one for one in addresses if one.public is None]
    if not whole:
        return "undecided", f"no reference execution ended well, with {len(seen)} values of the public inputs"
    if (gap := _gap(seen, whole)) is not None:
        return "undecided", gap
    executions = sum(len(one.trial.rows) for one in whole)
    if unmet := unmet_ways(proof.open, cached=cached):
        return "undecided", (
            f"{where(unmet[0].place)} is decided by what is computed from secrets, and none of {executions} executions "
            f"went otherwise there{_others(len(unmet))}: whether another secret does is not known"
        )
    why = (
        f"no way and no duration depends on secrets, in {executions} executions with "
        f"{count(len(whole), 'value of the public inputs', 'values of the public inputs')}"
    )
    if moved:
        why += f"; {count(len(moved), 'address does', 'addresses do')}, which takes the same time " + (
            "within a cache line" if moved[0].other_lines is not None else "without a data cache"
        )
    return "constant-time", f"{why}; proven for all secrets along these paths" if proof.proven else why


def counts(test: CycleTest) -> bool:
    """Return whether a difference of cycles is a leak: not where declared-public code alone makes it."""
    return test.differs and test.public is None


def unmet_ways(open_: Sequence[Dependence], *, cached: bool) -> list[Dependence]:
    """Return what secrets may decide though no execution showed it, outside declared-public code.

    A comparison with a number that random secrets do not hit is one. Without a cache an address takes the same time.
    """
    return [one for one in open_ if one.public is None and (cached or one.kind in {"branch", "operand"})]


def _others(count_: int) -> str:
    return f", nor at {count(count_ - 1, 'other instruction')} like it" if count_ > 1 else ""


def _gap(seen: Sequence[Seen], whole: Sequence[Seen]) -> str | None:
    """Say what was not compared, if silence about the rest would be misleading."""
    if len(whole) < len(seen):
        bad = next(one for one in seen if one not in whole).reference
        return (
            f"with {len(seen) - len(whole)} of {len(seen)} values of the public inputs the reference ended with "
            f"{bad.stop.name.lower()} at 0x{bad.stop_pc:08x}; an input that makes sense with its own value alone is to be constant"
        )
    for one in (one.masked for one in whole if one.masked is not None):
        compared = min(np.bincount(np.array(one.of_addresses, np.int64), minlength=2)[:2])
        if compared < FEWEST_MASKED:
            return (
                f"only {compared} executions of a set went the reference's way to its end; addresses are compared from "
                f"{FEWEST_MASKED} on"
            )
    return None
