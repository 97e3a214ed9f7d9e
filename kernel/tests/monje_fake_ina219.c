// SPDX-License-Identifier: GPL-2.0
/*
 * An I2C adapter with one INA219 on it, for tests: it converts, takes its time, and fails as it is told.
 *
 * What it measures and how it fails are parameters that may be written at any time. The adapter belongs to a platform
 * device, so that a test can take the whole bus away: echo monje_fake_ina219 > .../drivers/monje_fake_ina219/unbind
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/i2c.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/platform_device.h>

static int bus_number = 42;
module_param(bus_number, int, 0444);
static int address = 0x40;
module_param(address, int, 0444);
static int bus_mv = 12000;
module_param(bus_mv, int, 0644);
MODULE_PARM_DESC(bus_mv, "bus voltage, in mV");
static int shunt_uv = 10000;
module_param(shunt_uv, int, 0644);
MODULE_PARM_DESC(shunt_uv, "shunt voltage, in uV; may be negative");
static uint conversion_us = 1064;
module_param(conversion_us, uint, 0644);
MODULE_PARM_DESC(conversion_us, "time of a conversion of shunt and bus");
static bool overflow;
module_param(overflow, bool, 0644);
MODULE_PARM_DESC(overflow, "set the overflow bit of each conversion");
static char failure[16] = "none";
module_param_string(failure, failure, sizeof(failure), 0644);
MODULE_PARM_DESC(failure, "none, nak, timeout or stuck (a bus that is held low: every transfer takes 100 ms, then times out)");
static uint fail_every = 1;
module_param(fail_every, uint, 0644);
MODULE_PARM_DESC(fail_every, "fail every so many transfers");

enum { CONFIG, SHUNT, BUS, POWER, CURRENT, CALIBRATION, REGISTERS };

struct fake {
	struct i2c_adapter adapter;
	u16 words[REGISTERS];
	ktime_t converted;
	bool ready;
	unsigned int transfers;
};

static void convert(struct fake *fake)
{
	s64 lsb;

	if (ktime_us_delta(ktime_get(), fake->converted) < conversion_us)
		return;
	fake->converted = ktime_get();
	fake->ready = true;
	fake->words[SHUNT] = (u16)(s16)(shunt_uv / 10);
	fake->words[BUS] = (u16)(bus_mv / 4) << 3;
	/* Datasheet 8.5.1: current = shunt * calibration / 4096, power = current * bus / 5000. */
	lsb = (s64)(s16)fake->words[SHUNT] * fake->words[CALIBRATION] / 4096;
	fake->words[CURRENT] = (u16)(s16)lsb;
	fake->words[POWER] = (u16)(abs(lsb) * (bus_mv / 4) / 5000);
}

static int failed(struct fake *fake)
{
	if (!strncmp(failure, "none", 4) || ++fake->transfers % max(fail_every, 1U))
		return 0;
	if (!strncmp(failure, "nak", 3))
		return -ENXIO;
	if (!strncmp(failure, "stuck", 5))
		msleep(100);
	return -ETIMEDOUT;
}

static s32 transfer(struct i2c_adapter *adapter, u16 to, unsigned short flags, char direction, u8 command, int size,
		    union i2c_smbus_data *data)
{
	struct fake *fake = i2c_get_adapdata(adapter);
	int err;

	if (to != address)
		return -ENXIO;
	if (size == I2C_SMBUS_QUICK)
		return 0;
	if (size != I2C_SMBUS_WORD_DATA || command >= REGISTERS)
		return -EOPNOTSUPP;
	err = failed(fake);
	if (err)
		return err;
	if (direction == I2C_SMBUS_WRITE) {
		if (command == CONFIG || command == CALIBRATION)
			fake->words[command] = swab16(data->word);
		if (command == CONFIG)
			fake->ready = false;
		return 0;
	}
	convert(fake);
	data->word = fake->words[command];
	if (command == BUS)
		data->word |= (fake->ready ? 2 : 0) | (overflow ? 1 : 0);
	if (command == POWER)
		fake->ready = false;
	data->word = swab16(data->word);
	return 0;
}

static u32 functionality(struct i2c_adapter *adapter)
{
	return I2C_FUNC_SMBUS_WORD_DATA | I2C_FUNC_SMBUS_QUICK;
}

static const struct i2c_algorithm algorithm = {
	.smbus_xfer = transfer,
	.functionality = functionality,
};

static void take_away(void *adapter)
{
	i2c_del_adapter(adapter);
}

static int probe(struct platform_device *device)
{
	struct fake *fake = devm_kzalloc(&device->dev, sizeof(*fake), GFP_KERNEL);
	int err;

	if (!fake)
		return -ENOMEM;
	fake->adapter.owner = THIS_MODULE;
	fake->adapter.algo = &algorithm;
	fake->adapter.nr = bus_number;
	fake->adapter.dev.parent = &device->dev;
	fake->words[CONFIG] = 0x399f;
	strscpy(fake->adapter.name, "fake INA219", sizeof(fake->adapter.name));
	i2c_set_adapdata(&fake->adapter, fake);
	err = i2c_add_numbered_adapter(&fake->adapter);
	return err ? err : devm_add_action_or_reset(&device->dev, take_away, &fake->adapter);
}

static struct platform_driver driver = {
	.driver = { .name = "monje_fake_ina219" },
	.probe = probe,
};

static struct platform_device *device;

static int __init fake_init(void)
{
	int err = platform_driver_register(&driver);

	if (err)
		return err;
	device = platform_device_register_simple("monje_fake_ina219", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(device)) {
		platform_driver_unregister(&driver);
		return PTR_ERR(device);
	}
	return 0;
}

static void __exit fake_exit(void)
{
	platform_device_unregister(device);
	platform_driver_unregister(&driver);
}

module_init(fake_init);
module_exit(fake_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("An INA219 that is not there, for tests of monje_virtual");
