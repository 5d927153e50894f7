#include "train/progress_bar.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define SECONDS_BETWEEN 0.1
#define BAR_MAX 40
#define BAR_MIN 5
#define LINE_SIZE 160

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static bool is_set(const char *variable) {
  const char *value = getenv(variable);
  return value != NULL && *value != '\0';
}

void progress_bar_enable(struct progress_bar *bar) {
  const char *terminal = getenv("TERM");
  bool can_move_cursor =
      terminal != NULL && *terminal != '\0' && strcmp(terminal, "dumb") != 0;
  bar->enabled = can_move_cursor && isatty(STDERR_FILENO);
  bar->colour = !is_set("NO_COLOR");
}

void progress_bar_begin(struct progress_bar *bar, uint64_t first) {
  bar->first = first;
  bar->begun_at = now();
}

/* Asked each time, as windows change their size. */
static int get_columns(void) {
  struct winsize size;
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

static void format_duration(char *text, size_t size, double seconds) {
  if (!(seconds < 360000.0))
    snprintf(text, size, "days");
  else if (seconds < 60.0)
    snprintf(text, size, "%.0fs", ceil(seconds));
  else if (seconds < 3600.0)
    snprintf(text, size, "%dm%02ds", (int)seconds / 60, (int)seconds % 60);
  else
    snprintf(text, size, "%dh%02dm", (int)seconds / 3600, (int)seconds / 60 % 60);
}

/* " 47%  472/1000  512 episodes/s  1s left" */
static void format_figures(char *text, size_t size, const struct progress_bar *bar,
                           uint64_t done, uint64_t total) {
  int used = snprintf(text, size, "%3d%%  %" PRIu64 "/%" PRIu64,
                      (int)(100.0 * (double)done / (double)total), done, total);
  double seconds = now() - bar->begun_at;
  if (done <= bar->first || !(seconds > 0.0)) return;
  double rate = (double)(done - bar->first) / seconds;
  char left[16];
  format_duration(left, sizeof left, (double)(total - done) / rate);
  snprintf(text + used, size - (size_t)used, "  %.*f episodes/s  %s left",
           rate < 10.0 ? 1 : 0, rate, left);
}

void progress_bar_draw(struct progress_bar *bar, uint64_t done, uint64_t total) {
  if (!bar->enabled || total == 0 || done > total) return;
  if (bar->visible && now() - bar->drawn_at < SECONDS_BETWEEN) return;
  char figures[LINE_SIZE];
  format_figures(figures, sizeof figures, bar, done, total);
  /* the last column stays free: writing there may move on to the next line */
  int room = get_columns() - 1;
  int length = (int)strlen(figures);
  int width = room - length - 3;
  if (width > BAR_MAX) width = BAR_MAX;
  if (width < BAR_MIN) {
    fprintf(stderr, "\r\033[K%.*s", room, figures);
  } else {
    char full[BAR_MAX + 1];
    char rest[BAR_MAX + 1];
    memset(full, '#', BAR_MAX);
    memset(rest, '.', BAR_MAX);
    int reached = (int)((double)width * ((double)done / (double)total));
    fprintf(stderr, "\r\033[K[%s%.*s%s%.*s] %s", bar->colour ? "\033[32m" : "", reached,
            full, bar->colour ? "\033[0m" : "", width - reached, rest, figures);
  }
  bar->visible = true;
  bar->drawn_at = now();
}

void progress_bar_hide(struct progress_bar *bar) {
  if (!bar->visible) return;
  fputs("\r\033[K", stderr);
  bar->visible = false;
}
