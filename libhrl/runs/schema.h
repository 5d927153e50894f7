/* runs/schema.h - the tables of runs.db, step by step. docs/runs.md describes them. */
#ifndef HRLP_RUNS_SCHEMA_H
#define HRLP_RUNS_SCHEMA_H

/* Brings a database from schema I to I + 1. A step never changes once it was released. */
static const char *const hrlp_runs_steps[] = {
    "CREATE TABLE scenarios(id INTEGER PRIMARY KEY, hash TEXT NOT NULL, text TEXT NOT "
    "NULL,"
    " UNIQUE(hash, text));"
    "CREATE TABLE runs(id INTEGER PRIMARY KEY AUTOINCREMENT, scenario TEXT NOT NULL,"
    " scenario_id INTEGER NOT NULL REFERENCES scenarios(id), state INTEGER NOT NULL,"
    " locked INTEGER NOT NULL, started TEXT NOT NULL, ended TEXT, seed INTEGER NOT NULL,"
    " episode INTEGER NOT NULL, total_episodes INTEGER NOT NULL,"
    " save_interval INTEGER NOT NULL, keep INTEGER NOT NULL,"
    " eval_episodes INTEGER NOT NULL, threads INTEGER NOT NULL, parts INTEGER NOT NULL,"
    " elapsed REAL, best_return REAL, best_episode INTEGER, final_return REAL,"
    " final_stderr REAL, final_episode INTEGER, final_returns BLOB,"
    " version TEXT NOT NULL, host TEXT NOT NULL, process INTEGER NOT NULL, error TEXT);"
    "CREATE INDEX runs_scenario ON runs(scenario);"
    "CREATE INDEX runs_started ON runs(started);"
    "CREATE TABLE progress(run INTEGER NOT NULL REFERENCES runs(id),"
    " episode INTEGER NOT NULL, reward REAL, duration REAL, cash REAL, invested REAL,"
    " stability REAL, adherence REAL, elapsed REAL,"
    " PRIMARY KEY(run, episode)) WITHOUT ROWID;"
    "CREATE TABLE evaluations(run INTEGER NOT NULL REFERENCES runs(id),"
    " episode INTEGER NOT NULL, episodes INTEGER NOT NULL, strategic_return REAL,"
    " strategic_return_stderr REAL, reward REAL, months REAL, solvent REAL,"
    " stability REAL, final_cash REAL, invested REAL, wealth REAL, adherence REAL,"
    " PRIMARY KEY(run, episode)) WITHOUT ROWID;",
    "ALTER TABLE runs ADD COLUMN patience INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE runs ADD COLUMN min_improvement REAL;"
    "ALTER TABLE runs ADD COLUMN min_episodes INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE runs ADD COLUMN target REAL;"
    "ALTER TABLE runs ADD COLUMN reason TEXT;",
    "ALTER TABLE runs ADD COLUMN queue INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE runs ADD COLUMN hold INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE runs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE runs ADD COLUMN own INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE runs ADD COLUMN queued TEXT;"
    "CREATE INDEX runs_queue ON runs(priority DESC, id) WHERE queue = 1;",
    "ALTER TABLE runs ADD COLUMN best_equivalent REAL;"
    "ALTER TABLE runs ADD COLUMN final_equivalent REAL;"
    "ALTER TABLE runs ADD COLUMN final_equivalent_stderr REAL;"
    "ALTER TABLE evaluations ADD COLUMN certainty_equivalent REAL;"
    "ALTER TABLE evaluations ADD COLUMN certainty_equivalent_stderr REAL;"
    "ALTER TABLE evaluations ADD COLUMN consumption REAL;"
    "ALTER TABLE evaluations ADD COLUMN rescued REAL;",
};

#endif
