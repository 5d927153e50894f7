/* report/report.h - the figures of a report: what a trained pair is, how it learned, what
 * it is worth and what it does. Reports are made from these alone: nothing is played or
 * read any more. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "report/yardsticks.h"

/* Percentiles that are kept of every month, and of what is left at the end. */
enum level { P5, P25, P50, P75, P95, LEVELS };
#define WHOLE_LEVELS 101 /* 0, 1 ... 100 */

enum figure { CASH, PORTFOLIO, WEALTH, CONSUMPTION, SHARE, FIGURES };

enum player_place { PLAYER_AGENTS, PLAYER_RULE, PLAYER_OPTIMUM, PLAYERS };

/* How one player's episodes spread. */
struct report_player {
  bool present;
  double *values[FIGURES][LEVELS];   /* [months] */
  double *solvent;                   /* [months] share that may live on after it */
  double final_wealth[WHOLE_LEVELS]; /* of all episodes, ascending */
};

/* The course of the training, in stretches of episodes that follow each other. */
struct report_course {
  size_t count;      /* stretches; 0: it is not known */
  double episodes;   /* in all */
  double stretch;    /* episodes in one */
  double *episode;   /* [count] the last of each */
  double *reward[3]; /* [count] a quarter, half, three quarters of its rewards */
  double
      *stability; /* [count] mean share of months with cash above zero, or no transfer */
};

/* What keeping a reserve of so many months of income is worth (lifecycle). */
#define RESERVES 9
struct report_reserve {
  double months;
  double worth, worth_stderr;
};

/* A key of the scenario. */
struct report_key {
  const char *section, *name, *unit, *text; /* static */
  char value[32];
};

/* What a report says; `charts` are those in all the others. */
enum report_part {
  PART_SUMMARY = 1,
  PART_RESULTS = 2,
  PART_STRATEGY = 4,
  PART_TRAINING = 8,
  PART_SCENARIO = 16,
  PART_CHARTS = 32,
};

struct report_run;

struct report {
  unsigned parts;               /* enum report_part; 0: all */
  const char *title;            /* NULL: the scenario's name */
  const struct report_run *run; /* a simulation that is told of, too, or NULL */
  const char *model;            /* as its user calls it */
  const char *scenario;         /* its name */
  const char *description;      /* or "" */
  const char *differences;      /* from the household trained on, or NULL */
  const char *created;          /* when, as text */
  bool is_lifecycle;
  uint64_t episodes, seed; /* of the evaluation */
  size_t months;
  double *time; /* [months] years, or months where they are few */
  bool in_years;
  double income, threshold; /* euro; the safety threshold of the base model, else NaN */
  double retirement;        /* month, or 0 */
  struct yardsticks yardsticks;
  struct report_player players[PLAYERS];
  struct report_course course;
  struct report_reserve reserves[RESERVES];
  size_t reserve_count;
  struct report_key *keys;
  size_t key_count;
};

/* What a player came to. */
const hrl_evaluation *report_evaluation(const struct report *report,
                                        enum player_place place);

#endif
