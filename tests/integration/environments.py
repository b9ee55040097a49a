"""
Fresh virtual environments, quick and without a network.

Everything this environment has is linked into the new one, but for nlprec and its plugins; Twisted is copied, because
its folder of plugins is what an installation writes into.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(sysconfig.get_path("purelib"))
OURS = ("nlprec", "acme", "__editable__", "a1_coverage", "__pycache__")
# Nothing that starts with a dot: a build needs none of it, and coverage files come and go while others copy.
LEFT_OUT = shutil.ignore_patterns(".*", "var", "sample", "build", "dist", "*.egg-info", "__pycache__", "dropin.cache")
QUIET = ("--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--no-cache-dir")


def copy_of_tree(folder):
    """Copy the project, without what is made from it: building must not write into the tree that others read."""
    ignore_top = {"sample", "var"}  # made by `make run`; nlprec/sample is code

    def ignore(directory, names):
        left_out = LEFT_OUT(directory, [name for name in names if name not in ignore_top])
        return left_out | (ignore_top & set(names) if Path(directory) == ROOT else set())

    return Path(shutil.copytree(ROOT, folder, ignore=ignore))


def clean_environment():
    """Return the environment variables without those that are about this run of the tests."""
    unwanted = ("COV", "PYTHON", "NLPREC_", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}


def build_wheels(tree, folder):
    """Build wheels of nlprec, nlprec-plugins and the example of a third party."""
    projects = [tree, tree / "plugins", tree / "docs" / "examples" / "acme-trending"]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *QUIET, "--wheel-dir", folder, *projects],
        capture_output=True,
        text=True,
        env=clean_environment(),
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return sorted(folder.glob("*.whl"))


class Environment:
    """A virtual environment in a folder, with everything but ours."""

    def __init__(self, folder):
        self.folder = folder
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], env=clean_environment(), check=True)
        self.bin = folder / "bin"
        [self.site] = folder.glob("lib/python*/site-packages")
        for each in HERE.iterdir():
            if each.name == "twisted":
                shutil.copytree(each, self.site / each.name, ignore=shutil.ignore_patterns("test", "dropin.cache"))
            elif not each.name.startswith(OURS):
                (self.site / each.name).symlink_to(each)
        twistd = self.bin / "twistd"
        twistd.write_text(f"#!{self.bin / 'python'}\nfrom twisted.scripts.twistd import run\nrun()\n", "utf-8")
        twistd.chmod(0o755)

    def install(self, *what):
        """Install wheels, or ("-e", folder) pairs, with pip."""
        self.run("python", "-m", "pip", "install", *QUIET, *what)

    def run(self, *command, code=0):
        """Run a command of the environment away from the tree, expect an exit code, return what it printed."""
        done = subprocess.run(
            [self.bin / command[0], *command[1:]],
            capture_output=True,
            text=True,
            cwd=self.folder,
            env={**clean_environment(), "PATH": f"{self.bin}:{os.environ['PATH']}", "COLUMNS": "200"},
            check=False,
        )
        assert done.returncode == code, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr
