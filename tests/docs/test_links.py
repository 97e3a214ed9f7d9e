"""What the documents point at is there: other documents, their headings, files, tests."""

import re
from pathlib import Path

import pytest

from deploy.procfile import ROOT

DOCUMENTS = sorted(
    path
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*.md"))
    if "node_modules" not in path.parts
)
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")
PLACE = re.compile(r"`((?:tests|deploy|config|docs|bench|bin|stores|workers|web|jobs|renode|load)/[\w./-]+\.\w+)`")
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


def headings(text: str) -> set[str]:
    """Return the anchors of a document: explicit ones, and those of headings as they are rendered."""
    found = set(re.findall(r'<a (?:id|name)="([^"]+)"', text))
    for line in FENCE.sub("", text).splitlines():
        if match := re.match(r"#{1,6} +(.*)", line):
            kept = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", match[1]).lower())
            found.add(kept.strip().replace(" ", "-"))
    return found


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    text = FENCE.sub("", path.read_text(encoding="utf-8"))

    broken = []
    for target, anchor in LINK.findall(text):
        aim = (path.parent / target).resolve() if target else path
        if not aim.exists() or (
            anchor and aim.suffix == ".md" and anchor not in headings(aim.read_text(encoding="utf-8"))
        ):
            broken.append(f"{target}#{anchor}")
    assert broken == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_that_are_named_exist(path: Path) -> None:
    named = PLACE.findall(FENCE.sub("", path.read_text(encoding="utf-8")))

    assert [each for each in named if not (ROOT / each).exists()] == []
