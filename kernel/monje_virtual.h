/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The whole ABI of /dev/monje_virtual: what is mapped, what is read, what is asked for.
 *
 * A mapping is one page with a struct monje_header, then header.records slots of struct monje_record. Record n lies in
 * slot n mod records; it is whole where its sequence reads 2 * n + 2 both before and after it was copied. Values are
 * signed fixed-point with MONJE_FRACTION_BITS fractional bits. dim[8 * k + c] is channel c, k periods ago.
 *
 * kernel/reader.py says the same in Python; a test compiles this file and compares every size and offset.
 */
#ifndef MONJE_VIRTUAL_H
#define MONJE_VIRTUAL_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define MONJE_MAGIC 0x454a4e4fU /* "ONJE" in little-endian bytes */
#define MONJE_VERSION 1
#define MONJE_CHANNELS 8
#define MONJE_LAGS 9
#define MONJE_DIMS (MONJE_CHANNELS * MONJE_LAGS)
#define MONJE_FRACTION_BITS 16
#define MONJE_MIN_PERIOD_NS 50000ULL
#define MONJE_MAX_PERIOD_NS 1000000000ULL

/* Channels; their units are those of the values. */
#define MONJE_CYCLES 0 /* count */
#define MONJE_INSTRUCTIONS 1 /* count */
#define MONJE_ENERGY 2 /* uJ */
#define MONJE_TEMPERATURE 3 /* degree Celsius */
#define MONJE_L1D_MISSES 4 /* count */
#define MONJE_BRANCH_MISSES 5 /* count */
#define MONJE_LATENCY 6 /* us, from the end of the period until the record can be read */
#define MONJE_NOISE 7 /* uJ, energy less its moving mean */

/* monje_record.flags */
#define MONJE_FIRST 0x1U /* nothing before it: the first one since a start or a resume */
#define MONJE_GAP 0x2U /* periods before it were missed; its history has holes there */
#define MONJE_OVERFLOW 0x4U /* the sensor's result was out of its range: no energy */

/* monje_status.state and monje_header.state */
#define MONJE_STOPPED 0
#define MONJE_RUNNING 1
#define MONJE_SUSPENDED 2

struct monje_header {
	__u32 magic;
	__u32 version;
	__u32 header_bytes; /* where record 0 lies in the mapping */
	__u32 record_bytes;
	__u32 records; /* slots: a power of two */
	__u32 dims;
	__u32 fraction_bits;
	__u32 state;
	__u64 head; /* the next record's number; read it with acquire semantics */
	__u64 period_ns;
	__u64 missed; /* periods since loading that have no record */
	__u64 starts; /* how often sampling was started or resumed */
	__u64 sensor_reads; /* conversions taken over */
	__u64 sensor_errors; /* transfers that failed */
	__u64 sensor_overflows; /* conversions out of range */
};

/* 640 bytes: ten cache lines. */
struct monje_record {
	__u64 sequence; /* 2 * n + 1 while it is written, 2 * n + 2 once it is whole */
	__u64 timestamp_ns; /* CLOCK_MONOTONIC at the end of the period */
	__s64 dim[MONJE_DIMS]; /* 0 where `available` says there is none */
	__u64 available[2]; /* bit d % 64 of word d / 64: dim[d] was measured */
	__u64 energy_age_ns; /* how old the sensor's value was that the energy was computed from */
	__u32 cpu;
	__u32 flags;
	__u64 reserved[2];
};

struct monje_status {
	__u32 state;
	__u32 wakeup; /* unread records that make this file readable to poll() */
	__u64 period_ns;
	__u64 head;
	__u64 tail; /* the first record that this file has not read or acknowledged */
	__u64 dropped; /* records overwritten before this file came to them */
	__u64 missed;
};

#define MONJE_IOC_START _IO('J', 1) /* needs a file open for writing, as do STOP and PERIOD */
#define MONJE_IOC_STOP _IO('J', 2)
#define MONJE_IOC_STATUS _IOR('J', 3, struct monje_status)
#define MONJE_IOC_PERIOD _IOW('J', 4, __u64)
#define MONJE_IOC_WAKEUP _IOW('J', 5, __u32) /* of this file */
#define MONJE_IOC_ACK _IOW('J', 6, __u64) /* of this file: records before this number were read in the mapping */

_Static_assert(sizeof(struct monje_header) == 88, "monje_header is ABI");
_Static_assert(sizeof(struct monje_record) == 640, "monje_record is ABI");
_Static_assert(sizeof(struct monje_status) == 48, "monje_status is ABI");

#endif
