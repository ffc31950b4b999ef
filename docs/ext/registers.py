# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""The directive "register-map:: NAME": a table of a device's registers, of what
it advertises, or another list, printed by docs/gen-registers.c from the rows
that the model itself uses."""
import os
import subprocess

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective


class RegisterMap(SphinxDirective):
    required_arguments = 1

    def run(self):
        program = os.environ.get('TEEIO_REGISTERS')
        if not program:
            raise self.error('TEEIO_REGISTERS is not set; build with meson')
        result = subprocess.run([program, self.arguments[0]],
                                capture_output=True, text=True, check=False)
        if result.returncode:
            raise self.error(result.stderr.strip())
        self.env.note_dependency(program)
        box = nodes.Element()
        self.state.nested_parse(
            StringList(result.stdout.splitlines(), source=program), 0, box)
        return box.children


def setup(app):
    app.add_directive('register-map', RegisterMap)
    return {'version': '1', 'parallel_read_safe': True}
