// Open MPI, opened at run time: a program that uses this module starts where no MPI is installed.
//
// Handles of Open MPI's ABI are addresses of objects in libmpi.so.40, which has not changed since version 2; its header is not needed.
// All functions but `cmpi_open` are called by one thread, the one that called `cmpi_start`.
#ifndef CMPI_H
#define CMPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Something that was begun; null when it is done.
typedef void *cmpi_request;

/// What a message is for: each has a communicator of its own, and its messages never meet others.
typedef enum { cmpi_work, cmpi_heartbeat } cmpi_channel;

/// Opens the library. Later calls tell what the first one found.
///
/// Returns null, or why it cannot be opened.
const char *cmpi_open(void);
/// Joins the job. Returns an MPI error code, 0 for none, as all functions do that return an int.
int cmpi_start(int *rank, int *size);
/// Begins to add up values over all ranks, in place.
int cmpi_sum(float *values, int count, cmpi_request *request);
int cmpi_sum_doubles(double *values, int count, cmpi_request *request);
/// Begins to find the largest values over all ranks, in place.
int cmpi_maximum(int64_t *values, int count, cmpi_request *request);
/// Begins to replace bytes by those of rank 0.
int cmpi_broadcast(void *bytes, int count, cmpi_request *request);
/// Begins to collect a number of each rank; `all` has room for them.
int cmpi_collect(const int64_t *mine, int64_t *all, cmpi_request *request);
int cmpi_send(const void *bytes, int count, int rank, cmpi_channel channel, cmpi_request *request);
int cmpi_receive(void *bytes, int count, int rank, cmpi_channel channel, cmpi_request *request);
/// Moves everything on, and asks whether a request is done.
int cmpi_test(cmpi_request *request, bool *is_done);
/// What an error code means; `text` has room for `cmpi_text_size` bytes.
void cmpi_describe(int code, char *text);
enum { cmpi_text_size = 256 };
/// Ends mpirun or its daemon on this host, if it is this process's parent, within some seconds: on a dead line it would wait for minutes
/// for hosts that are gone.
void cmpi_end_launcher(void);
/// Ends the whole job. May not come back.
void cmpi_abort(int code);
/// Leaves the job when all ranks do.
int cmpi_finish(void);

#endif
