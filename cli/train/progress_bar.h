/* train/progress_bar.h - a bar on standard error, for a person who watches. */
#ifndef CLI_PROGRESS_BAR_H
#define CLI_PROGRESS_BAR_H

#include <stdbool.h>
#include <stdint.h>

/* A bar. Zero-initialised: none is wanted, and all functions do nothing. */
struct progress_bar {
  bool enabled;
  bool colour;
  bool visible;
  uint64_t first;  /* where it began, so that the rate is of this run alone */
  double begun_at; /* seconds on the monotonic clock */
  double drawn_at; /* the same */
};

/* Enables it where standard error is a terminal that can move its cursor. */
void progress_bar_enable(struct progress_bar *bar);

/* Starts its clock, with `first` things done before. */
void progress_bar_begin(struct progress_bar *bar, uint64_t first);

/* Shows where it stands; not more often than ten times a second, unless it was hidden. */
void progress_bar_draw(struct progress_bar *bar, uint64_t done, uint64_t total);

/* Takes it off the screen, so that a line can be printed where it is. */
void progress_bar_hide(struct progress_bar *bar);

#endif
