#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""Stands in for QEMU and the guest inside it.

Reads the steps out of the initramfs that the tool built and answers "exec ok
a=b" with "ok a=b". A word finding=KIND, fault=NAME or tlp=S1 also writes such an event.
meet=NAME,... waits until boots have met under all of these names: the first is its own.
"fake=MODE" among the kernel arguments asks for a failure.
"""

import json
import os
import signal
import sys
import time


def option(name):
    return sys.argv[sys.argv.index(name) + 1]


def cpio_files(path):
    """The files of a "newc" archive."""
    with open(path, "rb") as archive:
        data = archive.read()
    files = {}
    at = 0
    while True:
        assert data[at:at + 6] == b"070701", "not a newc archive"
        size, name_size = (int(data[at + o:at + o + 8], 16) for o in (54, 94))
        name = data[at + 110:at + 110 + name_size - 1].decode()
        body = (at + 110 + name_size + 3) & ~3
        if name == "TRAILER!!!":
            return files
        files[name] = data[body:body + size]
        at = (body + size + 3) & ~3


class Events:
    def __init__(self):
        path = option("-plugin").split(",events=")[1].replace(",,", ",")
        self.file = open(path, "w", encoding="utf-8")
        self.seq = 0
        self.write_line({"schema": "teeio-events", "version": 1,
                         "tool": "0", "qemu": "0.0.1"})

    def write_line(self, event):
        self.file.write(json.dumps(event) + "\n")
        self.file.flush()

    def write(self, ev, **fields):
        self.seq += 1
        self.write_line({"seq": self.seq, "t_ns": self.seq * 1000,
                         "src": "fake", "ev": ev, **fields})
        return self.seq


def tlp(t, s1):
    translated = s1 == "ok"
    return {
        "type": "MWr", "origin": "tdi", "requester": "0000:00:02.0",
        "addr": "0xffffe000", "len": 4096, "t": t, "xt": 0, "pasid": None,
        "route": "upstream", "s1": s1, "s2": "off",
        "via": "walk" if translated else "identity",
        "out": "0x48003000" if translated else "0xffffe000",
        "owner": "shared" if translated else "none",
        "fault": None, "verdict": "ok" if translated else "no-memory",
    }


def meet(names):
    """Boots that run one after the other never meet."""
    folder = os.environ["FAKE_MEETING"]
    names = [os.path.join(folder, name) for name in names.split(",")]
    with open(names[0], "w", encoding="utf-8"):
        pass
    for _ in range(100):
        if all(os.path.exists(name) for name in names):
            return True
        time.sleep(0.05)
    return False


def answer(events, number, words):
    events.write("marker", value=hex(number))
    for word in words:
        key, _, value = word.partition("=")
        if key == "tlp" and value == "own":
            events.write("tlp", **tlp(0, "off"), src="tdi")
        elif key == "tlp":
            events.write("tlp", **tlp(0, value))
        elif key == "kernel":
            say(f"[    1.000000] {value}: fake")
        elif key == "program":
            say(value)
        elif key == "meet" and not meet(value):
            words = ["error", "errno=ETIMEDOUT"]
        elif key == "command":
            events.write("command", name=value)
        elif key == "disabled":
            events.write("tlp", **tlp(0, "bypass"), disabled=value,
                         when="reset")
        elif key == "fault":
            events.write("fault", name=value)
        elif key == "finding":
            events.write("owner", base="0x48003000", size="0x1000",
                         owner="shared")
            related = events.write("tlp", **tlp(0, "skipped"))
            trigger = events.write("tlp", **tlp(1, "ok"))
            events.write("finding", finding=value, trigger=trigger,
                         related=related, text="the page meant another thing",
                         tlp=tlp(1, "ok"))
    say(f"teeio-guest: step {number} {' '.join(words)}")


def say(line):
    os.write(1, (line + "\r\n").encode())


def main():
    if "--version" in sys.argv:
        print("QEMU emulator version 0.0 (fake)")
        return 0
    append = option("-append")
    mode = append.partition("fake=")[2].partition(" ")[0]
    pid_file = os.environ.get("FAKE_PID_FILE")
    if pid_file:
        with open(pid_file, "w", encoding="utf-8") as file:
            file.write(str(os.getpid()))
    if mode == "refuse":
        print("qemu-system-fake: -device teeio-smmuv3: wrong value\n"
              "hint: another value", file=sys.stderr)
        return 1
    files = cpio_files(option("-initrd"))
    events = Events()
    say("[    0.000000] Booting Linux")
    if mode == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if mode in ("hang", "stubborn"):
        time.sleep(60)
    if mode == "module":
        say("teeio-guest: module /a.ko error errno=ENOEXEC why=cannot-load")
    say("teeio-guest: ready kernel=6.1.0-fake")
    events.write("enable", on=True)
    if mode == "panic":
        say("[    1.000000] Kernel panic - not syncing: fake")
        return 0
    if mode == "warn":
        say("[    1.000000] WARNING: CPU: 0 PID: 1 at fake.c:1")
    for line in files["etc/teeio/steps"].decode().splitlines():
        number, verb, *words = line.split()
        assert verb == "exec", line
        answer(events, int(number), words)
        if mode == "stop":
            return 0
        if mode == "late":
            time.sleep(60)
    say("teeio-guest: done")
    return 0


sys.exit(main())
