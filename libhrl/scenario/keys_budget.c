/* The keys of the base household. */
#include "scenario/key_rows.h"

static const struct hrlp_key_row environment_rows[] = {
    NUMBER(environment, environment, income, REQUIRED, ABOVE(0, MOST_INCOME),
           "euro/month", "Net income."),
    NUMBER(environment, environment, fixed_expenses, REQUIRED, FROM(0, MOST_MONEY),
           "euro/month",
           "Expenses that are the same every month (rent, utilities, insurance), at the "
           "prices of the first month."),
    NUMBER(environment, environment, variable_expense_mean, REQUIRED, FROM(0, MOST_MONEY),
           "euro/month",
           "Mean of the expenses that vary from month to month (food, leisure, repairs), "
           "at the prices of the first month."),
    NUMBER(environment, environment, variable_expense_std, REQUIRED, FROM(0, MOST_MONEY),
           "euro/month",
           "Standard deviation of the expenses that vary from month to month."),
    NUMBER(environment, environment, inflation, REQUIRED, FROM(-1, 1), "1/year",
           "Yearly growth of all expenses, as a fraction; 0.02 is 2 %."),
    NUMBER(environment, environment, safety_threshold, REQUIRED, FROM(0, MOST_MONEY),
           "euro",
           "Cash that the household wants to keep; having less reduces the reward."),
    INTEGER(environment, environment, max_months, REQUIRED, FROM(1, MOST_MONTHS),
            "months",
            "Length of an episode, unless the household becomes insolvent earlier."),
    NUMBER(environment, environment, initial_cash, DEFAULT(0), FROM(0, MOST_MONEY),
           "euro", "Initial cash."),
    NUMBER(environment, environment, risk_tolerance, REQUIRED, FROM(0, 1), "",
           "Risk tolerance of the household, which the agents observe."),
    NUMBER(environment, environment, investment_return_mean, DEFAULT(0), FROM(-1, 1),
           "1/month", "Mean monthly return of the portfolio, as a fraction."),
    NUMBER(environment, environment, investment_return_std, DEFAULT(0), FROM(0, 1),
           "1/month", "Standard deviation of the portfolio's monthly return."),
    {{"environment", "investment_return_type", NULL, HRL_KEY_CHOICE,
      DEFAULT(HRLP_RETURN_NONE), FROM(HRLP_RETURN_NONE, HRLP_RETURN_STOCHASTIC),
      "none fixed stochastic", "",
      "Returns of the portfolio: none, the mean every month, or a normal draw. If "
      "omitted, a mean implies fixed, a standard deviation stochastic."},
     MEMBER(environment.investment_return_type)},
};

static const struct hrlp_key_row reward_rows[] = {
    NUMBER(reward, reward, alpha, DEFAULT(10), FROM(0, MOST_WEIGHT), "",
           "Weight of a euro invested."),
    NUMBER(reward, reward, beta, DEFAULT(0.1), FROM(0, MOST_WEIGHT), "",
           "Weight of a euro of cash below the safety threshold, as a penalty."),
    NUMBER(reward, reward, gamma, DEFAULT(5), FROM(0, MOST_WEIGHT), "",
           "Weight of a euro of expenses above income, as a penalty."),
    NUMBER(reward, reward, delta, DEFAULT(20), FROM(0, MOST_WEIGHT), "",
           "Weight of a euro of cash below zero, as a penalty."),
    /* the older files' spelling is the one written, so that they and ours stay alike */
    {{"reward", "lambda_", "lambda", HRL_KEY_NUMBER, DEFAULT(1), FROM(0, MOST_WEIGHT),
      NULL, "", "Weight of a euro of wealth gained during a period of the strategist."},
     MEMBER(reward.lambda)},
    NUMBER(reward, reward, mu, DEFAULT(0.5), FROM(0, MOST_WEIGHT), "",
           "Weight of a month that ends with cash above zero, for the strategist."),
};

const struct hrlp_section hrlp_budget_environment_keys =
    SECTION("environment", environment_rows);
const struct hrlp_section hrlp_budget_reward_keys = SECTION("reward", reward_rows);
