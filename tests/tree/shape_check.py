"""Reads the C++: length of functions, names of types and members, what a header may hold."""

import re

from sources import CPP, Check, lines_matching, named, run, without

LONGEST_FUNCTION = 70  # lines, from the brace that opens it to the brace that closes it
# Functions that may be longer, as "path:line text of the head", each with its reason. Empty so far.
LONGER_BY_LEAVE = ()


def code(files):
    return {p: without(t) for p, t in named(files, *CPP).items()}


def blank_preprocessor(text):
    """Without directives, and without the macros that stand as statements with no semicolon."""
    pattern = r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*|^BOOST_\w+\((?:[^()]|\([^()]*\))*\)"
    return re.sub(pattern, lambda m: re.sub(r"[^\n]", " ", m.group(0)), text, flags=re.M)


CONTAINER = re.compile(r"^(template\s*<.*>\s*)?(inline\s+)?"
                       r"(namespace|class|struct|union|enum|extern|export)\b", re.S)
CONSTRUCTOR_INITIALIZER = re.compile(r"\)\s*(noexcept\s*)?:\s*[\w:<>,\s]+[({]?.*", re.S)


def kind_of_brace(head, last):
    """What an opening brace outside every function opens: container, function or value."""
    stripped = head.strip()
    if CONTAINER.match(stripped) and "(" not in re.sub(r"alignas\([^)]*\)", "", stripped):
        return "container"
    if "(" not in stripped or stripped.endswith("="):
        return "value"
    if CONSTRUCTOR_INITIALIZER.search(stripped) and last not in ")}":
        return "value"
    return "function"


def functions(text):
    """Yields (first line, lines, head) of every function defined in blanked C++."""
    open_braces, head, last, line, head_line = [], "", "", 1, 1
    for letter in blank_preprocessor(text):
        is_inside = any(kind == "function" for kind, _, _ in open_braces)
        if letter == "\n":
            line += 1
        if letter == "{":
            kind = "inner" if is_inside else kind_of_brace(head, last)
            open_braces.append((kind, line, head))
            if kind == "container":
                head = ""
        elif letter == "}":
            if open_braces:
                kind, began, its_head = open_braces.pop()
                if kind == "function":
                    yield began, line - began + 1, " ".join(its_head.split())[-60:]
                if kind in ("function", "container"):
                    head = ""
        elif letter == ";" and not is_inside:
            head = ""
        elif not is_inside and not (open_braces and open_braces[-1][0] == "value"):
            head += letter
        if not letter.isspace():
            last = letter


def long_functions(files):
    return [f"{path}:{line}: {lines} lines, over {LONGEST_FUNCTION}: {head}"
            for path, text in code(files).items() for line, lines, head in functions(text)
            if lines > LONGEST_FUNCTION and f"{path}: {head}" not in LONGER_BY_LEAVE]


TYPE = (r"\b(?:class|struct|union|enum class|enum|concept|using)\s+(\w+)"
        r"(?=\s*(?:final\b|:(?!:)|[={]))")
EMPTY_WORDS = ("Manager", "Helper", "Helpers", "Util", "Utils", "Impl", "Data", "Info")
OTHERS_NAMES = r"(iterator|value_type|difference_type|reference|pointer|iterator_category|" \
    r"is_transparent|executor_type|rep|period|duration|time_point|promise_type|allocator_type|" \
    r"size_type|const_iterator|is_always_equal|propagate_on_\w+|rebind|other)"


def empty_names(files):
    found = []
    for path, text in code(files).items():
        stem = path.rsplit("/", 1)[-1].split(".")[0]
        if re.search(r"(^|_)(manager|helpers?|utils?|impl|data|info)$", stem):
            found.append(f"{path}: a file name that says nothing")
        for match in re.finditer(TYPE, text):
            if match.group(1).endswith(EMPTY_WORDS):
                line = text.count("\n", 0, match.start()) + 1
                found.append(f"{path}:{line}: {match.group(1)} ends in a word that says nothing")
    return found


def type_names(files):
    found = []
    for path, text in code(files).items():
        for match in re.finditer(TYPE.replace("|concept|using", "|concept"), text):
            name = match.group(1)
            # A fixture's name opens the sentence that the test's name is: TEST_F(channels, close).
            if re.match(r"\s*:\s*public testing::Test", text[match.end():]):
                continue
            if not re.fullmatch(rf"[A-Z][A-Za-z0-9]*|{OTHERS_NAMES}", name):
                line = text.count("\n", 0, match.start()) + 1
                found.append(f"{path}:{line}: type {name} is not PascalCase")
    return found


FUNCTION_NAME = re.compile(r"^[ \t]*(?:\[\[nodiscard\]\]\s*)?(?:[\w:<>,&*]+[ \t]+)+[&*]*"
                           r"(?:\w+::)*([a-z]+[A-Z]\w*)\s*\(", re.M)


def camel_case_functions(files):
    found = []
    for path, text in code(files).items():
        for match in FUNCTION_NAME.finditer(text):
            if not re.match(r"\s*(return|co_return|co_await|else|new|throw)\b", match.group(0)):
                line = text.count("\n", 0, match.start(1)) + 1
                found.append(f"{path}:{line}: function {match.group(1)} is not snake_case")
    return found


MEMBER = re.compile(r"^\s+(?=\S)(?!(?:inline\s+)?static\s+(?:inline\s+)?constexpr|constexpr|"
                    r"return|using|friend|typedef|static_assert|struct|class|enum|template)"
                    r"[\w:<>,&*\s\[\]]*[\w>&*\]]\s+[&*]*"
                    r"(\w+)(\s*=[^=].*|\{.*\})?;\s*$")


def private_members(files):
    """Members under `private:` end in an underscore; nested structs are their own affair."""
    found = []
    for path, text in code(files).items():
        depth, private_at = 0, None
        for number, line in enumerate(text.split("\n"), 1):
            if re.match(r"\s*private:", line):
                private_at = depth
            elif re.match(r"\s*(public|protected):", line) and private_at == depth:
                private_at = None
            member = MEMBER.match(line)
            if private_at == depth and member and "(" not in line.split("=")[0].split("{")[0]:
                if not member.group(1).endswith("_"):
                    found.append(f"{path}:{number}: private member {member.group(1)} lacks its _")
            depth += line.count("{") - line.count("}")
            if private_at is not None and depth < private_at:
                private_at = None
    return found


ENUM_CASE = re.compile(r"\bcase\s+[\w:]*[A-Z]\w*::\w+\s*:")


def enum_defaults(files):
    """A switch over an enum names each value, so that a new one does not compile unnoticed."""
    found = []
    for path, text in code(files).items():
        for match in re.finditer(r"\bswitch\s*\(", text):
            depth, body = 0, ""
            for letter in text[text.find("{", match.start()):]:
                depth += (letter == "{") - (letter == "}")
                body += letter if depth == 1 else ""
                if depth == 0:
                    break
            if ENUM_CASE.search(body) and re.search(r"\bdefault\s*:", body):
                line = text.count("\n", 0, match.start()) + 1
                found.append(f"{path}:{line}: a default in a switch over an enum")
    return found


def headers(files):
    return {p: t for p, t in code(files).items() if p.endswith(".hpp")}


def headers_without_pragma(files):
    return [f"{p}: has no #pragma once" for p, t in headers(files).items()
            if not re.search(r"^#pragma once$", t, re.M)]


def using_in_headers(files):
    return lines_matching(headers(files), r"^using namespace\b(?!.*_literals)",
                          "using namespace in a header")


def unexplained_sharing(files):
    """A shared_ptr member or parameter has a sentence near it on who shares."""
    found = []
    for path, text in named(files, *CPP).items():
        if path.endswith("_test.cpp") or path.startswith(("tests/", "bench/")):
            continue
        lines, plain = text.split("\n"), without(text).split("\n")
        for number, line in enumerate(plain):
            if not re.search(r"\bshared_ptr<[^;]*>\s+\w+_?(\{\})?;", line):
                continue
            if not re.search(r"(?i)\bshare[ds]?\b|\bsharing\b|\bhold", " ".join(
                    re.findall(r"//.*", "\n".join(lines[max(0, number - 6):number + 1])))):
                found.append(f"{path}:{number + 1}: a shared_ptr without a word on who shares it")
    return found


def cpp(text):
    return {"src/a/a.cpp": text}


def hpp(text):
    return {"src/a/a.hpp": text}


BODY = "  int a = 0;\n" * 70
run([
    Check(f"functions have at most {LONGEST_FUNCTION} lines", long_functions,
          [cpp("namespace a {\nint f(int x) {\n" + BODY + "}\n}\n"),
           cpp("A::A(int x)\n    : a_{x}, b_(x) {\n" + BODY + "}\n"),
           cpp("struct A {\n  int f() const {\n    if (x) {\n" + BODY + "}\n}\n};\n"),
           cpp("TEST(A, does_it) {\n" + BODY + "}\n"),
           cpp("A f() {\n  return A{1};\n}\nauto g() -> int {\n" + BODY + "}\n")],
          [cpp("namespace a {\n" + BODY + "}\n"),
           cpp("BOOST_DESCRIBE_STRUCT(A, (), (a))\nnamespace a {\n" + BODY + "}\n"),
           cpp("struct A {\n" + BODY + "};\n"),
           cpp("int f() {\n}\n" + BODY), cpp("const int a[] = {\n" + BODY + "};\n"),
           cpp("A::A() : a_{1}, b_{2} {}\n" + BODY + "int f() { return 1; }\n")]),
    Check("no type or file is a Manager, Helper, Util, Impl, Data or Info", empty_names,
          [cpp("class VoteManager {};"), cpp("struct UserData {\n};"), cpp("using A = 1;\nstruct "
           "RequestInfo : B {};"), {"src/a/string_utils.cpp": ""}],
          [cpp("struct Vote {}; // a Manager"), cpp("class Metadata;\nstruct Dated {};")]),
    Check("types are PascalCase", type_names,
          [cpp("struct vote_row {};"), cpp("enum class state { a };"), cpp("class VOTE_Row {};")],
          [cpp("struct Vote {};"), cpp("template <> struct hash<Vote> {};"),
           cpp("class channels : public testing::Test {")]),
    Check("functions are snake_case", camel_case_functions,
          [cpp("int countVotes(int a) {}"), hpp("  void startUp();")],
          [cpp("int count_votes(int a) {}"), cpp("  return PQexec(a);"), cpp("  PQclear(a);")]),
    Check("private members end in an underscore", private_members,
          [hpp("class A {\n private:\n  int count;\n};"),
           hpp("class A {\n public:\n  int a();\n\n private:\n  std::string name{};\n};")],
          [hpp("class A {\n private:\n  int count_ = 0;\n  struct Row {\n    int id;\n  };\n};"),
           hpp("struct A {\n  int count;\n};"),
           hpp("class A {\n private:\n  int f(int a) const;\n\n public:\n  int b;\n};")]),
    Check("no default in a switch over an enum", enum_defaults,
          [cpp("switch (a) {\n case Kind::open: return 1;\n default: return 2;\n}")],
          [cpp("switch (a) {\n case 'a': return 1;\n default: return 2;\n}"),
           cpp("switch (a) {\n case Kind::open: return 1;\n}")]),
    Check("headers are included once", headers_without_pragma,
          [hpp("// A.\nint a;\n")], [hpp("// A.\n#pragma once\n")]),
    Check("no using namespace in a header", using_in_headers,
          [hpp("using namespace std;\n")], [cpp("using namespace std;\n"), hpp("using std::a;\n")]),
    Check("a shared_ptr says who shares", unexplained_sharing,
          [hpp("class A {\n  std::shared_ptr<B> b_;\n};")],
          [hpp("class A {\n  // Shared with the sweep, which may outlive the socket.\n"
               "  std::shared_ptr<B> b_;\n};"), hpp("class A {\n  std::unique_ptr<B> b_;\n};")]),
])
