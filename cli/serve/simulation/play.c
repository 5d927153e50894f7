#include "serve/simulation/play.h"

#include <hrl/evaluate.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_text.h"
#include "serve/simulation/fan.h"

/* ---- what comes of the episodes ---- */

enum figure { DURATION, CASH, INVESTED, PORTFOLIO, WEALTH, GAINS, FIGURES };
static const char *const figure_names[FIGURES] = {"duration",       "final_cash",
                                                  "final_invested", "final_portfolio",
                                                  "total_wealth",   "investment_gains"};

/* Mean and deviation, by Welford. */
struct moments {
  double count, mean, square;
};

static void add(struct moments *moments, double value) {
  double difference = value - moments->mean;
  moments->mean += difference / ++moments->count;
  moments->square += difference * (value - moments->mean);
}

/* Of the months of one episode, as far as they are told. */
struct month {
  double cash, invested, portfolio, income, consumption;
  hrl_allocation allocation;
};

struct playing {
  const struct play_request *request;
  bool is_lifecycle;
  struct moments figures[FIGURES];
  struct moments shares[3]; /* of all months */
  uint64_t episode, month;  /* the present ones */
  double last[FIGURES];     /* of the present month */
  struct month *months;     /* [room] of the present episode */
  size_t room;
  size_t told;  /* episodes that are in the text */
  size_t spent; /* months in it */
  FILE *text;
};

/* ---- episodes as text ---- */

/* Cents are enough, and a text half as long. */
static void write_series(FILE *out, const char *name, const struct month *months,
                         size_t count, size_t offset) {
  fprintf(out, ",\"%s\":[", name);
  for (size_t i = 0; i < count; i++) {
    double value;
    memcpy(&value, (const char *)&months[i] + offset, sizeof value);
    fprintf(out, "%s%.2f", i > 0 ? "," : "", value);
  }
  fputc(']', out);
}

static void write_months(FILE *out, const struct playing *playing, size_t count) {
  const struct month *months = playing->months;
  fputs(",\"months\":[", out);
  for (size_t i = 0; i < count; i++) fprintf(out, "%s%zu", i > 0 ? "," : "", i + 1);
  fputc(']', out);
  write_series(out, "cash_history", months, count, offsetof(struct month, cash));
  write_series(out, "invested_history", months, count, offsetof(struct month, invested));
  write_series(out, "portfolio_history", months, count,
               offsetof(struct month, portfolio));
  if (playing->is_lifecycle) {
    write_series(out, "income_history", months, count, offsetof(struct month, income));
    write_series(out, "consumption_history", months, count,
                 offsetof(struct month, consumption));
  }
  fputs(",\"actions\":[", out);
  for (size_t i = 0; i < count; i++)
    fprintf(out, "%s[%.6g,%.6g,%.6g]", i > 0 ? "," : "", months[i].allocation.invest,
            months[i].allocation.save, months[i].allocation.consume);
  fputc(']', out);
}

/* Adds the episode that has ended. */
static void write_episode(struct playing *playing) {
  FILE *out = playing->text;
  const double *last = playing->last;
  size_t count = (size_t)playing->month;
  fprintf(out,
          "%s{\"episode_id\":%" PRIu64
          ",\"duration\":%zu,\"final_cash\":%.10g,"
          "\"final_invested\":%.10g,\"final_portfolio_value\":%.10g,"
          "\"total_wealth\":%.10g,\"investment_gains\":%.10g",
          playing->told > 0 ? "," : "[", playing->episode, count, last[CASH],
          last[INVESTED], last[PORTFOLIO], last[WEALTH], last[GAINS]);
  write_months(out, playing, count);
  fputc('}', out);
  playing->told++;
  playing->spent += count;
}

static void end_episode(struct playing *playing) {
  if (playing->month == 0) return;
  for (int i = 0; i < FIGURES; i++) add(&playing->figures[i], playing->last[i]);
  bool is_next = playing->told == playing->episode; /* all before it are there */
  if (is_next && playing->spent + playing->month <= PLAY_MONTHS_TOLD)
    write_episode(playing);
}

/* ---- months ---- */

static int hear_month(const hrl_trajectory_month *month, void *data) {
  struct playing *playing = data;
  if (month->month == 1) {
    end_episode(playing);
    playing->episode = month->episode;
  }
  playing->month = month->month;
  playing->last[DURATION] = (double)month->month;
  playing->last[CASH] = month->cash;
  playing->last[INVESTED] = month->invested;
  playing->last[PORTFOLIO] = month->portfolio;
  playing->last[WEALTH] = month->cash + month->portfolio;
  playing->last[GAINS] = month->portfolio - month->invested;
  add(&playing->shares[0], month->allocation.invest);
  add(&playing->shares[1], month->allocation.save);
  add(&playing->shares[2], month->allocation.consume);
  if (month->month <= playing->room)
    playing->months[month->month - 1] =
        (struct month){month->cash,   month->invested,    month->portfolio,
                       month->income, month->consumption, month->allocation};
  return playing->request->ending != NULL && atomic_load(playing->request->ending);
}

/* ---- the result ---- */

static json_t *make_head(const struct playing *playing) {
  static const char *const shares[3] = {"avg_invest_pct", "avg_save_pct",
                                        "avg_consume_pct"};
  json_t *head = json_object();
  for (int i = 0; i < FIGURES; i++) {
    const struct moments *moments = &playing->figures[i];
    char name[40];
    snprintf(name, sizeof name, "%s_mean", figure_names[i]);
    json_object_set_new(head, name, json_number(moments->mean));
    snprintf(name, sizeof name, "%s_std", figure_names[i]);
    json_object_set_new(head, name,
                        json_number(sqrt(moments->square / fmax(moments->count, 1.0))));
  }
  for (int i = 0; i < 3; i++)
    json_object_set_new(head, shares[i], json_number(playing->shares[i].mean));
  json_object_set_new(head, "episodes_stored", json_integer((json_int_t)playing->told));
  return head;
}

static hrl_status fail_memory(hrl_error *error) {
  error->status = HRL_ERROR_MEMORY;
  snprintf(error->message, sizeof error->message, "out of memory for a simulation");
  return HRL_ERROR_MEMORY;
}

hrl_status play(const struct play_request *request, struct play_result *result,
                hrl_error *error) {
  struct playing playing = {.request = request, .room = PLAY_MONTHS_TOLD};
  hrl_evaluate_options options = HRL_EVALUATE_OPTIONS_INIT;
  double months = 0.0;
  size_t length = 0;
  *result = (struct play_result){.head = NULL};
  options.episodes = request->episodes;
  options.seed = request->seed;
  options.threads = 1; /* training has the others */
  (void)hrl_scenario_get(request->household, "environment.max_months", &months, NULL);
  if (months < (double)playing.room) playing.room = (size_t)months;
  playing.is_lifecycle = strcmp(hrl_scenario_model(request->household), "lifecycle") == 0;
  playing.months = calloc(playing.room + 1, sizeof *playing.months);
  playing.text = open_memstream(&result->episodes, &length);
  hrl_status status =
      playing.months == NULL || playing.text == NULL
          ? fail_memory(error)
          : hrl_evaluate_trajectory(request->policy, request->household, &options,
                                    hear_month, &playing, error);
  if (status == HRL_OK) {
    end_episode(&playing);
    fputs(playing.told > 0 ? "]" : "[]", playing.text);
    result->head = make_head(&playing);
    status = fan_make(request, &options, (size_t)months, &result->percentiles, error);
  }
  bool written = playing.text != NULL && !ferror(playing.text);
  if (playing.text != NULL && fclose(playing.text) != 0) written = false;
  free(playing.months);
  if (status == HRL_OK && !written) status = fail_memory(error);
  if (status == HRL_OK) return HRL_OK;
  json_decref(result->head);
  json_decref(result->percentiles);
  free(result->episodes);
  *result = (struct play_result){.head = NULL};
  return status;
}
