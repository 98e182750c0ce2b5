// Local response normalisation across channels with beta = 0.75 for one instruction set: TARGET, SUFFIX, LANES, which is also the
// number of channels per block, what Elements.h wants for images, ROUGH_RSQRT (about 1 / sqrt(v)) and SLIDE (the lanes of a and b behind
// the first n) are given.

#include "Lanes.h"
#include "Elements.h"

// 1 / sqrt(v), by a step of Newton's from a rough one; v is positive and finite, or no number.
INLINE vec NAME(rsqrt)(vec v) {
  vec rough = ROUGH_RSQRT(v);
  return rough * (1.5f - (0.5f * v * rough) * rough);
}

// The lanes of v, which are at most the largest number.
INLINE vec NAME(finite)(vec v) {
  for (int i = 0; i < LANES; i++) v[i] = v[i] > FLT_MAX ? FLT_MAX : v[i];
  return v;
}

// Each lane with the `half` before it and the `half` behind it.
INLINE vec NAME(window)(int half, vec before, vec here, vec after) {
  vec sum = here;
  if (half >= 1) sum += SLIDE(before, here, LANES - 1) + SLIDE(here, after, 1);
  if (half >= 2) sum += SLIDE(before, here, LANES - 2) + SLIDE(here, after, 2);
  if (half >= 3) sum += SLIDE(before, here, LANES - 3) + SLIDE(here, after, 3);
  if (half >= 4) sum += SLIDE(before, here, LANES - 4) + SLIDE(here, after, 4);
  return sum;
}

INLINE vec NAME(square)(const ELEMENT *p) {
  vec v = READ(load)(p);
  return v * v;
}

// k + alpha / size * the sum of squares around a block's channels; `stride` numbers lie between blocks.
INLINE vec NAME(scale)(int half, const cklrn_shape *s, const ELEMENT *x, int block, int64_t stride) {
  vec before = block > 0 ? NAME(square)(x - stride) : (vec){0};
  vec after = block + 1 < s->blocks ? NAME(square)(x + stride) : (vec){0};
  return NAME(finite)(s->k + s->alpha_by_size * NAME(window)(half, before, NAME(square)(x), after));
}

// Runs of pixels are taken through all blocks, so that neighbours are still near when they are read again.
INLINE void NAME(forward_of)(int half, const cklrn_shape *s, const ELEMENT *x, ELEMENT *y, int64_t first, int64_t last) {
  int64_t stride = s->pixels * LANES;
  for (int block = 0; block < s->blocks; block++)
    for (int64_t pixel = first; pixel < last; pixel++) {
      int64_t place = block * stride + pixel * LANES;
      vec r = NAME(rsqrt)(NAME(scale)(half, s, x + place, block, stride));
      READ(store)(y + place, READ(load)(x + place) * (r * (r * NAME(rsqrt)(r))));
    }
}

TARGET static void NAME(forward)(const cklrn_shape *s, const ELEMENT *x, ELEMENT *y, int64_t first, int64_t last) {
  switch (s->half) {
    case 0: return NAME(forward_of)(0, s, x, y, first, last);
    case 1: return NAME(forward_of)(1, s, x, y, first, last);
    case 2: return NAME(forward_of)(2, s, x, y, first, last);
    case 3: return NAME(forward_of)(3, s, x, y, first, last);
    default: return NAME(forward_of)(4, s, x, y, first, last);
  }
}

#if !ELEMENT_IS_BF16
// dx = dy s^-0.75 - 2 alpha beta / size x (the sum around of dy x s^-1.75): factors and terms first, then sums of terms.
INLINE void NAME(backward_of)(int half, const cklrn_shape *s, const float *x, const float *dy, float *dx, int64_t first,
                              int64_t last, float *scratch) {
  int64_t stride = s->pixels * LANES, line = CKLRN_PIXELS * LANES;
  float *factors = scratch, *terms = scratch + s->blocks * line;
  for (int block = 0; block < s->blocks; block++)
    for (int64_t pixel = first; pixel < last; pixel++) {
      int64_t place = block * stride + pixel * LANES, own = block * line + (pixel - first) * LANES;
      vec r = NAME(rsqrt)(NAME(scale)(half, s, x + place, block, stride));
      vec factor = r * (r * NAME(rsqrt)(r));
      NAME(store)(factors + own, factor);
      NAME(store)(terms + own, NAME(load)(dy + place) * NAME(load)(x + place) * factor * r * r);
    }
  float slope = 2 * 0.75f * s->alpha_by_size;
  for (int block = 0; block < s->blocks; block++)
    for (int64_t pixel = first; pixel < last; pixel++) {
      int64_t place = block * stride + pixel * LANES, own = block * line + (pixel - first) * LANES;
      vec before = block > 0 ? NAME(load)(terms + own - line) : (vec){0};
      vec after = block + 1 < s->blocks ? NAME(load)(terms + own + line) : (vec){0};
      vec sum = NAME(window)(half, before, NAME(load)(terms + own), after);
      NAME(store)(dx + place, NAME(load)(dy + place) * NAME(load)(factors + own) - slope * NAME(load)(x + place) * sum);
    }
}

TARGET static void NAME(backward)(const cklrn_shape *s, const float *x, const float *dy, float *dx, int64_t first, int64_t last,
                                  float *scratch) {
  switch (s->half) {
    case 0: return NAME(backward_of)(0, s, x, dy, dx, first, last, scratch);
    case 1: return NAME(backward_of)(1, s, x, dy, dx, first, last, scratch);
    case 2: return NAME(backward_of)(2, s, x, dy, dx, first, last, scratch);
    case 3: return NAME(backward_of)(3, s, x, dy, dx, first, last, scratch);
    default: return NAME(backward_of)(4, s, x, dy, dx, first, last, scratch);
  }
}
#endif
#undef vec
// What this body was given.
#undef TARGET
#undef SUFFIX
#undef LANES
#undef ELEMENT
#undef READING
#undef ELEMENT_IS_BF16
#undef ROUGH_RSQRT
#undef SLIDE
