"""What a firmware says of its instructions and places, whichever simulator runs it."""

from jobs.errors import InvalidInput
from renode import layout
from renode.code import Code
from renode.elf import Firmware
from renode.trace import Instruction


class Listing:
    """Instructions by address, places by name."""

    def __init__(self, firmware: Firmware, code: Code) -> None:
        """Describe `firmware`, whose instructions `code` decodes."""
        self._firmware = firmware
        self._code = code

    def instruction(self, address: int) -> Instruction:
        """Describe the instruction at `address`; a conditional branch costs what it costs when it is taken."""
        if not self._firmware.is_code(address) or address & 1:
            raise InvalidInput(f"no instruction lies at 0x{address:08x}", reason="not-code")
        decoded = self._code.at(address)
        line = self._firmware.lines.at(address)
        return Instruction(
            address=address,
            size=decoded.size,
            mnemonic=decoded.mnemonic,
            operands=decoded.operands,
            kind=decoded.kind,
            cycles=decoded.cycles + decoded.refill,
            function=self._firmware.function_at(address),
            file=line[0] if line else None,
            line=line[1] if line else None,
            registers=len(decoded.effects.written) + bool(decoded.effects.shape & layout.HIDDEN),
            words=len(decoded.effects.transfers),
        )

    def extent(self, place: str, *, field: str) -> tuple[int, int]:
        """Return [start, end) of a symbol, or of the instruction at an `0x` address; raise InvalidInput with `field`."""
        if not place.startswith("0x"):
            symbol = self._firmware.symbol(place, field=field)
            size = symbol.size
            if size == 0 and self._firmware.is_code(symbol.address):
                size = self._extent_in_code(symbol.address)
            return symbol.address, symbol.address + size
        try:
            address = int(place, 16)
        except ValueError as error:
            raise InvalidInput(f"{place} is not an address", field=field, reason="not-an-address") from error
        if not self._firmware.is_code(address) or address & 1:
            raise InvalidInput(f"no instruction lies at {place}", field=field, reason="not-code")
        return address, address + self._code.at(address).size

    def _extent_in_code(self, address: int) -> int:
        function = next((found for found in self._firmware.functions if found.address == address), None)
        return function.size if function is not None else self._code.at(address).size
