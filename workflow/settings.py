"""The settings of a run that its jobs need, on Snakemake's command line."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, unquote


def written(settings: Mapping[str, object]) -> list[str]:
    """Settings as `key=value`; Snakemake reads values as YAML and takes quotes away, and paths may hold anything."""
    return [f"{key}={quote(str(value))}" for key, value in settings.items()]


def setting(config: Mapping[str, object], key: str, default: str = "") -> str:
    """One setting, from Snakemake's `config`."""
    return unquote(str(config.get(key, default)))
