"""The INA219 current and power monitor, register by register, in virtual time.

Source: TI datasheet SBOS448G: registers 8.6, conversion times table 5, PGA 8.3.1.2, two-wire protocol 8.5.6. Times are the
typical ones; a datasheet's 1.06 ms is two conversions of 532 us, and so on. Where it is silent, this model decides:

- a conversion is the mean of its input over its own time, as a delta-sigma converter's is, rounded to the nearest
  step; with 11, 10 and 9 bits the steps are 2, 4 and 8 LSB; averaged conversions are rounded one by one;
- a register keeps its value until a conversion of its input ends; current and power follow at the end of a cycle;
- the power of a negative current is its magnitude; what does not fit saturates, with OVF set;
- a register that does not exist reads as 0 and takes no writes, and a read goes on with the same register.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

CONFIGURATION, SHUNT, BUS, POWER, CURRENT, CALIBRATION = range(6)
"""Register pointers."""
RESET_CONFIGURATION = 0x399F
RESET = 1 << 15
READY, OVERFLOW = 2, 1
"""CNVR and OVF, in the bus voltage register."""
SHUNT_LSB_UV, BUS_LSB_MV = 10, 4

_PLAIN_NS = (84_000, 148_000, 276_000, 532_000)
"""Of one conversion with 9, 10, 11 and 12 bits."""
_SHUNT_FULL = 4000
"""Counts of the shunt at PGA gain 1: 40 mV."""
_BUS_FULL = 4000
"""Counts of the bus in the 16 V range."""


class Mode(IntEnum):
    """The operating modes: 1 to 3 convert once when they are written, 5 to 7 again and again."""

    POWER_DOWN = 0
    SHUNT_ONCE = 1
    BUS_ONCE = 2
    BOTH_ONCE = 3
    OFF = 4
    SHUNT = 5
    BUS = 6
    BOTH = 7


_CYCLES = {0: (), 1: (SHUNT,), 2: (BUS,), 3: (SHUNT, BUS)}
"""What is converted, in order, by the lower two bits of the mode."""


@dataclass(frozen=True, slots=True)
class Converter:
    """How one input is converted: four bits of the configuration."""

    step: int
    """LSBs between two values."""
    conversions: int
    """How many are averaged."""
    each_ns: int

    @classmethod
    def of(cls, bits: int) -> "Converter":
        """Read BADC or SADC."""
        if bits & 8:
            return cls(1, 1 << (bits & 7), _PLAIN_NS[3])
        return cls(1 << (3 - (bits & 3)), 1, _PLAIN_NS[bits & 3])

    @property
    def takes_ns(self) -> int:
        """Return how long a result takes."""
        return self.conversions * self.each_ns


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the configuration register says."""

    mode: Mode
    shunt: Converter
    bus: Converter
    shunt_full: int
    """Counts at the ends of the shunt's range, by the PGA."""
    bus_full: int

    @classmethod
    def of(cls, word: int) -> "Configuration":
        """Read the register."""
        return cls(
            Mode(word & 7),
            Converter.of(word >> 3 & 15),
            Converter.of(word >> 7 & 15),
            _SHUNT_FULL << (word >> 11 & 3),
            _BUS_FULL << (word >> 13 & 1),
        )

    @property
    def cycle(self) -> tuple[int, ...]:
        """Return the registers that a cycle fills, in order."""
        return _CYCLES[self.mode & 3]

    def converter(self, register: int) -> Converter:
        """Return how the input behind SHUNT or BUS is converted."""
        return self.shunt if register == SHUNT else self.bus


def configuration_word(*, full_mv: int, bus_v: int, bits: int, averaging: int, mode: Mode = Mode.BOTH) -> int:
    """Return the register for ranges of 40 to 320 mV and of 16 or 32 V; `averaging` above 1 has 12 bits.

    Raise ValueError for what the device cannot be set to.
    """
    pga = {40: 0, 80: 1, 160: 2, 320: 3}.get(full_mv)
    if pga is None or bus_v not in {16, 32} or bits not in range(9, 13) or averaging not in {1 << n for n in range(8)}:
        raise ValueError(f"the INA219 has no setting for {full_mv=} {bus_v=} {bits=} {averaging=}")
    if averaging > 1 and bits != 12:
        raise ValueError(f"averaged conversions have 12 bits, not {bits}")
    adc = bits - 9 if averaging == 1 else 8 | (averaging.bit_length() - 1)
    return (bus_v == 32) << 13 | pga << 11 | adc << 7 | adc << 3 | mode


class Signal(Protocol):
    """The inputs of the device: means over [start, end) in nanoseconds of virtual time."""

    def shunt_uv(self, start_ns: int, end_ns: int) -> float:
        """Return the mean voltage between IN+ and IN-, in microvolts."""

    def bus_mv(self, start_ns: int, end_ns: int) -> float:
        """Return the mean voltage of IN- against ground, in millivolts."""


class Ina219:
    """One device. Time never goes back: `now_ns` of each call is that of the last one or later."""

    def __init__(self, signal: Signal, *, now_ns: int = 0) -> None:
        """Power it on."""
        self._signal = signal
        self._pointer = CONFIGURATION
        self._words = [0] * 6
        self._now_ns = now_ns
        self._updated_ns: dict[int, int] = {}
        self._configuration = Configuration.of(RESET_CONFIGURATION)
        self._position, self._begun_ns, self._running = 0, now_ns, False
        self._reset()

    def updated_ns(self, register: int) -> int | None:
        """Return when the conversion ended that SHUNT or BUS holds; None before the first."""
        return self._updated_ns.get(register)

    def write(self, data: bytes, *, now_ns: int) -> None:
        """Take what a master wrote behind the address: a pointer, and a word for that register if there is one."""
        self.advance(now_ns)
        if not data:
            return
        self._pointer = data[0]
        if len(data) < 3:  # a single byte of a word changes nothing
            return
        word = int.from_bytes(data[1:3], "big")
        if self._pointer == CALIBRATION:
            self._words[CALIBRATION] = word & 0xFFFE  # bit 0 is void
        elif self._pointer == CONFIGURATION and word & RESET:
            self._reset()
        elif self._pointer == CONFIGURATION:
            self._configure(word & ~(1 << 14))

    def read(self, count: int, *, now_ns: int) -> bytes:
        """Return `count` bytes of the register that the pointer is at, most significant first."""
        self.advance(now_ns)
        word = self._words[self._pointer] if self._pointer < len(self._words) else 0
        if self._pointer == POWER and count:
            self._words[BUS] &= ~READY
        return (word.to_bytes(2, "big") * (count // 2 + 1))[:count]

    def advance(self, now_ns: int) -> None:
        """Let time pass: end what conversions end by `now_ns`; raise ValueError if that is earlier than before."""
        if now_ns < self._now_ns:
            raise ValueError(f"time goes back from {self._now_ns} to {now_ns} ns")
        self._now_ns = now_ns
        while self._running:
            register = self._configuration.cycle[self._position]
            end = self._begun_ns + self._configuration.converter(register).takes_ns
            if end > now_ns:
                return
            self._convert(register)
            self._begun_ns = end
            self._updated_ns[register] = end
            self._position += 1
            if self._position == len(self._configuration.cycle):
                self._multiply()
                self._position = 0
                self._running = self._configuration.mode > Mode.OFF

    def _reset(self) -> None:
        self._words = [0] * 6
        self._updated_ns.clear()
        self._configure(RESET_CONFIGURATION)

    def _configure(self, word: int) -> None:
        """Set the device up: what it converts begins anew, and CNVR falls unless it is put to rest."""
        self._words[CONFIGURATION] = word
        self._configuration = Configuration.of(word)
        self._position, self._begun_ns = 0, self._now_ns
        self._running = bool(self._configuration.cycle)
        if self._running:
            self._words[BUS] &= ~READY

    def _convert(self, register: int) -> None:
        setting = self._configuration.converter(register)
        total = 0
        for number in range(setting.conversions):
            start = self._begun_ns + number * setting.each_ns
            end = start + setting.each_ns
            if register == SHUNT:
                counts = rounded(self._signal.shunt_uv(start, end) / SHUNT_LSB_UV / setting.step) * setting.step
                total += min(max(counts, -self._configuration.shunt_full), self._configuration.shunt_full)
            else:
                counts = rounded(self._signal.bus_mv(start, end) / BUS_LSB_MV / setting.step) * setting.step
                total += min(max(counts, 0), self._configuration.bus_full)
        counts = rounded(total / setting.conversions)
        if register == SHUNT:
            self._words[SHUNT] = counts & 0xFFFF
        else:
            self._words[BUS] = counts << 3 | self._words[BUS] & (READY | OVERFLOW)

    def _multiply(self) -> None:
        """Compute current and power as the datasheet's 8.5.2 has them, and say that all is ready."""
        current = _towards_zero(signed(self._words[SHUNT]) * self._words[CALIBRATION], 4096)
        overflow = not -0x8000 <= current <= 0x7FFF
        current = min(max(current, -0x8000), 0x7FFF)
        power = abs(current) * (self._words[BUS] >> 3) // 5000
        overflow |= power > 0xFFFF
        self._words[CURRENT] = current & 0xFFFF
        self._words[POWER] = min(power, 0xFFFF)
        self._words[BUS] = self._words[BUS] & ~OVERFLOW | READY | overflow


def signed(word: int) -> int:
    """Return a register as the two's complement that it is."""
    return word - 0x10000 if word & 0x8000 else word


def rounded(value: float) -> int:
    """Return the nearest integer; halves go away from zero."""
    return int(value + 0.5) if value >= 0 else -int(0.5 - value)


def _towards_zero(value: int, divisor: int) -> int:
    return value // divisor if value >= 0 else -(-value // divisor)
