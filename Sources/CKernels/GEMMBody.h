// Products of matrices for one instruction set: TARGET, SUFFIX, LANES and WIDE (vectors in a panel of columns) are given.
// As in Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008, but that only b is packed: a has few rows.

typedef float NAME(vec) __attribute__((vector_size(LANES * 4), aligned(4)));
#define vec NAME(vec)
#define PANEL (WIDE * LANES)

// c[rows][PANEL] += a . b, b packed.
#define BLOCK(rows)                                                                                                        \
  TARGET static void NAME(block_##rows)(const float *a, int64_t a_row, const float *b, int64_t depth, float *c,            \
                                        int64_t c_row, int accumulate) {                                                   \
    vec sums[rows][WIDE];                                                                                                  \
    _Pragma("unroll") for (int r = 0; r < rows; r++)                                                                       \
      _Pragma("unroll") for (int j = 0; j < WIDE; j++)                                                                     \
        sums[r][j] = accumulate ? *(const vec *)(c + r * c_row + j * LANES) : (vec){0};                                    \
    for (int64_t k = 0; k < depth; k++) {                                                                                  \
      vec line[WIDE];                                                                                                      \
      _Pragma("unroll") for (int j = 0; j < WIDE; j++) line[j] = *(const vec *)(b + k * PANEL + j * LANES);                \
      _Pragma("unroll") for (int r = 0; r < rows; r++) {                                                                   \
        float value = a[r * a_row + k];                                                                                    \
        _Pragma("unroll") for (int j = 0; j < WIDE; j++) sums[r][j] += value * line[j];                                    \
      }                                                                                                                    \
    }                                                                                                                      \
    _Pragma("unroll") for (int r = 0; r < rows; r++)                                                                       \
      _Pragma("unroll") for (int j = 0; j < WIDE; j++) *(vec *)(c + r * c_row + j * LANES) = sums[r][j];                   \
  }
BLOCK(1)
BLOCK(2)
BLOCK(3)
BLOCK(4)
BLOCK(5)
BLOCK(6)
#undef BLOCK

typedef void (*NAME(block))(const float *, int64_t, const float *, int64_t, float *, int64_t, int);
static const NAME(block) NAME(blocks)[6] = {NAME(block_1), NAME(block_2), NAME(block_3),
                                             NAME(block_4), NAME(block_5), NAME(block_6)};

#define ELEMENT float
#define READING f32
#define ELEMENT_IS_BF16 0
#include "GEMMPack.h"

#define ELEMENT uint16_t
#define READING bf16
#define ELEMENT_IS_BF16 1
#include "GEMMPack.h"

// A panel of columns by some of the depth.
TARGET static void NAME(panel)(const ckgemm *g, const float *a, int64_t a_row, int64_t column, const float *packed, int64_t depth,
                               int accumulate) {
  float edge[6 * PANEL];
  int64_t columns = g->columns - column < PANEL ? g->columns - column : PANEL;
  int64_t groups = (g->rows + 5) / 6;
  for (int64_t group = 0; group < groups; group++) {
    int64_t row = group * g->rows / groups, rows = (group + 1) * g->rows / groups - row;
    float *c = g->c + row * g->c_row + column;
    if (columns == PANEL) {
      NAME(blocks)[rows - 1](a + row * a_row, a_row, packed, depth, c, g->c_row, accumulate);
      continue;
    }
    NAME(blocks)[rows - 1](a + row * a_row, a_row, packed, depth, edge, PANEL, 0);
    for (int64_t r = 0; r < rows; r++)
      for (int64_t j = 0; j < columns; j++) c[r * g->c_row + j] = edge[r * PANEL + j] + (accumulate ? c[r * g->c_row + j] : 0);
  }
}

TARGET static void NAME(gemm)(const ckgemm *g) {
  if (g->depth == 0 && !g->accumulate)
    for (int64_t r = 0; r < g->rows; r++)
      for (int64_t j = 0; j < g->columns; j++) g->c[r * g->c_row + j] = 0;
  float packed[DEPTH * PANEL] __attribute__((aligned(64)));
  float turned[MOST_TURNED * DEPTH] __attribute__((aligned(64)));
  for (int64_t first = 0; first < g->depth; first += DEPTH) {
    int64_t depth = g->depth - first < DEPTH ? g->depth - first : DEPTH;
    const float *a = g->a + first * g->a_depth;
    if (g->a_depth != 1)
      for (int64_t k = 0; k < depth; k++)
        for (int64_t r = 0; r < g->rows; r++) turned[r * DEPTH + k] = a[r * g->a_row + k * g->a_depth];
    for (int64_t column = 0; column < g->columns; column += PANEL) {
      int64_t columns = g->columns - column < PANEL ? g->columns - column : PANEL;
      if (g->b_is_bf16)
        JOIN(NAME(pack), bf16)(g, column, columns, first, depth, packed);
      else
        JOIN(NAME(pack), f32)(g, column, columns, first, depth, packed);
      NAME(panel)(g, g->a_depth == 1 ? a : turned, g->a_depth == 1 ? g->a_row : DEPTH, column, packed, depth,
                  g->accumulate || first > 0);
    }
  }
}
#undef vec
#undef PANEL
// What this body was given.
#undef TARGET
#undef SUFFIX
#undef LANES
#undef WIDE
#undef INTERLEAVE_LOW
#undef INTERLEAVE_HIGH
