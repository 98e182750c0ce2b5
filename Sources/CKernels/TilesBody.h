// Convolutions by tiles for one way of multiplying these: TARGET, SUFFIX, HAS_BF16_PRODUCTS and what is done with a tile are given.
//
// Two tiles of outputs are worked on at a time, each of which reads its inputs at a tap as rows of a block's channels, for two blocks of
// output channels: each tile that is loaded is multiplied twice, and four sums are under way.

#define LANES CKTILE_LANES
#define ELEMENT uint16_t
#define READING bf16
#define ELEMENT_IS_BF16 1
#include "Lanes.h"
#include "Elements.h"

// sums[i][j] = the inputs under tile i . filters to block j. i and j are constants, as a tile's number is part of an instruction.
#define PRODUCTS(count, blocks)                                                                                              \
  TARGET static void NAME(products_##count##_##blocks)(TILES const cktile_shape *s, const uint16_t *const images[2],         \
                                                       const uint16_t *filters, float sums[2][2][TILE]) {                    \
    int64_t line = s->width * pixel_step(s), step = s->stride_width * pixel_step(s), next = tap_step(s);                     \
    int64_t other = block_filters(s);                                                                                        \
    int taps = row_taps(s);                                                                                                  \
    CLEAR(0, 0);                                                                                                             \
    if (blocks == 2) CLEAR(0, 1);                                                                                            \
    if (count == 2) CLEAR(1, 0);                                                                                             \
    if (count == 2 && blocks == 2) CLEAR(1, 1);                                                                              \
    for (int block = 0; block < input_blocks(s); block++)                                                                    \
      for (int i = 0; i < s->kernel_height; i++) {                                                                           \
        int64_t start = ((int64_t)block * s->height + i * s->dilation_height) * line;                                        \
        for (int j = 0; j < taps; j++, start += next, filters += FILTER) {                                                   \
          LOAD_IMAGE(0, images[0] + start, step);                                                                            \
          LOAD_FILTER(0, filters);                                                                                           \
          MULTIPLY(0, 0);                                                                                                    \
          if (blocks == 2) LOAD_FILTER(1, filters + other);                                                                  \
          if (blocks == 2) MULTIPLY(0, 1);                                                                                   \
          if (count == 2) LOAD_IMAGE(1, images[1] + start, step);                                                            \
          if (count == 2) MULTIPLY(1, 0);                                                                                    \
          if (count == 2 && blocks == 2) MULTIPLY(1, 1);                                                                     \
        }                                                                                                                    \
      }                                                                                                                      \
    STORE(0, 0, sums[0][0]);                                                                                                 \
    if (blocks == 2) STORE(0, 1, sums[0][1]);                                                                                \
    if (count == 2) STORE(1, 0, sums[1][0]);                                                                                 \
    if (count == 2 && blocks == 2) STORE(1, 1, sums[1][1]);                                                                  \
  }

PRODUCTS(1, 1)
PRODUCTS(1, 2)
PRODUCTS(2, 1)
PRODUCTS(2, 2)

// The bias of a block of output channels, 0 where there are none.
INLINE vec NAME(shift)(const cktile_shape *s, const cktile_output *o, int block) {
  float bias[BLOCK] = {0};
  for (int lane = 0; o->bias && lane < BLOCK && block * BLOCK + lane < s->outputs; lane++) bias[lane] = o->bias[block * BLOCK + lane];
  return NAME(load)(bias);
}

// A tile's outputs in one block of channels, from their sums on; `start` is where the first of them lies.
INLINE void NAME(finish)(const cktile_output *o, const float *sums, int count, vec shift, int64_t start) {
  for (int64_t i = 0; i < count * BLOCK; i += BLOCK) {
    vec v = NAME(load)(sums + i) + shift;
    if (o->addend) v += READ(load)(o->addend + start + i);
    if (o->relu) v = o->slope == 0 ? NAME(bent_below_zero)(v, (vec){0}) : NAME(rectified)(v, o->slope);
    READ(store)(o->image + start + i, v);
  }
}

TARGET static void NAME(run)(const cktile_shape *s, const uint16_t *image, const uint16_t *packed, const cktile_output *o,
                             int first_block, int last_block, int first_tile, int last_tile) {
  float sums[2][2][TILE] __attribute__((aligned(64)));
  int per_row = tiles_per_row(s), columns = tile_columns(s);
  int64_t block_size = (int64_t)s->output_height * s->output_width * BLOCK, line = s->width * pixel_step(s);
  vec shifts[2];
  for (int j = 0; j < last_block - first_block; j++) shifts[j] = NAME(shift)(s, o, first_block + j);
  BEGIN(columns);
  packed += first_block * block_filters(s);
  for (int tile = first_tile; tile < last_tile; tile += 2) {
    int count = last_tile - tile < 2 ? 1 : 2, blocks = last_block - first_block;
    tile_place places[2];
    const uint16_t *images[2];
    for (int i = 0; i < count; i++) {
      places[i] = place_of(s, tile + i, per_row, columns);
      images[i] = image + places[i].row * s->stride_height * line + places[i].column * s->stride_width * pixel_step(s);
    }
    if (count == 2 && blocks == 2)
      NAME(products_2_2)(PASSED s, images, packed, sums);
    else if (count == 2)
      NAME(products_2_1)(PASSED s, images, packed, sums);
    else if (blocks == 2)
      NAME(products_1_2)(PASSED s, images, packed, sums);
    else
      NAME(products_1_1)(PASSED s, images, packed, sums);
    for (int i = 0; i < count; i++) {
      int skipped = places[i].first;
      int64_t start = (first_block * block_size) + ((int64_t)places[i].row * s->output_width + places[i].column + skipped) * BLOCK;
      for (int j = 0; j < blocks; j++)
        NAME(finish)(o, sums[i][j] + skipped * BLOCK, columns - skipped, shifts[j], start + j * block_size);
    }
  }
  END();
}
#undef vec
#undef PRODUCTS
#undef LANES
#undef ELEMENT
#undef READING
#undef ELEMENT_IS_BF16
// What this body was given.
#undef TARGET
#undef SUFFIX
#undef BEGIN
#undef END
#undef TILES
#undef PASSED
#undef CLEAR
#undef LOAD_IMAGE
#undef LOAD_FILTER
#undef MULTIPLY
#undef STORE
