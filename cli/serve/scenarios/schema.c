#include "serve/scenarios/schema.h"

#include <hrl/scenario.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define KEYS_MAX 64
#define WORD_SIZE 24
#define BODY_FIELDS (4 + SCENARIO_SECTIONS)

struct schema scenario_model_schemas[SCENARIO_MODELS];
struct schema scenario_section_schemas[SCENARIO_MODELS][SCENARIO_SECTIONS];

/* What the schemas are made of, each in place for good. */
static struct made {
  char name[48];
  struct field body[BODY_FIELDS];
  struct made_section {
    const char *section;
    char name[64];
    struct field fields[KEYS_MAX];
    char words[KEYS_MAX][WORD_SIZE]; /* standard values */
  } sections[SCENARIO_SECTIONS];
} made[SCENARIO_MODELS];

static struct variant variants[SCENARIO_MODELS];
struct schema scenario_body_schema = {.name = "ScenarioConfig",
                                      .selector = "model",
                                      .variants = variants,
                                      .variant_count = SCENARIO_MODELS};

/* The bounds of a number. */
static void set_bounds(struct field *field, const hrl_scenario_key *key) {
  if (key->type == HRL_KEY_INTEGER && key->minimum == 1) {
    field->positive = true;
    field->maximum = (json_int_t)key->maximum;
    return;
  }
  field->bounded = true;
  field->least = key->minimum;
  field->least_open = key->minimum_open != 0;
  field->most = key->maximum;
}

/* A key's standard value as a word, in `word`. */
static void set_standard_word(struct field *field, const hrl_scenario_key *key,
                              char word[WORD_SIZE]) {
  const char *at = key->choices;
  for (size_t i = (size_t)key->default_value; i > 0; i--) at = strchr(at, ' ') + 1;
  snprintf(word, WORD_SIZE, "%.*s", (int)strcspn(at, " "), at);
  field->standard_text = word;
}

/* A key of a file as a field of a body. What is left out there is left out in the file:
 * its standard value may depend on others. */
static void make_field(struct field *field, const hrl_scenario_key *key,
                       char word[WORD_SIZE]) {
  *field = (struct field){.name = key->name,
                          .alias = key->alias,
                          .required = key->required != 0,
                          .omitted = key->required == 0,
                          .unit = key->unit,
                          .text = key->text};
  if (key->type == HRL_KEY_CHOICE) {
    field->type = FIELD_TEXT;
    field->choices = key->choices;
    if (!key->required) set_standard_word(field, key, word);
    return;
  }
  field->type = key->type == HRL_KEY_INTEGER ? FIELD_INTEGER : FIELD_NUMBER;
  field->ranges = strcmp(key->section, "training") != 0;
  field->has_default = key->required == 0;
  field->standard = (json_int_t)key->default_value;
  field->standard_real = key->required ? 0 : key->default_value;
  set_bounds(field, key);
}

static struct made_section *section_of(struct made *model, const char *section) {
  for (size_t i = 0; i < SCENARIO_SECTIONS; i++) {
    if (model->sections[i].section == NULL) model->sections[i].section = section;
    if (strcmp(model->sections[i].section, section) == 0) return &model->sections[i];
  }
  return NULL;
}

/* The body of one model: what is said of the file, and its sections. */
static void make_body(struct made *model, const char *name, size_t index) {
  const struct field beside[] = {
      {.name = "name",
       .type = FIELD_TEXT,
       .required = true,
       .min_length = 1,
       .max_length = 100,
       .text = "what its file is called, other characters than letters, digits, _, - and "
               ". replaced"},
      {.name = "description",
       .type = FIELD_TEXT,
       .nullable = true,
       .omitted = true,
       .max_length = 4000,
       .text = "for people; an update that leaves it out keeps it, null or \"\" takes it "
               "away"},
      {.name = "model",
       .type = FIELD_TEXT,
       .nullable = true,
       .omitted = true,
       .choices = name,
       .text = "kind of household"},
      {.name = "require",
       .type = FIELD_TEXTS,
       .omitted = true,
       .text = "conditions that each household of a family meets"},
  };
  memcpy(model->body, beside, sizeof beside);
  for (size_t i = 0; i < SCENARIO_SECTIONS; i++) {
    struct made_section *section = &model->sections[i];
    bool required = strcmp(section->section, "environment") == 0;
    model->body[4 + i] =
        (struct field){.name = section->section,
                       .type = FIELD_OBJECT,
                       .required = required,
                       .omitted = !required,
                       .schema = &scenario_section_schemas[index][i],
                       .text =
                           "keys of the file's section; an update keeps what it "
                           "leaves out"};
  }
}

static void make_model(size_t index) {
  struct made *model = &made[index];
  const char *name = hrl_model_name(index);
  const hrl_scenario_key *key;
  for (size_t i = 0; (key = hrl_model_key_at(name, i)) != NULL; i++) {
    struct made_section *section = section_of(model, key->section);
    if (section == NULL) continue;
    size_t place = (size_t)(section - model->sections);
    struct schema *schema = &scenario_section_schemas[index][place];
    if (schema->field_count == KEYS_MAX) continue;
    make_field(&section->fields[schema->field_count], key,
               section->words[schema->field_count]);
    snprintf(section->name, sizeof section->name, "%c%s%c%s", name[0] & ~0x20, name + 1,
             key->section[0] & ~0x20, key->section + 1);
    schema->name = section->name;
    schema->fields = section->fields;
    schema->field_count++;
  }
  make_body(model, name, index);
  snprintf(model->name, sizeof model->name, "%c%sScenario", name[0] & ~0x20, name + 1);
  scenario_model_schemas[index] = (struct schema){
      .name = model->name, .fields = model->body, .field_count = BODY_FIELDS};
  variants[index] = (struct variant){name, &scenario_model_schemas[index]};
}

void scenario_schemas_make(void) {
  if (variants[0].schema != NULL) return;
  for (size_t i = 0; i < SCENARIO_MODELS; i++) make_model(i);
}

/* ---- answers ---- */

#define NAME \
  { .name = "name", .type = FIELD_TEXT, .required = true, .text = "its name in paths" }
#define DESCRIPTION                                                                \
  {                                                                                \
    .name = "description", .type = FIELD_TEXT, .nullable = true, .required = true, \
    .text = "for people"                                                           \
  }
#define UPDATED                                                 \
  {                                                             \
    .name = "updated_at", .type = FIELD_TEXT, .required = true, \
    .text = "when it was written; local time, ISO 8601"         \
  }
#define SIZE \
  { .name = "size", .type = FIELD_INTEGER, .required = true, .text = "bytes of its file" }
#define MODEL                                                                           \
  {.name = "model", .type = FIELD_TEXT, .required = true, .text = "kind of household"}, \
  {                                                                                     \
    .name = "is_family", .type = FIELD_BOOLEAN, .required = true,                       \
    .text = "whether it stands for many households: some keys are ranges"               \
  }
#define SHIPPED                                                                   \
  {                                                                               \
    .name = "shipped", .type = FIELD_BOOLEAN, .required = true,                   \
    .text =                                                                       \
        "whether it came with the program: it cannot be deleted or renamed, and " \
        "an update makes a copy"                                                  \
  }
#define EURO(key, what) \
  { .name = (key), .type = FIELD_NUMBER, .required = true, .text = (what) }
#define SECTION(key, what, must) \
  { .name = (key), .type = FIELD_ANY, .required = (must), .text = (what) }

static const struct field row_fields[] = {
    NAME,
    DESCRIPTION,
    EURO("income", "euro a month, as the next four; of a range the middle"),
    EURO("fixed_expenses", "rent and the like"),
    EURO("variable_expenses", "mean of the rest"),
    EURO("available_monthly", "income less both"),
    EURO("available_pct", "of income, per cent"),
    EURO("risk_tolerance", "0 to 1"),
    MODEL,
    UPDATED,
    SIZE,
    SHIPPED,
    {.name = "error",
     .type = FIELD_TEXT,
     .text = "what is wrong with the file, where it cannot be used"},
};
const struct schema scenario_row_schema = SCHEMA("ScenarioSummary", row_fields);
const struct schema scenario_list_schema = {.name = "ScenarioList",
                                            .items = &scenario_row_schema};

static const struct field detail_fields[] = {
    NAME,
    DESCRIPTION,
    MODEL,
    SECTION("environment", "every key with its value; a range is an object", true),
    SECTION("training", "the same", true),
    SECTION("reward", "the same, of the model budget", false),
    SECTION("utility", "the same, of the model lifecycle", false),
    {.name = "require", .type = FIELD_TEXTS, .text = "conditions of a family"},
    {.name = "created_at", .type = FIELD_TEXT, .required = true, .text = "local time"},
    UPDATED,
    SIZE,
    SHIPPED,
};
const struct schema scenario_detail_schema = SCHEMA("ScenarioDetail", detail_fields);

static const struct field made_fields[] = {
    NAME,
    DESCRIPTION,
    {.name = "path", .type = FIELD_TEXT, .required = true, .text = "its file"},
    {.name = "created_at", .type = FIELD_TEXT, .required = true, .text = "local time"},
    UPDATED,
    {.name = "message", .type = FIELD_TEXT, .required = true, .text = "for people"},
};
const struct schema scenario_made_schema = SCHEMA("ScenarioWritten", made_fields);

static const struct field deleted_fields[] = {
    NAME,
    {.name = "message", .type = FIELD_TEXT, .required = true, .text = "for people"},
};
const struct schema scenario_deleted_schema = SCHEMA("ScenarioDeleted", deleted_fields);

static const struct field template_fields[] = {
    NAME,
    {.name = "display_name", .type = FIELD_TEXT, .required = true, .text = "for people"},
    DESCRIPTION,
    MODEL,
    SECTION("environment", "every key with its value", true),
    SECTION("training", "the same", true),
    SECTION("reward", "the same, of the model budget", false),
    SECTION("utility", "the same, of the model lifecycle", false),
};
const struct schema scenario_template_schema =
    SCHEMA("ScenarioTemplate", template_fields);
const struct schema scenario_templates_schema = {.name = "ScenarioTemplates",
                                                 .items = &scenario_template_schema};
