// Inner products for one instruction set: TARGET, SUFFIX, LANES and STEP (vectors of a row that are read at once) are given.

typedef float NAME(vec) __attribute__((vector_size(LANES * 4), aligned(4)));
#define vec NAME(vec)

INLINE float NAME(sum)(vec v) {
  float total = 0;
  for (int i = 0; i < LANES; i++) total += v[i];
  return total;
}

#define ELEMENT float
#define READING f32
#define ELEMENT_IS_BF16 0
#include "GEMVRows.h"

#define ELEMENT uint16_t
#define READING bf16
#define ELEMENT_IS_BF16 1
#include "GEMVRows.h"
#undef vec
// What this body was given.
#undef TARGET
#undef SUFFIX
#undef LANES
#undef STEP
