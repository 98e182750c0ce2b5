#define _GNU_SOURCE
#include "COneDNN.h"

#include "library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#if V3
struct cdnn_md { dnnl_memory_desc_t handle; };
#define MD(x) ((x) ? (x)->handle : NULL)
#else
struct cdnn_md { dnnl_memory_desc_t value; };
#define MD(x) ((x) ? &(x)->value : NULL)
#endif

struct cdnn_primitive {
  dnnl_primitive_desc_t desc;
  dnnl_primitive_t primitive;
};
#define ENGINE(e) ((dnnl_engine_t)(e))

void cdnn_version(int *major, int *minor) {
  *major = *minor = 0;
  if (!cdnn_open()) return;
  const dnnl_version_t *version = dnnl.version();
  *major = version->major;
  *minor = version->minor;
}

const char *cdnn_instruction_set(void) {
  static const struct {
    dnnl_cpu_isa_t isa;
    const char *name;
  } names[] = {
      {dnnl_cpu_isa_sse41, "sse41"},
      {dnnl_cpu_isa_avx, "avx"},
      {dnnl_cpu_isa_avx2, "avx2"},
      {dnnl_cpu_isa_avx2_vnni, "avx2_vnni"},
      {dnnl_cpu_isa_avx512_core, "avx512_core"},
      {dnnl_cpu_isa_avx512_core_vnni, "avx512_core_vnni"},
      {dnnl_cpu_isa_avx512_core_bf16, "avx512_core_bf16"},
      {dnnl_cpu_isa_avx512_core_amx, "avx512_core_amx"},
  };
  if (!cdnn_open()) return "none";
  const dnnl_cpu_isa_t isa = dnnl.get_effective_cpu_isa();
  // Each set has the bits of those it builds on: the last that is contained is the best that has a name here.
  const char *name = "none";
  for (unsigned index = 0; index < sizeof names / sizeof *names; index++)
    if (((unsigned)isa & (unsigned)names[index].isa) == (unsigned)names[index].isa) name = names[index].name;
  return name;
}

static int has(unsigned isa) { return cdnn_open() && ((unsigned)dnnl.get_effective_cpu_isa() & isa) == isa; }

int cdnn_channel_block(void) { return has(dnnl_cpu_isa_avx512_core) ? 16 : 8; }
int cdnn_has_bf16(void) { return has(dnnl_cpu_isa_avx512_core_bf16); }
int cdnn_has_amx(void) { return has(dnnl_cpu_isa_avx512_core_amx); }
int cdnn_emulates_bf16(void) { return has(dnnl_cpu_isa_avx512_core); }

int cdnn_engine_create(cdnn_engine **engine) {
  return cdnn_open() ? (int)dnnl.engine_create((dnnl_engine_t *)engine, dnnl_cpu, 0) : CDNN_NO_LIBRARY;
}
void cdnn_engine_free(cdnn_engine *engine) { dnnl.engine_destroy(ENGINE(engine)); }
int cdnn_stream_create(cdnn_stream **stream, cdnn_engine *engine) {
  return dnnl.stream_create((dnnl_stream_t *)stream, ENGINE(engine), dnnl_stream_default_flags);
}
void cdnn_stream_free(cdnn_stream *stream) { dnnl.stream_destroy((dnnl_stream_t)stream); }

// Memory descriptors

static cdnn_md *new_md(void) { return calloc(1, sizeof(cdnn_md)); }

static int finish_md(cdnn_md **out, cdnn_md *md, int status) {
  if (status != dnnl_success) {
    free(md);
    md = NULL;
  }
  *out = md;
  return status;
}

static dnnl_data_type_t data_type(int element) { return element == CDNN_BF16 ? dnnl_bf16 : dnnl_f32; }

static int md_with_tag(cdnn_md **out, int ndims, const int64_t *dims, dnnl_format_tag_t tag, int element) {
  cdnn_md *md = new_md();
  if (!md) return dnnl_out_of_memory;
#if V3
  return finish_md(out, md, dnnl.memory_desc_create_with_tag(&md->handle, ndims, dims, data_type(element), tag));
#else
  return finish_md(out, md, dnnl.memory_desc_init_by_tag(&md->value, ndims, dims, data_type(element), tag));
#endif
}

int cdnn_md_dense(cdnn_md **out, int ndims, const int64_t *dims, int element) {
  cdnn_md *md = new_md();
  if (!md) return dnnl_out_of_memory;
#if V3
  return finish_md(out, md, dnnl.memory_desc_create_with_strides(&md->handle, ndims, dims, data_type(element), NULL));
#else
  return finish_md(out, md, dnnl.memory_desc_init_by_strides(&md->value, ndims, dims, data_type(element), NULL));
#endif
}

int cdnn_md_blocked(cdnn_md **out, int ndims, const int64_t *dims, int block, int element) {
  dnnl_format_tag_t tag = block == 16 ? dnnl_nChw16c : dnnl_nChw8c;
  if (ndims == 5) tag = block == 16 ? dnnl_nCdhw16c : dnnl_nCdhw8c;
  return md_with_tag(out, ndims, dims, tag, element);
}

int cdnn_md_slice(cdnn_md **out, int ndims, const int64_t *dims, int block, int64_t channels, int element) {
  cdnn_md *whole;
  int64_t whole_dims[DNNL_MAX_NDIMS], offsets[DNNL_MAX_NDIMS] = {0};
  for (int i = 0; i < ndims; i++) whole_dims[i] = i == 1 ? channels : dims[i];
  int status = cdnn_md_blocked(&whole, ndims, whole_dims, block, element);
  if (status != dnnl_success) return status;
  cdnn_md *md = new_md();
  if (!md)
    status = dnnl_out_of_memory;
  else
#if V3
    status = dnnl.memory_desc_create_submemory(&md->handle, whole->handle, dims, offsets);
#else
    status = dnnl.memory_desc_init_submemory(&md->value, &whole->value, dims, offsets);
#endif
  cdnn_md_free(whole);
  return md ? finish_md(out, md, status) : status;
}

int cdnn_md_any(cdnn_md **out, int ndims, const int64_t *dims, int element) {
  return md_with_tag(out, ndims, dims, dnnl_format_tag_any, element);
}

int cdnn_md_element(const cdnn_md *md) {
  dnnl_data_type_t type = dnnl_f32;
#if V3
  dnnl.memory_desc_query(md->handle, dnnl_query_data_type, &type);
#else
  type = md->value.data_type;
#endif
  return type == dnnl_bf16 ? CDNN_BF16 : CDNN_F32;
}

size_t cdnn_md_size(const cdnn_md *md) { return dnnl.memory_desc_get_size(MD(md)); }

static int push(int64_t *out, int capacity, int count, const dnnl_dim_t *values, int number) {
  for (int i = 0; i < number; i++, count++)
    if (count < capacity) out[count] = values[i];
  return count;
}

static int describe_format(const cdnn_md *md, int64_t *out, int capacity) {
  int count = 0;
#if V3
  int ndims = 0, blocks = 0;
  dnnl_dim_t (*dims)[DNNL_MAX_NDIMS], (*strides)[DNNL_MAX_NDIMS], (*sizes)[DNNL_MAX_NDIMS], (*places)[DNNL_MAX_NDIMS];
  dnnl.memory_desc_query(md->handle, dnnl_query_ndims_s32, &ndims);
  dnnl.memory_desc_query(md->handle, dnnl_query_padded_dims, &dims);
  count = push(out, capacity, count, *dims, ndims);
  if (dnnl.memory_desc_query(md->handle, dnnl_query_strides, &strides) != dnnl_success) return count;
  count = push(out, capacity, count, *strides, ndims);
  dnnl.memory_desc_query(md->handle, dnnl_query_inner_nblks_s32, &blocks);
  if (blocks > 0) {
    dnnl.memory_desc_query(md->handle, dnnl_query_inner_blks, &sizes);
    dnnl.memory_desc_query(md->handle, dnnl_query_inner_idxs, &places);
    count = push(out, capacity, count, *sizes, blocks);
    count = push(out, capacity, count, *places, blocks);
  }
#else
  const dnnl_memory_desc_t *d = &md->value;
  const dnnl_blocking_desc_t *b = &d->format_desc.blocking;
  count = push(out, capacity, count, d->padded_dims, d->ndims);
  if (d->format_kind != dnnl_blocked) return count;
  count = push(out, capacity, count, b->strides, d->ndims);
  count = push(out, capacity, count, b->inner_blks, b->inner_nblks);
  count = push(out, capacity, count, b->inner_idxs, b->inner_nblks);
#endif
  return count;
}

int cdnn_md_describe(const cdnn_md *md, int64_t *out, int capacity) {
  int count = describe_format(md, out, capacity);
  dnnl_dim_t element = cdnn_md_element(md);
  return element == CDNN_F32 ? count : push(out, capacity, count, &element, 1);
}

void cdnn_md_free(cdnn_md *md) {
#if V3
  if (md) dnnl.memory_desc_destroy(md->handle);
#endif
  free(md);
}

int cdnn_memory_create(cdnn_memory **memory, const cdnn_md *md, cdnn_engine *engine, void *data) {
  return dnnl.memory_create((dnnl_memory_t *)memory, MD(md), ENGINE(engine), data);
}
void cdnn_memory_free(cdnn_memory *memory) { dnnl.memory_destroy((dnnl_memory_t)memory); }

// Attributes: scratch memory is the caller's, so that one primitive can run on several threads.

static int make_attributes(dnnl_primitive_attr_t *attr, int adds, int relu, float slope) {
  int status = dnnl.primitive_attr_create(attr);
  if (status == dnnl_success) status = dnnl.primitive_attr_set_scratchpad_mode(*attr, dnnl_scratchpad_mode_user);
  if (status != dnnl_success || !(adds || relu)) return status;
  dnnl_post_ops_t ops = NULL;
  status = dnnl.post_ops_create(&ops);
  if (status != dnnl_success) return status;
#if V3
  if (adds) status = dnnl.post_ops_append_sum(ops, 1, 0, dnnl_data_type_undef);
  if (status == dnnl_success && relu) status = dnnl.post_ops_append_eltwise(ops, dnnl_eltwise_relu, slope, 0);
#else
  if (adds) status = dnnl.post_ops_append_sum(ops, 1);
  if (status == dnnl_success && relu) status = dnnl.post_ops_append_eltwise(ops, 1, dnnl_eltwise_relu, slope, 0);
#endif
  if (status == dnnl_success) status = dnnl.primitive_attr_set_post_ops(*attr, ops);
  dnnl.post_ops_destroy(ops);
  return status;
}

// Takes the descriptor and the attributes.
static int finish(cdnn_primitive **out, int status, dnnl_primitive_desc_t desc, dnnl_primitive_attr_t attr) {
  *out = NULL;
  if (attr) dnnl.primitive_attr_destroy(attr);
  if (status != dnnl_success) return status;
  cdnn_primitive *p = calloc(1, sizeof(cdnn_primitive));
  if (!p) {
    dnnl.primitive_desc_destroy(desc);
    return dnnl_out_of_memory;
  }
  p->desc = desc;
  status = dnnl.primitive_create(&p->primitive, desc);
  if (status != dnnl_success) {
    dnnl.primitive_desc_destroy(desc);
    free(p);
    return status;
  }
  *out = p;
  return status;
}

#define BEGIN(adds, relu, slope)                                 \
  dnnl_primitive_desc_t desc = NULL;                             \
  dnnl_primitive_attr_t attr = NULL;                             \
  int status = make_attributes(&attr, adds, relu, slope);        \
  if (status != dnnl_success) return finish(out, status, desc, attr)
#define HINT(f) ((f) ? (f)->desc : NULL)
#define PROP(training) ((training) ? dnnl_forward_training : dnnl_forward_inference)

int cdnn_convolution_forward(cdnn_primitive **out, cdnn_engine *e, int training, const cdnn_md *src, const cdnn_md *weights,
                             const cdnn_md *bias, const cdnn_md *dst, const cdnn_window *w, int adds, int relu, float slope) {
  BEGIN(adds, relu, slope);
#if V3
  status = dnnl.convolution_forward_primitive_desc_create(&desc, ENGINE(e), PROP(training), dnnl_convolution_direct, MD(src), MD(weights),
      MD(bias), MD(dst), w->stride, w->dilation, w->pad_before, w->pad_after, attr);
#else
  dnnl_convolution_desc_t op;
  status = dnnl.dilated_convolution_forward_desc_init(&op, PROP(training), dnnl_convolution_direct, MD(src), MD(weights), MD(bias), MD(dst),
      w->stride, w->dilation, w->pad_before, w->pad_after);
  if (status == dnnl_success) status = dnnl.primitive_desc_create(&desc, &op, attr, ENGINE(e), NULL);
#endif
  return finish(out, status, desc, attr);
}

int cdnn_convolution_backward_data(cdnn_primitive **out, cdnn_engine *e, const cdnn_md *diff_src, const cdnn_md *weights,
                                   const cdnn_md *diff_dst, const cdnn_window *w, const cdnn_primitive *forward) {
  BEGIN(0, 0, 0);
#if V3
  status = dnnl.convolution_backward_data_primitive_desc_create(&desc, ENGINE(e), dnnl_convolution_direct, MD(diff_src), MD(weights),
      MD(diff_dst), w->stride, w->dilation, w->pad_before, w->pad_after, HINT(forward), attr);
#else
  dnnl_convolution_desc_t op;
  status = dnnl.dilated_convolution_backward_data_desc_init(&op, dnnl_convolution_direct, MD(diff_src), MD(weights), MD(diff_dst),
      w->stride, w->dilation, w->pad_before, w->pad_after);
  if (status == dnnl_success) status = dnnl.primitive_desc_create(&desc, &op, attr, ENGINE(e), HINT(forward));
#endif
  return finish(out, status, desc, attr);
}

int cdnn_convolution_backward_weights(cdnn_primitive **out, cdnn_engine *e, const cdnn_md *src, const cdnn_md *diff_weights,
                                      const cdnn_md *diff_bias, const cdnn_md *diff_dst, const cdnn_window *w,
                                      const cdnn_primitive *forward) {
  BEGIN(0, 0, 0);
#if V3
  status = dnnl.convolution_backward_weights_primitive_desc_create(&desc, ENGINE(e), dnnl_convolution_direct, MD(src), MD(diff_weights),
      MD(diff_bias), MD(diff_dst), w->stride, w->dilation, w->pad_before, w->pad_after, HINT(forward), attr);
#else
  dnnl_convolution_desc_t op;
  status = dnnl.dilated_convolution_backward_weights_desc_init(&op, dnnl_convolution_direct, MD(src), MD(diff_weights), MD(diff_bias),
      MD(diff_dst), w->stride, w->dilation, w->pad_before, w->pad_after);
  if (status == dnnl_success) status = dnnl.primitive_desc_create(&desc, &op, attr, ENGINE(e), HINT(forward));
#endif
  return finish(out, status, desc, attr);
}

static dnnl_alg_kind_t pooling_kind(int average) {
  return average == 0 ? dnnl_pooling_max : average == 1 ? dnnl_pooling_avg_include_padding : dnnl_pooling_avg_exclude_padding;
}

int cdnn_pooling_forward(cdnn_primitive **out, cdnn_engine *e, int training, int average, const cdnn_md *src, const cdnn_md *dst,
                         const cdnn_window *w) {
  BEGIN(0, 0, 0);
#if V3
  status = dnnl.pooling_forward_primitive_desc_create(&desc, ENGINE(e), PROP(training), pooling_kind(average), MD(src), MD(dst), w->stride,
      w->kernel, w->dilation, w->pad_before, w->pad_after, attr);
#else
  dnnl_pooling_desc_t op;
  status = dnnl.pooling_forward_desc_init(&op, PROP(training), pooling_kind(average), MD(src), MD(dst), w->stride, w->kernel,
      w->pad_before, w->pad_after);
  if (status == dnnl_success) status = dnnl.primitive_desc_create(&desc, &op, attr, ENGINE(e), NULL);
#endif
  return finish(out, status, desc, attr);
}

int cdnn_pooling_backward(cdnn_primitive **out, cdnn_engine *e, int average, const cdnn_md *diff_src, const cdnn_md *diff_dst,
                          const cdnn_window *w, const cdnn_primitive *forward) {
  BEGIN(0, 0, 0);
#if V3
  status = dnnl.pooling_backward_primitive_desc_create(&desc, ENGINE(e), pooling_kind(average), MD(diff_src), MD(diff_dst), w->stride,
      w->kernel, w->dilation, w->pad_before, w->pad_after, HINT(forward), attr);
#else
  dnnl_pooling_desc_t op;
  status = dnnl.pooling_backward_desc_init(&op, pooling_kind(average), MD(diff_src), MD(diff_dst), w->stride, w->kernel, w->pad_before,
      w->pad_after);
  if (status == dnnl_success) status = dnnl.primitive_desc_create(&desc, &op, attr, ENGINE(e), HINT(forward));
#endif
  return finish(out, status, desc, attr);
}

int cdnn_lrn_forward(cdnn_primitive **out, cdnn_engine *e, const cdnn_md *src, int64_t size, float alpha, float beta,
                     float k) {
  BEGIN(0, 0, 0);
#if V3
  status = dnnl.lrn_forward_primitive_desc_create(&desc, ENGINE(e), PROP(0), dnnl_lrn_across_channels, MD(src), MD(src), size, alpha,
      beta, k, attr);
#else
  dnnl_lrn_desc_t op;
  status = dnnl.lrn_forward_desc_init(&op, PROP(0), dnnl_lrn_across_channels, MD(src), size, alpha, beta, k);
  if (status == dnnl_success) status = dnnl.primitive_desc_create(&desc, &op, attr, ENGINE(e), NULL);
#endif
  return finish(out, status, desc, attr);
}

// Alpha is the slope of ReLU below 0, the factor of ELU, and what swish multiplies x with in its gate; the others have none.
static dnnl_alg_kind_t elementary(int kind, int training) {
  switch (kind) {
    case CDNN_RELU: return training ? dnnl_eltwise_relu_use_dst_for_bwd : dnnl_eltwise_relu;
    case CDNN_TANH: return dnnl_eltwise_tanh;
    case CDNN_LOGISTIC: return dnnl_eltwise_logistic;
    case CDNN_ELU: return dnnl_eltwise_elu;
    case CDNN_ABS: return dnnl_eltwise_abs;
    case CDNN_SWISH: return dnnl_eltwise_swish;
    case CDNN_LOG: return dnnl_eltwise_log;
    default: return dnnl_eltwise_soft_relu;
  }
}

// Version 3 gave the softplus a factor of x, version 2 has none and ignores it.
static float elementary_alpha(int kind, float alpha) { return kind == CDNN_SOFTPLUS ? 1 : alpha; }

int cdnn_elementary_reads_output(int kind) { return kind == CDNN_RELU; }

int cdnn_elementary_forward(cdnn_primitive **out, cdnn_engine *e, int training, int kind, const cdnn_md *src, float alpha) {
  BEGIN(0, 0, 0);
  alpha = elementary_alpha(kind, alpha);
#if V3
  status = dnnl.eltwise_forward_primitive_desc_create(&desc, ENGINE(e), PROP(training), elementary(kind, training), MD(src), MD(src), alpha,
      0, attr);
#else
  dnnl_eltwise_desc_t op;
  status = dnnl.eltwise_forward_desc_init(&op, PROP(training), elementary(kind, training), MD(src), alpha, 0);
  if (status == dnnl_success) status = dnnl.primitive_desc_create(&desc, &op, attr, ENGINE(e), NULL);
#endif
  return finish(out, status, desc, attr);
}

int cdnn_elementary_backward(cdnn_primitive **out, cdnn_engine *e, int kind, const cdnn_md *diff, const cdnn_md *data, float alpha,
                             const cdnn_primitive *forward) {
  BEGIN(0, 0, 0);
  alpha = elementary_alpha(kind, alpha);
#if V3
  status = dnnl.eltwise_backward_primitive_desc_create(&desc, ENGINE(e), elementary(kind, 1), MD(diff), MD(diff), MD(data), alpha, 0,
      HINT(forward), attr);
#else
  dnnl_eltwise_desc_t op;
  status = dnnl.eltwise_backward_desc_init(&op, elementary(kind, 1), MD(diff), MD(data), alpha, 0);
  if (status == dnnl_success) status = dnnl.primitive_desc_create(&desc, &op, attr, ENGINE(e), HINT(forward));
#endif
  return finish(out, status, desc, attr);
}

int cdnn_softmax(cdnn_primitive **out, cdnn_engine *e, const cdnn_md *src, int axis) {
  BEGIN(0, 0, 0);
#if V3
  status = dnnl.softmax_forward_primitive_desc_create(&desc, ENGINE(e), dnnl_forward_inference, dnnl_softmax_accurate, MD(src), MD(src), axis, attr);
#else
  dnnl_softmax_desc_t op;
  status = dnnl.softmax_forward_desc_init(&op, dnnl_forward_inference, MD(src), axis);
  if (status == dnnl_success) status = dnnl.primitive_desc_create(&desc, &op, attr, ENGINE(e), NULL);
#endif
  return finish(out, status, desc, attr);
}

// The list of sources, by value or by handle; freed by the caller.
static void *source_list(const cdnn_md *const *sources, int count) {
  dnnl_memory_desc_t *list = calloc((size_t)count, sizeof(dnnl_memory_desc_t));
  for (int i = 0; list && i < count; i++) list[i] =
#if V3
      sources[i]->handle;
#else
      sources[i]->value;
#endif
  return list;
}

int cdnn_sum(cdnn_primitive **out, cdnn_engine *e, const cdnn_md *dst, const float *scales, const cdnn_md *const *sources, int count) {
  BEGIN(0, 0, 0);
  void *list = source_list(sources, count);
  if (!list) return finish(out, dnnl_out_of_memory, desc, attr);
#if V3
  status = dnnl.sum_primitive_desc_create(&desc, ENGINE(e), MD(dst), count, scales, list, attr);
#else
  status = dnnl.sum_primitive_desc_create(&desc, MD(dst), count, scales, list, attr, ENGINE(e));
#endif
  free(list);
  return finish(out, status, desc, attr);
}

int cdnn_reorder(cdnn_primitive **out, cdnn_engine *e, const cdnn_md *src, const cdnn_md *dst) {
  BEGIN(0, 0, 0);
  status = dnnl.reorder_primitive_desc_create(&desc, MD(src), ENGINE(e), MD(dst), ENGINE(e), attr);
  return finish(out, status, desc, attr);
}

// Primitives

const char *cdnn_primitive_implementation(const cdnn_primitive *p) {
  const char *name = NULL;
  dnnl.primitive_desc_query(p->desc, dnnl_query_impl_info_str, 0, &name);
  return name ? name : "";
}

static dnnl_query_t query_of(int argument) {
  switch (argument) {
    case CDNN_DST: return dnnl_query_dst_md;
    case CDNN_WEIGHTS:
    case CDNN_BIAS: return dnnl_query_weights_md;
    case CDNN_WORKSPACE: return dnnl_query_workspace_md;
    case CDNN_SCRATCHPAD: return dnnl_query_scratchpad_md;
    case CDNN_DIFF_SRC: return dnnl_query_diff_src_md;
    case CDNN_DIFF_DST: return dnnl_query_diff_dst_md;
    case CDNN_DIFF_WEIGHTS:
    case CDNN_DIFF_BIAS: return dnnl_query_diff_weights_md;
    default: return dnnl_query_src_md;
  }
}

int cdnn_primitive_md(cdnn_md **out, const cdnn_primitive *p, int argument) {
  int index = argument == CDNN_BIAS || argument == CDNN_DIFF_BIAS ? 1 : 0;
  cdnn_md *md = new_md();
  if (!md) return dnnl_out_of_memory;
#if V3
  const_dnnl_memory_desc_t found = dnnl.primitive_desc_query_md(p->desc, query_of(argument), index);
  return finish_md(out, md, found ? dnnl.memory_desc_clone(&md->handle, found) : dnnl.memory_desc_create_with_tag(&md->handle, 0, NULL, dnnl_f32, dnnl_format_tag_undef));
#else
  const dnnl_memory_desc_t *found = dnnl.primitive_desc_query_md(p->desc, query_of(argument), index);
  if (found) md->value = *found;
  *out = md;
  return dnnl_success;
#endif
}

static int exec_argument(int argument) {
  switch (argument) {
    case CDNN_SRC: return DNNL_ARG_SRC;
    case CDNN_DST: return DNNL_ARG_DST;
    case CDNN_WEIGHTS: return DNNL_ARG_WEIGHTS;
    case CDNN_BIAS: return DNNL_ARG_BIAS;
    case CDNN_WORKSPACE: return DNNL_ARG_WORKSPACE;
    case CDNN_SCRATCHPAD: return DNNL_ARG_SCRATCHPAD;
    case CDNN_DIFF_SRC: return DNNL_ARG_DIFF_SRC;
    case CDNN_DIFF_DST: return DNNL_ARG_DIFF_DST;
    case CDNN_DIFF_WEIGHTS: return DNNL_ARG_DIFF_WEIGHTS;
    case CDNN_DIFF_BIAS: return DNNL_ARG_DIFF_BIAS;
    default: return DNNL_ARG_MULTIPLE_SRC + argument / 16 - 1;
  }
}

enum { MAX_ARGUMENTS = 64 };

int cdnn_primitive_execute(const cdnn_primitive *p, cdnn_stream *stream, int count, const int *arguments, cdnn_memory *const *memories) {
  dnnl_exec_arg_t list[MAX_ARGUMENTS];
  if (count > MAX_ARGUMENTS) return dnnl_invalid_arguments;
  for (int i = 0; i < count; i++) {
    list[i].arg = exec_argument(arguments[i]);
    list[i].memory = (dnnl_memory_t)memories[i];
  }
  return dnnl.primitive_execute(p->primitive, (dnnl_stream_t)stream, count, list);
}

void cdnn_primitive_free(cdnn_primitive *p) {
  if (!p) return;
  dnnl.primitive_destroy(p->primitive);
  dnnl.primitive_desc_destroy(p->desc);
  free(p);
}

// OpenMP: the functions of the runtime that is already in the process, so that its one team of threads serves
// oneDNN's kernels and ours.

typedef void (*parallel_fn)(void (*)(void *), void *, unsigned, unsigned);

// The runtime's functions, looked up once the library that brings it is open.
static struct {
  parallel_fn parallel;
  void (*set_threads)(int);
  int (*threads)(void);
  int (*thread)(void);
} openmp;

static pthread_once_t openmp_once = PTHREAD_ONCE_INIT;

static void find_openmp(void) {
  if (!cdnn_open()) return;
  openmp.parallel = (parallel_fn)dlsym(RTLD_DEFAULT, "GOMP_parallel");
  openmp.set_threads = (void (*)(int))dlsym(RTLD_DEFAULT, "omp_set_num_threads");
  openmp.threads = (int (*)(void))dlsym(RTLD_DEFAULT, "omp_get_max_threads");
  openmp.thread = (int (*)(void))dlsym(RTLD_DEFAULT, "omp_get_thread_num");
}

int cdnn_openmp_available(void) {
  pthread_once(&openmp_once, find_openmp);
  return openmp.parallel != NULL && openmp.set_threads != NULL && openmp.thread != NULL;
}

void cdnn_openmp_set_threads(int threads) {
  if (cdnn_openmp_available()) openmp.set_threads(threads);
}

int cdnn_openmp_threads(void) { return cdnn_openmp_available() && openmp.threads ? openmp.threads() : 1; }

int cdnn_openmp_thread(void) { return cdnn_openmp_available() ? openmp.thread() : 0; }

void cdnn_openmp_parallel(void (*body)(void *), void *context, unsigned threads) {
  if (cdnn_openmp_available())
    openmp.parallel(body, context, threads, 0);
  else
    body(context);
}
