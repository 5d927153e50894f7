/* What this machine can do at best: fused multiply-adds in registers, matrix products at
 * the shapes that the networks have, copies. */
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "base/memory.h"
#include "math/gemm.h"
#include "measure.h"
#ifdef HRLP_USE_BLIS
#include "math/gemm_blis.h"
#endif

/* ---- the peak ---- */

/* Turns of a peak loop; each has CHAINS independent multiply-adds, enough to hide their
 * latency in two units. */
#define TURNS 4000000
#define CHAINS 12

static _Thread_local volatile float peak_sink; /* written so that the loops are run */

#if defined(__x86_64__)
__attribute__((target("avx512f"))) static double peak_avx512(size_t turns) {
  __m512 sum[CHAINS];
  __m512 factor = _mm512_set1_ps(0.999999f);
  for (int i = 0; i < CHAINS; i++) sum[i] = _mm512_set1_ps((float)i);
  for (size_t t = 0; t < turns; t++)
    for (int i = 0; i < CHAINS; i++) sum[i] = _mm512_fmadd_ps(sum[i], factor, factor);
  for (int i = 1; i < CHAINS; i++) sum[0] = _mm512_add_ps(sum[0], sum[i]);
  peak_sink = _mm512_cvtss_f32(sum[0]);
  return 2.0 * 16.0 * CHAINS * (double)turns;
}

__attribute__((target("avx2,fma"))) static double peak_avx2(size_t turns) {
  __m256 sum[CHAINS];
  __m256 factor = _mm256_set1_ps(0.999999f);
  for (int i = 0; i < CHAINS; i++) sum[i] = _mm256_set1_ps((float)i);
  for (size_t t = 0; t < turns; t++)
    for (int i = 0; i < CHAINS; i++) sum[i] = _mm256_fmadd_ps(sum[i], factor, factor);
  for (int i = 1; i < CHAINS; i++) sum[0] = _mm256_add_ps(sum[0], sum[i]);
  peak_sink = _mm256_cvtss_f32(sum[0]);
  return 2.0 * 8.0 * CHAINS * (double)turns;
}
#endif

/* Any other processor: four floats at a time, multiplied and added. */
static double peak_plain(size_t turns) {
  typedef float four __attribute__((vector_size(16)));
  four sum[CHAINS];
  four factor = {0.999999f, 0.999999f, 0.999999f, 0.999999f};
  for (int i = 0; i < CHAINS; i++) sum[i] = factor * (float)i;
  for (size_t t = 0; t < turns; t++)
    for (int i = 0; i < CHAINS; i++) sum[i] = sum[i] * factor + factor;
  for (int i = 1; i < CHAINS; i++) sum[0] += sum[i];
  peak_sink = sum[0][0];
  return 2.0 * 4.0 * CHAINS * (double)turns;
}

typedef double (*peak_fn)(size_t turns);

static peak_fn choose_peak(const char **name) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  *name = "multiply-adds in registers, AVX-512";
  if (__builtin_cpu_supports("avx512f")) return peak_avx512;
  *name = "multiply-adds in registers, AVX2";
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return peak_avx2;
#endif
  *name = "multiply-adds in registers, 4 floats";
  return peak_plain;
}

struct peak {
  peak_fn run;
  struct hrlp_pool *pool;
  size_t threads, turns;
};

static void peak_shard(void *context, size_t shard) {
  const struct peak *peak = context;
  (void)shard;
  peak->run(peak->turns);
}

static void run_peak(void *context) {
  struct peak *peak = context;
  hrlp_pool_run(peak->pool, peak_shard, peak, peak->threads);
}

double peak_of_moment(const struct bench *bench) {
  const char *name = "";
  struct peak peak = {
      .run = choose_peak(&name), .threads = 1, .turns = bench->brief ? 1000 : TURNS / 10};
  struct timing timing = time_runs(5, run_peak, &peak);
  return peak.run(1) * (double)peak.turns / timing.best * 1e-9;
}

static void bench_peak(struct bench *bench) {
  const char *name = "";
  struct peak peak = {.run = choose_peak(&name),
                      .turns = bench->brief ? TURNS / 100 : TURNS};
  for (int all = 0; all < bench->kinds; all++) {
    peak.threads = all ? bench->threads : 1;
    peak.pool = all ? bench->all : NULL;
    struct timing timing = time_runs(bench->runs, run_peak, &peak);
    double flops = peak.run(1) * (double)(peak.turns * peak.threads);
    /* the best, not the median: a limit is what nothing disturbed */
    bench->peak[all] = flops / timing.best * 1e-9;
    report_rate(bench, name, peak.threads, timing, flops * 1e-9, "GFLOP/s", flops);
  }
}

/* ---- matrix products ---- */

typedef void (*gemm_fn)(enum hrlp_transpose, enum hrlp_transpose, size_t, size_t, size_t,
                        const float *, size_t, const float *, size_t, bool, float *,
                        size_t);

struct product {
  gemm_fn run;
  enum hrlp_transpose left, right;
  size_t m, n, k, times;
  float *a, *b, *c;
};

static void run_product(void *context) {
  const struct product *p = context;
  size_t lda = p->left == HRLP_PLAIN ? p->k : p->m;
  size_t ldb = p->right == HRLP_PLAIN ? p->n : p->k;
  for (size_t i = 0; i < p->times; i++)
    p->run(p->left, p->right, p->m, p->n, p->k, p->a, lda, p->b, ldb, false, p->c, p->n);
}

/* The products of a network `h` wide with 8 inputs and 3 outputs over `rows` samples. */
static void bench_shapes(struct bench *bench, size_t h, size_t rows) {
  const struct {
    const char *name;
    enum hrlp_transpose left, right;
    size_t m, n, k;
  } shapes[] = {{"input layer", HRLP_PLAIN, HRLP_PLAIN, rows, h, 8},
                {"hidden layer", HRLP_PLAIN, HRLP_PLAIN, rows, h, h},
                {"output layer", HRLP_PLAIN, HRLP_PLAIN, rows, 3, h},
                {"back through hidden layer", HRLP_PLAIN, HRLP_TRANSPOSED, rows, h, h},
                {"back through output layer", HRLP_PLAIN, HRLP_TRANSPOSED, rows, h, 3},
                {"gradient of input weights", HRLP_TRANSPOSED, HRLP_PLAIN, 8, h, rows},
                {"gradient of hidden weights", HRLP_TRANSPOSED, HRLP_PLAIN, h, h, rows},
                {"gradient of output weights", HRLP_TRANSPOSED, HRLP_PLAIN, h, 3, rows}};
  float *memory = must_alloc(3 * 128 * 128, sizeof *memory);
  for (size_t i = 0; i < 3 * 128 * 128; i++) memory[i] = (float)(i % 17) * 0.01f;
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
    double flops = 2.0 * (double)(shapes[i].m * shapes[i].n * shapes[i].k);
    struct product product = {hrlp_gemm,
                              shapes[i].left,
                              shapes[i].right,
                              shapes[i].m,
                              shapes[i].n,
                              shapes[i].k,
                              (size_t)((bench->brief ? 1e6 : 4e8) / flops) + 1,
                              memory,
                              memory + 128 * 128,
                              memory + 2 * 128 * 128};
    double total = flops * (double)product.times;
    char name[80];
    snprintf(name, sizeof name, "%zux%zu: %s, hrlp_gemm", h, h, shapes[i].name);
    report_rate(bench, name, 1, time_runs(bench->runs, run_product, &product),
                total * 1e-9, "GFLOP/s", total);
#ifdef HRLP_USE_BLIS
    product.run = hrlp_gemm_blis;
    snprintf(name, sizeof name, "%zux%zu: %s, BLIS", h, h, shapes[i].name);
    report_rate(bench, name, 1, time_runs(bench->runs, run_product, &product),
                total * 1e-9, "GFLOP/s", total);
#endif
  }
  hrlp_free(memory);
}

/* ---- copies ---- */

struct copy {
  char *from, *to;
  size_t bytes, times;
};

static void run_copy(void *context) {
  const struct copy *copy = context;
  for (size_t i = 0; i < copy->times; i++) {
    memcpy(copy->to, copy->from, copy->bytes);
    __asm__ volatile("" : : "r"(copy->to) : "memory");
  }
}

static void bench_copy(struct bench *bench) {
  static const struct {
    const char *name;
    size_t bytes;
  } sizes[] = {{"copy in the first cache (12 KiB)", 12 << 10},
               {"copy in the second (512 KiB)", 512 << 10},
               {"copy beyond the caches (8 MiB)", 8 << 20}};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    size_t work = bench->brief ? (size_t)8 << 20 : (size_t)512 << 20;
    struct copy copy = {must_alloc(sizes[i].bytes, 1), must_alloc(sizes[i].bytes, 1),
                        sizes[i].bytes, work / sizes[i].bytes};
    memset(copy.from, 1, copy.bytes);
    struct timing timing = time_runs(bench->runs, run_copy, &copy);
    report_rate(bench, sizes[i].name, 1, timing, (double)(copy.bytes * copy.times) * 1e-9,
                "GB/s", 0.0);
    hrlp_free(copy.from);
    hrlp_free(copy.to);
  }
}

void bench_limits(struct bench *bench) {
  heading("Limits of this machine");
  bench_peak(bench);
  bench_copy(bench);
  heading("Matrix products of the networks, 120 rows");
  printf("behind hrlp_gemm: %s\n", hrlp_gemm_name());
  bench_shapes(bench, 64, 120);
  bench_shapes(bench, 128, 120);
}
