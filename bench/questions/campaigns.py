"""Campaign reports, `report/1`, made from places and leaks."""

from datetime import UTC, datetime, timedelta

import numpy as np

from bench.questions.leaks import CORRECTED, TRACES, Leaks, findings
from jobs.attacking import Cpa
from jobs.payloads import CampaignRequest, Power
from jobs.report import (
    Alignment,
    CpaReport,
    Firmware,
    KeyByte,
    Place,
    PowerUsed,
    Report,
    Row,
    Series,
    Sufficiency,
    Timings,
    Tvla,
    Verdict,
)
from jobs.target import Core, Input, InputRole, Target

EPOCH = datetime(2026, 3, 2, 9, tzinfo=UTC)
KEY = bytes(range(0x10, 0x20))


def report(
    name: str,
    campaign: str,
    sha256: str,
    places: tuple[Place, ...],
    leaks: Leaks,
    *,
    keyed: bool,
    nth: int,
    rng: np.random.Generator,
) -> Report:
    """Return the report of one campaign over a whole program, each instruction executed once."""
    count = len(places)
    quiet = np.round(np.minimum(np.abs(rng.standard_normal((2, count))), 4.0), 4)
    power = np.round(rng.uniform(2, 12, count), 4)
    t1 = [abs(leaks.t1[i][0]) if i in leaks.t1 else float(quiet[0, i]) for i in range(count)]
    t2 = [abs(leaks.t2[i][0]) if i in leaks.t2 else float(quiet[1, i]) for i in range(count)]
    small = np.round(rng.uniform(0.01, 0.09, count), 4)
    rho = [leaks.rho[i][0] if i in leaks.rho else float(small[i]) for i in range(count)] if keyed else []
    found = findings(leaks, places)
    leaking = [finding for finding in found if finding.severity != "low"]
    spots = len({finding.place.address for finding in leaking})
    return Report(
        campaign=campaign,
        created_at=EPOCH + timedelta(hours=7 * nth),
        request=_request(name, sha256, keyed=keyed),
        verdict=Verdict.LEAKS,
        headline=f"Leaks: {len(leaking)} findings at {spots} instructions.",
        digest=sha256[::-1],
        firmware=Firmware(sha256=sha256, bytes=8 * count, core=Core.M4, code_bytes=2 * count, has_lines=True),
        engine={"name": "unicorn", "version": "2.1.4"},
        traces=TRACES,
        alignment=Alignment(
            kind="common-prefix",
            path_instructions=count,
            compared_instructions=count,
            samples=count,
            first_sample=0,
            diverged_traces=sum(leaks.diverged.values()),
            faulted_traces=0,
        ),
        power=PowerUsed(
            model="hw",
            calibration="uncalibrated",
            unit="arbitrary",
            sampling="instruction",
            noise_sigma=1.0,
            step=0.01,
            clipped=0,
        ),
        tvla=Tvla(
            threshold=4.5,
            corrected_threshold=CORRECTED,
            traces_fixed=TRACES // 2,
            traces_random=TRACES // 2,
            max_abs_t1=max(t1),
            max_abs_t2=max(t2),
            leaking_samples_1=sum(sure for _, sure in leaks.t1.values()),
            leaking_samples_2=sum(sure for _, sure in leaks.t2.values()),
            deterministic_samples=0,
            minimum_effect=0.16,
        ),
        tvla_absent=None,
        cpa=_attack(places, leaks) if keyed else None,
        cpa_absent=None if keyed else "not asked for",
        max_snr=max(value**2 / (1 - value**2) for value in rho) if keyed else None,
        findings=found,
        excluded=(),
        rows=tuple(
            Row(
                place=place,
                executions=1,
                max_abs_t1=t1[index],
                max_abs_t2=t2[index],
                deterministic=False,
                max_abs_rho=rho[index] if keyed else None,
                rho_byte=(leaks.rho[index][1][0] if index in leaks.rho else index % 16) if keyed else None,
                max_snr=rho[index] ** 2 / (1 - rho[index] ** 2) if keyed else None,
                public=None,
            )
            for index, place in enumerate(places)
        ),
        series=Series(
            stride=1,
            first_sample=0,
            pcs=tuple(place.address for place in places),
            t1=tuple(leaks.t1[i][0] if i in leaks.t1 else t1[i] for i in range(count)),
            t2=tuple(leaks.t2[i][0] if i in leaks.t2 else t2[i] for i in range(count)),
            rho=tuple(rho),
            snr=tuple(value**2 / (1 - value**2) for value in rho),
            mean=tuple(power.tolist()),
        ),
        sufficiency=Sufficiency(
            sufficient=True,
            why=f"{sum(f.sufficient for f in leaking)} of {len(leaking)} findings stand clear of chance by themselves",
        ),
        timings=Timings(execute_s=2.0, statistics_s=1.0, merge_s=0.1, traces_per_s=TRACES / 3),
        warnings=(),
    )


def _request(name: str, sha256: str, *, keyed: bool) -> CampaignRequest:
    inputs = (
        Input(name="key", role=InputRole.KEY, length=16, symbol="key"),
        Input(name="plaintext", role=InputRole.PLAINTEXT, length=16, symbol="block"),
    )
    return CampaignRequest(
        firmware=f"sha256:{sha256}",
        target=Target(core=Core.M4, entry="main", inputs=inputs),
        name=name,
        traces=TRACES,
        power=Power(model="hw", noise_sigma=1.0),
        cpa=Cpa() if keyed else None,
    )


def _attack(places: tuple[Place, ...], leaks: Leaks) -> CpaReport:
    where = {byte: (index, rho) for index, (rho, group) in leaks.rho.items() for byte in group}
    made = []
    for byte in range(16):
        sample, rho = where.get(byte, (byte, 0.08))
        right = byte in where
        made.append(
            KeyByte(
                index=byte,
                best_guess=KEY[byte] if right else 255 - byte,
                true_value=KEY[byte],
                rank=0 if right else 40 + byte,
                confident=right,
                model="hw",
                rho=rho,
                rho_low=rho - 0.02,
                rho_high=min(rho + 0.02, 1.0),
                sample=sample,
                place=places[sample],
                second_rho=0.075,
                ranks=(0 if right else 40 + byte,),
                traces_to_recover=TRACES // 8 if right else None,
            )
        )
    return CpaReport(
        intermediate="aes128-sbox-output",
        traces=TRACES // 2,
        window=(0, len(places)),
        noise_floor=round(4 / (TRACES // 2) ** 0.5, 4),
        key_known=True,
        recovered=len(where),
        confident=len(where),
        key=bytes(part.best_guess for part in made).hex(),
        bytes=tuple(made),
        checkpoints=(TRACES // 2,),
        guessing_entropy=None,
    )
