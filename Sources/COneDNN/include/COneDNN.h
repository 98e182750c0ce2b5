// oneDNN's C interface behind one set of functions, the same for 2.x and 3.x.
//
// What differs between the two (memory descriptors by value or by handle, operation descriptors or none, the order of
// arguments) is settled in COneDNN.c. Every function returns a dnnl_status_t as int: 0 is success.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct cdnn_md cdnn_md;                // a memory descriptor, freed with cdnn_md_free
typedef struct cdnn_primitive cdnn_primitive;  // a primitive with its descriptor, freed with cdnn_primitive_free
typedef struct cdnn_engine cdnn_engine;        // the CPU engine
typedef struct cdnn_memory cdnn_memory;        // a memory object, freed with cdnn_memory_free
typedef struct cdnn_stream cdnn_stream;        // an in-order stream, freed with cdnn_stream_free

enum { CDNN_SRC, CDNN_DST, CDNN_WEIGHTS, CDNN_BIAS, CDNN_WORKSPACE, CDNN_SCRATCHPAD, CDNN_DIFF_SRC, CDNN_DIFF_DST,
       CDNN_DIFF_WEIGHTS, CDNN_DIFF_BIAS };  // what an argument is; 16 * (i + 1) is source i of a sum

// What cdnn_engine_create returns where there is no library, and why there is none.
enum { CDNN_NO_LIBRARY = 1000 };
const char *cdnn_reason(void);

// 0.0 where there is no library.
void cdnn_version(int *major, int *minor);
// The vector instructions that kernels use at most, by oneDNN's name.
const char *cdnn_instruction_set(void);
/// Bytes of a vector register's floats: the channel block that this CPU's kernels want (8 or 16).
int cdnn_channel_block(void);

int cdnn_engine_create(cdnn_engine **engine);
void cdnn_engine_free(cdnn_engine *engine);
int cdnn_stream_create(cdnn_stream **stream, cdnn_engine *engine);
void cdnn_stream_free(cdnn_stream *stream);

// What elements are.
enum { CDNN_F32, CDNN_BF16 };
// Whether this CPU has instructions for bf16, and oneDNN uses them; without, its kernels for bf16 are slower than those for floats.
int cdnn_has_bf16(void);
// Whether it multiplies whole tiles of bf16 (AMX), for images with channels last.
int cdnn_has_amx(void);
// Whether there are kernels for bf16 at all.
int cdnn_emulates_bf16(void);

int cdnn_md_dense(cdnn_md **md, int ndims, const int64_t *dims, int element);
/// nChw8c or nChw16c; of five axes nCdhw8c or nCdhw16c.
int cdnn_md_blocked(cdnn_md **md, int ndims, const int64_t *dims, int block, int element);
// The first channels of images that have `channels` in all: whole blocks, with room for the rest between images.
int cdnn_md_slice(cdnn_md **md, int ndims, const int64_t *dims, int block, int64_t channels, int element);
/// The library chooses.
int cdnn_md_any(cdnn_md **md, int ndims, const int64_t *dims, int element);
// CDNN_BF16, or CDNN_F32 for all else.
int cdnn_md_element(const cdnn_md *md);
size_t cdnn_md_size(const cdnn_md *md);
/// Writes dimensions, strides, inner blocks and, where it is no float, the element to `out` (at most `capacity` numbers) and returns how many there are.
int cdnn_md_describe(const cdnn_md *md, int64_t *out, int capacity);
void cdnn_md_free(cdnn_md *md);

int cdnn_memory_create(cdnn_memory **memory, const cdnn_md *md, cdnn_engine *engine, void *data);
void cdnn_memory_free(cdnn_memory *memory);

/// The window of a convolution or pooling along two or three spatial axes; dilation 0 means none.
typedef struct {
  int64_t kernel[3], stride[3], dilation[3], pad_before[3], pad_after[3];
} cdnn_window;

/// `bias` may be NULL; `adds` is 1 to add what the destination holds, `relu` 1 to apply a ReLU of that slope to the output.
int cdnn_convolution_forward(cdnn_primitive **p, cdnn_engine *e, int training, const cdnn_md *src, const cdnn_md *weights,
                             const cdnn_md *bias, const cdnn_md *dst, const cdnn_window *w, int adds, int relu,
                             float slope);
int cdnn_convolution_backward_data(cdnn_primitive **p, cdnn_engine *e, const cdnn_md *diff_src, const cdnn_md *weights,
                                   const cdnn_md *diff_dst, const cdnn_window *w, const cdnn_primitive *forward);
int cdnn_convolution_backward_weights(cdnn_primitive **p, cdnn_engine *e, const cdnn_md *src, const cdnn_md *diff_weights,
                                      const cdnn_md *diff_bias, const cdnn_md *diff_dst, const cdnn_window *w,
                                      const cdnn_primitive *forward);
/// `average`: 0 largest, 1 mean over the window, padding included, 2 mean over the part inside the image.
int cdnn_pooling_forward(cdnn_primitive **p, cdnn_engine *e, int training, int average, const cdnn_md *src, const cdnn_md *dst,
                         const cdnn_window *w);
int cdnn_pooling_backward(cdnn_primitive **p, cdnn_engine *e, int average, const cdnn_md *diff_src, const cdnn_md *diff_dst,
                          const cdnn_window *w, const cdnn_primitive *forward);
int cdnn_lrn_forward(cdnn_primitive **p, cdnn_engine *e, const cdnn_md *src, int64_t size, float alpha, float beta,
                     float k);
/// A function of each element: see cdnn_elementary in COneDNN.c for what alpha means to it.
enum { CDNN_RELU, CDNN_TANH, CDNN_LOGISTIC, CDNN_ABS, CDNN_ELU, CDNN_SOFTPLUS, CDNN_SWISH, CDNN_LOG };
/// Whether backward reads the output instead of the input, so that both may share memory.
int cdnn_elementary_reads_output(int kind);
int cdnn_elementary_forward(cdnn_primitive **p, cdnn_engine *e, int training, int kind, const cdnn_md *src, float alpha);
/// `data` is the output where cdnn_elementary_reads_output, else the input.
int cdnn_elementary_backward(cdnn_primitive **p, cdnn_engine *e, int kind, const cdnn_md *diff, const cdnn_md *data, float alpha,
                             const cdnn_primitive *forward);
/// Along one axis, for inference.
int cdnn_softmax(cdnn_primitive **p, cdnn_engine *e, const cdnn_md *src, int axis);
int cdnn_sum(cdnn_primitive **p, cdnn_engine *e, const cdnn_md *dst, const float *scales, const cdnn_md *const *sources, int count);
int cdnn_reorder(cdnn_primitive **p, cdnn_engine *e, const cdnn_md *src, const cdnn_md *dst);

const char *cdnn_primitive_implementation(const cdnn_primitive *p);
/// The descriptor of an argument; its size is 0 when the primitive has no such argument.
int cdnn_primitive_md(cdnn_md **md, const cdnn_primitive *p, int argument);
int cdnn_primitive_execute(const cdnn_primitive *p, cdnn_stream *stream, int count, const int *arguments,
                           cdnn_memory *const *memories);
void cdnn_primitive_free(cdnn_primitive *p);

/// The OpenMP runtime that oneDNN was built with, found when the program runs; 0 when there is none.
int cdnn_openmp_available(void);
void cdnn_openmp_set_threads(int threads);
int cdnn_openmp_threads(void);
// The calling thread's number within its team, from 0.
int cdnn_openmp_thread(void);
/// Runs `body(context)` on a team of that many threads, the caller among them.
void cdnn_openmp_parallel(void (*body)(void *), void *context, unsigned threads);
