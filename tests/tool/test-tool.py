#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""Tests of the command-line tool, with a fake QEMU.

Usage: test-tool.py TEEIO [unittest arguments]
"""

import glob
import json
import os
import signal
import subprocess
import time
import unittest

from case import Case, HERE, TEEIO, read, write

ARTEFACTS = ["console.log", "env.txt", "events.jsonl", "qemu.args",
             "report.html", "result.json", "scenario.ini", "summary.txt",
             "timeline.json", "tlp.pcapng"]


class CommandLine(Case):
    def test_version_and_help(self):
        self.assertRegex(self.teeio("--version"), r"^teeio \d")
        for verb in ("list", "show", "check", "run", "convert", "qemu"):
            self.assertIn(verb, self.teeio("help"))
            self.assertIn("Usage", self.teeio("help", verb))
        self.assert_error("help", "frob", says="frob")
        self.assert_error("frob", says="frob")
        self.teeio(code=2)

    def test_list(self):
        entries = json.loads(self.teeio("list", "--format=json"))
        ids = [entry["id"] for entry in entries]
        self.assertEqual(ids, sorted(ids))
        self.assertIn("fake/answers", ids)
        for entry in entries:
            self.assertTrue(entry["claim"])
            self.assertIsInstance(entry["settings"], dict)
        self.assertEqual(self.teeio("list", "--format=ids").split(), ids)
        self.assertEqual(self.teeio("list", "--format=ids", "other/*").split(),
                         ["other/board", "other/plain"])
        self.assert_error("list", "none/*", says="none/*")
        self.assert_error("list", "--format=xml", says="xml")

    def test_show(self):
        self.assertIn("landed=${answer}", self.teeio("show", "fake/answers"))
        shown = json.loads(self.teeio("show", "fake/finding",
                                      "--format=json"))
        self.assertEqual(shown["settings"], {"kind": "identity-flip"})
        self.assertEqual(shown["steps"][1]["id"], 2)
        self.assertEqual(shown["judge"]["rules"][0]["setting"], "kind")
        shown = self.teeio("show", "fake/translated")
        self.assertIn("must be translated when s1=ok|bypass|skipped", shown)
        self.assertIn("fault      none must appear, no other may\n",
                      self.teeio("show", "fake/matrix"))
        self.assert_error("show", "fake/*", says="fake/*")
        self.assert_error("show", says="one id")

    def test_bad_command_lines(self):
        self.assert_error("run", says="which")
        self.assert_error("run", "none/such", says="none/such")
        self.assert_error("run", "fake/answers", "--set", "nothing=1",
                          says="nothing")
        self.assert_error("run", "fake/answers", "--set", "answer",
                          says="answer")
        self.assert_error("run", "fake/answers", "--format=xml", says="xml")
        self.assert_error("run", "fake/answers", "--color=red", says="red")
        self.assert_error("run", "fake/answers", "--timeout=-1", says="-1")
        self.assert_error("run", "fake/answers", "--frob", says="frob")
        self.assert_error("qemu", "-kernel", "x", says="")

    def test_dry_run(self):
        out = self.run_it("--dry-run", "fake/answers", "fake/matrix")
        lines = out.splitlines()
        self.assertEqual(len(lines), 3)
        self.assertIn("teeio-smmuv3,t-policy=unified", lines[0])
        self.assertIn("-m 256", lines[0])
        self.assertIn("out,, with comma", lines[0])
        self.assertFalse(os.path.exists(self.out))

    def test_qemu_defaults(self):
        line = self.teeio("qemu", "--dry-run", "--", "-kernel", "a b")
        for word in ("-M virt", "-cpu", "-m 512", "-nographic",
                     "teeio-smmuv3,id=smmu0", "teeio-tsm,id=tsm0",
                     "teeio-tdi,id=tdi0", "-plugin", "'a b'"):
            self.assertIn(word, line)
        line = self.teeio("qemu", "--dry-run", "--", "-machine", "virt",
                          "-cpu", "max", "-m", "1G", "-serial", "none",
                          "-device", "teeio-tdi")
        for word in ("-M virt", "cortex", "512", "-nographic", "smmuv3"):
            self.assertNotIn(word, line)
        line = self.teeio("qemu", "--dry-run", "--qemu", "qemu-system-x86_64",
                          "--")
        self.assertNotIn("virt", line)
        self.assertIn("-plugin", line)

    def test_check(self):
        out = self.teeio("check", code=99)
        self.assertRegex(out, r"(?m)^ok   QEMU: .*fake")
        self.assertRegex(out, r"(?m)^FAIL kernel: ")
        self.assertIn("hint: ", out)


class ScenarioFiles(Case):
    GOOD = ("[scenario]\nclaim=c\nboard=virt\nkernel=k\n"
            "[settings]\na=1\n[steps]\n01=groups\n")

    def assert_bad(self, text, *says):
        self.scenario(text)
        self.assert_error("list")
        for word in ("scenario.ini", *says):
            self.assertIn(word, self.err)

    def test_errors_name_the_place(self):
        good = self.GOOD
        self.scenario(good)
        self.teeio("list")
        self.assert_bad("no group", "group")
        self.assert_bad(good.replace("claim=c", "claim="), "[scenario] claim")
        self.assert_bad(good.replace("virt", "pc"), "[scenario] board")
        self.assert_bad(good.replace("=k", "=../k"), "[scenario] kernel")
        self.assert_bad(good + "[frob]\n", "[frob]")
        self.assert_bad(good + "[machine]\nram=1\n", "[machine] ram")
        self.assert_bad(good + "[machine]\nmemory=1\n", "[machine] memory")
        self.assert_bad(good + "[machine]\nnet=tap\n", "[machine] net")
        self.assert_bad(good + "[machine]\nappend=${b}\n", "append", "${b}")
        self.assert_bad(good + "[matrix]\nb=1;2\n", "[matrix] b")
        self.assert_bad(good + "01=groups\n", "[steps] 01", "twice")
        self.assert_bad(good + "00=groups\n", "[steps] 00")
        self.assert_bad(good + "02=frob\n", "[steps] 02", "frob")
        self.assert_bad(good + "02=groups => x\n", "[steps] 02")
        self.assert_bad(good + "02=[b=1] groups\n", "[steps] 02", '"b"')
        self.assert_bad(good + "02=[a] groups\n", "[steps] 02", "guard")
        self.assert_bad(good + "02=groups ${\n", "[steps] 02", "${")
        self.assert_bad(good + "[judge]\nrequire=frob\n", "[judge] require")
        self.assert_bad(good + "[judge]\nallow@b:1=identity-flip\n",
                        "[judge] allow@b:1")
        self.assert_bad(good + "[judge]\nfrob=1\n", "[judge] frob")
        self.assert_bad(good + "[judge]\nall-translated=no\n",
                        "[judge] all-translated", '"no"')
        self.assert_bad(good + "[judge]\ncommands=frob\n",
                        "[judge] commands")
        self.assert_bad(good + "[judge]\ndisabled=frob\n",
                        "[judge] disabled")
        for sender in ("2.0 t=1", "0000:00:02.0", "0000:00:02.0 t=2"):
            self.assert_bad(f"{good}[judge]\nsenders={sender}\n",
                            "[judge] senders")
        self.assert_bad(good + "[judge]\nfaults=frob\n", "[judge] faults",
                        '"frob"')
        self.assert_bad(good + "[machine]\nappend@b:1=x\n",
                        "[machine] append@b:1")
        self.assert_bad(good + "[machine]\nmemory@a:1=64\n",
                        "[machine] memory@a:1")

    def test_modules_in_order(self):
        self.scenario("[scenario]\nclaim=c\nboard=virt\nkernel=fake\n"
                      "[machine]\nmodules=d_two;a_one;c\n"
                      "[steps]\n01=exec ok\n")
        self.run_it("x/y")
        with open(os.path.join(self.out, "x/y/initramfs.cpio"), "rb") as file:
            data = file.read()
        self.assertIn(b"/lib/modules/c.ko\n/lib/modules/b.ko\n"
                      b"/lib/modules/a-one.ko\n"
                      b"/lib/modules/teeio_guest.ko\n", data)

    def test_missing_module(self):
        self.scenario("[scenario]\nclaim=c\nboard=virt\nkernel=fake\n"
                      "[machine]\nmodules=frob\n[steps]\n01=exec ok\n")
        self.assertIn("frob", self.run_it("x/y", code=99))


class Run(Case):
    def test_pass_and_artefacts(self):
        out = self.run_it("fake/answers")
        self.assertRegex(out, r"(?m)^ok +fake/answers")
        folder = os.path.join(self.out, "fake/answers")
        for name in ARTEFACTS:
            self.assertTrue(os.path.exists(os.path.join(folder, name)), name)
        result = json.loads(read(folder, "result.json"))
        self.assertEqual(result["outcome"], "pass")
        self.assertEqual([step["id"] for step in result["steps"]],
                         [1, 2, 4, 10])
        self.assertEqual(result["kernel_release"], "6.1.0-fake")
        self.assertIn("act", self.err)

    def test_default_folder(self):
        out = self.teeio("run", "fake/answers")
        self.assertIn(self.env["XDG_STATE_HOME"], out)
        self.assertTrue(glob.glob(os.path.join(
            self.env["XDG_STATE_HOME"], "qemu-teeio/runs/*/fake/answers")))

    def test_quiet(self):
        out = self.run_it("-q", "fake/answers", "other/plain")
        self.assertEqual(len(out.splitlines()), 2)
        self.assertEqual(self.err, "")

    def test_broken_expectation(self):
        out = self.run_it("fake/answers", "--set", "answer=no", code=1)
        self.assertRegex(out, r"(?m)^not ok +fake/answers")
        self.assertIn("expected landed=yes", out)
        self.assertIn("only=here",
                      read(self.out, "fake/answers", "summary.txt"))

    def test_setting_that_some_lack(self):
        out = self.run_it("--format=ktap", "fake/answers", "other/plain",
                          "--set", "answer=no", code=1)
        self.assertIn("not ok 1 fake/answers", out)
        self.assertIn("ok 2 other/plain", out)

    def test_unexpected_finding(self):
        out = self.run_it("fake/finding", code=1)
        for word in ("DMASAN: identity-flip in fake/finding",
                     "by 0000:00:02.0", "T=1", "T=0", "0xffffe000",
                     "SKIPPED", 'step:  02 "exec ok finding=identity-flip"',
                     "Earlier", "P private"):
            self.assertIn(word, out)
        self.assertRegex(out, r"> 0x0048000000: P P P S P")

    def test_allowed_finding(self):
        self.run_it("fake/finding", "--set", "kind=t0-to-private")
        self.run_it("fake/finding", "--set", "kind=t1-outside-run", code=1)

    def test_required_finding(self):
        self.assertIn("as it should be", self.run_it("fake/expected"))
        self.assertIn("DMASAN", self.run_it("-v", "fake/expected"))
        out = self.run_it("fake/expected", "--set", "kind=t1-outside-run",
                          code=1)
        self.assertIn("no finding identity-flip", out)

    def test_translated(self):
        self.run_it("fake/translated")
        out = self.run_it("fake/translated", "--set", "s1=bypass", code=1)
        self.assertIn("1 of 1 DMAs were not translated", out)
        self.run_it("fake/translated", "--set", "s1=off")

    def test_faults(self):
        self.run_it("fake/faults")
        out = self.run_it("fake/faults", "--set", "fault=F_OTHER", code=1)
        self.assertIn("fault F_OTHER, which must not appear", out)
        self.assertIn("no fault F_TRANSLATION, which had to appear", out)
        self.run_it("fake/faults", "--set", "judged=no",
                    "--set", "fault=F_OTHER")

    def test_kernel_log(self):
        self.run_it("fake/log")
        self.assertIn("must say *] event", self.teeio("show", "fake/log"))
        out = self.run_it("fake/log", "--set", "kernel=event-0x02", code=1)
        self.assertIn('printed no line "*] event-0x10: fa?e"', out)
        self.assertIn('printed "[    1.000000] event-0x02: fake"', out)
        self.run_it("fake/log", "--set", "judged=no",
                    "--set", "kernel=event-0x02", "--set", "disabled=stale")

    def test_disabled(self):
        out = self.run_it("fake/log", "--set", "disabled=stale", code=1)
        self.assertIn("profile stale, which must not appear", out)
        self.assertIn("no profile sink, which had to appear", out)

    def test_senders(self):
        out = self.run_it("fake/translated", "--set", "sent=t1", code=1)
        self.assertIn("sender 0000:00:02.0 t=0, which must not appear", out)
        self.assertIn("no sender 0000:00:02.0 t=1, which had to appear", out)
        out = self.run_it("fake/translated", "--set", "sent=nothing", code=1)
        self.assertIn("sender 0000:00:02.0 t=0, which must not appear", out)
        self.run_it("fake/translated", "--set", "sent=nothing",
                    "--set", "s1=own")
        self.assertIn("0000:00:02.0 t=1 must send, no other may",
                      self.teeio("show", "fake/translated"))

    def test_commands(self):
        out = self.run_it("fake/log", "--set", "command=TLBI", code=1)
        self.assertIn("no command ATC_INV, which had to appear", out)
        self.assertNotIn("must not appear", out)

    def test_append_by_setting(self):
        out = self.run_it("--dry-run", "fake/matrix")
        red, green = out.splitlines()
        self.assertIn(" always=1 red=red'", red)
        self.assertIn(" always=1'", green)

    def test_expect_bug(self):
        self.assertIn("xfail", self.run_it("--expect-bug", "fake/finding"))
        self.run_it("--expect-bug", "fake/answers", code=1)
        out = self.run_it("--expect-bug", "--format=ktap", "fake/finding")
        self.assertRegex(out, r"(?m)^ok 1 fake/finding # XFAIL finding")
        out = self.run_it("--expect-bug", "--format=tap", "fake/finding")
        self.assertRegex(out, r"(?m)^not ok 1 fake/finding # TODO")

    def test_ktap(self):
        out = self.run_it("--format=ktap", "fake/answers", "fake/matrix",
                          "fake/finding", code=1)
        lines = [line for line in out.splitlines() if "# " not in line]
        self.assertEqual(lines, [
            "KTAP version 1", "1..3", "ok 1 fake/answers",
            "not ok 2 fake/finding", "  KTAP version 1", "  1..2",
            "  ok 1 colour=red", "  ok 2 colour=green", "ok 3 fake/matrix"])
        self.assertRegex(out, r"(?m)^# finding identity-flip")

    def test_tap(self):
        out = self.run_it("--format=tap", "fake/matrix")
        self.assertEqual(out.splitlines(), [
            "TAP version 13", "1..2", "ok 1 fake/matrix colour=red",
            "ok 2 fake/matrix colour=green"])

    def test_matrix_fixed_by_set(self):
        out = self.run_it("--format=tap", "fake/matrix", "--set",
                          "colour=blue", code=1)
        self.assertIn("1..1", out)

    def test_json(self):
        document = json.loads(self.run_it("--format=json", "fake/finding",
                                          "fake/matrix", code=1))
        self.assertEqual(document["schema"], "teeio-result")
        outcomes = {r["id"]: r["outcome"] for r in document["results"]}
        self.assertEqual(outcomes, {"fake/finding": "fail",
                                    "fake/matrix": "pass"})
        cell = document["results"][0]["cells"][0]
        self.assertEqual(cell["findings"][0]["tlp"]["t"], 1)
        self.assertEqual(document["summary"]["fail"], 1)

    def test_matrix_folders(self):
        self.run_it("fake/matrix")
        for cell in ("", "colour=red", "colour=green"):
            path = os.path.join(self.out, "fake/matrix", cell, "result.json")
            self.assertTrue(os.path.exists(path), path)

    def test_skip(self):
        out = self.run_it("--format=ktap", "other/board", code=4)
        self.assertIn("ok 1 other/board # SKIP board q35", out)
        self.run_it("other/*")

    def test_kernel_warnings_are_counted(self):
        out = self.run_it("fake/answers", "--append", "fake=warn")
        self.assertIn("1 kernel warning", out)


class RigFailures(Case):
    def fails(self, mode, *args):
        return self.run_it("fake/answers", "--append", "fake=" + mode, *args,
                           code=99)

    def assert_no_orphan(self):
        with open(self.env["FAKE_PID_FILE"], encoding="utf-8") as file:
            pid = int(file.read())
        for _ in range(50):
            if not os.path.exists(f"/proc/{pid}"):
                return
            time.sleep(0.1)
        self.fail(f"QEMU {pid} is left over")

    def test_qemu_refuses(self):
        self.assertIn("wrong value; hint: another value",
                      self.fails("refuse"))
        page = read(self.out, "fake/answers", "report.html")
        self.assertIn("No events: ", page)
        self.assertIn("nothing is known", page)

    def test_panic(self):
        self.assertIn("panic", self.fails("panic"))

    def test_module_does_not_load(self):
        self.assertIn("cannot load /a.ko", self.fails("module"))

    def test_stops_between_steps(self):
        self.assertIn("before the last step", self.fails("stop"))

    def test_timeout(self):
        out = self.fails("hang", "--timeout=1", "--format=ktap")
        self.assertRegex(out, r"(?m)^not ok 1 fake/answers # TIMEOUT")
        self.assert_no_orphan()

    def test_timeout_of_what_is_broken_already(self):
        self.run_it("fake/translated", "--append", "fake=late",
                    "--timeout=1", "--set", "s1=skipped", code=1)
        self.run_it("fake/translated", "--append", "fake=late",
                    "--timeout=1", code=99)

    def test_timeout_of_a_stubborn_qemu(self):
        self.fails("stubborn", "--timeout=1")
        self.assert_no_orphan()

    def test_missing_kernel(self):
        for kernel, script in (("stock-frob", "fetch-kernel.sh"),
                               ("custom-frob", "build-kernel.sh")):
            self.scenario(f"[scenario]\nclaim=c\nboard=virt\nkernel={kernel}\n"
                          "[steps]\n01=exec ok\n")
            self.run_it("x/y", code=99)
            self.assertIn(f"guest/{script} {kernel}\n", self.err)

    def test_missing_guest_module(self):
        os.unlink(os.path.join(self.dir, "guest", "fake", "teeio_guest.ko"))
        self.run_it("fake/answers", code=99)
        self.assertIn("fake/teeio_guest.ko", self.err)
        self.assertIn("hint: ", self.err)

    def test_missing_parts(self):
        self.run_it("fake/answers", "--kernel", "/none", code=99)
        self.assertIn("/none", self.err)
        self.assertIn("hint: ", self.err)
        self.run_it("fake/answers", "--qemu", "/none", code=99)
        self.assertIn("hint: ", self.err)
        self.env["TEEIO_PLUGIN"] = "/none"
        self.run_it("fake/answers", code=99)
        self.assertIn("plug-in: /none", self.err)

    def start(self):
        pid_file = self.env["FAKE_PID_FILE"]
        child = subprocess.Popen(
            [TEEIO, "run", "--out", self.out, "fake/answers", "--append",
             "fake=hang"], env=self.env, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        for _ in range(100):
            if os.path.exists(pid_file) and os.path.getsize(pid_file):
                return child
            time.sleep(0.1)
        child.kill()
        self.fail("QEMU was not started")
        return None

    def test_interrupt(self):
        child = self.start()
        child.send_signal(signal.SIGINT)
        self.assertEqual(child.wait(10), 130)
        self.assert_no_orphan()

    def test_killed_tool_leaves_no_qemu(self):
        child = self.start()
        child.kill()
        child.wait(10)
        self.assert_no_orphan()


if __name__ == "__main__":
    unittest.main()
