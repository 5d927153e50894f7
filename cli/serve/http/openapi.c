#include "serve/http/openapi.h"

#include <stdio.h>
#include <string.h>

static json_t *describe_content(const struct schema *schema) {
  char path[96];
  snprintf(path, sizeof path, "#/components/schemas/%s", schema->name);
  return json_pack("{s:{s:{s:s}}}", TYPE_JSON, "schema", "$ref", path);
}

/* A page, an object, or nothing: NULL. */
static json_t *describe_answer(const struct response *response) {
  if (response->status == 304) return NULL;
  return response->schema == NULL ? json_pack("{s:{}}", "text/html")
                                  : describe_content(response->schema);
}

static json_t *describe_responses(const struct route *route) {
  json_t *responses = json_object();
  for (const struct response *response = route->responses; response->status != 0;
       response++) {
    char status[16];
    snprintf(status, sizeof status, "%u", response->status);
    json_t *content = describe_answer(response);
    json_t *described = json_pack("{s:s}", "description", response->text);
    if (content != NULL) json_object_set_new(described, "content", content);
    json_object_set_new(responses, status, described);
  }
  return responses;
}

/* The resource: what follows "/api/" in the path. */
static json_t *describe_tag(const struct route *route) {
  static const char prefix[] = "/api/";
  const char *name = route->path + sizeof prefix - 1;
  bool is_resource = strncmp(route->path, prefix, sizeof prefix - 1) == 0;
  return is_resource ? json_stringn(name, strcspn(name, "/")) : json_string("general");
}

static json_t *describe_parameter(const char *place, const char *name, json_t *schema) {
  json_t *text = json_incref(json_object_get(schema, "description"));
  json_object_del(schema, "description");
  return json_pack("{s:s, s:s, s:b, s:o, s:o}", "name", name, "in", place, "required",
                   strcmp(place, "path") == 0, "description", text, "schema", schema);
}

static json_t *describe_parameters(const struct route *route) {
  bool is_get = route->method == METHOD_GET && route->input != NULL;
  json_t *parameters = json_array();
  const char *open = strchr(route->path, '{');
  if (open != NULL) {
    char name[32];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(open + 1, "}"), open + 1);
    json_array_append_new(parameters,
                          describe_parameter("path", name,
                                             json_pack("{s:s, s:s}", "type", "string",
                                                       "description", "which one")));
  }
  for (size_t i = 0; is_get && i < route->input->field_count; i++) {
    const struct field *field = &route->input->fields[i];
    json_array_append_new(parameters, describe_parameter("query", field->name,
                                                         schema_describe_field(field)));
  }
  return parameters;
}

static json_t *describe_route(const struct openapi *openapi, const struct route *route) {
  json_t *operation =
      json_pack("{s:[o], s:s, s:o}", "tags", describe_tag(route), "summary",
                route->summary, "responses", describe_responses(route));
  json_t *parameters = describe_parameters(route);
  if (json_array_size(parameters) > 0)
    json_object_set(operation, "parameters", parameters);
  json_decref(parameters);
  if (route->input != NULL && route->method != METHOD_GET)
    json_object_set_new(operation, "requestBody",
                        json_pack("{s:b, s:o}", "required", 1, "content",
                                  describe_content(route->input)));
  if (openapi->locked && route->access != ACCESS_OPEN) {
    json_object_set_new(operation, "security", json_pack("[{s:[]}]", "bearer"));
    json_object_set_new(
        json_object_get(operation, "responses"), "401",
        json_pack("{s:s, s:o}", "description", "the token is missing or wrong", "content",
                  describe_content(openapi->detail)));
  }
  return operation;
}

static void add_route(const struct openapi *openapi, const struct route *route,
                      json_t *paths) {
  json_t *path = json_object_get(paths, route->path);
  if (path == NULL) {
    path = json_object();
    json_object_set_new(paths, route->path, path);
  }
  char method[16];
  size_t length = 0;
  for (const char *c = http_method_name(route->method); *c != '\0'; c++)
    method[length++] = (char)(*c | 0x20);
  method[length] = '\0';
  json_object_set_new(path, method, describe_route(openapi, route));
}

static json_t *describe_paths(const struct openapi *openapi) {
  json_t *paths = json_object();
  for (size_t t = 0; t < openapi->table_count; t++)
    for (size_t i = 0; i < openapi->tables[t].count; i++)
      add_route(openapi, &openapi->tables[t].routes[i], paths);
  return paths;
}

json_t *openapi_document(const struct openapi *openapi) {
  json_t *schemas = json_object();
  for (size_t i = 0; i < openapi->schema_count; i++)
    json_object_set_new(schemas, openapi->schemas[i]->name,
                        schema_describe(openapi->schemas[i]));
  json_t *components = json_pack("{s:o}", "schemas", schemas);
  if (openapi->locked)
    json_object_set_new(
        components, "securitySchemes",
        json_pack("{s:{s:s, s:s}}", "bearer", "type", "http", "scheme", "bearer"));
  return json_pack("{s:s, s:{s:s, s:s, s:s}, s:o, s:o}", "openapi", "3.1.0", "info",
                   "title", openapi->title, "version", openapi->version, "description",
                   openapi->about, "paths", describe_paths(openapi), "components",
                   components);
}
