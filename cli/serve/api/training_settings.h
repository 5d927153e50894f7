/* api/training_settings.h - what training is given at its start. */
#ifndef SERVE_API_TRAINING_SETTINGS_H
#define SERVE_API_TRAINING_SETTINGS_H

#include "serve/api/metrics.h"
#include "serve/files/scenario_store.h"
#include "serve/net/loop.h"
#include "serve/socketio/session.h"

struct training_settings {
  struct loop *loop;         /* that the run's news wake */
  struct sessions *sessions; /* who is told */
  struct metrics *metrics;   /* that count runs and episodes */
  const struct scenario_store *scenarios;
  const char *models;        /* folder */
  unsigned concurrency;      /* runs at a time */
  unsigned threads;          /* for all of them */
  int64_t progress_interval; /* microseconds */
  bool log_json;
};

#endif
