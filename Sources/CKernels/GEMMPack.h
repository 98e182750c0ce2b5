// Packing a matrix of one type of element: ELEMENT, READING and ELEMENT_IS_BF16 are given, and what GEMMBody.h has.
#include "Elements.h"

// LANES columns of `depth` values that lie one after the other, turned into lines of PANEL.
TARGET static void READ(turn)(const ELEMENT *b, int64_t b_column, int64_t depth, float *packed) {
  int64_t whole = depth / LANES * LANES;
  for (int64_t k = 0; k < whole; k += LANES) {
    vec m[LANES], t[LANES];
    _Pragma("unroll") for (int i = 0; i < LANES; i++) {
      __builtin_prefetch((const char *)(b + i * b_column + k) + 16 * LANES);
      m[i] = READ(load)(b + i * b_column + k);
    }
    // A transposition is log2(LANES) rounds of interleaving line i with line i + LANES / 2.
    _Pragma("unroll") for (int round = 1; round < LANES; round *= 2) {
      _Pragma("unroll") for (int i = 0; i < LANES / 2; i++) {
        t[2 * i] = INTERLEAVE_LOW(m[i], m[i + LANES / 2]);
        t[2 * i + 1] = INTERLEAVE_HIGH(m[i], m[i + LANES / 2]);
      }
      _Pragma("unroll") for (int i = 0; i < LANES; i++) m[i] = t[i];
    }
    _Pragma("unroll") for (int i = 0; i < LANES; i++) *(vec *)(packed + (k + i) * PANEL) = m[i];
  }
  for (int64_t k = whole; k < depth; k++)
    for (int i = 0; i < LANES; i++) packed[k * PANEL + i] = READ(value)(b + i * b_column + k);
}

// Some lines of a panel of b; columns that b does not have are 0.
TARGET static void READ(pack)(const ckgemm *g, int64_t column, int64_t columns, int64_t first, int64_t depth, float *packed) {
  const ELEMENT *b = (const ELEMENT *)g->b + column * g->b_column + first * g->b_depth;
  if (columns == PANEL && g->b_depth == 1) {
    for (int j = 0; j < PANEL; j += LANES) READ(turn)(b + j * g->b_column, g->b_column, depth, packed + j);
    return;
  }
  for (int64_t k = 0; k < depth; k++) {
    const ELEMENT *line = b + k * g->b_depth;
    float *target = packed + k * PANEL;
    if (columns == PANEL && g->b_column == 1)
      for (int j = 0; j < PANEL; j += LANES) {
        __builtin_prefetch(line + 8 * g->b_depth + j);
        *(vec *)(target + j) = READ(load)(line + j);
      }
    else
      for (int64_t j = 0; j < PANEL; j++) target[j] = j < columns ? READ(value)(line + j * g->b_column) : 0;
  }
}
// What this was given.
#undef ELEMENT
#undef READING
#undef ELEMENT_IS_BF16
