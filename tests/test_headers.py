#!/usr/bin/env python3
"""Compiles each public header alone, as C11, C17 and C++11, with warnings as errors.

    test_headers.py INCLUDE_FOLDER C_COMPILER...

The C++ compiler is $CXX or the first of c++, g++ and clang++ that there is; without one,
C++ is left out with a message.
"""

import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

FLAGS = ['-Wall', '-Wextra', '-Wpedantic', '-Wshadow', '-Werror', '-fsyntax-only']


def cpp_compiler():
    if os.environ.get('CXX'):
        return shlex.split(os.environ['CXX'])
    for name in ('c++', 'g++', 'clang++'):
        if shutil.which(name):
            return [name]
    return None


def program(header, text):
    """Includes a header first and twice, and uses its initialisers."""
    lines = ['#include <hrl/%s>' % header] * 2 + ['int use_header(void);', 'int use_header(void) {']
    for name in re.findall(r'#define (HRL_\w+)_INIT\b', text):
        lines += ['  %s %s_value = %s_INIT;' % (name.lower(), name.lower(), name),
                  '  (void)%s_value;' % name.lower()]
    return '\n'.join(lines + ['  return 0;', '}']) + '\n'


def compiles(command, standard, folder, source):
    result = subprocess.run([*command, '-std=' + standard, *FLAGS, '-I', str(folder), str(source)],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if result.returncode != 0:
        print('%s as %s does not compile:\n%s' % (source.stem, standard, result.stdout))
    return result.returncode == 0


def self_test(command, standard, ending, scratch):
    """What must not compile does not: otherwise the flags do nothing."""
    folder = scratch / 'bad'
    (folder / 'hrl').mkdir(parents=True, exist_ok=True)
    (folder / 'hrl' / 'bad.h').write_text('static inline int bad(size_t x) { return 0; }\n')
    source = scratch / ('bad' + ending)
    source.write_text(program('bad.h', ''))
    result = subprocess.run([*command, '-std=' + standard, *FLAGS, '-I', str(folder), str(source)],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return result.returncode != 0


def main():
    folder = pathlib.Path(sys.argv[1])
    runs = [(sys.argv[2:], 'c11', '.c'), (sys.argv[2:], 'c17', '.c')]
    if cpp_compiler():
        runs.append((cpp_compiler(), 'c++11', '.cpp'))
    else:
        print('no C++ compiler here: the headers are not tried as C++')
    headers = sorted((folder / 'hrl').glob('*.h'))
    failed = 0 if headers else 1
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        for command, standard, ending in runs:
            if not self_test(command, standard, ending, scratch):
                print('%s accepts anything as %s' % (' '.join(command), standard))
                failed += 1
            for header in headers:
                source = scratch / (header.stem + ending)
                source.write_text(program(header.name, header.read_text(encoding='utf-8')))
                failed += not compiles(command, standard, folder, source)
    print('%d headers, %d standards, %d failures' % (len(headers), len(runs), failed))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
