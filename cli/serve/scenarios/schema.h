/* scenarios/schema.h - the objects of the scenarios' interface.
 *
 * Those of scenarios themselves are made of the library's tables of keys. */
#ifndef SERVE_SCENARIOS_SCHEMA_H
#define SERVE_SCENARIOS_SCHEMA_H

#include "serve/http/schema_types.h"

/* Makes them; called once, before any of them is used. */
void scenario_schemas_make(void);

/* What a body holds: one of the models by `model`. */
extern struct schema scenario_body_schema;
/* Those, and the objects in them, for the list of schemas. */
#define SCENARIO_MODELS 2
#define SCENARIO_SECTIONS 3
extern struct schema scenario_model_schemas[SCENARIO_MODELS];
extern struct schema scenario_section_schemas[SCENARIO_MODELS][SCENARIO_SECTIONS];

extern const struct schema scenario_row_schema, scenario_list_schema,
    scenario_templates_schema, scenario_detail_schema, scenario_made_schema,
    scenario_deleted_schema, scenario_template_schema;

#endif
