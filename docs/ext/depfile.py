# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""Tell ninja what a build read: -D depfile=FILE -D depfile_stamp=TARGET."""
import os


def read_files(app):
    for docname in app.env.found_docs:
        yield app.env.doc2path(docname)
        for name in app.env.dependencies.get(docname, ()):
            yield os.path.join(app.srcdir, name)
    # A page that is added or removed changes its folder.
    for folder, _, names in os.walk(app.srcdir):
        if '__pycache__' in folder:
            continue
        yield folder
        for name in names:
            if name.endswith('.py'):
                yield os.path.join(folder, name)


def write(app, error):
    config = app.config
    if error or not config.depfile:
        return
    with open(config.depfile, 'w', encoding='utf-8') as out:
        names = {os.path.realpath(name).replace(' ', '\\ ')
                 for name in read_files(app)}
        out.write(f'{config.depfile_stamp}: ' + ' '.join(sorted(names)))
    with open(config.depfile_stamp, 'w', encoding='utf-8'):
        pass


def setup(app):
    app.add_config_value('depfile', None, 'env')
    app.add_config_value('depfile_stamp', None, 'env')
    app.connect('build-finished', write)
    return {'version': '1', 'parallel_read_safe': True}
