// Kernels in which a library leaves time on the table, in C for its vectors and per-function instruction sets. Each is
// compared with a layer's reference or plain sums by its test; what is called is chosen when the program runs.
#ifndef CAFFE_CKERNELS_H
#define CAFFE_CKERNELS_H

#include <stdint.h>

// Vector instructions, in the order of preference.
enum { CKERNELS_GENERIC = 0, CKERNELS_AVX2 = 1, CKERNELS_AVX512 = 2 };

// The best of them that this CPU has; kernels that are told which to use take any up to it.
int ckernels_instruction_set(void);

// MARK: Winograd's convolution F(4x4, 3x3): stride 1, 3x3 filters, channels in blocks of `lanes`.
//
// Images are cut into tiles of 4x4 outputs, numbered through all images of the batch. `ckwino_input` turns tiles into 36 planes,
// `ckwino_output` multiplies each plane by the filters' (36 products of matrices) and turns the sums back into outputs.

typedef struct {
  int32_t lanes;         // channels per block: 16 for AVX-512, 8 for AVX2
  int32_t input_blocks;  // blocks of input channels of one group
  int32_t output_blocks; // blocks of output channels of one group
  int32_t panels;        // parts of the output channels; the filters of one lie together
  int32_t height, width; // of the input
  int32_t output_height, output_width;
  int32_t pad_height, pad_width;
  int32_t tile_rows, tile_columns;    // ceil(output_height / 4), ceil(output_width / 4)
  int64_t image_stride, output_stride; // floats from one image to the next
} ckwino_shape;

// Whether there are kernels for channels in blocks of so many, on this CPU.
int ckwino_available(int lanes);

// Blocks of output channels that one panel can have.
int ckwino_panel_blocks(int lanes);

// How many floats the filters of one group take, packed.
int64_t ckwino_filter_count(const ckwino_shape *shape);

// Packs some panels, first to last (not included); filters are dense (outputs, inputs, 3, 3) of one group.
// `flipped` takes them as (inputs, outputs, 3, 3) rotated by 180 degrees, for the gradient of the input.
void ckwino_pack(const ckwino_shape *shape, const float *filters, int flipped, int first_panel, int last_panel, float *packed);

// The filters that were packed, but for rounding.
void ckwino_unpack(const ckwino_shape *shape, const float *packed, int first_panel, int last_panel, float *filters);

// Transforms tiles: planes[plane][tile][channel], counted from `first_tile`. `image` is the group's first channel block of the
// first image.
void ckwino_input(const ckwino_shape *shape, const float *image, int first_tile, int tiles, int first_block, int last_block,
                  float *planes, int64_t plane_stride);

// One panel of output channels of `tiles` tiles: `products` has room for 36 * tiles * panel blocks * lanes floats.
// bias: of the group's first channel, or null. addend: an image of the output's layout to add, which may be the output, or
// null. relu: whether negative outputs are multiplied by slope.
void ckwino_output(const ckwino_shape *shape, const float *planes, int64_t plane_stride, const float *packed, int panel,
                   int first_tile, int tiles, float *products, const float *bias, const float *addend, int relu, float slope,
                   float *image);

// MARK: Products of matrices

// c = a . b, or c += a . b: element (i, k) of a lies at i * a_row + k * a_depth, (k, j) of b at k * b_depth + j * b_column, and
// (i, j) of c at i * c_row + j. One of b's strides is 1.
typedef struct {
  int64_t rows, columns, depth;
  const float *a;
  int64_t a_row, a_depth;
  const float *b;
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

#endif
