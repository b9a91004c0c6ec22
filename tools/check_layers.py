"""Who may include whom: the table of docs/architecture.md, checked against every #include of gen/ and sim/.

    python3 tools/check_layers.py [ROOT]

Prints one line per violation and exits with 1 if there is any.
"""
import os
import re
import sys

ALLOWED = {
    "base": set(),
    "hdl": {"base"},
    "nn": {"base"},
    "spec": {"base"},
    "arch": {"nn", "spec", "base"},
    "hw": {"hdl", "spec", "base"},
    "top": {"arch", "hw", "hdl", "nn", "spec", "base"},
    "sweep": {"arch", "nn", "spec", "base"},
    "report": {"sweep", "arch", "spec", "nn", "base"},
    "sim": {"nn", "spec", "base"},
    "cli": {"base", "hdl", "nn", "spec", "arch", "hw", "top", "sweep", "report", "sim"},
}
# Heavy headers stay in one room or one file.
ONLY_IN = {
    "nlohmann/json.hpp": ("gen/base/json.cpp",),
    "CLI/": ("gen/cli/",),
}
INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]')


def room_of(path):
    """The room of a path relative to the root or to gen/: 'hw', 'sim', or None for the outside world."""
    parts = path.split("/")
    if parts[0] == "sim":
        return "sim"
    if parts[0] == "gen" and len(parts) > 2:
        return parts[1]
    return parts[0] if parts[0] in ALLOWED and len(parts) > 1 else None


def violations(root):
    for top in ("gen", "sim"):
        for folder, _, files in sorted(os.walk(os.path.join(root, top))):
            for name in sorted(files):
                if not name.endswith((".cpp", ".hpp", ".h", ".def")):
                    continue
                path = os.path.relpath(os.path.join(folder, name), root)
                room = room_of(path)
                with open(os.path.join(root, path), encoding="utf-8") as source:
                    for number, line in enumerate(source, 1):
                        found = INCLUDE.match(line)
                        if not found:
                            continue
                        target = room_of(found.group(1))
                        if target and target != room and target not in ALLOWED[room]:
                            yield f"{path}:{number}: room '{room}' may not include '{found.group(1)}'"
                        for header, places in ONLY_IN.items():
                            if found.group(1).startswith(header) and not path.startswith(places):
                                yield f"{path}:{number}: '{found.group(1)}' belongs in {' or '.join(places)} only"


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    found = list(violations(root))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
