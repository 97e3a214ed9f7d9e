"""Requests over connections that stay open, from a process of its own: `python -m bench.web_load <JSON of a Load>`.

Prints how many were answered a second, and how long they took.
"""

import asyncio
import json
import statistics
import sys
import time
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Load:
    """What to ask, and how hard."""

    host: str
    port: int
    method: str
    path: str
    headers: dict[str, str]
    body: str
    connections: int
    seconds: float
    expect: int
    """The status that every answer must have."""

    def as_json(self) -> str:
        """Return it as the argument of this program."""
        return json.dumps(asdict(self))


async def drive(load: Load) -> dict[str, float]:
    """Ask until the time is over; raise ValueError for an answer that is not the expected one."""
    head = f"{load.method} {load.path} HTTP/1.1\r\nHost: {load.host}:{load.port}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in load.headers.items())
    head += f"Content-Length: {len(load.body)}\r\n\r\n" if load.body else "\r\n"
    asked = head.encode() + load.body.encode()
    until = time.perf_counter() + load.seconds
    took_ms: list[float] = []

    async def one() -> None:
        reader, writer = await asyncio.open_connection(load.host, load.port)
        while (began := time.perf_counter()) < until:
            writer.write(asked)
            answer = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            lines = answer.split("\r\n")
            length = next(int(line.split(":")[1]) for line in lines if line.lower().startswith("content-length"))
            body = await reader.readexactly(length)
            if int(lines[0].split()[1]) != load.expect:
                raise ValueError(f"{lines[0]} {body[:300]!r}")
            took_ms.append(1000 * (time.perf_counter() - began))
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(load.connections)))
    cuts = statistics.quantiles(took_ms, n=20)
    per_s = len(took_ms) / (time.perf_counter() - began)
    return {"per_s": round(per_s, 1), "p50_ms": round(cuts[9], 3), "p95_ms": round(cuts[18], 3)}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(drive(Load(**json.loads(sys.argv[1]))))), flush=True)
