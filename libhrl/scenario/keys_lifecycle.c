/* The keys of the lifecycle household. */
#include "scenario/key_rows.h"

/* Above it a utility is either nothing or beyond all numbers. */
#define MOST_AVERSION 20
/* of a logarithm: a lognormal of more has no meaningful mean */
#define MOST_DEVIATION 2

static const struct hrlp_key_row environment_rows[] = {
    NUMBER(environment, lifecycle, income, REQUIRED, FROM(0, MOST_INCOME), "euro/month",
           "Net income when employed, at the start; 0 if the household lives on its "
           "wealth."),
    NUMBER(environment, lifecycle, fixed_expenses, DEFAULT(0), FROM(0, MOST_MONEY),
           "euro/month",
           "Committed expenses that are the same every month (rent, utilities, "
           "insurance), at the prices of the start."),
    NUMBER(environment, lifecycle, variable_expense_mean, DEFAULT(0), FROM(0, MOST_MONEY),
           "euro/month", "Mean of the committed expenses that vary from month to month."),
    NUMBER(environment, lifecycle, variable_expense_std, DEFAULT(0), FROM(0, MOST_MONEY),
           "euro/month",
           "Standard deviation of the committed expenses that vary from month to month."),
    NUMBER(environment, lifecycle, inflation, DEFAULT(0), FROM(-0.5, 1), "1/year",
           "Yearly growth of prices, as a fraction; 0.02 is 2 %."),
    INTEGER(environment, lifecycle, max_months, REQUIRED, FROM(1, MOST_MONTHS), "months",
            "Length of an episode."),
    NUMBER(environment, lifecycle, initial_cash, DEFAULT(0), FROM(0, MOST_MONEY), "euro",
           "Initial cash."),
    NUMBER(environment, lifecycle, income_growth, DEFAULT(0), FROM(-0.5, 1), "1/year",
           "Yearly nominal growth of income."),
    NUMBER(environment, lifecycle, income_transitory_std, DEFAULT(0),
           FROM(0, MOST_DEVIATION), "",
           "Log standard deviation of a month's income around its level (transitory "
           "shocks)."),
    NUMBER(environment, lifecycle, income_permanent_std, DEFAULT(0), FROM(0, 1), "",
           "Log standard deviation of the monthly change of the income level (permanent "
           "shocks)."),
    NUMBER(environment, lifecycle, job_loss_probability, DEFAULT(0), FROM(0, 1),
           "1/month", "Probability of losing the job in a month."),
    NUMBER(environment, lifecycle, job_finding_probability, DEFAULT(1), FROM(0, 1),
           "1/month", "Probability of finding a job in a month when unemployed."),
    NUMBER(environment, lifecycle, unemployment_replacement, DEFAULT(0), FROM(0, 1),
           "of income", "Income when unemployed."),
    INTEGER(environment, lifecycle, retirement_month, DEFAULT(0), FROM(0, MOST_MONTHS),
            "months", "Last month of work; 0: no retirement."),
    NUMBER(environment, lifecycle, pension_replacement, DEFAULT(0.6), FROM(0, 2),
           "of income", "Pension as a share of the last income; it grows with prices."),
    NUMBER(environment, lifecycle, shock_probability, DEFAULT(0), FROM(0, 1), "1/month",
           "Probability of a large unplanned expense (repair, illness) in a month."),
    NUMBER(environment, lifecycle, shock_mean, DEFAULT(0), FROM(0, MOST_MONEY), "euro",
           "Mean of such an expense, at the prices of the start."),
    NUMBER(environment, lifecycle, shock_std, DEFAULT(0), FROM(0, MOST_DEVIATION), "",
           "Log standard deviation of such an expense."),
    NUMBER(environment, lifecycle, cash_return, DEFAULT(0), FROM(-0.5, 1), "1/year",
           "Yearly return of cash."),
    NUMBER(environment, lifecycle, investment_return_mean, DEFAULT(0), FROM(-0.9, 1),
           "1/month", "Mean monthly return of the portfolio (arithmetic mean)."),
    NUMBER(environment, lifecycle, investment_return_std, DEFAULT(0), FROM(0, 1),
           "1/month", "Standard deviation of the portfolio's monthly return."),
    {{"environment", "investment_return_type", NULL, HRL_KEY_CHOICE,
      DEFAULT(HRLP_RETURN_NONE), FROM(HRLP_RETURN_NONE, HRLP_RETURN_STOCHASTIC),
      "none fixed stochastic", "",
      "Returns of the portfolio: none, the mean every month, or a lognormal draw. If "
      "omitted, a mean implies fixed, a standard deviation stochastic."},
     MEMBER(lifecycle.investment_return_type)},
    NUMBER(
        environment, lifecycle, capital_tax, DEFAULT(0), FROM(0, 1), "",
        "Tax on the monthly returns of cash and portfolio; losses are offset in full."),
    NUMBER(environment, lifecycle, consumption_floor, DEFAULT(0), FROM(0, MOST_INCOME),
           "euro/month",
           "Minimum cash on hand, guaranteed by a transfer, at the prices of the start."),
    NUMBER(environment, lifecycle, safety_threshold, DEFAULT(0), FROM(0, MOST_MONEY),
           "euro",
           "Wealth that the household wants to keep; buffer of the initial goal."),
    NUMBER(environment, lifecycle, risk_tolerance, DEFAULT(0.5), FROM(0, 1), "",
           "How far the executor may initially deviate from its goal."),
};

static const struct hrlp_key_row utility_rows[] = {
    NUMBER(utility, utility, risk_aversion, DEFAULT(3), ABOVE(0, MOST_AVERSION), "",
           "Relative risk aversion; 1 is the logarithm."),
    NUMBER(utility, utility, discount_factor, DEFAULT(0.96), ABOVE(0, 1.2), "1/year",
           "Value of consumption in a year relative to consumption now."),
    INTEGER(utility, utility, bequest_months, DEFAULT(0), FROM(0, MOST_MONTHS), "months",
            "Months over which wealth left at the end counts as if spent evenly; 0: it "
            "has no value."),
};

const struct hrlp_section hrlp_lifecycle_environment_keys =
    SECTION("environment", environment_rows);
const struct hrlp_section hrlp_lifecycle_utility_keys = SECTION("utility", utility_rows);
