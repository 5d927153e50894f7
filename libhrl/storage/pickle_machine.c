/* The arrays of the machine: nodes, links, stack, memo. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "storage/pickle_machine.h"

hrl_status hrlp_machine_fail(const struct hrlp_machine *machine, hrl_status status,
                             const char *format, ...) {
  char message[HRL_ERROR_MESSAGE_SIZE];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  if (machine->at == machine->length) { /* all opcodes have run */
    return hrlp_fail_at(machine->error, status, machine->file, 0, 0, "data.pkl: %s",
                        message);
  }
  return hrlp_fail_at(machine->error, status, machine->file, 0, 0,
                      "data.pkl: byte %zu: %s", machine->at, message);
}

const char *hrlp_node_name(enum hrlp_node_kind kind) {
  static const char *const names[] = {
      "None",    "a bool", "an integer",      "a number", "a text",    "a list",
      "a tuple", "a dict", "an ordered dict", "a class",  "a storage", "a tensor"};
  return names[kind];
}

/* Room for one more element; arrays are bounded by HRLP_PICKLE_MAX_OBJECTS. */
static hrl_status grow(struct hrlp_machine *machine, void **array, size_t size,
                       size_t count, size_t *capacity) {
  if (count < *capacity) return HRL_OK;
  if (count >= HRLP_PICKLE_MAX_OBJECTS) {
    return hrlp_machine_fail(machine, HRL_ERROR_LIMIT, "more than %zu objects",
                             HRLP_PICKLE_MAX_OBJECTS);
  }
  size_t more = *capacity == 0 ? 256 : *capacity * 2;
  void *larger = hrlp_resize(*array, more, size);
  if (larger == NULL)
    return hrlp_fail_memory(machine->error, "the content of an archive");
  *array = larger;
  *capacity = more;
  return HRL_OK;
}

hrl_status hrlp_machine_add(struct hrlp_machine *machine, struct hrlp_numbers *numbers,
                            uint32_t number) {
  void *data = numbers->data;
  hrl_status status =
      grow(machine, &data, sizeof *numbers->data, numbers->count, &numbers->capacity);
  numbers->data = data;
  if (status == HRL_OK) numbers->data[numbers->count++] = number;
  return status;
}

hrl_status hrlp_machine_push(struct hrlp_machine *machine, struct hrlp_node node) {
  void *nodes = machine->nodes;
  hrl_status status = grow(machine, &nodes, sizeof *machine->nodes, machine->node_count,
                           &machine->node_capacity);
  machine->nodes = nodes;
  if (status != HRL_OK) return status;
  machine->nodes[machine->node_count] = node;
  return hrlp_machine_add(machine, &machine->stack, (uint32_t)machine->node_count++);
}

hrl_status hrlp_machine_link(struct hrlp_machine *machine, uint32_t container,
                             uint32_t item) {
  void *links = machine->links;
  hrl_status status = grow(machine, &links, sizeof *machine->links, machine->link_count,
                           &machine->link_capacity);
  machine->links = links;
  if (status != HRL_OK) return status;
  uint32_t link = (uint32_t)machine->link_count++;
  machine->links[link] = (struct hrlp_link){item, HRLP_NO_NODE};
  struct hrlp_node *node = &machine->nodes[container];
  if (node->items.first == HRLP_NO_NODE) {
    node->items.first = link;
  } else {
    machine->links[node->items.last].next = link;
  }
  node->items.last = link;
  node->items.count++;
  return HRL_OK;
}

void hrlp_machine_free(struct hrlp_machine *machine) {
  free(machine->nodes);
  free(machine->links);
  free(machine->stack.data);
  free(machine->memo.data);
}
