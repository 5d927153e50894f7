#!/usr/bin/env python3
"""Holds the sources to the levels of the library and to what a library must not do.

    test_levels.py ROOT

A file of libhrl/ includes its own folder's headers and those of lower levels; each foreign
library is known to the files listed here and to no other; nothing in the library ends the
process, prints, asserts or draws from a hidden generator. Programs see public headers only, and
cli/ has levels of its own. Nowhere do files include each other in a circle, a .c and its .h
taken as one: types that two parts share have a header of their own.
"""

import pathlib
import re
import sys

# Folder -> level. Folders of one level do not see each other.
LEVELS = {
    'base': 1,
    'math': 2,
    'nn': 3, 'scenario': 3,
    'rl': 4, 'environments': 4,
    'agents': 5,
    'storage': 6, 'evaluate': 6,
    'policy': 7,
    'runs': 8, 'tensorboard': 8,
    'trainer': 9,
    'queue': 10,
}

# The same for the folders of cli/; a file belongs to the longest that its path begins with.
CLI_LEVELS = {
    'common': 0,
    'report': 1, 'advise': 1,
    'train': 2, 'eval': 2, 'runs': 2, 'sweep': 2,
    'mpi': 3,
    'serve/files': 2, 'serve/http': 2,
    'serve/net': 3,
    'serve/socketio': 4,
    'serve/api': 5,
    'serve': 6,
}

# Foreign header (or the folder that it lies in) -> where in cli/ it may be included.
CLI_FOREIGN = {
    'mpi.h': 'mpi/',
    'yaml.h': ('sweep/tree.c', 'serve/scenarios/tree.c'),
    'cairo.h': 'report/',
    'cairo-pdf.h': 'report/',
    'pango/': 'report/',
    'microhttpd.h': 'serve/net/',
    'wslay/': 'serve/net/',
    'gnutls/': 'serve/net/',
    'zlib.h': 'serve/http/assets.c',
}

# Foreign header (or the folder that it lies in) -> where it may be included.
FOREIGN = {
    'blis.h': ('math/gemm_blis.c',),
    'immintrin.h': ('math/gemm_avx2.c', 'math/gemm_avx512.c'),
    'yaml.h': ('scenario/',),
    'zip.h': ('storage/',),
    'zlib.h': ('storage/',),
    'jansson.h': ('storage/',),
    'Random123/': ('base/',),
    'sqlite3.h': ('runs/',),
    'event.pb-c.h': ('tensorboard/tensorboard.c',),  # made by protobuf-c
    'pthread.h': ('base/', 'queue/', 'runs/', 'storage/archive_open.c', 'trainer/'),
    'semaphore.h': ('trainer/',),
}

# Headers of C and POSIX that anyone may include.
COMMON = set('''ctype.h dirent.h errno.h fcntl.h float.h inttypes.h langinfo.h limits.h locale.h math.h
    sched.h signal.h stdarg.h stdatomic.h stdbool.h stddef.h stdint.h stdio.h stdlib.h string.h
    sys/file.h sys/resource.h sys/stat.h sys/statfs.h sys/time.h sys/types.h time.h unistd.h'''.split())

# What public headers need besides each other.
PUBLIC_COMMON = {'stddef.h', 'stdint.h'}

FORBIDDEN = re.compile(
    r'\b(_?exit|_Exit|quick_exit|abort|assert|v?printf|v?fprintf|puts|putchar|fputs|perror|'
    r'rand|srand|random|srandom|drand48|strtok|strerror|setlocale|localtime|gmtime|system|'
    r'fork|signal)\s*\(|\b(stdout|stderr)\b')

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
SKIPPED = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def blanked(match):
    """Comments and literals as blanks, so that line numbers stay."""
    return re.sub(r'[^\n]', ' ', match.group())


def includes(text):
    """(line, is_quoted, name) of each include that is not in a comment."""
    code = re.sub(r'/\*.*?\*/|//[^\n]*', blanked, text, flags=re.DOTALL)
    for match in INCLUDE.finditer(code):
        yield code.count('\n', 0, match.start()) + 1, match.group(1) == '"', match.group(2)


def foreign_places(name):
    for header, places in FOREIGN.items():
        if name == header or header.endswith('/') and name.startswith(header):
            return places
    return None


def check_inner_include(path, name, quoted, known):
    folder = path.split('/')[0]
    other = name.split('/')[0]
    if quoted or other in LEVELS:
        if name not in known:
            return 'there is no libhrl/%s' % name
        if other != folder and LEVELS[other] >= LEVELS[folder]:
            return '%s/ (level %d) must not see %s/ (level %d)' % (
                folder, LEVELS[folder], other, LEVELS[other])
        return None
    if name.startswith('hrl/'):
        return None
    places = foreign_places(name)
    if places is None:
        return None if name in COMMON else '<%s> is not on the list of headers' % name
    if any(path == place or place.endswith('/') and path.startswith(place) for place in places):
        return None
    return '<%s> belongs to %s' % (name, ', '.join(places))


def check_inner(path, text, known):
    """Complaints about libhrl/`path`; `known` holds the names of its headers."""
    if path.split('/')[0] not in LEVELS or '/' not in path:
        return ['%s: lies in no folder that has a level' % path]
    found = []
    for line, quoted, name in includes(text):
        complaint = check_inner_include(path, name, quoted, known)
        if complaint:
            found.append('%s:%d: %s' % (path, line, complaint))
    code = SKIPPED.sub(blanked, text)
    for match in FORBIDDEN.finditer(code):
        line = code.count('\n', 0, match.start()) + 1
        found.append('%s:%d: a library must not use %s' % (path, line,
                                                           match.group(1) or match.group(2)))
    return found


def check_public(path, text):
    return ['%s:%d: a public header must not include %s' % (path, line, name)
            for line, quoted, name in includes(text)
            if quoted or not (name.startswith('hrl/') or name in PUBLIC_COMMON)]


def includes_of(folder):
    """File without its ending -> those of the same tree that it includes, as (line, name)."""
    files = {path.relative_to(folder).as_posix(): path for path in sources(folder, '.c', '.h')}
    found = {}
    for name, path in files.items():
        for _, quoted, other in includes(path.read_text(encoding='utf-8')):
            beside = (pathlib.PurePosixPath(name).parent / other).as_posix()
            for candidate in (other, beside):
                if quoted and candidate in files:
                    found.setdefault(name[:-2], set()).add(candidate[:-2])
                    break
    return found


def find_circles(graph):
    """Sets of files that include each other (Tarjan's strongly connected components)."""
    index, low, stack, circles = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in graph.get(node, ()):
            if other == node:
                continue
            if other not in index:
                visit(other)
            if other in stack:
                low[node] = min(low[node], low[other])
        if low[node] == index[node]:
            members = stack[stack.index(node):]
            del stack[stack.index(node):]
            if len(members) > 1:
                circles.append(sorted(members))

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return circles


def cli_folder(path):
    """The folder of CLI_LEVELS that a path lies in, or None."""
    parts = path.split('/')[:-1]
    while parts and '/'.join(parts) not in CLI_LEVELS:
        parts.pop()
    return '/'.join(parts) or None


def check_cli_levels(path, text):
    """Complaints about cli/`path`: it sees its own folder and lower ones."""
    folder = cli_folder(path)
    if folder is None:
        return ['cli/%s: lies in no folder that has a level' % path]
    found = []
    for line, quoted, name in includes(text):
        other = cli_folder(name) if quoted else None
        if other and other != folder and CLI_LEVELS[other] >= CLI_LEVELS[folder]:
            found.append('cli/%s:%d: %s/ must not see %s/' % (path, line, folder, other))
        for header, place in CLI_FOREIGN.items():
            foreign = name == header or header.endswith('/') and name.startswith(header)
            if foreign and not path.startswith(place):
                found.append('cli/%s:%d: <%s> belongs to %s' % (path, line, name, place))
    return found


def check_program(path, text, own=()):
    """`own`: the headers of cli/, of which a folder may be called like one of the library's."""
    return ['%s:%d: a program must not include the library\'s %s' % (path, line, name)
            for line, _, name in includes(text)
            if name.split('/')[0] in LEVELS and name not in own]


def self_test():
    """Each rule must catch what it is for; a check that cannot fail is none."""
    known = {'base/error.h', 'nn/mlp.h', 'environments/models.h', 'rl/gae.h', 'scenario/keys.h'}
    bad = [('base/a.c', '#include "nn/mlp.h"\n'), ('nn/a.c', '#include "scenario/keys.h"\n'),
           ('rl/a.c', '#include "environments/models.h"\n'), ('rl/a.c', '#include <environments/models.h>\n'),
           ('rl/a.c', '#include "rl/none.h"\n'), ('rl/a.c', '  #  include <blis.h>\n'),
           ('math/gemm.c', '#include <blis.h>\n'), ('rl/a.c', '#include <Random123/philox.h>\n'),
           ('policy/a.c', '#include <pthread.h>\n'), ('rl/a.c', '#include <curl/curl.h>\n'),
           ('other/a.c', ''), ('a.c', ''), ('rl/a.c', 'x = "a"; exit (1);'),
           ('rl/a.c', 'printf("x");'), ('rl/a.c', 'fputs(x, stderr);'), ('rl/a.c', 'assert(x);'),
           ('rl/a.c', '/* a */ y = rand();')]
    good = [('rl/a.c', '#include "rl/gae.h"\n#include "nn/mlp.h"\n#include <hrl/error.h>\n'),
            ('math/gemm_blis.c', '#include <blis.h>\n'), ('trainer/a.c', '#include <pthread.h>\n'),
            ('base/a.c', '#include <Random123/philox.h>\n#include <string.h>\n'),
            ('rl/a.c', '/* exit(1) */ // abort()\n s = "printf(x)"; snprintf(a); hrl_exit(1);'),
            ('rl/a.c', '/* #include "scenario/keys.h" */\n')]
    for path, text in bad:
        assert check_inner(path, text, known), (path, text)
    for path, text in good:
        assert not check_inner(path, text, known), check_inner(path, text, known)
    assert check_public('hrl/a.h', '#include <stdio.h>\n#include "base/error.h"\n')
    assert not check_public('hrl/a.h', '#include <hrl/error.h>\n#include <stddef.h>\n')
    assert check_cli_levels('common/a.c', '#include "train/options.h"\n')
    assert check_cli_levels('train/a.c', '#include "eval/options.h"\n')
    assert check_cli_levels('a.c', '')
    assert check_cli_levels('serve/http/a.c', '#include "serve/net/loop.h"\n')
    assert check_cli_levels('serve/socketio/a.c', '#include "serve/service.h"\n')
    assert check_cli_levels('serve/api/a.c', '#include <microhttpd.h>\n')
    assert not check_cli_levels('serve/net/a.c', '#include <wslay/wslay.h>\n#include "serve/http/log.h"\n')
    assert not check_cli_levels('train/a.c', '#include "common/console.h"\n')
    assert find_circles({'a': {'b'}, 'b': {'c'}, 'c': {'b', 'd'}, 'd': set()}) == [['b', 'c']]
    assert not find_circles({'a': {'b', 'c', 'a'}, 'b': {'c'}})
    assert check_program('cli/a.c', '#include "base/error.h"\n')
    assert check_program('cli/a.c', '#include "runs/query.h"\n', {'runs/curve.h'})
    assert not check_program('cli/a.c', '#include "runs/curve.h"\n', {'runs/curve.h'})
    assert not check_program('cli/a.c', '#include <hrl/hrl.h>\n#include "options.h"\n')


def sources(folder, *endings):
    return sorted(path for ending in endings for path in folder.rglob('*' + ending))


def main():
    self_test()
    root = pathlib.Path(sys.argv[1])
    library = root / 'libhrl'
    known = {path.relative_to(library).as_posix() for path in sources(library, '.h')}
    files = sources(library, '.c', '.h')
    complaints = []
    for path in files:
        text = path.read_text(encoding='utf-8')
        complaints += check_inner(path.relative_to(library).as_posix(), text, known)
    public = sources(root / 'include', '.h')
    for path in public:
        complaints += check_public(path.relative_to(root).as_posix(),
                                   path.read_text(encoding='utf-8'))
    own = {path.relative_to(root / 'cli').as_posix() for path in sources(root / 'cli', '.h')}
    for folder in ('cli', 'examples'):
        for path in sources(root / folder, '.c', '.h'):
            complaints += check_program(path.relative_to(root).as_posix(),
                                        path.read_text(encoding='utf-8'), own - known)
    for path in sources(root / 'cli', '.c', '.h'):
        complaints += check_cli_levels(path.relative_to(root / 'cli').as_posix(),
                                       path.read_text(encoding='utf-8'))
    for tree in ('libhrl', 'cli'):
        complaints += ['%s: a circle of includes: %s' % (tree, ', '.join(circle))
                       for circle in find_circles(includes_of(root / tree))]
    if not files or not public:
        complaints.append('no sources under %s' % root)
    for complaint in complaints:
        print(complaint)
    print('%d files, %d complaints' % (len(files) + len(public), len(complaints)))
    return 1 if complaints else 0


if __name__ == '__main__':
    sys.exit(main())
