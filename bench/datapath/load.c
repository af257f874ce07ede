/*
 * Both ends of a measurement: the least that a program can do, so that the path is measured and not the program.
 * Each mode ends by itself; a server prints "listening" first, and ends after one client or PATIENCE seconds.
 *
 *   load tcp-sink PORT                  receives until the end, prints megabits per second
 *   load tcp-send ADDRESS PORT MS       sends for MS milliseconds
 *   load udp-sink PORT                  counts packets until there are none for 300 ms, prints packets per second
 *   load udp-send ADDRESS PORT MS       sends small packets (64 bytes on the wire) as fast as it can
 *   load udp-echo PORT                  answers every packet
 *   load udp-rtt ADDRESS PORT COUNT     one packet at a time; prints the 50th and 99th percentile in microseconds
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE 10
#define PAYLOAD 18

static char buffer[1 << 18];

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *what) {
  perror(what);
  exit(1);
}

static struct sockaddr_in at(const char *address, const char *port) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};
  if (address && inet_pton(AF_INET, address, &a.sin_addr) != 1) die("address");
  return a;
}

static int bound(int type, const char *port) {
  int s = socket(AF_INET, type, 0), one = 1;
  struct sockaddr_in a = at(NULL, port);
  setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(s, (struct sockaddr *)&a, sizeof a)) die("bind");
  if (type == SOCK_STREAM && listen(s, 1)) die("listen");
  puts("listening");
  fflush(stdout);
  return s;
}

static int connected(int type, const char *address, const char *port) {
  int s = socket(AF_INET, type, 0);
  struct sockaddr_in a = at(address, port);
  if (connect(s, (struct sockaddr *)&a, sizeof a)) die("connect");
  return s;
}

static int readable(int s, int ms) {
  struct pollfd p = {.fd = s, .events = POLLIN};
  return poll(&p, 1, ms) > 0;
}

static int tcp_sink(const char *port) {
  int s = bound(SOCK_STREAM, port);
  if (!readable(s, PATIENCE * 1000)) return 1;
  int c = accept(s, NULL, NULL);
  double started = now(), bytes = 0;
  ssize_t n;
  while (readable(c, PATIENCE * 1000) && (n = read(c, buffer, sizeof buffer)) > 0) bytes += n;
  printf("%.1f\n", bytes * 8 / 1e6 / (now() - started));
  return 0;
}

static int tcp_send(const char *address, const char *port, const char *ms) {
  int s = connected(SOCK_STREAM, address, port);
  double end = now() + atoi(ms) / 1e3;
  while (now() < end)
    if (write(s, buffer, sizeof buffer) < 0) die("write");
  return 0;
}

static int udp_sink(const char *port) {
  int s = bound(SOCK_DGRAM, port), size = 8 << 20;
  setsockopt(s, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  double first = 0, last = 0, count = 0;
  while (readable(s, count == 0 ? PATIENCE * 1000 : 300)) {
    while (recv(s, buffer, sizeof buffer, MSG_DONTWAIT) >= 0) {
      last = now();
      if (count++ == 0) first = last;
    }
  }
  printf("%.0f\n", last > first ? count / (last - first) : 0);
  return 0;
}

static int udp_send(const char *address, const char *port, const char *ms) {
  int s = connected(SOCK_DGRAM, address, port);
  double end = now() + atoi(ms) / 1e3;
  while (now() < end)
    for (int i = 0; i < 32; i++) send(s, buffer, PAYLOAD, 0);
  return 0;
}

static int udp_echo(const char *port) {
  int s = bound(SOCK_DGRAM, port);
  struct sockaddr_in from;
  while (readable(s, PATIENCE * 100)) {
    socklen_t length = sizeof from;
    ssize_t n = recvfrom(s, buffer, sizeof buffer, 0, (struct sockaddr *)&from, &length);
    if (n >= 0) sendto(s, buffer, n, 0, (struct sockaddr *)&from, length);
  }
  return 0;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static int udp_rtt(const char *address, const char *port, const char *count) {
  int s = connected(SOCK_DGRAM, address, port), wanted = atoi(count), got = 0;
  double *times = calloc(wanted, sizeof *times);
  for (int i = 0; i < wanted; i++) {
    double started = now();
    if (send(s, buffer, PAYLOAD, 0) < 0 || !readable(s, 200)) continue;
    if (recv(s, buffer, sizeof buffer, 0) > 0) times[got++] = (now() - started) * 1e6;
    usleep(1000);
  }
  if (got < wanted / 2) return 1;
  qsort(times, got, sizeof *times, ascending);
  printf("%.0f %.0f\n", times[got / 2], times[got * 99 / 100]);
  return 0;
}

int main(int argc, char **argv) {
  const char *mode = argc > 2 ? argv[1] : "";
  if (!strcmp(mode, "tcp-sink")) return tcp_sink(argv[2]);
  if (!strcmp(mode, "udp-sink")) return udp_sink(argv[2]);
  if (!strcmp(mode, "udp-echo")) return udp_echo(argv[2]);
  if (argc > 4 && !strcmp(mode, "tcp-send")) return tcp_send(argv[2], argv[3], argv[4]);
  if (argc > 4 && !strcmp(mode, "udp-send")) return udp_send(argv[2], argv[3], argv[4]);
  if (argc > 4 && !strcmp(mode, "udp-rtt")) return udp_rtt(argv[2], argv[3], argv[4]);
  fprintf(stderr, "usage: see the source\n");
  return 2;
}
