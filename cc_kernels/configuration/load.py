"""Read a configuration file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from cc_kernels.configuration.problems import ConfigurationError, translate
from cc_kernels.configuration.schema import Configuration
from cc_kernels.errors import InputError, stated
from cc_kernels.files import path_of


def load_configuration(path: str | Path) -> Configuration:
    """Read and check a configuration; nothing on disk changes.

    The models are not built here (see `check_models`).

    Raises
    ------
    ConfigurationError
        that lists every problem: its key, what was given and what is allowed.
    """
    path = path_of("configuration file", path)
    return configuration_of(read_yaml(path), path)


def configuration_of(content: Mapping[str, Any], path: str | Path) -> Configuration:
    """The configuration that was read from a file; errors as for `load_configuration`."""
    path, content = Path(path), dict(content)
    if content.get("name") is None:
        content["name"] = path.stem
    try:
        configuration = Configuration.model_validate(content)
    except ValidationError as error:
        raise ConfigurationError(path, translate(error, Configuration)) from None
    configuration._folder = path.parent
    return configuration


MOST_LEVELS = 20
"""A configuration has five: studies, a study, mu, and room for lists."""
MOST_NODES = 500_000
"""Words and numbers, those behind `*name` each time; more are not read, but multiplied."""
MOST_BYTES = 1_000_000
"""Of text: some seconds of reading."""


class _Unusable(yaml.MarkedYAMLError):
    """What YAML allows and a configuration does not."""

    def __init__(self, mark: yaml.Mark, given: str, allowed: str = "each key once, as a plain word") -> None:
        super().__init__(problem=given, problem_mark=mark)
        self.allowed = allowed


class _Loader(yaml.SafeLoader):
    """YAML in which a key may stand once, and numbers are decimal: 1e-6 is one; 010, 1:30, a date are none.

    Nested and repeated (`*name`) it may be as far as a configuration can be, not so far as to fill the memory.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth, self._sizes = 0, {}

    def compose_node(self, parent: yaml.Node | None, index: object) -> yaml.Node | None:
        """The node that follows; counted are words, numbers and lists below it, with what aliases repeat."""
        mark, is_alias = self.peek_event().start_mark, self.check_event(yaml.AliasEvent)
        self._depth += 1
        if self._depth > MOST_LEVELS:
            raise _Unusable(mark, f"more than {MOST_LEVELS} levels, one in the other", "sections that are less nested")
        node = super().compose_node(parent, index)
        self._depth -= 1
        allowed = f"aliases that make {MOST_NODES:,} words and numbers at most"
        if not is_alias:
            below = node.value if isinstance(node, yaml.CollectionNode) else []
            nodes = chain(*below) if isinstance(node, yaml.MappingNode) else below
            self._sizes[id(node)] = 1 + sum(self._sizes[id(one)] for one in nodes)
        elif id(node) not in self._sizes:
            raise _Unusable(mark, "an alias inside of what it stands for", allowed)
        if self._sizes[id(node)] > MOST_NODES:
            raise _Unusable(mark, f"{self._sizes[id(node)]:,} words and numbers, once aliases are followed", allowed)
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen: dict[str, int] = {}
        for key in (key for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"):
            if not isinstance(key, yaml.ScalarNode):
                raise _Unusable(key.start_mark, "a key that is not a plain word")
            if key.value in seen:
                given = f"the key {key.value!r} a second time, after line {seen[key.value]}"
                raise _Unusable(key.start_mark, given)
            seen[key.value] = key.start_mark.line + 1
        return super().construct_mapping(node, deep)


_NUMBERS = {
    "int": r"[-+]?(0|[1-9][0-9_]*)",
    "float": r"[-+]?([0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)([eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+"
    r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
}
_OTHERS = {f"tag:yaml.org,2002:{kind}" for kind in (*_NUMBERS, "timestamp")}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _OTHERS]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _kind, _pattern in _NUMBERS.items():
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_kind}", re.compile(f"({_pattern})$"), list("-+.0123456789"))


def read_yaml(path: str | Path) -> dict[str, Any]:
    """The content of a configuration file, unchecked.

    Raises
    ------
    ConfigurationError : no YAML, a key that stands twice, no mapping.
    """
    path = Path(path)

    def fail(given: str, allowed: str, line: int | None = None) -> ConfigurationError:
        where = "configuration file" if line is None else f"line {line}"
        return ConfigurationError(path, [InputError(where, stated(given), allowed)])

    try:
        size, is_file = path.stat().st_size, path.is_file()
        text = path.read_text(encoding="utf-8") if is_file and size <= MOST_BYTES else ""
    except (OSError, ValueError) as error:  # a ValueError: a NUL in the name, no UTF-8
        raise fail(getattr(error, "strerror", None) or str(error), "a YAML file that can be read, in UTF-8") from None
    if not is_file:  # reading a device or a pipe may never end
        raise fail("a folder" if path.is_dir() else "a device or a pipe", "a YAML file that can be read")
    if size > MOST_BYTES:
        raise fail(f"{size:,} bytes", f"a YAML file of at most {MOST_BYTES:,} bytes")
    try:
        content = yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        allowed = getattr(error, "allowed", "YAML")
        raise fail(error.problem or str(error), allowed, mark.line + 1 if mark else None) from None
    except Exception as error:  # !!int abc is a ValueError, and other tags raise what they like
        raise fail(str(error) or type(error).__name__, "YAML") from None
    if not isinstance(content, dict):
        given = "an empty file" if content is None else f"a {type(content).__name__}"
        raise fail(given, f"a mapping with the keys {', '.join(Configuration.model_fields)}")
    return content
