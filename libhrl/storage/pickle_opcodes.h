/* storage/pickle_opcodes.h - the opcodes that PyTorch's model files use, all of them. */
#ifndef HRLP_PICKLE_OPCODES_H
#define HRLP_PICKLE_OPCODES_H

enum pickle_opcode {
  OP_MARK = '(',
  OP_EMPTY_TUPLE = ')',
  OP_STOP = '.',
  OP_BINFLOAT = 'G', /* 8 bytes, big-endian */
  OP_BININT = 'J',   /* 4 bytes, signed */
  OP_BININT1 = 'K',  /* 1 byte, unsigned */
  OP_BININT2 = 'M',  /* 2 bytes, unsigned */
  OP_NONE = 'N',
  OP_BINPERSID = 'Q',
  OP_REDUCE = 'R',
  OP_BINUNICODE = 'X', /* 4 bytes of length, UTF-8 */
  OP_EMPTY_LIST = ']',
  OP_APPEND = 'a',
  OP_BUILD = 'b',
  OP_GLOBAL = 'c', /* two lines: module, name */
  OP_APPENDS = 'e',
  OP_BINGET = 'h',      /* 1 byte: place in the memo */
  OP_LONG_BINGET = 'j', /* 4 bytes */
  OP_BINPUT = 'q',
  OP_LONG_BINPUT = 'r',
  OP_SETITEM = 's',
  OP_TUPLE = 't',
  OP_SETITEMS = 'u',
  OP_EMPTY_DICT = '}',
  OP_PROTO = 0x80, /* 1 byte: protocol */
  OP_TUPLE1 = 0x85,
  OP_TUPLE2 = 0x86,
  OP_TUPLE3 = 0x87,
  OP_NEWTRUE = 0x88,
  OP_NEWFALSE = 0x89,
  OP_LONG1 = 0x8a /* 1 byte of length, two's complement, little-endian */
};

#define PICKLE_PROTOCOL 2

#endif
