"""JUnit: the results as a test run, for continuous integration."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import XMLGenerator

from asynclab.grading.record import Record

from .atomic import replacing
from .marks import full_name, learner_of

__all__ = ["write_junit"]

_ELEMENTS = {"wrong": "failure", "not_attempted": "skipped"}
_NOT_XML = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535), "�")
_NOT_XML |= dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


def write_junit(records: Iterable[Record], counts: dict[str, int], path: Path) -> None:
    """One test case for each record.

    Args:
        records: all of them.
        counts: how many there are of each verdict.
        path: the file.
    """
    total, skipped = sum(counts.values()), counts.get("not_attempted", 0)
    failures = counts.get("wrong", 0)
    errors = total - skipped - failures - counts.get("ok", 0)
    about = {"tests": total, "failures": failures, "errors": errors, "skipped": skipped}
    attributes = {name: str(value) for name, value in about.items()}
    with replacing(path) as file:
        xml = XMLGenerator(file, "utf-8", short_empty_elements=True)
        xml.startDocument()
        xml.startElement("testsuites", {})
        xml.startElement("testsuite", {"name": "asynclab grade", **attributes})
        for record in records:
            _write_case(xml, record)
        xml.endElement("testsuite")
        xml.endElement("testsuites")
        xml.endDocument()


def _write_case(xml: XMLGenerator, record: Record) -> None:
    name = f"{record.stem}: {record.exercise}" if record.exercise else record.file
    learner = full_name(*learner_of(record))
    attributes = {"classname": _xml(learner), "name": _xml(name), "time": f"{record.wall}"}
    xml.startElement("testcase", attributes)
    if record.verdict != "ok":
        element = _ELEMENTS.get(record.verdict, "error")
        xml.startElement(element, {"type": record.verdict, "message": _xml(record.message)})
        xml.endElement(element)
    xml.endElement("testcase")


def _xml(text: str) -> str:
    """What XML cannot hold at all is replaced."""
    return text.translate(_NOT_XML)
