// Inner products for one instruction set: TARGET, SUFFIX and LANES are given.

typedef float NAME(vec) __attribute__((vector_size(LANES * 4), aligned(4)));
#define vec NAME(vec)

INLINE float NAME(sum)(vec v) {
  float total = 0;
  for (int i = 0; i < LANES; i++) total += v[i];
  return total;
}

// Four rows of weights at once, so that four streams are read, each fetched a little ahead.
TARGET static void NAME(four_rows)(const float *weights, const float *x, int64_t count, float *y) {
  vec sums[4] = {{0}, {0}, {0}, {0}};
  int64_t whole = count / LANES * LANES;
  for (int64_t i = 0; i < whole; i += LANES) {
    vec v = *(const vec *)(x + i);
    _Pragma("unroll") for (int r = 0; r < 4; r++) {
      const float *line = weights + r * count + i;
      __builtin_prefetch(line + AHEAD);
      sums[r] += v * *(const vec *)line;
    }
  }
  for (int r = 0; r < 4; r++) {
    float total = NAME(sum)(sums[r]);
    for (int64_t i = whole; i < count; i++) total += weights[r * count + i] * x[i];
    y[r] = total;
  }
}

TARGET static float NAME(one_row)(const float *weights, const float *x, int64_t count) {
  vec sums[4] = {{0}, {0}, {0}, {0}};
  int64_t whole = count / (4 * LANES) * (4 * LANES);
  for (int64_t i = 0; i < whole; i += 4 * LANES)
    _Pragma("unroll") for (int r = 0; r < 4; r++)
      sums[r] += *(const vec *)(x + i + r * LANES) * *(const vec *)(weights + i + r * LANES);
  float total = NAME(sum)((sums[0] + sums[1]) + (sums[2] + sums[3]));
  for (int64_t i = whole; i < count; i++) total += weights[i] * x[i];
  return total;
}

TARGET static void NAME(gemv)(const float *weights, const float *x, int64_t inputs, int64_t outputs, float *y) {
  int64_t i = 0;
  for (; i + 4 <= outputs; i += 4) NAME(four_rows)(weights + i * inputs, x, inputs, y + i);
  for (; i < outputs; i++) y[i] = NAME(one_row)(weights + i * inputs, x, inputs);
}
#undef vec
// What this body was given.
#undef TARGET
#undef SUFFIX
#undef LANES
