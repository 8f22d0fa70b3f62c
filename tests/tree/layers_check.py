"""Reads every #include of src/ and holds the layers: main, app, modules, contracts, platform."""

import re

from sources import CPP, Check, named, run, without

LAYERS = {"platform": 0, "contracts": 1, "app": 3, "main.cpp": 4}
MODULE = 2

# Which libraries may be seen where. A folder ends in a slash; whatever is not named here is free.
SEEN_ONLY_IN = {
    r"boost/beast": ["src/platform/http/parser.cpp", "src/platform/boost_source.cpp"],
    r"boost/asio/ssl/": ["src/platform/redis/"],
    r"boost/asio/ip/": ["src/platform/", "src/app/"],
    r"boost/asio": ["src/platform/", "src/app/"],
    r"boost/url": ["src/platform/", "src/app/"],
    r"libpq": ["src/platform/db/"],
    r"hiredis/": ["src/platform/redis/"],
    r"curl/": ["src/platform/http/"],
    r"openssl/": ["src/platform/crypto/", "src/platform/http/", "src/platform/ws/"],
    r"wslay/": ["src/platform/ws/"],
    r"zlib|brotli/": ["src/platform/http/", "src/platform/ws/"],
    r"prometheus/": ["src/platform/metrics/"],
    r"unicode/": ["src/platform/text/", "src/platform/values/"],
    r"spdlog/|fmt/": ["src/platform/log/"],
    r"toml\+\+": ["src/app/"],
    r"CLI/": ["src/app/"],
}
# Of these a header shows nothing, so that no other file compiles them; but for the owners of the
# library's handles, which the .cpp files beside them share.
HANDLE_OWNERS = ("src/platform/crypto/openssl.hpp",)
NEVER_IN_HEADERS = (r"boost/beast|boost/asio/ssl/|hiredis/|curl/|openssl/|prometheus/|brotli/|"
                    r"zlib|unicode/|spdlog/|toml\+\+|CLI/")

QUOTED = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.M)
ANGLED = re.compile(r"^\s*#\s*include\s*<([^>]+)>", re.M)


def sources(files):
    return {p: without(t, strings=False) for p, t in named(files, *CPP, under="src/").items()}


def is_test(path):
    name = path.rsplit("/", 1)[-1]
    return (path.endswith(("_test.cpp", "_fixture.hpp", "_fixture.cpp"))
            or name.startswith(("test_", "fixture")))


def place(path):
    """('modules', 'battles') of src/battles/rules.cpp."""
    parts = path.removeprefix("src/").split("/")
    return (LAYERS.get(parts[0], MODULE), parts[0])


def upward_includes(files):
    found = []
    for path, code in sources(files).items():
        layer, folder = place(path)
        for target in QUOTED.findall(code):
            if "/" not in target:
                found.append(f'{path}: "{target}" is not a path from src/')
                continue
            if is_test(path) and target.startswith("support/"):
                continue
            if target.startswith("embedded/"):  # made by the build from files of web/
                continue
            other_layer, other = place(target)
            if other_layer > layer:
                found.append(f'{path}: "{target}" lies above it')
            if layer == other_layer == MODULE and other != folder:
                found.append(f'{path}: "{target}" belongs to a sibling module')
    return found


def misplaced_libraries(files):
    found = []
    for path, code in sources(files).items():
        for target in ANGLED.findall(code):
            homes = next((h for p, h in SEEN_ONLY_IN.items() if re.match(p, target)), None)
            if homes and not is_test(path) and not path.startswith(tuple(homes)):
                found.append(f"{path}: <{target}> is seen only in {', '.join(homes)}")
            is_open_header = path.endswith(".hpp") and not is_test(path)
            if is_open_header and path not in HANDLE_OWNERS and re.match(NEVER_IN_HEADERS, target):
                found.append(f"{path}: <{target}> in a header, where every includer pays for it")
    return found


COMPONENT = re.compile(r"component\(\s*(\S+)\s+DIR\s+(\S+?)[\s)]")


def out_of_order(files):
    """src/CMakeLists.txt lists the components from the bottom up; an include goes up there."""
    order = [m.group(2) for m in COMPONENT.finditer(files.get("src/CMakeLists.txt", ""))]
    rank = {f"src/{folder}/": number for number, folder in enumerate(order)}
    found = []
    for path, code in sources(files).items():
        mine = next((r for f, r in rank.items() if path.startswith(f)), None)
        for target in QUOTED.findall(code):
            other = next((r for f, r in rank.items() if f"src/{target}".startswith(f)), None)
            if mine is not None and other is not None and other > mine and not is_test(path):
                found.append(f'{path}: "{target}" stands below it in src/CMakeLists.txt')
    return found


DOMAIN = r"(?i)(?<![a-z])(battles?|votes?|voters?|ballots?|tally|tallies|rappers?)(?![a-z])"


def domain_words(files):
    """Comments may take an example from the product; code may not."""
    found = []
    for path, code in sources(files).items():
        if is_test(path) or place(path)[1] != "platform":
            continue
        for number, line in enumerate(code.split("\n"), 1):
            if word := re.search(DOMAIN, line.replace("_", " ")):
                found.append(f'{path}:{number}: "{word.group(0)}" is a word of the domain')
    return found


SQL = r"\b(SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM)\b"
HOUSE_OF_SQL = r"/(\w*_)?(repository|queries)(_\w+)?\.(cpp|hpp)$"


def sql_outside_repositories(files):
    found = []
    for path, code in sources(files).items():
        if is_test(path) or place(path)[0] not in (MODULE, LAYERS["contracts"]):
            continue
        if not re.search(HOUSE_OF_SQL, path) and re.search(SQL, code, re.S):
            found.append(f"{path}: SQL belongs in a repository*.cpp")
    return found


def impure_files(files):
    """rules* see neither database nor HTTP; service* see no HTTP."""
    found = []
    for path, code in sources(files).items():
        name = path.rsplit("/", 1)[-1]
        if place(path)[0] != MODULE or is_test(path):
            continue
        barred = {"rules": r"platform/(http|ws|db|bus|jobs)/", "service": r"platform/(http|ws)/"}
        pattern = barred.get(re.split(r"[._]", name)[0])
        for target in QUOTED.findall(code):
            if pattern and re.match(pattern, target):
                found.append(f'{path}: "{target}" has no place in {name}')
    return found


def one(path, text):
    return {path: text}


LINE = '#include "battles/model.hpp"\n'
run([
    Check("includes point downwards, and never at a sibling", upward_includes,
          [one("src/platform/db/pool.cpp", LINE), one("src/contracts/ids.hpp", LINE),
           one("src/identity/service.cpp", LINE),
           one("src/battles/a.cpp", '#include "app/app.hpp"'),
           one("src/battles/a.cpp", '#include "model.hpp"')],
          [one("src/app/app.cpp", LINE), one("src/battles/rules.cpp", LINE),
           one("src/identity/a.cpp", "// " + LINE)]),
    Check("libraries are seen only where they belong", misplaced_libraries,
          [one("src/battles/a.cpp", "#include <boost/asio/awaitable.hpp>\n"),
           one("src/platform/ws/a.cpp", "#include <boost/beast/core.hpp>\n"),
           one("src/identity/a.cpp", "#include <openssl/evp.h>\n"),
           one("src/platform/crypto/a.hpp", "#include <openssl/evp.h>\n"),
           one("src/platform/http/a.cpp", "#include <libpq-fe.h>\n")],
          [one("src/platform/db/a.cpp", "#include <libpq-fe.h>\n"),
           one("src/battles/a.cpp", "#include <boost/describe.hpp>\n#include <vector>\n")]),
    Check("components include only what src/CMakeLists.txt lists above them", out_of_order,
          [{"src/CMakeLists.txt": "component(log DIR platform/log)\ncomponent(db DIR platform/db)",
            "src/platform/log/a.cpp": '#include "platform/db/pool.hpp"\n'}],
          [{"src/CMakeLists.txt": "component(log DIR platform/log)\ncomponent(db DIR platform/db)",
            "src/platform/db/a.cpp": '#include "platform/log/log.hpp"\n'}]),
    Check("platform knows no word of the domain", domain_words,
          [one("src/platform/db/a.cpp", 'auto pool = "votes";\n'),
           one("src/platform/ws/a.hpp", "int vote_count;\n")],
          [one("src/platform/ws/a.hpp", "int pivotes;  // a battle, say\n"),
           one("src/platform/ws/a_test.cpp", "// a battle\n")]),
    Check("SQL stands in repositories", sql_outside_repositories,
          [one("src/battles/service.cpp", 'auto q = "SELECT id FROM battles";\n')],
          [one("src/battles/repository.cpp", 'auto q = "SELECT id FROM battles";\n'),
           one("src/battles/vote_repository.cpp", 'auto q = "DELETE FROM votes";\n'),
           one("src/battles/service.cpp", "// SELECT id FROM battles\n")]),
    Check("rules are pure, services know no HTTP", impure_files,
          [one("src/battles/rules.cpp", '#include "platform/db/pool.hpp"\n'),
           one("src/battles/service.hpp", '#include "platform/http/request.hpp"\n')],
          [one("src/battles/service.cpp", '#include "platform/db/transaction.hpp"\n')]),
])
