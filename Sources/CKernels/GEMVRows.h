// Inner products with rows of one type of element: ELEMENT, READING and ELEMENT_IS_BF16 are given, and what GEMVBody.h has.
#include "Elements.h"

// Four rows of weights at once, so that four streams are read, each fetched ahead line by line while STEP vectors of it are multiplied:
// sums of their own, that none waits for the one before. Behind a row's end the row comes that is read next, four further on.
TARGET static void READ(four_rows)(const ELEMENT *weights, const float *x, int64_t count, float *y) {
  vec sums[4][STEP] = {{{0}}};
  int64_t whole = count / (STEP * LANES) * (STEP * LANES), end = count / LANES * LANES;
  for (int64_t i = 0; i < whole; i += STEP * LANES) {
    int64_t ahead = AHEAD / sizeof(ELEMENT) + (i + (int64_t)(AHEAD / sizeof(ELEMENT)) < count ? 0 : 3 * count);
    _Pragma("unroll") for (int r = 0; r < 4; r++) {
      const ELEMENT *row = weights + r * count + i;
      _Pragma("unroll") for (int byte = 0; byte < STEP * LANES * (int)sizeof *row; byte += LINE)
        __builtin_prefetch((const char *)(row + ahead) + byte);
      _Pragma("unroll") for (int j = 0; j < STEP; j++)
        sums[r][j] += *(const vec *)(x + i + j * LANES) * READ(load)(row + j * LANES);
    }
  }
  for (int r = 0; r < 4; r++) {
    vec together = sums[r][0];
    for (int64_t i = whole; i < end; i += LANES) together += *(const vec *)(x + i) * READ(load)(weights + r * count + i);
    for (int j = 1; j < STEP; j++) together += sums[r][j];
    float total = NAME(sum)(together);
    for (int64_t i = end; i < count; i++) total += READ(value)(weights + r * count + i) * x[i];
    y[r] = total;
  }
}

TARGET static float READ(one_row)(const ELEMENT *weights, const float *x, int64_t count) {
  vec sums[4] = {{0}, {0}, {0}, {0}};
  int64_t whole = count / (4 * LANES) * (4 * LANES);
  for (int64_t i = 0; i < whole; i += 4 * LANES)
    _Pragma("unroll") for (int r = 0; r < 4; r++)
      sums[r] += *(const vec *)(x + i + r * LANES) * READ(load)(weights + i + r * LANES);
  float total = NAME(sum)((sums[0] + sums[1]) + (sums[2] + sums[3]));
  for (int64_t i = whole; i < count; i++) total += READ(value)(weights + i) * x[i];
  return total;
}

TARGET static void READ(gemv)(const ELEMENT *weights, const float *x, int64_t inputs, int64_t outputs, float *y) {
  int64_t i = 0;
  for (; i + 4 <= outputs; i += 4) READ(four_rows)(weights + i * inputs, x, inputs, y + i);
  for (; i < outputs; i++) y[i] = READ(one_row)(weights + i * inputs, x, inputs);
}
// What this was given.
#undef ELEMENT
#undef READING
#undef ELEMENT_IS_BF16
