#include "environments/lifecycle/nodes.h"

#include <math.h>

size_t hrlp_lifecycle_nodes(const struct hrlp_lifecycle_forecast *forecast,
                            const struct hrlp_life *decided,
                            struct hrlp_lifecycle_node *nodes) {
  int64_t t = decided->month + 1;
  bool retired = hrlp_lifecycle_retired(&forecast->config, t);
  double chance = hrlp_lifecycle_job_chance(&forecast->config, t, decided->job);
  double floor = fmax(forecast->config.consumption_floor * forecast->price[t], 1e-9);
  size_t levels = retired ? 1 : forecast->levels;
  size_t count = 0;
  for (size_t r = 0; r < forecast->returns; r++) {
    double wealth =
        decided->cash * forecast->safe + decided->portfolio * forecast->return_points[r];
    for (int job = 0; job < 2; job++) {
      double likely = forecast->return_weights[r] * (job ? chance : 1.0 - chance);
      if (likely <= 0.0) continue;
      const struct hrlp_net_point *points =
          forecast->points + (size_t)(2 * t + job) * HRLP_LIFECYCLE_GROUPS;
      for (size_t l = 0; l < levels; l++) {
        double step = retired ? 1.0 : forecast->level_points[l];
        double part = retired ? 1.0 : forecast->level_weights[l];
        double level = decided->level * step;
        for (size_t g = 0; g < HRLP_LIFECYCLE_GROUPS && points[g].weight > 0.0; g++) {
          double net = level * points[g].labour - points[g].costs;
          nodes[count++] = (struct hrlp_lifecycle_node){
              .state = {.month = t,
                        .cash = wealth + net > floor ? wealth + net : floor,
                        .net = net,
                        .level = level,
                        .job = job},
              .weight = likely * part * points[g].weight};
          nodes[count - 1].measures =
              hrlp_lifecycle_measure(forecast, &nodes[count - 1].state);
        }
      }
    }
  }
  return count;
}

size_t hrlp_lifecycle_most_nodes(const struct hrlp_lifecycle_forecast *forecast) {
  const struct hrlp_lifecycle_config *config = &forecast->config;
  size_t most = 0;
  for (int64_t t = 2; t <= forecast->months; t++) { /* the first has no decision before */
    size_t count = 0;
    for (int job = 0; job < 2; job++) {
      if (job == 0 && config->job_loss_probability == 0.0) continue;
      const struct hrlp_net_point *points =
          forecast->points + (size_t)(2 * t + job) * HRLP_LIFECYCLE_GROUPS;
      for (size_t g = 0; g < HRLP_LIFECYCLE_GROUPS && points[g].weight > 0.0; g++)
        count++;
    }
    if (count > most) most = count;
  }
  if (most == 0) most = 1; /* a single month: none is asked for, but there are arrays */
  return most * forecast->returns * forecast->levels;
}
