#include "CMPI.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

// The types of Open MPI's ABI: a handle points to an object of the library.
typedef void *mpi_handle;

// Constants of Open MPI's mpi.h.
#define MPI_IN_PLACE ((void *)1)
#define MPI_STATUS_IGNORE ((void *)0)
enum { MPI_THREAD_FUNNELED = 1 };

static struct {
  int (*init_thread)(int *, char ***, int, int *);
  int (*comm_dup)(mpi_handle, mpi_handle *);
  int (*comm_rank)(mpi_handle, int *);
  int (*comm_size)(mpi_handle, int *);
  int (*comm_set_errhandler)(mpi_handle, mpi_handle);
  int (*iallreduce)(const void *, void *, int, mpi_handle, mpi_handle, mpi_handle, mpi_handle *);
  int (*ibcast)(void *, int, mpi_handle, int, mpi_handle, mpi_handle *);
  int (*iallgather)(const void *, int, mpi_handle, void *, int, mpi_handle, mpi_handle, mpi_handle *);
  int (*isend)(const void *, int, mpi_handle, int, int, mpi_handle, mpi_handle *);
  int (*irecv)(void *, int, mpi_handle, int, int, mpi_handle, mpi_handle *);
  int (*test)(mpi_handle *, int *, void *);
  int (*error_string)(int, char *, int *);
  int (*abort)(mpi_handle, int);
  int (*finalize)(void);
  mpi_handle world, type_float, type_double, type_int64, type_byte, op_sum, op_max, errors_return;
  mpi_handle channels[2];
} mpi;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static const char *problem;

static void *find(void *library, const char *name) {
  void *symbol = dlsym(library, name);
  if (!symbol && !problem) problem = dlerror();
  return symbol;
}

// A function pointer is stored through a pointer to void *, as POSIX describes for dlsym.
#define FIND(member, name) *(void **)&mpi.member = find(library, name)

static void open_once(void) {
  // Open MPI's own plugins look for the library's symbols among those of the whole program.
#ifdef __APPLE__
  void *library = dlopen("libmpi.40.dylib", RTLD_NOW | RTLD_GLOBAL);
#else
  void *library = dlopen("libmpi.so.40", RTLD_NOW | RTLD_GLOBAL);
#endif
  if (!library) {
    problem = dlerror();
    return;
  }
  FIND(init_thread, "MPI_Init_thread");
  FIND(comm_dup, "MPI_Comm_dup");
  FIND(comm_rank, "MPI_Comm_rank");
  FIND(comm_size, "MPI_Comm_size");
  FIND(comm_set_errhandler, "MPI_Comm_set_errhandler");
  FIND(iallreduce, "MPI_Iallreduce");
  FIND(ibcast, "MPI_Ibcast");
  FIND(iallgather, "MPI_Iallgather");
  FIND(isend, "MPI_Isend");
  FIND(irecv, "MPI_Irecv");
  FIND(test, "MPI_Test");
  FIND(error_string, "MPI_Error_string");
  FIND(abort, "MPI_Abort");
  FIND(finalize, "MPI_Finalize");
  mpi.world = find(library, "ompi_mpi_comm_world");
  mpi.type_float = find(library, "ompi_mpi_float");
  mpi.type_double = find(library, "ompi_mpi_double");
  mpi.type_int64 = find(library, "ompi_mpi_int64_t");
  mpi.type_byte = find(library, "ompi_mpi_byte");
  mpi.op_sum = find(library, "ompi_mpi_op_sum");
  mpi.op_max = find(library, "ompi_mpi_op_max");
  mpi.errors_return = find(library, "ompi_mpi_errors_return");
}

const char *cmpi_open(void) {
  pthread_once(&once, open_once);
  return problem;
}

int cmpi_start(int *rank, int *size) {
  int provided = 0;
  int code = mpi.init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
  for (int channel = 0; code == 0 && channel < 2; channel++) {
    code = mpi.comm_dup(mpi.world, &mpi.channels[channel]);
    // Errors are told to whoever waits, who knows more than the library.
    if (code == 0) code = mpi.comm_set_errhandler(mpi.channels[channel], mpi.errors_return);
  }
  if (code == 0) code = mpi.comm_rank(mpi.world, rank);
  return code ? code : mpi.comm_size(mpi.world, size);
}

int cmpi_sum(float *values, int count, cmpi_request *request) {
  return mpi.iallreduce(MPI_IN_PLACE, values, count, mpi.type_float, mpi.op_sum, mpi.channels[cmpi_work], request);
}

int cmpi_sum_doubles(double *values, int count, cmpi_request *request) {
  return mpi.iallreduce(MPI_IN_PLACE, values, count, mpi.type_double, mpi.op_sum, mpi.channels[cmpi_work], request);
}

int cmpi_maximum(int64_t *values, int count, cmpi_request *request) {
  return mpi.iallreduce(MPI_IN_PLACE, values, count, mpi.type_int64, mpi.op_max, mpi.channels[cmpi_work], request);
}

int cmpi_broadcast(void *bytes, int count, cmpi_request *request) {
  return mpi.ibcast(bytes, count, mpi.type_byte, 0, mpi.channels[cmpi_work], request);
}

int cmpi_collect(const int64_t *mine, int64_t *all, cmpi_request *request) {
  return mpi.iallgather(mine, 1, mpi.type_int64, all, 1, mpi.type_int64, mpi.channels[cmpi_work], request);
}

int cmpi_send(const void *bytes, int count, int rank, cmpi_channel channel, cmpi_request *request) {
  return mpi.isend(bytes, count, mpi.type_byte, rank, 0, mpi.channels[channel], request);
}

int cmpi_receive(void *bytes, int count, int rank, cmpi_channel channel, cmpi_request *request) {
  return mpi.irecv(bytes, count, mpi.type_byte, rank, 0, mpi.channels[channel], request);
}

int cmpi_test(cmpi_request *request, bool *is_done) {
  int flag = 0;
  int code = mpi.test(request, &flag, MPI_STATUS_IGNORE);
  *is_done = flag != 0;
  if (flag) *request = NULL;
  return code;
}

void cmpi_describe(int code, char *text) {
  int length = 0;
  if (!mpi.error_string || mpi.error_string(code, text, &length)) strcpy(text, "unknown error");
}

void cmpi_abort(int code) {
  if (mpi.abort) mpi.abort(mpi.world, code);
}

int cmpi_finish(void) { return mpi.finalize(); }
