"""What CI does, in the environment nox itself is installed in (`make test` makes it): nothing is installed twice."""

import os
import shutil
import sys
from pathlib import Path

import nox

os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # activated or not
nox.options.default_venv_backend = "none"
nox.options.error_on_external_run = False
PARALLEL = ["--numprocesses=auto", "--maxprocesses=8", "--dist=loadscope", "--no-loadscope-reorder"]
CODE = ["nlprec", "plugins/nlprec_plugins", "twisted", "tests", "docs", "noxfile.py"]


@nox.session
def lint(session: nox.Session) -> None:
    """Style: rules and layout."""
    session.run("ruff", "check", *CODE)
    session.run("ruff", "format", "--check", *CODE)


@nox.session
def types(session: nox.Session) -> None:
    """Types: mypy strict, with zope interfaces."""
    session.run("mypy", "nlprec", "plugins/nlprec_plugins", "docs/generate.py")


@nox.session
def contracts(session: nox.Session) -> None:
    """Who may import whom."""
    session.run("lint-imports", "--no-logo")


@nox.session
def docs(session: nox.Session) -> None:
    """Generated pages are what they would be if generated now; news is in order."""
    session.run("python", "docs/generate.py", "--check")
    session.run("towncrier", "build", "--draft", "--version", "next", silent=True)


@nox.session
def wheels(session: nox.Session) -> None:
    """Wheels of both distributions, into dist/; what an earlier build left behind stays out."""
    for folder in ("build", "dist", "plugins/build"):
        shutil.rmtree(Path(folder), ignore_errors=True)
    session.run(
        "python", "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", "dist", ".", "plugins/"
    )
    session.log("built: %s", ", ".join(sorted(path.name for path in Path("dist").glob("*.whl"))))


@nox.session
def tests(session: nox.Session) -> None:
    """The default run: everything that is not marked slow; the ten slowest are named."""
    session.run("pytest", "--durations=10", *(session.posargs or PARALLEL))


@nox.session
def coverage(session: nox.Session) -> None:
    """Every test, the slow ones too, with coverage of branches, child processes included."""
    session.run(
        "pytest", "-m", "slow or not slow", "--cov", "--cov-report=term:skip-covered", *(session.posargs or PARALLEL)
    )
