#!/usr/bin/env python3
"""The shared library exports what the public headers declare: no more, no less.

    test_exports.py NM LIBRARY INCLUDE_FOLDER
"""

import pathlib
import re
import subprocess
import sys


def declared(text):
    """Functions marked HRL_API, and those that are not but look public."""
    code = re.sub(r'/\*.*?\*/|//[^\n]*', ' ', text, flags=re.DOTALL)
    code = re.sub(r'^[ \t]*#(?:[^\n\\]|\\.|\\\n)*', ' ', code, flags=re.MULTILINE)
    marked = set(re.findall(r'\bHRL_API\b[^;{}()]*?\b(\w+)\s*\(', code))
    # a function that a typedef names is a type
    functions = set(re.findall(r'\b(hrl_\w+)\s*\([^;{}]*\)\s*(?:HRL_PRINTF\([^)]*\)\s*)?;', code))
    return marked, functions - marked


def exported(nm_output):
    """Defined dynamic symbols without their version; the version's own name is no symbol."""
    names = set()
    for line in nm_output.splitlines():
        fields = line.split()
        if len(fields) >= 2 and fields[-2] != 'A':
            names.add(fields[-1].split('@')[0])
    return names


def self_test():
    text = '''/* HRL_API int hrl_in_comment(void); */
#define HRL_API __attribute__((visibility("default")))
HRL_API hrl_status hrl_one(const hrl_scenario *scenario,
                           char **text);
HRL_API const char *hrl_two(void);
typedef void (*hrl_three_fn)(const hrl_event *event, void *data);
hrl_status hrl_unmarked(int x);
struct s { int (*call)(int); };
'''
    assert declared(text) == ({'hrl_one', 'hrl_two'}, {'hrl_unmarked'}), declared(text)
    listing = '0000000000000000 A HRL_0\n0000000000001000 T hrl_one@@HRL_0\n0000 i hrl_two\n'
    assert exported(listing) == {'hrl_one', 'hrl_two'}, exported(listing)


def main():
    self_test()
    nm, library, folder = sys.argv[1:]
    marked, unmarked = set(), set()
    for header in sorted(pathlib.Path(folder, 'hrl').glob('*.h')):
        found = declared(header.read_text(encoding='utf-8'))
        marked |= found[0]
        unmarked |= found[1]
    listing = subprocess.run([nm, '-D', '--defined-only', library], stdout=subprocess.PIPE,
                             text=True, check=True).stdout
    symbols = exported(listing)
    complaints = ['declared without HRL_API: ' + name for name in sorted(unmarked)]
    complaints += ['declared but not exported: ' + name for name in sorted(marked - symbols)]
    complaints += ['exported but not declared: ' + name for name in sorted(symbols - marked)]
    complaints += ['not named hrl_...: ' + name
                   for name in sorted(marked) if not name.startswith('hrl_')]
    if not marked:
        complaints.append('no functions found in ' + folder)
    for complaint in complaints:
        print(complaint)
    print('%d declared, %d exported, %d complaints' % (len(marked), len(symbols), len(complaints)))
    return 1 if complaints else 0


if __name__ == '__main__':
    sys.exit(main())
