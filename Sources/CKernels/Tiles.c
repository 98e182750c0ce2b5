#define _GNU_SOURCE
#include "CKernels.h"
#include "Vectors.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#if defined(__linux__)
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_once_t asked = PTHREAD_ONCE_INIT;
static int are_allowed;

// Linux keeps room for a thread's tiles only where the process has asked for it.
static void ask_for_tiles(void) {
  enum { LEAF = 7, TILES = 1 << 24, BF16 = 1 << 22, REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };
  unsigned a, b, c, d;
  if (!ckernels_multiplies_bf16() || !__get_cpuid_count(LEAF, 0, &a, &b, &c, &d) || !(d & TILES) || !(d & BF16)) return;
  are_allowed = syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}
#endif
#endif

int ckernels_multiplies_tiles(void) {
#if defined(__x86_64__) && defined(__linux__)
  pthread_once(&asked, ask_for_tiles);
  return are_allowed;
#else
  return 0;
#endif
}

enum {
  BLOCK = CKTILE_LANES,             // channels
  MOST_OUTPUTS = 16,                // rows of a tile
  FILTER = BLOCK * BLOCK,           // numbers of one tap, from one block of channels to another
  TILE = MOST_OUTPUTS * BLOCK,      // numbers of a tile of images, and sums of one
};

static int blocks_of(int channels) { return (channels + BLOCK - 1) / BLOCK; }

static int input_blocks(const cktile_shape *s) { return s->interleaved ? 1 : blocks_of(s->inputs); }

// Taps, or runs of numbers, that a row of a filter has in a block.
static int row_taps(const cktile_shape *s) { return s->interleaved ? blocks_of(s->kernel_width * s->inputs) : s->kernel_width; }

// Numbers from a pixel to the next, and from what is under a tap to what is under the next.
static int64_t pixel_step(const cktile_shape *s) { return s->interleaved ? s->inputs : BLOCK; }
static int64_t tap_step(const cktile_shape *s) { return (int64_t)s->dilation_width * BLOCK; }

// Numbers of the filters to one block of output channels.
static int64_t block_filters(const cktile_shape *s) {
  return (int64_t)input_blocks(s) * s->kernel_height * row_taps(s) * FILTER;
}

int64_t cktile_filter_count(const cktile_shape *s) { return blocks_of(s->outputs) * block_filters(s); }

// Where a number of the filters lies: taps of a block one after the other, in each pairs of inputs, for which the outputs lie side by side.
static int64_t packed_place(const cktile_shape *s, int64_t output, int64_t input, int64_t row, int64_t column) {
  int64_t taps = row_taps(s), block = input / BLOCK;
  if (s->interleaved) {
    int64_t place = column * s->inputs + input;
    column = place / BLOCK;
    input = place % BLOCK;
    block = 0;
  }
  int64_t filter = output / BLOCK * block_filters(s) + ((block * s->kernel_height + row) * taps + column) * FILTER;
  return filter + input % BLOCK / 2 * 2 * BLOCK + output % BLOCK * 2 + input % 2;
}

void cktile_interleave(const float *row, int64_t plane, int channels, int width, int pad, uint16_t *interleaved) {
  enum { RUN = 128 };
  uint16_t halves[RUN];
  int64_t side = (int64_t)pad * channels;
  __builtin_memset(interleaved, 0, side * sizeof *interleaved);
  interleaved += side;
  for (int channel = 0; channel < channels; channel++)
    for (int start = 0; start < width; start += RUN) {
      int count = width - start < RUN ? width - start : RUN;
      ckernels_bf16_round(ckernels_instruction_set(), row + channel * plane + start, count, halves);
      for (int i = 0; i < count; i++) interleaved[(int64_t)(start + i) * channels + channel] = halves[i];
    }
  __builtin_memset(interleaved + (int64_t)width * channels, 0, side * sizeof *interleaved);
}

void cktile_pack(const cktile_shape *s, const float *filters, int block, uint16_t *packed) {
  __builtin_memset(packed + block * block_filters(s), 0, block_filters(s) * sizeof *packed);
  for (int64_t output = block * BLOCK; output < s->outputs && output < (block + 1) * BLOCK; output++)
    for (int64_t input = 0; input < s->inputs; input++) {
      const float *filter = filters + (output * s->inputs + input) * s->kernel_height * s->kernel_width;
      for (int row = 0; row < s->kernel_height; row++)
        for (int column = 0; column < s->kernel_width; column++, filter++)
          ckernels_bf16_round(CKERNELS_GENERIC, filter, 1, packed + packed_place(s, output, input, row, column));
    }
}

void cktile_unpack(const cktile_shape *s, const uint16_t *packed, int block, float *filters) {
  for (int64_t output = block * BLOCK; output < s->outputs && output < (block + 1) * BLOCK; output++)
    for (int64_t input = 0; input < s->inputs; input++) {
      float *filter = filters + (output * s->inputs + input) * s->kernel_height * s->kernel_width;
      for (int row = 0; row < s->kernel_height; row++)
        for (int column = 0; column < s->kernel_width; column++, filter++)
          ckernels_bf16_widen(CKERNELS_GENERIC, packed + packed_place(s, output, input, row, column), 1, filter);
    }
}

// Each row of the output is cut into as few tiles as there can be, all of `tile_columns` outputs; the last begins among those of the one
// before it where that is more than are left.
static int tiles_per_row(const cktile_shape *s) { return (s->output_width + MOST_OUTPUTS - 1) / MOST_OUTPUTS; }
static int tile_columns(const cktile_shape *s) { return (s->output_width + tiles_per_row(s) - 1) / tiles_per_row(s); }

int cktile_count(const cktile_shape *s) { return s->output_height * tiles_per_row(s); }

typedef struct {
  int row, column; // of the first output
  int first;       // output of the tile that the tile before it has not
} tile_place;

static tile_place place_of(const cktile_shape *s, int tile, int per_row, int columns) {
  int row = tile / per_row, column = (tile - row * per_row) * columns;
  int most = s->output_width - columns, start = column < most ? column : most;
  return (tile_place){row, start, column - start};
}

#if defined(__x86_64__)

// Tiles 0 to 3 are sums, 4 and 5 images, 6 and 7 filters.
typedef struct {
  uint8_t palette, start_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
} tile_configuration;

static tile_configuration configuration(int outputs) {
  tile_configuration c = {.palette = 1};
  for (int tile = 0; tile < 8; tile++) {
    c.rows[tile] = tile < 6 ? outputs : BLOCK / 2;
    c.row_bytes[tile] = tile < 4 || tile >= 6 ? BLOCK * sizeof(float) : BLOCK * sizeof(uint16_t);
  }
  return c;
}

#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,avx512bf16,fma,amx-tile,amx-bf16")))
#define SUFFIX amx
#define HAS_BF16_PRODUCTS 1
#define BEGIN(outputs)                                      \
  tile_configuration shapes = configuration(outputs);       \
  _tile_loadconfig(&shapes)
#define END() _tile_release()
#define TILES
#define PASSED
#define CLEAR(i, j) _tile_zero(2 * (i) + (j))
#define LOAD_IMAGE(i, from, step) _tile_loadd(4 + (i), from, (step) * sizeof(uint16_t))
#define LOAD_FILTER(j, from) _tile_loadd(6 + (j), from, BLOCK * sizeof(float))
#define MULTIPLY(i, j) _tile_dpbf16ps(2 * (i) + (j), 4 + (i), 6 + (j))
#define STORE(i, j, to) _tile_stored(2 * (i) + (j), to, BLOCK * sizeof(float))
#include "TilesBody.h"
#undef HAS_BF16_PRODUCTS

// What stands for tiles on CPUs that have none, to see what comes out but for the order of sums.
typedef struct {
  int outputs;
  float sums[4][TILE];
  uint16_t images[2][TILE];
  const uint16_t *filters[2];
} emulated_tiles;

static void emulate_load(emulated_tiles *t, int i, const uint16_t *from, int64_t step) {
  for (int row = 0; row < t->outputs; row++) __builtin_memcpy(t->images[i] + row * BLOCK, from + row * step, BLOCK * sizeof *from);
}

static float widened(uint16_t half) {
  float number;
  ckernels_bf16_widen(CKERNELS_GENERIC, &half, 1, &number);
  return number;
}

static void emulate_product(emulated_tiles *t, int i, int j) {
  for (int row = 0; row < t->outputs; row++)
    for (int column = 0; column < BLOCK; column++)
      for (int k = 0; k < BLOCK; k++)
        t->sums[2 * i + j][row * BLOCK + column] +=
            widened(t->images[i][row * BLOCK + k]) * widened(t->filters[j][k / 2 * 2 * BLOCK + column * 2 + k % 2]);
}

#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,fma")))
#define SUFFIX emulated
#define BEGIN(count) emulated_tiles tiles_in_memory, *tiles = &tiles_in_memory; tiles->outputs = (count)
#define END()
#define TILES emulated_tiles *tiles,
#define PASSED tiles,
#define CLEAR(i, j) __builtin_memset(tiles->sums[2 * (i) + (j)], 0, sizeof tiles->sums[0])
#define LOAD_IMAGE(i, from, step) emulate_load(tiles, i, from, step)
#define LOAD_FILTER(j, from) (tiles->filters[j] = (from))
#define MULTIPLY(i, j) emulate_product(tiles, i, j)
#define STORE(i, j, to) __builtin_memcpy(to, tiles->sums[2 * (i) + (j)], sizeof tiles->sums[0])
#include "TilesBody.h"
#define HAS_KERNELS 1
#endif

void cktile_run(const cktile_shape *s, const uint16_t *image, const uint16_t *packed, const cktile_output *output, int first_block,
                int last_block, int first_tile, int last_tile) {
#if HAS_KERNELS
  if (s->emulated)
    run_emulated(s, image, packed, output, first_block, last_block, first_tile, last_tile);
  else
    run_amx(s, image, packed, output, first_block, last_block, first_tile, last_tile);
#endif
}
