"""A judgement as JUnit XML, as CI servers read it: one case per finding, and one for the gate itself."""

import re
from xml.etree import ElementTree as ET

from dasein.findings import Finding
from dasein.gate import Judgement, Outcome

NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(judgement: Judgement, *, firmware: str, seconds: float) -> bytes:
    """Return the document for the file named `firmware`, whose check took `seconds`."""
    suite = ET.Element("testsuite", name=_clean(f"dasein check {firmware}"), time=f"{seconds:.3f}")
    gate = _case(suite, firmware, "gate")
    if judgement.outcome is Outcome.LEAKS:
        ET.SubElement(gate, "failure", type="leaks", message=_clean(judgement.reason))
    elif judgement.outcome is Outcome.ERROR:
        ET.SubElement(gate, "error", type="error", message=_clean(judgement.reason))
    for finding in judgement.failed:
        failure = ET.SubElement(_finding(suite, firmware, finding), "failure")
        failure.set("type", finding.severity.value)
        failure.set("message", _clean(finding.title))
        failure.text = _clean(f"{finding.where}\n{finding.address:#010x} {finding.instruction}\n{finding.strength}")
    for finding, entry in judgement.ignored:
        ET.SubElement(_finding(suite, firmware, finding), "skipped", message=_clean(f"ignored: {entry.reason}"))
    for finding in judgement.unconfirmed:
        ET.SubElement(_finding(suite, firmware, finding), "skipped", message="not confirmed with these traces")
    for finding in judgement.below:
        told = ET.SubElement(_finding(suite, firmware, finding), "system-out")
        told.text = _clean(f"below the threshold: {finding.severity.value}: {finding.title}")
    root = ET.Element("testsuites", time=f"{seconds:.3f}")
    for element in (suite, root):
        element.set("tests", str(len(suite.findall("testcase"))))
        element.set("failures", str(len(suite.findall("testcase/failure"))))
        element.set("errors", str(len(suite.findall("testcase/error"))))
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    root.append(suite)
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _finding(suite: ET.Element, firmware: str, finding: Finding) -> ET.Element:
    case = _case(suite, firmware, f"{finding.where} {finding.kind} {finding.address:#010x}")
    if finding.file:
        case.set("file", _clean(finding.file))
    if finding.line:
        case.set("line", str(finding.line))
    return case


def _case(suite: ET.Element, firmware: str, name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=_clean(firmware), name=_clean(name))


def _clean(text: str) -> str:
    """Replace what XML 1.0 cannot hold; names come from the firmware."""
    return NOT_XML.sub("\ufffd", text)
