/* train/signals.h - Ctrl-C and its relatives stop a training gracefully, Ctrl-Z pauses
 * it. */
#ifndef CLI_TRAIN_SIGNALS_H
#define CLI_TRAIN_SIGNALS_H

#include <stdbool.h>

#include <hrl/trainer.h>

/* From here on SIGINT, SIGTERM and SIGHUP stop `trainer`; a second one ends the program
 * at once. SIGTSTP pauses it, and then stops the process, until SIGCONT. A signal that
 * the parent had ignored stays ignored. The first one writes `announcement`, static text
 * or NULL, to standard error.
 * Of a run that is `shared` by ranks, SIGUSR1 is one more that stops it, for launchers
 * that pass it on but not the others; and a second signal does nothing: launchers send
 * several. */
void train_signals_watch(hrl_trainer *trainer, const char *announcement, bool shared);

/* From here on signals do again what they usually do. Gives the one that stopped the
 * trainer, 0: none did. */
int train_signals_end(void);

#endif
