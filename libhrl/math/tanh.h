/* math/tanh.h - tanh as a quotient of polynomials: no branch, no table, no call. For
 * floats and for vectors of them: x clamped to +- HRLP_TANH_LIMIT, s = x^2, tanh(x) = x
 * P(s) / Q(s)
 *
 * The coefficients are a minimax fit (Remez) of tanh(x) / x on [0, limit], whose own
 * relative error is 1.3e-7, times the factor for which rounding them costs least. Over
 * all floats of more than 1e-30 the relative error is at most 4.0e-7 with fused
 * multiply-adds and 4.5e-7 without (smaller ones lose digits to subnormals), and no
 * result is beyond 1. */
#ifndef HRLP_TANH_H
#define HRLP_TANH_H

/* tanh is 1 in single precision, but for 3e-7, beyond */
#define HRLP_TANH_LIMIT 7.90531110763549805f

#define HRLP_TANH_P(s)                                                         \
  (((6.10648883e-08f * (s) + 1.56815113e-05f) * (s) + 6.85222447e-04f) * (s) + \
   5.29785687e-03f)

#define HRLP_TANH_Q(s)                                                          \
  ((((1.31957401e-09f * (s) + 1.27117187e-06f) * (s) + 1.26364714e-04f) * (s) + \
    2.45116930e-03f) *                                                          \
       (s) +                                                                    \
   5.29785734e-03f)

#endif
