/* Random numbers for a program's own task. */
#include <hrl/task.h>

#include "base/random.h"

/* Steps are fewer than 2^16. */
static uint32_t block(const hrl_task_batch *batch, uint32_t stream) {
  return (uint32_t)batch->step | (stream & 0xffff) << 16;
}

void hrl_task_draw_normals(const hrl_task_batch *batch, size_t i, uint32_t stream,
                           double normals[4]) {
  hrlp_random_normals(batch->seed, HRLP_RANDOM_TASK_NORMALS, batch->episodes[i],
                      block(batch, stream), normals);
}

void hrl_task_draw_uniforms(const hrl_task_batch *batch, size_t i, uint32_t stream,
                            double uniforms[4]) {
  uint32_t words[4];
  hrlp_random_words(batch->seed, HRLP_RANDOM_TASK_UNIFORMS, batch->episodes[i],
                    block(batch, stream), words);
  for (int k = 0; k < 4; k++) uniforms[k] = hrlp_random_uniform(words[k]);
}
