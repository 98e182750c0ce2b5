// Floats to bf16 and back for one instruction set: TARGET, SUFFIX and LANES are given.

typedef float NAME(vec) __attribute__((vector_size(LANES * 4), aligned(4)));
#define vec NAME(vec)
#define ELEMENT uint16_t
#define READING bf16
#define ELEMENT_IS_BF16 1
#include "Elements.h"

TARGET static void NAME(round)(const float *values, int64_t count, uint16_t *rounded) {
  int64_t i = 0;
  for (; i + LANES <= count; i += LANES) READ(store)(rounded + i, *(const vec *)(values + i));
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
