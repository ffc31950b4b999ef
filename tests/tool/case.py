# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""A rig of empty files around the fake QEMU, and the tool in it."""

import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TEEIO = os.path.abspath(sys.argv.pop(1))


def write(path, text="", mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)


def read(*parts):
    with open(os.path.join(*parts), encoding="utf-8") as file:
        return file.read()


class Case(unittest.TestCase):
    """A rig of empty files, around the fake QEMU."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = folder.name
        self.out = os.path.join(self.dir, "out, with comma")
        cache = os.path.join(self.dir, "cache")
        kernel = os.path.join(cache, "qemu-teeio", "kernels", "fake")
        write(os.path.join(kernel, "vmlinuz"))
        write(os.path.join(kernel, "modules", "modules.dep"),
              "kernel/a-one.ko: kernel/b.ko kernel/c.ko\n"
              "kernel/b.ko: kernel/c.ko\nkernel/c.ko:\n")
        write(os.path.join(kernel, "modules", "modules.builtin"),
              "kernel/d-two.ko\n")
        for name in ("a-one", "b", "c"):
            write(os.path.join(kernel, "modules", "kernel", name + ".ko"))
        write(os.path.join(self.dir, "guest", "init"))
        write(os.path.join(self.dir, "guest", "fake", "teeio_guest.ko"))
        write(os.path.join(self.dir, "teeio.so"))
        self.env = {
            **os.environ,
            "TEEIO_DATADIR": HERE,
            "TEEIO_GUESTDIR": os.path.join(self.dir, "guest"),
            "TEEIO_PLUGIN": os.path.join(self.dir, "teeio.so"),
            "TEEIO_QEMU": os.path.join(HERE, "fake-qemu.py"),
            "TEEIO_QEMU_X86_64": "/nonexistent/qemu-system-x86_64",
            "XDG_CACHE_HOME": cache,
            "XDG_STATE_HOME": os.path.join(self.dir, "state"),
            "FAKE_PID_FILE": os.path.join(self.dir, "pid"),
            "LC_ALL": "C",
        }

    def teeio(self, *args, code=0):
        done = subprocess.run([TEEIO, *args], env=self.env, text=True,
                              capture_output=True, check=False, timeout=60,
                              stdin=subprocess.DEVNULL)
        if code is not None:
            self.assertEqual(done.returncode, code,
                             f"{args}\n{done.stdout}\n{done.stderr}")
        self.code = done.returncode
        self.err = done.stderr
        return done.stdout

    def run_it(self, *args, code=0):
        return self.teeio("run", "--out", self.out, *args, code=code)

    def assert_error(self, *args, code=2, says=""):
        """One line that tells, one that helps, nothing on stdout."""
        out = self.teeio(*args, code=code)
        lines = self.err.splitlines()
        self.assertEqual(out, "")
        self.assertEqual(len(lines), 2, self.err)
        self.assertTrue(lines[0].startswith("teeio: "), self.err)
        self.assertTrue(lines[1].startswith("hint: "), self.err)
        self.assertIn(says, lines[0])

    def scenario(self, text):
        """A folder with one scenario, in place of the usual ones."""
        self.env["TEEIO_DATADIR"] = self.dir
        write(os.path.join(self.dir, "scenarios", "x", "y", "scenario.ini"),
              text)
