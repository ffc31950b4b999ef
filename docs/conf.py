# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""Sphinx settings. Meson passes what it knows through the environment:
TEEIO_REGISTERS, the program that prints register tables."""
import os
import re
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, 'ext'))

project = 'qemu-teeio'
author = 'The qemu-teeio authors'
copyright = '2026, ' + author
with open(os.path.join(here, '..', 'VERSION'), encoding='utf-8') as file:
    version = release = file.read().strip()

extensions = ['registers', 'depfile']
needs_sphinx = '4.0'
exclude_patterns = []
html_theme = 'alabaster'
html_theme_options = {'description': 'TEE-IO models for packaged QEMU'}
html_show_sourcelink = False
html_copy_source = False


def manual_pages():
    """One per page of man/ whose title reads NAME(SECTION)."""
    title = re.compile(r'^([\w.-]+)\(([1-9])\)$', re.MULTILINE)
    for name in sorted(os.listdir(os.path.join(here, 'man'))):
        if not name.endswith('.rst'):
            continue
        with open(os.path.join(here, 'man', name), encoding='utf-8') as page:
            match = title.search(page.read())
        if match:
            # The page has its own section Name, so no description here.
            yield ('man/' + name[:-len('.rst')], match[1], '', [],
                   int(match[2]))


man_pages = list(manual_pages())
man_make_section_directory = False
