"""Reads every text file: its opening sentence, its layout, what must not stand in a repository."""

import re

from sources import CPP, SCRIPTS, Check, lines_matching, named, run

LONGEST_LINE = 100  # columns
LONGEST_FILE = 450  # lines; the aim is about 300

CODE = CPP + (".py", ".mjs", ".js", ".ts", ".sh", ".sql", ".css", ".cmake", ".lua")
# Made by a tool, or data.
MADE = re.compile(r"(package-lock\.json|\.svg|\.pem|openapi\.json|RESULTS\.md)$")
THIS_FOLDER = "tests/tree/"


def written(files):
    return {p: t for p, t in files.items() if not MADE.search(p)}


def code(files):
    return {p: t for p, t in written(files).items()
            if p.endswith(CODE) or p in SCRIPTS or p.endswith("CMakeLists.txt")}


OPENINGS = {"//": r"\s*// ?", "#": r"\s*# ?", "--": r"\s*-- ?"}


def opening_comment(text):
    """The text of the comment that a file opens with, after #! and #pragma once; or nothing."""
    text = re.sub(r"\A#!.*\n", "", text)
    if whole := re.match(r'"""(.*?)"""|/\*(.*?)\*/', text, re.S):
        return whole.group(1) or whole.group(2)
    for mark, prefix in OPENINGS.items():
        if text.startswith(mark):
            lines = []
            for line in text.split("\n"):
                if not line.startswith(mark):
                    break
                lines.append(re.sub(prefix, "", line, count=1))
            return "\n".join(lines)
    return ""


def no_opening_sentence(files):
    found = []
    for path, text in code(files).items():
        opening = opening_comment(text).strip()
        if not opening:
            found.append(f"{path}: does not open with a comment that says what it is")
        elif not re.search(r"[.:](\s|$)", opening):
            found.append(f"{path}: its opening comment is not a sentence")
    return found


def long_lines(files):
    found = []
    for path, text in code(files).items():
        for number, line in enumerate(text.split("\n"), 1):
            if len(line) > LONGEST_LINE and not re.fullmatch(r"\s*(//|#|--)? ?\S+", line):
                found.append(f"{path}:{number}: {len(line)} columns, over {LONGEST_LINE}")
    return found


def long_files(files):
    return [f"{p}: {t.count(chr(10))} lines, over {LONGEST_FILE}"
            for p, t in code(files).items() if t.count("\n") > LONGEST_FILE]


def untidy_whitespace(files):
    found = []
    for path, text in written(files).items():
        if not text:
            continue
        if not text.endswith("\n") or text.endswith("\n\n"):
            found.append(f"{path}: does not end with one newline")
        if "\r" in text:
            found.append(f"{path}: has carriage returns")
        for number, line in enumerate(text.split("\n"), 1):
            if line != line.rstrip() and not path.endswith(".md"):
                found.append(f"{path}:{number}: blanks at the end")
            if "\t" in line and not path.endswith((".md", "Makefile")):
                found.append(f"{path}:{number}: a tab")
    return found


def outside(files, *folders):
    return {p: t for p, t in files.items() if not p.startswith(folders)}


MARKS = (r"\b(TODO|FIXME|XXX|HACK)\b|DISABLED_|GTEST_SKIP|not implemented|"
         r"\b(it|test|describe)\.(skip|only|todo)\(")


def marks_left(files):
    return lines_matching(outside(written(files), THIS_FOLDER), MARKS,
                          lambda m: f'"{m.group(0)}" is left')


MACHINE_PATH = r"(?<![\w.])/(work|home|Users)/\w[\w.-]*|/tmp/team\b|/root/\w"


def machine_paths(files):
    return lines_matching(outside(files, THIS_FOLDER), MACHINE_PATH,
                          lambda m: f'"{m.group(0)}" is a path of one machine')


def registry_hosts(files):
    locks = {p: t for p, t in files.items() if p.endswith(("package-lock.json", ".npmrc"))}
    return lines_matching(locks, r'"resolved":\s*"https?:|registry\s*=|://registry\.',
                          "names the host of a registry")


SECRET = (r"-----BEGIN (RSA |EC )?PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bsk_live_\w{8}|"
          r"\bwhsec_[A-Za-z0-9+/]{24}|\bghp_\w{30}")


def secrets(files):
    shipped = {p: t for p, t in outside(files, "tests/").items()
               if not re.search(r"_test\.cpp$|/testdata/", p)}
    return lines_matching(shipped, SECRET, "looks like a secret")


def lonely_modules(files):
    """Each module says on half a page what it owns, its tables, its events, its invariants."""
    found = []
    modules = {p.split("/")[1] for p in named(files, *CPP, under="src/") if p.count("/") == 2}
    for module in sorted(modules - {"app", "contracts", "platform"}):
        page = files.get(f"src/{module}/README.md", "")
        if not 300 <= len(page) <= 6000:
            found.append(f"src/{module}/README.md: half a page is wanted, not {len(page)} letters")
    return found


GOOD = "// Says what it is.\nint a;\n"
run([
    Check("files open with a sentence that says what they are", no_opening_sentence,
          [{"src/a.cpp": "int a;\n"}, {"run": "#!/bin/bash\nset -e\n"}, {"a.py": "import re\n"},
           {"src/a.hpp": "// nothing\nint a;\n"}],
          [{"src/a.cpp": GOOD}, {"a.py": '"""Says it."""\n'}, {"run": "#!/bin/bash\n# Says it.\n"},
           {"m.sql": "-- Says it.\n"}, {"a.css": "/* Says it. */\n"}]),
    Check(f"lines have at most {LONGEST_LINE} columns", long_lines,
          [{"src/a.cpp": "int a; " * 20}],
          [{"src/a.cpp": GOOD}, {"src/a.cpp": "// https://example.com/" + "a" * 100}]),
    Check(f"files have at most {LONGEST_FILE} lines", long_files,
          [{"src/a.cpp": "int a;\n" * 451}], [{"src/a.cpp": GOOD}]),
    Check("no tabs, no blanks at the end, one newline last", untidy_whitespace,
          [{"a.cpp": "int a;"}, {"a.cpp": "int a; \n"}, {"a.cpp": "\tint a;\n"},
           {"a.cpp": "int a;\r\n"}, {"a.cpp": "int a;\n\n"}],
          [{"a.cpp": GOOD}, {"a.md": "a  \nb\n"}]),
    Check("no marks of unfinished work, no test switched off", marks_left,
          [{"src/a.cpp": "// TO" + "DO: later\n"}, {"a_test.cpp": "TEST(A, DISA" + "BLED_b)"},
           {"a.test.mjs": "test.skip('a')"}],
          [{"src/a.cpp": GOOD}]),
    Check("no path of one machine", machine_paths,
          [{"run": "cd /home/me/wildnout\n"}, {"a.md": "see /work/main\n"}],
          [{"run": "cd ~/wildnout\nls /var/lib\n"}, {"a.md": "src/work/main.cpp\n"}]),
    Check("lock files name no registry", registry_hosts,
          [{"web/package-lock.json": '"resolved": "https://registry.npmjs.org/a"\n'}],
          [{"web/package-lock.json": '"integrity": "sha512-a"\n'}]),
    Check("no secret outside the tests", secrets,
          [{"src/a.cpp": "-----BEGIN PRIV" + "ATE KEY-----\n"}, {"deploy/a": "AKIA" + "A" * 16}],
          [{"tests/a.pem": "-----BEGIN PRIV" + "ATE KEY-----\n"}, {"src/a.cpp": GOOD}]),
    Check("every module has its page", lonely_modules,
          [{"src/battles/rules.cpp": GOOD}, {"src/a/b.cpp": GOOD, "src/a/README.md": "short"}],
          [{"src/a/b.cpp": GOOD, "src/a/README.md": "a" * 400}, {"src/platform/db/a.cpp": GOOD}]),
])
