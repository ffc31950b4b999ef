#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""teeio convert, as tshark with our dissector and a JSON reader see it.

Usage: test-convert.py TEEIO DISSECTOR [SCENARIO]

With SCENARIO only: run it, and compare its events with its capture. What the
capture must say is worked out here, from the events alone.
"""

import itertools
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

TEEIO, DISSECTOR = (os.path.abspath(path) for path in sys.argv[1:3])
SCENARIO = sys.argv[3] if len(sys.argv) > 3 else None
NOBODY = 65534
HEADER = {"schema": "teeio-events", "version": 1, "tool": "0.1.0",
          "qemu": "7.2.22"}
FIELDS = ["frame.interface_name", "frame.time_epoch", "frame.comment"] + [
    "teeio." + name for name in (
        "seq", "synthesised", "verdict", "route", "tdi_state", "owner", "s1",
        "s2", "via", "out", "fault", "origin", "type", "requester", "address",
        "length", "t", "xt", "stream", "sub_stream", "pasid", "pmr", "exe",
        "at", "no_write", "status", "byte_count", "lower_address", "tag",
        "malformed")]


def run(*args, **more):
    return subprocess.run(args, text=True, capture_output=True, check=False,
                          timeout=100, stdin=subprocess.DEVNULL, **more)


def tshark(capture, *args):
    """tshark loads no script as root, so it runs as somebody else there."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        for path, name in ((capture, "tlp.pcapng"), (DISSECTOR, "teeio.lua")):
            shutil.copyfile(path, os.path.join(folder, name))
            os.chmod(os.path.join(folder, name), 0o644)
        user = {"user": NOBODY, "group": NOBODY,
                "extra_groups": []} if os.geteuid() == 0 else {}
        done = run("tshark", "-X", "lua_script:teeio.lua", "-r", "tlp.pcapng",
                   *args, cwd=folder, env={**os.environ, "HOME": folder,
                                           "LC_ALL": "C.UTF-8"}, **user)
    assert done.returncode == 0 and "Lua" not in done.stderr, done.stderr
    return done.stdout


def packets(capture):
    out = tshark(capture, "-T", "fields", "-E", "occurrence=a",
                 "-E", "aggregator=|", *(w for f in FIELDS for w in ("-e", f)))
    return [dict(zip(FIELDS, line.split("\t"))) for line in out.splitlines()]


def number(text):
    return int(text, 0) if text else None


def status_of(verdict):
    return {"ok": "SC", "unsupported": "UR", "no-memory": "UR",
            "stalled": None}.get(verdict, "CA")


def on_a_link(event):
    start, length = int(event["addr"], 16), event["len"]
    if event["type"] in ("FetchAdd", "Swap", "CAS"):
        return length in (4, 8) and start % length == 0
    return 0 < length <= 4096 - start % 4096


class Base(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = folder.name
        self.events = os.path.join(self.dir, "events.jsonl")
        self.capture = os.path.join(self.dir, "tlp.pcapng")

    def convert(self, *args, code=0):
        done = run(TEEIO, "convert", *args)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.err = done.stderr
        return done.stdout

    def write(self, *lines, end="\n"):
        with open(self.events, "w", encoding="utf-8") as file:
            file.write("\n".join(line if isinstance(line, str)
                                 else json.dumps(line) for line in lines))
            file.write(end)

    def compare_request(self, event, got, states, notes):
        wire = on_a_link(event)
        request = event.get("at") == "request"
        prefix = event["t"] or event["xt"] or "ide" in event
        start = int(event["addr"], 16)
        want = {
            "frame.interface_name": "device-to-host",
            "frame.comment": "|".join(notes),
            "teeio.type": "MRd" if request else event["type"],
            "teeio.requester": event["requester"],
            "teeio.tdi_state": states.get(event["requester"], ""),
            "teeio.fault": event["fault"] or "",
            "teeio.malformed": "",
        }
        for name in ("verdict", "route", "owner", "s1", "s2", "via", "origin"):
            want["teeio." + name] = event[name]
        numbers = {"seq": event["seq"], "t": event["t"], "xt": event["xt"],
                   "out": number(event["out"])}
        if not request:
            numbers.update(address=start, length=event["len"])
        else:
            numbers.update(address=start & ~0xfff,
                           no_write=int(event["type"] == "MRd"))
        if wire:
            want["teeio.at"] = event.get("at", "untranslated")
            numbers.update(
                pasid=number(event["pasid"]),
                stream=event.get("ide", 0) if prefix else None,
                sub_stream=(int(event["type"] != "MWr" or request)
                            if prefix else None))
        self.assertEqual({name: got[name] for name in want}, want)
        self.assertEqual({name: number(got["teeio." + name])
                          for name in numbers}, numbers, event)
        self.assertEqual(
            round(float(got["frame.time_epoch"]) * 1e9), event["t_ns"])

    def compare_completion(self, event, got):
        status = status_of(event["verdict"])
        request = event.get("at") == "request"
        atomic = event["type"] in ("FetchAdd", "Swap", "CAS")
        self.assertEqual(got["frame.interface_name"], "host-to-device")
        self.assertEqual(got["teeio.type"], "CplD" if status == "SC" else "Cpl")
        self.assertEqual(got["teeio.status"], status)
        self.assertEqual(number(got["teeio.synthesised"]), 1)
        self.assertEqual(got["teeio.requester"], event["requester"])
        self.assertEqual(number(got["teeio.t"]), event["t"])
        self.assertEqual(number(got["teeio.seq"]), event["seq"])
        self.assertEqual(number(got["teeio.byte_count"]),
                         8 if request else event["len"])
        low = 0 if request or atomic or status != "SC" else \
            int(event["addr"], 16) & 0x7f
        self.assertEqual(number(got["teeio.lower_address"]), low)

    def compare(self, events, capture):
        rows = packets(capture)
        states, notes, at, last_tag = {}, [], 0, None
        findings = {}
        for event in events:
            if event["ev"] == "finding":
                findings.setdefault(event["trigger"], []).append(
                    f"finding {event['finding']}: {event['text']}")
        for event in events:
            if event["ev"] == "tdisp":
                states[event["requester"]] = event["to"]
            elif event["ev"] == "marker":
                notes.append(f"marker {event['value']}")
            if event["ev"] != "tlp":
                continue
            self.compare_request(event, rows[at], states,
                                 notes + findings.get(event["seq"], []))
            notes, last_tag = [], rows[at]["teeio.tag"]
            at += 1
            posted = event["type"] == "MWr" and event.get("at") != "request"
            if (on_a_link(event) and not posted and
                    status_of(event["verdict"])):
                self.compare_completion(event, rows[at])
                self.assertEqual(rows[at]["teeio.tag"], last_tag)
                at += 1
        self.assertEqual(at, len(rows))
        return rows


def tlp(**fields):
    return {"ev": "tlp", "type": "MRd", "origin": "tdi",
            "requester": "0000:00:02.0", "addr": "0x1000", "len": 64, "t": 0,
            "xt": 0, "pasid": None, "route": "upstream", "s1": "ok",
            "s2": "off", "via": "walk", "out": "0x48003000",
            "owner": "shared", "fault": None, "verdict": "ok", **fields}


def many_tlps():
    for kind, t, xt, ide in itertools.product(
            ("MRd", "MWr", "FetchAdd", "Swap", "CAS"), (0, 1), (0, 1),
            ({}, {"ide": 0xc3})):
        yield tlp(type=kind, t=t, xt=xt, len=8, **ide)
    for kind, address, length in itertools.product(
            ("MRd", "MWr"), (0, 0xfff0, 0xffff0000, 1 << 32, 0xfedcba987654 << 12),
            (1, 2, 3, 4, 5, 7, 8, 13)):
        for lead in range(4):
            yield tlp(type=kind, addr=hex(address + lead), len=length)
    yield tlp(len=4096)
    yield tlp(type="MWr", len=4095, addr="0x2001")
    yield tlp(pasid="0xabcde", t=1)
    yield tlp(pasid="0x0")
    for kind in ("MRd", "MWr"):
        yield tlp(type=kind, at="request", len=4096, t=1)
        yield tlp(type=kind, at="translated", requester="0000:ff:1f.7")
    for verdict in ("unsupported", "blocked", "aborted", "fault", "denied",
                    "no-memory", "stalled", "one-from-the-future"):
        yield tlp(verdict=verdict, out=None, owner="none",
                  fault="F_TRANSLATION", route="rejected")
    # What cannot be on a link is told all the same.
    yield tlp(addr="0xfff", len=2, route="rejected", verdict="unsupported")
    yield tlp(type="CAS", addr="0x1002", len=4, t=1, verdict="unsupported")
    yield tlp(len=0, verdict="unsupported")


def story():
    yield {"ev": "enable", "on": True}
    yield {"ev": "marker", "value": "0x1"}
    yield {"ev": "marker", "value": "0x2"}
    yield tlp()
    yield {"ev": "tdisp", "requester": "0000:00:02.0", "input": "x",
           "from": "CONFIG_UNLOCKED", "to": "CONFIG_LOCKED"}
    yield tlp(type="MWr")
    yield {"ev": "tdisp", "requester": "0000:00:02.0", "input": "x",
           "from": "CONFIG_LOCKED", "to": "RUN"}
    yield tlp(t=1)
    yield {"ev": "finding", "finding": "identity-flip", "trigger": 8,
           "related": 4, "text": 'another "thing"', "tlp": {}}
    yield {"ev": "command", "name": "CMD_SYNC", "dw": [], "error": None}
    yield {"ev": "fault", "name": "F_WALK", "stream": "0x10"}
    yield {"ev": "from-the-future", "value": 1}
    yield {"ev": "reset"}
    yield from many_tlps()


def numbered(events):
    return [{"seq": i, "t_ns": i * 1001, "src": "unit", **event}
            for i, event in enumerate(events, 1)]


class Capture(Base):
    def test_all(self):
        events = numbered(story())
        self.write(HEADER, *events)
        self.assertEqual(self.convert(self.dir), self.capture + "\n")
        self.assertEqual(self.err, "")
        self.compare(events, self.capture)

    def test_filters(self):
        self.write(HEADER, *numbered(story()))
        self.convert(self.events)
        trusted = tshark(self.capture, "-Y", "teeio.t == 1 && teeio.type == "
                         '"MWr" && teeio.stream == 0xc3').splitlines()
        self.assertEqual(len(trusted), 2)
        self.assertIn("MWr T=1 ok", trusted[0])

    def test_bytes(self):
        """Of one packet, without any dissector."""
        self.write(HEADER, *numbered([tlp(type="MWr", t=1, ide=5, len=4,
                                          pasid="0x12")]))
        self.convert("--to", "pcapng", "-o", self.capture, self.events)
        with open(self.capture, "rb") as file:
            data = file.read()
        self.assertEqual(data[:4], b"\x0a\x0d\x0d\x0a")
        at, found = 0, []
        while at < len(data):
            kind, length = struct.unpack_from("<II", data, at)
            self.assertEqual(
                struct.unpack_from("<I", data, at + length - 4)[0], length)
            if kind == 6:
                size, wire = struct.unpack_from("<II", data, at + 20)
                found.append((data[at + 28:at + 28 + size], wire - size))
            at += length
        (packet, missing), = found
        self.assertEqual(missing, 4)
        self.assertTrue(packet.endswith(bytes.fromhex(
            "92000501 91000012 40000001 0010010f 00001000")), packet.hex())
        self.assertTrue(packet.startswith(b"\0\x0c\0\x08teeio"))

    def test_to_where_nothing_is_replaced(self):
        self.write(HEADER, *numbered([tlp()]))
        self.convert(self.dir)
        with open(self.capture, "rb") as file:
            expected = file.read()
        for output in ("-", "/dev/stdout"):
            done = subprocess.run([TEEIO, "convert", "-o", output, self.dir],
                                  capture_output=True, check=True, timeout=60)
            self.assertTrue(done.stdout.startswith(expected))
        target = os.path.join(self.dir, "target")
        os.symlink("target", os.path.join(self.dir, "link"))
        self.convert("-o", os.path.join(self.dir, "link"), self.dir)
        with open(target, "rb") as file:
            self.assertEqual(file.read(), expected)
        self.assertTrue(os.path.islink(os.path.join(self.dir, "link")))

    def test_empty(self):
        self.write(HEADER)
        self.convert(self.dir)
        self.assertEqual(packets(self.capture), [])


class Timeline(Base):
    def test_all(self):
        events = numbered(story())
        self.write(HEADER, *events)
        path = os.path.join(self.dir, "timeline.json")
        self.assertEqual(self.convert("--to=timeline", self.dir), path + "\n")
        with open(path, encoding="utf-8") as file:
            trace = json.load(file)["traceEvents"]
        told = {}
        depth = {}
        names = {(e["pid"], e["tid"]): e["args"]["name"] for e in trace
                 if e["name" if "name" in e else "ph"] == "thread_name"}
        for entry in trace:
            lane = entry["pid"], entry["tid"]
            if entry["ph"] in "iB":
                told[entry["args"]["seq"]] = entry
                self.assertIn(lane, names)
                self.assertAlmostEqual(entry["ts"] * 1000,
                                       entry["args"]["t_ns"], places=3)
            depth[lane] = depth.get(lane, 0) + {"B": 1, "E": -1}.get(
                entry["ph"], 0)
            self.assertIn(depth[lane], (0, 1))
        self.assertEqual(set(depth.values()), {0})
        self.assertEqual({seq: e["args"] for seq, e in told.items()},
                         {e["seq"]: e for e in events})
        self.assertEqual(told[6]["name"], "MWr T=0")
        self.assertEqual(told[7]["name"], "RUN")
        self.assertEqual(names[told[6]["pid"], told[6]["tid"]], "0000:00:02.0")


class BadInput(Base):
    def refused(self, *args, says, code=2):
        """An error with a hint, and what was there before is untouched."""
        with open(self.capture, "w", encoding="utf-8") as file:
            file.write("precious")
        args = args or (self.dir,)
        self.assertEqual(self.convert(*args, code=code), "")
        lines = self.err.splitlines()
        self.assertEqual(len(lines), 2, self.err)
        self.assertTrue(lines[0].startswith("teeio: "))
        self.assertIn(says, lines[0])
        self.assertTrue(lines[1].startswith("hint: "))
        with open(self.capture, encoding="utf-8") as file:
            self.assertEqual(file.read(), "precious")
        self.assertLessEqual(set(os.listdir(self.dir)),
                             {"events.jsonl", "tlp.pcapng"})

    def test_schema(self):
        for header in ("", "{}", "[]", "junk", {"schema": "other"},
                       {"version": 1}):
            self.write(header, *numbered([tlp()]))
            self.refused(says="no schema")
        self.write(end="")
        self.refused(says="no schema")
        self.write({**HEADER, "version": 2}, *numbered([tlp()]))
        self.refused(says="version 2 of the schema, this teeio reads version 1")

    def test_bad_line(self):
        good = [json.dumps(event) for event in numbered([tlp(), tlp()])]
        for bad in ("junk", "[1]", '{"seq":', "", '{"a":"\0"}'):
            self.write(HEADER, good[0], bad, good[1])
            self.refused(says="events.jsonl:3: not a JSON object")

    def test_truncated(self):
        good = [json.dumps(event) for event in numbered([tlp(), tlp()])]
        for cut in (1, 20, len(good[1]) - 1):
            self.write(HEADER, good[0], good[1][:cut], end="")
            self.convert(self.dir)
            self.assertIn("last line", self.err)
            self.assertEqual(len(self.err.splitlines()), 1)
            self.assertEqual(len(packets(self.capture)), 2)
        self.write(HEADER, *good, end="")
        self.convert(self.dir)
        self.assertEqual(self.err, "")
        self.assertEqual(len(packets(self.capture)), 4)

    def test_odd_values(self):
        odd = tlp(requester=7, addr=None, len="x", t=[], out={}, pasid=True)
        self.write(HEADER, *numbered([odd, {"ev": None}, {}, tlp(type=1),
                                      tlp(requester="a:b"), tlp()]))
        self.convert(self.dir)
        rows = packets(self.capture)
        self.assertEqual([number(r["teeio.seq"]) for r in rows],
                         [1, 4, 5, 6, 6])
        self.convert("--to=timeline", self.dir)

    def test_command_line(self):
        self.write(HEADER)
        self.refused("--to=xml", self.dir, says="xml")
        self.refused("--frob", self.dir, says="frob")
        self.refused(self.dir, self.dir, says="one file")
        self.refused("/nonexistent", says="/nonexistent")
        self.refused("-o", "/nonexistent/x", self.dir, says="/nonexistent/x",
                     code=99)
        os.unlink(self.events)
        self.refused(self.dir, says="events.jsonl")
        self.convert(code=2)


class Real(Base):
    """A guest's own DMA."""

    def test_scenario(self):
        done = run(TEEIO, "run", "--out", self.dir, SCENARIO)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        folder = os.path.join(self.dir, SCENARIO)
        with open(os.path.join(folder, "events.jsonl"), encoding="utf-8") as f:
            events = [json.loads(line) for line in f][1:]
        rows = self.compare(events, os.path.join(folder, "tlp.pcapng"))
        self.assertIn("1", {row["teeio.t"] for row in rows})
        with open(os.path.join(folder, "timeline.json"),
                  encoding="utf-8") as file:
            json.load(file)


if __name__ == "__main__":
    if not shutil.which("tshark"):
        print("tshark is not installed")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1],
                  defaultTest=["Real"] if SCENARIO else
                  ["Capture", "Timeline", "BadInput"])
