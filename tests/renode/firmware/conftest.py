import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from jobs.payloads import CampaignRequest
from renode.firmware import build
from renode.trace import Stop
from renode.unicorn_core import UnicornCore

CAMPAIGNS = Path(build.__file__).parent / "campaigns"
NOT_UPLOADED = f"sha256:{'0' * 64}"


class Called:
    """A program under the simulator, called with inputs by name."""

    def __init__(self, elf: Path, campaign: CampaignRequest) -> None:
        self.campaign = campaign
        self.core = UnicornCore(elf, campaign.target)

    def row(self, **inputs: bytes) -> npt.NDArray[np.uint8]:
        """Concatenate the inputs as the target orders them; a missing one has the campaign's value."""
        parts = []
        for item in self.campaign.target.inputs:
            value = inputs.get(item.name, bytes.fromhex(item.value) if item.value else None)
            assert value is not None
            assert len(value) == item.length
            parts.append(value)
        return np.frombuffer(b"".join(parts), np.uint8)

    def output(self, **inputs: bytes) -> bytes:
        path = self.core.path(self.row(**inputs))
        assert path.stop == Stop.DONE
        return path.output


def sizes_and_values(path: Path) -> dict[str, tuple[int, int]]:
    """Return the size and the value of every symbol of an ELF."""
    with path.open("rb") as stream:
        table = ELFFile(stream).get_section_by_name(".symtab")
        assert isinstance(table, SymbolTableSection)
        return {symbol.name: (symbol["st_size"], symbol["st_value"]) for symbol in table.iter_symbols()}


@pytest.fixture(scope="session")
def firmware(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build all ELFs once and return their folder."""
    out = tmp_path_factory.mktemp("firmware")
    build.build_all(out, compiler="zig")
    return out


def body_of(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((CAMPAIGNS / f"{name}.json").read_text())
    return body


def campaign_of(body: Mapping[str, Any]) -> CampaignRequest:
    return CampaignRequest.model_validate({**body, "firmware": NOT_UPLOADED})


@pytest.fixture(scope="session")
def campaign() -> Callable[[str], CampaignRequest]:
    """Read a campaign by its name, as if its firmware had been uploaded."""
    return lambda name: campaign_of(body_of(name))


@pytest.fixture(scope="session")
def called(firmware: Path, campaign: Callable[[str], CampaignRequest]) -> Callable[[str], Called]:
    """Make a program callable, by the name of its ELF and of its campaign."""
    return lambda name: Called(firmware / f"{name}.elf", campaign(name))
