"""What CI does, in the environment nox itself is installed in (`make test` makes it): nothing is installed twice."""

import nox

nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "types", "contracts", "docs", "tests"]
CODE = ["nlprec", "plugins/nlprec_plugins", "twisted", "tests", "docs", "noxfile.py"]


@nox.session
def lint(session: nox.Session) -> None:
    """Style: rules and layout."""
    session.run("ruff", "check", *CODE)
    session.run("ruff", "format", "--check", *CODE)


@nox.session
def types(session: nox.Session) -> None:
    """Types: mypy strict, with zope interfaces."""
    session.run("mypy", "nlprec", "plugins/nlprec_plugins")


@nox.session
def contracts(session: nox.Session) -> None:
    """Who may import whom."""
    session.run("lint-imports")


@nox.session
def docs(session: nox.Session) -> None:
    """Generated pages are what they would be if generated now."""
    session.run("python", "docs/generate.py", "--check")


@nox.session
def tests(session: nox.Session) -> None:
    """Every test, with coverage of branches, in two processes; the ten slowest are named."""
    posargs = session.posargs or ["-n", "2", "--dist", "loadscope"]
    session.run("pytest", "--cov", "--cov-report=term:skip-covered", "--durations=10", *posargs)


@nox.session
def wheels(session: nox.Session) -> None:
    """Wheels of both distributions, into dist/."""
    session.run(
        "python", "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", "dist", ".", "./plugins"
    )
