// Sets the wall clock of the processes that load it (LD_PRELOAD) apart from the machine's, by the seconds that stand as a
// double in the file CHAOS_CLOCK: at any time, for all of them at once. Clocks that only run forward are left alone.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { NS = 1000000000 };

static const volatile double *ahead_s;

__attribute__((constructor)) static void look(void)
{
	const char *path = getenv("CHAOS_CLOCK");
	int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *page;

	if (file < 0)
		return;
	page = mmap(NULL, sizeof(double), PROT_READ, MAP_SHARED, file, 0);
	close(file);
	if (page != MAP_FAILED)
		ahead_s = page;
}

static void shift(struct timespec *at, double by_s)
{
	long long ns = (long long)at->tv_sec * NS + at->tv_nsec + (long long)(by_s * NS);

	at->tv_sec = ns / NS;
	at->tv_nsec = ns % NS;
}

int clock_gettime(clockid_t clock, struct timespec *at)
{
	static int (*real)(clockid_t, struct timespec *);
	int status;

	if (!real)
		real = dlsym(RTLD_NEXT, "clock_gettime");
	status = real(clock, at);
	if (status == 0 && ahead_s && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		shift(at, *ahead_s);
	return status;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone)
{
	struct timespec now;

	(void)zone;
	if (clock_gettime(CLOCK_REALTIME, &now) != 0)
		return -1;
	at->tv_sec = now.tv_sec;
	at->tv_usec = now.tv_nsec / 1000;
	return 0;
}

time_t time(time_t *at)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now) != 0)
		return -1;
	if (at)
		*at = now.tv_sec;
	return now.tv_sec;
}

// The kernel waits by its own clock: what was computed from ours is put back to it.
int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict until)
{
	static int (*real)(sem_t *, const struct timespec *);
	struct timespec at = *until;

	if (!real)
		real = dlsym(RTLD_NEXT, "sem_timedwait");
	if (ahead_s)
		shift(&at, -*ahead_s);
	return real(semaphore, &at);
}
