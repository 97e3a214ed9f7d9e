"""Renode's binary execution traces, version 5: read, written, and turned into what the embedded core yields.

    reader.read_trace(source: Path | bytes, *, limit_bytes: int) -> ExecutionTrace          raises InvalidTrace
    writer.write_trace(trace: ExecutionTrace, *, compress: bool = False) -> bytes
    execution.to_execution(trace, start: Start, decoded: Callable[[int], Decoded], *, entry: int, max_cycles: int,
                           handlers: frozenset[int] = frozenset()) -> Execution               raises InvalidTrace, TraceDisagrees
    execution.to_batch(executions, outputs, reference: Path) -> Batch

`Start` is `renode.lockstep.start.Start` (`UnicornCore.start()`), `decoded` is `UnicornCore.decoded`. Imports jobs and renode.
"""
