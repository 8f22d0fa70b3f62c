"""Holds the C++ to .clang-format, by clang-format 16, and the shell scripts to bash's grammar."""

import os
import subprocess
import tempfile

from sources import CPP, ROOT, SCRIPTS, Check, named, run

FILES_A_CALL = 40


def misformatted(files):
    """The files are written to a folder of their own, so that examples are checked alike."""
    sources = named(files, *CPP)
    complaints = []
    with tempfile.TemporaryDirectory() as folder:
        for path, text in sources.items():
            whole = os.path.join(folder, path)
            os.makedirs(os.path.dirname(whole), exist_ok=True)
            with open(whole, "w", encoding="utf-8") as file:
                file.write(text)
        names = sorted(sources)
        for start in range(0, len(names), FILES_A_CALL):
            command = ["clang-format-16", "--dry-run", "-Werror", "--ferror-limit=1",
                       f"--style=file:{ROOT}/.clang-format", *names[start:start + FILES_A_CALL]]
            answer = subprocess.run(command, cwd=folder, text=True, capture_output=True)
            found = [line for line in answer.stderr.splitlines() if ": error:" in line]
            if answer.returncode != 0 and not found:
                found = [answer.stderr]
            complaints += [f"{line.split(' error:')[0]} clang-format-16 -i mends it"
                           for line in found]
    return complaints


def broken_scripts(files):
    complaints = []
    for path, text in files.items():
        if not (path.endswith(".sh") or path in SCRIPTS):
            continue
        answer = subprocess.run(["bash", "-n"], input=text, text=True, capture_output=True)
        if answer.returncode != 0:
            complaints.append(f"{path}: {answer.stderr.strip()}")
        elif "set -euo pipefail" not in text and "exec " not in text and path.endswith("run"):
            complaints.append(f"{path}: goes on after a fault (no set -euo pipefail)")
    return complaints


run([
    Check("C++ is laid out as .clang-format says", misformatted,
          [{"src/a/a.cpp": "int   f( ){return 1;}\n"}],
          [{"src/a/a.cpp": "int f() { return 1; }\n"}]),
    Check("shell scripts parse and stop at a fault", broken_scripts,
          [{"scripts/a.sh": "if true; then\n"}, {"run": "echo a\n"}],
          [{"scripts/a.sh": "if true; then echo; fi\n"}]),
])
