/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fixed-point arithmetic of the recorder: no floating point in a kernel. Compiled by the module and, for tests, in user
 * space, where DIV64 is plain division.
 *
 * Registers and formulas of the INA219: Texas Instruments SBOS448G, 8.5 and 8.6.
 */
#ifndef MONJE_FIXED_H
#define MONJE_FIXED_H

#ifdef __KERNEL__
#include <linux/math64.h>
#include <linux/types.h>
#define DIV64(n, d) div64_s64(n, d)
#else
#include <stdbool.h>
#include <stdint.h>
typedef int16_t s16;
typedef int64_t s64;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
#define DIV64(n, d) ((n) / (d))
#endif

#define FIXED_BITS 16
#define FIXED_MAX ((s64)(((u64)1 << 62) - 1))

/* An integer as fixed-point; what does not fit is clamped. */
static inline s64 fixed(s64 value)
{
	if (value > (FIXED_MAX >> FIXED_BITS))
		return FIXED_MAX;
	if (value < -(FIXED_MAX >> FIXED_BITS))
		return -FIXED_MAX;
	return value * (1 << FIXED_BITS);
}

/* value / divisor as fixed-point, towards zero; divisor > 0. What does not fit is clamped. */
static inline s64 fixed_ratio(s64 value, s64 divisor)
{
	s64 whole = DIV64(value, divisor);
	s64 rest = value - whole * divisor;

	/* The rest is below the divisor: it may be shifted as long as that is below 2^46. */
	return fixed(whole) + DIV64(rest * (1 << FIXED_BITS), divisor);
}

/* Shunt voltage in nV of the register's 16 bits: 10 uV a step, two's complement. */
static inline s64 ina219_shunt_nv(u16 word)
{
	return (s64)(s16)word * 10000;
}

/* Bus voltage in uV: bits 15 to 3, 4 mV a step. */
static inline s64 ina219_bus_uv(u16 word)
{
	return (s64)(word >> 3) * 4000;
}

static inline bool ina219_ready(u16 bus)
{
	return bus & 2;
}

static inline bool ina219_overflow(u16 bus)
{
	return bus & 1;
}

/* Whether the shunt's voltage is at an end of the widest range, 320 mV: the chip sets no bit for that, it stays there. */
static inline bool ina219_shunt_at_end(u16 word)
{
	return (s16)word >= 32000 || (s16)word <= -32000;
}

/* Current in nA through a shunt of `shunt_uohm`: nV / uOhm = mA, hence 10^6. |shunt| <= 327.68 mV: below 2^49. */
static inline s64 ina219_current_na(s64 shunt_nv, u32 shunt_uohm)
{
	return DIV64(shunt_nv * 1000000, (s64)shunt_uohm);
}

/*
 * Power in nW; the sign is that of the current. uV * nA = fW: with |uV| < 2^25 and |nA| < 2^39, that is shunts of 1 mOhm
 * and more, the product would need 64 bits, so 4 mV steps are multiplied and 4000 put back.
 */
static inline s64 ina219_power_nw(s64 bus_uv, s64 current_na)
{
	return DIV64(DIV64(bus_uv, 4000) * current_na, 250);
}

/*
 * The calibration register: 0.04096 / (current_lsb * R), truncated, bit 0 always 0 (8.5.1, equation 1). With the LSB in
 * nA and R in uOhm: 0.04096 * 10^15. 0 where the result does not fit its 16 bits.
 */
static inline u16 ina219_calibration(u32 lsb_na, u32 shunt_uohm)
{
	u64 product = (u64)lsb_na * shunt_uohm;
	s64 value = product ? DIV64(40960000000000LL, (s64)product) : 0;

	return value > 0xffff ? 0 : (u16)(value & 0xfffe);
}

/*
 * The step of the current register, in nA, with which it counts as the shunt's does, 10 uV / R: it is too small for no
 * current that the shunt's register holds. Rounded down, which leaves the calibration at 4096 for 1 mOhm to 10 Ohm.
 */
static inline u32 ina219_lsb_na(u32 shunt_uohm)
{
	return (u32)DIV64(10000000000LL, (s64)shunt_uohm);
}

/*
 * Energy in fixed-point uJ of a power over a time of at most 2^30 ns; power is clamped to 4.2 kW. Whole uW and the rest
 * in nW are taken apart, so that neither product leaves 63 bits: uW * ns = 10^-15 J, nW * ns = 10^-18 J.
 */
static inline s64 energy_uj(s64 power_nw, u64 duration_ns)
{
	const s64 most = 4200000000000LL;
	s64 ns = duration_ns > (1ULL << 30) ? 1LL << 30 : (s64)duration_ns;
	s64 uw;

	if (power_nw > most)
		power_nw = most;
	if (power_nw < -most)
		power_nw = -most;
	uw = DIV64(power_nw, 1000);
	return fixed_ratio(uw * ns, 1000000000) + fixed_ratio((power_nw - uw * 1000) * ns, 1000000000000LL);
}

/* One step of the moving mean with weight 1/16. */
static inline s64 moving_mean(s64 mean, s64 value)
{
	return mean + DIV64(value - mean, 16);
}

#endif
