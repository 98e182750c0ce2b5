// The functions of oneDNN that this module calls, found at run time: a program that computes nothing starts without the library, and
// the OpenMP runtime behind it is told how long to spin before it is loaded.
#ifndef CDNN_LIBRARY_H
#define CDNN_LIBRARY_H

#include <dnnl.h>
#include <dnnl_version.h>

#if DNNL_VERSION_MAJOR >= 3
#define V3 1
#define VERSION_FUNCTIONS(F) \
  F(convolution_backward_data_primitive_desc_create) F(convolution_backward_weights_primitive_desc_create) \
  F(convolution_forward_primitive_desc_create) F(eltwise_backward_primitive_desc_create) \
  F(eltwise_forward_primitive_desc_create) F(lrn_forward_primitive_desc_create) \
  F(memory_desc_clone) F(memory_desc_create_submemory) F(memory_desc_create_with_strides) \
  F(memory_desc_create_with_tag) F(memory_desc_destroy) F(memory_desc_query) \
  F(pooling_backward_primitive_desc_create) F(pooling_forward_primitive_desc_create) \
  F(softmax_forward_primitive_desc_create)
#else
#define V3 0
#define VERSION_FUNCTIONS(F) \
  F(dilated_convolution_backward_data_desc_init) F(dilated_convolution_backward_weights_desc_init) \
  F(dilated_convolution_forward_desc_init) F(eltwise_backward_desc_init) F(eltwise_forward_desc_init) \
  F(lrn_forward_desc_init) F(memory_desc_init_by_strides) F(memory_desc_init_by_tag) \
  F(memory_desc_init_submemory) F(pooling_backward_desc_init) F(pooling_forward_desc_init) F(primitive_desc_create) \
  F(softmax_forward_desc_init)
#endif

#define FUNCTIONS(F) \
  VERSION_FUNCTIONS(F) \
  F(engine_create) F(engine_destroy) F(get_effective_cpu_isa) F(memory_create) F(memory_desc_get_size) \
  F(memory_destroy) F(post_ops_append_eltwise) F(post_ops_append_sum) F(post_ops_create) F(post_ops_destroy) \
  F(primitive_attr_create) F(primitive_attr_destroy) F(primitive_attr_set_post_ops) \
  F(primitive_attr_set_scratchpad_mode) F(primitive_create) F(primitive_desc_destroy) F(primitive_desc_query) \
  F(primitive_desc_query_md) F(primitive_destroy) F(primitive_execute) F(reorder_primitive_desc_create) \
  F(stream_create) F(stream_destroy) F(sum_primitive_desc_create) F(version)

#define MEMBER(name) __typeof__(dnnl_##name) *name;
typedef struct {
  FUNCTIONS(MEMBER)
} cdnn_library;
#undef MEMBER

// The functions; all null until `cdnn_open` has returned true.
extern cdnn_library dnnl;

// Opens the library once; whether it is there, whole.
int cdnn_open(void);

#endif
