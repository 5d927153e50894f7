#include "rl/gae.h"

#include <math.h>

void hrlp_gae(const float *rewards, const float *values, size_t count, float last_value,
              float gamma, float lambda, float *advantages, float *returns) {
  float advantage = 0.0f;
  float next_value = last_value;
  for (size_t t = count; t-- > 0;) {
    float delta = rewards[t] + gamma * next_value - values[t];
    advantage = delta + gamma * lambda * advantage;
    advantages[t] = advantage;
    returns[t] = advantage + values[t];
    next_value = values[t];
  }
}

void hrlp_gae_expected(const float *rewards, const float *values,
                       const float *next_values, size_t count, float gamma, float lambda,
                       float *advantages, float *returns) {
  float advantage = 0.0f;
  for (size_t t = count; t-- > 0;) {
    float delta = rewards[t] + gamma * next_values[t] - values[t];
    advantage = delta + gamma * lambda * advantage;
    advantages[t] = advantage;
    returns[t] = advantage + values[t];
  }
}

void hrlp_rescale(float *x, size_t count) {
  double square = 0.0;
  for (size_t i = 0; i < count; i++) square += (double)x[i] * (double)x[i];
  if (!(square > 0.0)) return;
  double scale = 1.0 / (sqrt(square / (double)count) + 1e-3);
  for (size_t i = 0; i < count; i++) x[i] = (float)((double)x[i] * scale);
}

void hrlp_standardize(float *x, size_t count) {
  if (count < 2) return;
  double sum = 0.0;
  for (size_t i = 0; i < count; i++) sum += (double)x[i];
  double mean = sum / (double)count;
  double square = 0.0;
  for (size_t i = 0; i < count; i++)
    square += ((double)x[i] - mean) * ((double)x[i] - mean);
  double deviation = sqrt(square / (double)count);
  /* where all are alike there is nothing to learn from: leave zeros, not noise */
  double scale = deviation > 1e-8 ? 1.0 / deviation : 0.0;
  for (size_t i = 0; i < count; i++) x[i] = (float)(((double)x[i] - mean) * scale);
}
