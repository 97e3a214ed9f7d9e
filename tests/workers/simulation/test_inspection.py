"""What an ELF offers to a form, and what is refused as a campaign would refuse it."""

from pathlib import Path

import pytest
from pydantic_core import to_json

from jobs.errors import InvalidFirmware, InvalidInput, NotFound
from jobs.payloads import InspectRequest
from jobs.target import Core
from renode.elf import parse_firmware, read_firmware
from renode.offer import Buffer, Function, Offer, offer_of
from stores.ports import RESULT_LIMIT_BYTES
from tests.workers.simulation.conftest import Lab
from workers.simulation.inspection import inspect_firmware


def asked(lab: Lab, name: str, **changes: str) -> InspectRequest:
    return InspectRequest.model_validate({"firmware": lab.request(name).firmware, **changes})


def of(lab: Lab, offer: Offer) -> Lab:
    return Lab(lab.services._replace(offer=lambda _tenant, _firmware: offer), lab.elfs)


def test_functions_have_places_and_buffers_have_sizes(lab: Lab) -> None:
    found = inspect_firmware("default", asked(lab, "aes128_m4"), lab.services)

    functions = {item["name"]: item for item in found["functions"]}
    objects = {item["name"]: item for item in found["objects"]}
    entry = functions["aes128_encrypt"]
    assert (entry["file"], entry["line"] > 0, entry["size"] > 0) == ("renode/firmware/aes128.c", True, True)
    assert {name: objects[name]["size"] for name in ("aes_key", "aes_plaintext", "aes_ciphertext")} == {
        "aes_key": 16,
        "aes_plaintext": 16,
        "aes_ciphertext": 16,
    }
    assert objects["aes_key"]["writable"]
    assert found["has_lines"]
    assert not found["truncated"]
    assert found["memory"] == []


@pytest.mark.parametrize(("name", "core", "cores"), [("aes128_m4", "cortex-m4", 1), ("aes128_m0", "cortex-m0", 3)])
def test_the_core_is_the_least_that_the_code_was_built_for(lab: Lab, name: str, core: str, cores: int) -> None:
    found = inspect_firmware("default", asked(lab, name), lab.services)

    assert (found["core"], len(found["cores"]), found["core_known_by"]) == (core, cores, "attributes")
    assert found["architecture"].startswith("Armv")


def test_without_attributes_any_core_may_fit_and_that_is_said(lab: Lab) -> None:
    file = lab.elfs["aes128_m4"].read_bytes().replace(b".ARM.attributes", b".ARM.attributed")

    found = offer_of(parse_firmware(file))
    told = inspect_firmware("default", asked(lab, "aes128_m4"), of(lab, found).services)

    assert found.cores == tuple(Core)
    assert (told["core"], told["architecture"], told["core_known_by"]) == ("cortex-m4", None, "nothing")


def test_names_can_be_searched_whatever_their_case(lab: Lab) -> None:
    found = inspect_firmware("default", asked(lab, "aes128_m4", contains="AES_"), lab.services)

    assert found["objects"]
    assert all("aes_" in item["name"].lower() for item in (*found["objects"], *found["functions"]))


def test_what_does_not_fit_a_result_is_left_out_and_said(lab: Lab) -> None:
    offer = offer_of(read_firmware(lab.elfs["aes128_m4"]))
    many = Offer(
        **{field: getattr(offer, field) for field in ("sha256", "size", "code_bytes", "cores", "architecture")},
        has_lines=True,
        functions=tuple(Function("\N{SNOWMAN}" * 200, n, 2, "\N{SNOWMAN}" * 200, n) for n in range(5000)),
        buffers=tuple(Buffer(f"b{n}", n, 16, writable=True) for n in range(5000)),
        memory=(),
    )

    found = inspect_firmware("default", asked(lab, "aes128_m4"), of(lab, many).services)

    assert found["truncated"]
    assert (found["functions_total"], found["objects_total"]) == (5000, 5000)
    assert 0 < len(found["functions"]) < 5000
    assert len(to_json(found)) < RESULT_LIMIT_BYTES


def test_what_is_no_firmware_is_refused_with_its_reason(lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "not.elf"
    path.write_bytes(b"MZ" * 100)
    hostile = Lab(lab.services._replace(offer=lambda _tenant, _firmware: offer_of(read_firmware(path))), lab.elfs)

    with pytest.raises(InvalidFirmware) as refused:
        inspect_firmware("default", asked(lab, "aes128_m4"), hostile.services)

    assert (refused.value.field, refused.value.reason) == ("firmware", "not-elf")


def test_an_artifact_that_was_deleted_meanwhile_is_named(lab: Lab) -> None:
    def gone(_tenant: str, _firmware: str) -> Offer:
        raise NotFound("There is no such artifact.")

    with pytest.raises(InvalidInput) as refused:
        inspect_firmware("default", asked(lab, "aes128_m4"), lab.services._replace(offer=gone))

    assert refused.value.field == "firmware"
