/* scenarios/templates.h - households to begin with. */
#ifndef SERVE_SCENARIOS_TEMPLATES_H
#define SERVE_SCENARIOS_TEMPLATES_H

#include <stddef.h>

struct scenario_template {
  const char *name;
  const char *display_name;
  const char *text; /* as of a file */
};

extern const struct scenario_template scenario_templates[];
extern const size_t scenario_template_count;

#endif
