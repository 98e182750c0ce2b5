// libcurl, opened when it is first needed: a program that stays off the network starts as fast as without it.
#ifndef CCURL_H
#define CCURL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/// One HTTP exchange, redirects included.
typedef struct ccurl_transfer ccurl_transfer;

/// Who is asked and told while an exchange runs. All are called on the thread that performs it.
typedef struct {
  void *context;
  /// A header line of any of the responses, status lines included, with its line end.
  void (*on_header)(void *context, const char *bytes, size_t length);
  /// A piece of the last response's body; false ends the exchange.
  bool (*on_body)(void *context, const uint8_t *bytes, size_t length);
  /// Whether a connection to this address may be made.
  bool (*may_connect)(void *context, const struct sockaddr *address);
  /// Asked about once a second and at every piece; true ends the exchange.
  bool (*should_stop)(void *context);
} ccurl_listener;

/// What ended an exchange.
typedef enum {
  CCURL_DONE,
  CCURL_STOPPED,
  CCURL_NO_HOST,
  CCURL_NO_CONNECTION,
  CCURL_NOT_TRUSTED,
  CCURL_TIMED_OUT,
  CCURL_CUT,
  CCURL_TOO_MANY_REDIRECTS,
  CCURL_BAD_ADDRESS,
  CCURL_OTHER,
} ccurl_outcome;

/// Opens libcurl and finds its functions. False when it is not installed; safe from any thread, any number of times.
bool ccurl_open(void);

/// A new exchange, or null when memory is short. `ccurl_open` must have returned true.
ccurl_transfer *ccurl_new(const char *method, const char *url);
void ccurl_free(ccurl_transfer *transfer);

/// Adds a request header, `Name: value`.
bool ccurl_add_header(ccurl_transfer *transfer, const char *line);
/// The request's body, which must stay where it is until the exchange has been performed.
void ccurl_set_body(ccurl_transfer *transfer, const uint8_t *bytes, size_t length);
/// Asks for compressed answers and undoes the compression.
void ccurl_accept_compression(ccurl_transfer *transfer);
/// How many redirects are followed, and whether only to https.
void ccurl_set_redirects(ccurl_transfer *transfer, long most, bool https_only);
/// Seconds until a connection stands, and seconds for which fewer than `slowest` bytes a second are borne.
void ccurl_set_patience(ccurl_transfer *transfer, long connect_seconds, long slow_seconds, long slowest);

/// Performs the exchange and waits for its end.
ccurl_outcome ccurl_perform(ccurl_transfer *transfer, const ccurl_listener *listener);

/// What libcurl says about a failure; lives as long as the exchange.
const char *ccurl_message(const ccurl_transfer *transfer);
/// Where the last response came from; lives as long as the exchange.
const char *ccurl_final_url(const ccurl_transfer *transfer);

#endif
