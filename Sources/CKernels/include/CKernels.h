// Kernels in which a library leaves time on the table, in C for its vectors and per-function instruction sets. Each is
// compared with a layer's reference or plain sums by its test; what is called is chosen when the program runs.
#ifndef CAFFE_CKERNELS_H
#define CAFFE_CKERNELS_H

#include <stdint.h>

// Vector instructions, in the order of preference.
enum { CKERNELS_GENERIC = 0, CKERNELS_AVX2 = 1, CKERNELS_AVX512 = 2 };

// The best of them that this CPU has; kernels that are told which to use take any up to it.
int ckernels_instruction_set(void);

// Whether this CPU has the instructions of the kernels for images in blocks of so many channels: 16 for AVX-512, 8 for AVX2.
int ckernels_has_blocks(int lanes);

// Whether this CPU multiplies bf16 in AVX-512's vectors.
int ckernels_multiplies_bf16(void);

// Whether this CPU and its system let this process multiply whole tiles of bf16 (AMX).
int ckernels_multiplies_tiles(void);

// Blocks of output channels that a panel of filters can have in them.
int ckernels_panel_blocks(int lanes);

// MARK: Winograd's convolutions F(4x4, 3x3), F(2x2, 3x3) and F(2x2, 5x5): stride 1, channels in blocks of `lanes`.
//
// Images are cut into tiles of 4x4 or 2x2 outputs, numbered through all images of the batch. `ckwino_input` turns what each needs,
// `points` inputs in both directions, into as many planes, `ckwino_output` multiplies each plane by the filters' (a product of matrices
// for each) and turns the sums back into outputs.

// What images, planes and packed filters consist of: floats, or with 4 points and 16 lanes bf16, which the CPU multiplies
// (`ckernels_multiplies_bf16`) or floats do in its place.
enum { CKWINO_FLOATS = 0, CKWINO_BF16 = 1, CKWINO_BF16_EMULATED = 2 };

typedef struct {
  int32_t numbers;       // which of them
  int32_t points;        // 6, or 4 for a kernel of 3
  int32_t kernel;        // 3 or 5; a tile has points - kernel + 1 outputs in each direction
  int32_t parts;         // 1; 2 where filters of 5 are taken as 2 x 2 parts of 3, whose sums are added up
  int32_t lanes;         // channels per block: 16 for AVX-512, 8 for AVX2
  int32_t input_blocks;  // blocks of input channels of one group
  int32_t output_blocks; // blocks of output channels of one group
  int32_t panels;        // parts of the output channels; the filters of one lie together
  int32_t height, width; // of the input
  int32_t output_height, output_width;
  int32_t pad_height, pad_width;
  int32_t tile_rows, tile_columns;    // that cover the output
  int64_t image_stride, output_stride; // numbers from one image to the next
} ckwino_shape;

// How many bytes the filters of one group take, packed.
int64_t ckwino_filter_bytes(const ckwino_shape *shape);

// Packs some panels, first to last (not included); filters are dense (outputs, inputs, kernel, kernel) of one group, kernel being 5 for
// 2 parts. `flipped` takes them as (inputs, outputs, kernel, kernel) rotated by 180 degrees, for the gradient of the input.
void ckwino_pack(const ckwino_shape *shape, const float *filters, int flipped, int first_panel, int last_panel, void *packed);

// The filters that were packed, but for rounding.
void ckwino_unpack(const ckwino_shape *shape, const void *packed, int first_panel, int last_panel, float *filters);

// Transforms tiles: planes[plane][tile][channel], counted from `first_tile`; where filters have parts, what each of these is multiplied by
// counts as input channels of its own. `image` is the group's first channel block of the first image.
void ckwino_input(const ckwino_shape *shape, const void *image, int first_tile, int tiles, int first_block, int last_block,
                  void *planes, int64_t plane_stride);

// One panel of output channels of `tiles` tiles: `products` has room for points^2 * tiles * panel blocks * lanes floats.
// bias: of the group's first channel, or null. addend: an image of the output's layout to add, which may be the output, or
// null. relu: whether negative outputs are multiplied by slope.
void ckwino_output(const ckwino_shape *shape, const void *planes, int64_t plane_stride, const void *packed, int panel,
                   int first_tile, int tiles, float *products, const float *bias, const void *addend, int relu, float slope,
                   void *image);

// MARK: Convolutions with 1x1 filters: stride 1, channels in blocks of `lanes`; there are kernels where `ckernels_has_blocks(lanes)`

typedef struct {
  int32_t lanes;        // channels per block
  int32_t input_blocks; // of an image, all full
  int32_t outputs;      // channels; a last block that they do not fill gets zeros
  int32_t panels;       // parts of the output channels; the filters of one lie together
  int64_t pixels;       // height * width
  int64_t input_pixels; // from one block of the input to the next
} ckpoint_shape;

// Where outputs go, and what is done with them on the way.
typedef struct {
  float *image;
  const float *addend; // an image of the output's layout to add, which may be the output, or null
  int relu;            // whether negative outputs are multiplied by slope
  float slope;
} ckpoint_output;

// What will be read after all panels of the pixels at hand, in stretches that lie apart, and is brought near meanwhile.
typedef struct {
  const float *start;
  int64_t count, stride; // floats of a stretch, from one to the next
  int32_t stretches;     // none where filters are what is brought near
} ckpoint_coming;

// How many floats the filters take, packed.
int64_t ckpoint_filter_count(const ckpoint_shape *shape);

// Packs some panels, first to last (not included); filters are dense (outputs, inputs).
void ckpoint_pack(const ckpoint_shape *shape, const float *filters, int first_panel, int last_panel, float *packed);

// The filters that were packed.
void ckpoint_unpack(const ckpoint_shape *shape, const float *packed, int first_panel, int last_panel, float *filters);

// One panel of output channels of some pixels of an image, first to last (not included). pixels: the input from the first of them on.
// bias: of the first channel, or null.
void ckpoint_run(const ckpoint_shape *shape, const float *pixels, const float *packed, int panel, int64_t first, int64_t last,
                 const float *bias, const ckpoint_output *output, const ckpoint_coming *coming);

// MARK: Convolutions in bf16 by tiles: products of up to 16 outputs of a row by 16 output channels. Channels in blocks of 16
//
// Filters and sums are those of one group; channels that fill a last block only in part are made up for with zeros. Images are padded
// beforehand. Those of few channels come without blocks, a pixel's channels side by side, so that a run of 16 numbers in a row takes the
// place of a block: 49 taps of 3 channels become 7 rows of 2 runs. Behind such an image are zeros to the end of the last run.

enum { CKTILE_LANES = 16 };

typedef struct {
  int32_t emulated; // whether floats take the place of tiles, for CPUs that have AVX-512 but no tiles (`ckernels_multiplies_tiles`)
  int32_t interleaved; // whether images come without blocks; their dilation_width is 1
  int32_t inputs, outputs; // channels
  int32_t kernel_height, kernel_width;
  int32_t stride_height, stride_width;
  int32_t dilation_height, dilation_width;
  int32_t height, width; // of the input, with its padding
  int32_t output_height, output_width;
} cktile_shape;

// Where outputs go, and what is done with them on the way.
typedef struct {
  uint16_t *image;
  const uint16_t *addend; // an image of the output's layout to add, which may be the output, or null
  const float *bias;      // of the group's first channel, or null
  int relu;               // whether negative outputs are multiplied by slope
  float slope;
} cktile_output;

// How many numbers of bf16 the filters take, packed.
int64_t cktile_filter_count(const cktile_shape *shape);

// Packs the filters to one block of output channels; filters are dense (outputs, inputs, kernel_height, kernel_width).
void cktile_pack(const cktile_shape *shape, const float *filters, int block, uint16_t *packed);

// The filters that were packed, but for rounding.
void cktile_unpack(const cktile_shape *shape, const uint16_t *packed, int block, float *filters);

// A row of an interleaved image with zeros in front of it and behind: `channels` rows of floats, `plane` of them apart, rounded to bf16.
void cktile_interleave(const float *row, int64_t plane, int channels, int width, int pad, uint16_t *interleaved);

// Tiles of outputs that an image has in each block of channels.
int cktile_count(const cktile_shape *shape);

// Some tiles of one or two blocks of output channels, first to last (not included).
void cktile_run(const cktile_shape *shape, const uint16_t *image, const uint16_t *packed, const cktile_output *output, int first_block,
                int last_block, int first_tile, int last_tile);

// MARK: Depthwise convolutions, a filter for each channel, in blocks of `lanes`; there are kernels where `ckernels_has_blocks(lanes)`
//
// Filters are three columns wide, and images are padded by a column at most on either side.

typedef struct {
  int32_t lanes;         // channels per block
  int32_t height, width; // of the input
  int32_t output_width;
  int32_t kernel_height;
  int32_t stride_height, stride_width; // the latter 1 or 2
  int32_t pad_height, pad_width;
  int32_t dilation_height;
} ckdepth_shape;

// Some rows of the output of one block of channels, first to last (not included), which are written one behind the other. image,
// filters, bias: those of the block; filters in blocks as the image is, bias or null. relu: whether negative outputs are multiplied by
// slope.
void ckdepth_rows(const ckdepth_shape *shape, const float *image, const float *filters, const float *bias, int relu, float slope,
                  int first, int last, float *output);

// MARK: Functions of each channel by itself, on channels in blocks of `lanes`
//
// y = x factor + shift, and where that is negative, times slope. There are kernels where `ckernels_has_blocks(lanes)`.

// One block, with a number for each of its channels.
typedef struct {
  int32_t lanes;
  int32_t channels; // that the block has, up to lanes
  const float *factor, *shift, *slope; // null for 1, for 0, and for `relu`
  float relu; // 1 leaves negative numbers as they are
} ckchannel_block;

// Some pixels of the block; y may be x.
void ckchannel_map(const ckchannel_block *block, const float *x, float *y, int64_t pixels);

// MARK: Local response normalisation across channels, with beta = 0.75, on channels in blocks of `lanes`
//
// y = x s^-0.75, where s = k + alpha / size * the sum of squares of the `half` channels before, the channel, and the `half` behind.
// There are kernels where `ckernels_has_blocks(lanes)`.

typedef struct {
  int32_t is_bf16; // whether images consist of bf16, for forward and 16 lanes alone
  int32_t lanes;   // channels per block
  int32_t blocks;  // of an image
  int32_t half;    // (size - 1) / 2, up to CKLRN_HALF
  int64_t pixels;  // height * width
  float alpha_by_size, k; // not negative; more than 0
} cklrn_shape;

enum {
  CKLRN_HALF = 4,
  // Pixels in one call at most.
  CKLRN_PIXELS = 64
};

// Some pixels of one image, first to last (not included).
void cklrn_forward(const cklrn_shape *shape, const void *x, void *y, int64_t first, int64_t last);

// Floats that a call of `cklrn_backward` needs for itself.
int64_t cklrn_scratch_count(const cklrn_shape *shape);

// Sets dx; y is not needed.
void cklrn_backward(const cklrn_shape *shape, const float *x, const float *dy, float *dx, int64_t first, int64_t last,
                    float *scratch);

// MARK: The largest number of each window of an image of bf16, channels in blocks of 16
//
// A window with what is no number gives that. There are kernels where `ckernels_has_blocks(16)`.

typedef struct {
  int32_t height, width; // of the input
  int32_t output_width;
  int32_t kernel_height, kernel_width;
  int32_t stride_height, stride_width;
  int32_t pad_height, pad_width; // less than the kernel: each window has some pixel in it
} ckmax_shape;

// Some rows of the output of one block of channels, first to last (not included), which are written one behind the other. line: room
// for a row of the input.
void ckmax_rows(const ckmax_shape *shape, const uint16_t *block, int first, int last, int16_t *line, uint16_t *output);

// MARK: Products of matrices

// c = a . b, or c += a . b: element (i, k) of a lies at i * a_row + k * a_depth, (k, j) of b at k * b_depth + j * b_column, and
// (i, j) of c at i * c_row + j. One of b's strides is 1.
typedef struct {
  int64_t rows, columns, depth;
  const float *a;
  int64_t a_row, a_depth;
  const void *b;
  int b_is_bf16; // whether b's elements are bf16, not floats
  int64_t b_depth, b_column;
  float *c;
  int64_t c_row;
  int accumulate;
} ckgemm;

// The rows that a product may have where a_depth is not 1.
enum { CKERNELS_TURNED_ROWS = 64 };

void ckernels_gemm(int instruction_set, const ckgemm *product);

// MARK: A matrix and a vector

// y[i] = x . weights[i], with `outputs` rows of weights, each of `inputs` floats.
void ckernels_gemv(int instruction_set, const float *weights, const float *x, int64_t inputs, int64_t outputs, float *y);
// The same with rows of bf16.
void ckernels_gemv_bf16(int instruction_set, const uint16_t *weights, const float *x, int64_t inputs, int64_t outputs, float *y);

// The same where the CPU multiplies bf16 (`ckernels_multiplies_bf16`), with the vector split into two of bf16 whose sums have 16 of a
// float's 24 bits: twice the products, and yet fewer instructions than it takes to widen weights.

// halves: 2 * count numbers, first x without its lower bits, then what these are. Weights are finite.
void ckernels_split(const float *x, int64_t count, uint16_t *halves);
void ckernels_gemv_split(const uint16_t *weights, const uint16_t *halves, int64_t inputs, int64_t outputs, float *y);

// MARK: bf16, the upper half of a float

// Rounds to nearest, ties to even; what is too large becomes infinite, NaN stays NaN.
void ckernels_bf16_round(int instruction_set, const float *values, int64_t count, uint16_t *rounded);
void ckernels_bf16_widen(int instruction_set, const uint16_t *values, int64_t count, float *widened);

#endif
