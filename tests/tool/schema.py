# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""As much of JSON Schema as our schemas use.

Here, and only here, members that no schema speaks of are errors: what is
written has to be described.
"""

import json
import re

TYPES = {"object": dict, "array": list, "string": str, "integer": int,
         "boolean": bool, "null": type(None)}
NOTES = ("$schema", "$defs", "title", "description")


class Invalid(Exception):
    """Where in the document, and why."""


def is_type(value, name):
    return isinstance(value, TYPES[name]) and \
        not (name == "integer" and isinstance(value, bool))


class Schema:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.root = json.load(file)

    def check(self, document):
        self.value(self.root, document, "$")

    def value(self, schema, value, at):
        """All of @schema; then, of an object, nothing that it lacks."""
        known = self.apply(schema, value, at)
        if isinstance(value, dict) and known is not None:
            extra = set(value) - known
            if extra:
                raise Invalid(f"{at}: {sorted(extra)} not described")

    def holds(self, schema, value):
        try:
            self.apply(schema, value, "")
            return True
        except Invalid:
            return False

    def apply(self, schema, value, at):
        """Returns the members described; None: any may be there."""
        known = None
        for keyword, argument in schema.items():
            if keyword in NOTES or keyword in ("then", "else"):
                continue
            method = getattr(self, "do_" + keyword.lstrip("$"), None)
            if method is None:
                raise Invalid(f"the schema's {keyword} is not supported")
            more = method(schema, argument, value, at)
            if more is not None:
                known = (known or set()) | more
        return known

    def do_ref(self, _schema, name, value, at):
        return self.apply(self.root["$defs"][name.split("/")[-1]], value, at)

    def do_allOf(self, _schema, parts, value, at):
        found = [self.apply(part, value, at) for part in parts]
        return set().union(*[known for known in found if known])

    def do_if(self, schema, condition, value, at):
        branch = "then" if self.holds(condition, value) else "else"
        return self.apply(schema.get(branch, {}), value, at)

    def do_type(self, _schema, names, value, at):
        names = [names] if isinstance(names, str) else names
        if not any(is_type(value, name) for name in names):
            raise Invalid(f"{at}: {value!r} is not {names}")

    def do_enum(self, _schema, values, value, at):
        if value not in values or isinstance(value, bool):
            raise Invalid(f"{at}: {value!r} is not one of {values}")

    def do_const(self, _schema, wanted, value, at):
        if value != wanted or isinstance(value, bool):
            raise Invalid(f"{at}: {value!r} is not {wanted!r}")

    def do_pattern(self, _schema, pattern, value, at):
        if isinstance(value, str) and not re.search(pattern, value):
            raise Invalid(f"{at}: {value!r} is not like {pattern}")

    def do_minimum(self, _schema, least, value, at):
        if isinstance(value, int) and value < least:
            raise Invalid(f"{at}: {value} is below {least}")

    def do_required(self, _schema, names, value, at):
        if isinstance(value, dict):
            missing = [name for name in names if name not in value]
            if missing:
                raise Invalid(f"{at}: {missing} missing")

    def do_properties(self, _schema, schemas, value, at):
        for name, schema in schemas.items():
            if isinstance(value, dict) and name in value:
                self.value(schema, value[name], f"{at}.{name}")
        return set(schemas)

    def do_additionalProperties(self, _schema, schema, value, at):
        if isinstance(value, dict):
            for name, member in value.items():
                self.value(schema, member, f"{at}.{name}")

    def do_items(self, _schema, schema, value, at):
        if isinstance(value, list):
            for i, item in enumerate(value):
                self.value(schema, item, f"{at}[{i}]")

    def do_minItems(self, _schema, least, value, at):
        if isinstance(value, list) and len(value) < least:
            raise Invalid(f"{at}: fewer than {least}")

    def do_maxItems(self, _schema, most, value, at):
        if isinstance(value, list) and len(value) > most:
            raise Invalid(f"{at}: more than {most}")
