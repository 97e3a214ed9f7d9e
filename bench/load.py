"""Users over HTTP: each asks, waits for the answer, thinks, and asks again, on a connection that stays open."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

import numpy as np

PATH = "/api/v2/queries"
WAIT_S = 30
LONGEST_S = 60


@dataclass(slots=True)
class Load:
    """What came of it."""

    took_ms: list[float] = field(default_factory=list)
    """From the question's first byte to the answer's last one."""
    hit_ms: list[float] = field(default_factory=list)
    """The same, of answers from the cache."""
    in_worker_ms: list[float] = field(default_factory=list)
    """Of those, what the worker says that it took."""
    errors: list[str] = field(default_factory=list)


def zipf(count: int, exponent: float) -> list[float]:
    """Return how likely each of `count` things is, the first most: proportional to 1 / rank ** exponent."""
    weights = 1 / np.arange(1, count + 1) ** exponent
    return [float(weight) for weight in weights / weights.sum()]


async def users(
    where: tuple[str, int],
    questions: Sequence[str],
    *,
    number: int,
    seconds: float,
    think_s: float,
    exponent: float,
    seed: int,
) -> Load:
    """Let `number` users ask for `seconds`; they think for `think_s` on average, exponentially distributed."""
    load = Load()
    until = time.perf_counter() + seconds
    shares = zipf(len(questions), exponent)

    async def user(rng: np.random.Generator) -> None:
        # They do not all begin at once.
        await asyncio.sleep(float(rng.uniform(0, think_s)))
        connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        while time.perf_counter() < until:
            question = questions[int(rng.choice(len(questions), p=shares))]
            began = time.perf_counter()
            try:
                async with asyncio.timeout(LONGEST_S):
                    connection = connection or await asyncio.open_connection(*where)
                    status, job = await _ask(*connection, where, question)
                _note(load, status, job, 1000 * (time.perf_counter() - began))
            except (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError) as error:
                load.errors.append(f"{type(error).__name__}: {error}")
                if connection is not None:
                    connection[1].close()
                connection = None
            await asyncio.sleep(float(rng.exponential(think_s)) if think_s else 0)
        if connection is not None:
            connection[1].close()

    await asyncio.gather(*(user(np.random.default_rng([seed, nth])) for nth in range(number)))
    return load


def _note(load: Load, status: int, job: dict[str, object], took_ms: float) -> None:
    answer = job.get("result")
    if (
        status not in {HTTPStatus.OK, HTTPStatus.CREATED}
        or job.get("state") != "succeeded"
        or not isinstance(answer, dict)
    ):
        load.errors.append(f"{status} {json.dumps(job)[:300]}")
        return
    load.took_ms.append(took_ms)
    if answer["cached"]:
        load.hit_ms.append(took_ms)
        load.in_worker_ms.append(1000 * float(answer["processing_time_s"]))


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, where: tuple[str, int], question: str
) -> tuple[int, dict[str, object]]:
    body = json.dumps({"question": question}).encode()
    head = f"POST {PATH} HTTP/1.1\r\nHost: {where[0]}:{where[1]}\r\nContent-Type: application/json\r\n"
    head += f"Prefer: wait={WAIT_S}\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    text = await reader.readexactly(int(headers["content-length"]))
    job: dict[str, object] = json.loads(text)
    return int(lines[0].split()[1]), job
