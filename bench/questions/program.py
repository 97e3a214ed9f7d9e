"""Programs that never ran: names, functions, source lines and instructions of a build, drawn from a seed."""

from dataclasses import dataclass

import numpy as np

from jobs.report import Place

FIRST_ADDRESS = 0x0800_0100
PER_FUNCTION = 40
"""Instructions of a function on average; never more than 60."""

FAMILIES = {
    "aes128": ("aes", ("sub_bytes", "shift_rows", "mix_columns", "add_round_key", "expand_key", "xtime")),
    "present": ("present", ("sbox_layer", "p_layer", "add_key", "update_key", "rotate_key", "pack_state")),
    "hmac": ("hmac", ("inner_pad", "outer_pad", "compare_tag", "absorb_key", "finish_tag", "reset_state")),
    "chacha20": ("cc20", ("quarter_round", "double_round", "setup_key", "setup_nonce", "xor_stream", "add_state")),
    "ascon": ("ascon", ("permute", "absorb", "squeeze", "init_state", "round_constant", "linear_layer")),
    "ecdsa": ("ecdsa", ("point_add", "point_double", "mod_inverse", "ladder_step", "nonce_mul", "reduce_p256")),
    "keccak": ("keccak", ("theta", "rho_pi", "chi", "iota", "absorb_lane", "pad_message")),
    "speck": ("speck", ("round", "key_round", "rotate_left", "rotate_right", "split_block", "join_block")),
}
"""Family -> prefix of its functions, and their names without it."""
COMMON = (
    "load_block",
    "store_block",
    "copy_words",
    "clear_buffer",
    "swap_bytes",
    "xor_block",
    "load_table",
    "check_length",
    "next_block",
    "last_block",
    "init_context",
    "free_context",
    "encode_length",
    "decode_header",
    "mask_word",
    "select_word",
    "count_blocks",
    "wait_ready",
    "read_config",
    "write_status",
    "self_test",
    "update_counter",
)
SHAPES = (
    ("ldrb", "{d}, [{a}, #{i}]"),
    ("ldr", "{d}, [{a}, #{i}]"),
    ("strb", "{d}, [{a}, #{i}]"),
    ("str", "{d}, [{a}, #{i}]"),
    ("eors", "{d}, {a}"),
    ("adds", "{d}, {a}, #{i}"),
    ("lsls", "{d}, {a}, #{i}"),
    ("movs", "{d}, #{i}"),
    ("ands", "{d}, {a}"),
    ("mov", "{d}, {a}"),
)


@dataclass(frozen=True, slots=True)
class Draft:
    """An instruction without its address."""

    mnemonic: str
    operands: str
    function: str
    file: str
    line: int


def drafts(family: str, count: int, rng: np.random.Generator) -> list[Draft]:
    """Return a program's instructions in order; function, line, mnemonic and operands together name one of them."""
    names = _function_names(family, max(4, round(count / PER_FUNCTION)))
    cuts = np.arange(len(names) + 1) * count // len(names)
    cuts[1:-1] += rng.integers(-4, 5, len(names) - 1)
    files = (f"src/{family}.c", f"src/{family}_core.c", f"src/{family}_io.c")
    shape, source, amount = (rng.integers(0, high, count) for high in (len(SHAPES), 8, 8))
    made = []
    for number, name in enumerate(names):
        for place in range(int(cuts[number]), int(cuts[number + 1])):
            mnemonic, operands = SHAPES[shape[place]]
            nth = place - int(cuts[number])
            # Two instructions share a line, and their destinations differ.
            text = operands.format(d=f"r{place % 4 + 4 * (nth % 2)}", a=f"r{source[place]}", i=4 * amount[place])
            made.append(Draft(mnemonic, text, name, files[number % len(files)], 10 + 40 * number + nth // 2))
    return made


def places(program: list[Draft], *, first: int) -> tuple[Place, ...]:
    """Lay a program out from an address on, two bytes an instruction."""
    return tuple(
        Place(
            address=first + 2 * index,
            mnemonic=draft.mnemonic,
            operands=draft.operands,
            function=draft.function,
            file=draft.file,
            line=draft.line,
        )
        for index, draft in enumerate(program)
    )


def _function_names(family: str, count: int) -> list[str]:
    prefix, own = FAMILIES[family]
    return [f"{prefix}_{name}" for name in (own + COMMON)[:count]]
