"""Tools for the farm itself: who we are to it, and its pools."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from dasein.answers import understood
from dasein.client import Client
from dasein.mcp.clipping import clipped
from dasein.mcp.folders import Folders
from dasein.mcp.tool import DESTROYS, READS, FarmTool, Shown, aside


class Me(Shown):
    """Who makes the requests of this server, and what they may do."""

    url: str
    tenant: str
    role: str
    name: str
    authentication: str
    home: bool = Field(description="Whether the tenant is the farm itself.")
    operations: tuple[str, ...] = Field(description="Operations of the API that the key may call.")
    version: str
    folders: tuple[str, ...] = Field(description="Folders below which files may be uploaded.")


class PoolList(Shown):
    """Pools of workers."""

    pools: tuple[dict[str, Any], ...] = Field(
        description="name, workers alive, concurrency, queue_depth (messages), oldest_waiting (waited_s: seconds)."
    )


class Scaled(Shown):
    """A pool after it was told to grow or shrink."""

    pool: dict[str, Any]


class FarmTools:
    """Looks at the farm, and scales it where that is allowed."""

    def __init__(self, farm: Client, folders: Folders) -> None:
        """Speak to `farm`."""
        self._farm = farm
        self._folders = folders

    def tools(self, *, may_scale: bool) -> Iterator[FarmTool]:
        """Yield the tools."""
        yield FarmTool.of(self.whoami, "Who am I", READS)
        yield FarmTool.of(self.list_pools, "List pools", READS)
        if may_scale:
            yield FarmTool.of(self.scale_pool, "Scale a pool", DESTROYS)

    async def whoami(self) -> Me:
        """Say which farm this is, who we are to it, what we may do, and which folders may be read."""
        said = await aside(self._farm.whoami)
        with understood("identity"):
            return Me.model_validate(said | {"url": self._farm.url, "folders": self._folders.allowed})

    async def list_pools(self) -> PoolList:
        """List the pools of workers, what waits for them, and for how long."""
        pools, _ = clipped(await aside(self._farm.pools.all))
        return PoolList(pools=tuple(pools))

    async def scale_pool(
        self,
        pool: Annotated[str, Field(pattern=r"^[a-z][a-z-]{0,31}$", description="Its name.")],
        concurrency: Annotated[
            int, Field(ge=1, le=256, description="Jobs that it shall run at once, over all workers.")
        ],
    ) -> Scaled:
        """Have a pool run so many jobs at once; running jobs go on."""
        return Scaled(pool=await aside(self._farm.pools.scale, pool, concurrency=concurrency))
