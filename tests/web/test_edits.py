"""What became of a run of instructions."""

import pytest

from jobs.report import Place
from web import edits as module
from web.edits import edits, text


def run(*instructions: str, start: int = 0x08000000) -> list[Place]:
    return [
        Place(
            address=start + 2 * number,
            mnemonic=instruction.partition(" ")[0],
            operands=instruction.partition(" ")[2],
            function="f",
            file="f.c",
            line=1,
        )
        for number, instruction in enumerate(instructions)
    ]


def told(before: list[Place], after: list[Place]) -> list[tuple[str, ...]]:
    found = edits(before, after)
    assert found is not None
    return [(edit.kind, *(text(place) for place in edit[1:3] if place is not None)) for edit in found]


def test_the_same_instructions_elsewhere_are_no_change() -> None:
    code = ("ldr r0, [pc, #0x1c]", "bl #0x8000100", "cmp r0, #1", "bne #0x8000104", "bx lr")
    moved = ("ldr r0, [pc, #0x20]", "bl #0x8000200", "cmp r0, #1", "bne #0x8000204", "bx lr")

    assert told(run(*code), run(*moved, start=0x08000800)) == []


def test_a_number_that_is_no_address_is_a_change() -> None:
    assert told(run("movs r0, #1"), run("movs r0, #2")) == [("changed", "movs r0, #1", "movs r0, #2")]
    assert told(run("ldr r0, [r1, #4]"), run("ldr r0, [r1, #8]"))
    for name in ("bic", "bics", "bfi", "bkpt"):
        assert told(run(f"{name} r0, r0, #1"), run(f"{name} r0, r0, #2"))


def test_instructions_go_come_change_and_move() -> None:
    before = run("ldrb r6, [r2]", "ldrb r5, [r0, r5]", "eors r6, r1", "eors r5, r6", "nop")
    after = run("ldrb r5, [r0, r5]", "ldrb r6, [r2]", "eors r5, r1", "eors r5, r6", "strb r5, [r3]")

    *others, moved, gone = sorted(told(before, after))
    assert others == [("added", "strb r5, [r3]"), ("changed", "eors r6, r1", "eors r5, r1")]
    assert gone == ("removed", "nop")
    assert moved in {("moved", loaded, loaded) for loaded in ("ldrb r6, [r2]", "ldrb r5, [r0, r5]")}


def test_what_moved_says_what_it_stands_ahead_of() -> None:
    found = edits(run("adds r0, #1", "eors r0, r1", "bx lr"), run("eors r0, r1", "adds r0, #1", "bx lr"))

    assert found is not None
    (edit,) = found
    assert edit.kind == "moved"
    assert edit.ahead_of is not None
    assert {text(edit.ahead_of)} <= {"bx lr", "adds r0, #1"}


def test_all_of_a_run_may_be_new_or_gone() -> None:
    assert told([], run("nop", "bx lr")) == [("added", "nop"), ("added", "bx lr")]
    assert told(run("nop", "bx lr"), []) == [("removed", "nop"), ("removed", "bx lr")]


def test_each_instruction_is_told_of_once() -> None:
    before = run("eors r0, r1", "nop", "nop", "eors r0, r2", "lsls r0, r0, #1")
    after = run("nop", "eors r0, r2", "eors r0, r3", "nop", "asrs r0, r0, #1", "nop")

    found = edits(before, after)

    assert found is not None
    ours = [edit.before.address for edit in found if edit.before is not None]
    theirs = [edit.after.address for edit in found if edit.after is not None]
    for addresses, places in ((ours, before), (theirs, after)):
        assert len(addresses) == len(set(addresses))
        assert set(addresses) <= {place.address for place in places}
    gone = sum(edit.kind == "removed" for edit in found)
    new = sum(edit.kind == "added" for edit in found)
    assert len(after) - len(before) == new - gone


def test_runs_that_are_too_long_are_not_laid_side_by_side() -> None:
    long = run(*["nop"] * (int(module.MOST**0.5) + 1))

    assert edits(long, [*long, *run("bx lr")]) is None
    assert edits(long, long) == ()


@pytest.mark.parametrize("branch", ["b", "bl", "blx", "beq", "bne.w", "b.n", "bhs"])
def test_branches_are_known(branch: str) -> None:
    assert told(run(f"{branch} #0x8000100"), run(f"{branch} #0x8000200")) == []


def test_a_compare_and_branch_keeps_its_register() -> None:
    assert told(run("cbz r0, #0x8000100"), run("cbz r0, #0x8000200")) == []
    assert told(run("cbnz r0, #0x8000100"), run("cbnz r1, #0x8000100"))
