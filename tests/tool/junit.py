# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""A strict checker of JUnit XML: nothing beyond what all readers agree on."""

import re
import xml.etree.ElementTree as ET

COUNTS = {"tests": "int", "failures": "int", "errors": "int",
          "skipped": "int", "time": "time"}
# Element: attributes, whether they are required, children in their order.
ELEMENTS = {
    "testsuites": ({"name": "text", **COUNTS}, ["testsuite*"]),
    "testsuite": ({"name": "text", **COUNTS}, ["properties?", "testcase*"]),
    "properties": ({}, ["property*"]),
    "property": ({"name": "text", "value": "text"}, []),
    "testcase": ({"name": "text", "classname": "text", "time": "time"},
                 ["skipped?|error?|failure?", "system-out?"]),
    "skipped": ({"message": "text"}, []),
    "error": ({"type": "text", "message": "text"}, []),
    "failure": ({"type": "text", "message": "text"}, []),
    "system-out": ({}, []),
}
WITH_TEXT = ("skipped", "error", "failure", "system-out")
TYPES = {"int": r"\d+", "time": r"\d+\.\d{3}", "text": r"(?s).+"}


def check_children(element, pattern):
    text = "".join(child.tag + ";" for child in element)
    regex = ""
    for part in pattern:
        if part.endswith("*"):
            regex += f"({part[:-1]};)*"
        else:
            choices = "|".join(choice[:-1] + ";" for choice in part.split("|"))
            regex += f"({choices})?"
    assert re.fullmatch(regex, text), f"{element.tag}: children {text}"


def check_element(element):
    assert element.tag in ELEMENTS, f"unknown element {element.tag}"
    attributes, children = ELEMENTS[element.tag]
    assert set(element.attrib) == set(attributes), \
        f"{element.tag}: attributes {sorted(element.attrib)}"
    for name, kind in attributes.items():
        assert re.fullmatch(TYPES[kind], element.get(name)), \
            f"{element.tag} {name}={element.get(name)!r}"
    if element.tag not in WITH_TEXT:
        assert not (element.text or "").strip(), f"{element.tag}: text"
    assert not (element.tail or "").strip(), f"{element.tag}: text after it"
    check_children(element, children)
    for child in element:
        check_element(child)


def count(element):
    cases = list(element.iter("testcase"))
    return {"tests": len(cases),
            "failures": len(list(element.iter("failure"))),
            "errors": len(list(element.iter("error"))),
            "skipped": len(list(element.iter("skipped")))}


def check(text):
    """Return the root of a document that is in order."""
    root = ET.fromstring(text.encode())
    assert root.tag == "testsuites", root.tag
    check_element(root)
    for element in [root, *root]:
        for name, number in count(element).items():
            assert int(element.get(name)) == number, \
                f"{element.get('name')}: {name}={element.get(name)}"
    return root
