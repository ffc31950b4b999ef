#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""report.html against the events, worked out here once more.

Usage: test-html.py TEEIO [browser]

With "browser": what headless Chromium makes of it; 77 without one.
"""

import collections
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib
from xml.etree import ElementTree

TEEIO = os.path.abspath(sys.argv[1])
BROWSER = shutil.which("chromium")
XHTML = "{http://www.w3.org/1999/xhtml}"
HEADER = {"schema": "teeio-events", "version": 1, "tool": "0.1.0",
          "qemu": "7.2.22"}
CLASSES = ("T=0 passed", "T=1 passed", "T=0 stopped", "T=1 stopped")
LIMIT = 2 << 20
NASTY = '<script>alert(1)</script>&"\'\x01\x1b\u202e\ufffe]]>'


def run(*args, code=0, **more):
    done = subprocess.run(args, text=True, capture_output=True, check=False,
                          timeout=100, stdin=subprocess.DEVNULL, **more)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def tlp(**fields):
    return {"ev": "tlp", "type": "MRd", "origin": "tdi",
            "requester": "0000:00:02.0", "addr": "0x1000", "len": 64, "t": 0,
            "xt": 0, "pasid": None, "route": "upstream", "s1": "ok",
            "s2": "off", "via": "walk", "out": "0x48003000",
            "owner": "shared", "fault": None, "verdict": "ok", **fields}


def owner(base, size, name):
    return {"ev": "owner", "base": hex(base), "size": hex(size), "owner": name}


def marker(value):
    return {"ev": "marker", "value": hex(value)}


def tdisp(before, after):
    return {"ev": "tdisp", "requester": "0000:00:02.0", "input": "x",
            "from": before, "to": after, "error": "OK", "cause": None}


def story():
    yield {"ev": "reset"}
    yield {"ev": "command", "name": "SYNC", "dw": [], "error": None,
           "src": "smmuv3"}
    yield marker(1)
    yield tlp()
    yield tlp(out="0x48004040", owner="private", t=1)
    yield marker(2)
    yield owner(0x48003000, 0x1000, "private")
    yield tdisp("CONFIG_UNLOCKED", "CONFIG_LOCKED")
    yield tdisp("CONFIG_LOCKED", "RUN")
    yield marker(3)
    yield tlp(type="MWr", owner="private", verdict="denied")
    yield {"ev": "finding", "finding": "t0-to-private", "trigger": 11,
           "related": 4, "text": "a " + NASTY,
           "tlp": tlp(type="MWr", owner="private", verdict="denied")}
    yield {"ev": "fault", "name": "F_WALK", "stream": "0x10", "src": "smmuv3"}
    yield tlp(requester="0000:00:03.0", t=1, out=None, owner="none",
              verdict="fault", fault="F_WALK")
    yield tlp(requester="0000:00:03.0", out="0x8090040", owner="none")
    yield tdisp("RUN", "ERROR")
    yield {"ev": "from-the-future"}


def flood():
    """Many of everything; pages change owner under DMA."""
    for i in range(30000):
        page = 0x40000000 + (i * 7919 % 3000 << 12)
        if i % 100 == 0:
            yield marker(i // 100 % 500)
        if i % 9 == 0:
            yield owner(page, 0x3000, ("private", "shared")[i // 9 % 2])
        if i % 11 == 0:
            yield {"ev": "command", "name": f"C{i % 13}", "dw": [],
                   "error": None, "src": f"iommu{i % 3}"}
        yield tlp(requester=f"0000:{i % 17:02x}:00.0", t=i // 3 % 2,
                  out=hex(page), owner=("shared", "private")[i // 5 % 2],
                  verdict="ok" if i % 7 else "denied")
    for i in range(90):
        yield {"ev": "finding", "finding": "identity-flip", "trigger": 2 + i,
               "related": 0, "text": "x", "tlp": tlp()}


def numbered(events):
    return [{"seq": i, "t_ns": i * 1001, "src": "unit", **event}
            for i, event in enumerate(events, 1)]


def tlps(events):
    return [event for event in events if event["ev"] == "tlp"]


def class_of(event):
    return CLASSES[event["t"] + 2 * (event["verdict"] != "ok")]


def number(text):
    return int(text.replace(",", ""))


def tally(titles):
    """Sums up the "T=0 passed: 12" lines of titles."""
    counts = collections.Counter()
    for title in titles:
        for name, count in re.findall(r"^(.+): ([0-9,]+)$", title, re.M):
            counts[name] += number(count)
    return counts


def owners_of(events):
    """Owner of each page that a TLP reached, at the end."""
    last = {}
    reached = {int(e["out"], 16) >> 12 for e in tlps(events) if e["out"]}
    for event in events:
        if event["ev"] == "tlp" and event["out"]:
            last[int(event["out"], 16) >> 12] = event["owner"]
        elif event["ev"] == "owner":
            first = int(event["base"], 16) >> 12
            for page in range(first, first + (int(event["size"], 16) >> 12)):
                last[page] = event["owner"]
    return {page: last[page] for page in reached}


class Page:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.text = file.read()
        self.root = ElementTree.fromstring(self.text)
        self.ids = {node.get("id"): node for node in self.root.iter()
                    if node.get("id")}

    def section(self, name):
        return self.ids[name]

    def lanes(self, theme):
        return {node.get("data-lane"): node
                for node in self.section("timeline").iter()
                if node.get("data-theme") == theme}

    def rows(self):
        return {int(node.get("data-row"), 16): node
                for node in self.section("pages").iter()
                if node.get("data-row")}


def words(node):
    return " ".join("".join(node.itertext()).split())


def titles(node):
    return ["".join(title.itertext()) for title in node.iter(XHTML + "title")]


def ground(row):
    """The owner at the right end of a row of the map."""
    return [node for node in row if node.tag == XHTML + "g"][-1][0].text


class Base(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = folder.name

    def write(self, name, content):
        with open(os.path.join(self.dir, name), "w", encoding="utf-8") as file:
            file.write(content if isinstance(content, str)
                       else json.dumps(content))

    def page(self, *lines):
        self.write("events.jsonl",
                   "".join(json.dumps(line) + "\n" for line in lines))
        run(TEEIO, "convert", "--to=html", self.dir)
        path = os.path.join(self.dir, "report.html")
        self.assertLess(os.path.getsize(path), LIMIT)
        return Page(path)

    def others(self, title="demo/one", claim="It holds."):
        self.write("scenario.ini",
                   "[scenario]\nclaim=" + claim + "\n[settings]\na=b\n")
        self.write("env.txt", "tool=1\nkernel=/k/" + title +
                   "\nkernel-release=6.1.0\n")
        self.write("qemu.args", "qemu -append '" + title + "'\n")
        rule = "=" * 66 + "\n"
        self.write("summary.txt", "Scenario: x\n\n" + rule +
                   "DMASAN: t0-to-private in " + title + "\nbody\n"
                   "Property: broken; this is event 11\n" + rule)
        self.write("result.json", {
            "id": title, "cell": None, "settings": {"a": title},
            "outcome": "fail", "reason": None, "duration_ms": 1234,
            "problems": ["why " + title],
            "steps": [{"id": 1, "command": "do " + title, "reply": None,
                       "as_expected": False}],
            "findings": [{"trigger": 11, "expected": False}]})


class Content(Base):
    def check(self, page, events):
        """All that the page counts is what the events hold."""
        counts = collections.Counter(class_of(e) for e in tlps(events))
        lanes = page.lanes("requesters")
        for lane, node in lanes.items():
            want = collections.Counter(class_of(e) for e in tlps(events)
                                       if e["requester"] == lane)
            self.assertEqual(tally(titles(node)), want, lane)
        for lane, node in page.lanes("IOMMUs").items():
            want = sum(e["ev"] in ("command", "fault") and e["src"] == lane
                       for e in events)
            self.assertEqual(sum(tally(titles(node)).values()), want)
        reached = collections.Counter(class_of(e) for e in tlps(events)
                                      if e["out"])
        drawn = tally(title for row in page.rows().values()
                      for title in titles(row))
        self.assertEqual({name: drawn[name] for name in reached}, reached)
        rows = page.section("tlps").findall(f".//{XHTML}tbody/{XHTML}tr")
        told = collections.Counter()
        by_seq = {e["seq"]: e for e in events}
        for row in rows:
            cells = [words(cell) for cell in row]
            event = by_seq[int(cells[0])]
            self.assertEqual(row.get("id"), "e" + cells[0])
            self.assertEqual(cells[3:7], [event["requester"], event["type"],
                                          str(event["t"]), event["addr"]])
            self.assertEqual(cells[11], event["verdict"])
            told[class_of(event)] += 1
        left = words(page.section("tlps"))
        for count, name in re.findall(r"([0-9,]+) (T=\d \w+)[;.]", left):
            told[name] += number(count)
        self.assertEqual(told, counts)
        return lanes, rows

    def check_links(self, page):
        for node in page.root.iter():
            self.assertNotIn(node.tag, (XHTML + "script", XHTML + "link",
                                        XHTML + "img", XHTML + "iframe"))
            target = node.get("href", "")
            if target.startswith("#"):
                self.assertIn(target[1:], page.ids)
            elif target:
                self.assertIn(target, os.listdir(self.dir))
        self.assertNotRegex(page.text, r"(?i)url\(|@import|src=|\son\w+=")
        self.assertEqual(len(page.ids),
                         len(re.findall(r'\sid="', page.text)))

    def test_story(self):
        events = numbered(story())
        self.others()
        page = self.page(HEADER, *events)
        lanes, rows = self.check(page, events)
        self.check_links(page)
        self.assertEqual(list(lanes), ["0000:00:02.0", "0000:00:03.0"])
        self.assertEqual(len(rows), len(tlps(events)))
        states = titles(page.lanes("interfaces")["0000:00:02.0"])
        self.assertEqual([text.split(" since")[0].split("\n")[0]
                          for text in states],
                         ["CONFIG_UNLOCKED", "CONFIG_LOCKED", "RUN", "ERROR"])
        header = words(page.root.find(f".//{XHTML}header"))
        for text in ("demo/one", "It holds.", "fail", "broken", "why demo/one",
                     "6.1.0", "7.2.22", "a=demo/one", "17 events", "5 TLPs",
                     "2 with T=1", "2 stopped", "1 fault;", "1 finding",
                     "qemu -append"):
            self.assertIn(text, header)
        block = page.ids["finding-1"]
        self.assertIn("DMASAN: t0-to-private in demo/one body", words(block))
        self.assertNotIn("==", words(block))
        self.assertEqual({a.get("href") for a in block.iter(XHTML + "a")},
                         {"#t-finding-1", "#m-finding-1", "#e11", "#e4"})
        self.assertIn("not as expected", words(page.section("steps")))

    def test_owners(self):
        events = numbered(story())
        rows = self.page(HEADER, *events).rows()
        names = {"none": "no RAM"}
        self.assertEqual(
            {page: ground(row) for page, row in rows.items()},
            {page << 12: names.get(name, name)
             for page, name in owners_of(events).items()})
        first = next(node for node in rows[0x48003000]
                     if node.tag == XHTML + "g")
        self.assertEqual(first[0].text, "shared")
        changes = tally(titles(rows[0x48003000]))["changes of owner"]
        self.assertEqual(changes, 1)

    def test_unknown_until_told(self):
        events = numbered([tlp(out="0x1000"), marker(1),
                           owner(0x2000, 0x1000, "shared"), marker(2),
                           tlp(out="0x2000")])
        row = self.page(HEADER, *events).rows()[0x2000]
        self.assertEqual([g[0].text for g in row if g.tag == XHTML + "g"],
                         ["owner not told", "shared"])

    def test_flood(self):
        events = numbered(flood())
        page = self.page(HEADER, *events)
        lanes, rows = self.check(page, events)
        self.check_links(page)
        self.assertEqual((len(lanes), len(rows)), (10, 200))
        self.assertIn("7 more requesters", page.text)
        self.assertIn("50 more findings", page.text)
        self.assertLessEqual(len(page.rows()), 52)
        last = owners_of(events)
        bases = sorted(page.rows()) + [1 << 60]
        for base, end in zip(bases, bases[1:]):
            owners = {last[p] for p in last if base <= p << 12 < end}
            got = ground(page.rows()[base])
            if got != "pages of several owners":
                self.assertEqual(owners, {got})

    def test_steps_beyond_columns(self):
        events = numbered(marker(i) for i in range(1, 1000))
        page = self.page(HEADER, *events)
        self.assertIn("step 1\n", "".join(titles(page.section("timeline"))))

    def test_large_ranges(self):
        """Ranges at the ends of the address space, and one over all."""
        top = (1 << 64) - 0x1000
        events = numbered([
            tlp(out="0x0"), owner(0, (1 << 64) - 1, "private"),
            tlp(out=hex(top), owner="none"), owner(top, 0x1000, "shared"),
            owner(top, 1 << 63, "shared"), owner(5, 1, "shared"),
            tlp(out="0x5000", owner="private")])
        page = self.page(HEADER, *events)
        self.assertEqual(ground(page.rows()[0]), "shared")


class Robust(Base):
    def test_empty(self):
        page = self.page(HEADER)
        self.assertIn("0 events", words(page.root))
        self.assertNotIn("timeline", page.ids)

    def test_escaping(self):
        events = numbered([
            marker(1), tlp(requester=NASTY, type=NASTY, verdict=NASTY,
                           s1=NASTY, via=NASTY, fault=NASTY, out=None),
            {"ev": "command", "name": NASTY, "src": NASTY},
            {"ev": "tdisp", "requester": NASTY, "from": NASTY, "to": NASTY + "x"},
            {"ev": "finding", "finding": NASTY, "trigger": 2, "related": 0,
             "text": NASTY, "tlp": tlp(requester=NASTY, pasid=NASTY)}])
        self.others(title=NASTY, claim="a <b> & \"c\" \x02")
        page = self.page({**HEADER, "qemu": NASTY, "tool": NASTY}, *events)
        self.assertNotIn("<script", page.text)
        self.assertNotRegex(page.text, "[\x00-\x08\x0b-\x1f\x7f\u202e\ufffe]")
        shown = NASTY.translate({1: 0x2401, 0x1b: 0x241b, 0x202e: 0xfffd,
                                 0xfffe: 0xfffd})
        self.assertEqual(words(page.root.find(f".//{XHTML}h1")), shown)
        self.assertEqual(list(page.lanes("requesters")), [shown])

    def test_not_utf8(self):
        self.page(HEADER)
        with open(os.path.join(self.dir, "summary.txt"), "wb") as file:
            file.write(b"\xff\xfe<")
        with open(os.path.join(self.dir, "qemu.args"), "wb") as file:
            file.write(b"qemu \xff\x00<\xc3")
        page = self.page(HEADER)
        self.assertIn("qemu \ufffd", words(page.root))

    def test_odd_values(self):
        odd = tlp(requester=7, addr=None, len="x", t=[], out={}, pasid=True)
        self.others()
        for result in ("[]", "junk", '{"settings":3,"steps":[1,{}],'
                       '"problems":[{},null,2],"findings":[7],"id":9}'):
            self.write("result.json", result)
            self.page(HEADER, *numbered([
                odd, {"ev": None}, {}, tlp(type=1), {"ev": "owner"},
                {"ev": "finding", "tlp": 3}, {"ev": "marker"}]))

    def test_unsorted(self):
        events = numbered(story())
        self.page(HEADER, *reversed(events), *events)

    def test_help(self):
        self.assertIn("html", run(TEEIO, "help", "convert").stdout)


def pixels(path):
    """Colours of an 8-bit PNG without interlace, and how often each is."""
    with open(path, "rb") as file:
        data = file.read()
    width, height, depth, kind = struct.unpack_from(">IIBB", data, 16)
    assert depth == 8 and kind in (2, 6), (depth, kind)
    step, at, packed = (3 if kind == 2 else 4), 8, b""
    while at < len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        if name == b"IDAT":
            packed += data[at + 8:at + 8 + size]
        at += size + 12
    raw, stride = zlib.decompress(packed), width * step
    before, counts = bytearray(stride), collections.Counter()
    for y in range(height):
        line = bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        before = unfilter(raw[y * (stride + 1)], line, before, step)
        counts.update(zip(*(before[c::step] for c in range(3))))
    return (width, height), counts


def unfilter(kind, line, up, step):
    if kind == 0:
        return line
    if not any(line[step:]) and (kind == 1 or kind == 2 and not any(line)):
        return up if kind == 2 else line[:step] * (len(line) // step)
    if kind == 1:
        for i in range(step, len(line)):
            line[i] = (line[i] + line[i - step]) & 255
        return line
    if kind == 2:
        return bytearray((a + b) & 255 for a, b in zip(line, up))
    for i, value in enumerate(line):
        left = line[i - step] if i >= step else 0
        corner = up[i - step] if i >= step else 0
        if kind == 3:
            line[i] = (value + (left + up[i]) // 2) & 255
            continue
        guess = left + up[i] - corner
        near = min((abs(guess - left), 0, left), (abs(guess - up[i]), 1, up[i]),
                   (abs(guess - corner), 2, corner))
        line[i] = (value + near[2]) & 255
    return line


class Browser(Base):
    """A page that a person could read."""

    def chromium(self, *args):
        with tempfile.TemporaryDirectory() as profile:
            return run(BROWSER, "--headless", "--no-sandbox", "--disable-gpu",
                       "--hide-scrollbars", "--user-data-dir=" + profile,
                       *args, "file://" + self.dir + "/report.html").stdout

    def shot(self, width, height, *args):
        path = os.path.join(self.dir, "shot.png")
        self.chromium(f"--window-size={width},{height}",
                      "--screenshot=" + path, *args)
        size, counts = pixels(path)
        self.assertEqual(size, (width, height))
        return counts

    def has(self, counts, **colours):
        for name, colour in colours.items():
            rgb = tuple(bytes.fromhex(colour))
            self.assertGreater(counts[rgb], 20, name)

    def setUp(self):
        super().setUp()
        self.others()
        self.page(HEADER, *numbered(story()))

    def test_wide(self):
        counts = self.shot(1200, 900)
        self.has(counts, white="ffffff", t0="56b4e9", t1="009e73",
                 stopped="b3478c", t1_stopped="d55e00", locked="f0e442",
                 run="7fd0b6", error="f0a06a")
        self.assertGreater(counts[0xff, 0xff, 0xff], 1200 * 900 / 2)

    def test_dark(self):
        counts = self.shot(1200, 900,
                           "--blink-settings=preferredColorScheme=0")
        self.has(counts, ground="14181d", t0="56b4e9", t1="1fbf92")
        self.assertGreater(counts[0x14, 0x18, 0x1d], 1200 * 900 / 2)

    def test_narrow(self):
        """The lanes scroll, and nothing else is wider than the window."""
        counts = self.shot(500, 1800)
        self.has(counts, white="ffffff", bad="d55e00", t0="56b4e9")

    def test_print(self):
        path = os.path.join(self.dir, "report.pdf")
        self.chromium("--no-pdf-header-footer", "--print-to-pdf=" + path)
        with open(path, "rb") as file:
            data = file.read()
        self.assertTrue(data.startswith(b"%PDF"))
        boxes = re.findall(rb"/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]", data)
        self.assertTrue(boxes)
        for width, height in boxes:
            self.assertAlmostEqual(float(width), 595, delta=2)
            self.assertAlmostEqual(float(height), 842, delta=2)

    def test_dom(self):
        """The HTML parser, which is not an XML parser, sees the same."""
        dom = self.chromium("--dump-dom")
        for name in ("timeline", "pages", "findings", "finding-1",
                     "t-finding-1", "m-finding-1", "steps", "tlps", "e11"):
            self.assertEqual(dom.count(f'id="{name}"'), 1, name)
        self.assertEqual(dom.count("<svg"), 2)
        self.assertNotIn("<script", dom)


if __name__ == "__main__":
    if "browser" in sys.argv[2:] and not BROWSER:
        print("chromium is not installed")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1],
                  defaultTest=["Browser"] if "browser" in sys.argv[2:] else
                  ["Content", "Robust"])
