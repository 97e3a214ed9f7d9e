"""Somebody who looks at the page, and what must not happen while they do."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Error, Locator, Page, ViewportSize

from tests.page.building import UI

PATIENCE_MS = 60_000
NARROW: ViewportSize = {"width": 390, "height": 844}
WIDE: ViewportSize = {"width": 1400, "height": 900}
LOST = ("net::ERR_", "WebSocket connection to")
"""What a browser says by itself of connections that were lost."""


@dataclass
class Visitor:
    """A tab, and everything that its console complained about."""

    tab: Page
    root: str
    complaints: list[str] = field(default_factory=list)
    answers_may_fail: bool = False
    """Whether the test provokes refusals or lost connections, which browsers write to the console by themselves."""

    def __post_init__(self) -> None:
        self.tab.set_default_timeout(PATIENCE_MS)
        self.tab.on("console", self._heard)
        self.tab.on("pageerror", self._broke)

    def go(self, place: str, *, until: str | None = None) -> None:
        """Open a place such as `/jobs`, and wait for a heading, unless it is named."""
        self.tab.goto(f"{self.root}/app{place}")
        self.tab.get_by_role("heading", level=1, name=until).first.wait_for()

    def sees(self, text: str) -> Locator:
        """Wait until a text is shown."""
        found = self.tab.get_by_text(text).first
        found.wait_for()
        return found

    def choose(self, *, theme: str | None = None, locale: str | None = None) -> None:
        """Choose before the page is opened."""
        for name, value in (("theme", theme), ("locale", locale)):
            if value is not None:
                self.tab.add_init_script(f"localStorage.setItem('dasein.{name}', {json.dumps(value)})")

    def serious(self, within: str = "body") -> list[str]:
        """Return what axe finds that is serious or worse."""
        self.tab.evaluate((UI / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
        found: dict[str, Any] = self.tab.evaluate("(within) => axe.run(within, {resultTypes: ['violations']})", within)
        return [
            f"{rule['id']}: {node['html'][:200]} ({node['failureSummary']})"
            for rule in found["violations"]
            if rule["impact"] in {"serious", "critical"}
            for node in rule["nodes"]
        ]

    def overflows(self) -> bool:
        """Say whether the page as a whole scrolls sideways."""
        return bool(
            self.tab.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1")
        )

    def shoot(self, path: Path) -> None:
        """Keep a picture."""
        self.tab.screenshot(path=path)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        provoked = "Failed to load resource" in message.text or any(word in message.text for word in LOST)
        if not (self.answers_may_fail and provoked):
            self.complaints.append(message.text)

    def _broke(self, error: Error) -> None:
        self.complaints.append(str(error))
