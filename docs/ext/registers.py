# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""The directives "register-map:: DEVICE" and "register-fields:: DEVICE": tables
of the device's registers, and of what its identification registers advertise,
printed by docs/gen-registers.c from the rows that the model itself uses."""
import os
import subprocess

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective


class RegisterMap(SphinxDirective):
    required_arguments = 1
    program_options = []

    def run(self):
        program = os.environ.get('TEEIO_REGISTERS')
        if not program:
            raise self.error('TEEIO_REGISTERS is not set; build with meson')
        device = self.arguments[0]
        result = subprocess.run([program, *self.program_options, device], capture_output=True,
                                text=True, check=False)
        if result.returncode:
            raise self.error(result.stderr.strip())
        self.env.note_dependency(program)
        box = nodes.Element()
        self.state.nested_parse(
            StringList(result.stdout.splitlines(), source=program), 0, box)
        return box.children


class RegisterFields(RegisterMap):
    program_options = ['--fields']


def setup(app):
    app.add_directive('register-map', RegisterMap)
    app.add_directive('register-fields', RegisterFields)
    return {'version': '1', 'parallel_read_safe': True}
