// Winograd's F(4x4, 3x3) for one instruction set: TARGET, SUFFIX, LANES (of the CPU's vectors), BLOCK (channels per block of memory),
// PANEL (blocks of output channels in a panel) and ROWS(q) (rows of accumulators beside q vectors) are given.
// Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015, with the points 0, 1, -1, 2, -2.

typedef float NAME(vec) __attribute__((vector_size(LANES * 4), aligned(4)));
#define vec NAME(vec)
typedef int32_t NAME(mask) __attribute__((vector_size(LANES * 4)));

INLINE vec NAME(load)(const float *p) { return *(const vec *)p; }
INLINE void NAME(store)(float *p, vec v) { *(vec *)p = v; }

// Negative lanes times slope; what is no number stays none.
INLINE vec NAME(rectified)(vec v, float slope) {
  NAME(mask) negative = v < 0;
  return (vec)((~negative & (NAME(mask))v) | (negative & (NAME(mask))(v * slope)));
}

// One line of six through B's transpose.
INLINE void NAME(input_line)(const vec d[6], vec t[6]) {
  vec a = d[4] - 4 * d[2], b = d[3] - 4 * d[1], c = d[4] - d[2], e = 2 * (d[3] - d[1]);
  t[0] = 4 * d[0] - 5 * d[2] + d[4];
  t[1] = a + b;
  t[2] = a - b;
  t[3] = c + e;
  t[4] = c - e;
  t[5] = 4 * d[1] - 5 * d[3] + d[5];
}

// One line of six through A's transpose.
INLINE void NAME(output_line)(const vec m[6], vec y[4]) {
  vec a = m[1] + m[2], b = m[1] - m[2], c = m[3] + m[4], e = m[3] - m[4];
  y[0] = m[0] + a + c;
  y[1] = b + 2 * e;
  y[2] = a + 4 * c;
  y[3] = b + 8 * e + m[5];
}

TARGET static void NAME(input_tile)(const ckwino_shape *s, const float *block, int row, int column, float *planes,
                                    int64_t plane_stride) {
  for (int lane = 0; lane < BLOCK; lane += LANES) {
    vec t[6][6];
    for (int i = 0; i < 6; i++) {
      vec d[6];
      int y = row + i;
      int inside = y >= 0 && y < s->height;
      for (int j = 0; j < 6; j++) {
        int x = column + j;
        d[j] = inside && x >= 0 && x < s->width ? NAME(load)(block + ((int64_t)y * s->width + x) * BLOCK + lane) : (vec){0};
      }
      NAME(input_line)(d, t[i]);
    }
    for (int j = 0; j < 6; j++) {
      vec d[6], u[6];
      for (int i = 0; i < 6; i++) d[i] = t[i][j];
      NAME(input_line)(d, u);
      for (int i = 0; i < 6; i++) NAME(store)(planes + (i * 6 + j) * plane_stride + lane, u[i]);
    }
  }
}

TARGET static void NAME(input)(const ckwino_shape *s, const float *image, int first_tile, int tiles, int first_block,
                               int last_block, float *planes, int64_t plane_stride) {
  int64_t block_size = (int64_t)s->height * s->width * BLOCK, tile_size = (int64_t)s->input_blocks * BLOCK;
  for (int block = first_block; block < last_block; block++)
    for (int tile = 0; tile < tiles; tile++) {
      tile_place place = place_of(s, first_tile + tile);
      NAME(input_tile)(s, image + place.image * s->image_stride + block * block_size, place.row - s->pad_height,
                       place.column - s->pad_width, planes + tile * tile_size + block * BLOCK, plane_stride);
    }
}

// One line of three through G.
INLINE void NAME(filter_line)(const vec f[3], vec t[6]) {
  vec ends = (f[0] + f[2]) * (-1.0f / 6), middle = f[1] * (1.0f / 6), far = f[0] * (1.0f / 24) + f[2] * (1.0f / 6);
  t[0] = f[0] * 0.25f;
  t[1] = ends - middle;
  t[2] = ends + middle;
  t[3] = far + f[1] * (1.0f / 12);
  t[4] = far - f[1] * (1.0f / 12);
  t[5] = f[2];
}

// The filters from one input channel to LANES output channels.
INLINE void NAME(filter_tile)(const float *filters, int64_t stride, int flipped, float *target, int64_t plane_stride) {
  float values[9][LANES];
  for (int lane = 0; lane < LANES; lane++)
    for (int i = 0; i < 9; i++) values[i][lane] = filters[lane * stride + (flipped ? 8 - i : i)];
  vec t[6][3];
  for (int j = 0; j < 3; j++) {
    vec h[6], f[3] = {NAME(load)(values[j]), NAME(load)(values[3 + j]), NAME(load)(values[6 + j])};
    NAME(filter_line)(f, h);
    for (int i = 0; i < 6; i++) t[i][j] = h[i];
  }
  for (int i = 0; i < 6; i++) {
    vec u[6];
    NAME(filter_line)(t[i], u);
    for (int j = 0; j < 6; j++) NAME(store)(target + (i * 6 + j) * plane_stride, u[j]);
  }
}

TARGET static void NAME(pack)(const ckwino_shape *s, const float *filters, int flipped, int panel, float *packed) {
  int64_t inputs = (int64_t)s->input_blocks * BLOCK, outputs = (int64_t)s->output_blocks * BLOCK;
  int first = first_block(s, panel) * BLOCK, last = first_block(s, panel + 1) * BLOCK;
  int64_t width = last - first, stride = 9 * (flipped ? 1 : inputs);
  for (int output = first; output < last; output += LANES)
    for (int64_t input = 0; input < inputs; input++)
      NAME(filter_tile)(filters + 9 * (flipped ? input * outputs + output : output * inputs + input), stride, flipped,
                        packed + 36 * inputs * first + input * width + output - first, inputs * width);
}

// c[rows][q vectors] = a[rows][depth] . b[depth][q vectors]
#define PRODUCT(q, rows)                                                                                              \
  TARGET static void NAME(product_##q##_##rows)(const float *a, const float *b, float *c, int64_t depth, int64_t c_stride) { \
    vec sums[rows][q];                                                                                                \
    _Pragma("unroll") for (int r = 0; r < rows; r++)                                                                  \
      _Pragma("unroll") for (int j = 0; j < q; j++) sums[r][j] = (vec){0};                                            \
    for (int64_t k = 0; k < depth; k++) {                                                                             \
      vec line[q];                                                                                                    \
      _Pragma("unroll") for (int j = 0; j < q; j++) line[j] = NAME(load)(b + (k * q + j) * LANES);                    \
      _Pragma("unroll") for (int r = 0; r < rows; r++) {                                                              \
        float value = a[r * depth + k];                                                                               \
        _Pragma("unroll") for (int j = 0; j < q; j++) sums[r][j] += value * line[j];                                  \
      }                                                                                                               \
    }                                                                                                                 \
    _Pragma("unroll") for (int r = 0; r < rows; r++)                                                                  \
      _Pragma("unroll") for (int j = 0; j < q; j++) NAME(store)(c + r * c_stride + j * LANES, sums[r][j]);            \
  }

PRODUCTS(PRODUCT)

typedef void (*NAME(product))(const float *, const float *, float *, int64_t, int64_t);
static const NAME(product) NAME(products)[PANEL_VECTORS][MOST_ROWS] = PRODUCT_TABLE(NAME);

TARGET static void NAME(output_tile)(const ckwino_shape *s, const float *products, int64_t stride, int row, int column,
                                     const float *bias, const float *addend, int relu, float slope, float *block) {
  for (int lane = 0; lane < BLOCK; lane += LANES) {
    vec t[4][6];
    for (int j = 0; j < 6; j++) {
      vec m[6], y[4];
      for (int i = 0; i < 6; i++) m[i] = NAME(load)(products + (i * 6 + j) * stride + lane);
      NAME(output_line)(m, y);
      for (int i = 0; i < 4; i++) t[i][j] = y[i];
    }
    vec shift = bias ? NAME(load)(bias + lane) : (vec){0};
    for (int i = 0; i < 4 && row + i < s->output_height; i++) {
      vec y[4];
      NAME(output_line)(t[i], y);
      for (int j = 0; j < 4 && column + j < s->output_width; j++) {
        int64_t place = ((int64_t)(row + i) * s->output_width + column + j) * BLOCK + lane;
        vec v = y[j] + shift;
        if (addend) v += NAME(load)(addend + place);
        if (relu) v = NAME(rectified)(v, slope);
        NAME(store)(block + place, v);
      }
    }
  }
}

TARGET static void NAME(output)(const ckwino_shape *s, const float *planes, int64_t plane_stride, const float *packed, int panel,
                                int first_tile, int tiles, float *products, const float *bias, const float *addend, int relu,
                                float slope, float *image) {
  int64_t depth = (int64_t)s->input_blocks * BLOCK;
  int first = first_block(s, panel), blocks = first_block(s, panel + 1) - first;
  int vectors = blocks * (BLOCK / LANES);
  int64_t width = (int64_t)blocks * BLOCK;
  const float *filters = packed + 36 * depth * first * BLOCK;
  int most = ROWS(vectors), groups = (tiles + most - 1) / most;
  for (int plane = 0; plane < 36; plane++)
    for (int group = 0; group < groups; group++) {
      int start = group * tiles / groups, rows = (group + 1) * tiles / groups - start;
      NAME(products)[vectors - 1][rows - 1](planes + plane * plane_stride + start * depth, filters + plane * depth * width,
                                            products + (plane * (int64_t)tiles + start) * width, depth, width);
    }
  int64_t block_size = (int64_t)s->output_height * s->output_width * BLOCK;
  for (int block = 0; block < blocks; block++)
    for (int tile = 0; tile < tiles; tile++) {
      tile_place place = place_of(s, first_tile + tile);
      int64_t start = place.image * s->output_stride + (first + block) * block_size;
      NAME(output_tile)(s, products + tile * width + block * BLOCK, tiles * width, place.row, place.column,
                        bias ? bias + (first + block) * BLOCK : 0, addend ? addend + start : 0, relu, slope, image + start);
    }
}
#undef vec
// What this body was given.
#undef TARGET
#undef SUFFIX
#undef LANES
#undef BLOCK
#undef PANEL_VECTORS
#undef MOST_ROWS
#undef ROWS
#undef PRODUCTS
#undef PRODUCT_TABLE
