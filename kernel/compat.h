/* SPDX-License-Identifier: GPL-2.0 */
/* What changed in the kernel's interfaces between 5.10 and 7.3; nothing else in this folder asks for a version. */
#ifndef MONJE_COMPAT_H
#define MONJE_COMPAT_H

#include <linux/fs.h>
#include <linux/hrtimer.h>
#include <linux/i2c.h>
#include <linux/mm.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 10, 0)
#error "monje_virtual needs Linux 5.10"
#endif

/* 6.3: a mapping's flags are changed by functions, under its lock. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline void compat_vm_flags_clear(struct vm_area_struct *vma, unsigned long flags)
{
	vma->vm_flags &= ~flags;
}
#else
#define compat_vm_flags_clear vm_flags_clear
#endif

/* 6.12: a file that has no llseek cannot be sought in; no_llseek is gone. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
#define COMPAT_NO_LLSEEK .llseek = no_llseek,
#else
#define COMPAT_NO_LLSEEK
#endif

/* 6.13: hrtimer_setup() takes the function; hrtimer_init() is gone with 6.15. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline void compat_hrtimer_setup(struct hrtimer *timer, enum hrtimer_restart (*function)(struct hrtimer *),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#else
#define compat_hrtimer_setup hrtimer_setup
#endif

/* 6.3: probe takes the client alone; until then that was probe_new. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
#define COMPAT_I2C_PROBE probe_new
#else
#define COMPAT_I2C_PROBE probe
#endif

/* 6.1: remove returns nothing. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#define COMPAT_I2C_REMOVE(name, body)                                                                                  \
	static int name(struct i2c_client *client)                                                                     \
	{                                                                                                              \
		body(client);                                                                                          \
		return 0;                                                                                              \
	}
#else
#define COMPAT_I2C_REMOVE(name, body)                                                                                  \
	static void name(struct i2c_client *client)                                                                    \
	{                                                                                                              \
		body(client);                                                                                          \
	}
#endif

#endif
