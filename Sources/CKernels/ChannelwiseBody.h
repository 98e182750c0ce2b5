// Functions of each channel by itself for one instruction set: TARGET, SUFFIX and LANES are given.

#include "Lanes.h"

// A number for each channel of a block; 0 where the block has no channel.
INLINE vec NAME(numbers)(const ckchannel_block *block, const float *numbers) {
  float lanes[LANES] = {0};
  memcpy(lanes, numbers, block->channels * sizeof(float));
  return NAME(load)(lanes);
}

TARGET static void NAME(map)(const ckchannel_block *block, const float *x, float *y, int64_t pixels) {
  vec factors = block->factor ? NAME(numbers)(block, block->factor) : (vec){0} + 1;
  vec shifts = block->shift ? NAME(numbers)(block, block->shift) : (vec){0};
  vec slopes = block->slope ? NAME(numbers)(block, block->slope) : (vec){0} + block->relu;
  for (int64_t i = 0; i < pixels * LANES; i += LANES) {
    vec value = NAME(load)(x + i) * factors + shifts;
    NAME(store)(y + i, NAME(bent_below_zero)(value, value * slopes));
  }
}
#undef vec
// What this body was given.
#undef TARGET
#undef SUFFIX
#undef LANES
