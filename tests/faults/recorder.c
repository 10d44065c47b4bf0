/* Records, for tests/faults/recording.py, what a process asks the disk to do below one folder, in the order in which it asks.
   Preloaded; no other file of the process is touched, and every call is passed on unchanged.
   A record: one letter, the path, two numbers and as many bytes as the second says:
   C made, W written at, T cut to, F file synchronised, D folder synchronised, U unlinked, R renamed, L linked, M folder made,
   A told to somebody (a path that holds "/told:" is asked for). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t alone = PTHREAD_MUTEX_INITIALIZER;
static const char *folder;
static int out = -1;

#define NEXT(name) static __typeof__(&name) next; if (!next) next = dlsym(RTLD_NEXT, #name)

static void begin(void) {
  if (out >= 0) return;
  const char *path = getenv("RECORD_TO");
  folder = getenv("RECORD_FOLDER");
  if (!path || !folder) { out = INT_MAX; return; }
  int (*plain)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
  out = plain(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int ours(const char *path) { begin(); return out != INT_MAX && path && !strncmp(path, folder, strlen(folder)); }

static int of(int descriptor, char *path) {
  char link[64];
  begin();
  if (out == INT_MAX || descriptor == out) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t n = readlink(link, path, PATH_MAX - 1);
  if (n < 0) return 0;
  path[n] = 0;
  return ours(path);
}

static void put(char what, const char *path, const char *other, uint64_t at, const void *bytes, uint64_t length) {
  ssize_t (*plain)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
  char head[2 * PATH_MAX + 64];
  int n = snprintf(head, sizeof head, "%c\t%s\t%s\t%llu\t%llu\n", what, path, other, (unsigned long long)at, (unsigned long long)length);
  pthread_mutex_lock(&alone);
  if (plain(out, head, n) != n) abort();
  for (uint64_t done = 0; done < length;) {
    ssize_t one = plain(out, (const char *)bytes + done, length - done);
    if (one <= 0) abort();
    done += one;
  }
  pthread_mutex_unlock(&alone);
}

static int opened(int (*plain)(const char *, int, ...), const char *path, int flags, mode_t mode) {
  struct stat seen;
  int is_ours = ours(path), fresh = is_ours && stat(path, &seen) != 0;
  if (is_ours && strstr(path, "/told:")) put('A', strstr(path, "/told:") + 6, "", 0, 0, 0);
  int descriptor = plain(path, flags, mode);
  if (descriptor >= 0 && is_ours) {
    if (fresh && (flags & O_CREAT)) put('C', path, "", 0, 0, 0);
    else if (flags & O_TRUNC) put('T', path, "", 0, 0, 0);
  }
  return descriptor;
}

#define OPEN(name) int name(const char *path, int flags, ...) { NEXT(name); va_list more; va_start(more, flags); \
  mode_t mode = va_arg(more, int); va_end(more); return opened(next, path, flags, mode); }
OPEN(open)
OPEN(open64)

#define PWRITE(name, type) ssize_t name(int f, const void *b, size_t n, type at) { NEXT(name); char p[PATH_MAX]; \
  ssize_t done = next(f, b, n, at); if (done > 0 && of(f, p)) put('W', p, "", at, b, done); return done; }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

ssize_t write(int f, const void *b, size_t n) {
  NEXT(write);
  char p[PATH_MAX];
  off_t at = lseek(f, 0, SEEK_CUR);
  ssize_t done = next(f, b, n);
  if (done > 0 && at >= 0 && of(f, p)) put('W', p, "", at, b, done);
  return done;
}

static void synchronised(int f) {
  char p[PATH_MAX];
  struct stat seen;
  if (of(f, p)) put(fstat(f, &seen) == 0 && S_ISDIR(seen.st_mode) ? 'D' : 'F', p, "", 0, 0, 0);
}
int fsync(int f) { NEXT(fsync); int done = next(f); if (!done) synchronised(f); return done; }
int fdatasync(int f) { NEXT(fdatasync); int done = next(f); if (!done) synchronised(f); return done; }

#define CUT(name, type) int name(int f, type n) { NEXT(name); char p[PATH_MAX]; int done = next(f, n); \
  if (!done && of(f, p)) put('T', p, "", n, 0, 0); return done; }
CUT(ftruncate, off_t)
CUT(ftruncate64, off64_t)

int unlink(const char *path) { NEXT(unlink); int done = next(path); if (!done && ours(path)) put('U', path, "", 0, 0, 0); return done; }
int mkdir(const char *path, mode_t m) { NEXT(mkdir); int done = next(path, m); if (!done && ours(path)) put('M', path, "", 0, 0, 0); return done; }
int rename(const char *a, const char *b) { NEXT(rename); int done = next(a, b); if (!done && ours(b)) put('R', a, b, 0, 0, 0); return done; }
int link(const char *a, const char *b) { NEXT(link); int done = next(a, b); if (!done && ours(b)) put('L', a, b, 0, 0, 0); return done; }
int linkat(int x, const char *a, int y, const char *b, int f) { NEXT(linkat); int done = next(x, a, y, b, f); if (!done && ours(b)) put('L', a, b, 0, 0, 0); return done; }
