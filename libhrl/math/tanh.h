/* math/tanh.h - tanh as a quotient of polynomials (the minimax fit that Eigen uses): no
 * branch, no table, no call. For floats and for vectors of them:
 *   x clamped to +- HRLP_TANH_LIMIT, s = x^2, tanh(x) = x P(s) / Q(s) */
#ifndef HRLP_TANH_H
#define HRLP_TANH_H

/* tanh is 1 in single precision beyond */
#define HRLP_TANH_LIMIT 7.90531110763549805f

#define HRLP_TANH_P(s)                                          \
  ((((((-2.76076847742355e-16f * (s) + 2.00018790482477e-13f) * \
       (s)-8.60467152213735e-11f) *                             \
          (s) +                                                 \
      5.12229709037114e-08f) *                                  \
         (s) +                                                  \
     1.48572235717979e-05f) *                                   \
        (s) +                                                   \
    6.37261928875436e-04f) *                                    \
       (s) +                                                    \
   4.89352455891786e-03f)

#define HRLP_TANH_Q(s)                                            \
  (((1.19825839466702e-06f * (s) + 1.18534705686654e-04f) * (s) + \
    2.26843463243900e-03f) *                                      \
       (s) +                                                      \
   4.89352518554385e-03f)

#endif
