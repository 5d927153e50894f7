#include "serve/http/openapi.h"

#include <stdio.h>

static json_t *describe_content(const struct schema *schema) {
  char path[96];
  snprintf(path, sizeof path, "#/components/schemas/%s", schema->name);
  return json_pack("{s:{s:{s:s}}}", TYPE_JSON, "schema", "$ref", path);
}

static json_t *describe_responses(const struct route *route) {
  json_t *responses = json_object();
  for (const struct response *response = route->responses; response->status != 0;
       response++) {
    char status[16];
    snprintf(status, sizeof status, "%u", response->status);
    json_t *content = response->schema == NULL ? json_pack("{s:{}}", "text/html")
                                               : describe_content(response->schema);
    json_object_set_new(
        responses, status,
        json_pack("{s:s, s:o}", "description", response->text, "content", content));
  }
  return responses;
}

static json_t *describe_route(const struct openapi *openapi, const struct route *route) {
  json_t *operation = json_pack("{s:s, s:o}", "summary", route->summary, "responses",
                                describe_responses(route));
  if (route->body != NULL)
    json_object_set_new(
        operation, "requestBody",
        json_pack("{s:b, s:o}", "required", 1, "content", describe_content(route->body)));
  if (openapi->locked && !route->open) {
    json_object_set_new(operation, "security", json_pack("[{s:[]}]", "bearer"));
    json_object_set_new(
        json_object_get(operation, "responses"), "401",
        json_pack("{s:s, s:o}", "description", "the token is missing or wrong", "content",
                  describe_content(openapi->detail)));
  }
  return operation;
}

static json_t *describe_paths(const struct openapi *openapi) {
  json_t *paths = json_object();
  for (size_t i = 0; i < openapi->route_count; i++) {
    const struct route *route = &openapi->routes[i];
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
