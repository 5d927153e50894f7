#include "serve/api/workers.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* First in, first out. */
struct line {
  struct job *first;
  struct job **last;
};

struct workers {
  struct loop *loop;
  struct watch watch; /* an eventfd: jobs are done */
  unsigned waiting_max;
  unsigned busy; /* the loop's */
  atomic_bool ending;
  pthread_mutex_t lock;
  pthread_cond_t some;
  struct line waiting;
  struct line finished;
  bool closed; /* threads end once nothing waits */
  unsigned thread_count;
  pthread_t threads[];
};

static void line_clear(struct line *line) {
  line->first = NULL;
  line->last = &line->first;
}

static void line_add(struct line *line, struct job *job) {
  job->next = NULL;
  *line->last = job;
  line->last = &job->next;
}

static struct job *line_take(struct line *line) {
  struct job *job = line->first;
  if (job == NULL) return NULL;
  line->first = job->next;
  if (line->first == NULL) line->last = &line->first;
  return job;
}

static void *work(void *data) {
  struct workers *workers = data;
  const uint64_t one = 1;
  pthread_mutex_lock(&workers->lock);
  for (;;) {
    struct job *job = line_take(&workers->waiting);
    if (job == NULL && workers->closed) break;
    if (job == NULL) {
      pthread_cond_wait(&workers->some, &workers->lock);
      continue;
    }
    bool wanted = !workers->closed;
    pthread_mutex_unlock(&workers->lock);
    if (wanted) job->work(job);
    pthread_mutex_lock(&workers->lock);
    line_add(&workers->finished, job);
    /* it only fails where the loop is about to wake anyway */
    (void)!write(workers->watch.descriptor, &one, sizeof one);
  }
  pthread_mutex_unlock(&workers->lock);
  return NULL;
}

/* Hands back what is done. */
static void hand_back(struct workers *workers) {
  pthread_mutex_lock(&workers->lock);
  struct job *job = workers->finished.first;
  line_clear(&workers->finished);
  pthread_mutex_unlock(&workers->lock);
  while (job != NULL) {
    struct job *next = job->next;
    workers->busy--;
    job->done(job);
    job = next;
  }
}

static void some_are_done(struct watch *watch, uint32_t events) {
  struct workers *workers = holder_of(watch, struct workers, watch);
  uint64_t count;
  (void)events;
  if (read(watch->descriptor, &count, sizeof count) == (ssize_t)sizeof count)
    hand_back(workers);
}

/* Signals are the loop's. */
static bool begin_thread(struct workers *workers) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  bool begun =
      pthread_create(&workers->threads[workers->thread_count], NULL, work, workers) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  workers->thread_count += begun;
  return begun;
}

struct workers *workers_create(struct loop *loop, unsigned threads,
                               unsigned waiting_max) {
  struct workers *workers = calloc(1, sizeof *workers + threads * sizeof(pthread_t));
  if (workers == NULL) return NULL;
  workers->loop = loop;
  workers->waiting_max = waiting_max;
  workers->watch = (struct watch){some_are_done, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  pthread_mutex_init(&workers->lock, NULL);
  pthread_cond_init(&workers->some, NULL);
  line_clear(&workers->waiting);
  line_clear(&workers->finished);
  bool ok = workers->watch.descriptor != -1 && watch_add(loop, &workers->watch, EPOLLIN);
  while (ok && workers->thread_count < threads) ok = begin_thread(workers);
  if (ok) return workers;
  workers_destroy(workers);
  return NULL;
}

bool workers_submit(struct workers *workers, struct job *job) {
  pthread_mutex_lock(&workers->lock);
  bool taken = !workers->closed && !atomic_load(&workers->ending) &&
               workers->busy < workers->waiting_max + workers->thread_count;
  if (taken) {
    line_add(&workers->waiting, job);
    pthread_cond_signal(&workers->some);
  }
  pthread_mutex_unlock(&workers->lock);
  workers->busy += taken;
  return taken;
}

unsigned workers_busy(const struct workers *workers) { return workers->busy; }

void workers_end(struct workers *workers) { atomic_store(&workers->ending, true); }

const atomic_bool *workers_ending(const struct workers *workers) {
  return &workers->ending;
}

void workers_destroy(struct workers *workers) {
  if (workers == NULL) return;
  workers_end(workers);
  pthread_mutex_lock(&workers->lock);
  workers->closed = true;
  pthread_cond_broadcast(&workers->some);
  pthread_mutex_unlock(&workers->lock);
  for (unsigned i = 0; i < workers->thread_count; i++)
    pthread_join(workers->threads[i], NULL);
  hand_back(workers);
  if (workers->watch.descriptor != -1) {
    watch_remove(workers->loop, &workers->watch);
    close(workers->watch.descriptor);
  }
  pthread_cond_destroy(&workers->some);
  pthread_mutex_destroy(&workers->lock);
  free(workers);
}
