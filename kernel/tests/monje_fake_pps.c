// SPDX-License-Identifier: GPL-2.0
/* A PPS source without a receiver, for tests: a pulse comes whenever its parameter `pulse` is written. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/module.h>
#include <linux/pps_kernel.h>

static struct pps_source_info told = {
	.name = "monje_fake",
	.mode = PPS_CAPTUREASSERT | PPS_CANWAIT | PPS_TSFMT_TSPEC,
	.owner = THIS_MODULE,
};

static struct pps_device *source;

static int pulse(const char *value, const struct kernel_param *param)
{
	struct pps_event_time now;

	/* What is said to load it with comes before there is a source. */
	if (!source)
		return -ENODEV;
	pps_get_ts(&now);
	pps_event(source, &now, PPS_CAPTUREASSERT, NULL);
	return 0;
}

static const struct kernel_param_ops pulse_ops = { .set = pulse };
module_param_cb(pulse, &pulse_ops, NULL, 0200);
MODULE_PARM_DESC(pulse, "let a pulse come");

static int __init fake_init(void)
{
	struct pps_device *made = pps_register_source(&told, PPS_CAPTUREASSERT);

	if (IS_ERR(made))
		return PTR_ERR(made);
	source = made;
	return 0;
}

static void __exit fake_exit(void)
{
	pps_unregister_source(source);
}

module_init(fake_init);
module_exit(fake_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A PPS source that is not there, for tests of captures");
