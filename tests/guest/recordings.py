#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""What the tool and the plug-in write is what the published schemas say.

usage: recordings.py TEEIO SCHEMAS SCENARIO...

Runs the scenarios on the real QEMU, and checks each event and each result; then
that a document with one member less, or of another kind, is refused. Last, what
was recorded is printed and judged again, with the same verdicts.
"""

import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                os.pardir, 'tool'))
from schema import Invalid, Schema

TEEIO, SCHEMAS = (os.path.abspath(path) for path in sys.argv[1:3])
SCENARIOS = sys.argv[3:]


def schema(name):
    return Schema(os.path.join(SCHEMAS, name + ".schema.json"))


def refuses(checker, document):
    try:
        checker.check(document)
    except Invalid:
        return True
    return False


def damage(document):
    """Copies of an object, each with one thing wrong."""
    optional = ("at", "pmr", "exe", "ide", "peer", "refusal", "detector",
                "acs", "completion", "expected", "disabled", "when", "tool",
                "qemu")
    for name in document:
        yield f"{name}=[[]]", {**document, name: [[]]}
        if name not in optional:
            yield f"no {name}", {key: value for key, value in document.items()
                                 if key != name}
    yield "an unknown member", {**document, "frob": 1}


def check_damage(checker, document):
    for what, broken in damage(document):
        # Without its kind it is another document.
        if what not in ("no ev", "no cells", "ev=[[]]"):
            assert refuses(checker, broken), f"{what} goes unnoticed"


def check_events(path):
    checker = schema("events")
    seen = {}
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            event = json.loads(line)
            try:
                checker.check(event)
            except Invalid as error:
                raise AssertionError(f"{path}:{number}: {error}") from error
            seen.setdefault(event.get("ev"), event)
    for event in seen.values():
        check_damage(checker, event)
    return set(seen)


def run(out, *args):
    done = subprocess.run([TEEIO, "run", "--format=json", "--out", out, *args],
                          stdout=subprocess.PIPE, text=True, check=False,
                          timeout=400, stdin=subprocess.DEVNULL)
    assert done.returncode in (0, 1), f"{args}: exit code {done.returncode}"
    return json.loads(done.stdout)


def verdicts(document):
    return [(cell["id"], cell["cell"], cell["outcome"], cell["problems"],
             cell["findings"], cell["steps"], cell["counts"])
            for result in document["results"] for cell in result["cells"]]


def check_again(verb, folder, document):
    done = subprocess.run([TEEIO, verb, "--format=json", folder],
                          capture_output=True, text=True, check=False)
    assert done.stderr == "", done.stderr
    assert verdicts(json.loads(done.stdout)) == verdicts(document), verb


def main():
    checker = schema("result")
    kinds = set()
    with tempfile.TemporaryDirectory() as out:
        document = run(out, "--jobs=2", *SCENARIOS)
        checker.check(document)
        check_damage(checker, {k: v for k, v in document.items()
                               if k != "schema"} | {"schema": "teeio-result"})
        for folder, _, names in os.walk(out):
            if "events.jsonl" in names:
                kinds |= check_events(os.path.join(folder, "events.jsonl"))
            if "result.json" in names:
                with open(os.path.join(folder, "result.json"),
                          encoding="utf-8") as file:
                    result = json.load(file)
                checker.check(result)
                check_damage(checker, result)
        check_again("report", out, document)
        check_again("replay", out, document)
    assert kinds >= {None, "tlp", "command", "enable", "marker"}, kinds
    print("1..1\nok 1 schemas #", *sorted(map(str, kinds)))


main()
