#!/usr/bin/env python3
"""Writes the files of the page as a C file: embed.py OUTPUT FILE...

Each is compressed, so that the program sends it as it is. Files of the same text give the same
C file, whenever and wherever it is made.
"""
import hashlib
import os
import sys
import zlib

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/manifest+json",
}
# All of them before they are compressed, in bytes: the page stays small.
LIMIT = 300 * 1024


def gzipped(data):
    # without the time and the name that gzip's own files carry
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def array(data):
    lines = []
    for start in range(0, len(data), 20):
        lines.append(",".join(str(byte) for byte in data[start:start + 20]) + ",")
    return "\n".join(lines)


def main():
    output, names = sys.argv[1], sys.argv[2:]
    parts = ['/* Made by serve/web/embed.py. */\n#include "serve/http/assets.h"\n']
    rows = []
    total = 0
    for i, name in enumerate(sorted(names, key=os.path.basename)):
        with open(name, "rb") as file:
            data = file.read()
        total += len(data)
        packed = gzipped(data)
        tag = hashlib.sha256(data).hexdigest()[:32]
        base = os.path.basename(name)
        parts.append(f"static const unsigned char data_{i}[] = {{\n{array(packed)}\n}};\n")
        rows.append(f'  {{"{base}", "{TYPES[os.path.splitext(base)[1]]}", "\\"{tag}\\"", '
                    f"data_{i}, sizeof data_{i}, {len(data)}}},\n")
    if total > LIMIT:
        sys.exit(f"embed.py: the page has {total} bytes; at most {LIMIT} are agreed upon")
    parts.append(f"const struct asset assets[] = {{\n{''.join(rows)}}};\n")
    parts.append("const size_t asset_count = sizeof assets / sizeof assets[0];\n")
    with open(output, "w", encoding="ascii") as file:
        file.write("\n".join(parts))


main()
