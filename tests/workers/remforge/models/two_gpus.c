/* NVIDIA's management library as a driver with two GPUs would have it: the calls that are made of it, by its names. */

#include <stdio.h>
#include <string.h>

enum { SUCCESS = 0, UNINITIALIZED = 1, INVALID_ARGUMENT = 2, NOT_FOUND = 6, INSUFFICIENT_SIZE = 7 };

struct memory { unsigned long long total, free, used; };
struct process { unsigned int pid; unsigned long long bytes; unsigned int instance, compute; };

/* How often it was opened and not closed again; all but opening it fails while that is none. */
int held;
static char gpus[2];

int nvmlInitWithFlags(unsigned int flags) { held++; return flags ? INVALID_ARGUMENT : SUCCESS; }
int nvmlShutdown(void) { return held-- ? SUCCESS : UNINITIALIZED; }

int nvmlDeviceGetCount_v2(unsigned int *count) { *count = 2; return held ? SUCCESS : UNINITIALIZED; }

int nvmlDeviceGetHandleByIndex_v2(unsigned int index, char **device) {
	if (!held || index > 1)
		return held ? INVALID_ARGUMENT : UNINITIALIZED;
	*device = &gpus[index];
	return SUCCESS;
}

int nvmlDeviceGetHandleByUUID(const char *uuid, char **device) {
	unsigned int index;
	return sscanf(uuid, "GPU-%u", &index) == 1 && index < 2 ? nvmlDeviceGetHandleByIndex_v2(index, device) : NOT_FOUND;
}

int nvmlDeviceGetName(char *device, char *name, unsigned int length) {
	snprintf(name, length, "GPU-%d", (int)(device - gpus));
	return held ? SUCCESS : UNINITIALIZED;
}

int nvmlDeviceGetMemoryInfo(char *device, struct memory *memory) {
	*memory = (struct memory){ .total = 1000, .free = 100 + (device - gpus), .used = 1 };
	return held ? SUCCESS : UNINITIALIZED;
}

int nvmlDeviceGetComputeRunningProcesses_v3(char *device, unsigned int *count, struct process *processes) {
	unsigned int room = *count;
	*count = 2;
	if (!held || room < 2)
		return held ? INSUFFICIENT_SIZE : UNINITIALIZED;
	memset(processes, 0, 2 * sizeof *processes);
	processes[0].pid = 41;
	processes[1].pid = 40 + (device - gpus);
	return SUCCESS;
}
