// Floats to bf16 and back for one instruction set: TARGET, SUFFIX and LANES are given.

typedef float NAME(vec) __attribute__((vector_size(LANES * 4), aligned(4)));
#define vec NAME(vec)
#define ELEMENT uint16_t
#define READING bf16
#define ELEMENT_IS_BF16 1
#include "Elements.h"

TARGET static void NAME(round)(const float *values, int64_t count, uint16_t *rounded) {
  int64_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    READ(words) bits = (READ(words))*(const vec *)(values + i);
    // Half of what is cut off carries over, less a little where the last bit that stays is even.
    READ(words) nearest = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
    READ(words) quiet = (bits >> 16) | 0x40u, nan = (READ(words))((bits & 0x7fffffffu) > 0x7f800000u);
    *(READ(halves) *)(rounded + i) = __builtin_convertvector((nan & quiet) | (~nan & nearest), READ(halves));
  }
  for (; i < count; i++) rounded[i] = rounded_value(values[i]);
}

TARGET static void NAME(widen)(const uint16_t *values, int64_t count, float *widened) {
  int64_t i = 0;
  for (; i + LANES <= count; i += LANES) *(vec *)(widened + i) = READ(load)(values + i);
  for (; i < count; i++) widened[i] = READ(value)(values + i);
}
#undef vec
// What this body was given.
#undef ELEMENT
#undef READING
#undef ELEMENT_IS_BF16
#undef TARGET
#undef SUFFIX
#undef LANES
