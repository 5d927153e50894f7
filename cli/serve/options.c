#include "serve/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/console.h"
#include "common/options.h"
#include "serve/http/origins.h"

/* Places in the table, and in command_line.values. */
enum serve_option {
  SERVE_HOST,
  SERVE_PORT,
  SERVE_SCENARIOS,
  SERVE_MODELS,
  SERVE_RESULTS,
  SERVE_REPORTS,
  SERVE_CORS_ORIGIN,
  SERVE_TOKEN_FILE,
  SERVE_TLS_CERT,
  SERVE_TLS_KEY,
  SERVE_MAX_CLIENTS,
  SERVE_THREADS,
  SERVE_CONCURRENCY,
  SERVE_PROGRESS_INTERVAL,
  SERVE_PING_INTERVAL,
  SERVE_PING_TIMEOUT,
  SERVE_CLIENT_TIMEOUT,
  SERVE_LOG_FORMAT,
};

static const struct option_spec table[] = {
    [SERVE_HOST] = {"host", "ADDRESS",
                    "address to listen on; repeat it or separate addresses by commas",
                    "127.0.0.1 and ::1", 0, 0},
    [SERVE_PORT] = {"port", "PORT", "port to listen on; 0 lets the system choose", "8000",
                    0, 65535},
    [SERVE_SCENARIOS] = {"scenarios", "DIR", "folder of scenarios",
                         "the folders of hrl-train", 0, 0},
    [SERVE_MODELS] = {"models", "DIR", "folder for models and checkpoints", "models", 0,
                      0},
    [SERVE_RESULTS] = {"results", "DIR", "folder for the results of simulations",
                       "results", 0, 0},
    [SERVE_REPORTS] = {"reports", "DIR", "folder for reports", "reports", 0, 0},
    [SERVE_CORS_ORIGIN] = {"cors-origin", "ORIGIN",
                           "origin whose pages may use the service; repeat it or "
                           "separate origins by commas; '*' allows any",
                           "*", 0, 0},
    [SERVE_TOKEN_FILE] = {"token-file", "FILE",
                          "file whose first line is a token that requests must send as "
                          "'Authorization: Bearer' or '?token='",
                          NULL, 0, 0},
    [SERVE_TLS_CERT] = {"tls-cert", "FILE", "certificate chain, PEM; enables HTTPS", NULL,
                        0, 0},
    [SERVE_TLS_KEY] = {"tls-key", "FILE", "private key of the certificate, PEM", NULL, 0,
                       0},
    [SERVE_MAX_CLIENTS] = {"max-clients", "N", "maximum Socket.IO clients", "2000", 1,
                           100000},
    [SERVE_THREADS] = {"threads", "N", "threads for training", "one per processor", 1,
                       256},
    [SERVE_CONCURRENCY] =
        {"concurrency", "N",
         "training runs at the same time; with more than 1, further starts are queued",
         "1", 1, 64},
    [SERVE_PROGRESS_INTERVAL] = {"progress-interval", "MS",
                                 "minimum milliseconds between training_progress events",
                                 "0", 0, 3600000},
    [SERVE_PING_INTERVAL] = {"ping-interval", "MS", "milliseconds between pings", "25000",
                             100, 3600000},
    [SERVE_PING_TIMEOUT] = {"ping-timeout", "MS",
                            "milliseconds for a client to answer a ping", "20000", 100,
                            3600000},
    [SERVE_CLIENT_TIMEOUT] =
        {"client-timeout", "MS",
         "milliseconds that a client may lag before it is disconnected", "60000", 100,
         3600000},
    [SERVE_LOG_FORMAT] = {"log-format", "FORMAT",
                          "format of the log on standard error: text or json", "text", 0,
                          0},
    OPTION_HELP_AND_VERSION,
};

static const struct command serve_command = {
    "hrl-serve",
    "Serves training, evaluation and advice over HTTP and Socket.IO, with a web page.",
    "",
    0,
    table,
    sizeof table / sizeof table[0],
    "Examples:\n"
    "  hrl-serve --scenarios scenarios --models models\n"
    "  curl -X POST -H 'Content-Type: application/json' \\\n"
    "    -d '{\"scenario_name\": \"bologna_coppia\"}' \\\n"
    "    http://127.0.0.1:8000/api/training/start\n"
    "\n"
    "By default only this machine can reach the service. Before opening another\n"
    "address with --host, require a token with --token-file, encrypt with --tls-cert\n"
    "and --tls-key (or use a proxy), and restrict web pages with --cors-origin.\n"
    "\n"
    "SIGTERM and SIGINT stop and save training, disconnect clients and exit.\n"
    "Exit code: 0 ended by a signal, 1 failure, 2 wrong usage.\n"
    "More: man hrl-serve, and /docs of a running service.\n",
};

static bool usage_error(const char *message) {
  console_error("%s; see '%s --help'", message, serve_command.program);
  return false;
}

/* The first line of `path`. The file may hold nothing that an HTTP header cannot. */
static bool read_token(const char *path, char token[TOKEN_MAX + 1]) {
  FILE *file = fopen(path, "re");
  struct stat about;
  if (file == NULL || fstat(fileno(file), &about) != 0 || S_ISDIR(about.st_mode)) {
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): glibc's is safe since 2.32 */
    console_error("--token-file: %s: %s", path, strerror(file == NULL ? errno : EISDIR));
    if (file != NULL) (void)fclose(file); /* it was only read */
    return false;
  }
  char line[TOKEN_MAX + 3] = "";
  bool got = fgets(line, sizeof line, file) != NULL;
  (void)fclose(file);
  line[strcspn(line, "\r\n")] = '\0';
  size_t length = strlen(line);
  bool printable = true;
  for (size_t i = 0; i < length; i++) printable &= line[i] > 0x20 && line[i] < 0x7f;
  if (!got || length == 0 || length > TOKEN_MAX || !printable) {
    console_error(
        "--token-file: %s: its first line must be 1 to %d visible ASCII characters", path,
        TOKEN_MAX);
    return false;
  }
  if ((about.st_mode & S_IROTH) != 0)
    console_error("warning: %s can be read by every user of this machine", path);
  memcpy(token, line, length + 1);
  return true;
}

/* The parser keeps the last of several values, but each of --host and --cors-origin adds
 * one. The result has commas between them and is to be freed; NULL: out of memory. */
static char *join_values(int argc, char **argv, const char *name) {
  const size_t name_length = strlen(name);
  size_t room = 1;
  for (int i = 1; i < argc; i++) room += strlen(argv[i]) + 1;
  char *joined = calloc(room, 1);
  size_t length = 0;
  for (int i = 1; joined != NULL && i < argc; i++) {
    const char *value = NULL;
    if (strcmp(argv[i], name) == 0)
      value = argv[++i];
    else if (strncmp(argv[i], name, name_length) == 0 && argv[i][name_length] == '=')
      value = argv[i] + name_length + 1;
    if (value == NULL) continue;
    if (length > 0) joined[length++] = ',';
    size_t value_length = strlen(value);
    /* NOLINTNEXTLINE(bugprone-not-null-terminated-result): all of it is 0 already */
    memcpy(joined + length, value, value_length);
    length += value_length;
  }
  return joined;
}

static bool read_lists(int argc, char **argv, const struct option_value *values,
                       struct serve_options *options) {
  const struct option_value *origins = &values[SERVE_CORS_ORIGIN];
  options->cors_origin =
      origins->given ? join_values(argc, argv, "--cors-origin") : strdup(origins->text);
  if (values[SERVE_HOST].given) options->hosts = join_values(argc, argv, "--host");
  if (options->cors_origin == NULL ||
      (values[SERVE_HOST].given && options->hosts == NULL)) {
    console_error("out of memory");
    return false;
  }
  char wrong[64];
  if (origins_normalise(options->cors_origin, wrong, sizeof wrong)) return true;
  console_error(
      "--cors-origin '%s': expected * or an origin as browsers send it, such as "
      "https://example.org or http://localhost:3000; see '%s --help'",
      wrong, serve_command.program);
  return false;
}

/* What would otherwise be found at the first request. */
static bool check_folders(const struct serve_options *options) {
  struct stat about;
  const char *folder = options->scenarios;
  if (folder != NULL && (stat(folder, &about) != 0 || !S_ISDIR(about.st_mode))) {
    console_error("--scenarios %s: no such folder", folder);
    return false;
  }
  if (stat(options->models, &about) == 0 && !S_ISDIR(about.st_mode)) {
    console_error("--models %s: is not a folder; choose another place", options->models);
    return false;
  }
  return true;
}

static bool check_together(const struct serve_options *options) {
  if ((options->tls_cert == NULL) != (options->tls_key == NULL))
    return usage_error("--tls-cert and --tls-key go together");
  return true;
}

bool serve_options_parse(int argc, char **argv, struct serve_options *options,
                         int *exit_code) {
  struct command_line line;
  if (!options_parse(&serve_command, argc, argv, &line, exit_code)) return false;
  const struct option_value *values = line.values;
  *options = (struct serve_options){
      .port = (uint16_t)values[SERVE_PORT].number,
      .scenarios = values[SERVE_SCENARIOS].given ? values[SERVE_SCENARIOS].text : NULL,
      .models = values[SERVE_MODELS].text,
      .results = values[SERVE_RESULTS].text,
      .reports = values[SERVE_REPORTS].text,
      .tls_cert = values[SERVE_TLS_CERT].text,
      .tls_key = values[SERVE_TLS_KEY].text,
      .max_clients = (unsigned)values[SERVE_MAX_CLIENTS].number,
      .threads = (unsigned)values[SERVE_THREADS].number,
      .concurrency = (unsigned)values[SERVE_CONCURRENCY].number,
      .progress_interval = (int64_t)values[SERVE_PROGRESS_INTERVAL].number * 1000,
      .ping_interval = (int64_t)values[SERVE_PING_INTERVAL].number * 1000,
      .ping_timeout = (int64_t)values[SERVE_PING_TIMEOUT].number * 1000,
      .client_timeout = (int64_t)values[SERVE_CLIENT_TIMEOUT].number * 1000,
  };
  *exit_code = EXIT_USAGE;
  const char *format = values[SERVE_LOG_FORMAT].text;
  options->log_json = strcmp(format, "json") == 0;
  if (!options->log_json && strcmp(format, "text") != 0)
    return usage_error("--log-format is text or json");
  if (!check_together(options)) return false;
  const char *token_file = values[SERVE_TOKEN_FILE].text;
  if (token_file != NULL && !read_token(token_file, options->token)) return false;
  if (!read_lists(argc, argv, values, options)) return false;
  *exit_code = EXIT_FAILED;
  return check_folders(options);
}
