"""
YAML -> Settings: every problem gathered with its path, line and hint, and nothing accepted that nobody understands.
"""

import ipaddress
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from nlprec.errors import ConfigError, Problem
from nlprec.host import PluginHost, load_host
from nlprec.reading.building import Builder
from nlprec.reading.tree import parse, put
from nlprec.registry import did_you_mean
from nlprec.settings import PluginSettings, Settings


@frozen
class Loaded:
    """What a file said: the settings, the plugins they needed, and where each value came from."""

    settings: Settings
    host: PluginHost
    origins: Mapping[str, str]
    warnings: tuple[str, ...] = ()


def load(path: Path, options: Sequence[str] = (), environment: Mapping[str, str] = os.environ) -> Loaded:
    """
    Read a configuration file, load the plugins it wants, and build its settings.

    Args:
        path: the YAML file.
        options: ``path.to.key=value``, each overriding the file.

    Raises:
        ConfigError: with every problem of the file.
    """
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise ConfigError(
            problems=(
                Problem(
                    "",
                    "there is no such file",
                    "name one with --config; etc/nlprec.yaml shows what it holds",
                    str(path),
                    0,
                    "config.file",
                ),
            )
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            problems=(
                Problem(
                    "", f"it cannot be read: {error}", "it must be readable UTF-8 text", str(path), 0, "config.file"
                ),
            )
        ) from error
    return load_text(text, str(path), options, environment)


def load_text(
    text: str, file: str = "<text>", options: Sequence[str] = (), environment: Mapping[str, str] = os.environ
) -> Loaded:
    """Do what ``load`` does with a text already read; ``file`` is what complaints call it."""
    tree = parse(text, file, environment)
    problems = list(tree.problems)
    root = tree.root
    for option in options:
        key, equals, value = option.partition("=")
        if equals and key:
            root = put(root, key.strip(), value)
        else:
            problems.append(
                Problem(
                    "",
                    f"--set {option!r} is not path=value",
                    "as in --set serve.n=20",
                    "command line",
                    0,
                    "config.option",
                )
            )
    wanted = Builder(file, None).plugins(root)
    host = load_host(wanted.paths, wanted.disabled)
    builder = Builder(file, host)
    settings = builder.build(Settings, root, "")
    if not any(problem.code == "config.syntax" for problem in problems):
        _broken_plugins(host, wanted, builder)
        if isinstance(settings, Settings):
            _cross_checks(settings, builder)
    problems += builder.problems
    if problems:
        raise ConfigError(problems=tuple(sorted(problems, key=lambda problem: problem.line)))
    return Loaded(settings, host, builder.origins, tuple(str(fate) for fate in host.broken) + tuple(builder.warnings))


def plugin_settings(path: Path, options: Sequence[str] = ()) -> PluginSettings:
    """Return the ``plugins`` section of a file that may be wrong elsewhere, or not there at all."""
    try:
        root = parse(path.read_text("utf-8"), str(path)).root
    except (OSError, UnicodeDecodeError):
        return PluginSettings()
    for option in options:
        key, equals, value = option.partition("=")
        root = put(root, key.strip(), value) if equals and key else root
    return Builder(str(path), None).plugins(root)


def _cross_checks(settings: Settings, builder: Builder) -> None:
    """Complain of what is wrong between sections: names that lead nowhere, an open door without a key."""
    recommenders, models = settings.train.recommenders, settings.models
    for name, use in recommenders.items():
        wanted = getattr(use.component, "features", "")
        _check_name(builder, f"train.recommenders.{name}.features", wanted, settings.extract, "features")
    _check_blends(settings, builder)
    metrics = {f"{use.name}@{getattr(use.component, 'n', '')}".rstrip("@"): use for use in settings.evaluate.metrics}
    for metric in settings.publish.gate:
        _check_name(builder, f"publish.gate.{metric}", metric, metrics, "metric of evaluate.metrics")
    if recommenders and not settings.publish.release:
        hint = f"name the model to publish: {', '.join(models)}"
        builder.complain("publish.release", "is missing", hint, code="config.missing")
    _check_name(builder, "publish.release", settings.publish.release, models, "model")
    _check_name(builder, "serve.similar", settings.serve.similar, models, "model")
    _check_name(builder, "serve.fallback", settings.serve.fallback, recommenders, "recommender")
    _check_name(builder, "evaluate.features", settings.evaluate.features, settings.extract, "features")
    if not settings.nodes:
        hint = "write 'solo: {roles: [drive, work, serve]}'"
        builder.complain("nodes", "there is no node", hint, code="config.missing")
    _check_door(settings, builder)


def _check_name(builder: Builder, path: str, name: str, known: Mapping[str, Any], what: str) -> None:
    if name and name not in known:
        hint = f"known: {', '.join(known) or 'none'}{did_you_mean(name, known)}"
        builder.complain(path, f"no {what} '{name}'", hint, code="config.reference")


def _check_blends(settings: Settings, builder: Builder) -> None:
    recommenders = settings.train.recommenders
    for name, use in settings.train.blenders.items():
        path = f"train.blenders.{name}"
        if name in recommenders:
            builder.complain(path, "a recommender has the same name", "rename one", code="config.reference")
        if not use.component.inputs:
            hint = f"known: {', '.join(recommenders) or 'none'}"
            builder.complain(f"{path}.inputs", "a blend needs at least one input", hint, code="config.missing")
        for each in filter(None, use.component.inputs):
            _check_name(builder, f"{path}.inputs.{each}", each, recommenders, "recommender")


def _check_door(settings: Settings, builder: Builder) -> None:
    keys = settings.serve.http.keys
    for at, key in enumerate(keys):
        if len(key.secret.value) < 16:
            path = f"serve.http.keys[{at}].secret"
            builder.complain(
                path,
                "the secret is shorter than 16 characters",
                "make one with: openssl rand -hex 32",
                code="access.weak",
            )
    if not keys and not is_loopback(settings.serve.http.listen):
        hint = "listen on 127.0.0.1, or add a key: {name: app, secret: '${NLPREC_API_KEY}'}"
        builder.complain(
            "serve.http.listen",
            f"{settings.serve.http.listen} can be reached from outside and no key is set",
            hint,
            code="access.open",
        )


def is_loopback(listen: str) -> bool:
    """Return whether ``address:port`` is reachable from this machine only."""
    host = listen.rpartition(":")[0].strip("[]")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _broken_plugins(host: PluginHost, wanted: PluginSettings, builder: Builder) -> None:
    """Complain of plugin files that are not there, and with ``plugins.strict`` of every plugin that failed."""
    for path in wanted.paths:
        if not path.exists():
            builder.complain(
                "plugins.paths",
                f"no such file or folder: {path}",
                "paths are seen from where nlprec is started",
                code="config.file",
            )
    for fate in host.broken if wanted.strict else ():
        builder.complain("plugins", str(fate), "plugins.strict makes every broken plugin fatal", code="plugin.broken")
