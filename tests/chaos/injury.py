"""Acts, done to a farm: each in a thread of its own, so that one may begin before another one has ended."""

import random
import time
from signal import SIGKILL, SIGTERM
from threading import Event, Thread

import psutil

from tests.chaos.acts import Act, Fault
from tests.chaos.farm import Farm, resume


class Injuries:
    """Does what was planned, when it was planned."""

    def __init__(self, farm: Farm, *, seed: int) -> None:
        self._farm = farm
        self._rng = random.Random(f"{seed} children")
        self._over = Event()
        self._threads: list[Thread] = []
        self.done: list[Act] = []

    def inflict(self, acts: list[Act]) -> None:
        """Do them all; return when the last one has begun."""
        began = time.monotonic()
        for act in acts:
            time.sleep(max(0, began + act.at_s - time.monotonic()))
            thread = Thread(target=self._do, args=(act,), name=f"{act.fault} {act.target}")
            self._threads.append(thread)
            thread.start()
            self.done.append(act)

    def heal(self) -> None:
        """End what lasts."""
        self._over.set()
        self._farm.heal()
        for thread in self._threads:
            thread.join()

    def _do(self, act: Act) -> None:
        farm, target = self._farm, act.target
        match act.fault:
            case Fault.KILL:
                farm.signal(target, SIGKILL, down_s=act.lasts_s)
            case Fault.TERMINATE:
                farm.signal(target, SIGTERM, down_s=act.lasts_s)
            case Fault.KILL_CHILD:
                farm.kill_child(target, self._any)
            case Fault.PAUSE | Fault.PAUSE_CHILD:
                still = farm.pause(target, child=self._any if act.fault is Fault.PAUSE_CHILD else None)
                self._over.wait(act.lasts_s)
                resume(still)
            case Fault.SKEW:
                farm.clocks[target].set(act.amount)
                self._over.wait(act.lasts_s)
                farm.clocks[target].set(0)
            case Fault.FILL:
                farm.disk.fill()
                self._over.wait(act.lasts_s)
                farm.disk.clear()
            case Fault.CUT | Fault.TEAR | Fault.DELAY | Fault.HOLD:
                self._on_way(act)

    def _on_way(self, act: Act) -> None:
        proxy = self._farm.proxies[act.target]
        match act.fault:
            case Fault.CUT:
                proxy.cut()
            case Fault.TEAR:
                proxy.tear()
            case Fault.DELAY:
                proxy.delay(act.amount)
            case _:
                proxy.hold()
        self._over.wait(act.lasts_s)
        proxy.heal()

    def _any(self, children: list[psutil.Process]) -> psutil.Process:
        return self._rng.choice(children)
