"""What a profiled attack says to a person: its headline, its warnings, its axes."""

from collections.abc import Sequence

from jobs.profiling import Method
from jobs.report_profile import AttackPoint, MethodReport
from workers.simulation.points import Points
from workers.simulation.profile_methods import Task
from workers.simulation.report_words import count, whole

NAMES = {Method.TEMPLATES: "templates", Method.STOCHASTIC: "the stochastic model"}


def headline(methods: Sequence[MethodReport], key_bytes: int) -> str:
    """Return one sentence: what each method achieved."""
    told = "; ".join(_achieved(one, key_bytes) for one in methods)
    return told[:1].upper() + told[1:] + "."


def _achieved(one: MethodReport, key_bytes: int) -> str:
    name, of = NAMES[one.method], count(key_bytes, "key byte")
    plural = one.method is Method.TEMPLATES
    if one.recovered is None:
        return f"{name} {'propose' if plural else 'proposes'} {of} of an unknown key"
    last = one.curve[-1]
    if one.traces_to_success is not None:
        point = next(point for point in one.curve if point.traces == one.traces_to_success)
        right = f"{_right(point)} of {count(point.attacks, 'attack')}"
        return f"{name} {'find' if plural else 'finds'} {of} from {count(point.traces, 'trace')} ({right} right)"
    return f"{name} {'have' if plural else 'has'} {one.recovered} of {of} right after {count(last.traces, 'trace')}"


def _right(point: AttackPoint) -> int:
    return round(point.success.value * point.attacks)


def warnings(
    task: Task, points: Sequence[Points], methods: Sequence[MethodReport], *, same_key: bool
) -> tuple[str, ...]:
    """Return what to know before relying on the report."""
    told = []
    if same_key:
        told.append(
            "The traces that were learnt from and those attacked have the same key. What depends on the plaintext alone "
            "then points at the true key as well: learn from a campaign whose key varies, or attack one with another key."
        )
    dull = [index for index, of_byte in zip(task.bytes, points, strict=True) if not of_byte.significant]
    if dull:
        told.append(f"No sample stands out of chance for key {_bytes(dull)}: what was learnt there is noise.")
    templates = Method.TEMPLATES in task.request.methods
    if templates and task.request.classes == "auto" and task.classes == "hw":
        told.append(
            "Some of the 256 values were seen too rarely to have templates of their own: the classes are the Hamming "
            "weights. More traces to learn from give each value its own."
        )
    if templates and task.rare:
        told.append(
            f"A Hamming weight was never seen for key {_bytes(task.rare)}: its template lies on the line through the others."
        )
    curves = [one.curve for one in methods if one.curve]
    if curves and curves[0][-1].attacks == 1:
        told.append(
            "At the largest numbers of traces there are few attacks, as they share no trace, and intervals are wide."
        )
    return tuple(told)


def _bytes(indices: Sequence[int]) -> str:
    return f"{'byte' if len(indices) == 1 else 'bytes'} {', '.join(map(str, indices))}"


def interval(value: float, low: float | None, high: float | None, *, digits: int = 2) -> str:
    """Write a value with its interval, if there is one."""
    if low is None or high is None:
        return f"{value:.{digits}f}"
    return f"{value:.{digits}f} ({low:.{digits}f}\u2013{high:.{digits}f})"


def enough(one: MethodReport) -> str:
    """Say how many traces are enough."""
    if one.traces_to_success is not None:
        return whole(one.traces_to_success)
    return "unknown" if one.recovered is None else f"more than {whole(one.curve[-1].traces)}"
