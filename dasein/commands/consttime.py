"""The command that asks whether a function takes constant time."""

from typing import Annotated, Any

import typer

from dasein.answers import State, understood
from dasein.commands.options import FirmwareArgument, JsonOption, TagOption, TimeoutOption, UrlOption, examples
from dasein.commands.session import ERROR, FAILED, Session, job_line, session
from dasein.constant_time import Call, described
from dasein.constant_time_view import shown
from dasein.errors import BadCampaign
from dasein.shown import VERDICT_STYLES, styled


def consttime(
    firmware: FirmwareArgument,
    *,
    entry: Annotated[str, typer.Option(help="The function to call: its symbol.")],
    secrets: Annotated[
        list[str],
        typer.Option(
            "--secret", metavar="NAME:BYTES[@SYMBOL][=HEX]", help="A secret input and its buffer; repeatable."
        ),
    ],
    public: Annotated[
        list[str] | None,
        typer.Option(
            "--public",
            metavar="NAME:BYTES[@SYMBOL][=HEX]",
            help="An input that everybody may know; with HEX it is always that. Repeatable.",
        ),
    ] = None,
    masks: Annotated[
        list[str] | None,
        typer.Option("--mask", metavar="NAME:BYTES[@SYMBOL]", help="Fresh randomness of each call; repeatable."),
    ] = None,
    arguments: Annotated[
        list[str] | None,
        typer.Option(
            "--arg",
            metavar="NAME|NUMBER|output",
            help="r0 to r3, in order: the address of an input or of the output, or a number.",
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(metavar="BYTES[@SYMBOL]", help="The result's buffer, where it is wanted.", show_default=False),
    ] = None,
    core: Annotated[
        str | None,
        typer.Option(help="cortex-m0, cortex-m3 or cortex-m4; else as the ELF says.", show_default=False),
    ] = None,
    cache: Annotated[
        str | None,
        typer.Option(
            metavar="LINExSETSxWAYS[+MISS]",
            help="A data cache, such as 32x64x4+10: lines of 32 bytes, 64 sets, 4 ways, 10 cycles a miss.",
            show_default=False,
        ),
    ] = None,
    executions: Annotated[
        int | None, typer.Option(min=16, help="With fixed and with random secrets; else 1000.", show_default=False)
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="The same seed gives the same result.", show_default=False)
    ] = None,
    tags: TagOption = None,
    timeout: TimeoutOption = None,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask whether the way, the addresses or the time of a function depend on secrets.

    Executions that differ in secrets alone are compared, for several values of what is public.

    Ends with 0 when it takes constant time, 1 when it does not, and 2 when that cannot be said.
    """
    with session(url, as_json=as_json) as here:
        artifact = here.client.firmware.artifact(firmware)
        call = Call(
            core=core or _core(here, artifact, timeout),
            entry=entry,
            secrets=secrets,
            public=public or (),
            masks=masks or (),
            arguments=arguments or (),
            output=output,
        )
        body = described(call, executions=executions, cache=cache, seed=seed)
        job = here.client.submit_campaign(artifact, {**body, "name": f"Constant time of {entry}"}, tags=tags or [])
        ended = here.follow(job, timeout_s=timeout)
        if ended.state is not State.SUCCEEDED:
            here.answer(ended.raw, job_line(ended))
            raise typer.Exit(ERROR)
        report = here.client.report(job.id)
        with understood("report"):
            verdict = str(report["verdict"])
            lines = [styled(report["headline"], VERDICT_STYLES[verdict]), *shown(report["secrets"])]
            told = {name: report[name] for name in ("campaign", "verdict", "headline", "secrets", "findings")}
        here.answer(told, *lines, styled(f"Read all of it: dasein report {job.id}", "dim"))
        if verdict != "clean":
            raise typer.Exit(FAILED if verdict == "leaks" else ERROR)


def register(app: typer.Typer) -> None:
    """Add this command to `app`."""
    app.command(
        epilog=examples(
            "dasein consttime auth.elf --entry compare --secret pin:4@stored_pin --public guess:4@typed_pin",
            "dasein consttime aes.elf --entry aes128 --secret key:16 --public block:16 --arg key --arg block --cache 32x64x4",
            "dasein consttime rsa.elf --entry reduce --secret value:32@value --public modulus:32@modulus=ff43... --json",
        )
    )(consttime)


def _core(here: Session, artifact: str, timeout_s: float | None) -> str:
    """Return the core that an ELF is built for."""
    offers: dict[str, Any] = here.client.firmware.inspect(artifact, timeout_s=timeout_s)
    with understood("inspection"):
        core = offers["core"]
    if core is None:
        raise BadCampaign("The ELF does not say for which core it is built: name it with --core.")
    return str(core)
