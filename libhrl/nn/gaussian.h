/* nn/gaussian.h - the diagonal normal distribution that both agents act by. */
#ifndef HRLP_GAUSSIAN_H
#define HRLP_GAUSSIAN_H

#include <stddef.h>

/* log N(action; mean, exp(log_std)^2), summed over `count` independent dimensions. */
float hrlp_gaussian_log_probability(const float *action, const float *mean,
                                    const float *log_std, size_t count);

/* Entropy: sum of log_std + log(2 pi e) / 2. */
float hrlp_gaussian_entropy(const float *log_std, size_t count);

/* Gradients of the log-probability, times `factor`: d_mean[i] is set, d_log_std[i] is
 * added to. */
void hrlp_gaussian_backward(const float *action, const float *mean, const float *log_std,
                            float factor, size_t count, float *d_mean, float *d_log_std);

/* The same two, bit for bit, for many actions under the same deviations: precision[i] =
 * exp(-log_std[i]) is computed once. */
void hrlp_gaussian_precision(const float *log_std, size_t count, float *precision);
float hrlp_gaussian_log_probability_at(const float *action, const float *mean,
                                       const float *log_std, const float *precision,
                                       size_t count);
void hrlp_gaussian_backward_at(const float *action, const float *mean,
                               const float *precision, float factor, size_t count,
                               float *d_mean, float *d_log_std);

#endif
