/* http/schema_types.h - the tables that objects of the interface are made of. */
#ifndef SERVE_HTTP_SCHEMA_TYPES_H
#define SERVE_HTTP_SCHEMA_TYPES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum field_type {
  FIELD_TEXT,
  FIELD_INTEGER,
  FIELD_NUMBER,
  FIELD_BOOLEAN,
  FIELD_OBJECT,  /* as `schema` says */
  FIELD_OBJECTS, /* an array of them */
  FIELD_TEXTS,   /* an array of texts */
  FIELD_NUMBERS, /* an array of numbers; of answers alone, as the next */
  FIELD_ANY,     /* an object whose keys are not fixed */
};

struct schema;

/* One key of an object. */
struct field {
  const char *name;
  enum field_type type;
  bool required;
  bool nullable;
  bool has_default;
  json_int_t standard;   /* its value where it is absent */
  bool positive;         /* an integer that must be greater than 0 */
  json_int_t maximum;    /* of an integer; 0: any */
  json_int_t min_length; /* of a text, in characters */
  json_int_t max_length; /* 0: any */
  bool bounded;          /* of a number: from `least` to `most` */
  bool least_open;       /* `least` itself is refused */
  double least, most;
  double standard_real;        /* `standard` of a number */
  const char *standard_text;   /* that of a text */
  const char *choices;         /* of a text: words separated by one space, or NULL */
  const char *alias;           /* other spelling, which wins, or NULL */
  bool ranges;                 /* a number may be an object that stands for a range */
  bool omitted;                /* where it is absent, its value is absent, too */
  const struct schema *schema; /* of an object */
  const char *unit;            /* of a number, or NULL */
  const char *text;            /* one phrase */
};

struct schema {
  const char *name;
  const struct field *fields;
  size_t field_count;
  /* of several, which the value of one key chooses between: the first where it is absent
   */
  const char *selector;
  const struct variant {
    const char *value;
    const struct schema *schema;
  } * variants;
  size_t variant_count;
  const struct schema *items; /* it is an array of those, of answers alone */
};

/* A schema whose fields are an array. */
#define SCHEMA(title, array) \
  { .name = (title), .fields = (array), .field_count = sizeof(array) / sizeof(array)[0] }

#endif
