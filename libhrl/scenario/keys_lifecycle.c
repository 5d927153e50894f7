/* The keys of the lifecycle household. */
#include "scenario/key_rows.h"

/* Above it a utility is either nothing or beyond all numbers. */
#define MOST_AVERSION 20
/* of a logarithm: a lognormal of more has no meaningful mean */
#define MOST_DEVIATION 2

static const struct hrlp_key_row environment_rows[] = {
    NUMBER(environment, lifecycle, income, REQUIRED, FROM(0, MOST_INCOME), "euro/month",
           "Net income of somebody employed, at the start; 0: who lives on wealth."),
    NUMBER(environment, lifecycle, fixed_expenses, DEFAULT(0), FROM(0, MOST_MONEY),
           "euro/month",
           "Committed costs that are the same every month (rent, utilities, insurance), "
           "at the prices of the start."),
    NUMBER(environment, lifecycle, variable_expense_mean, DEFAULT(0), FROM(0, MOST_MONEY),
           "euro/month", "Mean of the committed costs that change from month to month."),
    NUMBER(environment, lifecycle, variable_expense_std, DEFAULT(0), FROM(0, MOST_MONEY),
           "euro/month",
           "Standard deviation of the committed costs that change from month to month."),
    NUMBER(environment, lifecycle, inflation, DEFAULT(0), FROM(-0.5, 1), "1/year",
           "Growth of prices over a year, as a fraction; 0.02 is 2 %."),
    INTEGER(environment, lifecycle, max_months, REQUIRED, FROM(1, MOST_MONTHS), "months",
            "Length of an episode."),
    NUMBER(environment, lifecycle, initial_cash, DEFAULT(0), FROM(0, MOST_MONEY), "euro",
           "Cash at the start."),
    NUMBER(environment, lifecycle, income_growth, DEFAULT(0), FROM(-0.5, 1), "1/year",
           "Nominal growth of income over a year."),
    NUMBER(environment, lifecycle, income_transitory_std, DEFAULT(0),
           FROM(0, MOST_DEVIATION), "",
           "Log deviation of a month's income from its level."),
    NUMBER(environment, lifecycle, income_permanent_std, DEFAULT(0), FROM(0, 1), "",
           "Log deviation of the monthly steps by which the level of income wanders."),
    NUMBER(environment, lifecycle, job_loss_probability, DEFAULT(0), FROM(0, 1),
           "1/month", "Chance of somebody employed to lose the job in a month."),
    NUMBER(environment, lifecycle, job_finding_probability, DEFAULT(1), FROM(0, 1),
           "1/month", "Chance of somebody unemployed to find a job in a month."),
    NUMBER(environment, lifecycle, unemployment_replacement, DEFAULT(0), FROM(0, 1),
           "of income", "What the unemployed receive."),
    INTEGER(environment, lifecycle, retirement_month, DEFAULT(0), FROM(0, MOST_MONTHS),
            "months", "Last month of work; 0: works to the end."),
    NUMBER(environment, lifecycle, pension_replacement, DEFAULT(0.6), FROM(0, 2),
           "of income", "Pension, as a share of the last income; it grows with prices."),
    NUMBER(environment, lifecycle, shock_probability, DEFAULT(0), FROM(0, 1), "1/month",
           "Chance of a large unplanned cost (repairs, illness) in a month."),
    NUMBER(environment, lifecycle, shock_mean, DEFAULT(0), FROM(0, MOST_MONEY), "euro",
           "Mean of such a cost, at the prices of the start."),
    NUMBER(environment, lifecycle, shock_std, DEFAULT(0), FROM(0, MOST_DEVIATION), "",
           "Log deviation of such a cost."),
    NUMBER(environment, lifecycle, cash_return, DEFAULT(0), FROM(-0.5, 1), "1/year",
           "What cash earns over a year."),
    NUMBER(environment, lifecycle, investment_return_mean, DEFAULT(0), FROM(-0.9, 1),
           "1/month",
           "What the portfolio earns in a month on average (arithmetic mean)."),
    NUMBER(environment, lifecycle, investment_return_std, DEFAULT(0), FROM(0, 1),
           "1/month", "Standard deviation of what the portfolio earns in a month."),
    {{"environment", "investment_return_type", NULL, HRL_KEY_CHOICE,
      DEFAULT(HRLP_RETURN_NONE), FROM(HRLP_RETURN_NONE, HRLP_RETURN_STOCHASTIC),
      "none fixed stochastic", "",
      "How the portfolio earns: not at all, the mean every month, or a lognormal draw. "
      "Where it is left out, a mean implies fixed, and a standard deviation stochastic."},
     MEMBER(lifecycle.investment_return_type)},
    NUMBER(
        environment, lifecycle, capital_tax, DEFAULT(0), FROM(0, 1), "",
        "Tax on the month's returns of cash and portfolio; losses are offset in full."),
    NUMBER(environment, lifecycle, consumption_floor, DEFAULT(0), FROM(0, MOST_INCOME),
           "euro/month",
           "Cash on hand below which nobody falls: a transfer fills the gap. At the "
           "prices of the start."),
    NUMBER(environment, lifecycle, safety_threshold, DEFAULT(0), FROM(0, MOST_MONEY),
           "euro",
           "Wealth that the household wants to keep at hand; the first goal's buffer."),
    NUMBER(environment, lifecycle, risk_tolerance, DEFAULT(0.5), FROM(0, 1), "",
           "How far the executor may depart from its goal at first."),
};

static const struct hrlp_key_row utility_rows[] = {
    NUMBER(utility, utility, risk_aversion, DEFAULT(3), ABOVE(0, MOST_AVERSION), "",
           "Relative risk aversion; 1 is the logarithm."),
    NUMBER(utility, utility, discount_factor, DEFAULT(0.96), ABOVE(0, 1.2), "1/year",
           "What consumption a year ahead is worth beside consumption now."),
    INTEGER(utility, utility, bequest_months, DEFAULT(0), FROM(0, MOST_MONTHS), "months",
            "What is left at the end is worth as much as if it were spent evenly over so "
            "many months more; 0: nothing."),
};

const struct hrlp_section hrlp_lifecycle_environment_keys =
    SECTION("environment", environment_rows);
const struct hrlp_section hrlp_lifecycle_utility_keys = SECTION("utility", utility_rows);
