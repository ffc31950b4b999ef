#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""Tests of what can be done with runs: jobs, shards, report, replay, diff.

Usage: test-verbs.py TEEIO [unittest arguments]
"""

import json
import os
import re
import shutil
import signal
import subprocess
import tarfile
import time
import unittest

import junit
from case import Case, HERE, TEEIO, read, write

FORMATS = ["text", "ktap", "tap", "json", "junit"]
INI = ("[scenario]\nclaim=It holds.\nboard=virt\nkernel=fake\n"
       "[settings]\nanswer=yes\n[machine]\ndevices=teeio-tsm\n"
       "[steps]\n01=exec ok landed=${answer} STEP => landed=yes\n")
# Of each outcome one: pass, fail, error, skip, and several boots.
MIXED = ["fake/answers", "fake/finding", "fake/matrix", "fake/expected",
         "other/board"]


class Verbs(Case):
    def setUp(self):
        super().setUp()
        self.own = os.path.join(self.dir, "own")
        self.env["FAKE_MEETING"] = os.path.join(self.dir, "meeting")
        os.mkdir(self.env["FAKE_MEETING"])

    def own_scenario(self, name, step="", ini=INI):
        write(os.path.join(self.own, "own", name, "scenario.ini"),
              ini.replace("STEP", step))

    def run_own(self, *args, code=0):
        return self.run_it("--scenarios", self.own, *args, code=code)

    def path(self, *parts):
        return os.path.join(self.out, *parts)

    def edit(self, old, new, *parts):
        text = read(self.out, *parts)
        self.assertIn(old, text)
        write(self.path(*parts), text.replace(old, new))


class Jobs(Verbs):
    def test_several_at_a_time(self):
        for name in "abc":
            self.own_scenario(name, f"meet={name},a,b,c")
        out = self.run_own("--jobs=3", "--format=ktap", "own/*")
        self.assertEqual(out.splitlines()[2:],
                         ["ok 1 own/a", "ok 2 own/b", "ok 3 own/c"])
        self.assertRegex(self.err, r"(?m)^teeio: \[[123]/3\] own/c: act$")

    def test_boots_of_one_matrix(self):
        self.own_scenario("m", "meet=${answer},yes,no", INI.replace(
            "[machine]", "[matrix]\nanswer=yes;no\n[machine]").replace(
                "landed=yes", "landed=yes|no"))
        out = self.run_own("--jobs=2", "--format=tap", "own/m")
        self.assertEqual(out.splitlines()[2:], ["ok 1 own/m answer=yes",
                                                "ok 2 own/m answer=no"])

    def test_one_at_a_time(self):
        self.own_scenario("a", "meet=a,b")
        self.own_scenario("b", "meet=b,a")
        self.run_own("own/*", code=1)

    def test_order_is_that_of_the_selection(self):
        self.own_scenario("a", "meet=a,b,c")
        self.own_scenario("b", "meet=b,c")
        self.own_scenario("c", "meet=c")
        out = self.run_own("--jobs=3", "--format=tap", "own/*")
        self.assertEqual(re.findall(r"own/\w", out),
                         ["own/a", "own/b", "own/c"])

    def test_results_are_independent_of_jobs(self):
        outs = {jobs: self.run_it(jobs, "--format=ktap", *MIXED, code=1)
                for jobs in ("--jobs=1", "--jobs=4")}
        self.assertEqual(outs["--jobs=1"], outs["--jobs=4"])

    def test_interrupt_ends_all(self):
        for name in "abc":
            self.own_scenario(name)
        child = subprocess.Popen(
            [TEEIO, "run", "--out", self.out, "--jobs=3", "--scenarios",
             self.own, "own/*", "--append", "fake=hang"], env=self.env,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for _ in range(200):
            if all(os.path.exists(self.path("own", name, "events.jsonl"))
                   for name in "abc"):
                break
            time.sleep(0.05)
        child.send_signal(signal.SIGINT)
        out, _ = child.communicate(timeout=20)
        self.assertEqual(child.returncode, 130)
        self.assertEqual(out.count("interrupted"), 3, out)

    def test_bad_number(self):
        self.assert_error("run", "fake/answers", "--jobs=-1", says="-1")
        self.assert_error("run", "fake/answers", "--jobs=257", says="257")

    def test_seed(self):
        self.assertIn(" -seed 42 ", self.run_it("-n", "fake/answers",
                                                "--seed=42"))
        self.assertNotIn("-seed", self.run_it("-n", "fake/answers"))
        self.run_it("fake/answers", "--seed=42")
        self.assertIn("seed=42\n",
                      read(self.out, "fake/answers", "env.txt"))
        self.assert_error("run", "fake/answers", "--seed=-1", says="-1")


class Shards(Verbs):
    def times(self):
        return os.path.join(self.env["XDG_STATE_HOME"], "qemu-teeio",
                            "times.json")

    def shard(self, k, n):
        out = self.run_own("-n", "own/*", f"--shard={k}/{n}")
        return re.findall(r"/own/(\w+)/initramfs", out)

    def scenarios(self, names):
        for name in names:
            self.own_scenario(name)
        return sorted(names)

    def test_by_count(self):
        names = self.scenarios("abcdefghij")
        for n in (1, 2, 3, 7, 10):
            shards = [self.shard(k + 1, n) for k in range(n)]
            self.assertEqual(sorted(sum(shards, [])), names)
            sizes = {len(shard) for shard in shards}
            self.assertLessEqual(max(sizes) - min(sizes), 1)
            self.assertEqual(shards, [self.shard(k + 1, n)
                                      for k in range(n)])

    def test_by_time(self):
        names = self.scenarios("abcdef")
        boots = dict(zip(["own/" + name for name in names],
                         [6000, 1000, 1000, 1000, 1000, 2000]))
        write(self.times(), json.dumps({"schema": "teeio-times", "version": 1,
                                        "boots": boots}))
        shards = [self.shard(k, 2) for k in (1, 2)]
        self.assertEqual(sorted(sum(shards, [])), names)
        self.assertEqual([sum(boots["own/" + name] for name in shard)
                          for shard in shards], [6000, 6000])

    def test_unknown_counts_as_the_mean(self):
        self.scenarios("abcd")
        write(self.times(), json.dumps(
            {"schema": "teeio-times", "version": 1,
             "boots": {"own/a": 4000, "own/b": 2000}}))
        self.assertEqual([self.shard(k, 2) for k in (1, 2)],
                         [["a", "b"], ["c", "d"]])

    def test_broken_times_do_no_harm(self):
        self.scenarios("ab")
        for text in ("", "[]", "{", '{"boots":3}', '{"boots":{"own/a":"x"}}'):
            write(self.times(), text)
            self.assertEqual(self.shard(1, 2), ["a"])

    def test_times_are_recorded(self):
        self.run_it("fake/matrix")
        self.run_it("fake/answers", "--append", "fake=panic", code=99)
        boots = json.loads(read(self.times()))["boots"]
        self.assertEqual(sorted(boots), ["fake/matrix [colour=green]",
                                         "fake/matrix [colour=red]"])
        self.assertGreater(boots["fake/matrix [colour=red]"], 0)
        self.run_it("fake/expected")
        self.assertEqual(len(json.loads(read(self.times()))["boots"]), 3)

    def test_more_shards_than_scenarios(self):
        self.scenarios("a")
        self.assertIn("1..0", self.run_own("own/*", "--shard=2/2",
                                           "--format=ktap"))
        self.assertIn("no scenario is left", self.err)

    def test_bad_shards(self):
        for shard in ("0/2", "3/2", "1", "1/0", "1/2/3", "a/b", "1/1001"):
            self.assert_error("run", "fake/answers", f"--shard={shard}",
                              says=shard)

    def test_merge(self):
        whole = self.run_it("--format=ktap", *MIXED, code=1)
        folders = []
        for k in (1, 2, 3):
            folders.append(os.path.join(self.dir, f"shard{k}"))
            self.teeio("run", "--out", folders[-1], f"--shard={k}/3",
                       "--format=ktap", *MIXED, code=None)
        merged = self.teeio("report", "--format=ktap", *folders, code=1)
        strip = re.compile(r"# artefacts: .*\n")
        self.assertEqual(strip.sub("", merged), strip.sub("", whole))
        times = os.path.join(self.env["XDG_STATE_HOME"], "qemu-teeio",
                             "times.json")
        os.unlink(times)
        self.teeio("report", "--times", *folders, code=1)
        self.assertEqual(len(json.loads(read(times))["boots"]), 5)
        lost = self.teeio("report", "--format=ktap", *folders[:2], code=None)
        self.assertRegex(lost, r"(?m)^not ok .* # ERROR no result")
        self.assert_error("report", folders[0], folders[0], says="in two of")

    def test_a_lost_shard_fails(self):
        self.scenarios("ab")
        self.run_own("own/*", "--shard=1/2")
        self.teeio("report", self.out, code=99)


class JUnit(Verbs):
    def test_all_outcomes(self):
        expect = os.path.join(self.dir, "expect")
        write(expect, "fake/finding xfail known <since> 6.1\n"
                      "fake/expected xfail\n")
        root = junit.check(self.run_it(
            "--format=junit", "--expect", expect, *MIXED, "other/plain",
            "--set", "answer=no", code=1))
        self.assertEqual([suite.get("name") for suite in root],
                         ["fake", "other"])
        fake = {case.get("name"): case for case in root[0].iter("testcase")}
        self.assertIn("landed=yes", fake["answers"].find("failure").text)
        self.assertEqual(fake["finding"].find("skipped").get("message"),
                         "known <since> 6.1")
        self.assertEqual(fake["expected"].find("failure").get("type"),
                         "xpass")
        self.assertEqual([child.tag for child in fake["matrix [colour=red]"]],
                         ["system-out"])
        board = root[1].find("testcase[@name='board']")
        self.assertIn("q35", board.find("skipped").get("message"))
        properties = {p.get("name"): p.get("value")
                      for p in root[0].iter("property")}
        self.assertEqual(properties["kernel"], "6.1.0-fake")
        self.assertEqual(properties["qemu"], "0.0.1")

    def test_error(self):
        root = junit.check(self.run_it("--format=junit", "fake/answers",
                                       "--append", "fake=panic", code=99))
        self.assertIn("panic", next(root.iter("error")).get("message"))

    def test_what_xml_cannot_say(self):
        self.own_scenario("a", "why=\x1b[31m\x01<&\">\x7f", INI.replace(
            "landed=yes", "landed=no"))
        root = junit.check(self.run_own("--format=junit", "own/a", code=1))
        self.assertIn("<&\">", next(root.iter("failure")).text)

    def test_the_checker_checks(self):
        good = self.run_it("--format=junit", "fake/answers")
        for old, new in (('tests="1"', 'tests="2"'), ("testcase", "case"),
                         (' classname="fake/answers"', ""),
                         ("<system-out>", "<system-out/><system-out>"),
                         ("</testcase>", "<failure/></testcase>")):
            with self.assertRaises((AssertionError, junit.ET.ParseError)):
                junit.check(good.replace(old, new))


class Report(Verbs):
    def test_same_as_run(self):
        expect = os.path.join(self.dir, "expect")
        write(expect, "fake/expected xfail a reason\n")
        for form in FORMATS:
            for more in ([], ["-v"], ["-q"]) if form == "text" else ([],):
                ran = self.run_it(f"--format={form}", *more, "--expect",
                                  expect, *MIXED, code=1)
                again = self.teeio("report", f"--format={form}", *more,
                                   self.out, code=1)
                self.assertEqual(ran, again)

    def test_exit_codes(self):
        for code, args in ((0, ["fake/answers"]), (4, ["other/board"]),
                           (99, ["fake/answers", "--append", "fake=panic"]),
                           (99, ["fake/answers", "--kernel", "/none"]),
                           (1, ["--expect-bug", "fake/answers"]),
                           (0, ["--expect-bug", "fake/finding"])):
            ran = self.run_it(*args, code=code)
            self.assertEqual(self.teeio("report", self.out, code=code), ran)

    def test_timeout(self):
        ran = self.run_it("fake/answers", "--append", "fake=hang",
                          "--timeout=1", "--format=ktap", code=99)
        self.assertIn("# TIMEOUT", ran)
        self.assertEqual(self.teeio("report", "--format=ktap", self.out,
                                    code=99), ran)

    def test_scenario_and_boot(self):
        self.run_it("fake/matrix")
        out = self.teeio("report", "--format=tap", self.path("fake/matrix"))
        self.assertEqual(out.count("\nok "), 2)
        out = self.teeio("report", "--format=tap",
                         self.path("fake/matrix/colour=red"))
        self.assertEqual(out.count("\nok "), 1)

    def test_moved_folder(self):
        self.run_it("fake/finding", code=1)
        moved = os.path.join(self.dir, "moved")
        shutil.move(self.out, moved)
        out = self.teeio("report", moved, code=1)
        self.assertIn(moved + "/fake/finding/events.jsonl", out)
        self.assertNotIn(self.out, out)

    def test_broken_off(self):
        self.run_it("fake/answers", "fake/matrix")
        os.unlink(self.path("fake/answers/result.json"))
        os.unlink(self.path("fake/matrix/colour=red/result.json"))
        out = self.teeio("report", "--format=tap", self.out, code=99)
        self.assertEqual(out.count("\nnot ok "), 2)
        self.assertEqual(out.count("no result: the run broke off"), 2)

    def test_left_over_is_not_reported(self):
        self.run_it("fake/finding", code=1)
        self.run_it("fake/answers")
        self.assertNotIn("finding", self.teeio("report", "-q", self.out))

    def test_bad_folders(self):
        self.assert_error("report", says="which")
        self.assert_error("report", self.dir, says="neither")
        self.run_it("fake/finding", code=1)
        self.edit('"fail"', '"fine"', "fake/finding/result.json")
        self.assert_error("report", self.out, says="outcome")
        self.edit('"version" : 1', '"version" : 2', "run.json")
        self.assert_error("report", self.out, says="version")

    def test_hostile_documents(self):
        self.run_it("fake/finding", code=1)
        good = json.loads(read(self.out, "fake/finding/result.json"))
        for key in good:
            for value in (None, 3, "x", [], {}, [None], [[]], [{}], -1):
                write(self.path("fake/finding/result.json"),
                      json.dumps({**good, key: value}))
                self.teeio("report", "-v", self.out, code=None)
                self.assertIn(self.code, (0, 1, 2, 4, 99), (key, value))


class Replay(Verbs):
    def test_same_verdicts(self):
        ran = self.run_it("--format=ktap", *MIXED, code=1)
        again = self.teeio("replay", "--format=ktap", self.out, code=1)
        self.assertEqual(self.err, "")
        self.assertEqual(ran, again)

    def test_same_of_broken_boots(self):
        for mode in ("panic", "stop", "module", "refuse"):
            ran = self.run_it("fake/answers", "--append", "fake=" + mode,
                              code=99)
            again = self.teeio("replay", self.path("fake/answers"), code=99)
            self.assertEqual(self.err if mode != "refuse" else "", "")
            self.assertEqual(ran.splitlines()[:3], again.splitlines()[:3])

    def test_same_of_a_timeout(self):
        self.run_it("fake/answers", "--append", "fake=hang", "--timeout=1",
                    code=99)
        self.assertIn("timeout", self.teeio("replay", self.out, code=99))
        self.assertEqual(self.err, "")

    def test_expectation_is_kept(self):
        self.run_it("--expect-bug", "fake/finding")
        self.assertIn("xfail", self.teeio("replay", self.out))

    def test_other_events(self):
        self.run_it("fake/answers")
        with open(self.path("fake/answers/events.jsonl"), "a",
                  encoding="utf-8") as file:
            file.write('{"ev":"finding","finding":"identity-flip","seq":99}\n')
        out = self.teeio("replay", self.path("fake/answers"), code=1)
        self.assertIn("not ok", out)
        self.assertIn("fake/answers: recorded pass, judged fail", self.err)
        self.assertIn("new: finding identity-flip", self.err)

    def test_other_console(self):
        self.run_it("fake/answers")
        self.edit("landed=yes", "landed=no", "fake/answers/console.log")
        self.teeio("replay", self.out, code=1)
        self.assertIn("judged fail", self.err)

    def test_a_difference_that_is_good_news(self):
        self.run_it("fake/answers", "--set", "answer=no", code=1)
        self.edit("landed=no", "landed=yes", "fake/answers/console.log")
        self.assertIn("ok", self.teeio("replay", self.out, code=1))
        self.assertIn("recorded fail, judged pass", self.err)
        self.assertIn("no longer: step 01", self.err)

    def test_other_rules(self):
        self.run_it("fake/finding", code=1)
        ini = os.path.join(self.dir, "other.ini")
        write(ini, read(self.out, "fake/finding/scenario.ini")
              + "allow=identity-flip\n")
        self.teeio("replay", "--scenario", ini, self.out, code=1)
        self.assertIn("recorded fail, judged pass", self.err)
        self.run_it("fake/finding", "fake/answers", code=1)
        self.assert_error("replay", "--scenario", ini, self.out,
                          says="several")

    def test_missing_events(self):
        self.run_it("fake/answers")
        os.unlink(self.path("fake/answers/events.jsonl"))
        self.assertIn("events", self.teeio("replay", self.out, code=1))
        self.assert_error("replay", says="which")


class Diff(Verbs):
    def two(self, *args, other=()):
        self.a = os.path.join(self.dir, "a")
        self.b = os.path.join(self.dir, "b")
        self.teeio("run", "--out", self.a, *args, code=None)
        self.teeio("run", "--out", self.b, *args, *other, code=None)

    def test_same(self):
        self.two(*MIXED)
        self.assertEqual(self.teeio("diff", self.a, self.b),
                         "6 the same, 0 different\n")

    def test_setting(self):
        self.two("fake/translated", other=["--set", "s1=bypass"])
        out = self.teeio("diff", self.a, self.b, code=1)
        for line in ("fake/translated", "  setting  s1: ok | bypass",
                     "  verdict  pass | fail",
                     "  count    tlp no-memory: 0 | 1",
                     "  count    tlp ok: 1 | 0",
                     "  TLP      number 1 is the first to differ",
                     "0 the same, 1 different"):
            self.assertIn(line + "\n", out)
        self.assertRegex(out, r"(?m)^  - event \d+: .*s1=\"ok\"")
        self.assertRegex(out, r"(?m)^  \+ event \d+: .*s1=\"bypass\"")
        self.assertRegex(out, r"(?m)^  \+ 1 of 1 DMAs were not translated")
        out = self.teeio("diff", "--verdicts", self.a, self.b, code=1)
        self.assertNotIn("TLP ", out)

    def test_fields(self):
        self.two("fake/translated", other=["--set", "s1=bypass"])
        files = [os.path.join(folder, "fake/translated/events.jsonl")
                 for folder in (self.a, self.b)]
        out = self.teeio("diff", *files, code=1)
        self.assertIn("number 1", out)
        out = self.teeio("diff", "--fields=type,addr", *files, code=1)
        self.assertNotIn("number 1", out)
        out = self.teeio("diff", "--fields=s1,none", *files, code=1)
        self.assertRegex(out, r"- event \d+: s1=\"ok\" none=absent\n")
        self.assertEqual(self.teeio("diff", files[0], files[0]), "the same\n")

    def test_one_is_longer(self):
        self.two("fake/translated")
        path = os.path.join(self.a, "fake/translated/events.jsonl")
        with open(path, "a", encoding="utf-8") as file:
            file.write('{"seq":90,"ev":"tlp","verdict":"ok"}\n')
        out = self.teeio("diff", path, os.path.join(
            self.b, "fake/translated/events.jsonl"), code=1)
        self.assertIn('- event 90: verdict="ok"', out)
        self.assertIn("+ none\n", out)

    def test_only_one_has_it(self):
        self.two("fake/answers", other=["fake/matrix"])
        out = self.teeio("diff", self.a, self.b, code=1)
        self.assertIn("fake/matrix [colour=red]\n  only in the second: pass",
                      out)
        self.assertIn("only in the first", self.teeio("diff", self.b, self.a,
                                                      code=1))

    def test_bad_arguments(self):
        self.run_it("fake/answers")
        self.assert_error("diff", self.out, says="two folders")
        self.assert_error("diff", self.out, self.path("run.json"),
                          says="folder and a file")
        self.assert_error("diff", self.out, self.dir, says="neither")
        self.assert_error("diff", self.path("run.json"), "/none",
                          says="run.json")


class Expectations(Verbs):
    def expect(self, text):
        path = os.path.join(self.dir, "expect")
        write(path, text)
        return "--expect=" + path

    def test_outcomes(self):
        out = self.run_it(self.expect("# known\n\nfake/finding xfail bug 7\n"),
                          "--format=ktap", "fake/finding", "fake/answers")
        self.assertIn("ok 2 fake/finding # XFAIL bug 7\n", out)
        self.assertIn("ok 1 fake/answers\n", out)
        out = self.run_it(self.expect("fake/answers xfail\n"),
                          "--format=ktap", "fake/answers", code=1)
        self.assertIn("not ok 1 fake/answers # XPASS", out)

    def test_conditions(self):
        for condition, code in (("kernel=6.1.*", 0), ("kernel=6.2.*", 1),
                                ("qemu=0.0.*", 0), ("qemu=7*", 1),
                                ("kernel=6.1.* qemu=0.0.1", 0),
                                ("kernel=6.1.* qemu=1", 1), ("cell=a", 1)):
            self.run_it(self.expect(f"fake/* {condition} xfail\n"),
                        "fake/finding", code=code)

    def test_the_last_line_decides(self):
        self.run_it(self.expect("fake/* xfail\nfake/answers ok fixed\n"),
                    "fake/finding", "fake/answers")
        self.run_it(self.expect("fake/answers ok\nfake/* xfail\n"),
                    "fake/answers", code=1)

    def test_file_goes_before_option(self):
        self.run_it("--expect-bug", self.expect("fake/answers ok\n"),
                    "fake/finding", "fake/answers")

    def test_cells(self):
        out = self.run_it(self.expect("fake/* cell=colour=red xfail\n"),
                          "--format=tap", "fake/matrix", code=1)
        self.assertIn("ok 1 fake/matrix colour=red # TODO", out)
        self.assertIn("ok 2 fake/matrix colour=green\n", out)

    def test_bad_files(self):
        for text, says in (("none/such ok\n", ":1: no scenario"),
                           ("\nfake/answers maybe\n", ":2: "),
                           ("fake/answers\n", "fake/answers"),
                           ("fake/answers kernel=1 kernel=2 ok\n", ":1: ")):
            self.assert_error("run", "fake/answers", self.expect(text),
                              says=says)
        self.assert_error("run", "fake/answers", "--expect=/none",
                          says="/none")


class Bisect(Verbs):
    def test_exit_codes(self):
        for code, args in (
                (0, ["fake/answers"]), (1, ["fake/finding"]),
                (0, ["--expect-bug", "fake/finding"]),
                (125, ["fake/answers", "--append", "fake=panic"]),
                (125, ["fake/answers", "--kernel=/none"]),
                (125, ["other/board"]), (129, ["none/such"]),
                (129, ["fake/answers", "--frob"])):
            self.run_it("--bisect", *args, code=code)


class Bundle(Verbs):
    def members(self, path):
        with tarfile.open(path) as archive:
            return {m.name: m for m in archive.getmembers()}

    def test_contents(self):
        bundle = os.path.join(self.dir, "look.tar.xz")
        self.run_it("fake/finding", code=1)
        self.run_it("--bundle", bundle, "fake/answers", "fake/matrix")
        members = self.members(bundle)
        for name in ("run.json", "fake/answers/env.txt",
                     "fake/answers/events.jsonl", "fake/matrix/summary.txt",
                     "fake/matrix/colour=red/tlp.pcapng"):
            self.assertIn("look/" + name, members)
        self.assertFalse([name for name in members if "finding" in name])
        self.assertEqual(list(members), sorted(members))
        for member in members.values():
            self.assertEqual((member.mtime, member.uid, member.uname,
                              member.mode), (0, 0, "", 0o644))
        with tarfile.open(bundle) as archive:
            archive.extractall(self.dir)
        self.teeio("report", os.path.join(self.dir, "look"))

    def test_reproducible(self):
        bundles = [os.path.join(self.dir, d, "x.tar.xz") for d in "ab"]
        for bundle in bundles:
            os.mkdir(os.path.dirname(bundle))
        self.run_it("--bundle", bundles[0], "other/board", code=4)
        time.sleep(1.1)
        self.run_it("--bundle", bundles[1], "other/board", code=4)
        contents = []
        for bundle in bundles:
            with open(bundle, "rb") as file:
                contents.append(file.read())
        self.assertEqual(*contents)

    def test_errors(self):
        self.assert_error("run", "fake/answers", "--bundle=x.zip",
                          says="x.zip")
        self.run_it("fake/answers", "--bundle=/none/x.tar.xz", code=99)
        self.assertIn("/none/x.tar.xz", self.err)


class OwnScenarios(Verbs):
    def test_beside_the_others(self):
        self.own_scenario("a")
        where = ["--scenarios", self.own]
        ids = self.teeio("list", "--format=ids", *where).split()
        self.assertIn("own/a", ids)
        self.assertIn("fake/answers", ids)
        self.assertEqual(ids, sorted(ids))
        self.assertIn("It holds.", self.teeio("show", "own/a", *where))
        self.run_own("own/a", "fake/answers")

    def test_errors(self):
        write(os.path.join(self.own, "fake", "answers", "scenario.ini"), INI)
        self.assert_error("list", "--scenarios", self.own, says="taken")
        self.assert_error("list", "--scenarios=/none", code=99, says="/none")


class Completion(Verbs):
    def complete(self, *words):
        script = ('PATH=$1:$PATH; eval "$(teeio completion bash)"; shift\n'
                  'COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _teeio '
                  '2>/dev/null; printf "%s\\n" "${COMPREPLY[@]}"')
        done = subprocess.run(
            ["bash", "-c", script, "bash", os.path.dirname(TEEIO), "teeio",
             *words], env=self.env, text=True, capture_output=True,
            check=True)
        return done.stdout.split()

    def test_bash(self):
        self.assertEqual(self.complete("re"), ["report", "replay"])
        self.assertEqual(self.complete("run", "fake/f"),
                         ["fake/faults", "fake/finding"])
        self.assertEqual(self.complete("run", "--sha"), ["--shard="])
        self.assertEqual(self.complete("run", "--format", "=", "j"),
                         ["json", "junit"])
        self.assertEqual(self.complete("list", "--format", "="),
                         ["text", "json", "ids"])
        self.assertEqual(self.complete("completion", "z"), ["zsh"])
        self.assertEqual(self.complete("help", "comp"), ["completion"])
        self.assertEqual(self.complete("report", "no-such"), [])

    def test_all_know_all(self):
        options = re.findall(r"--([a-z-]+)", self.teeio("help", "run"))
        for shell in ("bash", "zsh", "fish"):
            script = self.teeio("completion", shell)
            for word in [*options, "bisect", "completion"]:
                self.assertIn(word, script)
            if shutil.which(shell):
                path = os.path.join(self.dir, shell)
                write(path, script)
                subprocess.run([shell, "-n", path], check=True)
        self.assert_error("completion", "csh", says="one shell")
        self.assert_error("completion", says="one shell")


if __name__ == "__main__":
    unittest.main()
