"""Reads the project's files for the checks of the tree, and runs the checks.

A check is a function from {path: text} to a list of complaints. It carries examples that must be
caught and examples that must pass, so that a check that sees nothing fails itself.
"""

import dataclasses
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SKIPPED_FOLDERS = {".git", ".cache", "build", "var", "node_modules", "__pycache__"}
CPP = (".cpp", ".hpp")
SCRIPTS = ("run", "test", ".ci/run", "bench/run")


@dataclasses.dataclass(frozen=True)
class Check:
    """One rule: `bad` and `good` are lists of {path: text}, small trees of their own."""

    sentence: str
    complaints: object
    bad: list
    good: list


def listed_paths():
    """What git tracks, and what it would: a clone without git is walked instead."""
    ask = ["git", "-c", "safe.directory=*", "ls-files", "-z", "-c", "-o", "--exclude-standard"]
    if os.path.exists(os.path.join(ROOT, ".git")):
        answer = subprocess.run(ask, cwd=ROOT, check=True, capture_output=True)
        return sorted(set(filter(None, answer.stdout.decode().split("\0"))))
    paths = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [f for f in folders if f not in SKIPPED_FOLDERS]
        paths += [os.path.relpath(os.path.join(folder, name), ROOT) for name in names]
    return sorted(paths)


def read_tree():
    """Returns {path relative to the root: text} of every text file that is not build output."""
    files = {}
    for path in listed_paths():
        whole = os.path.join(ROOT, path)
        if os.path.islink(whole) or not os.path.isfile(whole):
            continue
        with open(whole, "rb") as file:
            content = file.read()
        try:
            files[path] = content.decode()
        except UnicodeDecodeError:
            continue
    return files


LITERALS = re.compile(
    r"""//[^\n]*|/\*.*?\*/"""
    r"""|R"(?P<mark>[^()\s\\]{0,16})\(.*?\)(?P=mark)\""""
    r"""|"(?:[^"\\\n]|\\.)*"|(?<![0-9a-fA-F])'(?:[^'\\\n]|\\.)+'""",
    re.S,
)


def without(text, comments=True, strings=True):
    """C++ with the inside of comments and of literals blanked out, line for line."""

    def blank(match):
        found = match.group(0)
        is_comment = found.startswith("/")
        if not (comments if is_comment else strings):
            return found
        inside = re.sub(r"[^\n]", " ", found)
        return inside if is_comment else '"' + inside[1:-1] + '"'

    return LITERALS.sub(blank, text)


def lines_matching(files, pattern, say):
    """One complaint for each line that a pattern finds."""
    found = []
    for path, text in files.items():
        for match in re.finditer(pattern, text, re.M):
            line = text.count("\n", 0, match.start()) + 1
            found.append(f"{path}:{line}: {say(match) if callable(say) else say}")
    return found


def named(files, *endings, under=""):
    """The files below a folder whose names end so."""
    return {p: t for p, t in files.items() if p.startswith(under) and p.endswith(endings)}


def run(checks, files=None):
    """Runs every check on its examples and on the tree; prints the counts; exits."""
    files = read_tree() if files is None else files
    passed = failed = 0
    for check in checks:
        blind = [e for e in check.bad if not check.complaints(e)]
        strict = [e for e in check.good if check.complaints(e)]
        found = check.complaints(files)
        for example in blind:
            print(f"  does not catch its own bad example: {example}")
        for example in strict:
            print(f"  complains of its own good example: {check.complaints(example)}")
        for complaint in found:
            print(f"  {complaint}")
        if not check.bad:
            print("  has no bad example")
        is_green = bool(check.bad) and not (blind or strict or found)
        print(f"{'ok' if is_green else 'FAILED'}: {check.sentence}")
        passed += is_green
        failed += not is_green
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
