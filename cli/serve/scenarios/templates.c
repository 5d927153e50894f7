#include "serve/scenarios/templates.h"

#define BUDGET(about, monthly, fixed, variable, deviation, threshold, cash, risk, mean, \
               std)                                                                     \
  "description: " about                                                                 \
  "\n"                                                                                  \
  "environment:\n"                                                                      \
  "  income: " #monthly "\n  fixed_expenses: " #fixed                                   \
  "\n  variable_expense_mean: " #variable "\n  variable_expense_std: " #deviation       \
  "\n  inflation: 0.02\n  safety_threshold: " #threshold                                \
  "\n  max_months: 120\n  initial_cash: " #cash "\n  risk_tolerance: " #risk            \
  "\n  investment_return_mean: " #mean "\n  investment_return_std: " #std               \
  "\n  investment_return_type: stochastic\n"

const struct scenario_template scenario_templates[] = {
    {"conservative", "Conservative Profile",
     BUDGET("A large reserve, a careful portfolio", 2500, 1200, 600, 100, 7500, 10000,
            0.3, 0.004, 0.015)},
    {"balanced", "Balanced Profile",
     BUDGET("Some reserve, some growth", 3000, 1400, 700, 120, 6000, 8000, 0.5, 0.005,
            0.02)},
    {"aggressive", "Aggressive Profile",
     BUDGET("A small reserve, a portfolio that moves a lot", 3500, 1500, 800, 150, 4500,
            5000, 0.8, 0.007, 0.03)},
    {"young_professional", "Young Professional",
     BUDGET("The first years of a job, in a shared flat", 2000, 770, 500, 120, 5000, 5000,
            0.65, 0.005, 0.02)},
    {"young_couple", "Young Couple",
     BUDGET("Two incomes and a rent", 3200, 1800, 800, 150, 3500, 10000, 0.55, 0.005,
            0.02)},
    {"working_life", "Working Life",
     "model: lifecycle\n"
     "description: From the first job to retirement and beyond, with jobs that can be "
     "lost\n"
     "environment:\n"
     "  income: 2400\n"
     "  fixed_expenses: 1000\n"
     "  inflation: 0.02\n"
     "  income_growth: 0.03\n"
     "  income_transitory_std: 0.1\n"
     "  max_months: 720\n"
     "  initial_cash: 4000\n"
     "  job_loss_probability: 0.01\n"
     "  job_finding_probability: 0.2\n"
     "  unemployment_replacement: 0.5\n"
     "  retirement_month: 480\n"
     "  pension_replacement: 0.6\n"
     "  investment_return_mean: 0.005\n"
     "  investment_return_std: 0.04\n"
     "  cash_return: 0.01\n"
     "utility:\n"
     "  risk_aversion: 3\n"
     "  discount_factor: 0.96\n"},
};
const size_t scenario_template_count =
    sizeof scenario_templates / sizeof scenario_templates[0];
