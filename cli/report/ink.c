#include "report/ink.h"

/* Blue, orange and green that also those tell apart who see fewer colours; lines differ
 * in their dashes, too, for print in grey. */
#define BLUE 0x1f6fc4, 0x62a8f2
#define ORANGE 0xc8600a, 0xf09a4e
#define GREEN 0x14805e, 0x4cc39a

static const struct ink_style styles[INKS] = {
    [INK_GRID] = {"g", "grid", 0xe4e6ea, 0x30353d, 1.0, 1.0, {0, 0}, 0.0, 0},
    [INK_AXIS] = {"x", "axis", 0x9aa1ac, 0x6d7480, 1.0, 1.0, {0, 0}, 0.0, 0},
    [INK_AGENTS] = {"a", "agents", BLUE, 1.0, 3.0, {0, 0}, 0.0, 0},
    [INK_RULE] = {"r", "rule", ORANGE, 1.0, 1.8, {6, 4}, 0.0, 0},
    [INK_OPTIMUM] = {"o", "optimum", GREEN, 1.0, 1.8, {2, 3}, 0.0, 0},
    [INK_MARK] = {"m", "axis", 0x9aa1ac, 0x6d7480, 1.0, 1.2, {4, 4}, 0.0, 0},
    [INK_AGENTS_OUTER] = {"p", "agents", BLUE, 0.13, 0.0, {0, 0}, 0.0, 0},
    [INK_AGENTS_INNER] = {"q", "agents", BLUE, 0.22, 0.0, {0, 0}, 0.0, 0},
    [INK_TEXT] = {"t", "ink", 0x24292f, 0xdfe3e9, 1.0, 0.0, {0, 0}, 12.0, 0},
    [INK_TEXT_FAINT] = {"f", "faint", 0x5d6570, 0x9aa3af, 1.0, 0.0, {0, 0}, 11.5, 0},
    [INK_TITLE] = {"h", "ink", 0x24292f, 0xdfe3e9, 1.0, 0.0, {0, 0}, 15.0, 1},
};

const struct ink_style *ink_style(enum ink ink) { return &styles[ink]; }
