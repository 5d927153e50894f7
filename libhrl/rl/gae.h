/* rl/gae.h - generalised advantage estimation (Schulman et al. 2016). */
#ifndef HRLP_GAE_H
#define HRLP_GAE_H

#include <stddef.h>

/* For one sequence of `count` steps, of which the last is followed by a state worth
 * last_value (0 where the episode ended there):
 *   delta[t] = rewards[t] + gamma values[t+1] - values[t]
 *   advantages[t] = delta[t] + gamma lambda advantages[t+1]
 *   returns[t] = advantages[t] + values[t] */
void hrlp_gae(const float *rewards, const float *values, size_t count, float last_value,
              float gamma, float lambda, float *advantages, float *returns);

/* The same where the value that follows step t is not that of the next step but
 * next_values[t], an expectation over what the step could have led to:
 *   delta[t] = rewards[t] + gamma next_values[t] - values[t] */
void hrlp_gae_expected(const float *rewards, const float *values,
                       const float *next_values, size_t count, float gamma, float lambda,
                       float *advantages, float *returns);

/* Divides by the root mean square, plus a little that leaves tiny values tiny. */
void hrlp_rescale(float *x, size_t count);

/* Shifts and scales to mean 0 and standard deviation 1. */
void hrlp_standardize(float *x, size_t count);

#endif
