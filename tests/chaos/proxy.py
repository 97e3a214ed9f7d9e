"""A TCP proxy on loopback that can be told to misbehave: to cut, tear, delay or hold what goes through it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from threading import Thread
from types import TracebackType
from typing import Self

from tests.servers import free_port

HOST = "127.0.0.1"
CHUNK = 65_536


class Network:
    """The thread that all proxies of a run share."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._proxies: list[Proxy] = []
        self._thread = Thread(target=self._loop.run_forever, name="network", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.do(self._end)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def do(self, work: Callable[[], Awaitable[object]]) -> None:
        """Do something in the thread, and wait for it."""

        async def done() -> None:
            await work()

        asyncio.run_coroutine_threadsafe(done(), self._loop).result(30)

    def proxy(self, target: int) -> "Proxy":
        """Return a proxy before the server on a port of loopback, which need not be there yet."""
        proxy = Proxy(self, target)
        self.do(proxy.listen)
        self._proxies.append(proxy)
        return proxy

    async def _end(self) -> None:
        for proxy in self._proxies:
            proxy.close()
        tasks = asyncio.all_tasks(self._loop) - {asyncio.current_task(self._loop)}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Proxy:
    """One way to a server. It is well until told otherwise, and again after `heal`."""

    def __init__(self, network: Network, target: int) -> None:
        self.port = free_port()
        self._network = network
        self._target = target
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._delay_s = 0.0
        self._open = asyncio.Event()
        self._open.set()
        self._cut = False
        self._torn = False

    async def listen(self) -> None:
        """Take connections from now on."""
        self._server = await asyncio.start_server(self._carry, HOST, self.port)

    def close(self) -> None:
        """Take no more connections; to be called in the network's thread."""
        if self._server is not None:
            self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    def cut(self) -> None:
        """Reset all connections, and every new one until it is healed."""
        self._cut = True
        self._network.do(self._reset)

    def tear(self) -> None:
        """Reset the next connection on which something is said in the middle of what is said, and no other."""
        self._torn = True

    def delay(self, seconds: float) -> None:
        """Let everything take longer, each way."""
        self._delay_s = seconds

    def hold(self) -> None:
        """Take connections and bytes, and carry none of them on until it is healed: nothing is lost, and nothing comes."""
        self._network.do(self._shut)

    def heal(self) -> None:
        """Be well again."""
        self._cut = self._torn = False
        self._delay_s = 0.0
        self._network.do(self._unshut)

    async def _shut(self) -> None:
        self._open.clear()

    async def _unshut(self) -> None:
        self._open.set()

    async def _reset(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            if not self._cut:
                await self._between(reader, writer)
        except OSError:
            # The server is away, or somebody went in the middle: the other side hears of it.
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _between(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(HOST, self._target)
        self._writers.add(back)
        try:
            ways = [asyncio.create_task(self._pump(*way)) for way in ((reader, back), (there, writer))]
            _, left = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in left:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
        finally:
            self._writers.discard(back)
            back.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while said := await reader.read(CHUNK):
                if self._delay_s:
                    await asyncio.sleep(self._delay_s)
                await self._open.wait()
                if self._torn:
                    self._torn = False
                    writer.write(said[: len(said) // 2])
                    await writer.drain()
                    return
                writer.write(said)
                await writer.drain()
