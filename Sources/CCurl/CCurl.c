#include "CCurl.h"
#include "library.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct ccurl_transfer {
  CURL *handle;
  struct curl_slist *headers;
  const ccurl_listener *listener;
  char message[CURL_ERROR_SIZE];
  char *final_url;
};

static size_t header_arrived(char *bytes, size_t size, size_t count, void *transfer) {
  const ccurl_listener *listener = ((ccurl_transfer *)transfer)->listener;
  listener->on_header(listener->context, bytes, size * count);
  return size * count;
}

static size_t body_arrived(char *bytes, size_t size, size_t count, void *transfer) {
  const ccurl_listener *listener = ((ccurl_transfer *)transfer)->listener;
  return listener->on_body(listener->context, (const uint8_t *)bytes, size * count) ? size * count : 0;
}

static int time_passed(void *transfer, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
  (void)a, (void)b, (void)c, (void)d;
  const ccurl_listener *listener = ((ccurl_transfer *)transfer)->listener;
  return listener->should_stop(listener->context);
}

// Asked once names have become addresses, for each connection, redirects included: nothing can change in between.
static curl_socket_t open_socket(void *transfer, curlsocktype purpose, struct curl_sockaddr *address) {
  (void)purpose;
  const ccurl_listener *listener = ((ccurl_transfer *)transfer)->listener;
  if (!listener->may_connect(listener->context, &address->addr)) return CURL_SOCKET_BAD;
  return socket(address->family, address->socktype, address->protocol);
}

static void allow_protocols(CURL *handle, bool redirects, bool https_only) {
#if CURL_AT_LEAST_VERSION(7, 85, 0)
  ccurl.easy_setopt(handle, redirects ? CURLOPT_REDIR_PROTOCOLS_STR : CURLOPT_PROTOCOLS_STR, https_only ? "https" : "http,https");
#else
  long protocols = https_only ? CURLPROTO_HTTPS : CURLPROTO_HTTP | CURLPROTO_HTTPS;
  ccurl.easy_setopt(handle, redirects ? CURLOPT_REDIR_PROTOCOLS : CURLOPT_PROTOCOLS, protocols);
#endif
}

static void prepare(ccurl_transfer *transfer, const char *method, const char *url) {
  CURL *handle = transfer->handle;
  ccurl.easy_setopt(handle, CURLOPT_URL, url);
  if (strcmp(method, "GET") != 0) ccurl.easy_setopt(handle, CURLOPT_CUSTOMREQUEST, method);
  allow_protocols(handle, false, false);
  ccurl.easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  ccurl.easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  ccurl.easy_setopt(handle, CURLOPT_ERRORBUFFER, transfer->message);
  ccurl.easy_setopt(handle, CURLOPT_HEADERFUNCTION, header_arrived);
  ccurl.easy_setopt(handle, CURLOPT_HEADERDATA, transfer);
  ccurl.easy_setopt(handle, CURLOPT_WRITEFUNCTION, body_arrived);
  ccurl.easy_setopt(handle, CURLOPT_WRITEDATA, transfer);
  ccurl.easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, time_passed);
  ccurl.easy_setopt(handle, CURLOPT_XFERINFODATA, transfer);
  ccurl.easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  ccurl.easy_setopt(handle, CURLOPT_OPENSOCKETDATA, transfer);
}

ccurl_transfer *ccurl_new(const char *method, const char *url) {
  ccurl_transfer *transfer = calloc(1, sizeof *transfer);
  if (!transfer) return NULL;
  transfer->handle = ccurl.easy_init();
  if (!transfer->handle) {
    free(transfer);
    return NULL;
  }
  prepare(transfer, method, url);
  return transfer;
}

void ccurl_free(ccurl_transfer *transfer) {
  ccurl.easy_cleanup(transfer->handle);
  ccurl.slist_free_all(transfer->headers);
  free(transfer->final_url);
  free(transfer);
}

bool ccurl_add_header(ccurl_transfer *transfer, const char *line) {
  struct curl_slist *longer = ccurl.slist_append(transfer->headers, line);
  if (longer) transfer->headers = longer;
  return longer != NULL;
}

void ccurl_set_body(ccurl_transfer *transfer, const uint8_t *bytes, size_t length) {
  ccurl.easy_setopt(transfer->handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
  ccurl.easy_setopt(transfer->handle, CURLOPT_POSTFIELDS, bytes);
}

void ccurl_accept_compression(ccurl_transfer *transfer) { ccurl.easy_setopt(transfer->handle, CURLOPT_ACCEPT_ENCODING, ""); }

void ccurl_set_redirects(ccurl_transfer *transfer, long most, bool https_only) {
  ccurl.easy_setopt(transfer->handle, CURLOPT_FOLLOWLOCATION, most > 0 ? 1L : 0L);
  ccurl.easy_setopt(transfer->handle, CURLOPT_MAXREDIRS, most);
  allow_protocols(transfer->handle, true, https_only);
}

void ccurl_set_patience(ccurl_transfer *transfer, long connect_seconds, long slow_seconds, long slowest) {
  ccurl.easy_setopt(transfer->handle, CURLOPT_CONNECTTIMEOUT, connect_seconds);
  ccurl.easy_setopt(transfer->handle, CURLOPT_LOW_SPEED_TIME, slow_seconds);
  ccurl.easy_setopt(transfer->handle, CURLOPT_LOW_SPEED_LIMIT, slowest);
}

static ccurl_outcome outcome(CURLcode code) {
  switch (code) {
  case CURLE_OK: return CCURL_DONE;
  case CURLE_ABORTED_BY_CALLBACK:
  case CURLE_WRITE_ERROR: return CCURL_STOPPED;
  case CURLE_COULDNT_RESOLVE_HOST:
  case CURLE_COULDNT_RESOLVE_PROXY: return CCURL_NO_HOST;
  case CURLE_COULDNT_CONNECT: return CCURL_NO_CONNECTION;
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_CONNECT_ERROR:
  case CURLE_SSL_CACERT_BADFILE: return CCURL_NOT_TRUSTED;
  case CURLE_OPERATION_TIMEDOUT: return CCURL_TIMED_OUT;
  case CURLE_PARTIAL_FILE:
  case CURLE_GOT_NOTHING:
  case CURLE_RECV_ERROR:
  case CURLE_SEND_ERROR:
  case CURLE_HTTP2:
  case CURLE_HTTP2_STREAM: return CCURL_CUT;
  case CURLE_TOO_MANY_REDIRECTS: return CCURL_TOO_MANY_REDIRECTS;
  case CURLE_URL_MALFORMAT:
  case CURLE_UNSUPPORTED_PROTOCOL: return CCURL_BAD_ADDRESS;
  default: return CCURL_OTHER;
  }
}

ccurl_outcome ccurl_perform(ccurl_transfer *transfer, const ccurl_listener *listener) {
  transfer->listener = listener;
  ccurl.easy_setopt(transfer->handle, CURLOPT_HTTPHEADER, transfer->headers);
  CURLcode code = ccurl.easy_perform(transfer->handle);
  if (code != CURLE_OK && !transfer->message[0])
    strncpy(transfer->message, ccurl.easy_strerror(code), sizeof transfer->message - 1);
  char *url = NULL;
  if (ccurl.easy_getinfo(transfer->handle, CURLINFO_EFFECTIVE_URL, &url) == CURLE_OK && url) transfer->final_url = strdup(url);
  return outcome(code);
}

const char *ccurl_message(const ccurl_transfer *transfer) { return transfer->message; }

const char *ccurl_final_url(const ccurl_transfer *transfer) { return transfer->final_url ? transfer->final_url : ""; }
