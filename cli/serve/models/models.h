/* models/models.h - /api/models: trained pairs over HTTP. */
#ifndef SERVE_MODELS_MODELS_H
#define SERVE_MODELS_MODELS_H

#include "serve/api/workers.h"
#include "serve/http/request.h"
#include "serve/models/store.h"

struct models {
  struct model_store store;
  struct workers *workers;
};

/* The routes. `values` is the validated query. */
void models_handle_list(struct models *models, struct request *request, json_t *values);
void models_handle_get(struct models *models, struct request *request);
void models_handle_delete(struct models *models, struct request *request);

#endif
