"""What `docs/streams.md` shows works, and the numbers that it names are those of the code."""

import re
from pathlib import Path

import pytest

from stores.jobs_redis import EVENTS_KEPT
from tests.web.conftest import Behind
from tests.web.graphql.test_graph import ask, campaigns, weaknesses
from tests.web.knowledge import FIRMWARE
from web.graphql.limits import MAX_ALIASES, MAX_COST, MAX_DEPTH, MAX_TOKENS, MOST_LEVELS
from web.graphql.reads import TOGETHER
from web.graphql.routes import MAX_QUERY
from web.realtime.delivering import ATTEMPTS
from web.realtime.outbox import MESSAGES
from web.realtime.session import LAGS, SUBSCRIPTIONS
from web.realtime.sockets import MESSAGE_CHARACTERS

MANUAL = (Path(__file__).parents[3] / "docs" / "streams.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", MANUAL, re.DOTALL)


@pytest.mark.parametrize("query", blocks("graphql"))
def test_queries_of_the_manual_are_answered(farm: Behind, query: str) -> None:
    campaigns(farm, 3)
    weaknesses(farm, 3)

    data = ask(farm.client, query, **({"firmware": FIRMWARE} if "$firmware" in query else {}))

    assert data


@pytest.mark.parametrize("program", blocks("python"))
def test_programs_of_the_manual_run(program: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(program, "streams.md", "exec"), {})  # noqa: S102  # it is ours

    assert "does not fit" in capsys.readouterr().out


@pytest.mark.parametrize(
    "said",
    [
        f"at most {MAX_QUERY:,} characters, {MAX_TOKENS:,} tokens, {MAX_ALIASES} aliases, {MAX_DEPTH} fields deep, {MAX_COST:,}",
        f"cut, at {TOGETHER:,} findings",
        f"a batch of 2 to {MOST_LEVELS} campaigns",
        f"keeps {MESSAGES} messages",
        f"Who lags {LAGS} times",
        f"at most {MESSAGE_CHARACTERS:,} characters",
        f"at most {SUBSCRIPTIONS} subscriptions",
        f"{ATTEMPTS} attempts",
        f"last {EVENTS_KEPT:,} events",
    ],
)
def test_numbers_of_the_manual_are_those_of_the_code(said: str) -> None:
    words = " ".join(MANUAL.split())

    assert said in words
