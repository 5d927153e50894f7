#include "environments/lifecycle/quadrature.h"

#include <math.h>

static const struct rule {
  size_t count;
  double points[HRLP_NORMAL_POINTS], weights[HRLP_NORMAL_POINTS];
} rules[] = {
    {1, {0.0}, {1.0}},
    {3,
     {-1.7320508075688774, 0.0, 1.7320508075688774},
     {0.1666666666666666, 0.6666666666666669, 0.1666666666666666}},
    {7,
     {-3.7504397177257425, -2.366759410734541, -1.1544053947399682, 0.0,
      1.1544053947399682, 2.366759410734541, 3.7504397177257425},
     {0.000548268855972217, 0.03075712396758652, 0.2401231786050127, 0.45714285714285724,
      0.2401231786050127, 0.03075712396758652, 0.000548268855972217}},
    {9,
     {-4.512745863399783, -3.20542900285647, -2.07684797867783, -1.0232556637891326, 0.0,
      1.0232556637891326, 2.07684797867783, 3.20542900285647, 4.512745863399783},
     {2.2345844007746607e-05, 0.0027891413212317692, 0.04991640676521782,
      0.24409750289493953, 0.40634920634920635, 0.24409750289493953, 0.04991640676521782,
      0.0027891413212317692, 2.2345844007746607e-05}},
};

size_t hrlp_normal_points(size_t count, double *points, double *weights) {
  const struct rule *rule = rules;
  while (rule->count != count) rule++;
  for (size_t i = 0; i < count; i++) {
    points[i] = rule->points[i];
    weights[i] = rule->weights[i];
  }
  return count;
}

size_t hrlp_lognormal_points(double deviation, size_t count, double *points,
                             double *weights) {
  count = hrlp_normal_points(deviation > 0.0 ? count : 1, points, weights);
  double mean = 0.0;
  for (size_t i = 0; i < count; i++) {
    points[i] = exp(deviation * points[i] - deviation * deviation / 2.0);
    mean += weights[i] * points[i];
  }
  for (size_t i = 0; i < count; i++) points[i] /= mean;
  return count;
}

size_t hrlp_net_points_all(const struct hrlp_lifecycle_config *config, double labour,
                           bool is_working, double price,
                           struct hrlp_net_point points[HRLP_NET_POINTS_MAX]) {
  double income[7];
  double income_weights[7];
  double variable[7];
  double variable_weights[7];
  double shock[8] = {0.0};
  double shock_weights[8];
  size_t incomes = hrlp_lognormal_points(is_working ? config->income_transitory_std : 0.0,
                                         7, income, income_weights);
  size_t variables = hrlp_normal_points(config->variable_expense_std > 0.0 ? 7 : 1,
                                        variable, variable_weights);
  size_t shocks = 1;
  shock_weights[0] = 1.0;
  if (config->shock_probability > 0.0 && config->shock_mean > 0.0) {
    shocks += hrlp_lognormal_points(config->shock_std, 7, shock + 1, shock_weights + 1);
    shock_weights[0] = 1.0 - config->shock_probability;
    for (size_t i = 1; i < shocks; i++) {
      shock_weights[i] *= config->shock_probability;
      shock[i] *= config->shock_mean;
    }
  }
  size_t count = 0;
  for (size_t i = 0; i < incomes; i++)
    for (size_t v = 0; v < variables; v++)
      for (size_t s = 0; s < shocks; s++) {
        double expense =
            config->variable_expense_mean + config->variable_expense_std * variable[v];
        points[count++] = (struct hrlp_net_point){
            .labour = labour * income[i],
            .costs = price * (config->fixed_expenses + fmax(0.0, expense) + shock[s]),
            .weight = income_weights[i] * variable_weights[v] * shock_weights[s]};
      }
  return count;
}
